// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/enum_list.h"

// Every way a received frame can end, in the order of the checks: enumerator, name for people and programs, meaning.
// A new reason is one line here and the `return` where it is found; counters, `show drops` and the coverage test
// follow.
#define DPVRRP_DROP_REASONS(X)                                                                                      \
  X(kNone, "none", "accepted")                                                                                      \
  /* Not for us: ordinary traffic of the segment. */                                                                \
  X(kNotVrrp, "not-vrrp", "not an IP packet of protocol 112 or 51")                                                 \
  /* Ethernet and IP */                                                                                             \
  X(kTruncated, "truncated", "shorter than its headers say")                                                        \
  X(kUnknownSegment, "unknown-segment", "VLAN tags for which nothing is configured on this port")                   \
  X(kBadIpHeader, "bad-ip-header", "IP version or a length in the IP header is wrong")                              \
  X(kBadIpChecksum, "bad-ip-checksum", "IPv4 header checksum is wrong")                                             \
  X(kFragment, "fragment", "IP fragment (RFC 4302 3.4.1)")                                                          \
  X(kExtensionHeader, "extension-header", "IPv6 extension headers in front of VRRP are not accepted")               \
  X(kBadDestination, "bad-destination",                                                                             \
    "destination is not the group, or with unicast peers not our address (RFC 9568 5.1)")                           \
  X(kBadTtl, "bad-ttl", "TTL or hop limit is not 255, or not in the unicast peer's range (RFC 9568 7.1)")           \
  X(kBadSource, "bad-source", "source address is unspecified, multicast, broadcast, or IPv6 and not link-local")    \
  /* VRRP, and AH up to the ICV */                                                                                  \
  X(kAhNextHeader, "ah-next-header", "AH carries something other than VRRP (RFC 4302 2.1)")                         \
  X(kAhOptions, "ah-ip-options", "IPv4 options in front of AH are not accepted")                                    \
  X(kBadVersion, "bad-version", "VRRP version differs from the instance's")                                         \
  X(kBadType, "bad-type", "VRRP type is not 1, ADVERTISEMENT (RFC 3768 5.3.2)")                                     \
  X(kBadLength, "bad-length", "length does not fit the address count (RFC 3768 7.1)")                               \
  X(kNoAddresses, "no-addresses", "the advert's address count is 0")                                                \
  X(kBadChecksum, "bad-checksum", "VRRP checksum is wrong (RFC 3768 5.3.8)")                                        \
  X(kBadInterval, "bad-interval", "max advertise interval is 0 (RFC 9568 5.2.7, erratum 8301)")                     \
  X(kBlocked, "blocked", "the sender is blocked: show blocks")                                                      \
  X(kUnknownVrid, "unknown-vrid", "VRID is not configured on this segment (RFC 3768 7.1)")                          \
  X(kInstanceInactive, "instance-inactive", "the instance is in Initialize (RFC 3768 6.4.1)")                       \
  X(kUnknownPeer, "unknown-peer", "sender is not one of the configured unicast peers")                              \
  X(kUnlistedSender, "unlisted-sender", "sender is not in the instance's allowed_senders")                          \
  X(kOwnEcho, "own-echo", "our own advert was received by us")                                                      \
  X(kInvalidAuthType, "invalid-auth-type", "authentication type is not 0, 1 or 2 (RFC 2338 5.3.6)")                 \
  X(kAuthTypeMismatch, "auth-type-mismatch", "authentication type is not the configured one (RFC 3768 7.1)")        \
  X(kBadPassword, "bad-password", "simple password differs (RFC 2338 5.3.6.2)")                                     \
  X(kExtMissing, "auth-ext-missing", "no auth_hmac trailer, and the mode is enforce")                               \
  X(kExtMalformed, "auth-ext-malformed", "auth_hmac trailer: its type is not 1, or a reserved field is not 0")      \
  X(kExtStale, "auth-ext-stale", "auth_hmac trailer: its time is further from ours than time_window")               \
  X(kExtReplay, "auth-ext-replay", "auth_hmac trailer: its number is not above the sender's last")                  \
  X(kExtUnknownKey, "auth-ext-unknown-key", "auth_hmac trailer: no key of ours has its key id")                     \
  X(kAhLength, "ah-length", "AH payload length does not fit the algorithm (RFC 4302 2.2)")                          \
  X(kBadSpi, "bad-spi", "SPI is 0, or not the sender's address (RFC 4302 2.4, keepalived)")                         \
  X(kReplayed, "replayed", "sequence number already seen (RFC 4302 3.4.3)")                                         \
  X(kStale, "stale", "sequence number left of the replay window (RFC 4302 3.4.3)")                                  \
  X(kBehindGroup, "behind-group", "sequence number far behind the group's: its sender cannot hear us (keepalived)") \
  X(kUnverified, "unverified", "probably not authentic, and more arrived than the lcore can verify")                \
  X(kExtInvalidHmac, "auth-ext-invalid-hmac", "auth_hmac trailer: HMAC mismatch: wrong key or a forged frame")      \
  X(kBadIcv, "bad-icv", "ICV mismatch: wrong key or a forged frame (RFC 4302 3.4.4)")                               \
  /* Authenticated, but not agreeing with us */                                                                     \
  X(kDuplicateOwner, "duplicate-owner",                                                                             \
    "priority is 255 and so is ours: two owners of the addresses (RFC 9568 8.3.2)")                                 \
  X(kV2Superseded, "v2-superseded", "VRRPv2 advert of a master that also sends VRRPv3 (RFC 9568 8.4)")              \
  X(kOwnerIgnores, "owner-ignores", "we own the addresses (priority 255) and ignore other adverts (RFC 3768 7.1)")  \
  X(kIntervalMismatch, "interval-mismatch", "advertisement interval is not ours (RFC 3768 7.1)")                    \
  X(kAddressMismatch, "address-mismatch", "address list is not ours and the sender is not the owner (RFC 3768 7.1)")

namespace dpvrrp {

enum class DropReason : uint8_t { DPVRRP_DROP_REASONS(DPVRRP_ENUMERATOR) };
inline constexpr size_t kDropReasonCount = DPVRRP_COUNT_OF(DPVRRP_DROP_REASONS);

struct DropReasonInfo {
  DropReason reason;
  absl::string_view name;     // lower-case, hyphens; stable: scripts and metrics use it
  absl::string_view meaning;  // one line, with its source
};

// One row per reason, in enumerator order. Thread: any.
const std::array<DropReasonInfo, kDropReasonCount>& AllDropReasons();
inline absl::string_view ToString(DropReason reason) { return AllDropReasons()[static_cast<size_t>(reason)].name; }

}  // namespace dpvrrp
