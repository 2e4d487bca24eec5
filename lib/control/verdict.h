// SPDX-License-Identifier: BSD-3-Clause
//
// What `diagnose` can find, the worst first: enumerator, name for people and programs, what it means, what to do about
// it. A new verdict is one line here, the place in diagnose.cc where it is reached, and a planted fault in
// diagnose_test.cc, which fails for a verdict without one. {address}, {mac}, {instance}, {port} are filled in
// (and of vrid-mismatch {vrid}, {ours}).
//
// Thread: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

#define DPVRRP_VERDICTS(X)                                                                                            \
  X(kDuplicateVrid, "duplicate-vrid", "another group uses this VRID on this segment for other addresses",             \
    "give one of the two groups another VRID: vrid suggest {port}, then vrid migrate {instance} NEW; until then: "    \
    "sender block {address}")                                                                                         \
  X(kTwoOwners, "two-owners", "two gateways are configured as owner of the addresses, priority 255",                  \
    "only one may own them: give the other a priority of 1..254")                                                     \
  X(kStaleGateway, "stale-gateway",                                                                                   \
    "a gateway with the right key that does not hear the group: it has made itself master and counts on its own",     \
    "sender block {address}, or lock it out with a new key (key add, key sign, key drop); then look for what keeps "  \
    "multicast from reaching it: IGMP snooping, a VLAN that one side lacks, a filter")                                \
  X(kReplay, "replay", "adverts of former times are being sent again",                                                \
    "they are refused; find who sends them by the MAC {mac}: sender block {mac}, and change the key if in doubt")     \
  X(kWrongKey, "wrong-key", "adverts for this virtual router are signed with another key",                            \
    "a gateway of ours: give it the key of this group; somebody else's: sender block {address}")                      \
  X(kWrongAuthKind, "wrong-auth-kind", "adverts for this virtual router carry another kind of authentication",        \
    "make [instance.authentication] the same on all gateways of the group; somebody else's: sender block {address}")  \
  X(kNobodyHearsUs, "nobody-hears-us", "we are master, and a gateway that we hear goes on as master beside us",       \
    "our adverts do not reach it: look at the path from us to it (switch port, IGMP snooping, VLAN, its filter); if " \
    "it is the only one, at its own receive side")                                                                    \
  X(kTwoMasters, "two-masters", "two other gateways are master at the same time",                                     \
    "the one of lower priority does not hear the other: look at the path between them")                               \
  X(kVridMismatch, "vrid-mismatch", "a gateway advertises our virtual addresses under another VRID",                  \
    "one group has one VRID: vrid migrate {instance} {vrid} here and vrid finish, or the same to {ours} there; then " \
    "the same vrid in both configurations; another group's: give it other addresses")                                 \
  X(kAddressConflict, "address-conflict", "somebody else answers ARP or neighbour discovery for a virtual address",   \
    "a host has the address, or a gateway kept it when it ceased to be master: remove it at the MAC {mac}")           \
  X(kVirtualMacElsewhere, "vmac-elsewhere", "a virtual MAC of ours comes from a segment where it does not belong",    \
    "two segments are bridged, or another group has the VRID there: look where the MAC {mac} is learned")             \
  X(kOwnFramesLooped, "own-frames-looped", "our own adverts come back to us",                                         \
    "look for a loop (spanning tree, a mirror port, a bond in the wrong mode); with another MAC: somebody has our "   \
    "address")                                                                                                        \
  X(kVipListMismatch, "vip-list-mismatch", "a gateway of this group advertises other virtual addresses",              \
    "make the virtual addresses the same on all gateways of the group")                                               \
  X(kIntervalMismatch, "interval-mismatch", "a gateway of this group advertises at another interval",                 \
    "make the advertisement interval the same on all gateways of the group")                                          \
  X(kVersionMismatch, "version-mismatch", "a gateway speaks another version of VRRP for this VRID",                   \
    "make the version the same on all gateways of the group (or v2_coexistence while they change)")                   \
  X(kChecksumMismatch, "checksum-mismatch", "a gateway computes the VRRP checksum by another rule, or wrongly",       \
    "VRRPv3 over IPv4: make it checksum = \"rfc5798\" or \"rfc9568\" on all (keepalived: v3_checksum_as_v2)")         \
  X(kTtlNot255, "ttl-not-255", "adverts arrive with a TTL other than 255",                                            \
    "they have been routed, or are forged from outside the segment, or the sender sets a TTL of its own")             \
  X(kRestartedPeer, "restarted-peer", "a gateway of this group counts from zero again: it was restarted",             \
    "restart_policy = \"readmit\" takes it in again; else it is refused until its numbers pass the old ones, or it "  \
    "hears us and goes on above ours")                                                                                \
  X(kEqualPriorities, "equal-priorities", "a gateway has the same priority as we",                                    \
    "the greater address decides; give each gateway a priority of its own")                                           \
  X(kUnconfiguredVrid, "unconfigured-vrid", "adverts for a VRID that is not configured on this segment",              \
    "another group's, and no harm; if it should be ours, configure it here")

namespace dpvrrp {

enum class Verdict : uint8_t {
#define X(id, name, meaning, mend) id,
  DPVRRP_VERDICTS(X)
#undef X
};

#define X(id, name, meaning, mend) +1
inline constexpr size_t kVerdictCount = 0 DPVRRP_VERDICTS(X);
#undef X

struct VerdictInfo {
  Verdict verdict;
  absl::string_view name;  // lower-case, hyphens; stable: scripts use it
  absl::string_view meaning;
  absl::string_view mend;
};

// One row per verdict, in enumerator order.
const std::array<VerdictInfo, kVerdictCount>& AllVerdicts();
inline const VerdictInfo& InfoOf(Verdict verdict) { return AllVerdicts()[static_cast<size_t>(verdict)]; }

// How sure a verdict is. Without a key anybody can make up anything, his addresses included.
enum class Certainty : uint8_t { kCertain, kLikely };
absl::string_view ToString(Certainty certainty);

// What is known of the key of a speaker's frames.
enum class KeyKnown : uint8_t { kNone, kUnknown, kWrong, kRight };  // kNone: no cryptographic authentication
absl::string_view ToString(KeyKnown key);

}  // namespace dpvrrp
