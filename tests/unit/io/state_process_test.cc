// SPDX-License-Identifier: BSD-3-Clause
//
// The copier as a separate process: a daemon that ends in any way loses nothing, and never waits.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "io/clock.h"
#include "io/state_file.h"
#include "unit/io/temp_folder.h"
#include "unit/io/test_state.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StateProcessTest : public ::testing::Test {
 protected:
  // A copier whose folder was removed keeps the memory for the next start, so it must end first.
  ~StateProcessTest() override {
    while (std::optional<StateMemory> memory = StateMemory::Find(directory_)) {
      if (memory->Others() == 0) memory->Remove();
      sched_yield();
    }
  }
  absl::StatusOr<std::unique_ptr<StateFile>> Open(const std::function<bool(Nanoseconds)>& go_on = nullptr) {
    return Open(*StateProcess::Spawn(), go_on);
  }
  absl::StatusOr<std::unique_ptr<StateFile>> Open(std::unique_ptr<StateProcess> process,
                                                  const std::function<bool(Nanoseconds)>& go_on) {
    return StateFile::Open(std::move(process), directory_, {.instances = 4}, false, &report_, go_on);
  }
  // Until `generation` is settled; the deadline is the test's.
  static void Settle(StateFile& state, uint64_t generation) {
    state.Write(generation);
    while (state.settled() < generation && !state.has_ended()) {
      pollfd entry{state.fd(), POLLIN, 0};
      poll(&entry, 1, -1);
      state.Look(MonotonicNow());
    }
  }
  static std::vector<std::string> Texts(StateFile& state) {
    std::vector<std::string> texts;
    for (StateNews& news : state.TakeNews()) texts.push_back(std::move(news.text));
    return texts;
  }
  // A daemon in a child process, which stores and is then killed, with its copier or without.
  void RunAndKill(bool copier_too) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
      if (!state.ok()) _exit(1);
      SequenceRecord* record = *(*state)->records().Acquire("lan");
      record->senders[0] = {.address = {10, 0, 0, 1}, .highest = 77, .family = 4};
      for (uint32_t i = 1; i <= 1000; ++i) record->sent = i;
      const pid_t copier = (*state)->copier();
      if (write(pipe_ends[1], &copier, sizeof(copier)) != sizeof(copier)) _exit(1);
      while (true) pause();
    }
    close(pipe_ends[1]);
    pid_t copier = 0;
    ASSERT_EQ(read(pipe_ends[0], &copier, sizeof(copier)), static_cast<ssize_t>(sizeof(copier)));
    close(pipe_ends[0]);
    EXPECT_TRUE(absl::IsFailedPrecondition(Open().status())) << "in use";
    if (copier_too) kill(copier, SIGKILL);
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  StateReport report_;
};

TEST_F(StateProcessTest, SigkillOfTheDaemonLosesNothing) {
  RunAndKill(false);
  const absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_FALSE(report_.recovered || report_.moved_ahead || report_.created);
  const SequenceRecord* record = *(*state)->records().Acquire("lan");
  EXPECT_EQ(record->sent, 1000u);
  EXPECT_EQ(record->senders[0].highest, 77u);
}

TEST_F(StateProcessTest, SigkillOfBothLosesNothing) {
  RunAndKill(true);
  absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
  while (absl::IsFailedPrecondition(state.status())) state = Open();  // until the kernel has let go of the lock
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(report_.recovered);
  EXPECT_FALSE(report_.moved_ahead);
  const SequenceRecord* record = *(*state)->records().Acquire("lan");
  EXPECT_EQ(record->sent, 1000u);
  EXPECT_EQ(record->senders[0].highest, 77u);
}

TEST_F(StateProcessTest, AnOrderlyEndLeavesAWholeFileAndNoMemory) {
  {
    const std::unique_ptr<StateFile> state = *Open();
    EXPECT_TRUE(report_.created);
    (*state->records().Acquire("lan"))->sent = 5;
    Settle(*state, 1);
    EXPECT_EQ(state->settled(), 1u);
    (*state->records().Acquire("lan"))->sent = 6;
    EXPECT_TRUE(state->Close(std::chrono::seconds(60)));
    EXPECT_THAT(Texts(*state), IsEmpty());
  }
  EXPECT_FALSE(StateMemory::Find(directory_).has_value());
  const std::unique_ptr<StateFile> state = *Open();
  EXPECT_FALSE(report_.moved_ahead);
  EXPECT_EQ((*state->records().Acquire("lan"))->sent, 6u);
}

TEST_F(StateProcessTest, WhatWasDoneToTheFileIsSaidOnce) {
  const std::unique_ptr<StateFile> state = *Open();
  Settle(*state, 1);
  std::filesystem::remove_all(directory_);
  Settle(*state, 2);
  Settle(*state, 3);
  EXPECT_THAT(Texts(*state), ElementsAre(HasSubstr("state was removed: written again from memory")));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/sequences"));
}

TEST_F(StateProcessTest, AFileThatCannotBeWrittenIsReportedAndBlocksNothing) {
  const std::unique_ptr<StateFile> state = *Open();
  std::filesystem::remove_all(directory_);
  WriteBytes(directory_, "no directory can be made here");
  Settle(*state, 1);
  EXPECT_THAT(Texts(*state), ElementsAre(HasSubstr("could not be written")));
  Settle(*state, 2);
  EXPECT_THAT(Texts(*state), IsEmpty());
  std::filesystem::remove(directory_);
  Settle(*state, 3);
  EXPECT_THAT(Texts(*state), ElementsAre(HasSubstr("is written again")));
}

TEST_F(StateProcessTest, ACopierThatEndsIsReportedAndBlocksNothing) {
  const std::unique_ptr<StateFile> state = *Open();
  kill(state->copier(), SIGKILL);
  Settle(*state, 1);
  EXPECT_TRUE(state->has_ended());
  EXPECT_EQ(state->settled(), 1u);
  EXPECT_THAT(Texts(*state), ElementsAre(HasSubstr("has ended")));
  Settle(*state, 2);
  EXPECT_EQ(state->settled(), 2u);
  EXPECT_TRUE(absl::IsFailedPrecondition(Open().status())) << "the daemon lives";
}

// A stopped copier acts like a disk that does not answer.
TEST_F(StateProcessTest, ADiskThatDoesNotAnswerIsReportedOnceAndBlocksNothing) {
  const std::unique_ptr<StateFile> state = *Open();
  kill(state->copier(), SIGSTOP);
  state->Look(MonotonicNow());
  static_cast<void>(Texts(*state));
  for (uint64_t generation = 1; generation <= 1000; ++generation) state->Write(generation);  // more than a socket holds
  const Instant begun = MonotonicNow();
  state->Look(begun + std::chrono::hours(1));
  EXPECT_THAT(Texts(*state), IsEmpty()) << "the whole machine was stopped";
  for (int second = 1; second < 20; ++second) state->Look(begun + std::chrono::hours(1) + std::chrono::seconds(second));
  EXPECT_THAT(Texts(*state), ElementsAre(HasSubstr("has not answered for")));
  EXPECT_FALSE(state->Close(std::chrono::milliseconds(1)));
  kill(state->copier(), SIGCONT);
}

// The last run's copier still has the lock, and the memory for itself.
TEST_F(StateProcessTest, AStartWaitsForTheLastRunsCopier) {
  { ASSERT_TRUE((*Open())->Close(std::chrono::seconds(60))); }
  std::unique_ptr<StateProcess> first = *StateProcess::Spawn();  // now: a child would have the memory too
  std::unique_ptr<StateProcess> second = *StateProcess::Spawn();
  StateMemory memory = *StateMemory::Create(directory_, 1, 8, nullptr);
  const UniqueFd lock(open((directory_ + "/lock").c_str(), O_RDONLY));
  while (flock(lock.get(), LOCK_EX) != 0) continue;
  int asked = 0;
  const auto given_up = Open(std::move(first), [&](Nanoseconds) { return ++asked < 3; });
  EXPECT_TRUE(absl::IsCancelled(given_up.status())) << given_up.status();
  EXPECT_EQ(asked, 3);
  const auto opened = Open(std::move(second), [&](Nanoseconds) {
    memory.Remove();
    return flock(lock.get(), LOCK_UN) == 0;
  });
  EXPECT_TRUE(opened.ok()) << opened.status();
}

TEST_F(StateProcessTest, ErrorsComeFromTheCopier) {
  WriteBytes(directory_, "no directory");
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), directory_ + ": not a directory");
}

}  // namespace
}  // namespace dpvrrp
