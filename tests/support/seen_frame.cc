// SPDX-License-Identifier: BSD-3-Clause
#include "support/seen_frame.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "support/advert_frame.h"

namespace dpvrrp {
namespace {

uint16_t Read16(std::span<const uint8_t> data, size_t at) {
  return static_cast<uint16_t>(data[at] << 8 | data[at + 1]);
}
uint32_t Read32(std::span<const uint8_t> data, size_t at) {
  return static_cast<uint32_t>(Read16(data, at)) << 16 | Read16(data, at + 2);
}
MacAddress ReadMac(std::span<const uint8_t> data, size_t at) {
  MacAddress mac;
  std::copy_n(data.begin() + static_cast<ptrdiff_t>(at), 6, mac.bytes.begin());
  return mac;
}

}  // namespace

std::optional<SeenAdvert> SeeAdvert(const Bytes& frame) {
  if (frame.size() < 14 + 20 + 16 || Read16(frame, 12) != 0x0800) return std::nullopt;
  SeenAdvert out;
  out.destination_mac = ReadMac(frame, 0);
  out.source_mac = ReadMac(frame, 6);
  const std::span<const uint8_t> ip = std::span(frame).subspan(14);
  if (ip[0] != 0x45 || Read16(ip, 2) != ip.size() || ReferenceChecksum(ip.first(20)) != 0) return std::nullopt;
  out.tos = ip[1];
  out.ip_id = Read16(ip, 4);
  if (Read16(ip, 6) != 0) return std::nullopt;
  out.ttl = ip[8];
  out.source = IpAddress::V4(Read32(ip, 12));
  out.destination = IpAddress::V4(Read32(ip, 16));
  std::span<const uint8_t> message = ip.subspan(20);
  if (ip[9] == 51) {
    const size_t ah_bytes = (size_t{message[1]} + 2) * 4;
    if (message[0] != 112 || ah_bytes <= 12 || message.size() < ah_bytes + 16 || Read16(message, 2) != 0)
      return std::nullopt;
    out.spi = Read32(message, 4);
    out.sequence = Read32(message, 8);
    out.icv.assign(message.begin() + 12, message.begin() + static_cast<ptrdiff_t>(ah_bytes));
    message = message.subspan(ah_bytes);
  } else if (ip[9] != 112) {
    return std::nullopt;
  }
  if (message[0] != 0x21 || message.size() != 16u + 4u * message[3] || ReferenceChecksum(message) != 0)
    return std::nullopt;
  out.vrid = message[1];
  out.priority = message[2];
  out.auth_type = message[4];
  out.interval = message[5];
  for (size_t i = 0; i < message[3]; ++i) out.addresses.push_back(IpAddress::V4(Read32(message, 8 + 4 * i)));
  out.auth_data.assign(message.end() - 8, message.end());
  return out;
}

std::optional<SeenArp> SeeArp(const Bytes& frame) {
  if (frame.size() != 42 || ToHex(std::span(frame).subspan(12, 8)) != "0806000108000604") return std::nullopt;
  SeenArp out;
  out.destination_mac = ReadMac(frame, 0);
  out.source_mac = ReadMac(frame, 6);
  out.operation = Read16(frame, 20);
  out.sender_mac = ReadMac(frame, 22);
  out.sender = IpAddress::V4(Read32(frame, 28));
  out.target_mac = ReadMac(frame, 32);
  out.target = IpAddress::V4(Read32(frame, 38));
  return out;
}

std::string Describe(const Bytes& frame) {
  if (const std::optional<SeenAdvert> a = SeeAdvert(frame)) {
    std::string out =
        absl::StrCat("advert vrid=", int{a->vrid}, " priority=", int{a->priority}, " from=", ToString(a->source));
    if (a->sequence.has_value()) absl::StrAppend(&out, " sequence=", *a->sequence);
    return out;
  }
  if (const std::optional<SeenArp> a = SeeArp(frame)) {
    return absl::StrCat("garp ", ToString(a->sender), " mac=", ToString(a->sender_mac));
  }
  return ToHex(frame);
}

}  // namespace dpvrrp
