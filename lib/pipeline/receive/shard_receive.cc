// SPDX-License-Identifier: BSD-3-Clause
//
// How a shard receives a burst. It works in passes. Each pass handles the whole burst, and prefetches the memory that
// the next pass reads, so that the cache misses of many frames overlap:
//
//   pass          reads                                            prefetches
//   classify      the frame's bytes, the segment, the block list   the VRID's place in the segment
//   find router   that place                                       the router's inbound line, its senders
//   begin         inbound line, senders; makes an ICV job          key, window, machine
//   Verify        all ICVs at once
//   finish        window, machine, timer
//   hosts         frames that are not VRRP, for the responder
#include <algorithm>

#include "base/check.h"
#include "pipeline/receive/auth_trailer.h"
#include "pipeline/receive/authenticate.h"
#include "pipeline/receive/common_advert.h"
#include "pipeline/receive/deliver.h"
#include "pipeline/shard.h"

namespace dpvrrp {
namespace {

// Inlined at once, because g++ takes an unused call of a function without effects away, and with it the prefetch.
[[gnu::always_inline]] inline void AskFor(const void* memory) { __builtin_prefetch(memory); }

// Of the frame in this place of a burst.
constexpr uint64_t BitOf(ptrdiff_t place) { return uint64_t{1} << place; }
static_assert(kMaxBurst <= 64);

// Whether a frame with this reason was refused because its number is used already.
bool IsByNumber(DropReason reason) {
  constexpr auto bit = [](DropReason r) { return uint64_t{1} << static_cast<size_t>(r); };
  static_assert(kDropReasonCount <= 64);
  constexpr uint64_t kByNumber = bit(DropReason::kReplayed) | bit(DropReason::kStale) | bit(DropReason::kBehindGroup) |
                                 bit(DropReason::kExtReplay) | bit(DropReason::kExtStale);
  return (kByNumber >> static_cast<size_t>(reason) & 1) != 0;
}

// restart_policy = "readmit": whether the sender of an AH advert that was refused by its number may begin again,
// provided that its ICV is right. It may after a silence of Master_Down_Interval. If we last heard it before we began
// to listen (at our start, or when the port came up), we do not know how long it was silent; then the silence begins
// when we began to listen.
bool IsReadmitted(const Candidate& c, DropReason reason, Instant now) {
  const VirtualRouter& router = *c.router;
  if (reason != DropReason::kStale && reason != DropReason::kReplayed) return false;
  if (router.config.restart_policy != RestartPolicy::kReadmit || c.sequence == 0) return false;
  const Sender* sender = router.senders.Find(c.source());
  if (sender == nullptr) return false;
  const Instant heard = std::max(sender->last_seen, router.listening_since);
  return now - heard > MasterDownInterval(router.config.machine, router.machine);
}

}  // namespace

// ---- The end of a frame ----

// Shows the frame to the watch, unless the burst's grant is used up.
inline void Shard::Look(const Frame& frame, Disposition how, Instant now) {
  size_t& left = how.icv == IcvVerdict::kRight ? grant_.authentic : grant_.others;
  if (left == 0) return;
  --left;
  watch_.See(frame, how.router, how.end, how.remarks, how.icv, now);
}

// Every received frame ends here, once (docs/decisions/0022): it is counted, and shown to the watch and to the tap.
[[gnu::always_inline]] inline void Shard::End(const Frame& frame, Disposition how, Burst burst) {
  if (how.end == DropReason::kNone) {
    counters_.adverts_accepted.Add();
  } else {
    counters_.drops[static_cast<size_t>(how.end)].Add();
    if (how.router != nullptr) how.router->counters.drops[static_cast<size_t>(how.end)].Add();
  }
  if (how.end != DropReason::kNotVrrp) Look(frame, how, burst.now);
  if (burst.tap != nullptr) [[unlikely]] {
    const Disposition shown = how;  // a copy, so that `how` itself needs no memory
    burst.tap->Saw(frame, shown, burst.now);
  }
}

// Ends the frame of an advert to one of our virtual routers that is not obeyed, and gives control notice of it.
[[gnu::always_inline]] inline void Shard::Reject(const Candidate& c, DropReason reason, IcvVerdict icv, Burst burst) {
  End(*c.frame, {.end = reason, .icv = icv, .router = c.router}, burst);
  DropCounter& drops = c.router->counters.drops[static_cast<size_t>(reason)];
  if (burst.now >= drops.notice_after) ReportRejection(c, reason, drops, burst.now);
}

// Whether an operator has blocked the sender; if so, the frame has ended. Control gets no notice, because the operator
// knows of the block. The watch still sees the sender.
bool Shard::Blocks(const Candidate& candidate, Burst burst) {
  const Frame& frame = *candidate.frame;
  const std::optional<size_t> place = blocks_.Find(frame.port, candidate.source_mac(), candidate.source());
  if (!place.has_value()) return false;
  counters_.blocked[*place].Add();
  End(frame, {.end = DropReason::kBlocked, .router = *candidate.place}, burst);
  return true;
}

// ---- The passes ----
//
// They are inlined into Receive(), and get what they share by value, so that it stays in registers.

uint64_t Shard::Receive(std::span<const Frame> frames, const BurstSource& source, Instant now) {
  DPVRRP_CHECK(frames.size() <= kMaxBurst);
  counters_.frames_received.Add(frames.size());
  FloodShare share = flood_order_.ShareOf(source, now);
  grant_ = watch_.GrantFor(frames.size(), now);
  trailers_.Begin(TrailerClock(now));

  const Burst burst{.now = now, .tap = tap_};
  const Classified classified = ClassifyAll(frames, burst);
  const Found found = FindRouters(classified.adverts, frames.data(), burst);
  const size_t known = found.known;
  const Begun begun = BeginAll(known, share, burst);
  engine_.Verify({jobs_.data(), begun.pending});
  if (begun.other_keys != 0) VerifyWithOtherKeys(begun.pending);
  if (burst.tap != nullptr) RestoreIcvs(begun.pending);
  FinishAll(begun.pending, burst);
  watch_.GiveBack(grant_);

  // Last: a new master's announcement follows its first advert, and must find us a backup already (V3-60).
  uint64_t strangers = classified.strangers | found.strangers;
  for (const Frame* frame : std::span(hosts_).first(classified.hosts)) {
    ReportClaim(responder_.Receive(*frame, now), now);
    if (responder_.took()) strangers &= ~BitOf(frame - frames.data());
  }
  return strangers;
}

// Fills the first places of candidates_ and hosts_.
[[gnu::always_inline]] inline Shard::Classified Shard::ClassifyAll(std::span<const Frame> frames, Burst burst) {
  const bool blocking = !blocks_.empty();
  Classified out;
  uint64_t bit = 1;  // of the frame
  for (size_t i = 0; i < frames.size(); ++i, bit <<= 1) {
    const Frame& frame = frames[i];
    Candidate& candidate = candidates_[out.adverts];
    const DropReason reason = Classify(frame, segments_, candidate);
    if (reason != DropReason::kNone) {
      // An MLD query for VRRP's group has a hop-by-hop header, so it ends like an advert with one.
      const bool of_host = reason == DropReason::kNotVrrp || reason == DropReason::kExtensionHeader;
      const bool wanted = of_host && responder_.Wants(frame);
      if (wanted) hosts_[out.hosts++] = &frame;
      out.strangers |= bit;
      End(frame, {.end = reason, .to_responder = wanted}, burst);
      continue;
    }
    if (blocking && Blocks(candidate, burst)) continue;
    AskFor(candidate.place);
    ++out.adverts;
  }
  return out;
}

// Fills the first places of known_. `first`: the burst's first frame.
[[gnu::always_inline]] inline Shard::Found Shard::FindRouters(size_t adverts, const Frame* first, Burst burst) {
  Found out;
  for (Candidate& candidate : std::span(candidates_).first(adverts)) {
    const DropReason reason = FindRouter(candidate);
    if (reason != DropReason::kNone) {
      out.strangers |= BitOf(candidate.frame - first);
      End(*candidate.frame, {.end = reason}, burst);
      continue;
    }
    AskFor(&candidate.router->inbound);
    candidate.router->senders.PrefetchForCheck();
    known_[out.known++] = &candidate;
  }
  return out;
}

// Fills the first places of pending_, jobs_ and refused_ with the adverts whose ICV is to be computed.
[[gnu::always_inline]] inline Shard::Begun Shard::BeginAll(size_t known, FloodShare& share, Burst burst) {
  Begun out;
  for (const Candidate* known_candidate : std::span(known_).first(known)) {
    const Candidate& candidate = *known_candidate;
    DropReason reason = IsForUs(candidate);
    const bool has_icv = candidate.ah != nullptr || candidate.has_trailer;
    if (reason == DropReason::kNone && !has_icv) {  // it needs no ICV: finish it here
      reason = CheckPlain(candidate);
      if (reason == DropReason::kNone) reason = Deliver(candidate, IcvVerdict::kNotLooked, false, burst);
    } else if (reason == DropReason::kNone) {
      IcvJob& job = jobs_[out.pending];
      reason = candidate.has_trailer ? BeginTrailer(candidate, share, trailers_, job)
                                     : BeginAuthentication(candidate, share, job);
      if (reason == DropReason::kNone ||
          (IsByNumber(reason) && IsOfInterest(candidate, reason, share, burst.now, job))) {
        const VirtualRouter& router = *candidate.router;
        out.other_keys |= router.inbound.other_keys;
        router.inbound.key->Prefetch();
        router.senders.PrefetchForCommit();
        AskFor(&router.machine);
        AskFor(&router.timer);
        AskFor(&router.counters);
        refused_[out.pending] = reason;
        pending_[out.pending++] = &candidate;
        continue;
      }
    }
    if (reason != DropReason::kNone) Reject(candidate, reason, IcvVerdict::kNotLooked, burst);
  }
  return out;
}

// The tap is shown frames as they were received.
void Shard::RestoreIcvs(size_t pending) {
  for (size_t i = 0; i < pending; ++i) {
    if (pending_[i]->ah != nullptr) RestoreIcv(*pending_[i], jobs_[i]);
  }
}

[[gnu::always_inline]] inline void Shard::FinishAll(size_t pending, Burst burst) {
  const Instant now = burst.now;
  for (size_t i = 0; i < pending; ++i) {
    if (!jobs_[i].match) AskFor(&pending_[i]->router->counters.drops[static_cast<size_t>(DropReason::kBadIcv)]);
  }
  for (size_t i = 0; i < pending; ++i) {
    const Candidate& candidate = *pending_[i];
    const IcvVerdict icv = jobs_[i].match ? IcvVerdict::kRight : IcvVerdict::kWrong;
    DropReason reason = refused_[i];
    if (reason == DropReason::kNone) {
      reason = candidate.has_trailer ? FinishTrailer(candidate, jobs_[i], trailers_.clock(), now)
                                     : FinishAuthentication(candidate, jobs_[i], now);
      const bool with_another_key = jobs_[i].match && jobs_[i].key != candidate.router->inbound.key;
      if (reason == DropReason::kNone && with_another_key) candidate.router->config.keys->NoteUse(jobs_[i].key, now);
    }
    bool readmitted = false;
    if (reason != DropReason::kNone && jobs_[i].match && IsReadmitted(candidate, reason, now)) {
      candidate.router->senders.Readmit(candidate.source(), candidate.sequence, now);
      Remarks remarks;
      remarks.Add(Remark::kReadmitted);
      ReportRemarks(candidate, remarks, now);
      readmitted = true;
      reason = DropReason::kNone;
    }
    if (reason == DropReason::kNone) reason = Deliver(candidate, icv, readmitted, burst);
    if (reason == DropReason::kNone) continue;
    if (!jobs_[i].match && candidate.ah != nullptr && grant_.others > 0) RestoreIcv(candidate, jobs_[i]);
    Reject(candidate, reason, icv, burst);
  }
}

// During a change of keys: tries the other keys of the instance on every ICV that did not match.
void Shard::VerifyWithOtherKeys(size_t pending) {
  for (size_t place = 1; place < kMaxKeys; ++place) {
    std::array<uint8_t, kMaxBurst> at;
    size_t again = 0;
    for (size_t i = 0; i < pending; ++i) {
      if (jobs_[i].match || !TryAnotherKey(*pending_[i], place, jobs_[i])) continue;
      other_jobs_[again] = jobs_[i];
      at[again++] = static_cast<uint8_t>(i);
    }
    if (again == 0) return;
    engine_.Verify({other_jobs_.data(), again});
    for (size_t i = 0; i < again; ++i) jobs_[at[i]].match = other_jobs_[i].match;
  }
}

// Whether to compute the ICV of an advert although it is refused by its number.
bool Shard::IsOfInterest(const Candidate& candidate, DropReason reason, FloodShare& share, Instant now, IcvJob& job) {
  const bool readmits = !candidate.router->senders.keeps_group();  // its hot line knows the restart policy
  return (readmits && MayReadmit(candidate, reason, share, now, job)) ||
         (grant_.probes > 0 && MayProbe(candidate, job));
}

bool Shard::MayReadmit(const Candidate& c, DropReason reason, FloodShare& share, Instant now, IcvJob& job) {
  if (!IsReadmitted(c, reason, now)) return false;
  if (share.engaged && !internal::MayVerify(*c.router, share, [] { return false; })) return false;
  MakeIcvInput(c, c.router->inbound, job);
  return true;
}

// An advert that is refused by its number costs no ICV. Within the burst's grant one is computed nevertheless: it tells
// the watch whether the sender has the key, that is, a rogue gateway from a replayed frame.
bool Shard::MayProbe(const Candidate& candidate, IcvJob& job) {
  if (candidate.has_trailer) {
    if (!MakeTrailerJob(candidate, trailers_, job)) return false;
  } else {
    MakeIcvInput(candidate, candidate.router->inbound, job);
  }
  --grant_.probes;
  return true;
}

// Obeys the advert if it agrees with the configuration, and ends its frame. Otherwise returns the reason why not.
DropReason Shard::Deliver(const Candidate& candidate, IcvVerdict icv, bool readmitted, Burst burst) {
  const Instant now = burst.now;
  VirtualRouter& router = *candidate.router;
  Advert advert;
  const DropReason reason = ReadAdvert(candidate, now, advert);
  if (reason != DropReason::kNone) return reason;
  if (candidate.has_trailer && ClockDiffers(candidate, trailers_.clock())) advert.remarks.Add(Remark::kClockDiffers);
  router.counters.adverts_received.Add();
  if (router.inbound.is_moving && candidate.vrid == router.next_vrid) router.next_vrid_heard = true;
  if (advert.received.priority == kPriorityRelease) router.counters.priority_zero_received.Add();
  if (!advert.remarks.empty()) ReportRemarks(candidate, advert.remarks, now);
  End(*candidate.frame, {.icv = icv, .readmitted = readmitted, .remarks = advert.remarks, .router = &router}, burst);
  if (candidate.version() == 3 && router.config.v2_coexistence) {
    router.v3_master = advert.received.source;
    router.v3_heard = now;
  }
  const bool was_master = router.machine.state == State::kMaster;
  CarryOut(router, OnAdvert(router.config.machine, router.machine, advert.received, now), now);
  if (was_master && router.machine.state == State::kMaster) {
    ReportOtherMaster(candidate, advert.received.priority, now);
  }
  return DropReason::kNone;
}

}  // namespace dpvrrp
