// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/counter.h"
#include "base/drop_reason.h"
#include "base/limits.h"
#include "crypto/icv_engine.h"
#include "pipeline/advert_writer.h"
#include "pipeline/auth_trailer.h"
#include "pipeline/classify.h"
#include "pipeline/flood_order.h"
#include "pipeline/frame.h"
#include "pipeline/messages.h"
#include "pipeline/responder.h"
#include "pipeline/segment.h"
#include "pipeline/sender_lists.h"
#include "pipeline/timer_wheel.h"
#include "pipeline/watch.h"
#include "pipeline/work_queue.h"

namespace dpvrrp {

// written by: the owning lcore; read by: control, at any time
struct ShardCounters {
  Counter frames_received;
  Counter adverts_accepted;
  Counter adverts_sent;
  Counter announcements_sent;
  Counter notices_lost;  // rejections control was not told of because the event queue was full
  std::array<Counter, kDropReasonCount> drops;
  std::array<Counter, kMaxBlockedSenders> blocked;  // frames by the place of the block, whoever was there
  ResponderCounters responder;
};

// One lcore's world: the virtual routers of its segments, from received frame to frame to send. No DPDK, no clock: the
// worker loop calls, in turn,
//
//   Apply     for each command from control
//   Receive   for each burst from a port
//   Transmit  always: runs timers, and writes whatever is due into the burst
//   TakeEvents  what control is to be told
//
// `now` never goes back between calls. Nothing here allocates, locks, logs or makes a system call.
//
// Thread: owning lcore; counters(): any.
class Shard {
 public:
  Shard(IcvEngine& engine, Instant start, const FloodOrder& flood_order = {});
  // Virtual routers still inside are not freed: remove them first.
  ~Shard() = default;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void Apply(const ShardCommand& command, Instant now);
  void Receive(std::span<const Frame> frames, const BurstSource& source, Instant now);  // at most kMaxBurst
  // A burst of one port, all that came.
  void Receive(std::span<const Frame> frames, Instant now) {
    if (!frames.empty()) Receive(frames, {frames.front().port.value(), frames.size() == kMaxBurst}, now);
  }
  void Transmit(TxBurst& burst, Instant now);
  // Fills `out` from the front; what does not fit waits. Returns how many.
  size_t TakeEvents(std::span<ShardEvent> out);

  // Until then Transmit has nothing to do unless a frame or a command arrives.
  Instant NextDeadline() const;

  const ShardCounters& counters() const { return counters_; }

 private:
  void Add(VirtualRouter& router, Instant now);
  void Remove(VirtualRouter& router, Instant now);
  void SetPortUp(PortId port, Instant now);
  void SetPortDown(PortId port, Instant now);
  void Answer(InstanceQuery& query, Instant now);
  void Answer(WatchQuery& query, Instant now);
  void Announce(VirtualRouter& router, uint16_t first, uint16_t count);
  void SpeakNextVrid(VirtualRouter& router, const ShardCommand& command);
  void AdoptNextVrid(VirtualRouter& router);
  void ReplaceKeys(VirtualRouter& router, const KeySet* keys, uint64_t above);
  void AllowSenders(VirtualRouter& router, const AllowedSenders& allowed);

  bool Blocks(const Candidate& candidate, Instant now);
  void VerifyWithOtherKeys(size_t pending);
  DropReason Deliver(const Candidate& candidate, IcvVerdict icv, Instant now);
  void Count(DropReason reason) { counters_.drops[static_cast<size_t>(reason)].Add(); }
  void Reject(const Candidate& candidate, DropReason reason, IcvVerdict icv, Instant now);
  void TellOfRejection(const Candidate& candidate, DropReason reason, DropCounter& drops, Instant now);
  void Note(const Candidate& candidate, Remarks remarks, Instant now);
  bool IsOfInterest(const Candidate& candidate, DropReason reason, FloodShare& share, Instant now, IcvJob& job);
  bool MayReadmit(const Candidate& candidate, DropReason reason, FloodShare& share, Instant now, IcvJob& job);
  void GoOnWithGroup(VirtualRouter& router);
  void AwaitNumbers(VirtualRouter& router, Priority priority, size_t copy);
  void Reserved(VirtualRouter& router, uint64_t up_to);
  void TellOfNumbers(VirtualRouter& router, Instant now);
  bool MayProbe(const Candidate& candidate, IcvJob& job);
  void Look(const Frame& frame, const VirtualRouter* router, DropReason end, Remarks remarks, IcvVerdict icv,
            Instant now);
  void Notify(const Candidate& candidate, DropCounter& counter, Nanoseconds interval, ShardEvent& event, Instant now);
  void NoteClaim(const AddressClaim& claim, Instant now);
  void Advance(VirtualRouter& router, const Event& event, Instant now);
  void CarryOut(VirtualRouter& router, const Actions& actions);
  void ChangeState(VirtualRouter& router, const Actions::StateChange& change);
  void RunTimers(size_t room, Instant now);
  void WriteAdverts(TxBurst& burst, Instant now);
  void WriteAnnouncements(TxBurst& burst);
  void RetireIfIdle(VirtualRouter& router);
  // The time as the auth_hmac trailer tells it; 0: control has not said yet.
  uint64_t TrailerClock(Instant now) const {
    return utc_offset_.has_value() ? TrailerNumberAt(now.time_since_epoch() + *utc_offset_) : 0;
  }
  bool PushEvent(const ShardEvent& event, size_t keep_free);

  IcvEngine& engine_;
  BlockList blocks_;
  FloodOrder flood_order_;
  Watch watch_;
  SegmentTable segments_;
  TimerWheel wheel_;
  std::optional<Nanoseconds> utc_offset_;
  WorkQueue<&VirtualRouter::advert_link> adverts_;
  WorkQueue<&VirtualRouter::announce_link> announcements_;
  WorkQueue<&VirtualRouter::report_link> reports_;
  ShardCounters counters_;
  Responder responder_;

  // Queries and notices; transitions and retirements wait in their routers and cannot be lost.
  std::array<ShardEvent, kEventQueueDepth> events_;
  size_t event_head_ = 0;
  size_t event_count_ = 0;

  // Scratch of one burst.
  std::array<Candidate, kMaxBurst> candidates_;
  std::array<IcvJob, kMaxBurst> jobs_;
  std::array<const Candidate*, kMaxBurst> known_;
  std::array<const Frame*, kMaxBurst> hosts_;
  std::array<const Candidate*, kMaxBurst> pending_;  // whose ICV jobs_[i] is
  std::array<IcvJob, kMaxBurst> other_jobs_;         // for a second key
  std::array<DropReason, kMaxBurst> refused_;        // pending_[i] is, whatever its ICV, which only the watch asks for
  Watch::Grant grant_;                               // what is left of the burst's
  std::array<WrittenAdvert, kMaxBurst> written_;
  TrailerBurst trailers_;
};

}  // namespace dpvrrp
