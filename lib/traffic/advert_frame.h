// SPDX-License-Identifier: BSD-3-Clause
//
// The one writer of advert frames for tests, simulation, fuzzers and generators: valid by default, and faulty wherever
// a field says so. VRRPv2 and VRRPv3, over IPv4 or IPv6 by the source, with AH or the auth_hmac trailer or neither.
//
// It shares the headers of lib/wire and the MACs of lib/crypto with the pipeline, but not the code that puts an advert
// together. tests/unit/traffic compares it with frames of keepalived and with OpenSSL's EVP_MAC.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/types.h"
#include "crypto/mac_algorithm.h"
#include "traffic/frame_bytes.h"

namespace dpvrrp {

// An optional that is not set takes the right value. The defaults are an advert of 10.99.0.1 for 10.99.0.100.
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
  uint32_t flow_label = 0;                       // IPv6: 20 bits
  uint8_t ttl = 255;                             // IPv6: hop limit
  std::optional<uint8_t> protocol{};             // IPv6: next header, behind the extension headers
  std::optional<uint16_t> ip_checksum{};         // IPv4
  IpAddress source = IpAddress::V4(0x0a630001);  // 10.99.0.1
  std::optional<IpAddress> destination{};        // 224.0.0.18, ff02::12
  FrameBytes ip_options{};                       // IPv4; a multiple of 4 bytes
  FrameBytes extension_headers{};                // IPv6: their numbers, in order; 51 is an AH
  // AH, there if `key` is
  FrameBytes key{};  // of a length that MacKey::Create() takes
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;
  IcvRule rule = IcvRule::kKeepalived;
  uint8_t ah_next_header = 112;
  std::optional<uint8_t> ah_payload_len{};
  uint16_t ah_reserved = 0;
  std::optional<uint32_t> spi{};
  uint32_t sequence = 1;
  uint8_t ah_padding = 0;  // the last byte of the padding after the ICV, over IPv6
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
  bool wrong_checksum = false;                                  // its highest bit is wrong
  std::vector<IpAddress> addresses{IpAddress::V4(0x0a630064)};  // 10.99.0.100
  FrameBytes auth_data = FrameBytes(8, 0);                      // VRRPv2
  FrameBytes trailer{};                                         // behind the message, inside the IP length
  // The auth_hmac trailer, there if `trailer_key` is
  FrameBytes trailer_key{};
  uint8_t trailer_type = 1;
  uint8_t key_id = 1;
  uint16_t trailer_reserved = 0;
  uint64_t trailer_number = 0;
  FrameBytes padding{};            // behind the IP length
  std::optional<size_t> cut_to{};  // the frame ends after so many bytes

  FrameBytes Build() const;
};

// Sets those fields of the advert's IP packet to zero that its ICV does not cover (RFC 4302 3.3.3.1), except the ICV.
void ClearUncovered(const AdvertFrame& advert, FrameBytes& packet);

}  // namespace dpvrrp
