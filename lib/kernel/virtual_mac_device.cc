// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/virtual_mac_device.h"

#include <linux/if.h>

#include <array>
#include <span>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "kernel/sysctl.h"

namespace dpvrrp {
namespace {

absl::string_view PrefixOf(Family family) { return family == Family::kIpv4 ? "vrrp." : "vrrp6."; }

// The settings of the table in the header.
absl::Status SetDeviceSettings(const std::string& parent, const std::string& device, Family family) {
  struct Setting {
    const std::string& device;
    absl::string_view name;
    int value;
  };
  const std::array<Setting, 6> ipv4 = {{
      {parent, "arp_ignore", 1},
      {parent, "arp_announce", 2},
      {device, "arp_ignore", 1},
      {device, "arp_announce", 2},
      {device, "rp_filter", 2},
      {device, "promote_secondaries", 1},
  }};
  for (const Setting& s : std::span(ipv4).subspan(family == Family::kIpv4 ? 0 : 2)) {
    DPVRRP_RETURN_IF_ERROR(RaiseDeviceSysctl("ipv4", s.device, s.name, s.value));
  }
  const std::array<Setting, 4> ipv6 = {
      {{device, "addr_gen_mode", 1}, {device, "accept_ra", 0}, {device, "accept_dad", 0}, {device, "disable_ipv6", 0}}};
  for (const Setting& s : std::span(ipv6).first(family == Family::kIpv6 ? 4 : 3)) {
    const absl::Status status = SetDeviceSysctl("ipv6", s.device, s.name, s.value);
    if (absl::IsNotFound(status) && family == Family::kIpv4) break;  // a host without IPv6 sends none
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RemoveLink(NetlinkQuery& query, const HostLink& link) {
  MessageBuffer buffer;
  return ToStatus(query.Ask(*BuildRemoveLink(buffer, link.index)).answer, absl::StrCat("cannot remove ", link.device));
}

}  // namespace

absl::StatusOr<std::string> VirtualMacDeviceName(uint32_t parent, Family family, Vrid vrid) {
  std::string name = absl::StrCat(PrefixOf(family), parent, ".", static_cast<int>(vrid.value()));
  if (name.size() < IFNAMSIZ) return name;
  return absl::InvalidArgumentError(
      absl::StrCat("a device name has at most ", IFNAMSIZ - 1, " characters, got '", name, "'"));
}

std::optional<MacAddress> MacOfVirtualMacDevice(absl::string_view device) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    absl::string_view rest = device;
    if (!absl::ConsumePrefix(&rest, PrefixOf(family))) continue;
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('.', 1));
    uint32_t parent = 0, vrid = 0;
    if (!absl::SimpleAtoi(parts.first, &parent) || !absl::SimpleAtoi(parts.second, &vrid)) return std::nullopt;
    if (vrid < 1 || vrid > 255 || rest != absl::StrCat(parent, ".", vrid))
      return std::nullopt;  // a sign or leading zeros
    return VirtualMac(family, Vrid(static_cast<uint8_t>(vrid)));
  }
  return std::nullopt;
}

AddressOptions OptionsOn(absl::string_view device, const IpAddress& address, bool may_be_source, bool brings_route) {
  const bool of_virtual_mac = MacOfVirtualMacDevice(device).has_value();
  AddressOptions options;
  options.brings_route = brings_route && (!of_virtual_mac || address.IsLinkLocalV6());
  options.is_deprecated = !may_be_source;
  options.is_link_scoped = of_virtual_mac && !may_be_source;
  return options;
}

absl::StatusOr<std::string> EnsureVirtualMacDevice(NetlinkQuery& query, const LinkInfo& parent, Family family,
                                                   Vrid vrid) {
  const absl::StatusOr<std::string> name = VirtualMacDeviceName(parent.link.index, family, vrid);
  if (!name.ok()) return name;
  const MacAddress mac = VirtualMac(family, vrid);

  const absl::StatusOr<LinkInfo> present = GetLink(query, *name);
  if (!present.ok() && !absl::IsNotFound(present.status())) return present.status();
  const bool reuse =
      present.ok() && present->bridge_macvlan && present->parent == parent.link.index && present->link.mac == mac;
  if (present.ok() && !reuse) {
    DPVRRP_RETURN_IF_ERROR(RemoveLink(query, present->link));
  }
  if (!reuse) {
    MessageBuffer buffer;
    DPVRRP_RETURN_IF_ERROR(
        ToStatus(query.Ask(*BuildAddMacvlan(buffer, parent.link.index, *name, mac)).answer,
                 absl::StrCat("cannot make ", *name, " with ", ToString(mac), " over ", parent.link.device)));
  }
  // Also on an existing device: the former run may have died before it set them.
  DPVRRP_RETURN_IF_ERROR(SetDeviceSettings(parent.link.device, *name, family));
  return name;
}

absl::Status RemoveVirtualMacDevice(NetlinkQuery& query, const LinkInfo& device) {
  if (IsVirtualMacDevice(device)) return RemoveLink(query, device.link);
  return absl::FailedPreconditionError(absl::StrCat(
      device.link.device, " is not a macvlan vrrp[6].<ifindex>.<vrid> with that virtual MAC, and is not removed"));
}

bool IsVirtualMacDevice(const LinkInfo& link) {
  return link.bridge_macvlan && MacOfVirtualMacDevice(link.link.device) == link.link.mac;
}

absl::StatusOr<LinkInfo> GetLink(NetlinkQuery& query, const std::string& device) {
  MessageBuffer buffer;
  const NetlinkQuery::Result result = query.Ask(*BuildGetLink(buffer, query.FindIndex(device)));
  if (!result.answer.ok()) return ToStatus(result.answer, absl::StrCat("cannot find device '", device, "'"));
  std::optional<LinkInfo> info;
  ForEachMessage(result.messages, [&](const nlmsghdr& message) { info = ParseLink(message); });
  if (!info) return absl::InternalError(absl::StrCat("the kernel reports nothing about device '", device, "'"));
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
