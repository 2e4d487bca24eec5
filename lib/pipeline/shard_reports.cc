// SPDX-License-Identifier: BSD-3-Clause
//
// Shard: what it reports to control.
//
// A transition and the return of a router wait in the router and cannot be lost. A notice (a frame that was rejected, a
// claim to an address, ...) is one entry of a bounded queue. Its counter has the time before which no other is made.
#include <algorithm>

#include "pipeline/shard.h"

namespace dpvrrp {
namespace {

event::FrameOrigin OriginOf(const Candidate& c) {
  return {.peer = c.source(), .peer_mac = c.source_mac(), .vrid = c.vrid, .sequence = c.ah != nullptr ? c.sequence : 0};
}

// Whether a notice is due. If it is, the next one is due after `interval`.
bool TakeTurn(DropCounter& counter, Nanoseconds interval, Instant now) {
  if (now < counter.notice_after) return false;
  counter.notice_after = now + interval;
  return true;
}

// Counts; whether a notice is due.
bool CountsToNotice(DropCounter& counter, Instant now) {
  counter.Add();
  return now >= counter.notice_after;
}

}  // namespace

// ---- Notices ----

void Shard::ReportRejection(const Candidate& c, DropReason reason, DropCounter& drops, Instant now) {
  if (!TakeTurn(drops, kNoticeInterval, now)) return;
  Notify(event::Rejected{c.router->config.id, reason, OriginOf(c), drops.value(), now});
}

void Shard::ReportRemarks(const Candidate& c, Remarks remarks, Instant now) {
  for (const RemarkInfo& row : AllRemarks()) {
    if (!remarks.Has(row.remark)) continue;
    DropCounter& counter = c.router->counters.remarks[static_cast<size_t>(row.remark)];
    counter.Add();
    if (!TakeTurn(counter, kRemarkInterval, now)) continue;
    Notify(event::Remarked{c.router->config.id, row.remark, OriginOf(c), counter.value(), now});
  }
}

void Shard::ReportClaim(const AddressClaim& claim, Instant now) {
  if (claim.router == nullptr) return;
  const InstanceId instance = claim.router->config.id;
  VirtualRouterCounters& counters = claim.router->counters;
  DropCounter& counter = claim.is_probe ? counters.probes : counters.conflicts;
  if (!CountsToNotice(counter, now)) return;
  if (claim.is_probe) {
    NotifyOrRetry(event::Probed{instance, claim.address, claim.mac, counter.value(), now}, counter, kRemarkInterval,
                  now);
  } else {
    NotifyOrRetry(event::Conflict{instance, claim.address, claim.mac, counter.value(), now}, counter, kNoticeInterval,
                  now);
  }
}

// The other router has announced our addresses as its own when it became master, so hosts may send to it.
void Shard::ReportOtherMaster(const Candidate& c, Priority priority, Instant now) {
  DropCounter& counter = c.router->counters.other_masters;
  if (!CountsToNotice(counter, now)) return;
  NotifyOrRetry(event::OtherMaster{.instance = c.router->config.id,
                                   .peer = c.source(),
                                   .peer_mac = c.source_mac(),
                                   .peer_priority = priority,
                                   .vrid = c.vrid,
                                   .count = counter.value(),
                                   .at = now},
                counter, kOtherMasterInterval, now);
}

// A master that was stopped (SIGSTOP, a debugger, a starved CPU) for as many intervals as a backup waits. Another
// router may have been master since, and may have resigned before we heard it.
void Shard::ReportOversleep(VirtualRouter& router, Instant now) {
  const MachineConfig& c = router.config.machine;
  const Nanoseconds late = now - router.machine.deadline;
  if (late < c.advertisement_interval * std::max(1, c.down_adverts - 1)) return;  // since the last advert: one more
  DropCounter& counter = router.counters.oversleeps;
  if (!CountsToNotice(counter, now)) return;
  NotifyOrRetry(event::Overslept{router.config.id, late, counter.value(), now}, counter, kOtherMasterInterval, now);
}

void Shard::ReportNumbersLow(VirtualRouter& router, Instant now) {
  if (router.config.auth != AuthKind::kAh) return;
  const uint64_t sent = router.sequence.sent();
  if (!PushEvent(event::NumbersLow{router.config.id, UINT32_MAX - sent, now}, kMaxQueries)) return;  // the next advert
  while (sent > kFewNumbersAt[router.numbers_low]) ++router.numbers_low;
}

void Shard::Notify(const ShardEvent& event) {
  if (!PushEvent(event, kMaxQueries)) counters_.notices_lost.Add();
}

void Shard::NotifyOrRetry(const ShardEvent& event, DropCounter& counter, Nanoseconds interval, Instant now) {
  if (!PushEvent(event, kMaxQueries)) return counters_.notices_lost.Add();
  counter.notice_after = now + interval;
}

bool Shard::PushEvent(const ShardEvent& event, size_t keep_free) {
  if (event_count_ + keep_free >= events_.size()) return false;
  events_[(event_head_ + event_count_) % events_.size()] = event;
  ++event_count_;
  return true;
}

// ---- To control ----

// Takes the next report of a router. False: it has none.
bool Shard::TakeReport(VirtualRouter& router, ShardEvent& event) {
  const InstanceId instance = router.config.id;
  const Machine& machine = router.machine;
  if (router.reported_from.has_value()) {
    event = event::Transition{.instance = instance,
                              .from = *router.reported_from,
                              .to = machine.state,
                              .reason = machine.reason,
                              .peer_priority = machine.master_priority,
                              .peer = machine.master_address,
                              .at = machine.since};
    router.reported_from.reset();
    return true;
  }
  if (router.tells_ready) {
    event = event::Ready{instance, router.told_ready};
    router.tells_ready = false;
    return true;
  }
  if (router.wants_numbers) {
    const uint64_t heard = router.inbound.shared_counter ? router.senders.highest() : 0;
    event = event::NumbersWanted{instance, 1 + std::max(router.sequence.sent(), heard)};
    router.wants_numbers = false;
    return true;
  }
  if (router.retired) {
    event = event::Retired{instance, &router};
  } else if (router.replaced) {
    event = event::Replaced{instance, &router};
  }
  return router.retired || router.replaced;
}

size_t Shard::TakeEvents(std::span<ShardEvent> out) {
  size_t taken = 0;
  while (taken < out.size() && reports_.front() != nullptr) {
    VirtualRouter& router = *reports_.front();
    const bool is_last = !router.reported_from.has_value() && !router.tells_ready && !router.wants_numbers;
    if (is_last) reports_.PopFront();  // if this report returns the router, its memory belongs to control from then on
    if (TakeReport(router, out[taken])) ++taken;
  }
  while (taken < out.size() && event_count_ > 0) {
    out[taken++] = events_[event_head_];
    event_head_ = (event_head_ + 1) % events_.size();
    --event_count_;
  }
  return taken;
}

}  // namespace dpvrrp
