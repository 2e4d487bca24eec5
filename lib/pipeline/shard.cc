// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/shard.h"

#include <algorithm>

#include "base/check.h"
#include "pipeline/advert_writer.h"
#include "pipeline/deliver.h"
#include "wire/arp.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

// AH numbers above which control is told, each once in a run: about half a year, and 18 hours, of an advert a second
// before there are no more.
constexpr std::array<uint64_t, 3> kNumbersLow = {0xff00'0000, 0xffff'0000, UINT64_MAX};

}  // namespace

Shard::Shard(IcvEngine& engine, Instant start, const FloodOrder& flood_order)
    : engine_(engine), flood_order_(flood_order), wheel_(start), responder_(start, counters_.responder) {}

// ---- Commands from control ----

void Shard::Apply(const ShardCommand& command, Instant now) {
  switch (command.kind) {
    case ShardCommand::Kind::kAdd:
      return Add(*command.router, now);
    case ShardCommand::Kind::kRemove:
      return Remove(*command.router, now);
    case ShardCommand::Kind::kPriority:
      command.router->config.machine.priority = command.priority;
      return Advance(*command.router, PriorityChanged{}, now);
    case ShardCommand::Kind::kKeys:
      return ReplaceKeys(*command.router, command.keys, command.sequence);
    case ShardCommand::Kind::kSpeakNextVrid:
      return SpeakNextVrid(*command.router, command);
    case ShardCommand::Kind::kAdoptNextVrid:
      return AdoptNextVrid(*command.router);
    case ShardCommand::Kind::kReserved:
      return Reserved(*command.router, command.sequence);
    case ShardCommand::Kind::kForgetMac:
      command.router->former_mac = MacAddress{};
      return;
    case ShardCommand::Kind::kResign:
      return Advance(*command.router, OperatorResign{}, now);
    case ShardCommand::Kind::kTakeover:
      return Advance(*command.router, OperatorTakeover{}, now);
    case ShardCommand::Kind::kAnnounce:
      return Announce(*command.router, command.first, command.count);
    case ShardCommand::Kind::kQuery:
      return Answer(*command.query, now);
    case ShardCommand::Kind::kWatch:
      return Answer(*command.watch, now);
    case ShardCommand::Kind::kPortDown:
      return SetPortDown(command.port, now);
    case ShardCommand::Kind::kPortUp:
      return SetPortUp(command.port, now);
    case ShardCommand::Kind::kBlock:
      DPVRRP_CHECK(command.first < kMaxBlockedSenders);
      return blocks_.Set(command.first, command.blocked);
    case ShardCommand::Kind::kUnblock:
      return blocks_.Clear(command.first);
    case ShardCommand::Kind::kAllowSenders:
      return AllowSenders(*command.router, command.allowed);
    case ShardCommand::Kind::kClock:
      utc_offset_ = command.utc_offset;
      return;
  }
}

void Shard::Add(VirtualRouter& router, Instant now) {
  router.deaf_since = now;
  segments_.Insert(router);
  responder_.Add(router);
  if (segments_.IsUp(router.config.port)) Advance(router, Startup{}, now);
}

void Shard::Remove(VirtualRouter& router, Instant now) {
  router.retiring = true;
  Advance(router, Shutdown{}, now);
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, nullptr);
  segments_.Remove(router);
  responder_.Remove(router);
  RetireIfIdle(router);  // else once its goodbye is written
}

void Shard::RetireIfIdle(VirtualRouter& router) {
  if (!router.retiring || router.advert_link.queued || router.announce_link.queued) return;
  wheel_.Disarm(router.timer);
  router.retired = true;
  reports_.Push(router);
}

void Shard::SetPortDown(PortId port, Instant now) {
  segments_.SetUp(port, false);
  segments_.ForEach(port, [&](VirtualRouter& r) {
    Advance(r, Shutdown{Reason::kPortDown}, now);
    r.advert_due.reset();  // nor the goodbye of an earlier `resign`
  });
}

void Shard::SetPortUp(PortId port, Instant now) {
  segments_.SetUp(port, true);
  segments_.ForEach(port, [&](VirtualRouter& r) { Advance(r, Startup{}, now); });
}

void Shard::Answer(InstanceQuery& query, Instant now) {
  query.at = now;
  for (size_t i = 0; i < query.wanted.size(); ++i) {
    const VirtualRouter& router = *query.wanted[i];
    InstanceSnapshot& out = query.found[i];
    out.id = router.config.id;
    out.machine = router.machine;
    out.priority = router.config.machine.priority;
    out.sequence_sent = router.sequence.sent();
    out.sequence_heard = router.senders.highest();
    out.evictions = router.senders.evictions();
    out.next_vrid_heard = router.next_vrid_heard;
    const std::span<const Sender> senders = router.senders.senders();
    out.sender_count = senders.size();
    std::copy(senders.begin(), senders.end(), out.senders.begin());
  }
  ShardEvent event;
  event.kind = ShardEvent::Kind::kAnswered;
  event.query = &query;
  DPVRRP_CHECK(PushEvent(event, 0));  // notices leave kMaxQueries places free
}

void Shard::Answer(WatchQuery& query, Instant now) {
  query.at = now;
  query.count = watch_.Read(query.first, WatchQuery::kSlice, query.found.data());
  query.crowded_out = watch_.crowded_out();
  ShardEvent event;
  event.kind = ShardEvent::Kind::kWatched;
  event.watch = &query;
  DPVRRP_CHECK(PushEvent(event, 0));  // notices leave kMaxQueries places free
}

void Shard::Announce(VirtualRouter& router, uint16_t first, uint16_t count) {
  if (router.machine.state != State::kMaster) return;
  const size_t end = std::min<size_t>(size_t{first} + count, router.config.addresses.size());
  for (size_t i = first; i < end; ++i) router.announce_due.set(i);
  if (router.announce_due.any()) announcements_.Push(router);
}

void Shard::SpeakNextVrid(VirtualRouter& router, const ShardCommand& command) {
  const Vrid vrid = command.vrid;
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, nullptr);
  if (vrid != Vrid(0)) segments_.SetNext(router, vrid, &router);
  router.next_vrid = vrid;
  router.next_mac = vrid != Vrid(0) ? command.mac : MacAddress{};
  router.next_record = command.record;
  router.next_vrid_heard = false;
  router.inbound.is_moving = vrid != Vrid(0);
  CountCopies(router);
  router.sequence.GoOnAbove(command.sequence);
}

void Shard::AdoptNextVrid(VirtualRouter& router) {
  DPVRRP_CHECK(router.next_vrid != Vrid(0));
  segments_.SetNext(router, router.next_vrid, nullptr);
  segments_.Remove(router);
  if (router.next_record != nullptr) router.senders.Remember(*std::exchange(router.next_record, nullptr));
  MoveToNextVrid(router);
  responder_.OnMacChange(router);
  PrepareInbound(router);
  segments_.Insert(router);
}

void Shard::ReplaceKeys(VirtualRouter& router, const KeySet* keys, uint64_t above) {
  DPVRRP_CHECK(router.replaced_keys == nullptr);
  router.replaced_keys = std::move(router.config.keys);
  router.config.keys.reset(keys);
  AdoptKeys(router);
  if (above > 0) router.sequence.GoOnAbove(above);
  reports_.Push(router);
}

void Shard::AllowSenders(VirtualRouter& router, const AllowedSenders& allowed) {
  router.config.allowed_senders = allowed;
  PrepareInbound(router);
}

// ---- The machine ----

void Shard::Advance(VirtualRouter& router, const Event& event, Instant now) {
  CarryOut(router, Step(router.config.machine, router.machine, event, now));
}

void Shard::CarryOut(VirtualRouter& router, const Actions& actions) {
  if (actions.state_change.has_value()) ChangeState(router, *actions.state_change);
  if (actions.send_advert.has_value()) {  // after what a change of state has withdrawn
    router.advert_due = actions.send_advert;
    router.copies_sent = 0;
    adverts_.Push(router);
  }

  // A later deadline waits for the armed one, which then looks again: an advert costs no re-arming.
  const Instant deadline = router.machine.deadline;
  if (deadline == kNever) {
    wheel_.Disarm(router.timer);
  } else if (!router.timer.armed() || deadline < router.timer.at) {
    wheel_.Arm(router.timer, deadline);
  }
}

void Shard::ChangeState(VirtualRouter& router, const Actions::StateChange& change) {
  if (!router.inbound.listening) router.listening_since = router.machine.since;
  router.inbound.listening = change.to != State::kInitialize;
  if (change.to == State::kInitialize) router.deaf_since = router.machine.since;
  if (change.from == State::kInitialize && change.to == State::kMaster) GoOnWithGroup(router);
  if (change.to == State::kMaster) router.counters.became_master.Add();
  if (!router.reported_from.has_value()) router.reported_from = change.from;
  reports_.Push(router);
  responder_.OnStateChange(router, router.machine.since);
  if (change.to == State::kMaster) return;
  // An advert still waiting is no longer true, unless it is a goodbye; and what was programmed for this mastership says
  // nothing about the next.
  if (router.advert_due != kPriorityRelease) router.advert_due.reset();
  router.announce_due.reset();
}

// At most `room` routers fire, so that what falls due at once is spread over bursts rather than written nowhere; and at
// most kMaxLooks timers are looked at, since most only find that an advert has moved their deadline and go on waiting,
// and frames wait meanwhile. In passes like the receive path, each asking for the memory of the next.
void Shard::RunTimers(size_t room, Instant now) {
  constexpr size_t kMaxLooks = 4 * kMaxBurst;
  std::array<VirtualRouter*, kMaxBurst> due;
  for (size_t looks = 0; room > 0 && looks < kMaxLooks;) {
    size_t count = 0;
    for (; count < std::min(room, due.size()); ++count) {
      TimerNode* node = wheel_.PopExpired(now);
      if (node == nullptr) break;
      due[count] = static_cast<RouterTimer*>(node)->router;
      __builtin_prefetch(&due[count]->machine);
      __builtin_prefetch(&due[count]->advert_link);
    }
    if (count == 0) return;
    for (VirtualRouter* router : std::span(due).first(count)) {
      if (router->machine.deadline > now) {
        wheel_.Arm(router->timer, router->machine.deadline);
        continue;
      }
      PrefetchAdvert(*router);
      CarryOut(*router, OnTimer(router->config.machine, router->machine, now));
      --room;
    }
    looks += count;
  }
}

// ---- Transmit ----

void Shard::Transmit(TxBurst& burst, Instant now) {
  RunTimers(burst.room(), now);
  WriteAdverts(burst, now);
  WriteAnnouncements(burst);
  responder_.Transmit(burst, now);
}

void Shard::WriteAdverts(TxBurst& burst, Instant now) {
  if (adverts_.front() == nullptr) return;
  trailers_.Begin(TrailerClock(now));
  size_t count = 0;
  size_t signing = 0;
  while (burst.room() > 0 && count < kMaxBurst && adverts_.front() != nullptr) {
    VirtualRouter& router = *adverts_.front();
    if (!router.advert_due.has_value()) {  // withdrawn meanwhile
      adverts_.PopFront();
      RetireIfIdle(router);
      continue;
    }
    const Priority priority = *router.advert_due;
    const size_t copy = router.copies_sent++;
    const bool last = router.copies_sent == router.copies;
    if (last) {
      router.advert_due.reset();
      adverts_.PopFront();
    }
    IcvJob* job = IsSigning(router.config) ? &jobs_[signing] : nullptr;
    const WriteResult result = WriteAdvert(router, priority, copy, burst.next(), job, trailers_, written_[count]);
    if (result != WriteResult::kWritten) {
      if (result == WriteResult::kPeerUnresolved) router.counters.peer_unresolved.Add();
      if (result == WriteResult::kExhausted) {
        router.counters.sequence_exhausted.Add();
        router.advert_due.reset();  // nor the other copies
      }
      if (result == WriteResult::kUnreserved) AwaitNumbers(router, priority, copy);
      if (last) RetireIfIdle(router);
      continue;
    }
    if (job != nullptr) {
      ++signing;
      if (router.sequence.sent() > kNumbersLow[router.numbers_low]) TellOfNumbers(router, now);
    }
    ++count;
    burst.Take();
    router.counters.adverts_sent.Add();
    if (priority == kPriorityRelease) router.counters.priority_zero_sent.Add();
  }
  engine_.Sign({jobs_.data(), signing});
  for (const WrittenAdvert& advert : std::span(written_).first(count)) {
    FinishAdvert(advert);
    RetireIfIdle(*advert.router);
  }
  counters_.adverts_sent.Add(count);
}

void Shard::TellOfNumbers(VirtualRouter& router, Instant now) {
  if (router.config.auth != AuthKind::kAh) return;
  ShardEvent event;
  event.kind = ShardEvent::Kind::kNumbersLow;
  event.instance = router.config.id;
  event.count = UINT32_MAX - router.sequence.sent();
  event.at = now;
  if (!PushEvent(event, kMaxQueries)) return;  // with the next advert
  while (router.sequence.sent() > kNumbersLow[router.numbers_low]) ++router.numbers_low;
}

// Gratuitous ARP and unsolicited neighbour advertisements for what control has seen programmed; nothing is left of it
// if mastership has been lost since it asked.
void Shard::WriteAnnouncements(TxBurst& burst) {
  while (burst.room() > 0 && announcements_.front() != nullptr) {
    VirtualRouter& router = *announcements_.front();
    for (size_t i = 0; i < router.config.addresses.size() && burst.room() > 0; ++i) {
      if (!router.announce_due[i]) continue;
      router.announce_due.reset(i);
      TxFrame& frame = burst.next();
      const VirtualRouterConfig& c = router.config;
      const auto write = c.family() == Family::kIpv4 ? WriteGratuitousArp : WriteUnsolicitedNa;
      frame.length = static_cast<uint16_t>(write(c.source_mac, c.vlan, c.addresses[i], frame.data));
      frame.port = router.config.port;
      burst.Take();
      counters_.announcements_sent.Add();
    }
    if (router.announce_due.any()) return;  // the burst is full; the rest goes first in the next
    announcements_.PopFront();
    RetireIfIdle(router);
  }
}

// ---- Events to control ----

bool Shard::PushEvent(const ShardEvent& event, size_t keep_free) {
  if (event_count_ + keep_free >= events_.size()) return false;
  events_[(event_head_ + event_count_) % events_.size()] = event;
  ++event_count_;
  return true;
}

size_t Shard::TakeEvents(std::span<ShardEvent> out) {
  size_t taken = 0;
  while (taken < out.size() && reports_.front() != nullptr) {
    VirtualRouter& router = *reports_.front();
    ShardEvent& event = out[taken];
    event = ShardEvent{};
    event.instance = router.config.id;
    if (router.reported_from.has_value()) {
      event.kind = ShardEvent::Kind::kTransition;
      event.from = *router.reported_from;
      event.to = router.machine.state;
      event.reason = router.machine.reason;
      event.at = router.machine.since;
      event.peer = router.machine.master_address;
      event.peer_priority = router.machine.master_priority;
      router.reported_from.reset();
      ++taken;
      // In events of their own, after this one.
      if (router.retired || router.replaced_keys != nullptr || router.wants_numbers) continue;
    } else if (router.replaced_keys != nullptr) {
      event.kind = ShardEvent::Kind::kKeysReplaced;
      event.keys = router.replaced_keys.release();
      ++taken;
      if (router.retired || router.wants_numbers) continue;
    } else if (router.wants_numbers) {
      event.kind = ShardEvent::Kind::kNumbersWanted;
      event.count = 1 + std::max(router.sequence.sent(), router.inbound.shared_counter ? router.senders.highest() : 0);
      router.wants_numbers = false;
      ++taken;
      if (router.retired) continue;
    } else if (router.retired) {
      event.kind = ShardEvent::Kind::kRetired;
      event.router = &router;
      ++taken;
    }
    reports_.PopFront();
  }
  while (taken < out.size() && event_count_ > 0) {
    out[taken++] = events_[event_head_];
    event_head_ = (event_head_ + 1) % events_.size();
    --event_count_;
  }
  return taken;
}

Instant Shard::NextDeadline() const {
  const bool waiting = adverts_.front() != nullptr || announcements_.front() != nullptr;
  return waiting ? Instant::min() : std::min(wheel_.NextCheck(), responder_.NextDeadline());
}

}  // namespace dpvrrp
