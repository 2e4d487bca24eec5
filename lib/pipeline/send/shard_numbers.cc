// SPDX-License-Identifier: BSD-3-Clause
//
// Which AH numbers a shard may use, and where they go on (ah/continuity.h).
#include <algorithm>

#include "ah/continuity.h"
#include "pipeline/shard.h"

namespace dpvrrp {

// An owner becomes master, and has heard no advert since it came to Initialize.
void Shard::GoOnWithGroup(VirtualRouter& router) {
  if (!router.inbound.shared_counter) return;
  const uint64_t last = std::max(router.sequence.sent(), router.senders.highest());
  const Nanoseconds deaf = router.machine.since - router.deaf_since;
  const uint64_t group = AfterAbsence(last, deaf, router.config.machine.advertisement_interval);
  if (group > last) router.sequence.GoOnAbove(group);
}

// An advert with this priority goes on with this copy when control has reserved a number for it. A goodbye of what is
// being removed cannot wait, as control may not name the router any more.
void Shard::AwaitNumbers(VirtualRouter& router, Priority priority, size_t copy) {
  if (adverts_.front() == &router) adverts_.PopFront();
  router.advert_due.reset();
  if (router.retiring) return RetireIfIdle(router);
  router.advert_due = priority;
  router.copies_sent = static_cast<uint8_t>(copy);
  if (router.awaits_numbers) return;
  router.awaits_numbers = router.wants_numbers = true;
  reports_.Push(router);
}

void Shard::Obey(const command::AllowNumbers& c, Instant) {
  VirtualRouter& router = *c.router;
  router.sequence.Reserve(static_cast<uint32_t>(c.up_to));
  router.awaits_numbers = router.wants_numbers = false;
  if (router.advert_due.has_value()) adverts_.Push(router);
}

}  // namespace dpvrrp
