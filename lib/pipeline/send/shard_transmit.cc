// SPDX-License-Identifier: BSD-3-Clause
//
// Shard: what is due becomes frames.
#include "pipeline/send/advert_writer.h"
#include "pipeline/shard.h"
#include "wire/arp.h"
#include "wire/ndisc.h"

namespace dpvrrp {
void Shard::Transmit(TxBurst& burst, Instant now) {
  RunTimers(burst.room(), now);
  MoveFollowers(now);
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
      if (router.sequence.sent() > kFewNumbersAt[router.numbers_low]) ReportNumbersLow(router, now);
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
      const auto write = c.addresses[i].is_v4() ? WriteGratuitousArp : WriteUnsolicitedNa;
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

void Shard::RetireIfIdle(VirtualRouter& router) {
  if (!router.retiring || router.advert_link.queued || router.announce_link.queued) return;
  wheel_.Disarm(router.timer);
  router.retired = true;
  reports_.Push(router);
}

}  // namespace dpvrrp
