// SPDX-License-Identifier: BSD-3-Clause
#include "programs.h"

#include <poll.h>

#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "io/clock.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kLongestLastSend = std::chrono::milliseconds(300);

}  // namespace

Programs::~Programs() {
  if (watches_) reactor_.Remove(agent_->fd());
}

absl::Status Programs::Watch(std::deque<ProgramOrder>& orders, Receiver receiver) {
  orders_ = &orders;
  receiver_ = std::move(receiver);
  if (agent_ == nullptr) return absl::OkStatus();
  DPVRRP_RETURN_IF_ERROR(reactor_.Add(agent_->fd(), kReadable, [this](uint32_t) {
    Take();
    Send();
  }));
  watches_ = true;
  return absl::OkStatus();
}

void Programs::Send() {
  while (agent_ == nullptr && !orders_->empty()) {
    const auto* request = std::get_if<ProgramRequest>(&orders_->front());
    const ProgramReply reply{request == nullptr ? 0 : request->id, ProgramReply::Outcome::kNotStarted, 0,
                             "dpvrrpd-agent was not found at the start"};
    orders_->pop_front();
    if (request != nullptr) receiver_.reply(reply);
  }
  if (agent_ == nullptr || orders_->empty()) return;
  agent_->Send(*orders_);
  Take();
  FollowRoom();
}

void Programs::Take() {
  std::vector<ProgramReply> replies;
  std::vector<AgentNews> news;
  agent_->Receive(replies, news);
  for (const AgentNews& one : news) receiver_.news(one);
  for (const ProgramReply& reply : replies) receiver_.reply(reply);
  if (!agent_->has_ended() || !std::exchange(watches_, false)) return;
  reactor_.Remove(agent_->fd());
}

void Programs::FollowRoom() {
  if (!watches_ || agent_->waits_for_room() == watches_room_) return;
  watches_room_ = agent_->waits_for_room();
  reactor_.Modify(agent_->fd(), watches_room_ ? kReadable | kWritable : kReadable).IgnoreError();  // it is watched
}

void Programs::Finish(Nanoseconds longest) {
  if (agent_ == nullptr) return;
  const Instant give_up = MonotonicNow() + kLongestLastSend;
  agent_->Send(*orders_);
  while (!orders_->empty() && !agent_->has_ended() && MonotonicNow() < give_up) {
    pollfd room{agent_->fd(), POLLOUT, 0};
    poll(&room, 1, 10);
    agent_->Send(*orders_);
  }
  agent_->BeginFinish(longest);
}

}  // namespace dpvrrp
