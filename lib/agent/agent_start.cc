// SPDX-License-Identifier: BSD-3-Clause
#include "agent/agent_start.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "io/unique_fd.h"

namespace dpvrrp::internal {
namespace {

constexpr int kSocketFd = 3;
constexpr int kReportFd = 4;  // closed by the exec

struct StartReport {
  pid_t pid = 0;
  int error = 0;  // errno, if the program does not run
};

[[noreturn]] void Fail() {
  const StartReport report{0, errno};
  const ssize_t ignored = write(kReportFd, &report, sizeof(report));
  _exit(ignored < 0 ? 2 : 1);
}

// In the new process. Only calls that are safe after a fork: the caller may have threads in a test.
[[noreturn]] void BecomeAgent(const char* program, int socket, int report, char* at_once) {
  const int high_socket = fcntl(socket, F_DUPFD, kReportFd + 1);
  const int high_report = fcntl(report, F_DUPFD, kReportFd + 1);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup3(high_report, kReportFd, O_CLOEXEC);
  if (dup2(high_socket, kSocketFd) < 0 || null < 0) Fail();
  for (int fd = 0; fd <= 2; ++fd) dup2(null, fd);
  syscall(SYS_close_range, kReportFd + 1, ~0u, 0);
  setsid();  // signals to the daemon's group are not for the agent
  if (chdir("/") != 0) Fail();
  const StartReport started{getpid(), 0};
  if (write(kReportFd, &started, sizeof(started)) != static_cast<ssize_t>(sizeof(started))) Fail();
  char name[] = "dpvrrpd-agent";
  char fd_option[] = "--fd";
  char fd_value[] = "3";
  char at_once_option[] = "--at-once";
  char* arguments[] = {name, fd_option, fd_value, at_once_option, at_once, nullptr};
  static_assert(kSocketFd == 3);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, nullptr};
  execve(program, arguments, environment);
  Fail();
}

}  // namespace

absl::StatusOr<std::string> FindAgentProgram() {
  std::array<char, 4096> self{};
  const ssize_t size = readlink("/proc/self/exe", self.data(), self.size());
  if (size <= 0 || size == static_cast<ssize_t>(self.size())) return absl::ErrnoToStatus(errno, "/proc/self/exe");
  const std::string exe(self.data(), static_cast<size_t>(size));
  const std::string folder = exe.substr(0, exe.rfind('/'));
  const std::string places[] = {absl::StrCat(folder, "/dpvrrpd-agent"),
                                absl::StrCat(folder, "/../dpvrrpd_agent/dpvrrpd-agent"),
                                "/usr/libexec/dpvrrp/dpvrrpd-agent"};
  for (const std::string& place : places) {
    if (access(place.c_str(), X_OK) == 0) return place;
  }
  return absl::NotFoundError(absl::StrCat("the agent is not installed: none of ", absl::StrJoin(places, ", ")));
}

absl::StatusOr<pid_t> StartAgentProgram(const std::string& program, int socket, size_t at_once) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  std::string at_once_text = absl::StrCat(at_once);
  // Forks twice, so that the agent is init's child and this process need not wait for it.
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "fork");
  if (child == 0) {
    const pid_t agent = fork();
    if (agent == 0) BecomeAgent(program.c_str(), socket, writer.get(), at_once_text.data());
    _exit(agent > 0 ? 0 : 1);
  }
  writer.Reset();
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  pid_t pid = 0;
  int error = status == 0 ? 0 : EAGAIN;
  StartReport report;
  ssize_t got = 0;
  while ((got = read(reader.get(), &report, sizeof(report))) != 0) {  // until the exec
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof(report))) break;
    if (report.pid != 0) pid = report.pid;
    if (report.error != 0) error = report.error;
  }
  if (error == 0 && pid == 0) error = EIO;
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", program));
  return pid;
}

}  // namespace dpvrrp::internal
