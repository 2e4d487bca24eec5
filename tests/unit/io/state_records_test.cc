// SPDX-License-Identifier: BSD-3-Clause
//
// Records that are kept, found and made, across restarts, kills and reboots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "io/state_image.h"
#include "unit/io/temp_folder.h"
#include "unit/io/test_state.h"

namespace dpvrrp {
namespace {

class StateRecordsTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<TestState>> Open(size_t instances = 4, const std::string& boot_id = "boot-1") {
    return TestState::Open(directory_, {.instances = instances, .boot_id = boot_id}, &report_);
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  StateReport report_;
};

TEST_F(StateRecordsTest, AFreshOneIsMadePrivateAndEmpty) {
  const mode_t old_mask = umask(0);
  const absl::StatusOr<std::unique_ptr<TestState>> state = Open();
  umask(old_mask);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(report_.created);
  EXPECT_FALSE(report_.moved_ahead);
  EXPECT_EQ((*state)->capacity(), 8u);
  EXPECT_EQ((*state)->used(), 0u);
  EXPECT_EQ(ModeOf(directory_), 0700u);
  EXPECT_EQ(ModeOf(directory_ + "/sequences"), 0600u);
  EXPECT_EQ(ToString(report_), directory_ + "/sequences: 0 of 8 slots used; new file, sequence numbers begin at zero");
  const SequenceRecord* record = *(*state)->Acquire("lan/0.0/4/51");
  EXPECT_EQ(record->sent, 0u);
  for (const SequenceRecord::Sender& sender : record->senders) EXPECT_EQ(sender.highest, 0u);
}

// Most of it is room for what may be added.
TEST_F(StateRecordsTest, UnusedSlotsTakeNoMemory) {
  const std::unique_ptr<TestState> state = *Open(4096);
  (*state->Acquire("lan/0.0/4/51"))->sent = 4711;
  ASSERT_TRUE(state->Copy().status.ok());
  const StateMemory& memory = state->memory();
  const size_t pages = 1 + internal::PagesFor(memory.slots());
  std::vector<unsigned char> resident(pages);
  ASSERT_EQ(mincore(&memory.header(), pages * internal::kStateBlock, resident.data()), 0);
  EXPECT_LE(std::count_if(resident.begin(), resident.end(), [](unsigned char page) { return (page & 1) != 0; }), 2);
}

TEST_F(StateRecordsTest, ReopeningKeepsEverything) {
  {
    const std::unique_ptr<TestState> state = *Open();
    SequenceRecord* record = *state->Acquire("lan/0.0/4/51");
    record->sent = 4711;
    record->senders[7] = {.address = {10, 99, 0, 2}, .highest = 815, .family = 4};
    (*state->Acquire("wan/0.0/4/1"))->sent = 5;
    state->NoteTime(1'700'000'000'000);
    EXPECT_TRUE(state->Copy().status.ok());
  }
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_FALSE(report_.created || report_.grown || report_.moved_ahead);
  EXPECT_EQ(report_.used, 2u);
  const SequenceRecord* record = *state->Acquire("lan/0.0/4/51");
  EXPECT_EQ(record->sent, 4711u);
  EXPECT_EQ(record->senders[7].highest, 815u);
  EXPECT_EQ(record->senders[7].address[3], 2);
  EXPECT_EQ((*state->Acquire("wan/0.0/4/1"))->sent, 5u);
  EXPECT_EQ(state->used(), 2u);
}

TEST_F(StateRecordsTest, KnowsTheHighestNumberOfAll) {
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_EQ(state->HighestSent(), 0u);
  (*state->Acquire("a"))->sent = 7;
  (*state->Acquire("b"))->sent = 5;
  (*state->Acquire("trailer"))->sent = uint64_t{1} << 40;
  EXPECT_EQ(state->HighestSent(), 7u);
}

TEST_F(StateRecordsTest, TheSameKeyIsTheSameRecordAndOthersShareNoCacheLine) {
  const std::unique_ptr<TestState> state = *Open();
  SequenceRecord* first = *state->Acquire("a");
  SequenceRecord* second = *state->Acquire("b");
  EXPECT_EQ(first, *state->Acquire("a"));
  EXPECT_NE(reinterpret_cast<uintptr_t>(first) / 64, reinterpret_cast<uintptr_t>(second) / 64);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
}

// All processes at once: no copier is left.
TEST_F(StateRecordsTest, SigkillOfAllLosesNothing) {
  { ASSERT_TRUE(Open().ok()); }
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    absl::StatusOr<std::unique_ptr<TestState>> state = Open();
    if (!state.ok()) _exit(1);
    SequenceRecord* record = *(*state)->Acquire("lan");
    for (uint32_t i = 1; i <= 1000; ++i) record->sent = i;
    record->senders[0] = {.address = {10, 0, 0, 1}, .highest = 77, .family = 4};
    if (write(pipe_ends[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  close(pipe_ends[1]);
  char ready = 0;
  ASSERT_EQ(read(pipe_ends[0], &ready, 1), 1);
  close(pipe_ends[0]);
  ASSERT_FALSE(Open().ok());  // the child holds the lock
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));

  const absl::StatusOr<std::unique_ptr<TestState>> state = Open();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(report_.recovered);
  EXPECT_FALSE(report_.moved_ahead);
  const SequenceRecord* record = *(*state)->Acquire("lan");
  EXPECT_EQ(record->sent, 1000u);
  EXPECT_EQ(record->senders[0].highest, 77u);
  EXPECT_FALSE(StateMemory::Find(directory_)->IsRemoved()) << "that is the new one";
}

// A container has removed the memory, or ipcrm(1) has: the stores of the last second are lost.
TEST_F(StateRecordsTest, WithoutTheMemoryItIsAsAfterAPowerLoss) {
  {
    const std::unique_ptr<TestState> state = *Open();
    (*state->Acquire("lan"))->sent = 10;
    ASSERT_TRUE(state->Copy().status.ok());
    (*state->Acquire("lan"))->sent = 20;
    state->LosePower();
  }
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_TRUE(report_.moved_ahead);
  EXPECT_EQ((*state->Acquire("lan"))->sent, 10 + kPowerLossGap);
}

TEST_F(StateRecordsTest, AMemoryThatBelongsToAnotherFileIsNotTaken) {
  {
    const std::unique_ptr<TestState> state = *Open();
    (*state->Acquire("lan"))->sent = 10;
    state->KillBoth();
  }
  ASSERT_EQ(unlink((directory_ + "/sequences").c_str()), 0);  // the operator wants to begin again
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_TRUE(report_.created);
  EXPECT_FALSE(report_.recovered);
  EXPECT_EQ((*state->Acquire("lan"))->sent, 0u);
}

TEST_F(StateRecordsTest, OfAFileThatWasLostWhileItWasUsedTheMemoryIsLeft) {
  {
    const std::unique_ptr<TestState> state = *Open();
    (*state->Acquire("lan"))->sent = 10;
    std::filesystem::remove_all(directory_);
    WriteBytes(directory_, "no directory can be made here");
    EXPECT_FALSE(state->Copy().status.ok());
    state->KillBoth();
  }
  ASSERT_EQ(unlink(directory_.c_str()), 0);
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_TRUE(report_.recovered);
  EXPECT_EQ((*state->Acquire("lan"))->sent, 10u);
}

// A kill in the middle of Acquire() leaves the slot free: whatever lies in it is cleared when it is filled at last.
TEST_F(StateRecordsTest, AHalfFilledSlotIsFree) {
  {
    const std::unique_ptr<TestState> state = *Open();
    for (size_t i = 0; i < 8; ++i) {
      auto* slot = reinterpret_cast<char*>(&state->memory().slot(i));
      std::fill(slot + 1, slot + 201, 'z');
    }
    state->memory().header().pages = 1;
    state->KillBoth();
  }
  const absl::StatusOr<std::unique_ptr<TestState>> state = Open();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ((*state)->used(), 0u);
  EXPECT_EQ((*(*state)->Acquire("lan"))->sent, 0u);
}

TEST_F(StateRecordsTest, AnotherBootMovesWhatWasSentAhead) {
  {
    const std::unique_ptr<TestState> state = *Open();
    (*state->Acquire("a"))->sent = 10;
    (*state->Acquire("b"))->senders[0] = {.address = {}, .highest = 77, .family = 4};
    (*state->Acquire("near the end"))->sent = 0xffff'fff0;
    (*state->Acquire("at the end"))->sent = 0xffff'ffff;
  }
  const std::unique_ptr<TestState> state = *Open(4, "boot-2");
  EXPECT_TRUE(report_.moved_ahead);
  EXPECT_NE(ToString(report_).find("4 of 8 slots used; the system or the disk stopped since"), std::string::npos);
  EXPECT_EQ((*state->Acquire("a"))->sent, 10 + kPowerLossGap);
  EXPECT_EQ((*state->Acquire("b"))->sent, kPowerLossGap);
  EXPECT_EQ((*state->Acquire("b"))->senders[0].highest, 77u);  // honest peers must not be refused
  EXPECT_EQ((*state->Acquire("near the end"))->sent, kMaxMovedSent);
  EXPECT_EQ((*state->Acquire("at the end"))->sent, 0xffff'ffffu);  // never back
}

TEST_F(StateRecordsTest, TheGapIsAppliedOncePerBoot) {
  { (*(*Open())->Acquire("a"))->sent = 10; }
  { ASSERT_TRUE(Open(4, "boot-2").ok()); }
  const std::unique_ptr<TestState> state = *Open(4, "boot-2");
  EXPECT_FALSE(report_.moved_ahead);
  EXPECT_EQ((*state->Acquire("a"))->sent, 10 + kPowerLossGap);
}

TEST_F(StateRecordsTest, TheRealBootIdIsTheDefault) {
  { ASSERT_TRUE(Open(4, "").ok()); }
  ASSERT_TRUE(Open(4, "").ok());
  EXPECT_FALSE(report_.moved_ahead);
}

TEST_F(StateRecordsTest, ASecondDaemonIsRefused) {
  const std::unique_ptr<TestState> first = *Open();
  EXPECT_TRUE(absl::IsUnavailable(Open().status())) << "a copier that is alone will end";
  const StateMemory daemon = *StateMemory::Attach(first->memory().handle(), first->memory().slots());
  const absl::StatusOr<std::unique_ptr<TestState>> second = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_EQ(second.status().message(),
            directory_ + ": in use by another daemon: set another state_directory for this one");
}

TEST_F(StateRecordsTest, GrowthKeepsTheSlots) {
  {
    const std::unique_ptr<TestState> state = *Open(2);
    for (const char* key : {"a", "b", "c"}) (*state->Acquire(key))->sent = static_cast<uint32_t>(key[0]);
    ASSERT_EQ(state->capacity(), 4u);
  }
  const std::unique_ptr<TestState> state = *Open(100);
  EXPECT_TRUE(report_.grown);
  EXPECT_EQ(state->capacity(), 128u);
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ((*state->Acquire(key))->sent, static_cast<uint32_t>(key[0]));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(state->Acquire("new" + std::to_string(i)).ok());
  EXPECT_NE(access((directory_ + "/sequences.new").c_str(), F_OK), 0);
}

TEST_F(StateRecordsTest, AFullFileSaysSoAndARestartMakesRoom) {
  {
    const std::unique_ptr<TestState> state = *Open(1);
    ASSERT_TRUE(state->Acquire("a").ok());
    ASSERT_TRUE(state->Acquire("b").ok());
    EXPECT_TRUE(absl::IsResourceExhausted(state->Acquire("c").status())) << state->Acquire("c").status();
    EXPECT_TRUE(state->Acquire("a").ok());
  }
  EXPECT_TRUE((*Open(1))->Acquire("c").ok());
}

TEST_F(StateRecordsTest, MoreSlotsThanTheLimitAreRefused) {
  EXPECT_TRUE(absl::IsResourceExhausted(Open(kMaxStateSlots + 1).status()));
}

TEST_F(StateRecordsTest, AMoveTakesTheRecordAlong) {
  {
    const std::unique_ptr<TestState> state = *Open();
    SequenceRecord* record = *state->Acquire("old");
    record->sent = 7;
    (*state->Acquire("new"))->sent = 9000;
    ASSERT_TRUE(state->Move("old", "new").ok());
    EXPECT_EQ(*state->Acquire("new"), record);
    record->sent = 8;  // the lcore continues
    ASSERT_TRUE(state->Copy().status.ok());
    EXPECT_EQ((*state->Acquire("old"))->sent, 0u);
    EXPECT_TRUE(absl::IsNotFound(state->Move("gone", "new")));
  }
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_EQ((*state->Acquire("new"))->sent, 8u);
}

// Whatever the index has to do for the new key.
TEST_F(StateRecordsTest, AMoveToAKeyThatIsNewWorksAtEverySize) {
  const std::unique_ptr<TestState> state = *Open(100);
  for (uint32_t i = 0; i < 60; ++i) {
    const std::string from = "from" + std::to_string(i), to = "to" + std::to_string(i);
    SequenceRecord* record = *state->Acquire(from);
    record->sent = i + 1;
    ASSERT_TRUE(state->Move(from, to).ok());
    ASSERT_EQ(*state->Acquire(to), record);
    ASSERT_EQ(record->sent, i + 1);
    ASSERT_EQ(state->used(), i + 1);
  }
}

// The key is there twice until the disk has the new name: the copy was moved ahead, and both have senders.
TEST_F(StateRecordsTest, AKillAfterAMoveLosesNothingOfEitherSlot) {
  {
    const std::unique_ptr<TestState> state = *Open();
    SequenceRecord* record = *state->Acquire("old");
    record->sent = 7;
    record->senders[0] = {.address = {10, 0, 0, 1}, .highest = 100, .family = 4};
    ASSERT_TRUE(state->Move("old", "new").ok());
    record->senders[0].highest = 200;  // the lcore continues
    state->KillBoth();
  }
  for (int run = 0; run < 2; ++run) {  // and the other is removed for good
    const std::unique_ptr<TestState> state = *Open();
    EXPECT_EQ(state->used(), 1u);
    EXPECT_EQ((*state->Acquire("new"))->sent, 7 + kMoveGap);
    EXPECT_EQ((*state->Acquire("new"))->senders[0].highest, 200u);
  }
}

// Slots close up at a start, and the pages that become empty must not be read again.
TEST_F(StateRecordsTest, WhatHasMovedToAnotherPageIsNotRememberedTwice) {
  {
    const std::unique_ptr<TestState> state = *Open(20);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(state->Acquire("key" + std::to_string(i)).ok());
    SequenceRecord* last = *state->Acquire("key9");  // the first of page 1
    last->senders[0] = {.address = {10, 0, 0, 1}, .highest = 900, .family = 4};
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(state->Copy().status.ok());
    ASSERT_TRUE(state->Move("key0", "key1").ok());
    ASSERT_TRUE(state->Copy().status.ok());
  }
  {
    const std::unique_ptr<TestState> state = *Open(20);
    EXPECT_EQ(state->used(), 9u);
    (*state->Acquire("key9"))->senders[0].highest = 3;  // it was readmitted
  }
  const std::unique_ptr<TestState> state = *Open(20);
  EXPECT_EQ((*state->Acquire("key9"))->senders[0].highest, 3u);
}

TEST_F(StateRecordsTest, KeysHaveALength) {
  const std::unique_ptr<TestState> state = *Open();
  EXPECT_TRUE(absl::IsInvalidArgument(state->Acquire("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(state->Acquire(std::string(kMaxStateKey + 1, 'k')).status()));
  EXPECT_TRUE(state->Acquire(std::string(kMaxStateKey, 'k')).ok());
}

TEST_F(StateRecordsTest, ADirectoryThatOthersMayWriteIsRefused) {
  ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  ASSERT_EQ(chmod(directory_.c_str(), 0770), 0);
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), directory_ + ": mode is 0770, must not be writable by group or others");
}

TEST_F(StateRecordsTest, ADirectoryOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  ASSERT_EQ(chown(directory_.c_str(), 65534, 65534), 0);
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), directory_ + ": owner is user 65534, must be root or the daemon's user");
}

}  // namespace
}  // namespace dpvrrp
