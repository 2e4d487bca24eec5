// SPDX-License-Identifier: BSD-3-Clause
#include "agent/agent_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "agent/agent_start.h"
#include "agent/worker_notes.h"
#include "base/status_macros.h"
#include "io/clock.h"

namespace dpvrrp {
namespace {

constexpr int kReportsPerCall = 1024;  // then control's other work has its turn

}  // namespace

absl::StatusOr<std::unique_ptr<AgentClient>> AgentClient::Start(const AgentOptions& options) {
  if (options.at_once < 1 || options.at_once > kMaxAtOnce) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.at_once, " programs at once; at least 1 and at most ", kMaxAtOnce, " are possible"));
  }
  std::string program = options.program;
  if (program.empty()) {
    DPVRRP_ASSIGN_OR_RETURN(program, internal::FindAgentProgram());
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return absl::ErrnoToStatus(errno, "socketpair");
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  DPVRRP_ASSIGN_OR_RETURN(const pid_t pid, internal::StartAgentProgram(program, theirs.get(), options.at_once));
  return std::unique_ptr<AgentClient>(new AgentClient(std::move(ours), pid));
}

AgentClient::Sent AgentClient::SendMessage(const std::string& message) {
  while (!ended_ && send(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) return Sent::kNoRoom;
    // After an error of the connection, what the agent has sent can still be received.
    if (errno == EPIPE) return Sent::kEnded;
  }
  return ended_ ? Sent::kEnded : Sent::kYes;
}

void AgentClient::Refuse(const ProgramOrder& order, absl::string_view why) {
  if (const auto* request = std::get_if<ProgramRequest>(&order)) {
    replies_.push_back({.id = request->id,
                        .outcome = ProgramReply::Outcome::kNotStarted,
                        .status = 0,
                        .text = std::string(why.substr(0, kMaxProgramText))});
  } else if (!ended_) {  // the end of the agent was reported already
    news_.push_back({AgentNews::Kind::kFifoFault, std::string(why), 0});
  }
}

void AgentClient::Send(std::deque<ProgramOrder>& orders) {
  waits_for_room_ = false;
  for (; !orders.empty(); orders.pop_front()) {
    const ProgramOrder& order = orders.front();
    const absl::StatusOr<std::string> message = EncodeOrder(last_number_ + 1, order);
    if (!message.ok()) {
      Refuse(order, message.status().message());
      continue;
    }
    const Sent sent = SendMessage(*message);
    if (sent == Sent::kNoRoom) {
      waits_for_room_ = true;
      return;
    }
    if (sent == Sent::kEnded) {
      ReceiveAll();
      Refuse(order, "the agent has ended; restart the daemon");
      continue;
    }
    ++last_number_;
    if (const auto* request = std::get_if<ProgramRequest>(&order)) unanswered_[last_number_] = request->id;
  }
}

// Answers the unanswered requests up to the number `taken`.
void AgentClient::Lose(uint64_t taken) {
  while (!unanswered_.empty() && unanswered_.begin()->first <= taken) {
    replies_.push_back({.id = unanswered_.begin()->second,
                        .outcome = ProgramReply::Outcome::kLost,
                        .status = 0,
                        .text = "the agent ended while it had the request"});
    unanswered_.erase(unanswered_.begin());
  }
}

void AgentClient::End() {
  ended_ = true;
  finished_ = told_to_finish_ && unanswered_.empty();
  Lose(last_number_);
  if (!finished_) news_.push_back({AgentNews::Kind::kEnded, "all processes of the agent have ended", 0});
}

void AgentClient::Take(AgentReport report) {
  if (auto* reply = std::get_if<NumberedReply>(&report)) {
    // If it is not there, it was answered as lost.
    if (unanswered_.erase(reply->number) != 0) replies_.push_back(std::move(reply->reply));
  } else if (auto* news = std::get_if<AgentNews>(&report)) {
    news_.push_back(std::move(*news));
  } else {
    auto& ended = std::get<WorkerEnded>(report);
    if (ended.taken >= last_number_) told_to_finish_ = false;  // the next worker has not read it
    Lose(ended.taken);
    news_.push_back({AgentNews::Kind::kEnded, std::move(ended.text), 0});
  }
}

void AgentClient::ReceiveAll() {
  for (int i = 0; i < kReportsPerCall && !ended_; ++i) {
    const ssize_t got = recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got < 0 && (errno == EINTR || errno == ECONNRESET)) continue;  // messages may still follow
    if (got <= 0) return End();
    absl::StatusOr<AgentReport> report = DecodeReport(absl::string_view(buffer_).substr(0, static_cast<size_t>(got)));
    if (report.ok()) Take(*std::move(report));
  }
}

void AgentClient::Receive(std::vector<ProgramReply>& replies, std::vector<AgentNews>& news) {
  ReceiveAll();
  std::move(replies_.begin(), replies_.end(), std::back_inserter(replies));
  std::move(news_.begin(), news_.end(), std::back_inserter(news));
  replies_.clear();
  news_.clear();
}

// Waits until there is something to receive, or room if Send() waits for it. Returns false if the time is over.
bool AgentClient::WaitForAgent(Instant give_up) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up - MonotonicNow());
  if (left.count() <= 0) return false;
  pollfd entry{socket_.get(), static_cast<short>(waits_for_room_ ? POLLIN | POLLOUT : POLLIN), 0};
  poll(&entry, 1, static_cast<int>(std::min<int64_t>(left.count(), 3'600'000)));
  return true;
}

bool AgentClient::BeginFinish(Nanoseconds longest) {
  const Sent sent = SendMessage(EncodeFinish(last_number_ + 1, {longest}));
  waits_for_room_ = sent == Sent::kNoRoom;
  if (sent != Sent::kYes) return false;
  ++last_number_;
  told_to_finish_ = true;
  return true;
}

bool AgentClient::Finish(std::deque<ProgramOrder>& orders, Nanoseconds longest) {
  const Instant give_up = MonotonicNow() + std::min(longest, kMaxProgramTimeout);
  while (!ended_) {
    Send(orders);
    if (orders.empty() && !told_to_finish_ && !ended_) BeginFinish(give_up - MonotonicNow());
    ReceiveAll();
    if (!ended_ && !WaitForAgent(give_up)) return false;
  }
  return finished_;
}

}  // namespace dpvrrp
