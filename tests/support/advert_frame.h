// SPDX-License-Identifier: BSD-3-Clause
//
// Builds advert frames for tests, right by default and wrong wherever a test asks. Shares no code with the pipeline:
// checksums are summed here and the ICV is OpenSSL's HMAC(), so that agreement means something.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/types.h"
#include "crypto/mac_algorithm.h"
#include "support/bytes.h"

namespace dpvrrp {

// An optional that is not set takes the right value.
struct AdvertFrame {
  // Ethernet
  MacAddress destination_mac{{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}};
  MacAddress source_mac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x01}};
  std::vector<uint16_t> vlan_tags{};  // TCIs behind EtherType 0x8100, outermost first
  uint16_t ether_type = 0x0800;
  // IPv4
  std::optional<uint8_t> version_ihl{};
  uint8_t tos = 0xc0;
  std::optional<uint16_t> total_length{};
  uint16_t ip_id = 1;
  uint16_t flags_fragment = 0;
  uint8_t ttl = 255;
  std::optional<uint8_t> protocol{};
  std::optional<uint16_t> ip_checksum{};
  IpAddress source = IpAddress::V4(0x0a630001);       // 10.99.0.1
  IpAddress destination = IpAddress::V4(0xe0000012);  // 224.0.0.18
  Bytes ip_options{};                                 // a multiple of 4 bytes
  // AH, there if `key` is
  Bytes key{};
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;
  IcvRule rule = IcvRule::kKeepalived;
  uint8_t ah_next_header = 112;
  std::optional<uint8_t> ah_payload_len{};
  uint16_t ah_reserved = 0;
  std::optional<uint32_t> spi{};
  uint32_t sequence = 1;
  bool forged = false;  // one bit of the ICV is wrong
  // VRRP
  uint8_t version = 2;
  uint8_t type = 1;
  uint8_t vrid = 51;
  uint8_t priority = 150;
  std::optional<uint8_t> count{};
  std::optional<uint8_t> auth_type{};
  uint8_t interval = 1;  // seconds
  std::optional<uint16_t> checksum{};
  std::vector<IpAddress> addresses{IpAddress::V4(0x0a630064)};  // 10.99.0.100
  Bytes auth_data = Bytes(8, 0);
  Bytes trailer{};  // behind the message, inside the IP length
  Bytes padding{};  // behind the IP length

  Bytes Build() const;
};

// The Internet checksum of RFC 1071, 16 bits at a time as the RFC tells it. Host order.
uint16_t ReferenceChecksum(std::span<const uint8_t> data);

// The ICV of an IPv4 packet with AH right behind a header without options, whatever its ICV field holds now.
Bytes ReferenceIcv(std::span<const uint8_t> ip_packet, const Bytes& key, MacAlgorithm algorithm, IcvRule rule);

}  // namespace dpvrrp
