// SPDX-License-Identifier: BSD-3-Clause
#include "agent/agent.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/privileges.h"
#include "io/clock.h"
#include "io/privileges.h"

namespace dpvrrp {
namespace {

constexpr int kOrdersPerTurn = 64;

// Start programs of other users, end them, and write FIFOs that belong to other users.
constexpr int kKeptCapabilities[] = {CAP_SETUID, CAP_SETGID, CAP_KILL, CAP_DAC_OVERRIDE};

// SIGCHLD is blocked except within ppoll(), which it interrupts.
void InterruptWait(int) {}

void CatchEndsOfChildren() {
  struct sigaction action {};
  action.sa_handler = InterruptWait;
  sigaction(SIGCHLD, &action, nullptr);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

// For ppoll(). None: without limit.
std::optional<timespec> TimeUntil(Instant due, Instant now) {
  if (due == kNever) return std::nullopt;
  const Nanoseconds left = std::max(due - now, Nanoseconds(0));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return timespec{seconds.count(), (left - seconds).count()};
}

}  // namespace

Agent::Agent(int socket, size_t at_once, WorkerNotes& notes)
    : socket_(socket),
      notes_(notes),
      queue_(std::clamp(at_once, size_t{1}, kMaxAtOnce)),
      buffer_(kMaxAgentMessage, 0) {}

int Agent::Run() {
  if (!internal::LimitCapabilities(kKeptCapabilities).ok()) return kFailed;
  CatchEndsOfChildren();
  // Now the C library has read its configuration for user lookups, and no child needs to read it. root is in a file.
  static_cast<void>(FindUser("root"));
  while (true) {
    now_ = MonotonicNow();
    ReapPrograms();
    if (!TakeOrders()) return kFailed;
    Advance();
    StartPrograms();
    fifos_.Work(now_);
    for (const AgentNews& news : fifos_.TakeNews()) reports_.push_back(EncodeReport(news));
    SendReports();
    if (IsDone()) return kDone;
    Wait();
  }
}

bool Agent::IsDone() const {
  if (!queue_.idle()) return false;
  if (ending_ && !open_) return true;
  return finishing_ && (ending_ || fifos_.idle()) && (reports_.empty() || !open_);
}

void Agent::StartPrograms() {
  while (std::optional<ProgramQueue::Job> job = queue_.Next(now_)) {
    absl::StatusOr<Program> program = Program::Start(job->request);
    if (!program.ok()) {
      queue_.Ended(job->ticket);
      Answer(job->ticket, {.id = job->request.id,
                           .outcome = ProgramReply::Outcome::kNotStarted,
                           .status = 0,
                           .text = std::string(program.status().message())});
      continue;
    }
    notes_.AddGroup(program->pid());
    tickets_[program->pid()] = job->ticket;
    running_.emplace(job->ticket, Running{.program = *std::move(program)});
  }
}

// A child is reaped last, because until then its number cannot be another process's.
void Agent::ReapPrograms() {
  while (true) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    const auto ticket = tickets_.find(info.si_pid);
    const auto found = ticket == tickets_.end() ? running_.end() : running_.find(ticket->second);
    if (found != running_.end()) {
      // The rest of the group has had its SIGTERM.
      if (found->second.program.timed_out()) found->second.program.Signal(SIGKILL);
      notes_.RemoveGroup(info.si_pid);
    }
    int status = 0;
    waitpid(info.si_pid, &status, 0);
    if (found == running_.end()) continue;
    Running& running = found->second;
    queue_.Ended(found->first);
    ProgramReply reply = running.program.Reply(status);
    if (!running.answered) Answer(found->first, std::move(reply));
    if (running.program.output() >= 0) left_pipes_.push_back(running.program.TakeOutput());
    if (left_pipes_.size() > kMaxLeftPipes) left_pipes_.pop_front();
    running_.erase(found);
    tickets_.erase(ticket);
  }
}

// Does what is due.
void Agent::Advance() {
  if (now_ >= finish_by_ && !ending_) EndPrograms();
  for (const ProgramQueue::Due& due : queue_.TakeDue(now_)) {
    const auto found = running_.find(due.ticket);
    if (found == running_.end()) continue;
    Running& running = found->second;
    running.program.MarkTimedOut();
    switch (due.step) {
      case ProgramQueue::Step::kTerminate:
        running.program.Signal(SIGTERM);
        break;
      case ProgramQueue::Step::kKill:
        running.program.Signal(SIGKILL);
        break;
      case ProgramQueue::Step::kGiveUp:
        running.answered = true;
        Answer(due.ticket, running.program.ReplyOfStuck());
        break;
    }
  }
}

void Agent::EndPrograms() {
  ending_ = true;
  queue_.EndAll(now_, kEndGrace);
}

void Agent::Answer(Ticket ticket, ProgramReply reply) {
  if (open_) reports_.push_back(EncodeReport(NumberedReply{ticket, std::move(reply)}));
}

void Agent::SendReports() {
  while (open_ && !reports_.empty()) {
    const std::string& report = reports_.front();
    if (send(socket_, report.data(), report.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
    reports_.pop_front();
  }
}

// Returns false if a message is malformed. The worker then ends, so that control is notified of the lost order.
bool Agent::TakeOrders() {
  for (int i = 0; i < kOrdersPerTurn && open_ && readable_ && !IsFull(); ++i) {
    // First its number is noted. So if the worker is killed between the two calls, the order is known to be lost.
    std::array<char, kOrderNumberBytes> start{};
    ssize_t got = recv(socket_, start.data(), start.size(), MSG_DONTWAIT | MSG_PEEK);
    if (got < 0 && (errno == ECONNRESET || errno == EINTR)) continue;  // the rest of what was sent is still there
    readable_ = got > 0;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) {
      open_ = false;
      reports_.clear();
      // After a FinishOrder control may end before the agent.
      if (!finishing_) EndPrograms();
      return true;
    }
    const std::optional<uint64_t> number = PeekOrderNumber({start.data(), static_cast<size_t>(got)});
    if (number.has_value()) notes_.taken = *number;
    got = recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 || static_cast<size_t>(got) > buffer_.size()) return false;
    absl::StatusOr<NumberedOrder> order = DecodeOrder(absl::string_view(buffer_).substr(0, static_cast<size_t>(got)));
    if (!order.ok()) return false;
    Take(*std::move(order));
  }
  return true;
}

void Agent::Take(NumberedOrder order) {
  if (auto* request = std::get_if<ProgramRequest>(&order.order)) {
    queue_.Add({order.number, std::move(*request)});
  } else if (const auto* line = std::get_if<FifoLine>(&order.order)) {
    fifos_.Add(*line, now_);
  } else {
    finishing_ = true;
    finish_by_ = now_ + std::clamp(std::get<FinishOrder>(order.order).longest, Nanoseconds(0), kMaxProgramTimeout);
  }
}

Instant Agent::NextTime() const {
  Instant next = std::min(queue_.next_due(), fifos_.next_look());
  if (finishing_ && !ending_) next = std::min(next, finish_by_);
  return next;
}

void Agent::Wait() {
  std::vector<pollfd> entries;
  short wanted = 0;
  if (!IsFull()) wanted |= POLLIN;
  if (!reports_.empty()) wanted |= POLLOUT;
  entries.push_back({open_ ? socket_ : -1, wanted, 0});
  for (const auto& [ticket, running] : running_) entries.push_back({running.program.output(), POLLIN, 0});
  for (const UniqueFd& pipe : left_pipes_) entries.push_back({pipe.get(), POLLIN, 0});
  for (const int fd : fifos_.WaitingFds()) entries.push_back({fd, POLLOUT, 0});

  const std::optional<timespec> left = TimeUntil(NextTime(), MonotonicNow());
  sigset_t none;
  sigemptyset(&none);
  if (ppoll(entries.data(), entries.size(), left.has_value() ? &*left : nullptr, &none) > 0) Serve(entries);
}

// `entries` as Wait() has made them; nothing has changed since.
void Agent::Serve(const std::vector<pollfd>& entries) {
  size_t at = 0;
  const short socket_events = entries[at++].revents;
  readable_ = readable_ || (socket_events & (POLLIN | POLLHUP | POLLERR)) != 0;
  for (auto& [ticket, running] : running_) {
    if (entries[at++].revents != 0) running.program.ReadOutput();
  }
  for (UniqueFd& pipe : left_pipes_) {
    if (entries[at++].revents != 0 && !DropOutput(pipe.get())) pipe.Reset();
  }
  std::erase_if(left_pipes_, [](const UniqueFd& pipe) { return !pipe.valid(); });
  // Orders that cannot be taken any more must not delay the end.
  if ((socket_events & POLLHUP) == 0 || !IsFull()) return;
  open_ = false;
  reports_.clear();
  if (!finishing_) EndPrograms();
}

}  // namespace dpvrrp
