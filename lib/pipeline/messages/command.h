// SPDX-License-Identifier: BSD-3-Clause
//
// What control asks of an lcore. A command is one of the structs below; its fields are what it needs. Commands travel
// through a rte_ring by copying. Where a field says so, the command owns the object that the field points to.
//
// Thread: made by control, obeyed by the lcore.
#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include "ah/sequence_record.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "pipeline/receive/frame_selection.h"
#include "pipeline/receive/sender_lists.h"
#include "vrrp/hold.h"

namespace dpvrrp {

class FollowerRing;
class VirtualRouter;
struct InstanceQuery;
struct WatchQuery;

namespace command {

// The shard takes the router and starts it.
struct Add {
  VirtualRouter* router;  // owned
};

// The router shuts down; a master resigns or, if it hands over, sends its last advert. It comes back in event::Retired.
// No later command may name it.
struct Remove {
  VirtualRouter* router;
  bool hands_over = false;
};

// The router takes over the configuration of `wanted`, which comes back in event::Replaced with the former one. The
// port, the VLAN tags, the VRID, the family, the version and ownership of the addresses are the same in both.
struct Replace {
  VirtualRouter* router;
  VirtualRouter* wanted;       // owned
  uint64_t numbers_above = 0;  // AH numbers continue above this one; 0: they stay as they are
  MacAddress former_mac{};     // its virtual MAC until now, which it still receives until ForgetMac; zero: none
};

// A VRID move without a transition (docs/operations.md) begins: the router sends and receives both VRIDs. The next one
// must be free on the segment.
struct SpeakNextVrid {
  VirtualRouter* router;
  Vrid vrid;
  MacAddress mac{};            // the source of adverts with the next VRID; zero: as for the own one
  uint64_t numbers_above = 0;  // with AH, numbers continue above this one
  // The numbers that were heard with the next VRID in the past. No advert with one of them is accepted. The record must
  // not change until the router is back. Null: none was heard.
  const SequenceRecord* record = nullptr;
};
// A VRID move is aborted: the router sends and receives its own VRID only.
struct StopNextVrid {
  VirtualRouter* router;
  MacAddress mac{};  // the one that SpeakNextVrid gave
};
// A VRID move ends: the next VRID becomes the router's own, and its former VRID is free. The router still receives the
// virtual MAC of the former VRID.
struct AdoptNextVrid {
  VirtualRouter* router;
};
// The router does not receive this virtual MAC of a former VRID any more.
struct ForgetMac {
  VirtualRouter* router;
  MacAddress mac;
};

// The disk has a reservation: AH numbers up to this one may be used.
struct AllowNumbers {
  VirtualRouter* router;
  uint64_t up_to;
};

// An operator orders a transition.
struct Resign {
  VirtualRouter* router;
};
struct Takeover {
  VirtualRouter* router;
};

// A master resigns, and does not preempt before EndHold.
struct GiveWay {
  VirtualRouter* router;
};
// The router is in Fault until every hold has ended.
struct HoldDown {
  VirtualRouter* router;
  Hold hold;
};
struct EndHold {
  VirtualRouter* router;
  Hold hold;  // kNoAddress: also of GiveWay
};

// The router's priority changes; it is not, and does not become, the owner of its addresses.
struct SetPriority {
  VirtualRouter* router;
  Priority priority;
};

// The router is a member of a group of so many members, which are master together. It leaves the members that it has
// been with, and joins `with` and that one's members. Null: none of the others is on this shard. One member: no group.
struct JoinGroup {
  VirtualRouter* router;
  VirtualRouter* with;  // the one that joined last
  uint32_t members;
  bool all_here;  // on this shard
};
// Its group is master, or is not any more: for the members of a group that are on several shards.
struct BeMaster {
  VirtualRouter* router;
};
struct BeBackup {
  VirtualRouter* router;
};

// The router is the leader of these followers, which are on the same shard. A ring may get another leader.
struct Lead {
  VirtualRouter* router;
  FollowerRing* ring;
};
// The router, a follower, belongs to this ring from now on.
struct Follow {
  VirtualRouter* router;
  FollowerRing* ring;
};
// The leader of the ring is on another shard. It became master, or is no longer master. A leader on this shard decides
// itself.
struct MoveFollowers {
  FollowerRing* ring;
  bool to_master;
};

// If the router is still master, it announces these addresses: gratuitous ARP, unsolicited neighbour advertisements.
struct Announce {
  VirtualRouter* router;
  uint16_t first;
  uint16_t count;
};

// This host has this MAC. A claim to an address of the router from it is a claim of the host's own kernel.
struct OurMac {
  VirtualRouter* router;
  MacAddress mac;
};

// The shard answers the query and sends it back in event::Answered, event::Watched.
struct Query {
  InstanceQuery* query;
};
struct ReadWatch {
  WatchQuery* query;
};

// The link of a port. If it is down, the port's routers go to Initialize.
struct PortDown {
  PortId port;
};
struct PortUp {
  PortId port;
};
// The port has another MAC; its routers send and answer with it.
struct PortMac {
  PortId port;
  MacAddress mac;
};

// The shard ignores a sender, or no longer. `place` is below kMaxBlockedSenders.
struct Block {
  uint16_t place;
  BlockedSender sender;
};
struct Unblock {
  uint16_t place;
};

// The time of day, for the auth_hmac trailer.
struct Clock {
  Nanoseconds utc_offset;  // UTC since 1970, minus the time of Instant
};

// The shard shows the selected frames to its tap; `on` is false: none any more.
struct ShowFrames {
  bool on;
  FrameSelection selection;
};

}  // namespace command

using ShardCommand =
    std::variant<command::Add, command::Remove, command::Replace, command::SpeakNextVrid, command::StopNextVrid,
                 command::AdoptNextVrid, command::ForgetMac, command::AllowNumbers, command::Resign, command::Takeover,
                 command::GiveWay, command::HoldDown, command::EndHold, command::SetPriority, command::JoinGroup,
                 command::BeMaster, command::BeBackup, command::Lead, command::Follow, command::MoveFollowers,
                 command::Announce, command::OurMac, command::Query, command::ReadWatch, command::PortDown,
                 command::PortUp, command::PortMac, command::Block, command::Unblock, command::Clock,
                 command::ShowFrames>;
static_assert(std::is_trivially_copyable_v<ShardCommand> && sizeof(ShardCommand) % 4 == 0);
static_assert(sizeof(ShardCommand) <= 48);  // every command is copied through the ring at its full size

// The router that the command is about; null: it is about a port, the whole shard, or several routers.
VirtualRouter* RouterOf(const ShardCommand& command);

// Frees what the command owns, if it will not be sent. False: it owns nothing.
bool Release(const ShardCommand& command);

template <typename Kind>
bool Is(const ShardCommand& command) {
  return std::holds_alternative<Kind>(command);
}

}  // namespace dpvrrp
