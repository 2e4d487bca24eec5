// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/shard.h"

#include <algorithm>

#include "pipeline/send/advert_writer.h"

namespace dpvrrp {

Shard::Shard(IcvEngine& engine, Instant start, const FloodOrder& flood_order)
    : engine_(engine), flood_order_(flood_order), wheel_(start), responder_(start, counters_.responder) {}

// ---- The machine ----

void Shard::ResignAll(Instant now) {
  for (uint16_t port = 0; port < kMaxPorts; ++port) {
    segments_.ForEach(PortId(port), [&](VirtualRouter& r) { Advance(r, Shutdown{}, now); });
  }
}

void Shard::Advance(VirtualRouter& router, const Event& event, Instant now) {
  CarryOut(router, Step(router.config.machine, router.machine, event, now), now);
}

void Shard::CarryOut(VirtualRouter& router, const Actions& actions, Instant now) {
  if (actions.state_change.has_value()) ChangeState(router, *actions.state_change);
  if (actions.send_advert.has_value()) {  // after what a change of state has withdrawn
    router.advert_due = actions.send_advert;
    router.copies_sent = 0;
    adverts_.Push(router);
  }

  const Machine& machine = router.machine;
  if (machine.in_group) MoveGroup(router, actions, now);
  if ((machine.leads || machine.follows) && actions.state_change.has_value()) MoveWithRing(router, now);

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
  router.inbound.listening = IsActive(change.to);
  if (IsActive(change.from) && !IsActive(change.to)) router.deaf_since = router.machine.since;
  if (!IsActive(change.from) && change.to == State::kMaster) GoOnWithGroup(router);
  if (change.to == State::kMaster) {
    router.counters.became_master.Add();
    router.resume_until = Instant{};  // once only: after a fault it is as any other router
  }
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
      if (router->machine.state == State::kMaster) ReportOversleep(*router, now);
      CarryOut(*router, OnTimer(router->config.machine, router->machine, now), now);
      --room;
    }
    looks += count;
  }
}

Instant Shard::NextDeadline() const {
  const bool waiting = adverts_.front() != nullptr || announcements_.front() != nullptr || moving_.front() != nullptr;
  return waiting ? Instant::min() : std::min(wheel_.NextCheck(), responder_.NextDeadline());
}

}  // namespace dpvrrp
