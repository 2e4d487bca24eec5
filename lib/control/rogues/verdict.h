// SPDX-License-Identifier: BSD-3-Clause
//
// What `diagnose` can find, what is wrong with this gateway first, then the worst: enumerator, name for people and
// programs, kind, what it means, what to do about it. A new verdict is one line here, the place in diagnosis/
// where it is reached, a planted fault in diagnose_test.cc, which fails for a verdict without one, and a row in
// docs/cli.md. {address}, {mac}, {instance}, {port} are filled in (and of vrid-mismatch {vrid}, {ours}).
//
// A mend must never shut out a healthy gateway: `sender block` is only advised for a sender that is not one of ours.
//
// Thread: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/enum_list.h"

#define DPVRRP_VERDICTS(X)                                                                                             \
  /* What is wrong with this gateway. */                                                                               \
  X(kPortDown, "port-down", kOurs, "a port of ours is down, and its instances are in Initialize",                      \
    "check the cable, the switch port and the interface of port {port} (ip link); the instances start again by "       \
    "themselves when it is up")                                                                                        \
  X(kStarvedLcore, "starved-lcore", kOurs, "a worker lcore of ours gets its CPU too late to keep its timers",          \
    "give the worker a CPU of its own (lcores, isolcpus) or a higher scheduling class, and check what else runs on "   \
    "that CPU (top, the hypervisor's steal time)")                                                                     \
  X(kSendErrors, "send-errors", kOurs, "a port of ours fails to send some of its frames",                              \
    "check the interface of port {port}: whether it exists and is up, and whether its queue is full (ip -s link, "     \
    "dmesg); peers that miss our adverts take over")                                                                   \
  X(kPortDeaf, "port-deaf", kOurs, "a port of ours no longer receives frames",                                         \
    "if no other machine of the segment runs, this is normal; otherwise check the switch port of {port}, its VLANs "   \
    "and the receive filter (show ports)")                                                                             \
  X(kWeHearNobody, "we-hear-nobody", kOurs,                                                                            \
    "we are master, and another gateway, whose adverts do not reach us, uses our virtual address",                     \
    "check the path from {mac} to us: IGMP or MLD snooping and multicast flooding of our switch port, the VLAN, a "    \
    "filter; then check that the gateway sends adverts with this VRID to this group")                                  \
  X(kAddressMissing, "address-missing", kOurs, "the kernel lacks a virtual address that it should hold",               \
    "the daemon tries the address again by itself; check the device (ip link, ip address) and the reason above")       \
  X(kAddressForeign, "address-foreign", kOurs,                                                                         \
    "the kernel holds a virtual address that another program or the administrator added",                              \
    "remove it from the network configuration of this machine: it stays there when we are not master, and then two "   \
    "machines have it")                                                                                                \
  X(kInstanceInactive, "instance-inactive", kOurs,                                                                     \
    "an instance of ours is in Initialize while other gateways of its group advertise",                                \
    "show instance {instance} shows why it is in Initialize")                                                          \
  X(kStandsBack, "stands-back", kOurs,                                                                                 \
    "an instance of ours is in Fault, or has a lower priority, because of a track or its group",                       \
    "repair what the track observes (show tracks); the instance comes back by itself")                                 \
  X(kNumbersLow, "numbers-low", kOurs,                                                                                 \
    "the AH sequence numbers of an instance are nearly used up; after the last one no advert is sent",                 \
    "move the virtual router to another VRID, whose numbers begin at 1: vrid suggest {port}, vrid migrate {instance} " \
    "NEW on all gateways of the group")                                                                                \
  /* What is wrong with others, or between us. */                                                                      \
  X(kDuplicateVrid, "duplicate-vrid", kRogue, "another group uses this VRID on this segment for other addresses",      \
    "if it is a gateway of this group: correct its virtual addresses; if it is another group's: give one of the two "  \
    "groups another VRID (vrid suggest {port}, then vrid migrate {instance} NEW), and until then: sender block "       \
    "{address}")                                                                                                       \
  X(kTwoOwners, "two-owners", kRogue, "two gateways are configured as owner of the addresses, priority 255",           \
    "only one may own them: give the other a priority of 1..254")                                                      \
  X(kSourceAddressTaken, "source-address-taken", kRogue, "another gateway advertises with our own source address",     \
    "give each gateway a source_address of its own: check the machine with MAC {mac} for a copied configuration, for " \
    "a clone, or for our address on another host")                                                                     \
  X(kStaleGateway, "stale-gateway", kRogue,                                                                            \
    "a gateway with the right key does not hear the group: it became master and continues its own sequence numbers",   \
    "find what stops multicast on the path to it: IGMP snooping, a VLAN that is missing on one side, a filter. If it " \
    "no longer belongs to the group: sender block {address}, or exclude it with a new key (key add, key sign, key "    \
    "drop)")                                                                                                           \
  X(kNumbersWentBack, "numbers-went-back", kOrdinary,                                                                  \
    "the sequence numbers of a gateway of this group went back: its state was restored from a snapshot or a backup",   \
    "to accept it again, set restart_policy = \"readmit\" here; otherwise its adverts are refused until its numbers "  \
    "pass the old ones. Exclude the state directory of a gateway from snapshots and backups")                          \
  X(kReplay, "replay", kRogue, "old adverts are sent again",                                                           \
    "they are refused; find the machine that sends them by the MAC {mac}: sender block {mac}, and change the key if "  \
    "in doubt")                                                                                                        \
  X(kDoubled, "doubled-by-network", kOrdinary, "the network delivers each advert of a sender more than once",          \
    "the copies are refused and do no harm; check for a mirror port, a bond or LAG in the wrong mode, a virtual "      \
    "switch with two paths, a loop")                                                                                   \
  X(kClockSkew, "clock-skew", kOrdinary, "the clock of a gateway of this group differs from ours by too much",         \
    "synchronise the clocks of both (NTP, chrony): timedatectl on each shows which one is wrong. Its key is right, "   \
    "and its adverts are accepted again when the clocks agree within time_window")                                     \
  X(kFlood, "flood", kRogue, "more adverts without valid authentication arrive than a worker can verify",              \
    "adverts of known gateways are verified first; find the machine that sends the flood by the MAC {mac} at the "     \
    "switch")                                                                                                          \
  X(kIcvRuleMismatch, "icv-rule-mismatch", kOrdinary,                                                                  \
    "a gateway of this group has our key, and computes the ICV by another icv_rule",                                   \
    "make icv_rule the same on all gateways of the group: \"keepalived\" with keepalived peers, otherwise "            \
    "\"rfc4302\"")                                                                                                     \
  X(kAlgorithmMismatch, "algorithm-mismatch", kOrdinary,                                                               \
    "a gateway of this group authenticates with another algorithm",                                                    \
    "make the algorithm the same on all gateways of the group (keepalived: hmac-md5-96 only)")                         \
  X(kKeyShortened, "key-cut-by-keepalived", kOrdinary,                                                                 \
    "a gateway of this group uses our key in another form: its configuration file cuts or quotes it",                  \
    "use a key of at most 8 letters and digits on all gateways, or put the key in double quotes in keepalived.conf "   \
    "(there ! and # begin a comment)")                                                                                 \
  X(kKeyOfAnother, "key-of-another-instance", kOrdinary,                                                               \
    "a gateway of this group uses the key that is configured here for another virtual router",                         \
    "if it is a gateway of {instance}: use the same key on both; if it is a gateway of the other virtual router: "     \
    "correct its VRID or its segment")                                                                                 \
  X(kKeyOutOfTime, "key-expired", kOrdinary, "a gateway of this group signs with a key outside its validity period",   \
    "configure it to sign with our signing key, or change not_before and not_after of its key; compare the clocks")    \
  X(kKeyIdMismatch, "key-id-mismatch", kOrdinary, "a gateway of this group has our key under another key id",          \
    "give the key the same id on all gateways of the group")                                                           \
  X(kWrongKey, "wrong-key", kRogue, "adverts for this virtual router are signed with another key",                     \
    "if it is a gateway of this group: give it the key of the group; if it is another group's: sender block "          \
    "{address}")                                                                                                       \
  X(kWrongAuthKind, "wrong-auth-kind", kRogue, "adverts for this virtual router carry another kind of authentication", \
    "if it is a gateway of this group: make [instance.authentication] the same on all gateways of the group; if it "   \
    "is another group's: sender block {address}")                                                                      \
  X(kNobodyHearsUs, "nobody-hears-us", kRogue,                                                                         \
    "we are master, and a gateway that we hear stays master at the same time",                                         \
    "our adverts do not reach it, or it refuses them: check the path from us to it (switch port, IGMP snooping, "      \
    "VLAN, its filter) and its own log; if it is the only such gateway, check its receive side")                       \
  X(kTwoMasters, "two-masters", kRogue, "two other gateways are master at the same time",                              \
    "the one with the lower priority does not hear the other: check the path between them")                            \
  X(kAddressingMismatch, "addressing-mismatch", kOrdinary,                                                             \
    "a gateway of this group sends its adverts to another destination than we expect, or is not in our unicast_peers", \
    "make it the same on all gateways of the group: multicast everywhere, or on each gateway the addresses of all "    \
    "others in unicast_peers")                                                                                         \
  X(kUnlistedSender, "unlisted-sender", kOrdinary, "a gateway with our key is not in allowed_senders",                 \
    "if it is a gateway of this group: sender allow {instance} {address}, and add it to allowed_senders in the "       \
    "configuration")                                                                                                   \
  X(kVlanMismatch, "vlan-mismatch", kOrdinary, "a gateway of this group advertises in another VLAN than we do",        \
    "put both into one VLAN: vlan of {instance} here, the interface there (eth0 or eth0.7), or the tagging of the "    \
    "switch ports")                                                                                                    \
  X(kVridMismatch, "vrid-mismatch", kRogue, "a gateway advertises our virtual addresses under another VRID",           \
    "use one VRID for the group: vrid migrate {instance} {vrid} and vrid finish here, or the same to {ours} there; "   \
    "then set the same vrid in both configurations. If it is another group's: give that group other addresses")        \
  X(kAddressConflict, "address-conflict", kRogue,                                                                      \
    "another host answers ARP or neighbour discovery for a virtual address",                                           \
    "a host has the address, or a gateway kept it after it was master: remove it from the machine with MAC {mac}")     \
  X(kVirtualMacElsewhere, "vmac-elsewhere", kRogue,                                                                    \
    "adverts of our virtual router arrive on a segment where it does not belong",                                      \
    "two segments are bridged, or another group has the VRID there, or a gateway of ours is plugged into the wrong "   \
    "segment: check where the switches learn the MAC {mac}")                                                           \
  X(kOwnFramesLooped, "own-frames-looped", kRogue, "we receive our own adverts",                                       \
    "check for a loop: spanning tree, a mirror port, a bond in the wrong mode")                                        \
  X(kVipListMismatch, "vip-list-mismatch", kRogue, "a gateway of this group advertises other virtual addresses",       \
    "make the virtual addresses the same on all gateways of the group")                                                \
  X(kIntervalMismatch, "interval-mismatch", kRogue, "a gateway of this group advertises at another interval",          \
    "make the advertisement interval the same on all gateways of the group")                                           \
  X(kVersionMismatch, "version-mismatch", kRogue, "a gateway uses another version of VRRP for this VRID",              \
    "make the version the same on all gateways of the group (or set v2_coexistence while they change)")                \
  X(kChecksumMismatch, "checksum-mismatch", kRogue,                                                                    \
    "a gateway computes the VRRP checksum by another rule, or wrongly",                                                \
    "VRRPv3 over IPv4: set checksum = \"rfc5798\" or \"rfc9568\" on all gateways of the group (keepalived: "           \
    "v3_checksum_as_v2)")                                                                                              \
  X(kTtlNot255, "ttl-not-255", kRogue, "adverts arrive with a TTL other than 255",                                     \
    "they were routed, or forged from outside the segment, or the sender sets another TTL; with unicast_peers: set "   \
    "min_ttl and max_ttl of the peer")                                                                                 \
  X(kBadSourceAddress, "bad-source-address", kRogue, "adverts come from a source address that no gateway may have",    \
    "give the gateway with the MAC {mac} a source address of the segment (IPv6: its link-local one)")                  \
  X(kMalformed, "malformed-adverts", kRogue, "adverts are damaged or violate the format",                              \
    "compare what arrives (tcpdump -e -vv) with what the gateway sends: a faulty NIC, offload or tunnel changes "      \
    "frames; otherwise the sender with MAC {mac} is not a VRRP router")                                                \
  X(kRestartedPeer, "restarted-peer", kRogue,                                                                          \
    "a gateway of this group was restarted: its sequence numbers begin at the start again",                            \
    "to accept it again, set restart_policy = \"readmit\" here; otherwise it is refused until its numbers pass the "   \
    "old ones, or until it hears us and continues above our numbers")                                                  \
  X(kEqualPriorities, "equal-priorities", kRogue, "a gateway has the same priority as we do",                          \
    "the router with the greater address becomes master; give each gateway a different priority")                      \
  X(kBlockedSender, "blocked-sender", kQuiet, "a blocked sender still advertises",                                     \
    "as ordered (show blocks); if it is a gateway of this group: sender unblock")                                      \
  X(kUnconfiguredVrid, "unconfigured-vrid", kQuiet, "adverts for a VRID that is not configured on this segment",       \
    "harmless if it is another group's; if it should be ours, configure it here")

namespace dpvrrp {

enum class Verdict : uint8_t { DPVRRP_VERDICTS(DPVRRP_ENUMERATOR) };
inline constexpr size_t kVerdictCount = DPVRRP_COUNT_OF(DPVRRP_VERDICTS);

// Where a verdict is reported besides `diagnose`.
enum class VerdictKind : uint8_t {
  kOurs,      // about this gateway: an event of kind "diagnosis" when it begins and when it is over
  kOrdinary,  // a fault of configuration, clock or network between healthy gateways: likewise
  kRogue,     // a sender that misbehaves: an event of kind "rogue" likewise; in `show rogues`
  kQuiet,     // no event
};

struct VerdictInfo {
  Verdict verdict;
  absl::string_view name;  // lower-case, hyphens; stable: scripts use it
  VerdictKind kind;
  absl::string_view meaning;
  absl::string_view mend;
};

// One row per verdict, in enumerator order.
const std::array<VerdictInfo, kVerdictCount>& AllVerdicts();
inline const VerdictInfo& InfoOf(Verdict verdict) { return AllVerdicts()[static_cast<size_t>(verdict)]; }

// How sure a verdict is. A sender without the key may make up anything, its addresses included.
enum class Certainty : uint8_t { kCertain, kLikely };
absl::string_view ToString(Certainty certainty);

// What is known of the key of a speaker's frames.
enum class KeyKnown : uint8_t { kNone, kUnknown, kWrong, kRight };  // kNone: no cryptographic authentication
absl::string_view ToString(KeyKnown key);

}  // namespace dpvrrp
