// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/netlink_host.h"

#include <linux/rtnetlink.h>

#include <cerrno>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/address_message.h"
#include "kernel/link_message.h"
#include "kernel/link_table.h"
#include "kernel/netlink_query.h"
#include "kernel/netlink_socket.h"
#include "kernel/request_pipe.h"
#include "kernel/sysctl.h"
#include "kernel/virtual_mac_device.h"

namespace dpvrrp {
namespace {

constexpr int kEventReceiveBytes = 1 << 23;  // some ten thousand notifications
constexpr int kMaxDatagramsPerTurn = 4096;   // the rest keeps event_fd() readable

std::string Describe(const HostRequest& request) {
  switch (request.op) {
    case HostOp::kAddAddress:
      return absl::StrCat("cannot add ", ToString(request.prefix), " to ", request.device);
    case HostOp::kRemoveAddress:
      return absl::StrCat("cannot remove ", ToString(request.prefix), " from ", request.device);
    case HostOp::kSetLinkUp:
      return absl::StrCat("cannot set ", request.device, " up");
    case HostOp::kSetLinkDown:
      break;
  }
  return absl::StrCat("cannot set ", request.device, " down");
}

bool AddedTwice(const RequestPipe::Answered& a) {
  return a.request.op == HostOp::kAddAddress && a.answer.error == EEXIST;
}

}  // namespace

struct NetlinkHost::Parts {
  RequestPipe requests;
  NetlinkSocket events;
  NetlinkQuery query;
  LinkTable links;

  void TakeEvent(const nlmsghdr& message, std::vector<HostEvent>& out);
  void Overrun(std::vector<HostEvent>& out);
  void ForgiveOurOwn(std::vector<RequestPipe::Answered>& answered);
  absl::StatusOr<std::vector<HostAddress>> ListAddresses();
};

static_assert(NetlinkHost::kMaxInFlight == RequestPipe::kMaxInFlight);

NetlinkHost::NetlinkHost(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
NetlinkHost::~NetlinkHost() = default;

absl::StatusOr<std::unique_ptr<NetlinkHost>> NetlinkHost::Open() {
  absl::StatusOr<NetlinkSocket> requests = NetlinkSocket::Open({}, RequestPipe::kReceiveBytes);
  if (!requests.ok()) return requests.status();
  // Before the links are listed, so that no change falls between.
  absl::StatusOr<NetlinkSocket> events =
      NetlinkSocket::Open({RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR}, kEventReceiveBytes);
  if (!events.ok()) return events.status();
  absl::StatusOr<NetlinkQuery> query = NetlinkQuery::Open();
  if (!query.ok()) return query.status();

  const absl::StatusOr<std::vector<LinkInfo>> links = ListLinks(*query);
  if (!links.ok()) return links.status();
  auto parts = std::unique_ptr<Parts>(
      new Parts{RequestPipe(*std::move(requests)), *std::move(events), *std::move(query), LinkTable()});
  std::vector<HostEvent> not_news;
  parts->links.Replace(*links, not_news);
  return std::unique_ptr<NetlinkHost>(new NetlinkHost(std::move(parts)));
}

int NetlinkHost::request_fd() const { return parts_->requests.fd(); }
int NetlinkHost::event_fd() const { return parts_->events.fd(); }

void NetlinkHost::Send(std::span<const HostRequest> requests) { parts_->requests.Send(requests); }

void NetlinkHost::ReceiveReplies(std::vector<HostReply>& out) {
  std::vector<RequestPipe::Answered> answered;
  parts_->requests.Receive(answered);
  parts_->ForgiveOurOwn(answered);
  for (const RequestPipe::Answered& a : answered) {
    out.push_back({a.request.id, a.answer.ok() ? absl::OkStatus() : ToStatus(a.answer, Describe(a.request))});
  }
}

// An address with our mark is what the request wanted: a former run added it, or we did and the ack was lost. One look
// at all addresses answers for the whole burst.
void NetlinkHost::Parts::ForgiveOurOwn(std::vector<RequestPipe::Answered>& answered) {
  bool any = false;
  for (const RequestPipe::Answered& a : answered) any = any || AddedTwice(a);
  if (!any) return;

  std::set<std::pair<std::string, IpPrefix>> ours;
  const absl::StatusOr<std::vector<HostAddress>> addresses = ListAddresses();
  if (addresses.ok()) {
    for (const HostAddress& address : *addresses) {
      if (address.ours) ours.emplace(address.device, address.prefix);
    }
  }
  for (RequestPipe::Answered& a : answered) {
    if (!AddedTwice(a)) continue;
    if (!addresses.ok()) {
      a.answer = {EAGAIN, "it is there already, and whose it is cannot be seen now"};
    } else if (ours.contains({a.request.device, a.request.prefix})) {
      a.answer = {};
    }
  }
}

void NetlinkHost::ReceiveEvents(std::vector<HostEvent>& out) {
  for (int i = 0; i < kMaxDatagramsPerTurn; ++i) {
    const NetlinkSocket::Datagram datagram = parts_->events.Receive();
    if (datagram.error == ENOBUFS) return parts_->Overrun(out);
    if (datagram.error != 0) return;
    ForEachMessage(datagram.messages, [&](const nlmsghdr& message) { parts_->TakeEvent(message, out); });
  }
}

void NetlinkHost::Parts::TakeEvent(const nlmsghdr& message, std::vector<HostEvent>& out) {
  const uint16_t type = message.nlmsg_type;
  if (type == RTM_NEWLINK || type == RTM_DELLINK) {
    const std::optional<LinkInfo> info = ParseLink(message);
    if (!info) return;
    type == RTM_NEWLINK ? links.Set(*info, out) : links.Remove(info->link.index, out);
  } else if (type == RTM_NEWADDR || type == RTM_DELADDR) {
    const std::optional<AddressInfo> info = ParseAddress(message);
    if (!info) return;
    std::string device = links.FindName(info->ifindex);
    if (device.empty()) return;  // the device has gone in the meantime, and its addresses with it
    out.push_back({type == RTM_NEWADDR ? HostEvent::Kind::kAddressAdded : HostEvent::Kind::kAddressRemoved,
                   std::move(device), info->prefix});
  }
}

// What is still queued is older than the state that we are about to look at, and would bring back the past; what comes
// after the look is newer, or repeats it.
void NetlinkHost::Parts::Overrun(std::vector<HostEvent>& out) {
  out.push_back({HostEvent::Kind::kOverrun, "", {}});
  for (int error = 0; error == 0 || error == ENOBUFS;) error = events.Receive().error;
  const absl::StatusOr<std::vector<LinkInfo>> all = ListLinks(query);
  if (all.ok()) links.Replace(*all, out);
}

absl::StatusOr<std::vector<HostAddress>> NetlinkHost::ListAddresses() { return parts_->ListAddresses(); }

absl::StatusOr<std::vector<HostAddress>> NetlinkHost::Parts::ListAddresses() {
  MessageBuffer buffer;
  const NetlinkQuery::Result result = query.Ask(*BuildListAddresses(buffer));
  if (!result.answer.ok()) return ToStatus(result.answer, "cannot list addresses");
  std::vector<HostAddress> addresses;
  uint32_t ifindex = 0;
  std::string device;
  ForEachMessage(result.messages, [&](const nlmsghdr& message) {
    const std::optional<AddressInfo> info = ParseAddress(message);
    if (!info) return;
    if (info->ifindex != ifindex) {  // a device's addresses come together
      ifindex = info->ifindex;
      device = query.FindName(ifindex);
    }
    if (!device.empty()) addresses.push_back({device, info->prefix, info->ours});
  });
  return addresses;
}

absl::StatusOr<HostLink> NetlinkHost::FindLink(const std::string& device) {
  absl::StatusOr<LinkInfo> info = GetLink(parts_->query, device);
  if (!info.ok()) return info.status();
  return info->link;
}

absl::Status NetlinkHost::PrepareDevice(const std::string& device) {
  const absl::StatusOr<LinkInfo> info = GetLink(parts_->query, device);
  if (!info.ok()) return info.status();
  return RaiseDeviceSysctl("ipv4", info->link.device, "promote_secondaries", 1);
}

absl::StatusOr<std::string> NetlinkHost::EnsureVirtualMacDevice(const std::string& parent, Family family, Vrid vrid) {
  const absl::StatusOr<LinkInfo> info = GetLink(parts_->query, parent);
  if (!info.ok()) return info.status();
  return dpvrrp::EnsureVirtualMacDevice(parts_->query, *info, family, vrid);
}

absl::Status NetlinkHost::RemoveVirtualMacDevice(const std::string& device) {
  const absl::StatusOr<LinkInfo> info = GetLink(parts_->query, device);
  if (!info.ok()) return info.status();
  return dpvrrp::RemoveVirtualMacDevice(parts_->query, *info);
}

absl::StatusOr<std::vector<std::string>> NetlinkHost::ListVirtualMacDevices() {
  const absl::StatusOr<std::vector<LinkInfo>> links = ListLinks(parts_->query);
  if (!links.ok()) return links.status();
  std::vector<std::string> devices;
  for (const LinkInfo& info : *links) {
    if (IsVirtualMacDevice(info)) devices.push_back(info.link.device);
  }
  return devices;
}

}  // namespace dpvrrp
