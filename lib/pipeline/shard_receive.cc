// SPDX-License-Identifier: BSD-3-Clause
//
// A received burst. Each pass goes over the whole burst and asks for the memory that the next one will need, so that
// many cache misses are under way at once and none is waited for alone:
//
//   classify      the frame's bytes, the segment, blocks  asks for: the VRID's place in it
//   find router   that place                              asks for: the instance's inbound line, its senders
//   begin         inbound, senders; makes an ICV job      asks for: key, window, machine
//   Verify        all ICVs at once
//   finish        window, machine, timer
//   hosts         what is not VRRP, if there is a responder
#include <algorithm>

#include "base/check.h"
#include "pipeline/auth_trailer.h"
#include "pipeline/authenticate.h"
#include "pipeline/common_advert.h"
#include "pipeline/deliver.h"
#include "pipeline/shard.h"

namespace dpvrrp {
namespace {

void AskFor(const void* memory) { __builtin_prefetch(memory); }

// Refused by a number that was there already.
bool IsByNumber(DropReason reason) {
  constexpr auto bit = [](DropReason r) { return uint64_t{1} << static_cast<size_t>(r); };
  static_assert(kDropReasonCount <= 64);
  constexpr uint64_t kByNumber = bit(DropReason::kReplayed) | bit(DropReason::kStale) | bit(DropReason::kBehindGroup) |
                                 bit(DropReason::kExtReplay) | bit(DropReason::kExtStale);
  return (kByNumber >> static_cast<size_t>(reason) & 1) != 0;
}

// Whether an AH advert, refused by its number, is of a sender that may begin again: if its key is right. Nobody knows
// how long one has been silent that was heard last before we began to listen, at our start or when the port came up:
// since then, to be safe.
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

// While the burst's grant lasts.
inline void Shard::Look(const Frame& frame, const VirtualRouter* router, DropReason end, Remarks remarks,
                        IcvVerdict icv, Instant now) {
  size_t& left = icv == IcvVerdict::kRight ? grant_.authentic : grant_.others;
  if (left == 0) return;
  --left;
  watch_.See(frame, router, end, remarks, icv, now);
}

inline void Shard::Reject(const Candidate& c, DropReason reason, IcvVerdict icv, Instant now) {
  Count(reason);
  Look(*c.frame, c.router, reason, {}, icv, now);
  DropCounter& drops = c.router->counters.drops[static_cast<size_t>(reason)];
  drops.Add();
  if (now >= drops.notice_after) TellOfRejection(c, reason, drops, now);
}

void Shard::Receive(std::span<const Frame> frames, const BurstSource& source, Instant now) {
  DPVRRP_CHECK(frames.size() <= kMaxBurst);
  counters_.frames_received.Add(frames.size());
  FloodShare share = flood_order_.ShareOf(source, now);
  grant_ = watch_.GrantFor(frames.size(), now);
  trailers_.Begin(TrailerClock(now));

  const bool blocking = !blocks_.empty();
  size_t parsed = 0;
  size_t hosts = 0;
  for (const Frame& frame : frames) {
    Candidate& candidate = candidates_[parsed];
    const DropReason reason = Classify(frame, segments_, candidate);
    if (reason != DropReason::kNone) {
      Count(reason);
      // A query of MLD for VRRP's own group looks as if it could have been an advert.
      const bool of_host = reason == DropReason::kNotVrrp || reason == DropReason::kExtensionHeader;
      if (of_host && responder_.active()) hosts_[hosts++] = &frame;
      if (reason != DropReason::kNotVrrp) Look(frame, nullptr, reason, {}, IcvVerdict::kNotLooked, now);
      continue;
    }
    if (blocking && Blocks(candidate, now)) continue;
    AskFor(candidate.place);
    ++parsed;
  }

  size_t known = 0;
  for (Candidate& candidate : std::span(candidates_).first(parsed)) {
    const DropReason reason = FindRouter(candidate);
    if (reason != DropReason::kNone) {
      Count(reason);
      Look(*candidate.frame, nullptr, reason, {}, IcvVerdict::kNotLooked, now);
      continue;
    }
    AskFor(&candidate.router->inbound);
    candidate.router->senders.PrefetchForCheck();
    known_[known++] = &candidate;
  }

  size_t pending = 0;
  uint8_t other_keys = 0;
  for (const Candidate* known_candidate : std::span(known_).first(known)) {
    const Candidate& candidate = *known_candidate;
    DropReason reason = IsForUs(candidate);
    const bool has_icv = candidate.ah != nullptr || candidate.has_trailer;
    if (reason == DropReason::kNone && !has_icv) {  // there is no ICV to wait for
      reason = CheckPlain(candidate);
      if (reason == DropReason::kNone) reason = Deliver(candidate, IcvVerdict::kNotLooked, now);
    } else if (reason == DropReason::kNone) {
      reason = candidate.has_trailer ? BeginTrailer(candidate, share, trailers_, jobs_[pending])
                                     : BeginAuthentication(candidate, share, jobs_[pending]);
      if (reason == DropReason::kNone ||
          (IsByNumber(reason) && IsOfInterest(candidate, reason, share, now, jobs_[pending]))) {
        const VirtualRouter& router = *candidate.router;
        other_keys |= router.inbound.other_keys;
        router.inbound.key->Prefetch();
        router.senders.PrefetchForCommit();
        AskFor(&router.machine);
        AskFor(&router.timer);
        AskFor(&router.counters);
        refused_[pending] = reason;
        pending_[pending++] = &candidate;
        continue;
      }
    }
    if (reason != DropReason::kNone) Reject(candidate, reason, IcvVerdict::kNotLooked, now);
  }

  engine_.Verify({jobs_.data(), pending});
  if (other_keys != 0) VerifyWithOtherKeys(pending);

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
    Remarks remarks;
    if (reason != DropReason::kNone && jobs_[i].match && IsReadmitted(candidate, reason, now)) {
      candidate.router->senders.Readmit(candidate.source(), candidate.sequence, now);
      remarks.Add(Remark::kReadmitted);
      Note(candidate, remarks, now);
      reason = DropReason::kNone;
    }
    if (reason == DropReason::kNone) reason = Deliver(candidate, icv, now);
    if (reason != DropReason::kNone) Reject(candidate, reason, icv, now);
  }
  watch_.GiveBack(grant_);

  // Last, so that a new master's announcement finds us a backup: it comes right behind its first advert (V3-60).
  for (const Frame* frame : std::span(hosts_).first(hosts)) NoteClaim(responder_.Receive(*frame, now), now);
}

// True: the sender is blocked, and the frame dealt with. No event tells of it, for who blocks a sender knows; the watch
// goes on to see it.
bool Shard::Blocks(const Candidate& candidate, Instant now) {
  const Frame& frame = *candidate.frame;
  const std::optional<size_t> place = blocks_.Find(frame.port, candidate.source_mac(), candidate.source());
  if (!place.has_value()) return false;
  counters_.blocked[*place].Add();
  Count(DropReason::kBlocked);
  VirtualRouter* router = *candidate.place;
  if (router != nullptr) router->counters.drops[static_cast<size_t>(DropReason::kBlocked)].Add();
  Look(frame, router, DropReason::kBlocked, {}, IcvVerdict::kNotLooked, now);
  return true;
}

// While keys are being changed: what did not match, with the next key.
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

// Whether the ICV of an advert refused by its number is computed all the same.
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

// A number that was there already costs no ICV; but now and then one is computed to learn if its sender has the key,
// which tells a rogue gateway from a replayed frame.
bool Shard::MayProbe(const Candidate& candidate, IcvJob& job) {
  if (candidate.has_trailer) {
    if (!MakeTrailerJob(candidate, trailers_, job)) return false;
  } else {
    MakeIcvInput(candidate, candidate.router->inbound, job);
  }
  --grant_.probes;
  return true;
}

DropReason Shard::Deliver(const Candidate& candidate, IcvVerdict icv, Instant now) {
  VirtualRouter& router = *candidate.router;
  Advert advert;
  const DropReason reason = ReadAdvert(candidate, now, advert);
  if (reason != DropReason::kNone) return reason;
  if (candidate.has_trailer && ClockDiffers(candidate, trailers_.clock())) advert.remarks.Add(Remark::kClockDiffers);
  router.counters.adverts_received.Add();
  if (router.inbound.is_moving && candidate.vrid == router.next_vrid) router.next_vrid_heard = true;
  if (advert.received.priority == kPriorityRelease) router.counters.priority_zero_received.Add();
  counters_.adverts_accepted.Add();
  if (!advert.remarks.empty()) Note(candidate, advert.remarks, now);
  Look(*candidate.frame, &router, DropReason::kNone, advert.remarks, icv, now);
  if (candidate.version() == 3 && router.config.v2_coexistence) {
    router.v3_master = advert.received.source;
    router.v3_heard = now;
  }
  CarryOut(router, OnAdvert(router.config.machine, router.machine, advert.received, now));
  return DropReason::kNone;
}

void Shard::TellOfRejection(const Candidate& c, DropReason reason, DropCounter& drops, Instant now) {
  ShardEvent event;
  event.kind = ShardEvent::Kind::kRejected;
  event.drop = reason;
  Notify(c, drops, kNoticeInterval, event, now);
}

void Shard::Note(const Candidate& c, Remarks remarks, Instant now) {
  for (const RemarkInfo& row : AllRemarks()) {
    if (!remarks.Has(row.remark)) continue;
    DropCounter& counter = c.router->counters.remarks[static_cast<size_t>(row.remark)];
    counter.Add();
    ShardEvent event;
    event.kind = ShardEvent::Kind::kRemarked;
    event.remark = row.remark;
    Notify(c, counter, kRemarkInterval, event, now);
  }
}

// Tells control of a frame, unless it has been told of one of the kind within `interval`.
void Shard::Notify(const Candidate& c, DropCounter& counter, Nanoseconds interval, ShardEvent& event, Instant now) {
  if (now < counter.notice_after) return;
  counter.notice_after = now + interval;
  event.instance = c.router->config.id;
  event.vrid = c.vrid;
  event.peer = c.source();
  event.peer_mac = c.source_mac();
  event.sequence = c.ah != nullptr ? c.sequence : 0;
  event.count = counter.value();
  event.at = now;
  if (!PushEvent(event, kMaxQueries)) counters_.notices_lost.Add();
}

// At most one event an instance in kNoticeInterval.
void Shard::NoteClaim(const AddressClaim& claim, Instant now) {
  if (claim.router == nullptr) return;
  DropCounter& conflicts = claim.router->counters.conflicts;
  conflicts.Add();
  if (now < conflicts.notice_after) return;
  conflicts.notice_after = now + kNoticeInterval;
  ShardEvent event;
  event.kind = ShardEvent::Kind::kConflict;
  event.instance = claim.router->config.id;
  event.peer = claim.address;
  event.peer_mac = claim.mac;
  event.count = conflicts.value();
  event.at = now;
  if (!PushEvent(event, kMaxQueries)) counters_.notices_lost.Add();
}

}  // namespace dpvrrp
