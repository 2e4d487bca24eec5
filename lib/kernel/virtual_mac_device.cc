// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/virtual_mac_device.h"

#include <linux/if.h>

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "kernel/sysctl.h"

namespace dpvrrp {
namespace {

// fe80::/10 (RFC 4291 2.5.6).
bool IsLinkLocalV6(const IpAddress& address) {
  return !address.is_v4() && address.bytes()[0] == 0xfe && (address.bytes()[1] & 0xc0) == 0x80;
}

// The settings of the header's table.
absl::Status SetDeviceSettings(const std::string& parent, const std::string& device) {
  struct Setting {
    const std::string& device;
    absl::string_view name;
    int at_least;
  };
  const std::array<Setting, 6> settings = {{
      {parent, "arp_ignore", 1},
      {parent, "arp_announce", 2},
      {device, "arp_ignore", 1},
      {device, "arp_announce", 2},
      {device, "rp_filter", 2},
      {device, "promote_secondaries", 1},
  }};
  for (const Setting& s : settings) {
    const absl::Status status = RaiseDeviceSysctl("ipv4", s.device, s.name, s.at_least);
    if (!status.ok()) return status;
  }
  absl::Status status = SetDeviceSysctl("ipv6", device, "addr_gen_mode", 1);
  if (status.ok()) status = SetDeviceSysctl("ipv6", device, "accept_ra", 0);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;  // a host without IPv6 is quiet by itself
}

absl::Status RemoveLink(NetlinkQuery& query, const HostLink& link) {
  MessageBuffer buffer;
  return ToStatus(query.Ask(*BuildRemoveLink(buffer, link.index)).answer, absl::StrCat("cannot remove ", link.device));
}

}  // namespace

absl::StatusOr<std::string> VirtualMacDeviceName(uint32_t parent, Vrid vrid) {
  std::string name = absl::StrCat("vrrp.", parent, ".", static_cast<int>(vrid.value()));
  if (name.size() < IFNAMSIZ) return name;
  return absl::InvalidArgumentError(
      absl::StrCat("a device name has at most ", IFNAMSIZ - 1, " characters, got '", name, "'"));
}

bool IsVirtualMacDeviceName(absl::string_view device) {
  if (!absl::ConsumePrefix(&device, "vrrp.")) return false;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(device, absl::MaxSplits('.', 1));
  uint32_t parent = 0, vrid = 0;
  return absl::SimpleAtoi(parts.first, &parent) && absl::SimpleAtoi(parts.second, &vrid) && vrid >= 1 && vrid <= 255 &&
         device == absl::StrCat(parent, ".", vrid);  // no sign, space or leading zero
}

ConnectedRoute ConnectedRouteOn(absl::string_view device, const IpAddress& address) {
  return IsVirtualMacDeviceName(device) && !IsLinkLocalV6(address) ? ConnectedRoute::kNone
                                                                   : ConnectedRoute::kKernelDecides;
}

absl::StatusOr<std::string> EnsureVirtualMacDevice(NetlinkQuery& query, const LinkInfo& parent, Vrid vrid,
                                                   const MacAddress& mac) {
  const absl::StatusOr<std::string> name = VirtualMacDeviceName(parent.link.index, vrid);
  if (!name.ok()) return name;

  const absl::StatusOr<LinkInfo> present = GetLink(query, *name);
  if (!present.ok() && !absl::IsNotFound(present.status())) return present.status();
  const bool reuse =
      present.ok() && present->bridge_macvlan && present->parent == parent.link.index && present->link.mac == mac;
  if (present.ok() && !reuse) {
    const absl::Status status = RemoveLink(query, present->link);
    if (!status.ok()) return status;
  }
  if (!reuse) {
    MessageBuffer buffer;
    const absl::Status status =
        ToStatus(query.Ask(*BuildAddMacvlan(buffer, parent.link.index, *name, mac)).answer,
                 absl::StrCat("cannot make ", *name, " with ", ToString(mac), " over ", parent.link.device));
    if (!status.ok()) return status;
  }
  // On a reused one too: the former run may have died before it came to this.
  const absl::Status status = SetDeviceSettings(parent.link.device, *name);
  if (!status.ok()) return status;
  return name;
}

absl::Status RemoveVirtualMacDevice(NetlinkQuery& query, const LinkInfo& device) {
  if (IsVirtualMacDevice(device)) return RemoveLink(query, device.link);
  return absl::FailedPreconditionError(
      absl::StrCat(device.link.device, " is not a macvlan vrrp.<ifindex>.<vrid> with a virtual MAC, and stays"));
}

bool IsVirtualMacDevice(const LinkInfo& link) {
  constexpr std::array<uint8_t, 5> kVirtualMacStart = {0x00, 0x00, 0x5e, 0x00, 0x01};
  return link.bridge_macvlan && IsVirtualMacDeviceName(link.link.device) &&
         std::equal(kVirtualMacStart.begin(), kVirtualMacStart.end(), link.link.mac.bytes.begin());
}

absl::StatusOr<LinkInfo> GetLink(NetlinkQuery& query, const std::string& device) {
  MessageBuffer buffer;
  const NetlinkQuery::Result result = query.Ask(*BuildGetLink(buffer, query.FindIndex(device)));
  if (!result.answer.ok()) return ToStatus(result.answer, absl::StrCat("cannot find device '", device, "'"));
  std::optional<LinkInfo> info;
  ForEachMessage(result.messages, [&](const nlmsghdr& message) { info = ParseLink(message); });
  if (!info) return absl::InternalError(absl::StrCat("the kernel says nothing about device '", device, "'"));
  return *info;
}

absl::StatusOr<std::vector<LinkInfo>> ListLinks(NetlinkQuery& query) {
  MessageBuffer buffer;
  const NetlinkQuery::Result result = query.Ask(*BuildListLinks(buffer));
  if (!result.answer.ok()) return ToStatus(result.answer, "cannot list links");
  std::vector<LinkInfo> links;
  ForEachMessage(result.messages, [&](const nlmsghdr& message) {
    if (std::optional<LinkInfo> info = ParseLink(message)) links.push_back(*std::move(info));
  });
  return links;
}

}  // namespace dpvrrp
