// SPDX-License-Identifier: BSD-3-Clause
//
// A real SIGKILL between any two instructions: a child does one operation on a record in shared memory, in single
// steps. After every instruction the test does what a restart would do with the current record.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <new>

#include "ah/sender_table.h"
#include "ah/sequence_source.h"

namespace dpvrrp {
namespace {

constexpr Instant kNow = Instant(std::chrono::seconds(100));

IpAddress Router(uint32_t n) { return IpAddress::V4(0x0a630000 + n); }  // 10.99.0.n

// What the file in the state directory is for the daemon.
struct Shared {
  SequenceRecord record;
  std::atomic<bool> returned{false};  // the operation is over: its caller may act on it
};

class RecordKillTest : public testing::Test {
 protected:
  void SetUp() override {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    shared_ = new (memory) Shared;
  }
  void TearDown() override { munmap(shared_, sizeof(Shared)); }

  // Runs `operation` in a child and calls `inspect` with a copy of the record after each of its instructions.
  void KillEverywhere(const std::function<void()>& operation,
                      const std::function<void(SequenceRecord record, bool returned)>& inspect) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
      raise(SIGSTOP);
      operation();
      shared_->returned.store(true);
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) GTEST_SKIP() << "ptrace is not allowed here";

    int steps = 0;
    bool returned = false;
    while (!returned && !HasFatalFailure()) {
      if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
      waitpid(child, &status, 0);
      if (!WIFSTOPPED(status)) break;
      returned = shared_->returned.load();
      ++steps;
      inspect(shared_->record, returned);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    EXPECT_TRUE(returned);
    EXPECT_GT(steps, 10) << "nothing was stepped through";
  }

  Shared* shared_ = nullptr;
};

// The number itself and a much older one must be refused; the next number must be accepted.
void ExpectStandsAt(const SenderTable& restarted, uint32_t router, uint32_t highest) {
  EXPECT_NE(restarted.Check(Router(router), highest), DropReason::kNone) << "router " << router;
  EXPECT_NE(restarted.Check(Router(router), 1), DropReason::kNone) << "router " << router;
  EXPECT_EQ(restarted.Check(Router(router), highest + 1), DropReason::kNone) << "router " << router;
}

TEST_F(RecordKillTest, AKnownSendersNumberNeverFallsBehind) {
  SenderTable table(shared_->record);
  table.Commit(Router(1), 100, kNow);
  KillEverywhere([&] { table.Commit(Router(1), 200, kNow); },
                 [](SequenceRecord record, bool returned) {
                   const SenderTable restarted(record);
                   ASSERT_EQ(restarted.senders().size(), 1u);
                   const uint32_t highest = restarted.highest();
                   ASSERT_TRUE(highest == 200 || (highest == 100 && !returned)) << highest;
                   ExpectStandsAt(restarted, 1, highest);
                 });
}

TEST_F(RecordKillTest, ANewSenderIsThereWholeOrNotAtAll) {
  SenderTable table(shared_->record);
  table.Commit(Router(1), 100, kNow);
  KillEverywhere([&] { table.Commit(Router(2), 7000, kNow); },
                 [](SequenceRecord record, bool returned) {
                   const SenderTable restarted(record);
                   const size_t count = restarted.senders().size();
                   ASSERT_TRUE(count == 2 || (count == 1 && !returned)) << count;
                   ExpectStandsAt(restarted, 1, 100);
                   if (count == 2) ExpectStandsAt(restarted, 2, 7000);
                 });
}

TEST_F(RecordKillTest, AnEvictionNeverMixesTwoSenders) {
  SenderTable table(shared_->record);
  for (uint32_t n = 1; n <= kMaxSenders; ++n) table.Commit(Router(n), 100 * n, kNow + std::chrono::seconds(n));
  KillEverywhere([&] { table.Commit(Router(99), 7000, kNow + std::chrono::hours(1)); },
                 [](SequenceRecord record, bool returned) {
                   const SenderTable restarted(record);
                   bool has_new = false;
                   size_t others = 0;
                   for (const Sender& sender : restarted.senders()) {
                     if (sender.address == Router(99)) {
                       ASSERT_EQ(sender.window.highest(), 7000u);
                       has_new = true;
                     } else {
                       const uint32_t n = sender.address.v4() & 0xff;
                       ASSERT_EQ(sender.address, Router(n));
                       ASSERT_EQ(sender.window.highest(), 100 * n);
                       ++others;
                     }
                   }
                   ASSERT_GE(others, kMaxSenders - 1) << "another sender than the longest silent is gone";
                   ASSERT_TRUE(has_new || !returned);
                 });
}

// The restart itself may be killed too.
TEST_F(RecordKillTest, ClosingAGapLosesNoSender) {
  {
    SenderTable table(shared_->record);
    for (uint32_t n = 1; n <= 4; ++n) table.Commit(Router(n), 100 * n, kNow);
  }
  shared_->record.senders[1].family = 0;
  KillEverywhere([&] { SenderTable restarted(shared_->record); },
                 [](SequenceRecord record, bool) {
                   const SenderTable again(record);
                   ASSERT_EQ(again.senders().size(), 3u);
                   for (uint32_t n : {1u, 3u, 4u}) ExpectStandsAt(again, n, 100 * n);
                 });
}

// AH-28: the number is in the record before it can be put into a frame.
TEST_F(RecordKillTest, NoNumberIsSentTwice) {
  SequenceSource source(shared_->record);
  static_cast<void>(source.Next(40));
  KillEverywhere([&] { static_cast<void>(source.Next(0)); },
                 [](SequenceRecord record, bool returned) {
                   ASSERT_TRUE(record.sent == 42 || (record.sent == 41 && !returned)) << record.sent;
                 });
}

}  // namespace
}  // namespace dpvrrp
