// SPDX-License-Identifier: BSD-3-Clause
//
// VRRPv3 frames as the models write and read them, and a common view of both versions. As AdvertFrame and SeenAdvert
// do for VRRPv2, it shares no code with the pipeline.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "support/bytes.h"

namespace dpvrrp::sim {

// Right by default, over the family of `source`; an optional that is not set takes the right value.
struct V3Frame {
  MacAddress source_mac;
  IpAddress source;
  uint16_t ip_id = 1;
  uint16_t flags_fragment = 0;  // IPv4
  uint8_t ttl = 255;            // or hop limit
  std::optional<uint8_t> next_header{};
  ChecksumRule rule = ChecksumRule::kRfc5798;
  bool bad_checksum = false;
  uint8_t version = 3;
  uint8_t type = 1;
  uint8_t vrid = 51;
  uint8_t priority = 100;
  std::optional<uint8_t> count{};
  uint16_t centiseconds = 100;
  std::vector<IpAddress> addresses;
  Bytes trailer{};

  Bytes Build() const;
};

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
