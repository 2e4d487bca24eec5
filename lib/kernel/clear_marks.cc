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

void ClearAddresses(NetlinkHost& host, Clock::time_point give_up_at, ClearedMarks& cleared) {
  const absl::StatusOr<std::vector<HostAddress>> addresses = host.ListAddresses();
  cleared.status.Update(addresses.status());
  if (!addresses.ok()) return;
  std::vector<HostRequest> requests;
  for (const HostAddress& address : *addresses) {
    if (address.ours) requests.push_back({requests.size(), HostOp::kRemoveAddress, address.device, address.prefix});
  }
  host.Send(requests);
  for (size_t answered = 0; answered < requests.size();) {
    std::vector<HostReply> replies;
    host.ReceiveReplies(replies);
    answered += replies.size();
    for (const HostReply& reply : replies) {
      const HostRequest& request = requests[reply.id];
      Note(reply.status, absl::StrCat(ToString(request.prefix), " on ", request.device), cleared.addresses, cleared);
    }
    if (answered < requests.size() && Clock::now() >= give_up_at) {
      cleared.status.Update(absl::DeadlineExceededError("the kernel does not answer"));
      return;
    }
    pollfd readable{host.request_fd(), POLLIN, 0};
    if (replies.empty()) poll(&readable, 1, 10);
  }
}

}  // namespace

ClearedMarks ClearMarks(Nanoseconds longest) {
  const Clock::time_point give_up_at = Clock::now() + longest;
  ClearedMarks cleared;
  const absl::StatusOr<std::unique_ptr<NetlinkHost>> host = NetlinkHost::Open();
  cleared.status = host.status();
  if (!host.ok()) return cleared;
  ClearAddresses(**host, give_up_at, cleared);  // first, because hosts would continue to use the addresses
  ClearDevices(**host, cleared);
  return cleared;
}

}  // namespace dpvrrp
