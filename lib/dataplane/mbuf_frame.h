// SPDX-License-Identifier: BSD-3-Clause
//
// A received mbuf in the form that the pipeline takes.
//
// Thread: the lcore that owns the mbuf.
#pragma once

#include <rte_mbuf.h>

#include "base/types.h"
#include "pipeline/frame.h"
#include "wire/ethernet.h"

namespace dpvrrp {

// Whether the pipeline can read it: it is contiguous, or can be made contiguous.
inline bool IsUsable(rte_mbuf* mbuf) { return rte_pktmbuf_is_contiguous(mbuf) || rte_pktmbuf_linearize(mbuf) == 0; }

// Tags that the port stripped. We never request that, but some ports and virtual functions are configured to do it.
// (RTE_MBUF_F_RX_VLAN alone says that a tag was seen, and net_af_packet sets it with the tag still in the frame.)
inline VlanStack StrippedTags(const rte_mbuf& mbuf) {
  constexpr uint64_t kAnyStripped = RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ_STRIPPED;
  if ((mbuf.ol_flags & kAnyStripped) == 0) [[likely]]
    return {};
  const auto vid = [&](uint64_t flag, uint16_t tci) {
    return (mbuf.ol_flags & flag) != 0 ? static_cast<uint16_t>(tci & 0x0fff) : uint16_t{0};
  };
  const uint16_t outer = vid(RTE_MBUF_F_RX_QINQ_STRIPPED, mbuf.vlan_tci_outer);
  const uint16_t inner = vid(RTE_MBUF_F_RX_VLAN_STRIPPED, mbuf.vlan_tci);
  return outer != 0 ? VlanStack{outer, inner} : VlanStack{inner, 0};  // a priority tag (VID 0) counts as no tag
}

// Requires IsUsable(). mbuf.port is the port that received it.
inline Frame FrameOf(const rte_mbuf& mbuf) {
  return {rte_pktmbuf_mtod(&mbuf, uint8_t*), mbuf.data_len, PortId(mbuf.port), StrippedTags(mbuf)};
}

// The tags of the frame's segment; of a frame with too many tags, those that are still in it.
inline VlanStack SegmentTags(const rte_mbuf& mbuf) {
  VlanStack vlan = ParseEthernet({rte_pktmbuf_mtod(&mbuf, const uint8_t*), mbuf.data_len}).vlan;
  JoinVlans(StrippedTags(mbuf), vlan);
  return vlan;
}

}  // namespace dpvrrp
