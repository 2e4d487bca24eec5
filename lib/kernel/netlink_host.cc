// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/netlink_host.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kernel/address_message.h"
#include "kernel/announcement_socket.h"
#include "kernel/link_message.h"
#include "kernel/link_table.h"
#include "kernel/netlink_query.h"
#include "kernel/netlink_socket.h"
#include "kernel/request_pipe.h"
#include "kernel/route_message.h"
#include "kernel/sysctl.h"
#include "kernel/virtual_mac_device.h"

namespace dpvrrp {
namespace {

constexpr int kEventReceiveBytes = 1 << 23;  // about ten thousand notifications
constexpr int kMaxDatagramsPerTurn = 4096;   // event_fd() stays readable for the others

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
    case HostOp::kAnnounce:
      return absl::StrCat("cannot announce ", ToString(request.prefix), " on ", request.device);
    case HostOp::kAddRoute:
    case HostOp::kAddRule:
      return absl::StrCat("cannot add ", ToString(request.entry));
    case HostOp::kRemoveRoute:
    case HostOp::kRemoveRule:
      return absl::StrCat("cannot remove ", ToString(request.entry));
  }
  return absl::StrCat("cannot set ", request.device, " down");
}

bool IsAnnouncement(const HostRequest& request) { return request.op == HostOp::kAnnounce; }

bool AddsRouting(HostOp op) { return op == HostOp::kAddRoute || op == HostOp::kAddRule; }

bool AddedTwice(const RequestPipe::Answered& a) {
  return (a.request.op == HostOp::kAddAddress || AddsRouting(a.request.op)) && a.answer.error == EEXIST;
}

}  // namespace

struct NetlinkHost::Parts {
  RequestPipe requests;
  NetlinkSocket events;
  NetlinkQuery query;
  NetlinkQuery routing;  // for lists of routes and rules only, because it is strict
  LinkTable links;
  AnnouncementSocket announcements;
  std::vector<HostReply> announced;  // not fetched yet

  void Announce(const HostRequest& request);
  void TakeEvent(const nlmsghdr& message, std::vector<HostEvent>& out);
  void Overrun(std::vector<HostEvent>& out);
  void ForgiveOurOwn(std::vector<RequestPipe::Answered>& answered);
  void ForgiveOurOwnRouting(std::vector<RequestPipe::Answered>& answered);
  absl::StatusOr<std::vector<HostAddress>> ListAddresses();
};

static_assert(NetlinkHost::kMaxInFlight == RequestPipe::kMaxInFlight);

NetlinkHost::NetlinkHost(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
NetlinkHost::~NetlinkHost() = default;

absl::StatusOr<std::unique_ptr<NetlinkHost>> NetlinkHost::Open() {
  DPVRRP_ASSIGN_OR_RETURN(NetlinkSocket requests, NetlinkSocket::Open({}, RequestPipe::kReceiveBytes));
  // Opened before the links are listed, so that no change is missed.
  DPVRRP_ASSIGN_OR_RETURN(
      NetlinkSocket events,
      NetlinkSocket::Open({RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
                           RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE},
                          kEventReceiveBytes));
  DPVRRP_RETURN_IF_ERROR(events.IgnoreOtherRoutes(kRouteProto));
  DPVRRP_ASSIGN_OR_RETURN(NetlinkQuery query, NetlinkQuery::Open());
  DPVRRP_ASSIGN_OR_RETURN(NetlinkQuery routing, NetlinkQuery::Open());
  routing.ListStrictly();

  DPVRRP_ASSIGN_OR_RETURN(const std::vector<LinkInfo> links, ListLinks(query));
  auto parts = std::unique_ptr<Parts>(new Parts{RequestPipe(std::move(requests)),
                                                std::move(events),
                                                std::move(query),
                                                std::move(routing),
                                                LinkTable(),
                                                AnnouncementSocket::Open(),
                                                {}});
  std::vector<HostEvent> not_news;
  parts->links.Replace(links, not_news);
  return std::unique_ptr<NetlinkHost>(new NetlinkHost(std::move(parts)));
}

int NetlinkHost::request_fd() const { return parts_->requests.fd(); }
int NetlinkHost::event_fd() const { return parts_->events.fd(); }

void NetlinkHost::Send(std::span<const HostRequest> requests) {
  if (std::none_of(requests.begin(), requests.end(), IsAnnouncement)) return parts_->requests.Send(requests);
  std::vector<HostRequest> others;
  for (const HostRequest& request : requests) {
    IsAnnouncement(request) ? parts_->Announce(request) : others.push_back(request);
  }
  parts_->requests.Send(others);
}

void NetlinkHost::Parts::Announce(const HostRequest& request) {
  const NetlinkAnswer answer = announcements.Send(request.device, request.prefix.address);
  announced.push_back({request.id, answer.ok() ? absl::OkStatus() : ToStatus(answer, Describe(request))});
}

void NetlinkHost::ReceiveReplies(std::vector<HostReply>& out) {
  std::move(parts_->announced.begin(), parts_->announced.end(), std::back_inserter(out));
  parts_->announced.clear();
  std::vector<RequestPipe::Answered> answered;
  parts_->requests.Receive(answered);
  parts_->ForgiveOurOwn(answered);
  parts_->ForgiveOurOwnRouting(answered);
  for (const RequestPipe::Answered& a : answered) {
    out.push_back({a.request.id, a.answer.ok() ? absl::OkStatus() : ToStatus(a.answer, Describe(a.request))});
  }
}

// If the address has our mark, the request is already fulfilled: a former run added it, or we did and the ack was lost.
// One listing of all addresses answers for the whole burst.
void NetlinkHost::Parts::ForgiveOurOwn(std::vector<RequestPipe::Answered>& answered) {
  bool any = false;
  for (const RequestPipe::Answered& a : answered) any = any || (AddedTwice(a) && !AddsRouting(a.request.op));
  if (!any) return;

  std::set<std::pair<std::string, IpPrefix>> ours;
  const absl::StatusOr<std::vector<HostAddress>> addresses = ListAddresses();
  if (addresses.ok()) {
    for (const HostAddress& address : *addresses) {
      if (address.ours) ours.emplace(address.device, address.prefix);
    }
  }
  for (RequestPipe::Answered& a : answered) {
    if (!AddedTwice(a) || AddsRouting(a.request.op)) continue;
    if (!addresses.ok()) {
      a.answer = {EAGAIN, "it exists already, and the kernel cannot be asked now whose it is"};
    } else if (ours.contains({a.request.device, a.request.prefix})) {
      a.answer = {};
    }
  }
}

// The same for routes and rules.
void NetlinkHost::Parts::ForgiveOurOwnRouting(std::vector<RequestPipe::Answered>& answered) {
  const auto is_twice = [](const RequestPipe::Answered& a) { return AddsRouting(a.request.op) && AddedTwice(a); };
  if (std::ranges::none_of(answered, is_twice)) return;
  const absl::StatusOr<std::vector<RoutingEntry>> ours = dpvrrp::ListRouting(routing);
  for (RequestPipe::Answered& a : answered) {
    if (!is_twice(a)) continue;
    const auto fulfils = [&](const RoutingEntry& listed) { return Fulfils(listed, a.request.entry); };
    if (!ours.ok()) {
      a.answer = {EAGAIN, "it exists already, and the kernel cannot be asked now whose it is"};
    } else if (std::ranges::any_of(*ours, fulfils)) {
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
    if (device.empty()) return;  // the device was deleted meanwhile, and its addresses with it
    out.push_back({type == RTM_NEWADDR ? HostEvent::Kind::kAddressAdded : HostEvent::Kind::kAddressRemoved,
                   std::move(device), info->prefix, info->ours, info->is_secondary, info->dad_failed});
  } else if (type == RTM_DELROUTE || type == RTM_DELRULE) {
    if (ParseRouting(message, [](uint32_t) { return std::string(); })) {
      out.push_back({.kind = HostEvent::Kind::kRoutingRemoved, .device = ""});
    }
  }
}

// Notifications in the queue are older than the state that we are about to read, and would restore an old state, so
// they are discarded. Notifications after the reading are newer, or repeat it.
void NetlinkHost::Parts::Overrun(std::vector<HostEvent>& out) {
  out.push_back({HostEvent::Kind::kOverrun, "", {}});
  for (int error = 0; error == 0 || error == ENOBUFS;) error = events.Receive().error;
  const absl::StatusOr<std::vector<LinkInfo>> all = ListLinks(query);
  if (all.ok()) links.Replace(*all, out);
}

const KnownLink* NetlinkHost::FindKnownLink(absl::string_view device) const { return parts_->links.Find(device); }
bool NetlinkHost::TakeLinksChanged() { return parts_->links.TakeChanged(); }

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
    if (info->ifindex != ifindex) {  // the addresses of a device are listed together
      ifindex = info->ifindex;
      device = query.FindName(ifindex);
    }
    if (device.empty()) return;
    addresses.push_back({device, info->prefix, info->ours, info->is_secondary, info->dad_failed});
  });
  return addresses;
}

absl::StatusOr<std::vector<RoutingEntry>> NetlinkHost::ListRouting() { return dpvrrp::ListRouting(parts_->routing); }

absl::StatusOr<HostLink> NetlinkHost::FindLink(const std::string& device) {
  DPVRRP_ASSIGN_OR_RETURN(LinkInfo info, GetLink(parts_->query, device));
  return info.link;
}

absl::StatusOr<uint64_t> NetlinkHost::ReceivedFrames(const std::string& device) {
  DPVRRP_ASSIGN_OR_RETURN(const LinkInfo info, GetLink(parts_->query, device));
  return info.received_frames;
}

absl::StatusOr<uint64_t> NetlinkHost::UnsentFrames(const std::string& device) {
  DPVRRP_ASSIGN_OR_RETURN(const LinkInfo info, GetLink(parts_->query, device));
  return info.unsent_frames;
}

bool NetlinkHost::HasMac(const MacAddress& mac) {
  const absl::StatusOr<std::vector<LinkInfo>> links = ListLinks(parts_->query);
  return links.ok() &&
         std::any_of(links->begin(), links->end(), [&](const LinkInfo& info) { return info.link.mac == mac; });
}

absl::Status NetlinkHost::PrepareDevice(const std::string& device) {
  DPVRRP_ASSIGN_OR_RETURN(const LinkInfo info, GetLink(parts_->query, device));
  return RaiseDeviceSysctl("ipv4", info.link.device, "promote_secondaries", 1);
}

absl::StatusOr<std::string> NetlinkHost::EnsureVirtualMacDevice(const std::string& parent, Family family, Vrid vrid) {
  DPVRRP_ASSIGN_OR_RETURN(const LinkInfo info, GetLink(parts_->query, parent));
  return dpvrrp::EnsureVirtualMacDevice(parts_->query, info, family, vrid);
}

absl::Status NetlinkHost::RemoveVirtualMacDevice(const std::string& device) {
  DPVRRP_ASSIGN_OR_RETURN(const LinkInfo info, GetLink(parts_->query, device));
  return dpvrrp::RemoveVirtualMacDevice(parts_->query, info);
}

absl::StatusOr<std::vector<std::string>> NetlinkHost::ListVirtualMacDevices() {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<LinkInfo> links, ListLinks(parts_->query));
  std::vector<std::string> devices;
  for (const LinkInfo& info : links) {
    if (IsVirtualMacDevice(info)) devices.push_back(info.link.device);
  }
  return devices;
}

}  // namespace dpvrrp
