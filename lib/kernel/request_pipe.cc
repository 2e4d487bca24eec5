// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/request_pipe.h"

#include <cerrno>
#include <iterator>

#include "base/check.h"
#include "kernel/address_message.h"
#include "kernel/link_message.h"
#include "kernel/route_message.h"
#include "kernel/virtual_mac_device.h"

namespace dpvrrp {
namespace {

bool AboutRouting(HostOp op) {
  return op == HostOp::kAddRoute || op == HostOp::kRemoveRoute || op == HostOp::kAddRule || op == HostOp::kRemoveRule;
}

AddressOptions OptionsOf(const HostRequest& request) {
  AddressOptions options =
      OptionsOn(request.device, request.prefix.address, request.may_be_source, request.brings_route);
  options.label = request.label;
  options.scope = request.scope;
  return options;
}

nlmsghdr* Build(MessageBuffer& buffer, const HostRequest& request, uint32_t ifindex) {
  switch (request.op) {
    case HostOp::kAddAddress:
      return BuildAddAddress(buffer, ifindex, request.prefix, OptionsOf(request));
    case HostOp::kRemoveAddress:
      return BuildRemoveAddress(buffer, ifindex, request.prefix);
    case HostOp::kSetLinkUp:
      return BuildSetLink(buffer, ifindex, LinkState::kUp);
    case HostOp::kSetLinkDown:
      break;
    case HostOp::kAnnounce:  // not over netlink: NetlinkHost::Send() has carried it out
      DPVRRP_CHECK(false);
    case HostOp::kAddRoute:
      return BuildAddRoute(buffer, ifindex, std::get<VirtualRoute>(request.entry));
    case HostOp::kRemoveRoute:
      return BuildRemoveRoute(buffer, ifindex, std::get<VirtualRoute>(request.entry));
    case HostOp::kAddRule:
      return BuildAddRule(buffer, std::get<VirtualRule>(request.entry));
    case HostOp::kRemoveRule:
      return BuildRemoveRule(buffer, std::get<VirtualRule>(request.entry));
  }
  return BuildSetLink(buffer, ifindex, LinkState::kDown);
}

}  // namespace

void RequestPipe::Send(std::span<const HostRequest> requests) {
  waiting_.insert(waiting_.end(), requests.begin(), requests.end());
  Pump();
}

void RequestPipe::Pump() {
  std::vector<uint8_t> batch;
  batch.reserve(kMaxBatchBytes);
  const auto end = std::chrono::steady_clock::now() + kLongestPump;
  while (!waiting_.empty() && in_flight_.size() < kMaxInFlight &&
         (in_flight_.empty() || std::chrono::steady_clock::now() < end)) {
    batch.clear();
    size_t count = 0;
    while (!waiting_.empty() && in_flight_.size() < kMaxInFlight &&
           batch.size() + sizeof(MessageBuffer) <= kMaxBatchBytes) {
      HostRequest& request = waiting_.front();
      MessageBuffer buffer;
      const bool names_none = AboutRouting(request.op) && request.device.empty();
      const uint32_t ifindex = names_none ? 0 : socket_.FindIndex(request.device);
      nlmsghdr* message = Build(buffer, request, ifindex);
      message->nlmsg_seq = ++sequence_;
      batch.insert(batch.end(), buffer.bytes.begin(), buffer.bytes.begin() + MNL_ALIGN(message->nlmsg_len));
      in_flight_.push_back({sequence_, std::move(request)});
      waiting_.pop_front();
      ++count;
    }
    const int error = socket_.Send(batch);
    for (; error != 0 && count > 0; --count) {
      unsent_.push_back({std::move(in_flight_.back().request), {error, "not sent"}});
      in_flight_.pop_back();
    }
  }
}

void RequestPipe::Receive(std::vector<Answered>& out) {
  bool lost = false;
  while (true) {
    const NetlinkSocket::Datagram datagram = socket_.Receive();
    if (datagram.error == ENOBUFS) {
      lost = true;
      continue;
    }
    if (datagram.error != 0) break;
    ForEachMessage(datagram.messages, [&](const nlmsghdr& message) { Take(message, out); });
  }
  if (lost) FailInFlight(out);
  Pump();
  out.insert(out.end(), std::make_move_iterator(unsent_.begin()), std::make_move_iterator(unsent_.end()));
  unsent_.clear();
}

void RequestPipe::Take(const nlmsghdr& message, std::vector<Answered>& out) {
  if (message.nlmsg_type != NLMSG_ERROR || in_flight_.empty()) return;
  // Compares distances, not values, because the number may wrap.
  const uint32_t skipped = message.nlmsg_seq - in_flight_.front().sequence;
  if (skipped >= in_flight_.size()) return;  // given up earlier
  for (uint32_t i = 0; i <= skipped; ++i) {
    NetlinkAnswer answer = i < skipped ? NetlinkAnswer{ENOBUFS, "the kernel lost the answer"} : ParseAck(message);
    out.push_back({std::move(in_flight_.front().request), std::move(answer)});
    in_flight_.pop_front();
  }
}

void RequestPipe::FailInFlight(std::vector<Answered>& out) {
  for (InFlight& entry : in_flight_) {
    out.push_back({std::move(entry.request), {ENOBUFS, "the kernel lost the answer"}});
  }
  in_flight_.clear();
}

}  // namespace dpvrrp
