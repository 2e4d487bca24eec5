// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/diagnosis/picture.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dpvrrp::diagnosis {
namespace {

bool IsIpv6(const WatchedInstance& i) { return i.config->source_address.family() == Family::kIpv6; }

template <typename Map>
const typename Map::mapped_type& Find(const Map& map, const typename Map::key_type& key) {
  static const typename Map::mapped_type kNone;
  const auto it = map.find(key);
  return it == map.end() ? kNone : it->second;
}

}  // namespace

Place PlaceOf(const Speaker& s) { return {s.key.port, s.key.vlan.outer, s.key.vlan.inner, s.is_ipv6, s.key.vrid}; }
Place PlaceOf(const WatchedInstance& i, Vrid vrid) {
  return {i.port, i.config->vlan.outer, i.config->vlan.inner, IsIpv6(i), vrid};
}

Picture::SegmentKey Picture::SegmentOf(const Place& place) {
  const auto& [port, outer, inner, is_ipv6, vrid] = place;
  return {port, outer, inner, is_ipv6};
}

Picture::Picture(const Observed& observed) : o_(observed) {
  for (const WatchedInstance& instance : o_.instances) {
    const Vrid vrid = instance.config->vrid;
    instances_[PlaceOf(instance, vrid)] = &instance;
    if (instance.next_vrid != Vrid(0)) instances_[PlaceOf(instance, instance.next_vrid)] = &instance;
    by_vrid_[{vrid, IsIpv6(instance)}].push_back(&instance);
    by_segment_[SegmentOf(PlaceOf(instance, vrid))].push_back(&instance);
  }
  for (const Speaker& s : o_.speakers) {
    macs_.emplace(s.key.port, s.key.vlan.outer, s.key.vlan.inner, s.key.mac.bytes);
    if (o_.now - s.last_seen <= kDiagnosedFor) senders_[PlaceOf(s)].push_back(&s);
  }
}

const WatchedInstance* Picture::InstanceAt(const Place& place) const {
  const auto it = instances_.find(place);
  return it == instances_.end() ? nullptr : it->second;
}

const std::vector<const WatchedInstance*>& Picture::WithVrid(Vrid vrid, bool is_ipv6) const {
  return Find(by_vrid_, {vrid, is_ipv6});
}

const std::vector<const Speaker*>& Picture::SendersAt(const Place& place) const { return Find(senders_, place); }

const WatchedInstance* Picture::WithAddressesOf(const Speaker& s) const {
  if (s.address_count == 0) return nullptr;
  const SegmentKey segment = SegmentOf(PlaceOf(s));
  for (const WatchedInstance* instance : Find(by_segment_, segment)) {
    if (!HasNoneOfOurs(s, *instance->config)) return instance;
  }
  return nullptr;
}

Nanoseconds Picture::HeardWithin(const Speaker& s, const WatchedInstance& instance) {
  return 3 * std::max(s.interval, instance.config->advertisement_interval);
}

bool Picture::IsHeard(const Speaker& s, const WatchedInstance& instance) const {
  return s.recent().accepted > 0 && o_.now - s.recent().last_accepted <= HeardWithin(s, instance);
}

bool Picture::IsSourceHeard(const Speaker& s, const WatchedInstance& instance) const {
  const std::vector<const Speaker*>& there = SendersAt(PlaceOf(instance, instance.config->vrid));
  return std::any_of(there.begin(), there.end(), [&](const Speaker* other) {
    return other->key.source == s.key.source && IsHeard(*other, instance);
  });
}

bool Picture::GoesOn(const Speaker& s, const WatchedInstance& instance) const {
  const Nanoseconds interval = std::max(s.interval, instance.config->advertisement_interval);
  const Speaker::Window w = s.recent();
  return s.priority != kPriorityRelease && w.accepted >= 3 && o_.now - w.last_accepted <= 2 * interval;
}

bool Picture::KnowsMac(PortId port, const VlanStack& vlan, const MacAddress& mac) const {
  return macs_.contains({port, vlan.outer, vlan.inner, mac.bytes});
}

std::string Picture::PortName(PortId port) const {
  const auto name = o_.ports.find(port);
  return name == o_.ports.end() ? absl::StrCat("port ", port.value()) : name->second;
}

std::string Picture::Segment(PortId port, const VlanStack& vlan) const {
  return vlan == VlanStack{} ? PortName(port) : absl::StrCat(PortName(port), " VLAN ", ToString(vlan));
}
std::string Picture::Segment(const WatchedInstance& i) const { return Segment(i.port, i.config->vlan); }

bool HasNoneOfOurs(const Speaker& s, const InstanceConfig& c) {
  const size_t kept = std::min<size_t>(s.address_count, Speaker::kKeptAddresses);
  if (kept == 0) return false;
  return std::none_of(s.addresses.begin(), s.addresses.begin() + kept, [&](const IpAddress& a) {
    return std::any_of(c.virtual_addresses.begin(), c.virtual_addresses.end(),
                       [&](const VirtualAddress& ours) { return ours.prefix.address == a; });
  });
}

}  // namespace dpvrrp::diagnosis
