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
#include "pipeline/receive/sender_lists.h"
#include "pipeline/stand_in/host_side.h"
#include "pipeline/timer_wheel.h"
#include "vrrp/machine.h"
#include "wire/ipv6.h"

namespace dpvrrp {

// The settings of a virtual router, as control makes them.
struct VirtualRouterConfig {
  MachineConfig machine;
  InstanceId id;
  PortId port;
  VlanStack vlan;
  Vrid vrid;
  MacAddress source_mac;  // Ethernet source of adverts and announcements
  MacAddress port_mac;    // the port's own: Ethernet source of frames sent as a host (responder, unicast)
  // 1..kMaxVirtualAddresses. The first `advertised` are in the adverts, in this order, and of the source's family. The
  // others are owned and announced, but not in adverts (keepalived's virtual_ipaddress_excluded). With `responder` they
  // are of the source's family too.
  std::vector<IpAddress> addresses;
  size_t advertised = 0;                           // 0: all
  IpAddress group;                                 // destination of adverts, sent and received; unspecified: VRRP's own
  std::vector<UnicastPeer> unicast_peers;          // not empty: destinations instead of the group, <= kMaxUnicastPeers
  uint8_t unicast_ttl = 255;                       // of adverts sent to unicast_peers
  AllowedSenders allowed_senders;                  // not empty: adverts of other senders are refused
  ChecksumRule checksum = ChecksumRule::kRfc5798;  // VRRPv3 over IPv4: of sent adverts. Both rules are accepted
  bool v2_coexistence = false;                     // VRRPv3 over IPv4: sends and accepts VRRPv2 too (RFC 9568 8.4)
  bool follows = false;  // a follower: it is not found by received adverts, and sends none (followers.h)
  bool strict = false;   // follow the RFC where other implementations are more lenient (docs/decisions/0009)
  // The data plane answers ARP, neighbour solicitations and, with `accept`, echo requests for the addresses while
  // master: for a port whose traffic the kernel never sees.
  bool responder = false;
  // The data plane reports the group to snooping switches and multicast routers (IGMP, MLD). It must if no kernel does
  // so: the kernel does not see the port's traffic, or the segment is tagged. `responder` includes it.
  bool reports_group = false;
  bool accept = true;  // Accept_Mode (RFC 9568 6.1): answer packets whose destination is a virtual address
  AuthKind auth = AuthKind::kNone;
  TrailerRules trailer;                                   // kAuthHmac
  std::array<uint8_t, 8> password{};                      // kSimple, zero-filled
  IcvRule icv_rule = IcvRule::kKeepalived;                // kAh
  size_t replay_window = kMinReplayWindow;                // kAh
  RestartPolicy restart_policy = RestartPolicy::kRefuse;  // kAh
  uint32_t spi = 0;  // kAh: sent and expected, 256 or more; 0: the sender's IPv4 address, as in keepalived
  std::shared_ptr<const KeySet> keys;  // kAh, kAuthHmac; only control frees it
  SequenceRecord* record = nullptr;    // kAh, kAuthHmac; outlives the virtual router
  // Another router, which this one will replace, still writes into `record` (pipeline/replace.h).
  bool record_in_use = false;

  Family family() const { return machine.source.family(); }
  bool UsesVrrpGroup() const { return unicast_peers.empty() && group == VrrpGroup(family()); }
  std::span<const IpAddress> advertised_addresses() const { return std::span(addresses).first(advertised); }
};

// The kind of an instance's advert destinations, which selects the check of received ones.
enum class Addressing : uint8_t {
  kUsual,  // IPv4, to 224.0.0.18, from every sender: the quick check
  kGroup,  // to another group, or IPv6's; or with `allowed_senders`
  kUnicast,
};

// Counts frames that ended in one way. Control is notified of it at most once in kNoticeInterval or kRemarkInterval.
struct alignas(16) DropCounter : Counter {  // in one cache line
  Instant notice_after{};                   // no notice before this time; only the owning lcore uses it
};

// written by: the owning lcore; read by: control, at any time
struct VirtualRouterCounters {
  Counter adverts_received;  // accepted
  Counter adverts_sent;
  Counter priority_zero_received;
  Counter priority_zero_sent;
  Counter became_master;
  Counter sequence_exhausted;  // adverts not sent because no sequence number was left (conformance AH-25)
  Counter peer_unresolved;     // copies not sent because a unicast peer's Ethernet address was unknown
  // While this router is master:
  DropCounter conflicts;      // ARP or neighbour discovery in which another host claims a virtual address
  DropCounter probes;         // ARP or neighbour discovery in which another host asks whether a virtual address is free
  DropCounter other_masters;  // adverts of another master after which this router is still master
  DropCounter oversleeps;     // it sent nothing for so long that another router may have become master
  std::array<DropCounter, kDropReasonCount> drops;
  std::array<DropCounter, kRemarkCount> remarks;  // of accepted adverts
};

// What the receive path needs from a virtual router to check a frame before it is authenticated, in the form in which
// it is compared. All of it follows from the configuration, except `listening` and what a flood counts.
struct Inbound {
  const MacKey* key = nullptr;  // kAh: the key that signs our adverts
  Be32 source;                  // the source address of our adverts
  AuthKind auth{};
  IcvRule icv_rule{};
  uint8_t icv_bytes = 0;       // kAh
  uint8_t ah_payload_len = 0;  // kAh

  // The VRRPv2 message that a router with our configuration sends, for a quick comparison. `header` is its first eight
  // bytes as one number, with priority and checksum zero. With VRRPv3 it is all ones, which no message equals. `sum` is
  // the ones' complement sum of the message.
  uint64_t header = 0;
  Be32 first_address;
  uint32_t sum = 0;
  uint8_t addresses = 0;

  Addressing addressing{};
  bool listening : 1 = false;       // the state is not Initialize
  bool shared_counter : 1 = false;  // kAh: each member continues above the others' numbers, as keepalived's members do
  bool spi_is_set : 1 = false;      // kAh: it is config.spi, not the sender's address
  bool is_moving : 1 = false;       // next_vrid is not 0
  uint8_t other_keys : 4 = 0;       // how many keys it accepts besides `key`
  // In a flood (receive/flood_order.h): the last burst that had a frame for this router, and how many likely adverts of
  // that burst were verified.
  uint8_t flood_verified = 0;
  uint32_t flood_burst = 0;
};

// An advert in the form in which its ICV is computed. These fields are zero in it: priority, IP id, sequence number,
// ICV, VRRP checksum, the header fields that the ICV does not cover, and with unicast peers the destination. See
// send/advert_writer.h.
struct AdvertTemplate {
  std::vector<uint8_t> bytes;
  uint8_t ip_at = 0;    // offset of the IP header
  uint8_t vrrp_at = 0;  // offset of the VRRP header
  // Ones' complement sums of the bytes that each header's checksum covers, as they are in the template.
  uint16_t ip_sum = 0;  // IPv4
  uint16_t vrrp_sum = 0;
  PortId port;  // that sends it
};
static_assert(sizeof(AdvertTemplate) == 32);

// The Ethernet address of a unicast peer's next hop.
struct PeerNeighbour {
  MacAddress mac{};
  bool known = false;  // mac is valid
  Instant asked_at{};  // the last time that we solicited it
  Instant heard_at{};  // the last time that a frame told the address
};

class FollowerRing;
class VirtualRouter;

struct RouterTimer : TimerNode {
  VirtualRouter* router = nullptr;
};

// One virtual router on its lcore. Control builds it whole and gives it to the lcore through the command ring. The
// lcore returns it when it is removed, and control frees it. Control may keep the pointer as a handle and read
// `counters`, `port` and `vlan`, nothing else.
//
// Thread: the owning lcore, except for those three.
class VirtualRouter {
 public:
  explicit VirtualRouter(VirtualRouterConfig c)
      : VirtualRouter(c.record != nullptr && !c.record_in_use ? nullptr : std::make_unique<SequenceRecord>(),
                      std::move(c)) {}
  VirtualRouter(const VirtualRouter&) = delete;
  VirtualRouter& operator=(const VirtualRouter&) = delete;

  // A received advert needs one cache line of each of these, in this order.
  alignas(64) Inbound inbound;
  SenderTable senders;  // begins in the cache line of `inbound`
  alignas(64) Machine machine;
  alignas(64) RouterTimer timer;
  // ExchangeConfiguration() replaces it as a whole. A VRID move changes `vrid` and `source_mac`; a new MAC of the port
  // changes the MACs.
  VirtualRouterConfig config;
  alignas(64) VirtualRouterCounters counters;

  // Links of the shard's queues (work_queue.h).
  struct Link {
    VirtualRouter* next = nullptr;
    bool queued = false;
  };

  // A sent advert needs this cache line and its template.
  alignas(64) Link advert_link;
  SequenceSource sequence;
  AdvertTemplate advert;
  uint16_t ip_id = 0;                  // of the last advert
  uint8_t numbers_low = 0;             // how often control was notified that few of AH's numbers are left
  std::optional<Priority> advert_due;  // an advert with this priority waits to be sent
  uint8_t copies = 1;                  // frames that one advert is sent as: one a VRID, version and unicast peer
  Vrid next_vrid{0};                   // not 0: a VRID move is under way; it sends and accepts this VRID beside its own
  bool next_vrid_heard = false;        // an advert with next_vrid was accepted
  uint8_t copies_sent = 0;             // of the one that is being sent
  Holds holds;                         // control keeps it in Fault or Initialize
  Instant resume_until{};              // until then it may start as master, once: the last run handed it over
  bool retiring = false;               // removed; goes back to control once nothing of it waits to be sent
  bool retired = false;                // ready to be returned to control
  bool wants_numbers = false;          // an advert waits for a reserved number; control is not notified yet
  bool awaits_numbers = false;         // an advert waits for a reserved number; control has not answered yet

  // The members of its group on this shard, in a ring; only itself without a group.
  VirtualRouter* group_next = this;
  VirtualRouter* group_before = this;
  uint32_t group_members = 1;  // on all shards
  bool group_is_here = true;   // all members are on this shard
  bool told_ready = false;     // machine.ready, as it was looked at last
  bool tells_ready = false;    // an event about it is due
  // machine.leads: its followers' ring. machine.follows: the ring that it is in, whose links are group_next and
  // group_before. Null: neither.
  FollowerRing* ring = nullptr;

  Link announce_link;
  std::bitset<kMaxVirtualAddresses> announce_due;  // announcements of these addresses wait to be sent

  bool replaced = false;  // another router has taken its place (replace.h); it is ready to be returned to control

  // With next_vrid: the numbers that were received with that VRID at an earlier time, or null.
  const SequenceRecord* next_record = nullptr;

  MacAddress next_mac{};    // with next_vrid: Ethernet source of its adverts; zero: source_mac
  MacAddress former_mac{};  // not zero: the virtual MAC of its former VRID, to which hosts may still send

  Instant listening_since{};  // when it left Initialize
  Instant deaf_since{};       // when it entered Initialize

  // The state before a change that control was not notified of yet. Several changes before one notice become one.
  Link report_link;
  std::optional<State> reported_from;

  // The advertised addresses, sorted: compared as a set with the addresses in received adverts.
  std::vector<IpAddress> sorted_addresses;

  std::vector<PeerNeighbour> neighbours;  // one for each of config.unicast_peers
  AdvertTemplate v2_advert;               // with v2_coexistence: the VRRPv2 advert that is sent beside each VRRPv3 one
  // With v2_coexistence: the sender of the last accepted VRRPv3 advert, and its time.
  IpAddress v3_master;
  Instant v3_heard{};

  std::unique_ptr<HostSide> host_side;  // never null
  // More MACs of this host, from control: those of the kernel devices that own its virtual addresses. Zero: unused.
  std::array<MacAddress, 4> also_ours{};
  uint8_t next_also_ours = 0;

  std::unique_ptr<SequenceRecord> unrecorded;  // used instead of config.record if that is null or still in use

  // Copies from config. They never change, so control may read them while an lcore owns the router.
  const PortId port;
  const VlanStack vlan;

 private:
  VirtualRouter(std::unique_ptr<SequenceRecord> stand_in, VirtualRouterConfig&& c);
};

}  // namespace dpvrrp
