// SPDX-License-Identifier: BSD-3-Clause
//
// The VRRPv2 advertisement (RFC 3768 5.1):
//
//  0                   1                   2                   3
//  |version| type  |     VRID      |   priority    |  count IPs    |
//  |   auth type   |   adver int   |           checksum            |
//  |                         IP address (1) … (n)                  |
//  |                     authentication data, 8 bytes              |
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/drop_reason.h"
#include "base/endian.h"
#include "base/types.h"
#include "wire/checksum.h"

namespace dpvrrp {

inline constexpr uint8_t kVrrpTypeAdvertisement = 1;
inline constexpr size_t kAuthDataBytes = 8;  // always present in VRRPv2 (V2-02)

struct VrrpV2Header {  // as on the wire, alignment 1
  uint8_t version_type;
  uint8_t vrid;
  uint8_t priority;
  uint8_t count;
  uint8_t auth_type;
  uint8_t adver_int;  // seconds
  Be16 checksum;

  uint8_t version() const { return version_type >> 4; }
  uint8_t type() const { return version_type & 0x0f; }
};
static_assert(sizeof(VrrpV2Header) == 8 && alignof(VrrpV2Header) == 1);

constexpr size_t VrrpV2Bytes(size_t addresses) { return sizeof(VrrpV2Header) + 4 * addresses + kAuthDataBytes; }

// A checked advert. Pointers point into the frame.
struct VrrpV2Advert {
  const VrrpV2Header* header = nullptr;
  std::span<const Be32> addresses;
  const uint8_t* auth_data = nullptr;  // kAuthDataBytes
};

// Makes the checks of RFC 3768 7.1 that need no configuration, in conformance V2-11's order: version, type, complete,
// checksum. `message` is the IP payload by the IP header's length, so it does not include Ethernet padding. Bytes after
// the advert are refused, as by keepalived 2.2.7 and FRR (V3-106).
//
// Thread: any.
inline DropReason ParseVrrpV2(std::span<const uint8_t> message, VrrpV2Advert& out) {
  if (message.empty()) return DropReason::kTruncated;
  const auto& header = *reinterpret_cast<const VrrpV2Header*>(message.data());
  if (header.version() != 2) return DropReason::kBadVersion;
  if (header.type() != kVrrpTypeAdvertisement) return DropReason::kBadType;
  if (message.size() < sizeof(VrrpV2Header)) return DropReason::kTruncated;
  if (message.size() != VrrpV2Bytes(header.count)) return DropReason::kBadLength;
  if (header.count == 0) return DropReason::kNoAddresses;
  if (!ChecksumHolds(message.data(), message.size())) return DropReason::kBadChecksum;
  out.header = &header;
  out.addresses = {reinterpret_cast<const Be32*>(message.data() + sizeof(VrrpV2Header)), header.count};
  out.auth_data = message.data() + sizeof(VrrpV2Header) + 4 * size_t{header.count};
  return DropReason::kNone;
}

}  // namespace dpvrrp
