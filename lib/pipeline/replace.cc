// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/replace.h"

#include <algorithm>
#include <utility>

#include "pipeline/receive/deliver.h"
#include "pipeline/send/advert_writer.h"

namespace dpvrrp {
namespace {

// Announcements that wait are marked by the address's place in the list, which may be another one now.
std::bitset<kMaxVirtualAddresses> StillDue(const VirtualRouter& router, const std::vector<IpAddress>& addresses) {
  std::bitset<kMaxVirtualAddresses> due;
  if (router.announce_due.none()) return due;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto& before = router.config.addresses;
    const auto at = std::find(before.begin(), before.end(), addresses[i]);
    if (at != before.end()) due[i] = router.announce_due[static_cast<size_t>(at - before.begin())];
  }
  return due;
}

void KeepKnownPeers(const VirtualRouter& router, VirtualRouter& wanted) {
  const auto& before = router.config.unicast_peers;
  for (size_t i = 0; i < wanted.neighbours.size(); ++i) {
    const IpAddress& next_hop = wanted.config.unicast_peers[i].next_hop;
    const auto at = std::find_if(before.begin(), before.end(), [&](const auto& p) { return p.next_hop == next_hop; });
    if (at != before.end()) wanted.neighbours[i] = router.neighbours[static_cast<size_t>(at - before.begin())];
  }
}

void ExchangeNumbers(VirtualRouter& router, VirtualRouter& wanted) {
  if (router.config.record == wanted.config.record) {
    wanted.senders.ContinueFrom(router.senders);
    std::swap(router.senders, wanted.senders);
    return;
  }
  std::swap(router.senders, wanted.senders);
  std::swap(router.sequence, wanted.sequence);
  std::swap(router.unrecorded, wanted.unrecorded);
  router.numbers_low = 0;
  router.awaits_numbers = router.wants_numbers = false;
}

}  // namespace

bool AdvertisesOtherwise(const VirtualRouter& router, const VirtualRouter& wanted) {
  return router.advert.bytes != wanted.advert.bytes || router.v2_advert.bytes != wanted.v2_advert.bytes ||
         router.config.unicast_peers != wanted.config.unicast_peers;
}

void ExchangeConfiguration(VirtualRouter& router, VirtualRouter& wanted) {
  KeepKnownPeers(router, wanted);
  ExchangeNumbers(router, wanted);
  router.announce_due = StillDue(router, wanted.config.addresses);
  std::swap(router.config, wanted.config);
  router.config.record_in_use = false;
  std::swap(router.advert, wanted.advert);
  std::swap(router.v2_advert, wanted.v2_advert);
  std::swap(router.sorted_addresses, wanted.sorted_addresses);
  std::swap(router.neighbours, wanted.neighbours);
  CountCopies(router);  // an advert that was sent to some of its receivers begins again
  PrepareInbound(router);
  if (router.advert_due.has_value() && router.advert_due != kPriorityRelease) {
    router.advert_due = router.config.machine.priority;
  }
}

}  // namespace dpvrrp
