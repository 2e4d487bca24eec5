// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stand_in/neighbours.h"

#include <algorithm>

#include "wire/arp.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

Instant NextAsk(const PeerNeighbour& peer) {
  const Instant again = peer.asked_at + Neighbours::kAskAgain;
  return peer.known ? std::max(peer.heard_at + Neighbours::kPeerFresh, again) : again;
}

// An owner's own address is a virtual one.
bool IsSourceVirtual(const VirtualRouterConfig& c) {
  return std::find(c.addresses.begin(), c.addresses.end(), c.machine.source) != c.addresses.end();
}

size_t WriteQuestion(const VirtualRouterConfig& c, const IpAddress& address, uint8_t* frame) {
  const IpAddress& source = c.machine.source;
  const MacAddress& mac = IsSourceVirtual(c) ? c.source_mac : c.port_mac;
  if (source.is_v4()) {
    return WriteArp({kBroadcastMac, mac, c.vlan, kArpRequest, mac, source, MacAddress{}, address}, frame);
  }
  const IpAddress group = SolicitedNodeGroup(address);
  return WriteNd({.destination_mac = MulticastMac(group),
                  .source_mac = mac,
                  .vlan = c.vlan,
                  .destination = group,
                  .source = source,
                  .type = kNeighbourSolicitation,
                  .flags = 0,
                  .target = address,
                  .link_layer = mac},
                 frame);
}

}  // namespace

void Neighbours::OnStateChange(VirtualRouter& router, Instant now) {
  if (router.neighbours.empty()) return;
  Chore& timer = router.host_side->ask_timer;
  const State state = router.machine.state;
  if (!IsActive(state) || (state == State::kBackup && IsSourceVirtual(router.config))) {
    wheel_.Disarm(timer);
  } else if (!timer.armed()) {
    Ask(router, now);
  }
}

void Neighbours::Ask(VirtualRouter& router, Instant now) {
  Instant next = kNever;
  for (size_t i = 0; i < router.neighbours.size(); ++i) {
    PeerNeighbour& peer = router.neighbours[i];
    if (NextAsk(peer) <= now) {
      uint8_t* frame = queue_.room();
      if (frame == nullptr) {  // no answers are waited for meanwhile
        next = std::min(next, now + kQueueRetry);
        continue;
      }
      queue_.Add(WriteQuestion(router.config, router.config.unicast_peers[i].next_hop, frame), router.config.port);
      asked_.Add();
      peer.asked_at = now;
    }
    next = std::min(next, NextAsk(peer));
  }
  wheel_.Arm(router.host_side->ask_timer, next);
}

// The timer may fire early now; Ask() looks again.
void Neighbours::Learn(VirtualRouter& router, size_t peer, const MacAddress& mac, Instant now) {
  PeerNeighbour& neighbour = router.neighbours[peer];
  neighbour.mac = mac;
  neighbour.known = true;
  neighbour.heard_at = now;
}

}  // namespace dpvrrp
