// SPDX-License-Identifier: BSD-3-Clause
//
// What control and an lcore say to each other. Messages are plain values (they travel through rte_ring by copying);
// a pointer in one hands over what it points to, and says so.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "ah/sender_table.h"
#include "base/drop_reason.h"
#include "base/limits.h"
#include "base/remark.h"
#include "pipeline/sender_lists.h"
#include "pipeline/virtual_router.h"
#include "pipeline/watch.h"

namespace dpvrrp {

struct InstanceQuery;
struct WatchQuery;

// control -> lcore
struct ShardCommand {
  enum class Kind : uint8_t {
    kAdd,       // router: now the shard's; it starts up
    kRemove,    // router: it shuts down (a master resigns) and comes back in kRetired. Last command that may name it
    kPriority,  // router, priority
    kKeys,  // router, keys: now the shard's; those they replace come back in kKeysReplaced, before which there is no
            // other kKeys for the router. sequence: AH numbers go on above it; 0: as they are
    // To another VRID without a transition (docs/operations.md). It must be free on the segment.
    kSpeakNextVrid,  // router, vrid, sequence, mac, record: it speaks and hears both, the next one from `mac` if it has
                     // a virtual one; with AH, numbers go on above `sequence`. With the next VRID nothing is accepted
                     // that `record` says was heard, which is to stay as it is until the router is back; null:
                     // nothing was. vrid 0: only its own again, not from `mac`
    kAdoptNextVrid,  // router: the next VRID is its own, and the old one free; of its virtual MACs it goes on to hear
                     // the old one
    kForgetMac,      // router, mac: not that one any more
    kReserved,       // router, sequence: AH numbers up to this one may be used
    kResign,         // router
    kTakeover,       // router
    kAnnounce,       // router, first, count: gratuitous ARP for these addresses, if it is still master
    kQuery,          // query: the shard fills it in and sends it back in kAnswered
    kWatch,          // watch: the shard fills it in and sends it back in kWatched
    kPortDown,       // port: its instances go to Initialize
    kPortUp,         // port: they start up
    kBlock,          // first, blocked: a sender that is not heard, in this place below kMaxBlockedSenders
    kUnblock,        // first: the place is free again
    kAllowSenders,   // router, allowed: it listens to these alone from now on
    kClock,          // utc_offset: of UTC since 1970 from the Instants', for the auth_hmac trailer
  };
  Kind kind = Kind::kQuery;
  Priority priority{};
  Vrid vrid{};
  PortId port{};
  uint16_t first = 0;
  uint16_t count = 0;
  MacAddress mac{};
  VirtualRouter* router = nullptr;
  InstanceQuery* query = nullptr;
  WatchQuery* watch = nullptr;
  const KeySet* keys = nullptr;
  const SequenceRecord* record = nullptr;
  uint64_t sequence = 0;
  Nanoseconds utc_offset{};
  BlockedSender blocked;
  AllowedSenders allowed;
};
static_assert(std::is_trivially_copyable_v<ShardCommand> && sizeof(ShardCommand) % 4 == 0);

// lcore -> control
struct ShardEvent {
  enum class Kind : uint8_t {
    kTransition,  // instance, from, to, reason, at; peer, peer_priority: the master last heard
    kRejected,    // instance, drop, count, and the frame's peer, peer_mac, vrid, sequence; at most one a reason and
                  // instance in kNoticeInterval
    kRemarked,    // instance, remark, count, and the same of the frame, which was accepted; at most one a remark and
                  // instance in kRemarkInterval
    kConflict,    // instance, peer, peer_mac, count: somebody else says that it has this virtual address, at this MAC,
                  // while we are master; at most one an instance in kNoticeInterval
    kNumbersLow,  // instance, count: so many AH sequence numbers are left (RFC 4302 3.3.2)
    kNumbersWanted,  // instance, count: an advert waits for kReserved, this number or a higher one
    kKeysReplaced,   // instance; keys: control's again, to be freed
    kRetired,        // router: control's again, to be freed
    kWatched,        // watch: control's again
    kAnswered,       // query: control's again
  };
  Kind kind = Kind::kAnswered;
  State from{};
  State to{};
  Reason reason{};
  DropReason drop{};
  Remark remark{};
  Priority peer_priority{};
  Vrid vrid{};
  MacAddress peer_mac{};
  InstanceId instance{};
  uint32_t sequence = 0;  // of a rejected AH frame
  IpAddress peer{};
  uint64_t count = 0;  // kRejected, kRemarked: such frames of this instance in all
  Instant at{};
  VirtualRouter* router = nullptr;
  InstanceQuery* query = nullptr;
  WatchQuery* watch = nullptr;
  const KeySet* keys = nullptr;
};
static_assert(std::is_trivially_copyable_v<ShardEvent> && sizeof(ShardEvent) % 4 == 0);

inline constexpr size_t kMaxQueries = 16;       // of control's, under way at once
inline constexpr size_t kMaxQueryRouters = 64;  // a lcore copies them in one turn, and adverts wait for it
inline constexpr Nanoseconds kNoticeInterval = std::chrono::seconds(10);
inline constexpr Nanoseconds kRemarkInterval = std::chrono::hours(1);  // they last

// One virtual router at one moment.
struct InstanceSnapshot {
  InstanceId id;
  Machine machine;
  Priority priority;
  uint64_t sequence_sent = 0;
  uint64_t sequence_heard = 0;  // highest authenticated from anybody
  uint64_t evictions = 0;
  bool next_vrid_heard = false;  // while it moves to another VRID: somebody speaks that one
  size_t sender_count = 0;
  std::array<Sender, kMaxSenders> senders{};
};

// A question that travels to the lcore and comes back with the answers; all its memory is allocated by control.
struct InstanceQuery {
  explicit InstanceQuery(std::vector<VirtualRouter*> routers) : wanted(std::move(routers)), found(wanted.size()) {}

  std::vector<VirtualRouter*> wanted;   // at most kMaxQueryRouters, all of one shard
  std::vector<InstanceSnapshot> found;  // one for each, same order
  Instant at{};
};

// The same about a slice of what a worker's watch has seen.
struct WatchQuery {
  static constexpr size_t kSlice = 128;  // places; adverts wait meanwhile

  size_t worker = 0;
  size_t first = 0;  // place
  std::array<Speaker, kSlice> found;
  size_t count = 0;  // of them
  uint64_t crowded_out = 0;
  Instant at{};
};

}  // namespace dpvrrp
