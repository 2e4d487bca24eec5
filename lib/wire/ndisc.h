// SPDX-License-Identifier: BSD-3-Clause
//
// Neighbour solicitations and advertisements (RFC 4861 4.3, 4.4), as far as a router needs them that answers for its
// own addresses.
//
//  |     type      |     code      |          checksum             |
//  |R|S|O|                  reserved                             |
//  |                       target address                          |
//  |  option type  | length (8 B)  |     link-layer address        |
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/address.h"
#include "base/endian.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ipv6.h"

namespace dpvrrp {

inline constexpr uint8_t kNeighbourSolicitation = 135;
inline constexpr uint8_t kNeighbourAdvertisement = 136;
inline constexpr uint8_t kNdHopLimit = 255;  // RFC 4861 7.1: a host outside the link cannot have sent it
inline constexpr IpAddress kAllNodes =       // ff02::1
    IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01});

// The group to which a solicitation for an address is sent: ff02::1:ff00:0/104 and its last 24 bits (RFC 4291 2.7.1).
constexpr IpAddress SolicitedNodeGroup(const IpAddress& address) {
  const IpAddress::Bytes b = address.bytes();
  return IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, b[13], b[14], b[15]});
}

struct NdMessage {  // either message without its options; as on the wire, alignment 1
  uint8_t type;
  uint8_t code;
  Be16 checksum;
  Be32 flags;  // of an advertisement; a solicitation's are reserved
  IpAddress::Bytes target;
};
static_assert(sizeof(NdMessage) == 24 && alignof(NdMessage) == 1);

struct NdLinkLayerOption {  // RFC 4861 4.6.1, of Ethernet; as on the wire, alignment 1
  uint8_t type;             // 1: the source's, 2: the target's
  uint8_t length;           // in units of 8 bytes: 1
  MacAddress mac;
};
static_assert(sizeof(NdLinkLayerOption) == 8 && alignof(NdLinkLayerOption) == 1);

inline constexpr uint8_t kSourceLinkLayer = 1;
inline constexpr uint8_t kTargetLinkLayer = 2;

inline constexpr uint32_t kNaRouter = 0x80000000;
inline constexpr uint32_t kNaSolicited = 0x40000000;
inline constexpr uint32_t kNaOverride = 0x20000000;

inline constexpr size_t kNdBytes = sizeof(NdMessage) + sizeof(NdLinkLayerOption);
inline constexpr size_t kMaxNdFrameBytes = kMaxEthernetBytes + sizeof(Ipv6Header) + kNdBytes;

// A neighbour solicitation or advertisement with one link-layer option.
struct NdFrame {
  MacAddress destination_mac;
  MacAddress source_mac;
  VlanStack vlan;
  IpAddress destination;
  IpAddress source;
  uint8_t type;
  uint32_t flags;
  IpAddress target;
  MacAddress link_layer;  // in the option: of the source in a solicitation, of the target in an advertisement
};

// Writes the message to `frame` (kMaxNdFrameBytes) with hop limit 255 and returns its length in bytes.
//
// Thread: any.
inline size_t WriteNd(const NdFrame& nd, uint8_t* frame) {
  const Ipv6Header ip = MakeIpv6Header(nd.source, nd.destination, kNdBytes, kProtocolIcmpV6, kNdHopLimit);
  NdMessage message{nd.type, 0, Be16(0), Be32(nd.flags), nd.target.bytes()};
  const NdLinkLayerOption option{nd.type == kNeighbourSolicitation ? kSourceLinkLayer : kTargetLinkLayer, 1,
                                 nd.link_layer};
  uint64_t sum = PseudoHeaderSum(nd.source, nd.destination, kNdBytes, kProtocolIcmpV6);
  sum = OnesComplementSum(reinterpret_cast<const uint8_t*>(&option), sizeof option, sum);
  message.checksum = ChecksumOf(OnesComplementSum(reinterpret_cast<const uint8_t*>(&message), sizeof message, sum));

  const size_t at = WriteEthernet(nd.destination_mac, nd.source_mac, nd.vlan, kEtherTypeIpv6, frame);
  std::memcpy(frame + at, &ip, sizeof ip);
  std::memcpy(frame + at + sizeof ip, &message, sizeof message);
  std::memcpy(frame + at + sizeof ip + sizeof message, &option, sizeof option);
  return at + sizeof ip + kNdBytes;
}

// Writes the unsolicited neighbour advertisement that announces `address` at `mac` to `frame` (kMaxNdFrameBytes) and
// returns its length in bytes. It is sent to all nodes from the address itself, with R and O set and S not set. `mac`
// is the target link-layer address and the Ethernet source (RFC 9568 6.4.1, conformance V3-52).
//
// Thread: any.
inline size_t WriteUnsolicitedNa(const MacAddress& mac, const VlanStack& vlan, const IpAddress& address,
                                 uint8_t* frame) {
  return WriteNd({.destination_mac = MulticastMac(kAllNodes),
                  .source_mac = mac,
                  .vlan = vlan,
                  .destination = kAllNodes,
                  .source = address,
                  .type = kNeighbourAdvertisement,
                  .flags = kNaRouter | kNaOverride,
                  .target = address,
                  .link_layer = mac},
                 frame);
}

// A checked solicitation or advertisement. Pointers point into the frame.
struct SeenNd {
  const NdMessage* message = nullptr;
  // A solicitation's source, or an advertisement's target link-layer address. Null: no such option, as in a
  // solicitation from :: (duplicate address detection, RFC 4862 5.4.2).
  const MacAddress* link_layer = nullptr;

  IpAddress target() const { return IpAddress::V6(message->target); }
  bool Has(uint32_t flag) const { return (message->flags.host() & flag) != 0; }
};

// Makes the checks of RFC 4861 7.1.1 and 7.1.2, after which a message must be ignored silently. `payload` is the ICMPv6
// message by the IP length. False: neither message, or a faulty one.
//
// Thread: any.
bool ParseNd(const Ipv6Header& ip, std::span<const uint8_t> payload, SeenNd& out);

}  // namespace dpvrrp
