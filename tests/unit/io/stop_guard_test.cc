// SPDX-License-Identifier: BSD-3-Clause
#include "io/stop_guard.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/privileges.h"
#include "unit/io/child.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kShort = std::chrono::milliseconds(20);
constexpr Nanoseconds kLongGuard = std::chrono::seconds(60);
const StopGuard::Options kGuarded{kShort, kLongGuard, {}};

bool Readable(int fd) {
  pollfd waits{fd, POLLIN, 0};
  return poll(&waits, 1, 60'000) == 1;
}

// The guard changes the signal mask of the process and may end it, so each test is a separate process.

TEST(StopGuardTest, PassesSignalsOnInOrder) {
  EXPECT_EQ(InAChild([] {
              const auto guard = *StopGuard::Create({kLongGuard, kLongGuard, {}});
              if (guard->Read().has_value()) return 1;
              kill(getpid(), SIGHUP);
              if (!Readable(guard->fd()) || guard->Read() != SIGHUP) return 2;
              kill(getpid(), SIGTERM);
              if (!Readable(guard->fd()) || guard->Read() != SIGTERM) return 3;
              return guard->Read().has_value() ? 4 : 0;
            }),
            0);
}

TEST(StopGuardTest, EndsTheProcessIfControlIsStuck) {
  EXPECT_EQ(InAChild([] {
              const auto guard = *StopGuard::Create(kGuarded);
              kill(getpid(), SIGTERM);
              for (;;) pause();
              return 7;
            }),
            1);
}

TEST(StopGuardTest, RunsTheLastResortBefore) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(InAChild([&] {
              const auto guard = *StopGuard::Create(kGuarded);
              guard->set_last_resort([&] { [[maybe_unused]] const ssize_t n = write(ends[1], "bye", 3); });
              kill(getpid(), SIGINT);
              for (;;) pause();
              return 7;
            }),
            1);
  char said[4] = {};
  EXPECT_EQ(read(ends[0], said, 3), 3);
  EXPECT_STREQ(said, "bye");
}

TEST(StopGuardTest, DoesNotWaitForALastResortThatIsStuckToo) {
  EXPECT_EQ(InAChild([] {
              const auto guard = *StopGuard::Create({kShort, kShort, {}});
              guard->set_last_resort([] {
                for (;;) pause();
              });
              kill(getpid(), SIGTERM);
              for (;;) pause();
              return 7;
            }),
            1);
}

TEST(StopGuardTest, AReloadEndsNothing) {
  EXPECT_EQ(InAChild([] {
              const auto guard = *StopGuard::Create(kGuarded);
              kill(getpid(), SIGHUP);
              if (!Readable(guard->fd())) return 1;
              pollfd none{-1, 0, 0};
              poll(&none, 1, 100);  // longer than the limit
              return 0;
            }),
            0);
}

TEST(StopGuardTest, AControlThreadThatEndsInTimeIsLeftAlone) {
  EXPECT_EQ(InAChild([] {
              {
                const auto guard = *StopGuard::Create(kGuarded);
                kill(getpid(), SIGTERM);
                if (!Readable(guard->fd())) return 2;
              }
              return 5;
            }),
            5);
}

// Its last resort removes addresses after all other threads but control have given up their capabilities.
TEST(StopGuardTest, ItsThreadKeepsTheCapabilitiesItWasGiven) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const absl::StatusOr<UserAccount> nobody = FindUser("nobody");
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  for (const UserAccount* user : {static_cast<const UserAccount*>(nullptr), &*nobody}) {
    EXPECT_EQ(InAChild([&] {
                constexpr int kKept[] = {CAP_NET_ADMIN};
                const auto guard = *StopGuard::Create({kShort, kLongGuard, kKept});
                guard->set_last_resort([] {
                  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
                  __user_cap_data_struct mine[_LINUX_CAPABILITY_U32S_3] = {};
                  syscall(SYS_capget, &header, mine);
                  _exit(mine[0].effective == 1u << CAP_NET_ADMIN && mine[1].effective == 0 ? 42 : 43);
                });
                if (!DropPrivileges(user, {}).ok()) return 2;
                kill(getpid(), SIGTERM);
                for (;;) pause();
                return 7;
              }),
              42);
  }
}

}  // namespace
}  // namespace dpvrrp
