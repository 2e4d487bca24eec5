// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/segment.h"

#include "base/check.h"

namespace dpvrrp {

SegmentTable::SegmentTable()
    : entries_(std::make_unique<Entry[]>(kEntries)),
      rooms_(std::make_unique_for_overwrite<Room[]>(kSegments)),
      unused_(std::make_unique_for_overwrite<uint32_t[]>(kSegments)) {
  for (size_t port = 0; port < kMaxPorts; ++port) FindOrMake(PortId(static_cast<uint16_t>(port)), VlanStack{});
}

void SegmentTable::Insert(VirtualRouter& router) {
  DPVRRP_CHECK(router.config.port.value() < kMaxPorts);
  Segment& segment = FindOrMake(router.config.port, router.config.vlan);
  VirtualRouter*& place = segment.PlaceOf(router.config.family(), router.config.vrid);
  DPVRRP_CHECK(place == nullptr);  // configuration refuses the same VRID twice on a segment
  place = &router;
  ++segment.routers;
  if (!router.config.UsesVrrpGroup()) ++segment.elsewhere;
}

void SegmentTable::Remove(VirtualRouter& router) {
  Segment* segment = Find(router.config.port, router.config.vlan);
  DPVRRP_CHECK(segment != nullptr);
  VirtualRouter*& place = segment->PlaceOf(router.config.family(), router.config.vrid);
  DPVRRP_CHECK(place == &router);
  place = nullptr;
  if (!router.config.UsesVrrpGroup()) --segment->elsewhere;
  if (--segment->routers == 0 && segment->vlan != VlanStack{}) Erase(*segment);
}

void SegmentTable::SetNext(const VirtualRouter& router, Vrid vrid, VirtualRouter* found) {
  Segment* segment = Find(router.config.port, router.config.vlan);
  DPVRRP_CHECK(segment != nullptr);
  VirtualRouter*& place = segment->PlaceOf(router.config.family(), vrid);
  DPVRRP_CHECK((place == nullptr) == (found != nullptr));
  place = found;
}

Segment& SegmentTable::FindOrMake(PortId port, const VlanStack& vlan) {
  const Key key = KeyOf(port, vlan);
  size_t i = HomeOf(key);
  for (; entries_[i].key != kFree; i = Next(i)) {
    if (entries_[i].key == key) return At(entries_[i].segment);
  }
  DPVRRP_CHECK(unused_count_ > 0 || used_ < kSegments);
  const auto at = static_cast<uint32_t>(unused_count_ > 0 ? unused_[--unused_count_] : used_++);
  entries_[i] = {key, at};
  return *new (&rooms_[at]) Segment{.port = port, .vlan = vlan, .routers = 0, .elsewhere = 0, .ipv4 = {}, .ipv6 = {}};
}

// Linear probing without tombstones (Knuth 6.4, algorithm R): what stands behind the gap moves up, unless its home lies
// between the gap and it.
void SegmentTable::Erase(Segment& segment) {
  size_t gap = HomeOf(KeyOf(segment.port, segment.vlan));
  while (entries_[gap].key != KeyOf(segment.port, segment.vlan)) gap = Next(gap);
  unused_[unused_count_++] = entries_[gap].segment;
  for (size_t i = Next(gap); entries_[i].key != kFree; i = Next(i)) {
    const size_t from_home = (i - HomeOf(entries_[i].key)) & (kEntries - 1);
    const size_t from_gap = (i - gap) & (kEntries - 1);
    if (from_home < from_gap) continue;
    entries_[gap] = entries_[i];
    gap = i;
  }
  entries_[gap] = Entry{};
}

}  // namespace dpvrrp
