// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/filters.h"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "wire/igmp.h"
#include "wire/ipv6.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

template <typename Users>
void CountIn(Users& users, const typename Users::key_type& key, int by, bool& changed) {
  int& n = users[key];
  changed |= n == 0 || n + by <= 0;
  n += by;
  if (n <= 0) users.erase(key);
}

}  // namespace

// If a filter fails with -ENOTSUP, the next one is tried. Drivers report other errors too for a filter that they cannot
// set (net_virtio: EPERM; a full list: ENOSPC), so any error counts.
absl::StatusOr<MulticastFilter> ReceiveGroups(DpdkPort id, absl::string_view device, std::span<const MacAddress> groups,
                                              bool all) {
  const uint16_t port = id.value();
  std::vector<rte_ether_addr> list(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    std::copy(groups[i].bytes.begin(), groups[i].bytes.end(), list[i].addr_bytes);
  }
  if (!all && rte_eth_dev_set_mc_addr_list(port, list.data(), static_cast<uint32_t>(list.size())) == 0) {
    if (rte_eth_allmulticast_get(port) != 1 || rte_eth_allmulticast_disable(port) == 0) return MulticastFilter::kExact;
    return MulticastFilter::kAllMulticast;
  }
  if (rte_eth_allmulticast_enable(port) == 0) return MulticastFilter::kAllMulticast;
  const int error = rte_eth_promiscuous_enable(port);
  if (error == 0) return MulticastFilter::kPromiscuous;
  // A NIC with a filter can disable it. A driver without even that call is a software device that delivers all frames.
  if (error == -ENOTSUP) return MulticastFilter::kNone;
  return absl::InternalError(absl::StrCat(
      "device '", device, "': cannot receive ", groups.size(),
      " groups, 224.0.0.18 first (tried multicast list, all-multicast, promiscuous): ", rte_strerror(-error)));
}

std::vector<MacAddress> WantedFrames::groups() const {
  std::vector<MacAddress> out = {kVrrpGroupMacV4};
  for (const auto& [mac, users] : groups_) {
    if (mac != kVrrpGroupMacV4) out.push_back(mac);
  }
  return out;
}

std::vector<MacAddress> WantedFrames::virtual_macs() const {
  std::vector<MacAddress> out;
  for (const auto& [mac, users] : virtual_macs_) out.push_back(mac);
  return out;
}

std::vector<IpAddress> WantedFrames::kernel_groups() const {
  std::vector<IpAddress> out;
  for (const auto& [group, users] : kernel_groups_) out.push_back(group);
  return out;
}

void WantedFrames::Remove(const VirtualRouter& router) {
  Count(router.config, -1);
  RemoveMac(router.next_mac);
  RemoveMac(router.former_mac);
}

void WantedFrames::CountMac(const MacAddress& mac, int by) {
  if (mac != MacAddress{}) CountIn(virtual_macs_, mac, by, macs_changed_);
}

void WantedFrames::Count(const VirtualRouterConfig& c, int by) {
  if (c.source_mac == VirtualMac(c.family(), c.vrid)) CountMac(c.source_mac, by);
  CountGroups(c, by);
  CountTraffic(c, by);
  const bool reports = c.responder || c.reports_group;
  if (reports || !c.unicast_peers.empty()) return;
  int& users = kernel_groups_[c.group];
  users += by;
  if (users <= 0) kernel_groups_.erase(c.group);
}

void WantedFrames::CountGroups(const VirtualRouterConfig& c, int by) {
  const auto group = [&](const IpAddress& address) { CountIn(groups_, MulticastMac(address), by, groups_changed_); };

  const bool unicast = !c.unicast_peers.empty();
  const bool reports = c.responder || (c.reports_group && !unicast);
  if (!unicast) group(c.group);
  if (c.family() == Family::kIpv4) {
    if (reports && !unicast) group(kAllSystems);
    return;
  }
  // A unicast instance asks for its peers' addresses and answers for its own, on its own port or on one shared with a
  // kernel.
  if (c.responder || unicast) group(SolicitedNodeGroup(c.machine.source));
  if (reports) group(kAllNodes);
  if (!c.responder) return;
  for (const IpAddress& address : c.addresses) group(SolicitedNodeGroup(address));
}

void WantedFrames::CountTraffic(const VirtualRouterConfig& c, int by) {
  FamilyUsers& users = c.family() == Family::kIpv4 ? traffic_v4_ : traffic_v6_;
  const auto count = [&](WordUsers& words, const IpAddress& address) {
    CountIn(words, FilterWord(address), by, selection_changed_);
  };
  const bool unicast = !c.unicast_peers.empty();
  count(users.ah, unicast ? c.machine.source : c.group);
  if (!unicast) count(users.sources, c.machine.source);
  for (const IpAddress& address : c.addresses) {  // an excluded one may be of the other family
    FamilyUsers& of_address = address.is_v4() ? traffic_v4_ : traffic_v6_;
    count(of_address.hosts, address);
    if (c.responder) count(of_address.echo, address);
  }
  if (unicast && c.responder) count(users.hosts, c.machine.source);
  for (const UnicastPeer& peer : c.unicast_peers) count(users.hosts, peer.next_hop);
  if (!c.responder && !c.reports_group) return;
  selection_changed_ |= users.queries == 0 || users.queries + by <= 0;
  users.queries = std::max(users.queries + by, 0);
}

FamilySelection WantedFrames::SelectionOf(const FamilyUsers& users) {
  const auto words = [](const WordUsers& of) {
    std::vector<uint32_t> out;
    for (const auto& [word, n] : of) {
      out.push_back(word);
      if (out.size() > kMaxListed) return out;  // it selects the whole kind, whatever the others are
    }
    std::sort(out.begin(), out.end());  // so that the same addresses make the same program
    return out;
  };
  FamilySelection out{words(users.ah), words(users.hosts), words(users.echo), users.queries > 0};
  if (out.ah.size() + users.sources.size() >= kMaxListed) return out;  // 224.0.0.18 needs room too
  for (const uint32_t source : words(users.sources)) {
    if (!users.ah.contains(source)) out.ah.push_back(source);
  }
  return out;
}

TrafficSelection WantedFrames::selection() const {
  TrafficSelection out{SelectionOf(traffic_v4_), SelectionOf(traffic_v6_)};
  const uint32_t always = FilterWord(kVrrpGroupV4);
  if (!traffic_v4_.ah.contains(always)) out.v4.ah.insert(out.v4.ah.begin(), always);
  return out;
}

}  // namespace dpvrrp
