// SPDX-License-Identifier: BSD-3-Clause
#include "io/signal_fd.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace dpvrrp {
namespace {

TEST(SignalFdTest, BlockedSignalsAreReadOneByOne) {
  const absl::StatusOr<SignalFd> signals = SignalFd::Create();
  ASSERT_TRUE(signals.ok()) << signals.status();
  EXPECT_EQ(signals->Read(), std::nullopt);
  raise(SIGHUP);
  EXPECT_EQ(signals->Read(), SIGHUP);
  raise(SIGTERM);
  EXPECT_EQ(signals->Read(), SIGTERM);
  raise(SIGINT);
  EXPECT_EQ(signals->Read(), SIGINT);
  EXPECT_EQ(signals->Read(), std::nullopt);
}

TEST(SignalFdTest, ABrokenPipeIsAnErrorAndNotADeath) {
  const absl::StatusOr<SignalFd> signals = SignalFd::Create();
  ASSERT_TRUE(signals.ok());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

TEST(SignalFdTest, DestructionPutsTheMaskBack) {
  sigset_t before;
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  { const absl::StatusOr<SignalFd> signals = SignalFd::Create(); }
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
    EXPECT_EQ(sigismember(&before, number), sigismember(&after, number));
  }
}

}  // namespace
}  // namespace dpvrrp
