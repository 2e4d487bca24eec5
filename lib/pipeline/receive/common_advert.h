// SPDX-License-Identifier: BSD-3-Clause
//
// A quick look for the frame that nearly all frames of a VRRP segment are: an advert behind AH, untagged or with one
// tag, nothing unusual about it. What passes here would pass Classify's general parser, with the same result; what does
// not, the general parser judges. So there are no reasons here, and no branch but the one that gives up.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <cstring>

#include "pipeline/receive/classify.h"

namespace dpvrrp {

namespace internal {

template <typename T>
inline T Load(const uint8_t* from) {  // in the machine's byte order
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// The bytes of a header as the number that Load() makes of them.
constexpr uint64_t Bytes(uint8_t b0, uint8_t b1, uint8_t b2 = 0, uint8_t b3 = 0, uint8_t b4 = 0, uint8_t b5 = 0,
                         uint8_t b6 = 0, uint8_t b7 = 0) {
  return uint64_t{b0} | uint64_t{b1} << 8 | uint64_t{b2} << 16 | uint64_t{b3} << 24 | uint64_t{b4} << 32 |
         uint64_t{b5} << 40 | uint64_t{b6} << 48 | uint64_t{b7} << 56;
}

// Whether a header of these three words, not all zero, carries the right Internet checksum: whether its sum divides by
// 65535, as 2^64-1 does. A number divides by an odd one exactly if its product with that one's inverse modulo 2^64 is
// no larger than the largest quotient (Granlund and Montgomery 1994), which is a multiplication instead of four
// foldings.
inline bool IsOnesComplementZero(uint64_t a, uint64_t b, uint64_t c) {
  constexpr uint64_t kInverse = 0xfffefffefffeffff;
  static_assert(kInverse * 65535 == 1);
  uint64_t sum = a + b;
  sum += sum < b;  // the carry comes round
  sum += c;
  sum += sum < c;
  return sum * kInverse <= ~uint64_t{0} / 65535;
}

}  // namespace internal

// True: `out` is complete but for `router`, and `vlan` is the frame's.
[[gnu::always_inline]] inline bool IsCommonAdvert(const Frame& frame, VlanStack& vlan, Candidate& out) {
  using internal::Bytes;
  using internal::Load;
  constexpr size_t kShortest = sizeof(EthernetHeader) + sizeof(Ipv4Header) + sizeof(AhHeader) + sizeof(VrrpV2Header);
  if (frame.length < kShortest + sizeof(VlanTag) || frame.length > kMaxFrameBytes) return false;
  uint8_t* packet = frame.data + sizeof(EthernetHeader);
  uint64_t ether_type = Load<uint16_t>(packet - 2);
  vlan = {};
  if (ether_type == Bytes(0x81, 0x00)) {
    vlan.outer = (packet[0] & 0x0f) << 8 | packet[1];
    packet += sizeof(VlanTag);
    ether_type = Load<uint16_t>(packet - 2);
  }
  auto& ip = *reinterpret_cast<Ipv4Header*>(packet);
  auto& ah = *reinterpret_cast<AhHeader*>(packet + sizeof ip);
  const size_t available = frame.length - static_cast<size_t>(packet - frame.data);
  const size_t total = ip.total_length.host();
  const size_t message_at = sizeof ip + (size_t{ah.payload_len} + 2) * 4;

  // Version and header length; no fragment; TTL, protocol, group.
  const uint64_t word0 = Load<uint64_t>(packet);
  const uint64_t word1 = Load<uint64_t>(packet + 8);
  const uint64_t group = Load<uint32_t>(packet + 16);
  const uint64_t unexpected =
      (ether_type ^ Bytes(0x08, 0x00)) | ((word0 ^ Bytes(0x45, 0)) & Bytes(0xff, 0, 0, 0, 0, 0, 0x3f, 0xff)) |
      ((word1 ^ Bytes(kVrrpTtl, kProtocolAh)) & Bytes(0xff, 0xff)) | (group ^ Bytes(224, 0, 0, 18)) |
      (ah.next_header ^ uint64_t{kProtocolVrrp}) | (frame.stripped.outer | uint64_t{frame.stripped.inner});
  const uint32_t source = ip.source.host();
  const int common = int{unexpected == 0} & int{internal::IsOnesComplementZero(word0, word1, group)} &
                     int{source - 1 < 0xdfffffff} & int{total <= available} &
                     int{ah.payload_len >= AhPayloadLen(0, Family::kIpv4)} &
                     int{message_at + sizeof(VrrpV2Header) <= total};
  if (common == 0) return false;

  out.frame = &frame;
  out.is_v4 = true;
  out.ip = &ip;
  out.ah = &ah;
  out.message = {packet + message_at, total - message_at};
  out.sequence = ah.sequence_number.host();
  out.vrid = Vrid(packet[message_at + 1]);
  out.to_vrrp_group_v4 = true;
  out.has_trailer = false;
  return true;
}

// Stage 1: Ethernet, VLAN, IPv4, and AH or VRRP up to the VRID: the short way or the general one (classify.h).
//
// Thread: owning lcore. Allocates nothing, changes nothing.
[[gnu::always_inline]] inline DropReason Classify(const Frame& frame, const SegmentTable& segments, Candidate& out) {
  VlanStack vlan;
  if (!IsCommonAdvert(frame, vlan, out)) return ClassifyAny(frame, segments, out);
  const Segment* segment = segments.Find(frame.port, vlan);
  if (segment == nullptr) return DropReason::kUnknownSegment;
  out.place = &segment->ipv4[out.vrid.value()];
  return DropReason::kNone;
}

}  // namespace dpvrrp
