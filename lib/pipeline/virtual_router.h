// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ah/sender_table.h"
#include "ah/sequence_source.h"
#include "base/address.h"
#include "base/counter.h"
#include "base/drop_reason.h"
#include "base/endian.h"
#include "base/limits.h"
#include "base/remark.h"
#include "base/time.h"
#include "base/types.h"
#include "base/unicast_peer.h"
#include "crypto/key_set.h"
#include "pipeline/host_side.h"
#include "pipeline/sender_lists.h"
#include "pipeline/timer_wheel.h"
#include "vrrp/machine.h"
#include "wire/ipv6.h"

namespace dpvrrp {

// What control says about a virtual router when it makes one.
struct VirtualRouterConfig {
  MachineConfig machine;
  InstanceId id;
  PortId port;
  VlanStack vlan;
  Vrid vrid;
  MacAddress source_mac;  // Ethernet source of adverts and announcements
  MacAddress port_mac;    // the port's own: of what it sends as a host of the segment (responder, unicast)
  // 1..kMaxVirtualAddresses, all of the source's family. The first `advertised` are in the adverts, in this order; the
  // others only held and announced (keepalived's virtual_ipaddress_excluded).
  std::vector<IpAddress> addresses;
  size_t advertised = 0;                           // 0: all
  IpAddress group;                                 // adverts go to this group, and come to it; unspecified: VRRP's own
  std::vector<UnicastPeer> unicast_peers;          // not empty: adverts go to these instead, at most kMaxUnicastPeers
  uint8_t unicast_ttl = 255;                       // of adverts sent to them
  AllowedSenders allowed_senders;                  // not empty: it listens to these alone
  ChecksumRule checksum = ChecksumRule::kRfc5798;  // VRRPv3 over IPv4: of what we send. Both are accepted
  bool v2_coexistence = false;                     // VRRPv3 over IPv4: speaks and hears VRRPv2 too (RFC 9568 8.4)
  bool strict = false;  // as the RFC has it where others are more lenient (docs/decisions/0009)
  // The data plane answers ARP, neighbour solicitations and, with `accept`, echo requests for the addresses while
  // master: for a port whose traffic the kernel never sees.
  bool responder = false;
  bool accept = true;  // packets to the addresses themselves, not only through them (RFC 9568 6.1, Accept_Mode)
  AuthKind auth = AuthKind::kNone;
  TrailerRules trailer;                                   // kAuthHmac
  std::array<uint8_t, 8> password{};                      // kSimple, zero-filled
  IcvRule icv_rule = IcvRule::kKeepalived;                // kAh
  size_t replay_window = kMinReplayWindow;                // kAh
  RestartPolicy restart_policy = RestartPolicy::kRefuse;  // kAh
  uint32_t spi = 0;  // kAh: sent and expected, 256 or more; 0: the sender's IPv4 address, as keepalived has it
  std::unique_ptr<const KeySet> keys;  // kAh, kAuthHmac; changed in place by ShardCommand::kKeys, of the same algorithm
  SequenceRecord* record = nullptr;    // kAh, kAuthHmac; outlives the virtual router

  Family family() const { return machine.source.family(); }
  bool UsesVrrpGroup() const { return unicast_peers.empty() && group == VrrpGroup(family()); }
  std::span<const IpAddress> advertised_addresses() const { return std::span(addresses).first(advertised); }
};

// Where an instance's adverts go to and come to.
enum class Addressing : uint8_t {
  kUsual,  // IPv4, 224.0.0.18
  kGroup,  // another group, or IPv6's; or not everybody is listened to
  kUnicast,
};

// Frames that ended one way. A notice of it goes to control only so often: kNoticeInterval, kRemarkInterval.
struct alignas(16) DropCounter : Counter {  // in one cache line
  Instant notice_after{};                   // the lcore's own
};

// written by: the owning lcore; read by: control, at any time
struct VirtualRouterCounters {
  Counter adverts_received;  // accepted
  Counter adverts_sent;
  Counter priority_zero_received;
  Counter priority_zero_sent;
  Counter became_master;
  Counter sequence_exhausted;  // adverts not sent for want of a sequence number (conformance AH-25)
  Counter peer_unresolved;     // copies not sent to a unicast peer for want of its Ethernet address
  DropCounter conflicts;       // ARP or neighbour discovery in which somebody else has an address of ours while master
  std::array<DropCounter, kDropReasonCount> drops;
  std::array<DropCounter, kRemarkCount> remarks;  // of accepted adverts
};

// What the receive path asks of a virtual router before it believes anything, kept here in the form in which it is
// compared. Made of the configuration but for `listening`.
struct Inbound {
  const MacKey* key = nullptr;  // kAh: the one that signs
  Be32 source;                  // our own
  AuthKind auth{};
  IcvRule icv_rule{};
  uint8_t icv_bytes = 0;       // kAh
  uint8_t ah_payload_len = 0;  // kAh

  // The VRRPv2 message of a router that is configured as we are. Its first eight bytes as one number, priority and
  // checksum zero, or all ones in VRRPv3, which no message equals; the first address; the ones' complement sum of all.
  uint64_t header = 0;
  Be32 first_address;
  uint32_t sum = 0;
  uint8_t addresses = 0;

  Addressing addressing{};
  bool listening : 1 = false;       // not in Initialize
  bool shared_counter : 1 = false;  // kAh: the group's members count on from each other's numbers, as keepalived's do
  bool spi_is_set : 1 = false;      // kAh: it is config.spi, not the sender's address
  bool is_moving : 1 = false;       // next_vrid is not 0
  uint8_t other_keys : 4 = 0;       // besides `key`
  // In a flood: the burst in which it was last asked for, and how many of its likely adverts that has verified.
  uint8_t flood_verified = 0;
  uint32_t flood_burst = 0;
};

// An advert as it is hashed: complete but for priority, IP id, sequence number, ICV and VRRP checksum, which are zero,
// like the header fields that the ICV does not cover, and to unicast peers the destination. See advert_writer.h.
struct AdvertTemplate {
  std::vector<uint8_t> bytes;
  uint8_t ip_at = 0;    // offset of the IP header
  uint8_t vrrp_at = 0;  // offset of the VRRP header
  // Ones' complement sums of what the headers' checksums cover, without what is zero in the template.
  uint16_t ip_sum = 0;  // IPv4
  uint16_t vrrp_sum = 0;
  PortId port;  // to send it from
};
static_assert(sizeof(AdvertTemplate) == 32);

// A unicast peer's next hop as a neighbour on the segment.
struct PeerNeighbour {
  MacAddress mac{};
  bool known = false;  // mac is valid
  Instant asked_at{};  // last solicited
  Instant heard_at{};  // last heard of
};

class VirtualRouter;

struct RouterTimer : TimerNode {
  VirtualRouter* router = nullptr;
};

// One virtual router as its lcore holds it. Built whole by control, handed over through the command ring, handed back
// to be freed. Control may keep the pointer as a handle and read `counters`, nothing else.
//
// Thread: owning lcore, but for what is marked.
class VirtualRouter {
 public:
  explicit VirtualRouter(VirtualRouterConfig c)
      : VirtualRouter(c.record != nullptr ? nullptr : std::make_unique<SequenceRecord>(), std::move(c)) {}
  VirtualRouter(const VirtualRouter&) = delete;
  VirtualRouter& operator=(const VirtualRouter&) = delete;

  // An advert on its way in touches a cache line of each of these, in this order.
  alignas(64) Inbound inbound;
  SenderTable senders;  // begins in the same line
  alignas(64) Machine machine;
  alignas(64) RouterTimer timer;
  VirtualRouterConfig config;  // immutable but for machine.priority, keys, allowed_senders, vrid and source_mac
  alignas(64) VirtualRouterCounters counters;

  // Links of the shard's queues (work_queue.h).
  struct Link {
    VirtualRouter* next = nullptr;
    bool queued = false;
  };

  // And an advert on its way out this line, and its template.
  alignas(64) Link advert_link;
  SequenceSource sequence;
  AdvertTemplate advert;
  uint16_t ip_id = 0;                  // last used
  uint8_t numbers_low = 0;             // how often control has been told that AH's numbers run out
  std::optional<Priority> advert_due;  // an advert with this priority waits to be sent
  uint8_t copies = 1;                  // frames that make an advert
  Vrid next_vrid{0};                   // not 0: it is moving there, and speaks and hears that VRID beside its own
  bool next_vrid_heard = false;        // accepted an advert with it
  uint8_t copies_sent = 0;             // of the one that is being sent
  bool retiring = false;               // removed; goes back to control once nothing of it waits to be sent
  bool retired = false;                // ready to go back
  bool wants_numbers = false;          // control is to be told that an advert waits for a number to be reserved
  bool awaits_numbers = false;         // and has not answered yet

  Link announce_link;
  std::bitset<kMaxVirtualAddresses> announce_due;  // announcements of these addresses wait to be sent

  std::unique_ptr<const KeySet> replaced_keys;  // on their way back to control

  const SequenceRecord* next_record = nullptr;  // with next_vrid, what was heard with that one in former times, or null

  MacAddress next_mac{};    // with next_vrid, what that one is spoken from if not source_mac; else zero
  MacAddress former_mac{};  // not zero: the virtual MAC of a VRID that was left, at which hosts may still look for it

  Instant listening_since{};  // it left Initialize
  Instant deaf_since{};       // it came to Initialize

  // A change of state that control has not been told of yet. Several between two tellings become one.
  Link report_link;
  std::optional<State> reported_from;

  // The advertised addresses sorted, to compare as sets with what others advertise.
  std::vector<IpAddress> sorted_addresses;

  std::vector<PeerNeighbour> neighbours;  // one for each of config.unicast_peers
  AdvertTemplate v2_advert;               // with v2_coexistence, of the VRRPv2 advert beside each
  // With v2_coexistence: who was last heard to speak VRRPv3, and when.
  IpAddress v3_master;
  Instant v3_heard{};

  std::unique_ptr<HostSide> host_side;  // null: neither a responder nor unicast

  std::unique_ptr<SequenceRecord> unrecorded;  // stands in for config.record where nothing is numbered

 private:
  VirtualRouter(std::unique_ptr<SequenceRecord> stand_in, VirtualRouterConfig&& c);
};

}  // namespace dpvrrp
