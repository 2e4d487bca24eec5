// SPDX-License-Identifier: BSD-3-Clause
//
// Changes to a frame that is already written or recorded: finds its parts, and makes its checksums right again.
//
// Thread: any.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/address.h"
#include "traffic/frame_bytes.h"

namespace dpvrrp {

// Where the parts of an IP packet are in a frame, as offsets. They follow the lengths and numbers in the frame, which
// may be wrong, but never point beyond it.
struct PacketPlaces {
  bool v4 = false;
  size_t ip = 0;
  size_t payload = 0;    // of the upper layer; behind the hop-by-hop options of IPv6
  size_t end = 0;        // of the packet, by its own length
  uint8_t protocol = 0;  // of the upper layer
  IpAddress source;
  IpAddress destination;

  // The upper layer's message in the frame.
  std::span<const uint8_t> MessageIn(const FrameBytes& frame) const {
    return std::span(frame).subspan(payload, end - payload);
  }
};

// Skips any number of VLAN tags. None: the frame is not IP, or too short.
std::optional<PacketPlaces> FindPacket(const FrameBytes& frame);

// The number of bytes in front of the EtherType, with the tags.
size_t EtherTypeAt(const FrameBytes& frame);

// The offset of the checksum in a message of this protocol. 0: it is not VRRP, ICMP, ICMPv6 or IGMP.
size_t ChecksumAt(uint8_t protocol);

// Makes the checksum of the IPv4 header right, if there is one.
void RepairIpChecksum(FrameBytes& frame);

// Makes every checksum right that the frame has room for: of IPv4; and of VRRP, ICMP, IGMP and ICMPv6 in IPv4 or IPv6,
// VRRP behind AH too. The ICV and the HMAC of an auth_hmac trailer stay as they are.
void RepairChecksums(FrameBytes& frame);

}  // namespace dpvrrp
