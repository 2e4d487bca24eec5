// SPDX-License-Identifier: BSD-3-Clause
#include "wire/igmp.h"

#include <cstring>

#include "base/endian.h"
#include "wire/checksum.h"
#include "wire/ipv6.h"

namespace dpvrrp {
namespace {

constexpr uint8_t kQuery = 0x11;
constexpr uint8_t kV2Report = 0x16;
constexpr uint8_t kV2Leave = 0x17;
constexpr uint8_t kV3Report = 0x22;
constexpr Nanoseconds kV1MaxResponse = std::chrono::seconds(10);  // RFC 3376 7.2.1
constexpr size_t kV3QueryBytes = 12;

struct IgmpHeader {  // of queries and of IGMPv2; as on the wire, alignment 1
  uint8_t type;
  uint8_t max_response;  // of queries: tenths of a second
  Be16 checksum;
  Be32 group;
};
static_assert(sizeof(IgmpHeader) == 8 && alignof(IgmpHeader) == 1);

struct IgmpV3Report {  // RFC 3376 4.2, with one record; as on the wire, alignment 1
  uint8_t type;
  uint8_t reserved1;
  Be16 checksum;
  Be16 reserved2;
  Be16 records;
  uint8_t record_type;
  uint8_t aux_words;
  Be16 sources;
  Be32 group;
};
static_assert(sizeof(IgmpV3Report) == 16 && alignof(IgmpV3Report) == 1);

struct Ipv4AlertHeader {
  Ipv4Header ip;
  Be32 router_alert;  // RFC 2113 2.1
};

// RFC 3376 4.1.1: values from 128 on are floating-point numbers.
uint32_t TenthsOf(uint8_t code) {
  if (code < 128) return code;
  return uint32_t{(code & 0x0fu) | 0x10u} << ((code >> 4 & 0x07) + 3);
}

template <typename Message>
size_t Write(const GroupReport& report, const IpAddress& destination, Message message, uint8_t* frame) {
  const auto bytes = [](auto& of) { return reinterpret_cast<const uint8_t*>(&of); };
  message.checksum = ChecksumOf(bytes(message), sizeof message);
  Ipv4AlertHeader header{};
  header.ip.version_ihl = 0x46;
  header.ip.tos = kDscpCs6;
  header.ip.total_length = Be16(sizeof header + sizeof message);
  header.ip.flags_fragment = Be16(0x4000);  // do not fragment
  header.ip.ttl = 1;
  header.ip.protocol = kProtocolIgmp;
  header.ip.source = Be32(report.source.v4());
  header.ip.destination = Be32(destination.v4());
  header.router_alert = Be32(0x94040000);
  header.ip.checksum = ChecksumOf(bytes(header), sizeof header);
  const size_t at = WriteEthernet(MulticastMac(destination), report.source_mac, report.vlan, kEtherTypeIpv4, frame);
  std::memcpy(frame + at, &header, sizeof header);
  std::memcpy(frame + at + sizeof header, &message, sizeof message);
  return at + sizeof header + sizeof message;
}

}  // namespace

bool ParseIgmpQuery(std::span<const uint8_t> message, GroupQuery& out) {
  if (message.size() < sizeof(IgmpHeader)) return false;
  const auto& header = *reinterpret_cast<const IgmpHeader*>(message.data());
  if (header.type != kQuery || !ChecksumHolds(message.data(), message.size())) return false;
  out.group = IpAddress::V4(header.group.host());
  if (!out.group.IsUnspecified() && !out.group.IsMulticast()) return false;
  const bool v3 = message.size() >= kV3QueryBytes;  // distinguished by length (RFC 3376 7.1)
  if (!v3 && message.size() != sizeof header) return false;
  out.version = v3 ? 3 : header.max_response == 0 ? 1 : 2;
  const uint32_t tenths = v3 ? TenthsOf(header.max_response) : header.max_response;
  out.max_response = out.version == 1 ? kV1MaxResponse : tenths * Nanoseconds(std::chrono::milliseconds(100));
  return true;
}

size_t WriteIgmpV3Report(const GroupReport& report, uint8_t* frame) {
  IgmpV3Report message{};
  message.type = kV3Report;
  message.records = Be16(1);
  message.record_type = static_cast<uint8_t>(report.record);
  message.group = Be32(report.group.v4());
  return Write(report, kIgmpV3Routers, message, frame);
}

size_t WriteIgmpV2Report(const GroupReport& report, uint8_t* frame) {
  const bool leave = report.record == GroupRecord::kLeave;
  const IgmpHeader message{leave ? kV2Leave : kV2Report, 0, Be16(0), Be32(report.group.v4())};
  return Write(report, leave ? kAllRoutersV4 : report.group, message, frame);
}

}  // namespace dpvrrp
