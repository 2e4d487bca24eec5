// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/steering.h"

#include <rte_byteorder.h>
#include <rte_flow.h>

#include <array>

namespace dpvrrp {
namespace {

// The pattern of one filter; rte_flow has pointers into it.
class SegmentFlow {
 public:
  // Not every driver matches the destination and the tags together.
  SegmentFlow(const VlanStack& vlan, uint16_t queue, bool match_group) {
    queue_.index = queue;
    actions_[0] = {RTE_FLOW_ACTION_TYPE_QUEUE, &queue_};
    actions_[1].type = RTE_FLOW_ACTION_TYPE_END;
    attributes_.ingress = 1;

    size_t items = 0;
    rte_flow_item& ethernet = pattern_[items++];
    ethernet.type = RTE_FLOW_ITEM_TYPE_ETH;
    if (match_group) {
      ethernet_.hdr.dst_addr = {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}};  // 224.0.0.18 (RFC 1112 6.4)
      ethernet_mask_.hdr.dst_addr = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
      ethernet.spec = &ethernet_;
      ethernet.mask = &ethernet_mask_;
    }
    tag_mask_.hdr.vlan_tci = rte_cpu_to_be_16(0x0fff);
    for (const uint16_t vid : {vlan.outer, vlan.inner}) {
      if (vid == 0) continue;
      rte_flow_item_vlan& tag = tags_[items - 1];
      tag.hdr.vlan_tci = rte_cpu_to_be_16(vid);
      pattern_[items++] = {RTE_FLOW_ITEM_TYPE_VLAN, &tag, nullptr, &tag_mask_};
    }
    pattern_[items].type = RTE_FLOW_ITEM_TYPE_END;
  }
  SegmentFlow(const SegmentFlow&) = delete;
  SegmentFlow& operator=(const SegmentFlow&) = delete;

  bool IsValid(uint16_t port) const {
    rte_flow_error error;
    return rte_flow_validate(port, &attributes_, pattern_.data(), actions_.data(), &error) == 0;
  }
  bool Create(uint16_t port) const {
    rte_flow_error error;
    return rte_flow_create(port, &attributes_, pattern_.data(), actions_.data(), &error) != nullptr;
  }

 private:
  rte_flow_attr attributes_{};
  rte_flow_item_eth ethernet_{};
  rte_flow_item_eth ethernet_mask_{};
  std::array<rte_flow_item_vlan, 2> tags_{};
  rte_flow_item_vlan tag_mask_{};
  std::array<rte_flow_item, 4> pattern_{};
  rte_flow_action_queue queue_{};
  std::array<rte_flow_action, 2> actions_{};
};

}  // namespace

bool CanSteer(DpdkPort port) {
  constexpr VlanStack kAny{1, 0};
  return SegmentFlow(kAny, 1, true).IsValid(port.value()) || SegmentFlow(kAny, 1, false).IsValid(port.value());
}

bool SteerSegment(DpdkPort port, const VlanStack& vlan, uint16_t queue) {
  return SegmentFlow(vlan, queue, true).Create(port.value()) || SegmentFlow(vlan, queue, false).Create(port.value());
}

}  // namespace dpvrrp
