// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/send/advert_writer.h"

#include <bit>
#include <cstring>
#include <utility>

#include "pipeline/receive/authenticate.h"
#include "wire/ah.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"
#include "wire/vrrp_v3.h"

namespace dpvrrp {
namespace {

template <typename T>
void Append(std::vector<uint8_t>& out, const T& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

bool UsesAh(const VirtualRouterConfig& c) { return c.auth == AuthKind::kAh; }
bool IsUnicast(const VirtualRouterConfig& c) { return !c.unicast_peers.empty(); }

// What AH does not cover is zero where the ICV is computed: by RFC 4302's rule the TTL too, and by keepalived's for
// unicast (keepalived.md 1.5).
uint8_t HashedTtl(const VirtualRouterConfig& c) {
  return UsesAh(c) && (c.icv_rule == IcvRule::kRfc4302 || IsUnicast(c)) ? 0 : kVrrpTtl;
}
uint8_t SentTtl(const VirtualRouterConfig& c) { return IsUnicast(c) ? c.unicast_ttl : kVrrpTtl; }

void AppendMessage(const VirtualRouterConfig& c, VrrpVersion version, std::vector<uint8_t>& out) {
  const bool v2 = version == VrrpVersion::kV2;
  VrrpV2Header header{};
  header.version_type = static_cast<uint8_t>(version) << 4 | kVrrpTypeAdvertisement;
  header.vrid = c.vrid.value();
  header.count = static_cast<uint8_t>(c.advertised);
  if (v2) {
    header.auth_type = WireAuthType(c.auth);
    // Below a second, beside VRRPv3: rounded up (V3-141).
    header.adver_int =
        static_cast<uint8_t>(std::chrono::ceil<std::chrono::seconds>(c.machine.advertisement_interval).count());
    Append(out, header);
  } else {
    const auto interval = std::chrono::duration_cast<Centiseconds>(c.machine.advertisement_interval);
    Append(out, VrrpV3Header{header.version_type, header.vrid, 0, header.count,
                             Be16(static_cast<uint16_t>(interval.count())), Be16(0)});
  }
  for (const IpAddress& address : c.advertised_addresses()) {
    const IpAddress::Bytes bytes = address.bytes();
    out.insert(out.end(), bytes.begin(), bytes.begin() + address.size());
  }
  if (!v2) return;
  if (c.auth == AuthKind::kSimple) {
    Append(out, c.password);
  } else {
    out.insert(out.end(), kAuthDataBytes, 0);
  }
}

// What the checksum of the message covers besides; of a unicast peer's address each copy adds its own.
uint64_t PseudoSum(const VirtualRouterConfig& c, VrrpVersion version, size_t message_bytes) {
  if (version == VrrpVersion::kV2) return 0;
  if (c.family() == Family::kIpv4 && c.checksum == ChecksumRule::kRfc9568) return 0;
  return PseudoHeaderSum(c.machine.source, IsUnicast(c) ? IpAddress() : c.group, message_bytes, kProtocolVrrp);
}

void AppendIpv4(const VirtualRouterConfig& c, size_t payload_bytes, AdvertTemplate& advert) {
  Ipv4Header ip{};
  ip.version_ihl = 0x45;
  ip.total_length = Be16(static_cast<uint16_t>(sizeof ip + payload_bytes));
  ip.ttl = HashedTtl(c);
  ip.protocol = UsesAh(c) ? kProtocolAh : kProtocolVrrp;
  ip.source = Be32(c.machine.source.v4());
  if (!IsUnicast(c)) ip.destination = Be32(c.group.v4());
  Append(advert.bytes, ip);
  ip.tos = kDscpCs6;
  ip.ttl = SentTtl(c);
  advert.ip_sum = FoldSum(OnesComplementSum(reinterpret_cast<const uint8_t*>(&ip), sizeof ip));
}

// What an ICV over IPv6 does not cover: traffic class and hop limit, and the flow label, which is always zero here (RFC
// 4302 3.3.3.1.2; AH-22).
void HideMutable(Ipv6Header& ip) {
  ip.version_class = 0x60;
  ip.class_flow = 0;
  ip.hop_limit = 0;
}
void ShowMutable(uint8_t hop_limit, Ipv6Header& ip) {
  ip.version_class = 0x60 | kDscpCs6 >> 4;
  ip.class_flow = static_cast<uint8_t>(kDscpCs6 << 4);
  ip.hop_limit = hop_limit;
}

AdvertTemplate MakeTemplate(const VirtualRouterConfig& c, VrrpVersion version) {
  const size_t icv_bytes = UsesAh(c) ? c.keys->signing().icv_bytes() : 0;
  const size_t ah_bytes = UsesAh(c) ? AhBytes(icv_bytes, c.family()) : 0;
  std::vector<uint8_t> message;
  AppendMessage(c, version, message);

  const size_t trailer_bytes = SentTrailerBytes(c);

  AdvertTemplate advert;
  advert.port = c.port;
  std::vector<uint8_t>& out = advert.bytes;
  const bool v4 = c.family() == Family::kIpv4;
  const MacAddress destination = IsUnicast(c) ? MacAddress{} : MulticastMac(c.group);
  out.resize(kMaxEthernetBytes);
  out.resize(WriteEthernet(destination, c.source_mac, c.vlan, v4 ? kEtherTypeIpv4 : kEtherTypeIpv6, out.data()));
  advert.ip_at = static_cast<uint8_t>(out.size());
  if (v4) {
    AppendIpv4(c, ah_bytes + message.size() + trailer_bytes, advert);
  } else {
    Ipv6Header ip =
        MakeIpv6Header(c.machine.source, IsUnicast(c) ? IpAddress::V6({}) : c.group,
                       ah_bytes + message.size() + trailer_bytes, UsesAh(c) ? kProtocolAh : kProtocolVrrp, SentTtl(c));
    if (UsesAh(c)) HideMutable(ip);
    Append(out, ip);
  }
  if (UsesAh(c)) {  // keepalived's SPI is the sender's address (AH-32)
    const Be32 spi(c.spi != 0 ? c.spi : c.machine.source.v4());
    Append(out, AhHeader{kProtocolVrrp, AhPayloadLen(icv_bytes, c.family()), Be16(0), spi, Be32(0)});
    out.insert(out.end(), ah_bytes - sizeof(AhHeader), 0);  // the ICV, and padding
  }
  advert.vrrp_at = static_cast<uint8_t>(out.size());
  out.insert(out.end(), message.begin(), message.end());
  out.insert(out.end(), trailer_bytes, 0);
  const size_t checked_bytes = message.size() + (v4 ? 0 : trailer_bytes);
  advert.vrrp_sum = FoldSum(OnesComplementSum(message.data(), message.size(), PseudoSum(c, version, checked_bytes)));
  return advert;
}

// Fills in where the copy goes, and what that adds to the checksums of IPv4 and VRRP.
void AddressToPeer(const VirtualRouter& router, size_t peer, uint8_t* frame, uint64_t& vrrp_sum) {
  const VirtualRouterConfig& c = router.config;
  const IpAddress destination = c.unicast_peers[peer].address;
  const IpAddress::Bytes bytes = destination.bytes();
  std::memcpy(frame, router.neighbours[peer].mac.bytes.data(), sizeof(MacAddress));
  uint8_t* ip = frame + router.advert.ip_at;
  const size_t at = destination.is_v4() ? offsetof(Ipv4Header, destination) : offsetof(Ipv6Header, destination);
  std::memcpy(ip + at, bytes.data(), destination.size());
  const bool covered =
      c.machine.version == VrrpVersion::kV3 && (!destination.is_v4() || c.checksum == ChecksumRule::kRfc5798);
  if (covered) vrrp_sum = OnesComplementSum(bytes.data(), destination.size(), vrrp_sum);
}

void SetSourceMac(const MacAddress& mac, uint8_t* frame) {
  std::memcpy(frame + offsetof(EthernetHeader, source), mac.bytes.data(), sizeof mac);
}

void SpeakFrom(VirtualRouter& router, const MacAddress& mac) {
  router.config.source_mac = mac;
  for (AdvertTemplate* advert : {&router.advert, &router.v2_advert}) {
    if (!advert->bytes.empty()) SetSourceMac(mac, advert->bytes.data());
  }
}

// The ones' complement sum of a message once its VRID is another: the second byte of a 16-bit word on the wire, the
// high one here.
uint64_t WithOtherVrid(uint64_t sum, Vrid from, Vrid to) {
  return sum + (uint64_t{to.value()} << 8) + (0xffff - (uint64_t{from.value()} << 8));
}

}  // namespace

void PrepareAdvertTemplates(VirtualRouter& router) {
  const VirtualRouterConfig& c = router.config;
  router.advert = MakeTemplate(c, c.machine.version);
  if (c.v2_coexistence) router.v2_advert = MakeTemplate(c, VrrpVersion::kV2);
  router.neighbours.resize(c.unicast_peers.size());
  CountCopies(router);
}

void CountCopies(VirtualRouter& router) {
  const VirtualRouterConfig& c = router.config;
  const size_t once = IsUnicast(c) ? c.unicast_peers.size() : c.v2_coexistence ? 2 : 1;
  static_assert(2 * kMaxUnicastPeers <= UINT8_MAX);
  router.copies = static_cast<uint8_t>(router.next_vrid == Vrid(0) ? once : 2 * once);
  router.copies_sent = 0;
}

void MoveToNextVrid(VirtualRouter& router) {
  for (AdvertTemplate* advert : {&router.advert, &router.v2_advert}) {
    if (advert->bytes.empty()) continue;
    advert->bytes[advert->vrrp_at + offsetof(VrrpV2Header, vrid)] = router.next_vrid.value();
    advert->vrrp_sum = FoldSum(WithOtherVrid(advert->vrrp_sum, router.config.vrid, router.next_vrid));
  }
  if (router.next_mac != MacAddress{}) {
    router.former_mac = router.config.source_mac;
    SpeakFrom(router, std::exchange(router.next_mac, MacAddress{}));
  }
  router.config.vrid = router.next_vrid;
  router.next_vrid = Vrid(0);
  router.inbound.is_moving = false;
  CountCopies(router);
}

void UsePortMac(VirtualRouter& router, const MacAddress& mac) {
  const bool speaks_from_port = router.config.source_mac == router.config.port_mac;
  router.config.port_mac = mac;
  if (speaks_from_port) SpeakFrom(router, mac);
}

void PrefetchAdvert(const VirtualRouter& router) {
  router.sequence.Prefetch();
  __builtin_prefetch(router.advert.bytes.data());
  __builtin_prefetch(router.advert.bytes.data() + 64);
  __builtin_prefetch(&router.inbound);
  __builtin_prefetch(&router.counters);
}

WriteResult WriteAdvert(VirtualRouter& router, Priority priority, size_t copy, TxFrame& frame, IcvJob* job,
                        TrailerBurst& trailers, WrittenAdvert& written) {
  const VirtualRouterConfig& c = router.config;  // few of whose cache lines are hot
  const bool unicast = router.inbound.addressing == Addressing::kUnicast;
  // The second half of the copies is for the next VRID, with a number of its own: who hears both has one window.
  const bool is_next = router.next_vrid != Vrid(0) && copy >= router.copies / 2u;
  if (is_next) copy -= router.copies / 2u;
  // Under AES-GMAC each copy has a number of its own, as it makes the IV (docs/decisions/0010).
  const bool is_gmac = router.inbound.auth == AuthKind::kAh && IsGmac(router.inbound.key->algorithm());
  if (copy == 0 || is_gmac) {
    // keepalived peers drop what is not above the highest number they have seen from anybody (keepalived.md 1.6).
    const bool shared = router.inbound.shared_counter;
    const uint64_t at_least = shared ? router.senders.highest() : 0;
    if (job != nullptr && router.inbound.auth == AuthKind::kAuthHmac) {
      TakeTrailerNumber(router, trailers.clock());
    } else if (job != nullptr && !router.sequence.Next(at_least).has_value()) {
      return router.sequence.IsExhausted(at_least) ? WriteResult::kExhausted : WriteResult::kUnreserved;
    }
    if (shared) router.senders.RaiseGroup(router.sequence.sent());
    if (++router.ip_id == 0) router.ip_id = 1;  // 0 would ask a kernel to choose, and the ICV covers it
  }
  if (unicast && !router.neighbours[copy].known) return WriteResult::kPeerUnresolved;

  const AdvertTemplate& advert = !unicast && copy == 1 ? router.v2_advert : router.advert;
  std::memcpy(frame.data, advert.bytes.data(), advert.bytes.size());
  frame.length = static_cast<uint16_t>(advert.bytes.size());
  frame.port = advert.port;
  // The priority is the first byte of its 16-bit word on the wire, the low one here.
  uint64_t vrrp_sum = uint64_t{advert.vrrp_sum} + priority.value();
  if (unicast) AddressToPeer(router, copy, frame.data, vrrp_sum);

  auto& vrrp = *reinterpret_cast<VrrpV2Header*>(frame.data + advert.vrrp_at);  // where VRRPv3's has the same fields
  if (is_next) {
    vrrp.vrid = router.next_vrid.value();
    if (router.next_mac != MacAddress{}) SetSourceMac(router.next_mac, frame.data);
    vrrp_sum = WithOtherVrid(vrrp_sum, c.vrid, router.next_vrid);
  }
  vrrp.priority = priority.value();
  vrrp.checksum = ChecksumOf(vrrp_sum);
  auto& ip = *reinterpret_cast<Ipv4Header*>(frame.data + advert.ip_at);
  if (ip.version() == 4) ip.id = Be16(router.ip_id);
  if (job != nullptr && router.inbound.auth == AuthKind::kAuthHmac) {
    WriteTrailer(router, {frame.data + advert.vrrp_at, advert.bytes.size() - advert.vrrp_at}, trailers, *job);
  } else if (job != nullptr) {
    const size_t ip_bytes = ip.version() == 4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
    auto& ah = *reinterpret_cast<AhHeader*>(frame.data + advert.ip_at + ip_bytes);
    ah.sequence_number = Be32(static_cast<uint32_t>(router.sequence.sent()));
    job->key = router.inbound.key;
    if (is_gmac) {
      const auto& ip6 = *reinterpret_cast<const Ipv6Header*>(&ip);
      MakeGmacIv(ip.version() == 4 ? SourceLast4(ip) : SourceLast4(ip6), ah.sequence_number, job->icv);
    }
    job->data = frame.data + advert.ip_at;
    job->length = static_cast<uint32_t>(advert.bytes.size() - advert.ip_at);
  }
  written = {&router, &advert, frame.data, job};
  return WriteResult::kWritten;
}

void FinishAdvert(const WrittenAdvert& written) {
  const VirtualRouter& router = *written.router;
  uint8_t* header = written.data + written.advert->ip_at;
  auto& ip = *reinterpret_cast<Ipv4Header*>(header);
  const bool has_trailer = written.job != nullptr && router.inbound.auth == AuthKind::kAuthHmac;
  if (has_trailer) {
    const AdvertTemplate& advert = *written.advert;
    SealTrailer(*written.job, ip.version() == 4 ? Family::kIpv4 : Family::kIpv6,
                {written.data + advert.vrrp_at, advert.bytes.size() - advert.vrrp_at});
  }
  const bool has_ah = written.job != nullptr && !has_trailer;
  if (ip.version() != 4) {
    if (!has_ah) return;
    auto& ip6 = *reinterpret_cast<Ipv6Header*>(header);
    CopyIcv(router.inbound.icv_bytes, written.job->icv, header + sizeof ip6 + sizeof(AhHeader));
    ShowMutable(router.inbound.addressing == Addressing::kUnicast ? SentTtl(router.config) : kVrrpTtl, ip6);
    return;
  }
  if (has_ah) CopyIcv(router.inbound.icv_bytes, written.job->icv, header + sizeof ip + sizeof(AhHeader));
  uint64_t sum = uint64_t{written.advert->ip_sum} + std::bit_cast<uint16_t>(ip.id);
  const bool unicast = router.inbound.addressing == Addressing::kUnicast;
  if (unicast) sum += std::bit_cast<uint32_t>(ip.destination);
  ip.tos = kDscpCs6;
  ip.ttl = unicast ? SentTtl(router.config) : kVrrpTtl;
  ip.checksum = ChecksumOf(sum);
}

}  // namespace dpvrrp
