// SPDX-License-Identifier: BSD-3-Clause
//
// A sent frame as a sniffer would decode it, without code of the pipeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/types.h"
#include "support/bytes.h"

namespace dpvrrp {

// The auth_hmac trailer.
struct SeenTrailer {
  uint8_t type = 0;
  uint8_t key_id = 0;
  uint16_t reserved = 0;
  uint64_t number = 0;
  Bytes hmac;
  Bytes message;  // the VRRP message and the trailer

  uint32_t seconds() const { return static_cast<uint32_t>(number >> 32); }
};

struct SeenAdvert {
  MacAddress source_mac;
  MacAddress destination_mac;
  std::vector<uint16_t> vlan_tags;  // TCIs, outermost first
  IpAddress source;
  IpAddress destination;
  uint8_t tos = 0;                   // IPv6: traffic class
  uint8_t ttl = 0;                   // IPv6: hop limit
  uint16_t ip_id = 0;                // IPv4
  std::optional<uint32_t> sequence;  // with AH
  uint32_t spi = 0;                  // with AH
  Bytes icv;                         // with AH
  uint8_t version = 0;
  uint8_t vrid = 0;
  uint8_t priority = 0;
  uint8_t auth_type = 0;                                // VRRPv2
  uint16_t interval = 0;                                // seconds; VRRPv3: centiseconds
  uint8_t reserved = 0;                                 // VRRPv3
  ChecksumRule checksum_rule = ChecksumRule::kRfc5798;  // VRRPv3 over IPv4
  std::vector<IpAddress> addresses;
  Bytes auth_data;  // VRRPv2
  std::optional<SeenTrailer> trailer;
};

// None unless it is a well-formed advert of VRRPv2, with AH or not, or VRRPv3 over either family, perhaps with a
// trailer: lengths exact, checksums right, nothing in front of it but VLAN tags.
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

// An ICMPv6 neighbour advertisement with only a target link-layer option; none if a length or the checksum is wrong.
struct SeenNa {
  MacAddress source_mac;
  MacAddress destination_mac;
  IpAddress source;
  IpAddress destination;
  uint8_t hop_limit = 0;
  bool router = false;
  bool solicited = false;
  bool override_flag = false;
  IpAddress target;
  MacAddress target_mac;
};

std::optional<SeenNa> SeeNa(const Bytes& frame);

// "advert version=2 vrid=51 priority=100 from=10.99.0.2 to=224.0.0.18 sequence=8", "garp 10.99.0.100 mac=…", "na
// fe80::100 mac=…", or hex.
std::string Describe(const Bytes& frame);

}  // namespace dpvrrp
