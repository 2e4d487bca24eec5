// SPDX-License-Identifier: BSD-3-Clause
//
// Shard: what each command of control does.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "pipeline/receive/deliver.h"
#include "pipeline/replace.h"
#include "pipeline/send/advert_writer.h"
#include "pipeline/shard.h"

namespace dpvrrp {

void Shard::Apply(const ShardCommand& command, Instant now) {
  std::visit([this, now](const auto& c) { Obey(c, now); }, command);
}

// ---- Routers ----

void Shard::Obey(const command::Add& c, Instant now) {
  VirtualRouter& router = *c.router;
  router.deaf_since = now;
  if (!router.config.follows) segments_.Insert(router);
  responder_.Add(router);
  if (segments_.IsUp(router.config.port)) StartOrHold(router, now);
}

void Shard::StartOrHold(VirtualRouter& router, Instant now) {
  if (router.holds.empty()) {
    Advance(router, Startup{now < router.resume_until}, now);
  } else if (router.holds.AreFault()) {
    Advance(router, Held{router.holds.first()}, now);
  }
}

void Shard::Obey(const command::Remove& c, Instant now) {
  VirtualRouter& router = *c.router;
  router.retiring = true;
  const bool hands_over = c.hands_over && router.machine.state == State::kMaster;
  Advance(router, Shutdown{hands_over ? Reason::kHandover : Reason::kShutdown}, now);
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, nullptr);
  LeaveRing(router);
  LeaveGroup(router);
  if (!router.config.follows) segments_.Remove(router);
  responder_.Remove(router);
  RetireIfIdle(router);  // else once its goodbye is written
}

// A running virtual router gets another configuration.
void Shard::Obey(const command::Replace& c, Instant now) {
  VirtualRouter& router = *c.router;
  VirtualRouter& wanted = *c.wanted;
  DPVRRP_CHECK(wanted.port == router.port && wanted.vlan == router.vlan);
  DPVRRP_CHECK(wanted.config.vrid == router.config.vrid && wanted.config.family() == router.config.family());
  const Reconfigured change{router.config.machine, AdvertisesOtherwise(router, wanted)};

  // The table counts the routers whose adverts are sent elsewhere than to the group of VRRP.
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, nullptr);
  if (!router.config.follows) segments_.Remove(router);
  responder_.ExchangeHostSide(router, wanted, now);
  ExchangeConfiguration(router, wanted);
  if (c.former_mac != MacAddress{}) router.former_mac = c.former_mac;
  if (!router.config.follows) segments_.Insert(router);
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, &router);
  responder_.OnStateChange(router, now);

  if (c.numbers_above > 0) router.sequence.GoOnAbove(c.numbers_above);
  if (router.advert_due.has_value() && !router.awaits_numbers) adverts_.Push(router);
  Advance(router, change, now);
  wanted.replaced = true;
  reports_.Push(wanted);
}

// ---- A VRID move ----

void Shard::Obey(const command::SpeakNextVrid& c, Instant) {
  DPVRRP_CHECK(c.vrid != Vrid(0));
  VirtualRouter& router = *c.router;
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, nullptr);
  segments_.SetNext(router, c.vrid, &router);
  SetNextVrid(router, c.vrid, c.mac, c.record);
  router.sequence.GoOnAbove(c.numbers_above);
}

void Shard::Obey(const command::StopNextVrid& c, Instant) {
  VirtualRouter& router = *c.router;
  if (router.next_vrid != Vrid(0)) segments_.SetNext(router, router.next_vrid, nullptr);
  SetNextVrid(router, Vrid(0), MacAddress{}, nullptr);
}

void Shard::SetNextVrid(VirtualRouter& router, Vrid vrid, const MacAddress& mac, const SequenceRecord* record) {
  router.next_vrid = vrid;
  router.next_mac = mac;
  router.next_record = record;
  router.next_vrid_heard = false;
  router.inbound.is_moving = vrid != Vrid(0);
  CountCopies(router);
}

void Shard::Obey(const command::AdoptNextVrid& c, Instant) {
  VirtualRouter& router = *c.router;
  DPVRRP_CHECK(router.next_vrid != Vrid(0));
  segments_.SetNext(router, router.next_vrid, nullptr);
  segments_.Remove(router);
  if (router.next_record != nullptr) router.senders.Remember(*std::exchange(router.next_record, nullptr));
  MoveToNextVrid(router);
  responder_.OnMacChange(router);
  PrepareInbound(router);
  segments_.Insert(router);
}

void Shard::Obey(const command::ForgetMac& c, Instant) { c.router->former_mac = MacAddress{}; }

// ---- Orders to one router ----

void Shard::Obey(const command::Resign& c, Instant now) { Advance(*c.router, OperatorResign{}, now); }

void Shard::Obey(const command::Takeover& c, Instant now) { Advance(*c.router, OperatorTakeover{}, now); }

void Shard::Obey(const command::GiveWay& c, Instant now) { Advance(*c.router, GiveWay{}, now); }

// While its port is down, it stays in Initialize.
void Shard::Obey(const command::HoldDown& c, Instant now) {
  VirtualRouter& router = *c.router;
  router.holds.Add(c.hold);
  if (router.holds.AreFault() && segments_.IsUp(router.config.port)) Advance(router, Held{router.holds.first()}, now);
}

void Shard::Obey(const command::EndHold& c, Instant now) {
  VirtualRouter& router = *c.router;
  router.holds.Remove(c.hold);
  if (c.hold == Hold::kNoAddress) Advance(router, HoldEnded{}, now);
  if (router.machine.follows) FollowLeader(router, now);
  if (!router.holds.empty()) return;
  const bool resumes = now < router.resume_until;
  if (router.machine.state == State::kFault) Advance(router, Released{resumes}, now);
  if (c.hold == Hold::kUnknown && segments_.IsUp(router.config.port)) Advance(router, Startup{resumes}, now);
}

// A master's next advert, at its regular time, has the new priority.
void Shard::Obey(const command::SetPriority& c, Instant now) {
  VirtualRouter& router = *c.router;
  const Reconfigured change{router.config.machine};
  router.config.machine.priority = c.priority;
  if (router.advert_due.has_value() && router.advert_due != kPriorityRelease) router.advert_due = c.priority;
  Advance(router, change, now);
}

void Shard::Obey(const command::Announce& c, Instant) {
  VirtualRouter& router = *c.router;
  if (router.machine.state != State::kMaster) return;
  const size_t end = std::min<size_t>(size_t{c.first} + c.count, router.config.addresses.size());
  for (size_t i = c.first; i < end; ++i) router.announce_due.set(i);
  if (router.announce_due.any()) announcements_.Push(router);
}

void Shard::Obey(const command::OurMac& c, Instant) {
  auto& macs = c.router->also_ours;
  if (std::find(macs.begin(), macs.end(), c.mac) != macs.end()) return;
  macs[c.router->next_also_ours++ % macs.size()] = c.mac;
}

// ---- Ports and the shard ----

void Shard::Obey(const command::PortDown& c, Instant now) {
  segments_.SetUp(c.port, false);
  segments_.ForEach(c.port, [&](VirtualRouter& r) {
    Advance(r, Shutdown{Reason::kPortDown}, now);
    r.advert_due.reset();  // nor the goodbye of an earlier `resign`
  });
  MoveRings();
}

void Shard::Obey(const command::PortUp& c, Instant now) {
  segments_.SetUp(c.port, true);
  segments_.ForEach(c.port, [&](VirtualRouter& r) { StartOrHold(r, now); });
  MoveRings();
}

void Shard::Obey(const command::PortMac& c, Instant) {
  const auto use = [&](VirtualRouter& r) {
    UsePortMac(r, c.mac);
    responder_.OnMacChange(r);
  };
  segments_.ForEach(c.port, use);
  for (const FollowerRing* ring = rings_; ring != nullptr; ring = ring->next_ring) {
    ring->ForEach([&](VirtualRouter& r) {
      if (r.config.port == c.port) use(r);
    });
  }
}

void Shard::Obey(const command::Block& c, Instant) {
  DPVRRP_CHECK(c.place < kMaxBlockedSenders);
  blocks_.Set(c.place, c.sender);
}

void Shard::Obey(const command::Unblock& c, Instant) { blocks_.Clear(c.place); }

void Shard::Obey(const command::Clock& c, Instant) { utc_offset_ = c.utc_offset; }

void Shard::Obey(const command::ShowFrames& c, Instant) {
  tap_ = c.on ? copier_ : nullptr;
  if (tap_ != nullptr) tap_->Select(c.selection);
}

// ---- Questions ----

void Shard::Obey(const command::Query& c, Instant now) {
  InstanceQuery& query = *c.query;
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
  DPVRRP_CHECK(PushEvent(event::Answered{&query}, 0));  // notices leave kMaxQueries places free
}

void Shard::Obey(const command::ReadWatch& c, Instant now) {
  WatchQuery& query = *c.query;
  query.at = now;
  query.count = watch_.Read(query.first, WatchQuery::kSlice, query.found.data());
  query.crowded_out = watch_.crowded_out();
  DPVRRP_CHECK(PushEvent(event::Watched{&query}, 0));  // notices leave kMaxQueries places free
}

}  // namespace dpvrrp
