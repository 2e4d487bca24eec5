// SPDX-License-Identifier: BSD-3-Clause
//
// Echo, the only message of ICMP (RFC 792) and ICMPv6 (RFC 4443 4.1, 4.2) that a virtual address answers.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/endian.h"
#include "wire/checksum.h"
#include "wire/ipv6.h"

namespace dpvrrp {

inline constexpr uint8_t kProtocolIcmp = 1;
inline constexpr uint8_t kProtocolIcmpV6 = 58;
inline constexpr uint8_t kEchoRequestV4 = 8;
inline constexpr uint8_t kEchoReplyV4 = 0;
inline constexpr uint8_t kEchoRequestV6 = 128;
inline constexpr uint8_t kEchoReplyV6 = 129;

struct IcmpHeader {  // of both; as on the wire, alignment 1
  uint8_t type;
  uint8_t code;
  Be16 checksum;
};
static_assert(sizeof(IcmpHeader) == 4 && alignof(IcmpHeader) == 1);
inline constexpr size_t kEchoHeaderBytes = 8;  // the identifier and sequence number follow

// Whether the checksum of the ICMPv6 message is right (RFC 4443 2.3). The message has the length of the IP header.
inline bool IcmpV6ChecksumHolds(const IpAddress& source, const IpAddress& destination,
                                std::span<const uint8_t> message) {
  const uint64_t pseudo = PseudoHeaderSum(source, destination, message.size(), kProtocolIcmpV6);
  return FoldSum(OnesComplementSum(message.data(), message.size(), pseudo)) == 0xffff;
}

// Turns an echo request in place into its reply; the caller writes the IP header. False: the message is no echo
// request, or its checksum is wrong, and nothing has changed. For ICMPv6 the addresses may be those of the request: the
// reply exchanges them, which gives the same sum.
//
// Thread of all: any.
inline bool MakeEchoReply(std::span<uint8_t> message) {
  if (message.size() < kEchoHeaderBytes) return false;
  auto& header = *reinterpret_cast<IcmpHeader*>(message.data());
  if (header.type != kEchoRequestV4 || header.code != 0) return false;
  if (!ChecksumHolds(message.data(), message.size())) return false;
  header.type = kEchoReplyV4;
  header.checksum = Be16(0);
  header.checksum = ChecksumOf(message.data(), message.size());
  return true;
}

inline bool MakeEchoReplyV6(const IpAddress& source, const IpAddress& destination, std::span<uint8_t> message) {
  if (message.size() < kEchoHeaderBytes) return false;
  auto& header = *reinterpret_cast<IcmpHeader*>(message.data());
  if (header.type != kEchoRequestV6 || header.code != 0) return false;
  if (!IcmpV6ChecksumHolds(source, destination, message)) return false;
  header.type = kEchoReplyV6;
  header.checksum = Be16(0);
  const uint64_t pseudo = PseudoHeaderSum(source, destination, message.size(), kProtocolIcmpV6);
  header.checksum = ChecksumOf(OnesComplementSum(message.data(), message.size(), pseudo));
  return true;
}

}  // namespace dpvrrp
