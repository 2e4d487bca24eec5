// SPDX-License-Identifier: BSD-3-Clause
#include "gen/kind.h"

#include <algorithm>

namespace dpvrrp {
namespace {

using enum DropReason;
using enum GenRole;
using enum GenChange;

constexpr std::optional<DropReason> kNowhere;

// By the authentication: none, a password, AH, the auth_hmac trailer.
constexpr GenEnds By(std::optional<DropReason> none, std::optional<DropReason> simple, std::optional<DropReason> ah,
                     std::optional<DropReason> trailer) {
  return {none, simple, ah, trailer};
}
constexpr GenEnds Always(DropReason reason) { return By(reason, reason, reason, reason); }
constexpr GenEnds AhOnly(DropReason reason) { return By(kNowhere, kNowhere, reason, kNowhere); }
constexpr GenEnds TrailerOnly(DropReason reason) { return By(kNowhere, kNowhere, kNowhere, reason); }

// Where a kind exists.
struct Where {
  bool v2, v3, ipv4, ipv6;
};
constexpr Where kEverywhere{true, true, true, true};
constexpr Where kV2Only{true, false, true, false};
constexpr Where kV3Only{false, true, true, true};
constexpr Where kIpv4Only{true, true, true, false};
constexpr Where kIpv6Only{false, true, false, true};

constexpr GenKind Row(absl::string_view name, absl::string_view meaning, GenRole role, GenChange change, Where where,
                      GenEnds ends, void (*spoil)(AdvertFrame&) = nullptr) {
  return {name, meaning, role, change, where.v2, where.v3, where.ipv4, where.ipv6, ends, spoil};
}

void RemoveAuthentication(AdvertFrame& f) {
  f.key.clear();
  f.trailer_key.clear();
  f.auth_type.reset();
  std::fill(f.auth_data.begin(), f.auth_data.end(), uint8_t{0});
}

// The same number of addresses, all different from the group's.
void ChangeAddresses(AdvertFrame& f) {
  for (IpAddress& address : f.addresses) {
    IpAddress::Bytes bytes = address.bytes();
    bytes[address.size() - 1] ^= 0x80;
    address = address.is_v4() ? IpAddress::V4(address.v4() ^ 0x80) : IpAddress::V6(bytes);
  }
}

void SpoilPassword(AdvertFrame& f) {
  f.forged = true;
  if (f.auth_type == WireAuthType(AuthKind::kSimple)) f.auth_data[0] ^= 0x55;
}

void BecomeStranger(AdvertFrame& f) {
  RemoveAuthentication(f);
  ChangeAddresses(f);
}

IpAddress OfFamily(const AdvertFrame& f, uint32_t v4, uint8_t v6_last) {
  if (f.source.is_v4()) return IpAddress::V4(v4);
  return IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, v6_last});
}

constexpr GenKind kKinds[] = {
    // Valid
    Row("master", "valid adverts at the interval: masters that can fall silent", kMaster, kSigned, kEverywhere,
        Always(kNone)),
    Row("valid", "valid adverts at a rate", kAdverts, kSigned, kEverywhere, Always(kNone)),
    Row("resign", "valid adverts with priority 0", kAdverts, kSigned, kEverywhere, Always(kNone),
        [](AdvertFrame& f) { f.priority = 0; }),
    Row("twin", "valid adverts from another MAC: a second machine with the same source address", kAdverts, kSigned,
        kEverywhere, Always(kNone), [](AdvertFrame& f) { f.source_mac.bytes = {0x02, 0xff, 0, 0, 0, f.vrid}; }),
    // Attacks and mistakes
    Row("forged", "a wrong key or password", kAdverts, kGuessed, kEverywhere,
        By(kNowhere, kBadPassword, kBadIcv, kExtInvalidHmac), SpoilPassword),
    Row("replayed", "the same valid advert again and again; the first may be accepted, and a trailer becomes stale",
        kAdverts, kRepeated, kEverywhere, By(kNowhere, kNowhere, kReplayed, kExtReplay)),
    Row("stale-gateway", "a gateway with the key that counts from 1 again", kAdverts, kSigned, kEverywhere,
        AhOnly(kStale)),
    Row("clock-skew", "a gateway with the key whose clock is wrong by `clock_offset`", kAdverts, kSigned, kEverywhere,
        TrailerOnly(kExtStale)),
    Row("duplicate-vrid", "another group: the same VRID, other addresses, no authentication", kAdverts, kRepeated,
        kEverywhere, By(kAddressMismatch, kAuthTypeMismatch, kAuthTypeMismatch, kExtMissing), BecomeStranger),
    Row("no-authentication", "adverts without the group's authentication", kAdverts, kRepeated, kEverywhere,
        By(kNowhere, kAuthTypeMismatch, kAuthTypeMismatch, kExtMissing), RemoveAuthentication),
    Row("other-addresses", "authentic adverts with other addresses", kAdverts, kSigned, kEverywhere,
        Always(kAddressMismatch), ChangeAddresses),
    Row("other-interval", "authentic adverts with an interval of 7 s", kAdverts, kSigned, kV2Only,
        Always(kIntervalMismatch), [](AdvertFrame& f) { f.interval = 7; }),
    // Ethernet and IP
    Row("vlan", "a VLAN tag for which nothing is configured: VID 4094 instead of the stream's tags", kAdverts,
        kRepeated, kEverywhere, Always(kUnknownSegment), [](AdvertFrame& f) { f.vlan_tags = {4094}; }),
    Row("udp", "ordinary traffic: UDP to the group's MAC", kAdverts, kRepeated, kEverywhere, Always(kNotVrrp),
        [](AdvertFrame& f) {
          RemoveAuthentication(f);
          f.protocol = 17;
        }),
    Row("cut", "the frame ends inside the IP header", kAdverts, kRepeated, kEverywhere, Always(kTruncated),
        [](AdvertFrame& f) { f.cut_to = 14 + 4 * f.vlan_tags.size() + 18; }),
    Row("ip-length", "the IP length is beyond the frame", kAdverts, kRepeated, kEverywhere, Always(kTruncated),
        [](AdvertFrame& f) { f.total_length = 1400; }),
    Row("ip-version", "IP version 5", kAdverts, kRepeated, kEverywhere, Always(kBadIpHeader),
        [](AdvertFrame& f) { f.version_ihl = f.source.is_v4() ? 0x55 : 0x50; }),
    Row("ip-header-length", "an IPv4 header of 16 bytes", kAdverts, kRepeated, kIpv4Only, Always(kBadIpHeader),
        [](AdvertFrame& f) { f.version_ihl = 0x44; }),
    Row("ip-checksum", "a wrong IPv4 header checksum", kAdverts, kRepeated, kIpv4Only, Always(kBadIpChecksum),
        [](AdvertFrame& f) { f.ip_checksum = 1; }),
    Row("fragment", "the first IPv4 fragment of several", kAdverts, kRepeated, kIpv4Only, Always(kFragment),
        [](AdvertFrame& f) { f.flags_fragment = 0x2000; }),
    Row("extension-header", "IPv6 hop-by-hop options", kAdverts, kRepeated, kIpv6Only, Always(kExtensionHeader),
        [](AdvertFrame& f) { f.extension_headers = {0}; }),
    Row("ttl", "TTL or hop limit 254", kAdverts, kRepeated, kEverywhere, Always(kBadTtl),
        [](AdvertFrame& f) { f.ttl = 254; }),
    Row("destination", "to 224.0.0.19 or ff02::13", kAdverts, kRepeated, kEverywhere, Always(kBadDestination),
        [](AdvertFrame& f) { f.destination = OfFamily(f, 0xe0000013, 0x13); }),
    Row("source", "from a multicast address", kAdverts, kRepeated, kEverywhere, Always(kBadSource),
        [](AdvertFrame& f) { f.source = OfFamily(f, 0xe0000012, 0x12); }),
    // AH and the trailer
    Row("ah-options", "IPv4 options in front of AH", kAdverts, kRepeated, kIpv4Only, AhOnly(kAhOptions),
        [](AdvertFrame& f) {
          f.ip_options = {0x94, 4, 0, 0};
        }),
    Row("ah-next-header", "AH with ESP behind it", kAdverts, kRepeated, kEverywhere, AhOnly(kAhNextHeader),
        [](AdvertFrame& f) { f.ah_next_header = 50; }),
    Row("ah-spi", "AH with SPI 0", kAdverts, kRepeated, kEverywhere, AhOnly(kBadSpi),
        [](AdvertFrame& f) { f.spi = 0; }),
    Row("trailer-type", "a trailer of type 2", kAdverts, kRepeated, kEverywhere, TrailerOnly(kExtMalformed),
        [](AdvertFrame& f) { f.trailer_type = 2; }),
    Row("trailer-key", "a trailer with key id 255", kAdverts, kSigned, kEverywhere, TrailerOnly(kExtUnknownKey),
        [](AdvertFrame& f) { f.key_id = 255; }),
    // VRRP
    Row("vrid-0", "VRID 0", kAdverts, kRepeated, kEverywhere, By(kUnknownVrid, kUnknownVrid, kUnknownVrid, kBadLength),
        [](AdvertFrame& f) { f.vrid = 0; }),
    Row("vrrp-version", "VRRP version 7", kAdverts, kSigned, kEverywhere, Always(kBadVersion),
        [](AdvertFrame& f) { f.version = 7; }),
    Row("vrrp-type", "VRRP type 2", kAdverts, kSigned, kEverywhere, Always(kBadType),
        [](AdvertFrame& f) { f.type = 2; }),
    Row("vrrp-count", "an address count that is too great by 1", kAdverts, kSigned, kEverywhere, Always(kBadLength),
        [](AdvertFrame& f) { f.count = static_cast<uint8_t>(f.addresses.size() + 1); }),
    Row("no-addresses", "an advert without addresses", kAdverts, kSigned, kEverywhere, Always(kNoAddresses),
        [](AdvertFrame& f) { f.addresses.clear(); }),
    Row("vrrp-checksum", "a wrong VRRP checksum", kAdverts, kSigned, kEverywhere, Always(kBadChecksum),
        [](AdvertFrame& f) { f.wrong_checksum = true; }),
    Row("zero-interval", "a maximum advertise interval of 0", kAdverts, kSigned, kV3Only, Always(kBadInterval),
        [](AdvertFrame& f) { f.interval = 0; }),
    Row("auth-type", "VRRP authentication type 3", kAdverts, kSigned, kV2Only, Always(kInvalidAuthType),
        [](AdvertFrame& f) { f.auth_type = 3; }),
    // Hosts
    Row("question", "ARP requests or neighbour solicitations for the virtual addresses", kQuestion, kRepeated,
        kEverywhere, Always(kNotVrrp)),
};

}  // namespace

std::span<const GenKind> AllGenKinds() { return kKinds; }

const GenKind* FindGenKind(absl::string_view name) {
  const auto found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const GenKind& k) { return k.name == name; });
  return found == std::end(kKinds) ? nullptr : found;
}

}  // namespace dpvrrp
