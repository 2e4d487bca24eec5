// SPDX-License-Identifier: BSD-3-Clause
#include "support/advert_frame.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/check.h"
#include "support/reference_mac.h"

namespace dpvrrp {
namespace {

constexpr size_t kIpBytes = 20;
constexpr size_t kIp6Bytes = 40;
constexpr size_t kAhFixedBytes = 12;

void Append8(Bytes& out, unsigned value) { out.push_back(static_cast<uint8_t>(value)); }
void Append16(Bytes& out, unsigned value) {
  Append8(out, value >> 8);
  Append8(out, value & 0xff);
}
void Append32(Bytes& out, uint32_t value) {
  Append16(out, value >> 16);
  Append16(out, value & 0xffff);
}
void Append(Bytes& out, std::span<const uint8_t> bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
void Put16(Bytes& out, size_t at, unsigned value) {
  out[at] = static_cast<uint8_t>(value >> 8);
  out[at + 1] = static_cast<uint8_t>(value);
}

size_t IcvBytes(MacAlgorithm algorithm) { return InfoOf(algorithm).icv_bytes; }

void AppendAddress(Bytes& out, const IpAddress& address) {
  const IpAddress::Bytes bytes = address.bytes();
  Append(out, std::span(bytes).first(address.size()));
}

IpAddress DestinationOf(const AdvertFrame& f) {
  return f.destination.value_or(f.source.is_v4() ? Ip("224.0.0.18") : Ip("ff02::12"));
}

MacAddress DestinationMacOf(const AdvertFrame& f) {
  if (f.destination_mac.has_value()) return *f.destination_mac;
  const IpAddress to = DestinationOf(f);
  const IpAddress::Bytes b = to.bytes();
  if (!to.IsMulticast()) return Mac("02:00:0a:63:00:02");
  if (!to.is_v4()) return {{0x33, 0x33, b[12], b[13], b[14], b[15]}};
  return {{0x01, 0x00, 0x5e, static_cast<uint8_t>(b[1] & 0x7f), b[2], b[3]}};
}

uint16_t MessageChecksum(const AdvertFrame& f, const Bytes& message) {
  const bool pseudo_header = f.version == 3 && f.checksum_rule == ChecksumRule::kRfc5798;
  return pseudo_header ? ReferenceChecksum(f.source, DestinationOf(f), 112, message) : ReferenceChecksum(message);
}

Bytes Message(const AdvertFrame& f) {
  Bytes out;
  Append8(out, static_cast<unsigned>(f.version << 4 | f.type));
  Append8(out, f.vrid);
  Append8(out, f.priority);
  Append8(out, f.count.value_or(static_cast<uint8_t>(f.addresses.size())));
  if (f.version == 3) {
    Append16(out, static_cast<unsigned>(f.reserved << 12) | (f.interval.value_or(100) & 0xfffu));
  } else {
    Append8(out, f.auth_type.value_or(f.key.empty() ? 0 : 2));
    Append8(out, f.interval.value_or(1) & 0xffu);
  }
  Append16(out, 0);
  for (const IpAddress& address : f.addresses) AppendAddress(out, address);
  if (f.version != 3) Append(out, f.auth_data);
  Append(out, f.trailer);
  Put16(out, 6, f.checksum.value_or(MessageChecksum(f, out)));
  if (f.trailer_key.empty()) return out;
  Append8(out, f.trailer_type);
  Append8(out, f.key_id);
  Append16(out, f.trailer_reserved);
  Append32(out, static_cast<uint32_t>(f.trailer_number >> 32));
  Append32(out, static_cast<uint32_t>(f.trailer_number));
  out.resize(out.size() + 16, 0);
  const Bytes hmac = ReferenceTrailerHmac(f.source, out, f.trailer_key);
  std::copy(hmac.begin(), hmac.end(), out.end() - 16);
  if (f.forged) out.back() ^= 1;
  if (f.source.is_v4() || f.checksum.has_value()) return out;
  Put16(out, 6, 0);  // over IPv6 the trailer is covered
  Put16(out, 6, MessageChecksum(f, out));
  return out;
}

Bytes Ah(const AdvertFrame& f) {
  Bytes out;
  if (f.key.empty()) return out;
  size_t bytes = kAhFixedBytes + IcvBytes(f.algorithm);
  if (!f.source.is_v4() && bytes % 8 != 0) bytes += 4;  // RFC 4302 2.6
  Append8(out, f.ah_next_header);
  Append8(out, f.ah_payload_len.value_or(static_cast<uint8_t>(bytes / 4 - 2)));
  Append16(out, f.ah_reserved);
  Append32(out, f.spi.value_or(f.source.is_v4() ? f.source.v4() : 0));
  Append32(out, f.sequence);
  out.resize(bytes, 0);
  if (f.ah_padding != 0) out.back() = f.ah_padding;
  return out;
}

}  // namespace

uint16_t ReferenceChecksum(std::span<const uint8_t> data) {
  uint32_t sum = 0;
  for (size_t i = 0; i < data.size(); i += 2) {
    sum += static_cast<uint32_t>(data[i] << 8);
    if (i + 1 < data.size()) sum += data[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<uint16_t>(~sum);
}

uint16_t ReferenceChecksum(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                           std::span<const uint8_t> message) {
  Bytes covered;
  AppendAddress(covered, source);
  AppendAddress(covered, destination);
  if (!source.is_v4()) Append16(covered, 0);  // the length has 32 bits there
  Append16(covered, static_cast<unsigned>(message.size()));
  Append16(covered, 0);
  Append16(covered, protocol);
  Append(covered, message);
  return ReferenceChecksum(covered);
}

Bytes ReferenceTrailerHmac(const IpAddress& source, std::span<const uint8_t> message, const Bytes& key) {
  Bytes input = {static_cast<uint8_t>(source.is_v4() ? 4 : 6), static_cast<uint8_t>(message[0] >> 4), message[1], 0};
  AppendAddress(input, source);
  input.resize(20, 0);
  Append(input, message.first(message.size() - 16));
  Put16(input, 20 + 6, 0);
  input.resize(input.size() + 16, 0);
  Bytes mac(EVP_MAX_MD_SIZE);
  DPVRRP_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), input.data(), input.size(), mac.data(),
                    nullptr) != nullptr);
  mac.resize(16);
  return mac;
}

Bytes ReferenceIcv(std::span<const uint8_t> ip_packet, const Bytes& key, MacAlgorithm algorithm, IcvRule rule) {
  Bytes input(ip_packet.begin(), ip_packet.end());
  const bool v4 = input[0] >> 4 == 4;
  const size_t ip_bytes = v4 ? kIpBytes : kIp6Bytes;
  Bytes iv(input.begin() + (v4 ? 12 : 20), input.begin() + (v4 ? 16 : 24));  // the source's last four bytes ...
  if (v4) {
    input[1] = 0;                                 // TOS
    input[6] = input[7] = 0;                      // flags, fragment offset
    if (rule == IcvRule::kRfc4302) input[8] = 0;  // TTL
    input[10] = input[11] = 0;                    // header checksum
  } else {
    input[0] = 0x60;                     // traffic class
    input[1] = input[2] = input[3] = 0;  // traffic class, flow label
    input[7] = 0;                        // hop limit
  }
  const auto ah = input.begin() + static_cast<ptrdiff_t>(ip_bytes);
  iv.insert(iv.end(), ah + 8, ah + 12);  // ... and the sequence number
  std::fill_n(ah + kAhFixedBytes, IcvBytes(algorithm), uint8_t{0});
  return ReferenceMac(algorithm, key, input, iv);
}

namespace {

// GMAC's ICV begins with the IV: its last byte is what only the key can make.
void SignAh(const AdvertFrame& f, size_t header_bytes, Bytes& ip) {
  Bytes icv = ReferenceIcv(ip, f.key, f.algorithm, f.rule);
  if (f.forged) icv.back() ^= 1;
  std::copy(icv.begin(), icv.end(), ip.begin() + static_cast<ptrdiff_t>(header_bytes + kAhFixedBytes));
}

Bytes Ipv4Packet(const AdvertFrame& f) {
  const Bytes ah = Ah(f);
  const Bytes message = Message(f);
  const size_t header_bytes = kIpBytes + f.ip_options.size();
  Bytes ip;
  Append8(ip, f.version_ihl.value_or(static_cast<uint8_t>(0x40 | header_bytes / 4)));
  Append8(ip, f.tos);
  Append16(ip, f.total_length.value_or(static_cast<uint16_t>(header_bytes + ah.size() + message.size())));
  Append16(ip, f.ip_id);
  Append16(ip, f.flags_fragment);
  Append8(ip, f.ttl);
  Append8(ip, f.protocol.value_or(f.key.empty() ? 112 : 51));
  Append16(ip, 0);
  AppendAddress(ip, f.source);
  AppendAddress(ip, DestinationOf(f));
  Append(ip, f.ip_options);
  Put16(ip, 10, f.ip_checksum.value_or(ReferenceChecksum(ip)));
  Append(ip, ah);
  Append(ip, message);
  if (!f.key.empty()) SignAh(f, header_bytes, ip);
  return ip;
}

// An extension header behind its first byte: a fragment's with offset 0, an AH of 12 bytes of ICV, or padding of 8.
Bytes ExtensionHeader(uint8_t kind) {
  if (kind == 44) return FromHex("00 0000 00000001");
  if (kind == 51) return FromHex("04 0000 0a630001 00000001 000000000000000000000000");
  return FromHex("00 0104 00000000");
}

Bytes Ipv6Packet(const AdvertFrame& f) {
  Bytes payload;
  Bytes chain = f.extension_headers;
  chain.push_back(f.protocol.value_or(f.key.empty() ? 112 : 51));
  for (size_t i = 1; i < chain.size(); ++i) {
    Append8(payload, chain[i]);
    Append(payload, ExtensionHeader(chain[i - 1]));
  }
  Append(payload, Ah(f));
  Append(payload, Message(f));
  Bytes ip;
  Append8(ip, f.version_ihl.value_or(static_cast<uint8_t>(0x60 | f.tos >> 4)));
  Append8(ip, static_cast<uint8_t>(f.tos << 4));
  Append16(ip, f.flow_label);
  Append16(ip, f.total_length.value_or(static_cast<uint16_t>(payload.size())));
  Append8(ip, chain.front());
  Append8(ip, f.ttl);
  AppendAddress(ip, f.source);
  AppendAddress(ip, DestinationOf(f));
  Append(ip, payload);
  if (!f.key.empty() && f.extension_headers.empty()) SignAh(f, kIp6Bytes, ip);
  return ip;
}

}  // namespace

Bytes AdvertFrame::Build() const {
  Bytes frame;
  Append(frame, DestinationMacOf(*this).bytes);
  Append(frame, source_mac.bytes);
  for (uint16_t tci : vlan_tags) {
    Append16(frame, 0x8100);
    Append16(frame, tci);
  }
  Append16(frame, ether_type.value_or(source.is_v4() ? 0x0800 : 0x86dd));
  Append(frame, source.is_v4() ? Ipv4Packet(*this) : Ipv6Packet(*this));
  Append(frame, padding);
  return frame;
}

}  // namespace dpvrrp
