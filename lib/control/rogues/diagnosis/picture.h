// SPDX-License-Identifier: BSD-3-Clause
//
// What the judges read: senders and our instances, found by place. A place is a segment (port and VLAN tags), an
// address family and a VRID. Thousands of instances meet thousands of senders here, so nothing searches all of either.
//
// Thread: any (values; the Observed must outlive it).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "control/rogues/diagnose.h"

namespace dpvrrp::diagnosis {

using Place = std::tuple<PortId, uint16_t, uint16_t, bool, Vrid>;  // port, outer tag, inner tag, IPv6, VRID
Place PlaceOf(const Speaker& speaker);
Place PlaceOf(const WatchedInstance& instance, Vrid vrid);

inline constexpr uint32_t kEnough = 2;  // frames that are seen before anything is said

// A sender at the place of an instance of ours.
struct Case {
  const Speaker& s;
  const WatchedInstance& instance;
  const std::vector<const Speaker*>& others;  // all senders of the place, this one among them
  Speaker::Window recent;

  const InstanceConfig& config() const { return *instance.config; }
};

class Picture {
 public:
  explicit Picture(const Observed& observed);

  const Observed& observed() const { return o_; }
  Instant now() const { return o_.now; }
  // Senders seen within kDiagnosedFor, by place.
  const std::map<Place, std::vector<const Speaker*>>& senders() const { return senders_; }
  const WatchedInstance* InstanceAt(const Place& place) const;  // null: none of ours
  // Our instances with this VRID and family, on any segment.
  const std::vector<const WatchedInstance*>& WithVrid(Vrid vrid, bool is_ipv6) const;
  // The instance of ours on the sender's segment whose addresses the sender advertises; null: none.
  const WatchedInstance* WithAddressesOf(const Speaker& speaker) const;
  const std::vector<const Speaker*>& SendersAt(const Place& place) const;

  // Whether the sender's adverts are accepted at present.
  bool IsHeard(const Speaker& speaker, const WatchedInstance& instance) const;
  static Nanoseconds HeardWithin(const Speaker& speaker, const WatchedInstance& instance);
  // Whether the source address of `speaker` is accepted at the instance's place at present, from any MAC.
  bool IsSourceHeard(const Speaker& speaker, const WatchedInstance& instance) const;
  // Whether the sender still advertises as master, several adverts long, and these are accepted.
  bool GoesOn(const Speaker& speaker, const WatchedInstance& instance) const;

  // Whether a VRRP sender with this MAC was ever seen on the segment in this run.
  bool KnowsMac(PortId port, const VlanStack& vlan, const MacAddress& mac) const;

  std::string PortName(PortId port) const;
  std::string Segment(PortId port, const VlanStack& vlan) const;  // "lan VLAN 7"
  std::string Segment(const Speaker& speaker) const { return Segment(speaker.key.port, speaker.key.vlan); }
  std::string Segment(const WatchedInstance& instance) const;

 private:
  using SegmentKey = std::tuple<PortId, uint16_t, uint16_t, bool>;  // and the family
  static SegmentKey SegmentOf(const Place& place);

  const Observed& o_;
  std::map<Place, const WatchedInstance*> instances_;
  std::map<std::pair<Vrid, bool>, std::vector<const WatchedInstance*>> by_vrid_;
  std::map<SegmentKey, std::vector<const WatchedInstance*>> by_segment_;
  std::map<Place, std::vector<const Speaker*>> senders_;
  std::set<std::tuple<PortId, uint16_t, uint16_t, std::array<uint8_t, 6>>> macs_;
};

// Whether it advertises addresses, and none of ours is among those that were kept.
bool HasNoneOfOurs(const Speaker& speaker, const InstanceConfig& config);

}  // namespace dpvrrp::diagnosis
