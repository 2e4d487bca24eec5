// SPDX-License-Identifier: BSD-3-Clause
//
// The VRRPv3 advertisement (RFC 9568 5.1), over IPv4 and IPv6:
//
//  0                   1                   2                   3
//  |version| type  |     VRID      |   priority    |  count IPs    |
//  | rsvd  |  max advertise int    |           checksum            |
//  |              IPv4 or IPv6 address (1) … (n)                   |
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/drop_reason.h"
#include "base/endian.h"
#include "base/time.h"
#include "base/types.h"
#include "wire/checksum.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"

namespace dpvrrp {

struct VrrpV3Header {  // as on the wire, alignment 1
  uint8_t version_type;
  uint8_t vrid;
  uint8_t priority;
  uint8_t count;
  Be16 reserved_interval;  // 4 reserved bits, ignored (V3-28), and centiseconds
  Be16 checksum;

  uint8_t version() const { return version_type >> 4; }
  uint8_t type() const { return version_type & 0x0f; }
  Centiseconds interval() const { return Centiseconds(reserved_interval.host() & 0x0fff); }
};
static_assert(sizeof(VrrpV3Header) == 8 && alignof(VrrpV3Header) == 1);

constexpr size_t VrrpV3Bytes(Family family, size_t addresses) {
  return sizeof(VrrpV3Header) + (family == Family::kIpv4 ? 4 : 16) * addresses;
}

// A checked advert. Pointers point into the frame.
struct VrrpV3Advert {
  const VrrpV3Header* header = nullptr;
  const uint8_t* addresses = nullptr;              // header->count addresses of the packet's family
  ChecksumRule checksum = ChecksumRule::kRfc5798;  // the rule that the checksum follows; IPv6 has one
};

// Makes the checks of RFC 9568 7.1 that need no configuration, in its order (V3-100): version, type, complete,
// checksum. Then refuses an interval of zero, which has no meaning (V3-29). `message` is the IP payload by the IP
// header's length. Bytes after the advert are refused, as by keepalived and FRR (V3-106). Over IPv4 a checksum may be
// RFC 5798's with a pseudo-header or RFC 9568's without (V3-32). Source and destination are the packet's. `behind`:
// number of bytes after the message that its checksum also covers (wire/auth_trailer.h).
//
// Thread: any.
inline DropReason ParseVrrpV3(std::span<const uint8_t> message, const IpAddress& source, const IpAddress& destination,
                              VrrpV3Advert& out, size_t behind = 0) {
  if (message.empty()) return DropReason::kTruncated;
  const auto& header = *reinterpret_cast<const VrrpV3Header*>(message.data());
  if (header.version() != 3) return DropReason::kBadVersion;
  if (header.type() != kVrrpTypeAdvertisement) return DropReason::kBadType;
  if (message.size() < sizeof(VrrpV3Header)) return DropReason::kTruncated;
  if (message.size() != VrrpV3Bytes(source.family(), header.count)) return DropReason::kBadLength;
  if (header.count == 0) return DropReason::kNoAddresses;
  const uint64_t sum = OnesComplementSum(message.data(), message.size() + behind);
  const uint64_t pseudo = PseudoHeaderSum(source, destination, message.size() + behind, kProtocolVrrp);
  if (FoldSum(sum + pseudo) == 0xffff) {
    out.checksum = ChecksumRule::kRfc5798;
  } else if (source.is_v4() && FoldSum(sum) == 0xffff) {
    out.checksum = ChecksumRule::kRfc9568;
  } else {
    return DropReason::kBadChecksum;
  }
  if (header.interval().count() == 0) return DropReason::kBadInterval;
  out.header = &header;
  out.addresses = message.data() + sizeof header;
  return DropReason::kNone;
}

// One of the addresses after a VRRP header.
inline IpAddress AdvertisedAddress(const uint8_t* addresses, Family family, size_t index) {
  if (family == Family::kIpv4) {
    Be32 v4;
    std::memcpy(&v4, addresses + index * sizeof v4, sizeof v4);
    return IpAddress::V4(v4.host());
  }
  IpAddress::Bytes v6;
  std::memcpy(&v6, addresses + index * sizeof v6, sizeof v6);
  return IpAddress::V6(v6);
}

}  // namespace dpvrrp
