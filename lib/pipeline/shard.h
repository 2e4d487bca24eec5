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
#include "pipeline/followers.h"
#include "pipeline/frame.h"
#include "pipeline/messages/command.h"
#include "pipeline/messages/event.h"
#include "pipeline/messages/query.h"
#include "pipeline/receive/auth_trailer.h"
#include "pipeline/receive/classify.h"
#include "pipeline/receive/disposition.h"
#include "pipeline/receive/flood_order.h"
#include "pipeline/receive/sender_lists.h"
#include "pipeline/segment.h"
#include "pipeline/send/advert_writer.h"
#include "pipeline/stand_in/responder.h"
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
  Counter notices_lost;  // rejections without an event, because the event queue was full
  std::array<Counter, kDropReasonCount> drops;
  std::array<Counter, kMaxBlockedSenders> blocked;  // frames by the place of the block, for all blocks that had it
  ResponderCounters responder;
};

// AH numbers above which control is notified, each once in a run: with an advert a second, about half a year and 18
// hours before the numbers are used up.
inline constexpr std::array<uint64_t, 3> kFewNumbersAt = {0xff00'0000, 0xffff'0000, UINT64_MAX};

// One lcore's world: the virtual routers of its segments, from received frame to frame to send. No DPDK, no clock: the
// worker loop calls, in turn,
//
//   Apply     for each command from control
//   Receive   for each burst from a port
//   Transmit  always: runs timers, and writes whatever is due into the burst
//   TakeEvents  the events for control
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
  // At most kMaxBurst frames. Returns a bit for each frame, the lowest for the first: set if the frame is a stranger.
  // A frame is not a stranger if it is a well-formed advert to one of our virtual routers (a VRID of ours on its
  // segment), if its sender is blocked, or if it is a question that the responder answers (Responder::took()). The
  // bytes of a stranger are as they were received.
  uint64_t Receive(std::span<const Frame> frames, const BurstSource& source, Instant now);
  // A burst of one port, all that came.
  uint64_t Receive(std::span<const Frame> frames, Instant now) {
    return frames.empty() ? 0 : Receive(frames, {frames.front().port.value(), frames.size() == kMaxBurst}, now);
  }
  void Transmit(TxBurst& burst, Instant now);
  // Fills `out` from the front; what does not fit waits. Returns how many.
  size_t TakeEvents(std::span<ShardEvent> out);

  // Every virtual router except followers goes to Initialize, a master with an advert of priority 0 that the next
  // Transmit() writes. For the end of a process whose control thread does not answer.
  void ResignAll(Instant now);

  // Shows `tap` every received frame when it ends. Null: no tap, which costs nothing. It must outlive the shard,
  // or be taken off first.
  void SetTap(FrameTap* tap) { tap_ = tap; }
  // The tap for command::ShowFrames, which must outlive the shard. Null: the command has no effect.
  void SetCopier(FrameTap* copier) { copier_ = copier; }

  // Until then Transmit has nothing to do unless a frame or a command arrives.
  Instant NextDeadline() const;

  const ShardCounters& counters() const { return counters_; }

 private:
  // What each command does: shard_commands.cc.
  void Obey(const command::Add& c, Instant now);
  void Obey(const command::Remove& c, Instant now);
  void Obey(const command::Replace& c, Instant now);
  void Obey(const command::SpeakNextVrid& c, Instant now);
  void Obey(const command::StopNextVrid& c, Instant now);
  void Obey(const command::AdoptNextVrid& c, Instant now);
  void Obey(const command::ForgetMac& c, Instant now);
  void Obey(const command::AllowNumbers& c, Instant now);
  void Obey(const command::Resign& c, Instant now);
  void Obey(const command::Takeover& c, Instant now);
  void Obey(const command::GiveWay& c, Instant now);
  void Obey(const command::HoldDown& c, Instant now);
  void Obey(const command::EndHold& c, Instant now);
  void Obey(const command::SetPriority& c, Instant now);
  void Obey(const command::Announce& c, Instant now);
  // Groups: shard_groups.cc.
  void Obey(const command::JoinGroup& c, Instant now);
  void Obey(const command::BeMaster& c, Instant now);
  void Obey(const command::BeBackup& c, Instant now);
  static void LeaveGroup(VirtualRouter& router);
  void MoveGroup(VirtualRouter& router, const Actions& actions, Instant now);
  // Leaders and followers: shard_followers.cc.
  void Obey(const command::Lead& c, Instant now);
  void Obey(const command::Follow& c, Instant now);
  void Obey(const command::MoveFollowers& c, Instant now);
  void List(FollowerRing& ring);
  void LeaveRing(VirtualRouter& router);
  void SetLeaderIsMaster(FollowerRing& ring, bool is_master);
  void MoveRing(FollowerRing& ring);
  void MoveRings();
  void MoveWithRing(VirtualRouter& router, Instant now);
  void FollowLeader(VirtualRouter& router, Instant now);
  void Move(VirtualRouter& follower, Instant now);
  void MoveFollowers(Instant now);
  void Obey(const command::OurMac& c, Instant now);
  void Obey(const command::Query& c, Instant now);
  void Obey(const command::ReadWatch& c, Instant now);
  void Obey(const command::PortDown& c, Instant now);
  void Obey(const command::PortUp& c, Instant now);
  void Obey(const command::PortMac& c, Instant now);
  void Obey(const command::Block& c, Instant now);
  void Obey(const command::Unblock& c, Instant now);
  void Obey(const command::Clock& c, Instant now);
  void Obey(const command::ShowFrames& c, Instant now);
  void SetNextVrid(VirtualRouter& router, Vrid vrid, const MacAddress& mac, const SequenceRecord* record);

  // The passes of Receive(): shard_receive.cc.
  struct Burst {
    Instant now;
    FrameTap* tap;  // null: none
  };
  struct Classified {
    size_t adverts = 0;  // in candidates_
    size_t hosts = 0;    // in hosts_
    uint64_t strangers = 0;
  };
  struct Found {
    size_t known = 0;  // in known_
    uint64_t strangers = 0;
  };
  struct Begun {
    size_t pending = 0;      // in pending_ and jobs_
    uint8_t other_keys = 0;  // not 0: some have more than one key
  };
  Classified ClassifyAll(std::span<const Frame> frames, Burst burst);
  Found FindRouters(size_t adverts, const Frame* first, Burst burst);
  Begun BeginAll(size_t known, FloodShare& share, Burst burst);
  void RestoreIcvs(size_t pending);
  void FinishAll(size_t pending, Burst burst);
  bool Blocks(const Candidate& candidate, Burst burst);
  void VerifyWithOtherKeys(size_t pending);
  DropReason Deliver(const Candidate& candidate, IcvVerdict icv, bool readmitted, Burst burst);
  void End(const Frame& frame, Disposition how, Burst burst);
  void Reject(const Candidate& candidate, DropReason reason, IcvVerdict icv, Burst burst);
  bool IsOfInterest(const Candidate& candidate, DropReason reason, FloodShare& share, Instant now, IcvJob& job);
  bool MayReadmit(const Candidate& candidate, DropReason reason, FloodShare& share, Instant now, IcvJob& job);
  void GoOnWithGroup(VirtualRouter& router);
  void AwaitNumbers(VirtualRouter& router, Priority priority, size_t copy);
  bool MayProbe(const Candidate& candidate, IcvJob& job);
  void Look(const Frame& frame, Disposition how, Instant now);
  void Advance(VirtualRouter& router, const Event& event, Instant now);
  void StartOrHold(VirtualRouter& router, Instant now);  // its port is up
  void CarryOut(VirtualRouter& router, const Actions& actions, Instant now);
  void ChangeState(VirtualRouter& router, const Actions::StateChange& change);
  void RunTimers(size_t room, Instant now);
  void WriteAdverts(TxBurst& burst, Instant now);
  void WriteAnnouncements(TxBurst& burst);
  void RetireIfIdle(VirtualRouter& router);
  // The time as the auth_hmac trailer tells it; 0: control has not said yet.
  uint64_t TrailerClock(Instant now) const {
    return utc_offset_.has_value() ? TrailerNumberAt(now.time_since_epoch() + *utc_offset_) : 0;
  }

  // Events for control: shard_reports.cc.
  void ReportRejection(const Candidate& candidate, DropReason reason, DropCounter& drops, Instant now);
  void ReportRemarks(const Candidate& candidate, Remarks remarks, Instant now);  // and counts them
  void ReportClaim(const AddressClaim& claim, Instant now);
  void ReportOtherMaster(const Candidate& candidate, Priority priority, Instant now);
  void ReportOversleep(VirtualRouter& router, Instant now);
  void ReportNumbersLow(VirtualRouter& router, Instant now);
  void Notify(const ShardEvent& event);  // a notice for which the queue has no room is lost
  void NotifyOrRetry(const ShardEvent& event, DropCounter& counter, Nanoseconds interval,
                     Instant now);  // else the next
  bool PushEvent(const ShardEvent& event, size_t keep_free);
  static bool TakeReport(VirtualRouter& router, ShardEvent& event);

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
  FollowerRing* rings_ = nullptr;  // all, through next_ring
  MovingRings moving_;
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
  FrameTap* tap_ = nullptr;
  FrameTap* copier_ = nullptr;
};

}  // namespace dpvrrp
