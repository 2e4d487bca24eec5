// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stand_in/responder.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"
#include "wire/icmp.h"

namespace dpvrrp {
namespace {

constexpr uint8_t kReplyTtl = 64;

bool IsGroup(const MacAddress& mac) { return (mac.bytes[0] & 1) != 0; }

bool IsMaster(const VirtualRouter& router) { return router.machine.state == State::kMaster; }

bool Accepts(const VirtualRouter& router) {
  return router.config.accept || router.config.machine.priority == kPriorityOwner;
}

bool IsVirtual(BookEntry::Role role) { return role == BookEntry::Role::kVirtual || role == BookEntry::Role::kWatched; }

// A MAC that this host has: what comes from it is our own, or our kernel's.
bool IsOurMac(const VirtualRouter& router, const MacAddress& mac) {
  const VirtualRouterConfig& c = router.config;
  const auto& also = router.also_ours;
  return mac == c.source_mac || mac == c.port_mac || mac == router.former_mac || mac == router.next_mac ||
         std::find(also.begin(), also.end(), mac) != also.end();
}

bool IsAt(const VirtualRouter& router, const MacAddress& mac) {
  const VirtualRouterConfig& c = router.config;
  return mac == c.source_mac || mac == c.port_mac || (mac == router.former_mac && mac != MacAddress{});
}

bool IsHosts(const IpAddress& address) {
  return !address.IsUnspecified() && !address.IsMulticast() && address != IpAddress::V4(0xffffffff);
}

}  // namespace

Responder::Responder(Instant start, ResponderCounters& counters)
    : counters_(counters),
      wheel_(start),
      neighbours_(queue_, wheel_, counters.peer_questions),
      membership_(book_, queue_, wheel_, counters.group_reports) {}

void Responder::Add(VirtualRouter& router) {
  ++CountOf(router);
  for (BookEntry& entry : router.host_side->addresses) book_.Insert(entry, router.config.port, router.config.vlan);
}

void Responder::Remove(VirtualRouter& router) {
  --CountOf(router);
  for (BookEntry& entry : router.host_side->addresses) book_.Remove(entry);
}

size_t& Responder::CountOf(const VirtualRouter& router) {
  const HostSide& side = *router.host_side;
  return side.is_host ? hosts_ : side.groups.empty() ? watchers_ : reporters_;
}

void Responder::OnStateChange(VirtualRouter& router, Instant now) {
  if (!router.host_side->is_host && router.host_side->groups.empty()) return;
  if (!IsMaster(router)) queue_.Withdraw(router);  // answers from the virtual MAC
  neighbours_.OnStateChange(router, now);
  membership_.OnStateChange(router, now);
}

void Responder::ExchangeHostSide(VirtualRouter& router, VirtualRouter& wanted, Instant now) {
  if (HostSide* next = wanted.host_side.get(); next != nullptr) {
    for (BookEntry& entry : next->addresses) entry.router = &router;
    for (GroupMember& member : next->groups) member.of_group.router = member.of_segment.router = &router;
    next->ask_timer.of = &router;
  }
  if (router.host_side != nullptr) {
    queue_.Withdraw(router);  // answers with what it was before
    Remove(router);
    membership_.HandOver(*router.host_side, wanted.host_side.get(), now);
    wheel_.Disarm(router.host_side->ask_timer);
  }
  std::swap(router.host_side, wanted.host_side);
  Add(router);
}

void Responder::OnMacChange(VirtualRouter& router) { queue_.Withdraw(router); }

void Responder::Transmit(TxBurst& burst, Instant now) {
  if (wheel_.armed() > 0) {
    for (size_t fired = 0; fired < kMaxBurst; ++fired) {
      auto* chore = static_cast<Chore*>(wheel_.PopExpired(now));
      if (chore == nullptr) break;
      if (chore->kind == Chore::Kind::kAskForPeers) neighbours_.Ask(*static_cast<VirtualRouter*>(chore->of), now);
      if (chore->kind == Chore::Kind::kReportGroup) membership_.Report(*static_cast<GroupMember*>(chore->of), now);
    }
  }
  queue_.WriteTo(burst);
}

// ---- Receive ----

AddressClaim Responder::Receive(const Frame& raw, Instant now) {
  took_ = false;
  const HostFrame frame = ParseHostFrame(raw);
  switch (frame.kind) {
    case HostFrame::Kind::kOther:
      break;
    case HostFrame::Kind::kMalformed:
      if (active()) counters_.malformed.Add();
      break;
    case HostFrame::Kind::kArp:
      return OnArp(frame, now);
    case HostFrame::Kind::kNd:
      return OnNd(frame, now);
    case HostFrame::Kind::kEchoV4:
    case HostFrame::Kind::kEchoV6:
      if (active()) OnEcho(frame, now);
      break;
    case HostFrame::Kind::kQuery:
      if (!queries_.Pay(now)) {
        counters_.limited.Add();
        break;
      }
      membership_.OnQuery(frame.port, frame.vlan, frame.query, now);
      break;
  }
  return {};
}

// RFC 826, RFC 5227: probes, which have no sender address, and announcements of others are answered like any request.
AddressClaim Responder::OnArp(const HostFrame& frame, Instant now) {
  const ArpPacket& arp = *frame.arp;
  if (IsGroup(arp.sender_hardware)) return {};
  const bool asks = arp.operation.host() == kArpRequest;
  const AddressClaim claim = asks && arp.sender().IsUnspecified()
                                 ? Probed(frame, arp.target(), arp.sender_hardware)
                                 : Heard(frame, arp.sender(), arp.sender_hardware, arp.target(), now);
  if (!asks || !active()) return claim;
  const Answerer us = WhoAnswers(frame, arp.target());
  took_ = us.router != nullptr;
  if (!took_) return claim;
  uint8_t* out = Room(now);
  if (out == nullptr) return claim;
  queue_.Add(WriteArp({arp.sender_hardware, us.mac, frame.vlan, kArpReply, us.mac, arp.target(), arp.sender_hardware,
                       arp.sender()},
                      out),
             frame.port, us.OfVirtual());
  counters_.arp_replies.Add();
  return claim;
}

// RFC 4861 7.2.4: to a solicitation from :: the answer goes to all nodes and is not a solicited one. Without an option
// the asker is where the frame came from.
AddressClaim Responder::OnNd(const HostFrame& frame, Instant now) {
  const SeenNd& nd = frame.nd;
  const IpAddress source = IpAddress::V6(frame.ip6->source);
  const IpAddress destination = IpAddress::V6(frame.ip6->destination);
  const bool asks = nd.message->type == kNeighbourSolicitation;
  if (nd.link_layer != nullptr && IsGroup(*nd.link_layer)) return {};
  AddressClaim claim;
  if (nd.link_layer != nullptr) {
    claim = asks ? Heard(frame, source, *nd.link_layer, nd.target(), now)
                 : Heard(frame, nd.target(), *nd.link_layer, destination, now, nd.Has(kNaOverride));
  } else if (asks && source.IsUnspecified()) {
    claim = Probed(frame, nd.target(), frame.source);
  } else if (!asks) {  // the option may be left out of an answer to a unicast question
    claim = Heard(frame, nd.target(), frame.source, IpAddress(), now, false);
  }
  if (!asks || !active()) return claim;
  if (destination != nd.target() && destination != SolicitedNodeGroup(nd.target())) return claim;
  const Answerer us = WhoAnswers(frame, nd.target());
  took_ = us.router != nullptr;
  if (!took_) return claim;
  uint8_t* out = Room(now);
  if (out == nullptr) return claim;
  const bool probe = source.IsUnspecified();
  const MacAddress& asker = nd.link_layer != nullptr ? *nd.link_layer : frame.source;
  queue_.Add(WriteNd({.destination_mac = probe ? MulticastMac(kAllNodes) : asker,
                      .source_mac = us.mac,
                      .vlan = frame.vlan,
                      .destination = probe ? kAllNodes : source,
                      .source = nd.target(),
                      .type = kNeighbourAdvertisement,
                      .flags = kNaRouter | kNaOverride | (probe ? 0 : kNaSolicited),
                      .target = nd.target(),
                      .link_layer = us.mac},
                     out),
             frame.port, us.OfVirtual());
  counters_.neighbour_advertisements.Add();
  return claim;
}

void Responder::OnEcho(const HostFrame& frame, Instant now) {
  if (IsGroup(frame.destination)) return;  // RFC 1122 3.3.6
  const bool v4 = frame.kind == HostFrame::Kind::kEchoV4;
  const IpAddress to = v4 ? IpAddress::V4(frame.ip4->destination.host()) : IpAddress::V6(frame.ip6->destination);
  const IpAddress from = v4 ? IpAddress::V4(frame.ip4->source.host()) : IpAddress::V6(frame.ip6->source);
  if (!IsHosts(to) || !IsHosts(from) || from == to) return;
  const Answerer us = WhoAnswers(frame, to);
  took_ = us.router != nullptr && us.is_virtual;
  if (!took_) return;
  if (!Accepts(*us.router)) return counters_.not_accepted.Add();

  const size_t ip_bytes = v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  if (kMaxEthernetBytes + ip_bytes + frame.message.size() > kMaxFrameBytes) return counters_.malformed.Add();
  uint8_t* out = Room(now);
  if (out == nullptr) return;
  size_t at = WriteEthernet(frame.source, us.mac, frame.vlan, v4 ? kEtherTypeIpv4 : kEtherTypeIpv6, out);
  if (v4) {
    Ipv4Header ip = *frame.ip4;
    std::swap(ip.source, ip.destination);
    ip.ttl = kReplyTtl;
    ip.checksum = Be16(0);
    ip.checksum = ChecksumOf(reinterpret_cast<const uint8_t*>(&ip), sizeof ip);
    std::memcpy(out + at, &ip, sizeof ip);
  } else {
    Ipv6Header ip = *frame.ip6;
    std::swap(ip.source, ip.destination);
    ip.hop_limit = kReplyTtl;
    std::memcpy(out + at, &ip, sizeof ip);
  }
  at += ip_bytes;
  const std::span<uint8_t> message(out + at, frame.message.size());
  std::copy(frame.message.begin(), frame.message.end(), message.begin());
  if (!(v4 ? MakeEchoReply(message) : MakeEchoReplyV6(from, to, message))) return counters_.malformed.Add();
  queue_.Add(at + message.size(), frame.port, us.OfVirtual());
  counters_.echo_replies.Add();
}

// The host at `mac` is about to take `address` unless another host answers for it.
AddressClaim Responder::Probed(const HostFrame& frame, const IpAddress& address, const MacAddress& mac) const {
  AddressClaim claim;
  if (!IsHosts(address)) return claim;
  book_.Find(frame.port, frame.vlan, address, [&](const BookEntry& entry) {
    if (!IsVirtual(entry.role) || !IsMaster(*entry.router) || IsOurMac(*entry.router, mac)) return false;
    claim = {entry.router, address, mac, true};
    return true;
  });
  return claim;
}

// A host has said, to `to`, that `address` is at `mac`.
AddressClaim Responder::Heard(const HostFrame& frame, const IpAddress& address, const MacAddress& mac,
                              const IpAddress& to, Instant now, bool overrides) {
  AddressClaim claim;
  if (!IsHosts(address)) return claim;  // under the others the book has groups, a long list
  book_.Find(frame.port, frame.vlan, address, [&](const BookEntry& entry) {
    VirtualRouter& router = *entry.router;
    if (entry.role == BookEntry::Role::kPeer && to == router.config.machine.source) {
      const PeerNeighbour& known = router.neighbours[entry.index];
      if (!overrides && known.known && known.mac != mac) return false;  // RFC 4861 7.2.5
      if (!lessons_.Pay(now)) return counters_.limited.Add(), true;
      neighbours_.Learn(router, entry.index, mac, now);
    } else if (IsVirtual(entry.role) && IsMaster(router) && !IsOurMac(router, mac)) {
      claim = {&router, address, mac};
    }
    return false;
  });
  return claim;
}

// Who is to answer a question for `address` that came in this frame. One of a segment's virtual routers has it at most;
// its own address another may have too.
Responder::Answerer Responder::WhoAnswers(const HostFrame& frame, const IpAddress& address) {
  Answerer found;
  if (!IsHosts(address)) return counters_.not_ours.Add(), found;
  bool ours = false;
  book_.Find(frame.port, frame.vlan, address, [&](const BookEntry& entry) {
    const VirtualRouter& router = *entry.router;
    const bool is_virtual = entry.role == BookEntry::Role::kVirtual;
    if (!is_virtual && entry.role != BookEntry::Role::kSource) return false;
    const VirtualRouterConfig& c = router.config;
    if (!IsGroup(frame.destination) && !IsAt(router, frame.destination)) return false;  // the port lets everything in
    ours = true;
    if (is_virtual ? !IsMaster(router) : !IsActive(router.machine.state)) return false;
    found = {&router, is_virtual ? c.source_mac : c.port_mac, is_virtual};
    return true;
  });
  if (found.router == nullptr) (ours ? counters_.not_master : counters_.not_ours).Add();
  return found;
}

// A place for an answer, paid for; null: too many.
uint8_t* Responder::Room(Instant now) {
  uint8_t* room = queue_.room();
  if (room == nullptr) {
    counters_.queue_full.Add();
    return nullptr;
  }
  if (!answers_.Pay(now)) {
    counters_.limited.Add();
    return nullptr;
  }
  return room;
}

}  // namespace dpvrrp
