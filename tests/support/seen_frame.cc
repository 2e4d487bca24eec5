// SPDX-License-Identifier: BSD-3-Clause
#include "support/seen_frame.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "support/reference.h"

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

IpAddress ReadAddress(std::span<const uint8_t> data, size_t at, bool v4) {
  if (v4) return IpAddress::V4(Read32(data, at));
  IpAddress::Bytes bytes;
  std::copy_n(data.begin() + static_cast<ptrdiff_t>(at), bytes.size(), bytes.begin());
  return IpAddress::V6(bytes);
}

// Ethernet up to the IP packet behind the tags; the EtherType of it.
uint16_t ReadEthernet(std::span<const uint8_t> frame, SeenAdvert& out, std::span<const uint8_t>& packet) {
  out.destination_mac = ReadMac(frame, 0);
  out.source_mac = ReadMac(frame, 6);
  size_t at = 12;
  for (; (Read16(frame, at) == 0x8100 || Read16(frame, at) == 0x88a8) && frame.size() >= at + 6; at += 4) {
    out.vlan_tags.push_back(Read16(frame, at + 2));
  }
  packet = frame.subspan(at + 2);
  return Read16(frame, at);
}

// The ICV, and padding over IPv6.
bool ReadAh(std::span<const uint8_t>& message, SeenAdvert& out) {
  const size_t ah_bytes = (size_t{message[1]} + 2) * 4;
  if (message[0] != 112 || ah_bytes <= 12 || message.size() < ah_bytes + 8 || Read16(message, 2) != 0) return false;
  out.spi = Read32(message, 4);
  out.sequence = Read32(message, 8);
  out.icv.assign(message.begin() + 12, message.begin() + static_cast<ptrdiff_t>(ah_bytes));
  message = message.subspan(ah_bytes);
  return true;
}

bool ReadIpv4(std::span<const uint8_t> ip, SeenAdvert& out, std::span<const uint8_t>& message) {
  if (ip.size() < 32 || ip[0] != 0x45 || Read16(ip, 2) != ip.size() || ReferenceChecksum(ip.first(20)) != 0)
    return false;
  if (Read16(ip, 6) != 0) return false;
  out.tos = ip[1];
  out.ip_id = Read16(ip, 4);
  out.ttl = ip[8];
  out.source = ReadAddress(ip, 12, true);
  out.destination = ReadAddress(ip, 16, true);
  message = ip.subspan(20);
  return ip[9] == 112 || (ip[9] == 51 && ReadAh(message, out));
}

// Flow label 0: adverts are no flow.
bool ReadIpv6(std::span<const uint8_t> ip, uint8_t next_header, std::span<const uint8_t>& message) {
  if (ip.size() < 48 || ip[0] >> 4 != 6 || (Read32(ip, 0) & 0xfffff) != 0) return false;
  if (Read16(ip, 4) != ip.size() - 40 || ip[6] != next_header) return false;
  message = ip.subspan(40);
  return true;
}

// Takes the trailer off, if there is one. Over IPv6 the checksum covers it: the message then keeps it.
void ReadTrailer(std::span<const uint8_t>& message, SeenAdvert& out) {
  const size_t expected = 8 + out.source.size() * message[3] + (out.version == 2 ? 8 : 0);
  if (message.size() != expected + 28) return;
  SeenTrailer trailer;
  trailer.type = message[expected];
  trailer.key_id = message[expected + 1];
  trailer.reserved = Read16(message, expected + 2);
  trailer.number = uint64_t{Read32(message, expected + 4)} << 32 | Read32(message, expected + 8);
  trailer.hmac.assign(message.end() - 16, message.end());
  trailer.message.assign(message.begin(), message.end());
  out.trailer = std::move(trailer);
  if (out.source.is_v4()) message = message.first(expected);
}

bool ReadV2(std::span<const uint8_t> message, SeenAdvert& out) {
  if (message.size() != 16u + 4u * message[3] || ReferenceChecksum(message) != 0) return false;
  out.auth_type = message[4];
  out.interval = message[5];
  out.auth_data.assign(message.end() - 8, message.end());
  return true;
}

bool ReadV3(std::span<const uint8_t> message, SeenAdvert& out) {
  const size_t behind = out.trailer.has_value() && !out.source.is_v4() ? 28 : 0;
  if (message.size() != 8 + out.source.size() * message[3] + behind) return false;
  if (ReferenceChecksum(out.source, out.destination, 112, message) == 0) {
    out.checksum_rule = ChecksumRule::kRfc5798;
  } else if (out.source.is_v4() && ReferenceChecksum(message) == 0) {
    out.checksum_rule = ChecksumRule::kRfc9568;
  } else {
    return false;
  }
  out.reserved = message[4] >> 4;
  out.interval = Read16(message, 4) & 0x0fff;
  return true;
}

}  // namespace

std::optional<SeenAdvert> SeeAdvert(const Bytes& frame) {
  if (frame.size() < 14 + 20 + 8) return std::nullopt;
  SeenAdvert out;
  std::span<const uint8_t> packet, message;
  const uint16_t ether_type = ReadEthernet(frame, out, packet);
  if (ether_type == 0x0800) {
    if (!ReadIpv4(packet, out, message)) return std::nullopt;
  } else if (ether_type == 0x86dd && (ReadIpv6(packet, 112, message) ||
                                      (ReadIpv6(packet, 51, message) && message.size() > 24 && ReadAh(message, out)))) {
    out.tos = static_cast<uint8_t>(Read16(packet, 0) >> 4);
    out.ttl = packet[7];
    out.source = ReadAddress(packet, 8, false);
    out.destination = ReadAddress(packet, 24, false);
  } else {
    return std::nullopt;
  }
  if ((message[0] & 0x0f) != 1) return std::nullopt;
  out.version = message[0] >> 4;
  ReadTrailer(message, out);
  if (out.version == 2 ? !out.source.is_v4() || !ReadV2(message, out) : out.version != 3 || !ReadV3(message, out))
    return std::nullopt;
  out.vrid = message[1];
  out.priority = message[2];
  for (size_t i = 0; i < message[3]; ++i) {
    out.addresses.push_back(ReadAddress(message, 8 + out.source.size() * i, out.source.is_v4()));
  }
  return out;
}

std::optional<SeenNa> SeeNa(const Bytes& frame) {
  SeenAdvert ethernet;
  std::span<const uint8_t> packet, message;
  if (frame.size() < 14 + 40 + 32 || ReadEthernet(frame, ethernet, packet) != 0x86dd) return std::nullopt;
  if (!ReadIpv6(packet, 58, message) || message.size() != 32 || Read16(message, 0) != 0x8800) return std::nullopt;
  if (Read16(message, 24) != 0x0201 || (Read32(message, 4) & 0x1fffffff) != 0) return std::nullopt;
  SeenNa out;
  out.source_mac = ethernet.source_mac;
  out.destination_mac = ethernet.destination_mac;
  out.source = ReadAddress(packet, 8, false);
  out.destination = ReadAddress(packet, 24, false);
  out.hop_limit = packet[7];
  if (ReferenceChecksum(out.source, out.destination, 58, message) != 0) return std::nullopt;
  out.router = (message[4] & 0x80) != 0;
  out.solicited = (message[4] & 0x40) != 0;
  out.override_flag = (message[4] & 0x20) != 0;
  out.target = ReadAddress(message, 8, false);
  out.target_mac = ReadMac(message, 26);
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
        absl::StrCat("advert version=", int{a->version}, " vrid=", int{a->vrid}, " priority=", int{a->priority},
                     " from=", ToString(a->source), " to=", ToString(a->destination));
    if (a->sequence.has_value()) absl::StrAppend(&out, " sequence=", *a->sequence);
    return out;
  }
  if (const std::optional<SeenArp> a = SeeArp(frame)) {
    return absl::StrCat("garp ", ToString(a->sender), " mac=", ToString(a->sender_mac));
  }
  if (const std::optional<SeenNa> a = SeeNa(frame)) {
    return absl::StrCat("na ", ToString(a->target), " mac=", ToString(a->target_mac));
  }
  return ToHex(frame);
}

}  // namespace dpvrrp
