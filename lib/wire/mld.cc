// SPDX-License-Identifier: BSD-3-Clause
#include "wire/mld.h"

#include <cstring>

#include "base/endian.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

namespace dpvrrp {
namespace {

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kQuery = 130;
constexpr uint8_t kV2Report = 143;
constexpr size_t kV2QueryBytes = 28;

struct MldQueryHeader {  // RFC 2710 3, and the beginning of RFC 3810 5.1; as on the wire, alignment 1
  uint8_t type;
  uint8_t code;
  Be16 checksum;
  Be16 max_response;  // milliseconds
  Be16 reserved;
  IpAddress::Bytes group;
};
static_assert(sizeof(MldQueryHeader) == 24 && alignof(MldQueryHeader) == 1);

struct HopByHopAlert {  // RFC 8200 4.3 with RFC 2711's option and PadN; as on the wire, alignment 1
  uint8_t next_header;
  uint8_t length = 0;  // 8 bytes in all
  uint8_t router_alert[4] = {5, 2, 0, 0};
  uint8_t padding[2] = {1, 0};
};
static_assert(sizeof(HopByHopAlert) == 8);

struct MldV2Report {  // RFC 3810 5.2, with one record; as on the wire, alignment 1
  uint8_t type;
  uint8_t reserved1;
  Be16 checksum;
  Be16 reserved2;
  Be16 records;
  uint8_t record_type;
  uint8_t aux_words;
  Be16 sources;
  IpAddress::Bytes group;
};
static_assert(sizeof(MldV2Report) == 28 && alignof(MldV2Report) == 1);

// RFC 3810 5.1.3: values from 32768 on are floating-point numbers.
uint32_t MillisecondsOf(uint16_t code) {
  if (code < 0x8000) return code;
  return uint32_t{(code & 0x0fffu) | 0x1000u} << ((code >> 12 & 0x07) + 3);
}

}  // namespace

bool SkipHopByHop(uint8_t& next_header, std::span<const uint8_t>& payload) {
  if (next_header != kHopByHop) return true;
  if (payload.size() < 8) return false;
  const size_t bytes = (size_t{payload[1]} + 1) * 8;
  if (payload.size() < bytes) return false;
  next_header = payload[0];
  payload = payload.subspan(bytes);
  return true;
}

bool ParseMldQuery(const Ipv6Header& ip, std::span<const uint8_t> message, GroupQuery& out) {
  if (message.size() < sizeof(MldQueryHeader)) return false;
  const auto& header = *reinterpret_cast<const MldQueryHeader*>(message.data());
  const IpAddress source = IpAddress::V6(ip.source);
  if (header.type != kQuery || header.code != 0 || ip.hop_limit != 1 || !source.IsLinkLocalV6()) return false;
  const bool v2 = message.size() >= kV2QueryBytes;  // distinguished by length (RFC 3810 8.1)
  if (!v2 && message.size() != sizeof header) return false;
  if (!IcmpV6ChecksumHolds(source, IpAddress::V6(ip.destination), message)) return false;
  const IpAddress group = IpAddress::V6(header.group);
  if (group.is_v4() || (!group.IsUnspecified() && !group.IsMulticast())) return false;  // v4: mapped
  const uint16_t code = header.max_response.host();
  out = {static_cast<uint8_t>(v2 ? 2 : 1), group, std::chrono::milliseconds(v2 ? MillisecondsOf(code) : code)};
  return true;
}

size_t WriteMldV2Report(const GroupReport& report, uint8_t* frame) {
  MldV2Report message{};
  message.type = kV2Report;
  message.records = Be16(1);
  message.record_type = static_cast<uint8_t>(report.record);
  message.group = report.group.bytes();
  const IpAddress source = report.source.IsLinkLocalV6() ? report.source : IpAddress::V6({});
  const uint64_t pseudo = PseudoHeaderSum(source, kMldV2Routers, sizeof message, kProtocolIcmpV6);
  message.checksum = ChecksumOf(OnesComplementSum(reinterpret_cast<const uint8_t*>(&message), sizeof message, pseudo));

  const HopByHopAlert alert{.next_header = kProtocolIcmpV6};
  const Ipv6Header ip = MakeIpv6Header(source, kMldV2Routers, sizeof alert + sizeof message, kHopByHop, 1);
  size_t at = WriteEthernet(MulticastMac(kMldV2Routers), report.source_mac, report.vlan, kEtherTypeIpv6, frame);
  std::memcpy(frame + at, &ip, sizeof ip);
  std::memcpy(frame + at + sizeof ip, &alert, sizeof alert);
  std::memcpy(frame + at + sizeof ip + sizeof alert, &message, sizeof message);
  return at + sizeof ip + sizeof alert + sizeof message;
}

}  // namespace dpvrrp
