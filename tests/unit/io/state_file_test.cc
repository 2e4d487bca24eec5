// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "io/state_image.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

class StateFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<StateFile>> Open(size_t instances = 4, const std::string& boot_id = "boot-1") {
    return StateFile::Open(directory_, {.instances = instances, .boot_id = boot_id}, &report_);
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  StateFileReport report_;
};

TEST_F(StateFileTest, AFreshOneIsMadePrivateAndEmpty) {
  const mode_t old_mask = umask(0);
  const absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
  umask(old_mask);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(report_.created);
  EXPECT_FALSE(report_.other_boot);
  EXPECT_EQ((*state)->capacity(), 8u);
  EXPECT_EQ((*state)->used(), 0u);
  EXPECT_EQ(ModeOf(directory_), 0700u);
  EXPECT_EQ(ModeOf(directory_ + "/sequences"), 0600u);
  EXPECT_EQ(ToString(report_),
            directory_ + "/sequences: 0 of 8 slots used; newly made, sequence numbers begin at zero");
  const SequenceRecord* record = *(*state)->Acquire("lan/0.0/4/51");
  EXPECT_EQ(record->sent, 0u);
  for (const SequenceRecord::Sender& sender : record->senders) EXPECT_EQ(sender.highest, 0u);
}

// KiB of a mapped file that count as this process's memory.
size_t ResidentKib(const std::string& path) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  while (std::getline(maps, line) && line.find(path) == std::string::npos) continue;
  while (std::getline(maps, line) && line.rfind("Rss:", 0) != 0) continue;
  return line.empty() ? 0 : std::stoul(line.substr(4));
}

// Most of it is room for what may be added.
TEST_F(StateFileTest, WhatIsNotUsedTakesNoMemory) {
  const std::unique_ptr<StateFile> state = *Open(4096);
  EXPECT_EQ(ResidentKib(directory_ + "/sequences"), 0u);
  (*state->Acquire("lan/0.0/4/51"))->sent = 4711;
  const size_t resident = ResidentKib(directory_ + "/sequences");
  EXPECT_GT(resident, 0u);
  EXPECT_LT(resident, 1024u);  // of 3 MiB
}

TEST_F(StateFileTest, ReopeningKeepsEverything) {
  {
    const std::unique_ptr<StateFile> state = *Open();
    SequenceRecord* record = *state->Acquire("lan/0.0/4/51");
    record->sent = 4711;
    record->senders[7] = {.address = {10, 99, 0, 2}, .highest = 815, .family = 4};
    (*state->Acquire("wan/0.0/4/1"))->sent = 5;
    state->Sync(1'700'000'000'000);
    EXPECT_TRUE(state->Flush().ok());
  }
  const std::unique_ptr<StateFile> state = *Open();
  EXPECT_FALSE(report_.created || report_.grown || report_.other_boot);
  EXPECT_EQ(report_.used, 2u);
  const SequenceRecord* record = *state->Acquire("lan/0.0/4/51");
  EXPECT_EQ(record->sent, 4711u);
  EXPECT_EQ(record->senders[7].highest, 815u);
  EXPECT_EQ(record->senders[7].address[3], 2);
  EXPECT_EQ((*state->Acquire("wan/0.0/4/1"))->sent, 5u);
  EXPECT_EQ(state->used(), 2u);
}

TEST_F(StateFileTest, KnowsTheHighestNumberOfAll) {
  const std::unique_ptr<StateFile> state = *Open();
  EXPECT_EQ(state->HighestSent(), 0u);
  (*state->Acquire("a"))->sent = 7;
  (*state->Acquire("b"))->sent = 5;
  (*state->Acquire("trailer"))->sent = uint64_t{1} << 40;
  EXPECT_EQ(state->HighestSent(), 7u);
}

TEST_F(StateFileTest, TheSameKeyIsTheSameRecordAndOthersShareNoCacheLine) {
  const std::unique_ptr<StateFile> state = *Open();
  SequenceRecord* first = *state->Acquire("a");
  SequenceRecord* second = *state->Acquire("b");
  EXPECT_EQ(first, *state->Acquire("a"));
  EXPECT_NE(reinterpret_cast<uintptr_t>(first) / 64, reinterpret_cast<uintptr_t>(second) / 64);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
}

TEST_F(StateFileTest, SigkillLosesNothing) {
  { ASSERT_TRUE(Open().ok()); }
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
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
  ASSERT_TRUE(absl::IsFailedPrecondition(Open().status()));  // the child holds the lock
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));

  const absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
  ASSERT_TRUE(state.ok()) << state.status();
  const SequenceRecord* record = *(*state)->Acquire("lan");
  EXPECT_EQ(record->sent, 1000u);
  EXPECT_EQ(record->senders[0].highest, 77u);
}

// A kill in the middle of Acquire() leaves the slot free: whatever lies in it is cleared when it is filled at last.
TEST_F(StateFileTest, AHalfFilledSlotIsFree) {
  { ASSERT_TRUE(Open().ok()); }
  std::string bytes = ReadBytes(directory_ + "/sequences");
  for (size_t i = 0; i < 8; ++i) bytes.replace(internal::StateFileBytes(i) + 1, 200, 200, 'z');
  WriteBytes(directory_ + "/sequences", bytes);
  const absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ((*state)->used(), 0u);
  EXPECT_EQ((*(*state)->Acquire("lan"))->sent, 0u);
}

TEST_F(StateFileTest, AnotherBootMovesWhatWasSentAhead) {
  {
    const std::unique_ptr<StateFile> state = *Open();
    (*state->Acquire("a"))->sent = 10;
    (*state->Acquire("b"))->senders[0] = {.address = {}, .highest = 77, .family = 4};
    (*state->Acquire("near the end"))->sent = 0xffff'fff0;
    (*state->Acquire("at the end"))->sent = 0xffff'ffff;
  }
  const std::unique_ptr<StateFile> state = *Open(4, "boot-2");
  EXPECT_TRUE(report_.other_boot);
  EXPECT_NE(ToString(report_).find("4 of 8 slots used; the system was restarted since"), std::string::npos);
  EXPECT_EQ((*state->Acquire("a"))->sent, 10 + kPowerLossGap);
  EXPECT_EQ((*state->Acquire("b"))->sent, kPowerLossGap);
  EXPECT_EQ((*state->Acquire("b"))->senders[0].highest, 77u);  // honest peers must not be refused
  EXPECT_EQ((*state->Acquire("near the end"))->sent, kMaxMovedSent);
  EXPECT_EQ((*state->Acquire("at the end"))->sent, 0xffff'ffffu);  // never back
}

TEST_F(StateFileTest, TheGapIsAppliedOncePerBoot) {
  { (*(*Open())->Acquire("a"))->sent = 10; }
  { ASSERT_TRUE(Open(4, "boot-2").ok()); }
  const std::unique_ptr<StateFile> state = *Open(4, "boot-2");
  EXPECT_FALSE(report_.other_boot);
  EXPECT_EQ((*state->Acquire("a"))->sent, 10 + kPowerLossGap);
}

TEST_F(StateFileTest, TheRealBootIdIsTheDefault) {
  { ASSERT_TRUE(Open(4, "").ok()); }
  ASSERT_TRUE(Open(4, "").ok());
  EXPECT_FALSE(report_.other_boot);
}

TEST_F(StateFileTest, ASecondDaemonIsRefused) {
  const std::unique_ptr<StateFile> first = *Open();
  const absl::StatusOr<std::unique_ptr<StateFile>> second = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_EQ(second.status().message(),
            directory_ + ": in use by another daemon, give this one a state directory of its own");
}

TEST_F(StateFileTest, GrowthKeepsTheSlots) {
  {
    const std::unique_ptr<StateFile> state = *Open(2);
    for (const char* key : {"a", "b", "c"}) (*state->Acquire(key))->sent = static_cast<uint32_t>(key[0]);
    ASSERT_EQ(state->capacity(), 4u);
  }
  const std::unique_ptr<StateFile> state = *Open(100);
  EXPECT_TRUE(report_.grown);
  EXPECT_EQ(state->capacity(), 128u);
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ((*state->Acquire(key))->sent, static_cast<uint32_t>(key[0]));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(state->Acquire("new" + std::to_string(i)).ok());
  EXPECT_NE(access((directory_ + "/sequences.new").c_str(), F_OK), 0);
}

TEST_F(StateFileTest, AFullFileSaysSoAndARestartMakesRoom) {
  {
    const std::unique_ptr<StateFile> state = *Open(1);
    ASSERT_TRUE(state->Acquire("a").ok());
    ASSERT_TRUE(state->Acquire("b").ok());
    EXPECT_TRUE(absl::IsResourceExhausted(state->Acquire("c").status())) << state->Acquire("c").status();
    EXPECT_TRUE(state->Acquire("a").ok());
  }
  EXPECT_TRUE((*Open(1))->Acquire("c").ok());
}

TEST_F(StateFileTest, MoreSlotsThanTheLimitAreRefused) {
  EXPECT_TRUE(absl::IsResourceExhausted(Open(kMaxStateSlots + 1).status()));
}

TEST_F(StateFileTest, AMoveTakesTheRecordAlong) {
  {
    const std::unique_ptr<StateFile> state = *Open();
    SequenceRecord* record = *state->Acquire("old");
    record->sent = 7;
    (*state->Acquire("new"))->sent = 9000;
    ASSERT_TRUE(state->Move("old", "new").ok());
    EXPECT_EQ(*state->Acquire("new"), record);
    record->sent = 8;  // as the lcore goes on
    EXPECT_EQ((*state->Acquire("old"))->sent, 0u);
    EXPECT_TRUE(absl::IsNotFound(state->Move("gone", "new")));
  }
  const std::unique_ptr<StateFile> state = *Open();
  EXPECT_EQ((*state->Acquire("new"))->sent, 8u);
}

// Whatever the index has to do for the new key.
TEST_F(StateFileTest, AMoveToAKeyThatIsNewWorksAtEverySize) {
  const std::unique_ptr<StateFile> state = *Open(100);
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

// What a kill between the steps of a move leaves: the key twice. The record that sent more is the copy, which was moved
// ahead; both have the senders.
TEST_F(StateFileTest, OfTwoSlotsWithOneKeyTheOneThatSentMoreCounts) {
  {
    const std::unique_ptr<StateFile> state = *Open();
    (*state->Acquire("aaa"))->sent = 7;
    (*state->Acquire("bbb"))->sent = 1007;
  }
  const std::string path = directory_ + "/sequences";
  std::string bytes = ReadBytes(path);
  auto* slot = reinterpret_cast<internal::StateSlot*>(bytes.data() + internal::StateFileBytes(0));
  internal::RenameStateSlot(*slot, "bbb");
  WriteBytes(path, bytes);
  for (int run = 0; run < 2; ++run) {  // and the other is gone for good
    const std::unique_ptr<StateFile> state = *Open();
    EXPECT_EQ(state->used(), 1u);
    EXPECT_EQ((*state->Acquire("bbb"))->sent, 1007u);
  }
}

TEST_F(StateFileTest, KeysHaveALength) {
  const std::unique_ptr<StateFile> state = *Open();
  EXPECT_TRUE(absl::IsInvalidArgument(state->Acquire("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(state->Acquire(std::string(kMaxStateKey + 1, 'k')).status()));
  EXPECT_TRUE(state->Acquire(std::string(kMaxStateKey, 'k')).ok());
}

TEST_F(StateFileTest, ADirectoryThatOthersMayWriteIsRefused) {
  ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  ASSERT_EQ(chmod(directory_.c_str(), 0770), 0);
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), directory_ + ": mode is 0770, must not be writable by group or others");
}

TEST_F(StateFileTest, SomebodyElsesDirectoryIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  ASSERT_EQ(chown(directory_.c_str(), 65534, 65534), 0);
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), directory_ + ": belongs to user 65534, must be root's or the daemon's own");
}

}  // namespace
}  // namespace dpvrrp
