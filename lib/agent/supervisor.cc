// SPDX-License-Identifier: BSD-3-Clause
#include "agent/supervisor.h"

#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "agent/message.h"
#include "agent/privileges.h"
#include "agent/worker_notes.h"
#include "io/clock.h"

namespace dpvrrp {
namespace {

// If one of these calls fails, programs can still run, so errors are ignored.
void PrepareProcess() {
  prctl(PR_SET_NAME, "dpvrrpd-agent");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGCHLD, SIG_DFL);  // if it is ignored, the kernel reaps children and drops their status
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGTSTP}) {
    signal(number, SIG_IGN);
  }
  const sched_param ordinary{};
  sched_setscheduler(0, SCHED_OTHER, &ordinary);
  setpriority(PRIO_PROCESS, 0, 0);
  // The supervisor itself only ends process groups.
  constexpr int kept[] = {CAP_KILL};
  static_cast<void>(internal::LimitCapabilities(kept));
}

// Returns false if the socket is closed. Waits while control reads nothing.
bool Send(int socket, const AgentReport& report) {
  const std::string message = EncodeReport(report);
  while (send(socket, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS && errno != ENOMEM) return false;
    pollfd entry{socket, POLLOUT, 0};
    poll(&entry, 1, -1);
  }
  return true;
}

// Returns false if the socket is closed.
bool WaitUntil(int socket, Instant due) {
  for (Instant now = MonotonicNow(); now < due; now = MonotonicNow()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now);
    pollfd entry{socket, 0, 0};
    if (poll(&entry, 1, static_cast<int>(left.count())) > 0) return false;
  }
  return true;
}

// Waits for the end of the worker, and reaps every other child meanwhile. Returns the status of waitpid().
int WaitFor(pid_t worker, WorkerNotes& notes) {
  while (true) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0) {
      if (errno == EINTR) continue;
      return 0;  // no child: not possible
    }
    // A program of a worker that has been killed. Its number is safe until it is reaped.
    if (notes.RemoveGroup(info.si_pid)) kill(-info.si_pid, SIGKILL);
    int status = 0;
    waitpid(info.si_pid, &status, 0);
    if (info.si_pid == worker) return status;
  }
}

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) return absl::StrCat("the agent was ended by signal ", WTERMSIG(status));
  return absl::StrCat("the agent ended with status ", WEXITSTATUS(status));
}

}  // namespace

int Supervise(int socket, size_t at_once) {
  PrepareProcess();
  const absl::StatusOr<WorkerNotes*> notes = WorkerNotes::Create();
  if (!notes.ok()) return Agent::kFailed;
  bool ended = false;  // a worker, which control has been notified of
  while (true) {
    const Instant started = MonotonicNow();
    const pid_t worker = fork();
    if (worker == 0) _exit(Agent(socket, at_once, **notes).Run());
    if (worker > 0) {
      // If the socket is closed, the worker notices it.
      if (ended) static_cast<void>(Send(socket, AgentNews{AgentNews::Kind::kRestarted, "", 0}));
      const int status = WaitFor(worker, **notes);
      if (WIFEXITED(status) && WEXITSTATUS(status) == Agent::kDone) return Agent::kDone;
      (*notes)->KillGroups();
      if (!Send(socket, WorkerEnded{(*notes)->taken, DescribeEnd(status)})) return Agent::kFailed;
      ended = true;
    }
    if (!WaitUntil(socket, started + kRestartPause)) return Agent::kFailed;
  }
}

}  // namespace dpvrrp
