// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "base/drop_reason.h"
#include "pipeline/frame.h"
#include "pipeline/segment.h"
#include "wire/ah.h"
#include "wire/ipv4.h"
#include "wire/vrrp.h"

namespace dpvrrp {

// A frame on its way through the stages. Pointers look into the frame.
struct Candidate {
  VirtualRouter* router = nullptr;
  Ipv4Header* ip = nullptr;
  AhHeader* ah = nullptr;            // null: plain VRRP
  std::span<const uint8_t> message;  // the VRRP message by the IP length
  VrrpV2Advert advert;               // parsed by Classify without AH, by Deliver behind it
  IpAddress source;
  MacAddress source_mac;
  uint32_t sequence = 0;  // AH
  Vrid vrid;
};

// Stage 1: Ethernet, VLAN, IPv4, and AH or VRRP up to the instance, in the order of RFC 3768 7.1 and RFC 2338 7.1
// (conformance V2-11, A-07): the first failure is the answer. On kNone `out` is complete but for what only an
// authenticated AH frame may reveal. `out.router` is set as soon as it is known, so that later reasons are counted
// against the instance too.
//
// Thread: owning lcore. Allocates nothing, changes nothing.
DropReason Classify(const Frame& frame, SegmentTable& segments, Candidate& out);

}  // namespace dpvrrp
