// SPDX-License-Identifier: BSD-3-Clause
#include "agent/program_child.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/message.h"
#include "agent/privileges.h"
#include "io/privileges.h"

namespace dpvrrp::internal {
namespace {

constexpr int kErrorFd = 3;
constexpr int kNotStarted = 127;  // exit status; the reader of `error` does not look at it

void ResetSignals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Afterwards: 0 to 2 as the program has them, and kErrorFd.
absl::Status ArrangeDescriptors(int output, int error) {
  // First away from the numbers that are wanted.
  const int high_output = fcntl(output, F_DUPFD, kErrorFd + 1);
  const int high_error = fcntl(error, F_DUPFD, kErrorFd + 1);
  if (dup3(high_error, kErrorFd, O_CLOEXEC) < 0) return absl::ErrnoToStatus(errno, "dup");
  if (dup2(high_output, 1) < 0 || dup2(high_output, 2) < 0) return absl::ErrnoToStatus(errno, "dup");
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || dup2(null, 0) < 0) return absl::ErrnoToStatus(errno, "/dev/null");
  return absl::OkStatus();
}

absl::Status ChangeUser(const std::string& name) {
  const absl::StatusOr<UserAccount> user = FindUser(name);
  if (!user.ok()) return user.status();
  if (user->uid == geteuid()) return RestoreCapabilities();
  if (geteuid() != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "user '", name, "': the daemon was not started as root, so it cannot run programs of other users"));
  }
  // A change from root to another user drops all capabilities.
  if (initgroups(name.c_str(), user->gid) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
      setresuid(user->uid, user->uid, user->uid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot become user '", name, "'"));
  }
  return absl::OkStatus();
}

// Returns only if it fails.
absl::Status Exec(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  char ours[] = "DPVRRP=1";
  char* environment[] = {path, ours, nullptr};
  execve(command.front().c_str(), arguments.data(), environment);
  return absl::ErrnoToStatus(errno, command.front());
}

absl::Status Become(const ProgramRequest& request, pid_t worker) {
  if (chdir("/") != 0) return absl::ErrnoToStatus(errno, "/");
  umask(022);
  if (absl::Status status = ChangeUser(request.user); !status.ok()) return status;
  // After the change of user, which clears it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != worker) return absl::AbortedError("the agent has ended");
  syscall(SYS_close_range, kErrorFd + 1, ~0u, 0);
  return Exec(request.command);
}

}  // namespace

void BecomeProgram(const ProgramRequest& request, pid_t worker, int output, int error) {
  setsid();  // first, because the worker signals the group
  ResetSignals();
  absl::Status status = ArrangeDescriptors(output, error);
  if (status.ok()) status = Become(request, worker);
  const auto text = status.message().substr(0, kMaxProgramText);
  if (write(kErrorFd, text.data(), text.size()) < 0) _exit(kNotStarted);
  _exit(kNotStarted);
}

}  // namespace dpvrrp::internal
