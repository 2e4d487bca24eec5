// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/clear_marks.h"

#include <poll.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernel/netlink_host.h"

namespace dpvrrp {
namespace {

using Clock = std::chrono::steady_clock;

// If a device or address does not exist any more, it counts as removed.
void Note(const absl::Status& status, std::string name, std::vector<std::string>& removed, ClearedMarks& cleared) {
  if (status.ok()) removed.push_back(std::move(name));
  if (!absl::IsNotFound(status)) cleared.status.Update(status);
}

void ClearDevices(NetlinkHost& host, ClearedMarks& cleared) {
  const absl::StatusOr<std::vector<std::string>> devices = host.ListVirtualMacDevices();
  cleared.status.Update(devices.status());
  if (!devices.ok()) return;
  for (const std::string& device : *devices) {
    Note(host.RemoveVirtualMacDevice(device), device, cleared.devices, cleared);
  }
}

// Sends the requests, whose ids are their places, and notes each answer under the name of its place.
void Execute(NetlinkHost& host, const std::vector<HostRequest>& requests, const std::vector<std::string>& names,
             Clock::time_point give_up_at, std::vector<std::string>& removed, ClearedMarks& cleared) {
  host.Send(requests);
  for (size_t answered = 0; answered < requests.size();) {
    std::vector<HostReply> replies;
    host.ReceiveReplies(replies);
    answered += replies.size();
    for (const HostReply& reply : replies) Note(reply.status, names[reply.id], removed, cleared);
    if (answered < requests.size() && Clock::now() >= give_up_at) {
      cleared.status.Update(absl::DeadlineExceededError("the kernel does not answer"));
      return;
    }
    pollfd readable{host.request_fd(), POLLIN, 0};
    if (replies.empty()) poll(&readable, 1, 10);
  }
}

void ClearAddresses(NetlinkHost& host, Clock::time_point give_up_at, ClearedMarks& cleared) {
  const absl::StatusOr<std::vector<HostAddress>> addresses = host.ListAddresses();
  cleared.status.Update(addresses.status());
  if (!addresses.ok()) return;
  std::vector<HostRequest> requests;
  std::vector<std::string> names;
  for (const HostAddress& address : *addresses) {
    if (!address.ours) continue;
    requests.push_back({requests.size(), HostOp::kRemoveAddress, address.device, address.prefix});
    names.push_back(absl::StrCat(ToString(address.prefix), " on ", address.device));
  }
  Execute(host, requests, names, give_up_at, cleared.addresses, cleared);
}

// Rules are listed first, so no rule refers to a table that is already empty.
void ClearRouting(NetlinkHost& host, Clock::time_point give_up_at, ClearedMarks& cleared) {
  const absl::StatusOr<std::vector<RoutingEntry>> entries = host.ListRouting();
  cleared.status.Update(entries.status());
  if (!entries.ok()) return;
  std::vector<HostRequest> requests;
  std::vector<std::string> names;
  for (const RoutingEntry& entry : *entries) {
    requests.push_back(RemovalOf(requests.size(), entry));
    names.push_back(ToString(entry));
  }
  Execute(host, requests, names, give_up_at, cleared.routing, cleared);
}

}  // namespace

ClearedMarks ClearMarks(Nanoseconds longest) {
  const Clock::time_point give_up_at = Clock::now() + longest;
  ClearedMarks cleared;
  const absl::StatusOr<std::unique_ptr<NetlinkHost>> host = NetlinkHost::Open();
  cleared.status = host.status();
  if (!host.ok()) return cleared;
  ClearAddresses(**host, give_up_at, cleared);  // first, because hosts would continue to use the addresses
  ClearRouting(**host, give_up_at, cleared);
  ClearDevices(**host, cleared);
  return cleared;
}

}  // namespace dpvrrp
