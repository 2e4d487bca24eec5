// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

#include "base/limits.h"
#include "base/types.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

inline constexpr size_t kMaxPorts = 32;  // DPDK's default RTE_MAX_ETHPORTS; a higher port id is refused at start-up

// A LAN segment: the virtual routers of one port and VLAN stack, found by family and VRID. Null: not configured here.
struct Segment {
  PortId port;
  VlanStack vlan;
  uint32_t routers;
  uint32_t elsewhere;  // of them, those whose adverts do not come to VRRP's own group
  std::array<VirtualRouter*, 256> ipv4;
  std::array<VirtualRouter*, 256> ipv6;

  VirtualRouter*& PlaceOf(Family family, Vrid vrid) { return (family == Family::kIpv4 ? ipv4 : ipv6)[vrid.value()]; }
};

// The segments of a shard. A port's untagged one is always there, the others as long as they have a virtual router.
//
// Found by hashing port and tags: one multiplication and, as the table is at most half full, nearly always one probe.
// All memory is allocated by the constructor and, but for the table, touched only once a segment is used.
//
// Thread: owning lcore; the constructor: any.
class SegmentTable {
 public:
  SegmentTable();

  // Null: nothing is configured there. `port` may be any number.
  Segment* Find(PortId port, const VlanStack& vlan) const {
    if (port.value() >= kMaxPorts) return nullptr;
    const Key key = KeyOf(port, vlan);
    for (size_t i = HomeOf(key);; i = Next(i)) {
      const Entry& entry = entries_[i];
      if (entry.key == key) return &At(entry.segment);
      if (entry.key == kFree) return nullptr;
    }
  }

  // Requires a port below kMaxPorts, a free place, and at most kMaxSegments segments, which configuration sees to.
  void Insert(VirtualRouter& router);
  void Remove(VirtualRouter& router);  // must be inside
  // Finds it by another VRID too, which must be free; null frees the VRID again.
  void SetNext(const VirtualRouter& router, Vrid vrid, VirtualRouter* found);

  bool IsUp(PortId port) const { return !down_[port.value()]; }
  void SetUp(PortId port, bool up) { down_[port.value()] = !up; }
  template <typename Visit>
  void ForEach(PortId port, Visit visit) {
    for (size_t i = 0; i < used_; ++i) {
      Segment& segment = At(i);
      if (segment.port != port || segment.routers == 0) continue;
      for (const auto* family : {&segment.ipv4, &segment.ipv6}) {
        for (size_t vrid = 0; vrid < family->size(); ++vrid) {
          VirtualRouter* router = (*family)[vrid];
          if (router != nullptr && router->config.vrid.value() == vrid) visit(*router);
        }
      }
    }
  }

 private:
  using Key = uint32_t;
  static constexpr Key kFree = 0;
  struct Entry {
    Key key;
    uint32_t segment;
  };
  static constexpr size_t kEntries = 4 * kMaxSegments;
  static constexpr size_t kSegments = kMaxSegments + kMaxPorts;  // the untagged ones beside
  static_assert(std::is_trivially_destructible_v<Segment>);
  static_assert((kEntries & (kEntries - 1)) == 0 && kSegments * 2 <= kEntries);

  static Key KeyOf(PortId port, const VlanStack& vlan) {
    static_assert(kMaxPorts <= 64);
    return Key{1} << 31 | Key{port.value()} << 24 | Key{vlan.outer} << 12 | vlan.inner;
  }
  // Multiplicative hashing (Knuth 6.4): the high bits of the product with 2^32 / golden ratio.
  static size_t HomeOf(Key key) { return (key * 0x9e3779b1u) >> (32 - std::bit_width(kEntries - 1)); }
  static size_t Next(size_t entry) { return (entry + 1) & (kEntries - 1); }

  // Bytes, and not a Segment that initialises itself: 16,416 of those are 67 MB of memory that a shard would have for
  // nothing.
  struct Room {
    alignas(Segment) std::array<std::byte, sizeof(Segment)> bytes;
  };
  Segment& At(size_t i) const { return *std::launder(reinterpret_cast<Segment*>(rooms_[i].bytes.data())); }

  Segment& FindOrMake(PortId port, const VlanStack& vlan);
  void Erase(Segment& segment);

  std::unique_ptr<Entry[]> entries_;
  std::unique_ptr<Room[]> rooms_;       // a Segment in each of the first used_
  std::unique_ptr<uint32_t[]> unused_;  // a stack of segments that were used and are free again
  size_t unused_count_ = 0;
  size_t used_ = 0;  // rooms_ from here on have never been used
  std::array<bool, kMaxPorts> down_{};
};

}  // namespace dpvrrp
