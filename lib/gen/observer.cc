// SPDX-License-Identifier: BSD-3-Clause
#include "gen/observer.h"

#include <algorithm>

#include "vrrp/timers.h"
#include "wire/ah.h"
#include "wire/arp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ndisc.h"
#include "wire/vrrp.h"
#include "wire/vrrp_v3.h"

namespace dpvrrp {
namespace {

// A device of a lower rank may still send while a master's first advert is on its way.
constexpr Nanoseconds kSettle = std::chrono::milliseconds(100);

// A new master may announce its addresses before its first advert, by as much at most.
constexpr Nanoseconds kJustBefore = std::chrono::milliseconds(100);

template <typename Header>
const Header* Look(std::span<const uint8_t> bytes) {
  return bytes.size() < sizeof(Header) ? nullptr : reinterpret_cast<const Header*>(bytes.data());
}

// The bytes behind an AH. Empty: it is cut.
std::span<const uint8_t> BehindAh(std::span<const uint8_t> payload, uint8_t& protocol) {
  const auto* ah = Look<AhHeader>(payload);
  if (ah == nullptr) return {};
  const size_t bytes = 4 * (size_t{ah->payload_len} + 2);
  protocol = ah->next_header;
  return bytes > payload.size() ? std::span<const uint8_t>{} : payload.subspan(bytes);
}

}  // namespace

GenObserver::GenObserver(const GenProfile& profile, Instant start)
    : profile_(profile), start_(start), answers_(profile.streams.size()) {
  for (size_t i = 0; i < profile.streams.size(); ++i) {
    const GenStream& stream = profile.streams[i];
    first_instance_.push_back(instances_.size());
    for (size_t j = 0; j < stream.routers.size(); ++j) {
      const GenRouter& router = stream.routers[j];
      // A rogue may have the address of a device, whose adverts must still count.
      if (stream.kind->role != GenRole::kAdverts) own_.insert(router.source);
      if (stream.kind->role == GenRole::kQuestion) {
        for (const IpAddress& address : router.addresses) questions_[{router.vlan, address}] = {i, {}, false};
      }
      if (!stream.is_master()) continue;
      by_segment_[{router.vlan, router.source.family(), router.vrid}] = instances_.size();
      for (const IpAddress& address : router.addresses) by_address_[{router.vlan, address}] = instances_.size();
      GenInstance& instance = instances_.emplace_back();
      instance.stream = i;
      instance.router = j;
    }
  }
}

bool GenObserver::IsSilent(const GenInstance& instance, Instant at) const {
  const GenStream& stream = StreamOf(instance);
  const std::optional<Nanoseconds> stop = stream.silent_at ? stream.silent_at : stream.resign_at;
  if (instance.sent == 0 || !stop) return false;
  return at >= start_ + *stop && (!stream.resume_at || at < start_ + *stream.resume_at);
}

void GenObserver::Sent(size_t stream, const GenWritten& frame, Instant at) {
  const GenStream& from = profile_.streams[stream];
  if (from.kind->role == GenRole::kQuestion) {
    const GenRouter& router = from.routers[frame.router];
    Question& question = questions_[{router.vlan, router.addresses[frame.address]}];
    question = {stream, at, true};
    ++answers_[stream].asked;
    return;
  }
  if (!from.is_master()) return;
  GenInstance& instance = instances_[first_instance_[stream] + frame.router];
  ++instance.sent;
  instance.last_sent = at;
  instance.resigned = frame.resigns;
  if (!frame.resigns && instance.alive_since == kNever) {
    instance.alive_since = at;
  }
}

void GenObserver::Received(const Frame& frame, Instant at) {
  ++received_;
  EthernetFrame ethernet = ParseEthernet({frame.data, frame.length});
  if (!ethernet.complete || !JoinVlans(frame.stripped, ethernet.vlan)) return;
  const auto payload = std::span<const uint8_t>(frame.data, frame.length).subspan(ethernet.payload_at);
  if (ethernet.ether_type == kEtherTypeArp) {
    ReceivedArp(ethernet, payload, at);
  } else {
    ReceivedIp(ethernet, payload, at);
  }
}

void GenObserver::ReceivedIp(const EthernetFrame& ethernet, std::span<const uint8_t> packet, Instant at) {
  IpAddress source;
  uint8_t protocol = 0;
  std::span<const uint8_t> payload;
  if (ethernet.ether_type == kEtherTypeIpv4) {
    const auto* ip = Look<Ipv4Header>(packet);
    if (ip == nullptr || ip->total_length.host() > packet.size() || ip->header_bytes() > ip->total_length.host())
      return;
    source = IpAddress::V4(ip->source.host());
    protocol = ip->protocol;
    payload = packet.first(ip->total_length.host()).subspan(ip->header_bytes());
  } else if (ethernet.ether_type == kEtherTypeIpv6) {
    const auto* ip = Look<Ipv6Header>(packet);
    if (ip == nullptr || sizeof *ip + ip->payload_length.host() > packet.size()) return;
    source = IpAddress::V6(ip->source);
    protocol = ip->next_header;
    payload = packet.subspan(sizeof *ip, ip->payload_length.host());
    if (protocol == kProtocolIcmpV6) return ReceivedNd(ethernet, packet, at);
  }
  if (protocol == kProtocolAh) payload = BehindAh(payload, protocol);
  if (protocol == kProtocolVrrp) ReceivedAdvert(ethernet, source, payload, at);
}

void GenObserver::ReceivedAdvert(const EthernetFrame& ethernet, const IpAddress& source,
                                 std::span<const uint8_t> message, Instant at) {
  const auto* header = Look<VrrpV2Header>(message);  // the first four bytes are those of VRRPv3 too
  if (header == nullptr || header->type() != kVrrpTypeAdvertisement || own_.count(source) != 0) return;
  const auto found = by_segment_.find({ethernet.vlan, source.family(), Vrid(header->vrid)});
  if (found == by_segment_.end()) {
    ++other_adverts_;
    return;
  }
  ++adverts_;
  GenInstance& instance = instances_[found->second];
  SeenAdvert advert{Priority(header->priority), source, ethernet.source, std::chrono::seconds(header->adver_int)};
  if (header->version() == 3) advert.interval = Look<VrrpV3Header>(message)->interval();
  const bool same = instance.adverts != 0 && instance.device == source;
  ++instance.adverts;
  if (advert.priority != kPriorityRelease) {
    if (IsSilent(instance, at)) {
      if (!instance.took && !instance.was_master) instance.was_master = DidNotGiveWay(instance);
      if (!instance.took && !instance.was_master) {
        TookOver(instance, advert, at);
      } else if (same) {
        CompareInterval(instance, advert, at);
      }
    } else if (instance.alive_since != kNever && at - instance.alive_since > kSettle) {
      CheckRank(instance, advert, at);
    }
  }
  instance.device = source;
  instance.device_mac = advert.mac;
  instance.device_priority = advert.priority;
  instance.device_interval = advert.interval;
  instance.last_advert = at;
}

// Whether a device was sending until the master fell silent.
bool GenObserver::DidNotGiveWay(const GenInstance& instance) const {
  return instance.device_priority != kPriorityRelease && instance.alive_since != kNever &&
         instance.last_advert > instance.alive_since + kSettle &&
         instance.last_advert > instance.last_sent - 2 * StreamOf(instance).interval;
}

void GenObserver::TookOver(GenInstance& instance, const SeenAdvert& advert, Instant at) {
  const GenStream& stream = StreamOf(instance);
  instance.took_at = at;
  instance.took = at - instance.last_sent;
  took_.Add(*instance.took);
  instance.alive_since = kNever;  // until resume_at
  const Nanoseconds rule = instance.resigned ? SkewTime(stream.version, advert.priority, stream.interval)
                                             : MasterDownInterval(stream.version, advert.priority, stream.interval);
  instance.lateness = *instance.took - rule;
  lateness_.Add(*instance.lateness);
  if (at - instance.last_announcement > kJustBefore) return;
  instance.announced = instance.last_announcement - at;
  announced_.Add(*instance.announced);
}

void GenObserver::CompareInterval(GenInstance& instance, const SeenAdvert& advert, Instant at) {
  if (advert.interval <= Nanoseconds(0)) return;
  const Nanoseconds gap = at - instance.last_advert;
  const int64_t intervals = (gap + advert.interval / 2) / advert.interval;
  if (intervals == 1) jitter_.Add(gap - advert.interval);
  if (intervals > 1) instance.missed += static_cast<uint64_t>(intervals - 1);
}

void GenObserver::Finish(Instant at) {
  for (GenInstance& instance : instances_) {
    const bool is_master = instance.took && instance.device_priority != kPriorityRelease && IsSilent(instance, at);
    if (!is_master || instance.device_interval <= Nanoseconds(0)) continue;
    instance.missed += static_cast<uint64_t>((at - instance.last_advert) / instance.device_interval);
  }
}

// RFC 3768 6.4.3: the higher priority, and of equal ones the higher address, is the master.
void GenObserver::CheckRank(GenInstance& instance, const SeenAdvert& advert, Instant at) {
  const GenStream& stream = StreamOf(instance);
  const IpAddress& ours = stream.routers[instance.router].source;
  if (std::pair(advert.priority, advert.source) >= std::pair(stream.priority, ours)) return;
  ++instance.false_adverts;
  if (instance.false_adverts == 1 || at - instance.last_advert > 2 * stream.interval) ++instance.false_transitions;
}

void GenObserver::Announced(const Place& place, Instant at) {
  const auto found = by_address_.find(place);
  if (found == by_address_.end()) return;
  GenInstance& instance = instances_[found->second];
  instance.last_announcement = at;
  if (!instance.took || instance.announced) return;
  instance.announced = at - instance.took_at;
  announced_.Add(*instance.announced);
}

void GenObserver::Answered(const Place& place, Instant at) {
  const auto found = questions_.find(place);
  if (found == questions_.end() || !found->second.open) return;
  found->second.open = false;
  ++answers_[found->second.stream].answered;
  answer_times_.Add(at - found->second.asked);
}

void GenObserver::ReceivedArp(const EthernetFrame& ethernet, std::span<const uint8_t> payload, Instant at) {
  const ArpPacket* arp = ParseArp(payload);
  if (arp == nullptr || own_.count(arp->sender()) != 0) return;
  const Place place{ethernet.vlan, arp->sender()};
  if (arp->sender() == arp->target()) {
    Announced(place, at);
  } else if (arp->operation.host() == kArpReply) {
    Answered(place, at);
  }
}

void GenObserver::ReceivedNd(const EthernetFrame& ethernet, std::span<const uint8_t> packet, Instant at) {
  const auto& ip = *Look<Ipv6Header>(packet);
  SeenNd nd;
  if (!ParseNd(ip, packet.subspan(sizeof ip, ip.payload_length.host()), nd)) return;
  if (nd.message->type != kNeighbourAdvertisement) return;
  const Place place{ethernet.vlan, nd.target()};
  if (nd.Has(kNaSolicited)) {
    Answered(place, at);
  } else {
    Announced(place, at);
  }
}

}  // namespace dpvrrp
