// SPDX-License-Identifier: BSD-3-Clause
#include "sim/advert_codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "support/reference.h"
#include "support/seen_frame.h"

namespace dpvrrp::sim {
namespace {

constexpr size_t kIpv4Bytes = 20;
constexpr size_t kIpv6Bytes = 40;
constexpr uint8_t kVrrp = 112;

const IpAddress kGroupV4 = IpAddress::V4(0xe0000012);
const IpAddress kGroupV6 = IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12});

unsigned Get16(std::span<const uint8_t> data, size_t at) { return static_cast<unsigned>(data[at] << 8 | data[at + 1]); }
IpAddress GetAddress(std::span<const uint8_t> data, size_t at, bool v4) {
  if (v4) return IpAddress::V4(static_cast<uint32_t>(Get16(data, at)) << 16 | Get16(data, at + 2));
  IpAddress::Bytes bytes{};
  std::copy_n(data.begin() + static_cast<ptrdiff_t>(at), bytes.size(), bytes.begin());
  return IpAddress::V6(bytes);
}

std::optional<Sight> SeeV3(std::span<const uint8_t> frame, bool v4) {
  const std::span<const uint8_t> ip = frame.subspan(kEthernetBytes);
  const size_t header = v4 ? kIpv4Bytes : kIpv6Bytes;
  if (ip.size() < header + 8) return std::nullopt;
  const std::span<const uint8_t> message = ip.subspan(header);
  if (v4 && (ip[0] != 0x45 || Get16(ip, 2) != ip.size() || Get16(ip, 6) != 0 || ip[9] != kVrrp ||
             ReferenceChecksum(ip.first(kIpv4Bytes)) != 0)) {
    return std::nullopt;
  }
  if (!v4 && (ip[0] >> 4 != 6 || Get16(ip, 4) != message.size() || ip[6] != kVrrp)) return std::nullopt;
  Sight out;
  out.version = VrrpVersion::kV3;
  out.ttl = v4 ? ip[8] : ip[7];
  out.source = GetAddress(ip, v4 ? 12 : 8, v4);
  const IpAddress destination = GetAddress(ip, v4 ? 16 : 24, v4);
  if (destination != (v4 ? kGroupV4 : kGroupV6)) return std::nullopt;
  const size_t count = message[3];
  if (message[0] != 0x31 || count == 0 || message.size() != 8 + count * (v4 ? 4 : 16)) return std::nullopt;
  if (ReferenceChecksum(out.source, destination, kVrrp, message) == 0) {
    out.rule = ChecksumRule::kRfc5798;
  } else if (v4 && ReferenceChecksum(message) == 0) {
    out.rule = ChecksumRule::kRfc9568;
  } else {
    return std::nullopt;
  }
  out.vrid = message[1];
  out.priority = message[2];
  out.interval = Centiseconds(Get16(message, 4) & 0x0fff);
  for (size_t i = 0; i < count; ++i) out.addresses.push_back(GetAddress(message, 8 + i * (v4 ? 4 : 16), v4));
  return out;
}

}  // namespace

AdvertFrame AdvertOf(const VirtualRouterPlan& plan, Nanoseconds interval) {
  AdvertFrame out;
  out.algorithm = plan.algorithm;
  out.rule = plan.icv_rule;
  out.version = static_cast<uint8_t>(plan.version);
  out.vrid = plan.vrid.value();
  out.auth_type = static_cast<uint8_t>(plan.auth);
  const bool v2 = plan.version == VrrpVersion::kV2;
  out.interval = static_cast<uint16_t>(v2 ? interval / std::chrono::seconds(1) : interval / Centiseconds(1));
  out.addresses = plan.addresses;
  return out;
}

std::optional<Sight> See(const Bytes& frame) {
  if (frame.size() < kEthernetBytes + kIpv4Bytes + 8) return std::nullopt;
  const unsigned ether_type = Get16(frame, 12);
  if (ether_type == 0x86dd) return SeeV3(frame, false);
  if (ether_type != 0x0800) return std::nullopt;
  if (std::optional<Sight> v3 = SeeV3(frame, true)) return v3;
  const std::optional<SeenAdvert> v2 = SeeAdvert(frame);
  if (!v2.has_value()) return std::nullopt;
  Sight out;
  out.version = VrrpVersion::kV2;
  out.source = v2->source;
  out.ttl = v2->ttl;
  out.vrid = v2->vrid;
  out.priority = v2->priority;
  out.interval = std::chrono::seconds(v2->interval);
  out.addresses = v2->addresses;
  out.auth_type = v2->auth_type;
  out.auth_data = v2->auth_data;
  out.sequence = v2->sequence;
  out.spi = v2->spi;
  out.icv = v2->icv;
  return out;
}

std::string Words(const Bytes& frame) {
  const std::optional<Sight> s = See(frame);
  if (!s.has_value()) return ToHex(frame);
  std::string out = absl::StrCat("v", static_cast<int>(s->version), " advert vrid=", int{s->vrid},
                                 " priority=", int{s->priority}, " from=", ToString(s->source));
  if (s->sequence.has_value()) absl::StrAppend(&out, " sequence=", *s->sequence);
  if (s->version == VrrpVersion::kV3) absl::StrAppend(&out, " every ", s->interval / Centiseconds(1), " cs");
  return out;
}

}  // namespace dpvrrp::sim
