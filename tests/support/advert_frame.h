// SPDX-License-Identifier: BSD-3-Clause
//
// Builds advert frames for tests, right by default and wrong wherever a test asks: VRRPv2 and VRRPv3, IPv4 and IPv6 as
// the source has it. Shares no code with the pipeline: checksums are summed here and the ICV is OpenSSL's EVP_MAC, so
// that agreement means something.
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
  std::optional<MacAddress> destination_mac{};  // a group's own, or 02:00:0a:63:00:02
  MacAddress source_mac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x01}};
  std::vector<uint16_t> vlan_tags{};  // TCIs behind EtherType 0x8100, outermost first
  std::optional<uint16_t> ether_type{};
  // IPv4, and what IPv6 has of the same kind
  std::optional<uint8_t> version_ihl{};          // IPv6: the first byte
  uint8_t tos = 0xc0;                            // IPv6: traffic class
  std::optional<uint16_t> total_length{};        // IPv6: payload length
  uint16_t ip_id = 1;                            // IPv4
  uint16_t flags_fragment = 0;                   // IPv4
  uint16_t flow_label = 0;                       // IPv6: its low 16 bits
  uint8_t ttl = 255;                             // IPv6: hop limit
  std::optional<uint8_t> protocol{};             // IPv6: next header, behind the extension headers
  std::optional<uint16_t> ip_checksum{};         // IPv4
  IpAddress source = IpAddress::V4(0x0a630001);  // 10.99.0.1
  std::optional<IpAddress> destination{};        // 224.0.0.18, ff02::12
  Bytes ip_options{};                            // IPv4; a multiple of 4 bytes
  Bytes extension_headers{};                     // IPv6: their numbers, in order; 51 is an AH
  // AH, there if `key` is
  Bytes key{};
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;
  IcvRule rule = IcvRule::kKeepalived;
  uint8_t ah_next_header = 112;
  std::optional<uint8_t> ah_payload_len{};
  uint16_t ah_reserved = 0;
  std::optional<uint32_t> spi{};
  uint32_t sequence = 1;
  uint8_t ah_padding = 0;  // the last byte of what is behind the ICV, over IPv6
  bool forged = false;     // one bit of the ICV, or of the trailer's HMAC, is wrong
  // VRRP
  uint8_t version = 2;
  uint8_t type = 1;
  uint8_t vrid = 51;
  uint8_t priority = 150;
  std::optional<uint8_t> count{};
  std::optional<uint8_t> auth_type{};
  std::optional<uint16_t> interval{};                   // 1 second; VRRPv3: 100 centiseconds, 12 bits
  uint8_t reserved = 0;                                 // VRRPv3: the four bits in front of it
  ChecksumRule checksum_rule = ChecksumRule::kRfc5798;  // VRRPv3; over IPv6 the other is wrong
  std::optional<uint16_t> checksum{};
  std::vector<IpAddress> addresses{IpAddress::V4(0x0a630064)};  // 10.99.0.100
  Bytes auth_data = Bytes(8, 0);                                // VRRPv2
  Bytes trailer{};                                              // behind the message, inside the IP length
  // The auth_hmac trailer, there if `trailer_key` is
  Bytes trailer_key{};
  uint8_t trailer_type = 1;
  uint8_t key_id = 1;
  uint16_t trailer_reserved = 0;
  uint64_t trailer_number = 0;
  Bytes padding{};  // behind the IP length

  Bytes Build() const;
};

// The Internet checksum of RFC 1071, 16 bits at a time as the RFC tells it. Host order.
uint16_t ReferenceChecksum(std::span<const uint8_t> data);

// Of an upper layer's message: with the pseudo-header of RFC 8200 8.1 in front, or, with IPv4 addresses, of RFC 768.
uint16_t ReferenceChecksum(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                           std::span<const uint8_t> message);

// The HMAC of a VRRP message with its auth_hmac trailer at the end, whatever its HMAC field holds now.
Bytes ReferenceTrailerHmac(const IpAddress& source, std::span<const uint8_t> message, const Bytes& key);

// The ICV of an IP packet with AH right behind a header without options, whatever its ICV field holds now. Of AES-GMAC
// by our profile: the IV is the last four bytes of the source address and the sequence number.
Bytes ReferenceIcv(std::span<const uint8_t> ip_packet, const Bytes& key, MacAlgorithm algorithm, IcvRule rule);

}  // namespace dpvrrp
