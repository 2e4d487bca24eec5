// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "unit/pipeline/rejection_testing.h"

namespace dpvrrp {

// From ::ffff:10.99.0.1, with as many addresses as the router has, but IPv4 addresses.
static Bytes MappedSource() {
  AdvertFrame advert = V6();
  advert.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101")};
  advert.checksum_rule = ChecksumRule::kRfc9568;
  Bytes frame = advert.Build();
  const Bytes mapped = FromHex("00000000000000000000ffff0a630001");
  std::copy(mapped.begin(), mapped.end(), frame.begin() + 14 + 8);
  return frame;
}

std::vector<Rejection> V3Rejections() {
  using R = DropReason;
  return {
    Row<V6>(R::kNotVrrp, "ICMPv6", MakeV6, WITH(f.protocol = 58)),
        Row<V6>(R::kNotVrrp, "extension headers, not to the group", MakeV6,
                WITH(f.extension_headers = {0}; f.destination = Ip("ff02::1"))),
        {R::kTruncated, "inside IPv6", AuthKind::kNone, CutTo<V6>(14 + 39), {}, false, MakeV6},
        Row<V6>(R::kTruncated, "payload length beyond the frame", MakeV6, WITH(f.total_length = 41)),
        Row<V6>(R::kTruncated, "VRRP header not whole by the payload length", MakeV6, WITH(f.total_length = 7)),
        Row<V6>(R::kTruncated, "jumbogram", MakeV6, WITH(f.total_length = 0)),
        Row<V6>(R::kUnknownSegment, "tagged, IPv6", MakeV6, WITH(f.vlan_tags = {30})),
        Row<V6>(R::kBadIpHeader, "IPv6 says version 4", MakeV6, WITH(f.version_ihl = 0x45)),
        Row<V6>(R::kExtensionHeader, "hop-by-hop", MakeV6, WITH(f.extension_headers = {0})),
        Row<V6>(R::kExtensionHeader, "routing", MakeV6, WITH(f.extension_headers = {43})),
        Row<V6>(R::kExtensionHeader, "fragment", MakeV6, WITH(f.extension_headers = {44})),
        Row<V6>(R::kExtensionHeader, "two", MakeV6, WITH((f.extension_headers = {60, 0}))),
        {R::kBadSource, "IPv4-mapped", AuthKind::kNone, MappedSource, {}, false, MakeV6},
        Row<V6>(R::kBadDestination, "us, not the group, IPv6", MakeV6, WITH(f.destination = Ip("fe80::2"))),
        Row<V6>(R::kBadDestination, "all nodes", MakeV6, WITH(f.destination = Ip("ff02::1"))),
        Late(Row<V3>(R::kBadDestination, "VRRP's group where another is configured", MakeOtherGroup, WITH((void)f))),
        Late(Row<V3>(R::kBadDestination, "the group where unicast is configured", MakeUnicast, WITH((void)f))),
        Late(Row<Unicast>(R::kBadDestination, "another unicast address", MakeUnicast,
                          WITH(f.destination = Ip("10.99.0.3")))),
        Row<V6>(R::kBadTtl, "hop limit 254", MakeV6, WITH(f.ttl = 254)),
        Row<V6>(R::kBadTtl, "hop limit 0", MakeV6, WITH(f.ttl = 0)),
        Late(Row<Unicast>(R::kBadTtl, "below the peer's range", MakeUnicast, WITH(f.ttl = 63))),
        Late(Row<V3>(R::kBadTtl, "254 in another group", MakeOtherGroup,
                     WITH(f.ttl = 254; f.destination = Ip("239.1.1.1")))),
        Row<V6>(R::kBadSource, "global", MakeV6, WITH(f.source = Ip("2001:db8::1"))),
        Row<V6>(R::kBadSource, "unspecified, IPv6", MakeV6, WITH(f.source = Ip("::"))),
        Row<V6>(R::kBadSource, "multicast, IPv6", MakeV6, WITH(f.source = Ip("ff02::12"))),
        Row<V3>(R::kBadVersion, "VRRPv2 at VRRPv3", MakeV3, WITH(f.version = 2)),
        Row<V3>(R::kBadVersion, "VRRPv4", MakeV3, WITH(f.version = 4)),
        Row<V6>(R::kBadVersion, "VRRPv2 over IPv6", MakeV6, WITH(f.version = 2)),
        Row<V3>(R::kBadType, "0, VRRPv3", MakeV3, WITH(f.type = 0)),
        Row<V6>(R::kBadType, "2, IPv6", MakeV6, WITH(f.type = 2)),
        Row<V3>(R::kBadLength, "count too great, VRRPv3", MakeV3, WITH(f.count = 255)),
        Row<V3>(R::kBadLength, "VRRPv2's authentication data", MakeV3, WITH(f.trailer = Bytes(8))),
        Row<V6>(R::kBadLength, "count too great, IPv6", MakeV6, WITH(f.count = 255)),
        Row<V6>(R::kBadLength, "IPv4 addresses in IPv6", MakeV6, WITH((f.addresses = {Ip("10.99.0.100")}))),
        Row<V6>(R::kBadLength, "bytes behind it, IPv6", MakeV6, WITH(f.trailer = Bytes(28))),
        Row<V3>(R::kNoAddresses, "count 0, VRRPv3", MakeV3, WITH(f.addresses.clear())),
        Row<V6>(R::kNoAddresses, "count 0, IPv6", MakeV6, WITH(f.addresses.clear())),
        Row<V3>(R::kBadChecksum, "by neither rule", MakeV3, WITH(f.checksum = 0x1234)),
        Row<V6>(R::kBadChecksum, "wrong, IPv6", MakeV6, WITH(f.checksum = 0x1234)),
        Row<V6>(R::kBadChecksum, "IPv6 without the pseudo-header", MakeV6,
                WITH(f.checksum_rule = ChecksumRule::kRfc9568)),
        Row<V3>(R::kBadInterval, "0", MakeV3, WITH(f.interval = 0)),
        Row<V3>(R::kBadInterval, "0 behind a reserved nibble of ones", MakeV3, WITH(f.interval = 0; f.reserved = 15)),
        Row<V6>(R::kBadInterval, "0, IPv6", MakeV6, WITH(f.interval = 0)),
        Late(Row<Plain>(R::kBadInterval, "0 s beside VRRPv3", MakeCoexistent, WITH(f.interval = 0))),
        Row<V3>(R::kUnknownVrid, "VRRPv3", MakeV3, WITH(f.vrid = 52)),
        Row<V3>(R::kUnknownVrid, "the VRID is IPv6's", MakeV6, WITH((void)f)),
        Row<V6>(R::kUnknownVrid, "the VRID is IPv4's", MakeV3, WITH((void)f)), {R::kInstanceInactive,
                                                                                "port down, IPv6",
                                                                                AuthKind::kNone,
                                                                                [] { return V6().Build(); },
                                                                                {},
                                                                                false,
                                                                                MakeV6,
                                                                                true},
        Row<Unicast>(R::kUnknownPeer, "another's", MakeUnicast, WITH(f.source = Ip("10.99.0.7"))),
        Row<V3>(R::kOwnEcho, "VRRPv3", MakeV3, WITH(f.source = Ip("10.99.0.2"))),
        Row<V6>(R::kOwnEcho, "IPv6", MakeV6, WITH(f.source = Ip("fe80::2"))),
        Row<Unicast>(R::kOwnEcho, "unicast", MakeUnicast, WITH(f.source = Ip("10.99.0.2"))),
        Row<V6>(R::kAuthTypeMismatch, "AH over IPv6", MakeV6, WITH(f.extension_headers = {51})),
        Row<V3>(R::kDuplicateOwner, "VRRPv3", MakeV3Owner, WITH(f.priority = 255)),
        Row<V3>(R::kDuplicateOwner, "strict", MakeStrictOwner, WITH(f.priority = 255)),
        Row<V3>(R::kOwnerIgnores, "VRRPv3, strict", MakeStrictOwner, WITH((void)f)),
        {R::kV2Superseded, "from who speaks VRRPv3 too",
         AuthKind::kNone,  [] { return Plain().Build(); },
         {V3().Build()},   false,
         MakeCoexistent},
        Row<Plain>(R::kAddressMismatch, "VRRPv2 beside VRRPv3", MakeCoexistent, WITH(f.addresses = {Ip("10.99.0.9")})),
  };
}

}  // namespace dpvrrp
