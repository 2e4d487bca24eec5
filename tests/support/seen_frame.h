// SPDX-License-Identifier: BSD-3-Clause
//
// What a sniffer would say of a frame we sent: decoded here, without the pipeline's help.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "support/bytes.h"

namespace dpvrrp {

struct SeenAdvert {
  MacAddress source_mac;
  MacAddress destination_mac;
  IpAddress source;
  IpAddress destination;
  uint8_t tos = 0;
  uint8_t ttl = 0;
  uint16_t ip_id = 0;
  std::optional<uint32_t> sequence;  // with AH
  uint32_t spi = 0;                  // with AH
  Bytes icv;                         // with AH
  uint8_t vrid = 0;
  uint8_t priority = 0;
  uint8_t auth_type = 0;
  uint8_t interval = 0;
  std::vector<IpAddress> addresses;
  Bytes auth_data;
};

// None unless it is a well-formed VRRPv2 advert, with AH or not: lengths exact, both checksums right.
std::optional<SeenAdvert> SeeAdvert(const Bytes& frame);

struct SeenArp {
  MacAddress source_mac;
  MacAddress destination_mac;
  uint16_t operation = 0;
  MacAddress sender_mac;
  IpAddress sender;
  MacAddress target_mac;
  IpAddress target;
};

std::optional<SeenArp> SeeArp(const Bytes& frame);

// "advert vrid=51 priority=100 from=10.99.0.2 sequence=8", "garp 10.99.0.100 mac=…", or hex.
std::string Describe(const Bytes& frame);

}  // namespace dpvrrp
