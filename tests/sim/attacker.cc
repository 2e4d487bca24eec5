// SPDX-License-Identifier: BSD-3-Clause
#include "sim/attacker.h"

#include <algorithm>

#include "sim/advert_codec.h"
#include "traffic/repair.h"

namespace dpvrrp::sim {
namespace {

constexpr size_t kRecorded = 256;
constexpr size_t kEthernet = 14;  // bytes
constexpr size_t kIp = 20;
constexpr size_t kAhFixed = 12;

std::shared_ptr<Packet> Hostile(const AdvertFrame& advert, int router) {
  auto packet = std::make_shared<Packet>();
  packet->bytes = advert.Build();
  packet->router = router;
  packet->authentic = packet->acceptable = false;
  packet->hostile = true;
  return packet;
}

}  // namespace

Attacker::Attacker(const Scenario& scenario, Prng prng)
    : scenario_(scenario), prng_(prng), records_(scenario.routers.size()) {}

void Attacker::Overhear(const PacketPtr& packet) {
  Record& record = records_[static_cast<size_t>(packet->router)];
  if (packet->priority == kPriorityRelease) record.releases.push_back(packet);
  if (record.ring.size() < kRecorded) {
    record.ring.push_back(packet);
  } else {
    record.ring[record.next++ % kRecorded] = packet;
  }
}

Packet Attacker::Copy(const Packet& of) const {
  Packet copy = of;
  copy.hostile = true;
  return copy;
}

PacketPtr Attacker::Replay(int router) {
  const Record& record = records_[static_cast<size_t>(router)];
  const auto& from = !record.releases.empty() && prng_.OneIn(3) ? record.releases : record.ring;
  return std::make_shared<Packet>(
      Copy(*from[static_cast<size_t>(prng_.Between(0, static_cast<int64_t>(from.size()) - 1))]));
}

// A recorded frame with one thing changed, and the checksums made right again.
PacketPtr Attacker::Rewrite(int router) {
  PacketPtr original = Replay(router);
  Packet packet = *original;
  packet.authentic = false;
  packet.acceptable = false;
  Bytes& frame = packet.bytes;
  const size_t ah_at = kEthernet + kIp;
  const size_t vrrp_at = ah_at + kAhFixed + (PlanOf(router).algorithm == MacAlgorithm::kHmacSha256_128 ? 16 : 12);
  const auto change = [&](size_t at) { frame[at] = static_cast<uint8_t>(frame[at] + prng_.Between(1, 255)); };
  switch (prng_.Between(1, 7)) {
    case 1:  // sequence number
      change(ah_at + 8 + static_cast<size_t>(prng_.Between(0, 3)));
      break;
    case 2:  // SPI
      change(ah_at + 7);
      break;
    case 3:  // source, and the SPI with it
      change(kEthernet + 15);
      frame[ah_at + 7] = frame[kEthernet + 15];
      break;
    case 4:  // priority
      change(vrrp_at + 2);
      break;
    case 5:  // an address
      change(vrrp_at + 8 + static_cast<size_t>(prng_.Between(0, 3)));
      break;
    case 6:  // ICV
      change(ah_at + kAhFixed + static_cast<size_t>(prng_.Between(0, 11)));
      break;
    default:  // IP identification
      change(kEthernet + 5);
  }
  RepairChecksums(frame);
  return std::make_shared<Packet>(std::move(packet));
}

PacketPtr Attacker::Forge(int router) {
  const VirtualRouterPlan& plan = PlanOf(router);
  if (plan.version == VrrpVersion::kV3) return MalformV3(router);  // nothing protects it
  const auto sender = static_cast<size_t>(prng_.Between(0, static_cast<int64_t>(scenario_.nodes.size()) - 1));
  const Record& record = records_[static_cast<size_t>(router)];
  AdvertFrame advert = AdvertOf(plan, plan.interval);
  advert.source_mac = scenario_.nodes[sender].mac;
  advert.source = prng_.OneIn(4) ? IpAddress::V4(0x0a630000 + static_cast<uint32_t>(prng_.Between(1, 65000)))
                                 : scenario_.nodes[sender].address;
  advert.priority = static_cast<uint8_t>(prng_.OneIn(2) ? 255 * prng_.Between(0, 1) : prng_.Between(1, 254));
  if (plan.auth == AuthKind::kAh) {
    advert.key = Bytes(8, 0x41);
    const uint32_t heard = record.ring.empty() ? 0 : record.ring.back()->sequence;
    advert.sequence = prng_.OneIn(3)   ? 0xffffffff
                      : prng_.OneIn(2) ? heard + static_cast<uint32_t>(prng_.Between(1, 2000))
                                       : static_cast<uint32_t>(prng_.Next());
  } else {  // a frame without any protection can only be made invalid
    advert.auth_type = static_cast<uint8_t>(plan.auth == AuthKind::kSimple && prng_.OneIn(2) ? 1 : 2);
  }
  std::shared_ptr<Packet> packet = Hostile(advert, router);
  packet->priority = Priority(advert.priority);
  return packet;
}

// Wrong in a way that no configuration makes right (conformance A7, V2-11).
PacketPtr Attacker::Malform(int router) {
  const VirtualRouterPlan& plan = PlanOf(router);
  if (plan.version == VrrpVersion::kV3) return MalformV3(router);
  AdvertFrame advert = AdvertOf(plan, plan.interval);
  advert.source = scenario_.nodes.front().address;
  advert.priority = static_cast<uint8_t>(prng_.Between(0, 255));
  advert.auth_data.assign(plan.password.begin(), plan.password.end());
  if (plan.auth == AuthKind::kAh) advert.key = Bytes(8, 0x42);
  int victim = router;
  switch (prng_.Between(1, 9)) {
    case 1:
      advert.ttl = static_cast<uint8_t>(prng_.Between(0, 254));
      break;
    case 2:
      advert.version = 1;
      break;
    case 3:
      advert.type = static_cast<uint8_t>(prng_.OneIn(2) ? 0 : 2);
      break;
    case 4:
      advert.count = static_cast<uint8_t>(prng_.OneIn(2) ? 0 : 255);
      break;
    case 5:
      advert.wrong_checksum = true;
      break;
    case 6:
      advert.version_ihl = static_cast<uint8_t>(0x40 | prng_.Between(0, 4));
      break;
    case 7:
      advert.flags_fragment = 0x2000;
      break;
    case 8:
      advert.trailer = Bytes(4, 0);
      break;
    default:
      advert.vrid = 250;
      victim = -1;
  }
  if (prng_.OneIn(4)) advert.cut_to = static_cast<size_t>(prng_.Between(0, 46));
  return Hostile(advert, victim);
}

PacketPtr Attacker::MalformV3(int router) {
  const VirtualRouterPlan& plan = PlanOf(router);
  const auto sender = static_cast<size_t>(prng_.Between(0, static_cast<int64_t>(scenario_.nodes.size()) - 1));
  AdvertFrame advert = AdvertOf(plan, plan.interval);
  advert.source_mac = scenario_.nodes[sender].mac;
  advert.source = scenario_.nodes[sender].source(plan.family);
  advert.checksum_rule = prng_.OneIn(2) ? ChecksumRule::kRfc5798 : ChecksumRule::kRfc9568;
  advert.priority = static_cast<uint8_t>(prng_.Between(0, 255));
  int victim = router;
  switch (prng_.Between(1, 10)) {
    case 1:
      advert.ttl = static_cast<uint8_t>(prng_.Between(0, 254));
      break;
    case 2:
      advert.version = static_cast<uint8_t>(prng_.OneIn(2) ? 1 : 4);
      break;
    case 3:
      advert.type = static_cast<uint8_t>(prng_.OneIn(2) ? 0 : 15);
      break;
    case 4:
      advert.count = static_cast<uint8_t>(prng_.OneIn(2) ? 0 : 255);
      break;
    case 5:
      // By neither rule right: addresses of 10.99/16 and the group never sum up to a pseudo-header of 0x8000.
      advert.wrong_checksum = true;
      break;
    case 6:  // with the reserved bits set or not
      advert.interval = 0;
      advert.reserved = prng_.OneIn(2) ? 0xf : 0;
      break;
    case 7:
      advert.trailer = Bytes(static_cast<size_t>(prng_.Between(1, 40)), 0);
      break;
    case 8:  // hop-by-hop options, or AH where none is configured
      advert.protocol = static_cast<uint8_t>(prng_.OneIn(2) ? 0 : 51);
      break;
    case 9:  // a source that no neighbour can have
      advert.source =
          plan.family == Family::kIpv4 ? IpAddress::V4(0xe0000012) : IpAddress::V6({0x20, 0x01, 0x0d, 0xb8});
      break;
    default:
      advert.vrid = 250;
      victim = -1;
  }
  if (prng_.OneIn(4)) advert.cut_to = static_cast<size_t>(prng_.Between(0, 40));
  return Hostile(advert, victim);
}

Attacker::Shot Attacker::Next() {
  const auto router = static_cast<int>(prng_.Between(0, static_cast<int64_t>(scenario_.routers.size()) - 1));
  const int64_t kind = prng_.Between(1, 10);
  const bool recorded = !records_[static_cast<size_t>(router)].ring.empty();
  const bool ah = PlanOf(router).auth == AuthKind::kAh;
  if (kind <= 2 || !recorded) return {Forge(router)};
  if (kind == 3) return {Malform(router)};
  if (kind == 4) {
    const PacketPtr echo = Replay(router);
    return {echo, echo->sender};
  }
  if (!ah) return {Forge(router)};
  return {kind <= 8 ? Replay(router) : Rewrite(router)};
}

}  // namespace dpvrrp::sim
