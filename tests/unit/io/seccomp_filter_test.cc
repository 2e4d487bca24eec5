// SPDX-License-Identifier: BSD-3-Clause
#include "io/seccomp_filter.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "io/privileges.h"
#include "unit/io/child.h"

namespace dpvrrp {
namespace {

bool Denied(long result) { return result == -1 && errno == EPERM; }

// In a process with a filter. `run` returns a number for the fault.
int Filtered(const std::function<int()>& run) {
  return InAChild([&run] {
    if (!ForbidDumps().ok()) return 100;
    const absl::Status status = InstallSeccompFilter();
    if (absl::IsUnimplemented(status)) return 0;  // docs/security.md: then there is none
    return status.ok() ? run() : 101;
  });
}

TEST(SeccompFilterTest, ProgramsProcessesAndTheSystemAreOutOfReach) {
  EXPECT_EQ(Filtered([] {
              char* const nothing[] = {nullptr};
              if (!Denied(execve("/bin/true", nothing, nothing))) return 1;
              if (!Denied(fork())) return 2;
              if (!Denied(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr))) return 3;
              if (!Denied(mount("none", "/nowhere", "tmpfs", 0, nullptr))) return 4;
              if (!Denied(setuid(getuid()))) return 5;
              return 0;
            }),
            0);
}

TEST(SeccompFilterTest, ThreadsAndSocketsAreNot) {
  EXPECT_EQ(Filtered([] {
              int seen = 0;
              std::thread([&seen] { seen = 1; }).join();
              const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
              return seen == 1 && fd >= 0 && close(fd) == 0 ? 0 : 1;
            }),
            0);
}

TEST(SeccompFilterTest, ThreadsThatRunAlreadyAreFilteredToo) {
  EXPECT_EQ(InAChild([] {
              std::atomic<int> step{0};
              bool denied = false;
              std::thread other([&] {
                while (step == 0) std::this_thread::yield();
                denied = Denied(fork());
              });
              const bool ready = ForbidDumps().ok();
              const absl::Status status = ready ? InstallSeccompFilter() : absl::InternalError("");
              step = 1;
              other.join();
              return absl::IsUnimplemented(status) || (status.ok() && denied) ? 0 : 1;
            }),
            0);
}

TEST(SeccompFilterTest, NeedsNoNewPrivileges) {
  EXPECT_EQ(InAChild([] { return absl::IsFailedPrecondition(InstallSeccompFilter()) ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace dpvrrp
