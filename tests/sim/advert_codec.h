// SPDX-License-Identifier: BSD-3-Clause
//
// Adverts of both versions as the models read them. Like SeenAdvert, it shares no code with lib/: the models judge what
// the shards send. They write with AdvertFrame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "sim/scenario.h"
#include "support/bytes.h"
#include "traffic/advert_frame.h"

namespace dpvrrp::sim {

inline constexpr size_t kEthernetBytes = 14;

// A valid advert of a virtual router but for its source, authentication data and number.
AdvertFrame AdvertOf(const VirtualRouterPlan& plan, Nanoseconds interval);

// An advert of either version as a sniffer sees it.
struct Sight {
  VrrpVersion version{};
  IpAddress source;
  uint8_t ttl = 0;
  uint8_t vrid = 0;
  uint8_t priority = 0;
  Nanoseconds interval{};
  std::vector<IpAddress> addresses;
  ChecksumRule rule{};  // VRRPv3 over IPv4: which one holds
  // VRRPv2
  uint8_t auth_type = 0;
  Bytes auth_data;
  std::optional<uint32_t> sequence;  // with AH
  uint32_t spi = 0;
  Bytes icv;
};
// None unless it is well-formed: lengths exact, every checksum right.
std::optional<Sight> See(const Bytes& frame);
// In one line; hex if it is not well-formed.
std::string Words(const Bytes& frame);

}  // namespace dpvrrp::sim
