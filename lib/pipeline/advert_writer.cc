// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/advert_writer.h"

#include <bit>
#include <cstring>

#include "pipeline/authenticate.h"
#include "wire/ah.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/vrrp.h"

namespace dpvrrp {
namespace {

template <typename T>
void Append(std::vector<uint8_t>& out, const T& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

}  // namespace

void PrepareAdvertTemplate(VirtualRouter& router) {
  const VirtualRouterConfig& c = router.config;
  const bool has_ah = c.auth == AuthKind::kAh;
  const size_t icv_bytes = has_ah ? c.key->icv_bytes() : 0;
  const size_t ah_bytes = has_ah ? sizeof(AhHeader) + icv_bytes : 0;
  const size_t vrrp_bytes = VrrpV2Bytes(c.addresses.size());

  std::vector<uint8_t>& out = router.advert_template;
  out.resize(kMaxEthernetBytes);
  out.resize(WriteEthernet(kVrrpGroupMacV4, c.source_mac, c.vlan, kEtherTypeIpv4, out.data()));

  router.ip_at = static_cast<uint8_t>(out.size());
  Ipv4Header ip{};
  ip.version_ihl = 0x45;
  ip.total_length = Be16(static_cast<uint16_t>(sizeof ip + ah_bytes + vrrp_bytes));
  ip.ttl = has_ah && c.icv_rule == IcvRule::kRfc4302 ? 0 : kVrrpTtl;
  ip.protocol = has_ah ? kProtocolAh : kProtocolVrrp;
  ip.source = Be32(c.machine.source.v4());
  ip.destination = Be32(kVrrpGroupV4.v4());
  Append(out, ip);

  if (has_ah) {  // keepalived's SPI is the sender's address (AH-32)
    Append(out, AhHeader{kProtocolVrrp, AhPayloadLen(icv_bytes), Be16(0), Be32(c.machine.source.v4()), Be32(0)});
    out.insert(out.end(), icv_bytes, 0);
  }

  router.vrrp_at = static_cast<uint8_t>(out.size());
  VrrpV2Header vrrp{};
  vrrp.version_type = 2 << 4 | kVrrpTypeAdvertisement;
  vrrp.vrid = c.vrid.value();
  vrrp.count = static_cast<uint8_t>(c.addresses.size());
  vrrp.auth_type = static_cast<uint8_t>(c.auth);
  vrrp.adver_int =
      static_cast<uint8_t>(std::chrono::duration_cast<std::chrono::seconds>(c.machine.advertisement_interval).count());
  Append(out, vrrp);
  for (const IpAddress& address : c.addresses) Append(out, Be32(address.v4()));
  if (c.auth == AuthKind::kSimple) {
    Append(out, c.password);
  } else {
    out.insert(out.end(), kAuthDataBytes, 0);
  }

  const uint8_t* message = out.data() + router.vrrp_at;
  router.vrrp_sum = FoldSum(OnesComplementSum(message, vrrp_bytes));
  ip.tos = kDscpCs6;
  ip.ttl = kVrrpTtl;
  router.ip_sum = FoldSum(OnesComplementSum(reinterpret_cast<const uint8_t*>(&ip), sizeof ip));
}

void PrefetchAdvert(const VirtualRouter& router) {
  router.sequence.Prefetch();
  __builtin_prefetch(router.advert_template.data());
  __builtin_prefetch(router.advert_template.data() + 64);
  __builtin_prefetch(&router.inbound);
  __builtin_prefetch(&router.counters);
}

bool WriteAdvert(VirtualRouter& router, Priority priority, TxFrame& frame, IcvJob* job) {
  const VirtualRouterConfig& c = router.config;
  uint32_t number = 0;
  if (job != nullptr) {
    // keepalived peers drop what is not above the highest number they have seen from anybody (keepalived.md 1.6).
    const std::optional<uint32_t> next =
        router.sequence.Next(c.icv_rule == IcvRule::kKeepalived ? router.senders.highest() : 0);
    if (!next.has_value()) return false;
    number = *next;
  }

  const std::vector<uint8_t>& advert = router.advert_template;
  std::memcpy(frame.data, advert.data(), advert.size());
  frame.length = static_cast<uint16_t>(advert.size());
  frame.port = c.port;

  auto& ip = *reinterpret_cast<Ipv4Header*>(frame.data + router.ip_at);
  if (++router.ip_id == 0) router.ip_id = 1;  // 0 would ask a kernel to choose, and the ICV covers it
  ip.id = Be16(router.ip_id);

  auto& vrrp = *reinterpret_cast<VrrpV2Header*>(frame.data + router.vrrp_at);
  vrrp.priority = priority.value();
  // The priority is the first byte of its 16-bit word on the wire, the low one here.
  vrrp.checksum = ChecksumOf(uint64_t{router.vrrp_sum} + priority.value());

  if (job != nullptr) {
    auto& ah = *reinterpret_cast<AhHeader*>(frame.data + router.ip_at + sizeof(Ipv4Header));
    ah.sequence_number = Be32(number);
    job->key = router.inbound.key;
    job->data = frame.data + router.ip_at;
    job->length = static_cast<uint32_t>(advert.size() - router.ip_at);
  }
  return true;
}

void FinishAdvert(const WrittenAdvert& advert) {
  const VirtualRouter& router = *advert.router;
  uint8_t* header = advert.data + router.ip_at;
  auto& ip = *reinterpret_cast<Ipv4Header*>(header);
  if (advert.job != nullptr) {
    CopyIcv(router.inbound.icv_bytes, advert.job->icv, header + sizeof ip + sizeof(AhHeader));
  }
  ip.tos = kDscpCs6;
  ip.ttl = kVrrpTtl;
  ip.checksum = ChecksumOf(uint64_t{router.ip_sum} + std::bit_cast<uint16_t>(ip.id));
}

}  // namespace dpvrrp
