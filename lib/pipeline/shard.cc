// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/shard.h"

#include <algorithm>

#include "base/check.h"
#include "pipeline/advert_writer.h"
#include "pipeline/authenticate.h"
#include "wire/arp.h"

namespace dpvrrp {

Shard::Shard(IcvEngine& engine, Instant start) : engine_(engine), wheel_(start) {}

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
    case ShardCommand::Kind::kResign:
      return Advance(*command.router, OperatorResign{}, now);
    case ShardCommand::Kind::kTakeover:
      return Advance(*command.router, OperatorTakeover{}, now);
    case ShardCommand::Kind::kAnnounce:
      return Announce(*command.router, command.first, command.count);
    case ShardCommand::Kind::kQuery:
      return Answer(*command.query, now);
    case ShardCommand::Kind::kPortDown:
      return SetPortDown(command.port, now);
    case ShardCommand::Kind::kPortUp:
      return SetPortUp(command.port, now);
  }
}

void Shard::Add(VirtualRouter& router, Instant now) {
  segments_.Insert(router);
  if (segments_.IsUp(router.config.port)) Advance(router, Startup{}, now);
}

void Shard::Remove(VirtualRouter& router, Instant now) {
  router.retiring = true;
  Advance(router, Shutdown{}, now);
  segments_.Remove(router);
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
    const std::span<const Sender> senders = router.senders.senders();
    out.sender_count = senders.size();
    std::copy(senders.begin(), senders.end(), out.senders.begin());
  }
  ShardEvent event;
  event.kind = ShardEvent::Kind::kAnswered;
  event.query = &query;
  DPVRRP_CHECK(PushEvent(event, 0));  // notices leave kMaxQueries places free
}

void Shard::Announce(VirtualRouter& router, uint16_t first, uint16_t count) {
  if (router.machine.state != State::kMaster) return;
  const size_t end = std::min<size_t>(size_t{first} + count, router.config.addresses.size());
  for (size_t i = first; i < end; ++i) router.announce_due.set(i);
  if (router.announce_due.any()) announcements_.Push(router);
}

// ---- Receive ----

void Shard::Receive(std::span<const Frame> frames, Instant now) {
  DPVRRP_CHECK(frames.size() <= kMaxBurst);
  counters_.frames_received.Add(frames.size());

  // Classify and look before any crypto. Who needs an ICV is moved to the front of candidates_ and jobs_; without AH
  // there is nothing to wait for.
  size_t pending = 0;
  for (const Frame& frame : frames) {
    Candidate& candidate = candidates_[pending];
    candidate = Candidate{};
    DropReason reason = Classify(frame, segments_, candidate);
    if (reason == DropReason::kNone) reason = BeginAuthentication(candidate, jobs_[pending]);
    if (reason == DropReason::kNone && candidate.ah != nullptr) {
      ++pending;
      continue;
    }
    if (reason == DropReason::kNone) reason = Deliver(candidate, now);
    if (reason != DropReason::kNone) Reject(candidate, reason, now);
  }

  engine_.Verify({jobs_.data(), pending});

  for (size_t i = 0; i < pending; ++i) {
    DropReason reason = FinishAuthentication(candidates_[i], jobs_[i], now);
    if (reason == DropReason::kNone) reason = Deliver(candidates_[i], now);
    if (reason != DropReason::kNone) Reject(candidates_[i], reason, now);
  }
}

namespace {

// As sets: the order is the sender's affair (RFC 3768 7.1 asks for "the same addresses").
bool SameAddresses(const VirtualRouter& router, std::span<const Be32> advertised) {
  if (advertised.size() != router.sorted_addresses.size()) return false;
  const uint8_t* own = router.advert_template.data() + router.vrrp_at + sizeof(VrrpV2Header);
  if (std::memcmp(advertised.data(), own, advertised.size_bytes()) == 0) return true;
  std::array<uint32_t, kMaxVirtualAddresses> sorted;
  std::transform(advertised.begin(), advertised.end(), sorted.begin(), [](Be32 a) { return a.host(); });
  std::sort(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(advertised.size()));
  return std::equal(router.sorted_addresses.begin(), router.sorted_addresses.end(), sorted.begin());
}

}  // namespace

// RFC 3768 7.1's last checks, then the machine. Everything before this has touched no timer, and a rejection here does
// not either.
DropReason Shard::Deliver(const Candidate& c, Instant now) {
  VirtualRouter& router = *c.router;
  const VrrpV2Header& header = *c.advert.header;
  const MachineConfig& config = router.config.machine;
  if (config.priority == kPriorityOwner) return DropReason::kOwnerIgnores;
  if (std::chrono::seconds(header.adver_int) != config.advertisement_interval) return DropReason::kIntervalMismatch;
  const Priority priority(header.priority);
  if (!SameAddresses(router, c.advert.addresses) && priority != kPriorityOwner) return DropReason::kAddressMismatch;

  router.counters.adverts_received.Add();
  if (priority == kPriorityRelease) router.counters.priority_zero_received.Add();
  counters_.adverts_accepted.Add();
  Advance(router, AdvertReceived{priority, c.source}, now);
  return DropReason::kNone;
}

void Shard::Reject(const Candidate& c, DropReason reason, Instant now) {
  const auto index = static_cast<size_t>(reason);
  counters_.drops[index].Add();
  if (c.router == nullptr) return;
  VirtualRouter& router = *c.router;
  router.counters.drops[index].Add();
  if (now < router.notice_after[index]) return;
  router.notice_after[index] = now + kNoticeInterval;

  ShardEvent event;
  event.kind = ShardEvent::Kind::kRejected;
  event.instance = router.config.id;
  event.drop = reason;
  event.vrid = c.vrid;
  event.peer = c.source;
  event.peer_mac = c.source_mac;
  event.sequence = c.sequence;
  event.count = router.counters.drops[index].value();
  event.at = now;
  if (!PushEvent(event, kMaxQueries)) counters_.notices_lost.Add();
}

// ---- The machine ----

void Shard::Advance(VirtualRouter& router, const Event& event, Instant now) {
  const Actions actions = Step(router.config.machine, router.machine, event, now);

  if (actions.send_advert.has_value()) {
    router.advert_due = actions.send_advert;
    adverts_.Push(router);
  }
  if (actions.state_change.has_value()) {
    if (actions.state_change->to == State::kMaster) router.counters.became_master.Add();
    if (!router.reported_from.has_value()) router.reported_from = actions.state_change->from;
    reports_.Push(router);
    // An advert still waiting is no longer true, unless it is a goodbye.
    const bool goodbye = router.advert_due == kPriorityRelease;
    if (router.machine.state != State::kMaster && !goodbye) router.advert_due.reset();
    // What was programmed for this mastership says nothing about the next.
    if (router.machine.state != State::kMaster) router.announce_due.reset();
  }

  // A later deadline waits for the armed one, which then looks again: an advert costs no re-arming.
  const Instant deadline = router.machine.deadline;
  if (deadline == kNever) {
    wheel_.Disarm(router.timer);
  } else if (!router.timer.armed() || deadline < router.timer.at) {
    wheel_.Arm(router.timer, deadline);
  }
}

// At most `room` routers, so that what falls due at once is spread over bursts rather than written nowhere.
void Shard::RunTimers(size_t room, Instant now) {
  while (room > 0) {
    TimerNode* node = wheel_.PopExpired(now);
    if (node == nullptr) return;
    VirtualRouter& router = *static_cast<RouterTimer*>(node)->router;
    if (router.machine.deadline > now) {
      wheel_.Arm(router.timer, router.machine.deadline);
      continue;
    }
    Advance(router, TimerExpired{}, now);
    --room;
  }
}

// ---- Transmit ----

void Shard::Transmit(TxBurst& burst, Instant now) {
  RunTimers(burst.room(), now);
  WriteAdverts(burst);
  WriteAnnouncements(burst);
}

void Shard::WriteAdverts(TxBurst& burst) {
  size_t count = 0;
  while (burst.room() > 0 && count < kMaxBurst && adverts_.front() != nullptr) {
    VirtualRouter& router = *adverts_.front();
    adverts_.PopFront();
    if (!router.advert_due.has_value()) {  // withdrawn meanwhile
      RetireIfIdle(router);
      continue;
    }
    const Priority priority = *router.advert_due;
    router.advert_due.reset();
    if (!WriteAdvert(router, priority, burst.next(), jobs_[count])) {
      router.counters.sequence_exhausted.Add();
      RetireIfIdle(router);
      continue;
    }
    writing_[count++] = {&router, &burst.next()};
    burst.Take();
    router.counters.adverts_sent.Add();
    if (priority == kPriorityRelease) router.counters.priority_zero_sent.Add();
  }
  SignAndFinish(count);
  counters_.adverts_sent.Add(count);
}

// Jobs without a key (no AH) are moved past: the engine sees only what there is to sign.
void Shard::SignAndFinish(size_t count) {
  for (size_t first = 0; first < count;) {
    size_t end = first;
    while (end < count && jobs_[end].key != nullptr) ++end;
    if (end > first) engine_.Sign({jobs_.data() + first, end - first});
    first = std::max(end, first + 1);
    while (first < count && jobs_[first].key == nullptr) ++first;
  }
  for (size_t i = 0; i < count; ++i) {
    FinishAdvert(*writing_[i].router, *writing_[i].frame, jobs_[i]);
    RetireIfIdle(*writing_[i].router);
  }
}

// Gratuitous ARP for what control has seen programmed; nothing is left of it if mastership has been lost since it
// asked.
void Shard::WriteAnnouncements(TxBurst& burst) {
  while (burst.room() > 0 && announcements_.front() != nullptr) {
    VirtualRouter& router = *announcements_.front();
    for (size_t i = 0; i < router.config.addresses.size() && burst.room() > 0; ++i) {
      if (!router.announce_due[i]) continue;
      router.announce_due.reset(i);
      TxFrame& frame = burst.next();
      frame.length = static_cast<uint16_t>(
          WriteGratuitousArp(router.config.source_mac, router.config.vlan, router.config.addresses[i], frame.data));
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
      event.peer = router.machine.master_address.value_or(IpAddress());
      event.peer_priority = router.machine.master_priority;
      router.reported_from.reset();
      ++taken;
      if (router.retired) continue;  // it goes back in an event of its own, after this one
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
  return waiting ? Instant::min() : wheel_.NextCheck();
}

}  // namespace dpvrrp
