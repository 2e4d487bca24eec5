// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>

#include "base/check.h"
#include "base/types.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

inline constexpr size_t kMaxPorts = 32;  // DPDK's default RTE_MAX_ETHPORTS; a higher port id is refused at start-up

// A LAN segment: the virtual routers of one port and VLAN stack, found by VRID. Null: not configured here.
struct Segment {
  std::array<VirtualRouter*, 256> ipv4{};
};

// The segments of a shard. Today a port has one, untagged; frames with a tag belong to none.
//
// Thread: owning lcore.
class SegmentTable {
 public:
  Segment* Find(PortId port, const VlanStack& vlan) {
    if (port.value() >= kMaxPorts || vlan != VlanStack{}) return nullptr;
    return &untagged_[port.value()];
  }
  // Where the virtual router of this VRID is kept. Requires a known segment.
  VirtualRouter*& Place(PortId port, const VlanStack& vlan, Vrid vrid) {
    Segment* segment = Find(port, vlan);
    DPVRRP_CHECK(segment != nullptr);
    return segment->ipv4[vrid.value()];
  }

  bool IsUp(PortId port) const { return !down_[port.value()]; }
  void SetUp(PortId port, bool up) { down_[port.value()] = !up; }
  template <typename Visit>
  void ForEach(PortId port, Visit visit) {
    for (VirtualRouter* router : untagged_[port.value()].ipv4) {
      if (router != nullptr) visit(*router);
    }
  }

 private:
  std::array<Segment, kMaxPorts> untagged_{};
  std::array<bool, kMaxPorts> down_{};
};

}  // namespace dpvrrp
