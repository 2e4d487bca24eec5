// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/advert_frame.h"

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "crypto/icv_engine.h"
#include "wire/ah.h"
#include "wire/auth_trailer.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"
#include "wire/vrrp_v3.h"

namespace dpvrrp {
namespace {

using internal::Append;
using internal::AppendHeader;
using internal::HeaderAt;

IpAddress DestinationOf(const AdvertFrame& f) { return f.destination.value_or(VrrpGroup(f.source.family())); }

MacAddress DestinationMacOf(const AdvertFrame& f) {
  if (f.destination_mac.has_value()) return *f.destination_mac;
  const IpAddress to = DestinationOf(f);
  return to.IsMulticast() ? MulticastMac(to) : MacAddress{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x02}};
}

// `iv`: AES-GMAC's, which its ICV begins with.
FrameBytes MacOf(MacAlgorithm algorithm, const FrameBytes& secret, const FrameBytes& input, const FrameBytes& iv = {}) {
  const absl::StatusOr<std::unique_ptr<const MacKey>> key = MacKey::Create(algorithm, secret);
  DPVRRP_CHECK(key.ok());
  IcvJob job{.key = key->get(), .data = input.data(), .length = static_cast<uint32_t>(input.size())};
  std::copy(iv.begin(), iv.end(), job.icv);
  MakeOpensslEngine()->Sign({&job, 1});
  return {job.icv, job.icv + job.key->icv_bytes()};
}

// ---- The VRRP message ----

Be16 ChecksumOfMessage(const AdvertFrame& f, const FrameBytes& message) {  // in which it is zero
  const bool pseudo_header = f.version == 3 && f.checksum_rule == ChecksumRule::kRfc5798;
  const uint64_t sum = pseudo_header ? PseudoHeaderSum(f.source, DestinationOf(f), message.size(), kProtocolVrrp) : 0;
  return ChecksumOf(OnesComplementSum(message.data(), message.size(), sum));
}

void SetChecksum(const AdvertFrame& f, FrameBytes& message) {
  auto& header = HeaderAt<VrrpV2Header>(message, 0);  // VRRPv3's has its checksum at the same place
  header.checksum = Be16(0);
  header.checksum = f.checksum.has_value() ? Be16(*f.checksum) : ChecksumOfMessage(f, message);
  if (f.wrong_checksum) header.checksum = Be16(header.checksum.host() ^ 0x8000);
}

void AppendTrailer(const AdvertFrame& f, FrameBytes& message) {
  AuthTrailer trailer{};
  trailer.type = f.trailer_type;
  trailer.key_id = f.key_id;
  trailer.reserved = Be16(f.trailer_reserved);
  trailer.set_number(f.trailer_number);
  AppendHeader(message, trailer);
  FrameBytes input(kTrailerPseudoBytes + message.size());
  WriteTrailerInput(f.source, message, input.data());
  const FrameBytes hmac = MacOf(MacAlgorithm::kHmacSha256_128, f.trailer_key, input);
  std::copy(hmac.begin(), hmac.end(), message.end() - kTrailerHmacBytes);
  if (f.forged) message.back() ^= 1;
  if (!f.source.is_v4()) SetChecksum(f, message);  // only there does it cover the trailer
}

FrameBytes Message(const AdvertFrame& f) {
  FrameBytes out;
  const auto version_type = static_cast<uint8_t>(f.version << 4 | f.type);
  const uint8_t count = f.count.value_or(static_cast<uint8_t>(f.addresses.size()));
  if (f.version == 3) {
    const auto interval = static_cast<uint16_t>(f.reserved << 12 | (f.interval.value_or(100) & 0xfff));
    AppendHeader(out, VrrpV3Header{version_type, f.vrid, f.priority, count, Be16(interval), Be16(0)});
  } else {
    const uint8_t auth_type = f.auth_type.value_or(f.key.empty() ? 0 : 2);
    const auto interval = static_cast<uint8_t>(f.interval.value_or(1));
    AppendHeader(out, VrrpV2Header{version_type, f.vrid, f.priority, count, auth_type, interval, Be16(0)});
  }
  for (const IpAddress& address : f.addresses) Append(out, address);
  if (f.version != 3) Append(out, f.auth_data);
  Append(out, f.trailer);
  SetChecksum(f, out);
  if (!f.trailer_key.empty()) AppendTrailer(f, out);
  return out;
}

// ---- AH ----

// The ICV is zero.
void AppendAh(const AdvertFrame& f, FrameBytes& out) {
  if (f.key.empty()) return;
  const size_t icv_bytes = InfoOf(f.algorithm).icv_bytes;
  const Family family = f.source.family();
  AppendHeader(
      out, AhHeader{f.ah_next_header, f.ah_payload_len.value_or(AhPayloadLen(icv_bytes, family)), Be16(f.ah_reserved),
                    Be32(f.spi.value_or(f.source.is_v4() ? f.source.v4() : 0)), Be32(f.sequence)});
  out.resize(out.size() + AhBytes(icv_bytes, family) - sizeof(AhHeader), 0);
  if (f.ah_padding != 0) out.back() = f.ah_padding;
}

FrameBytes IcvInput(const AdvertFrame& f, FrameBytes packet) {
  ClearUncovered(f, packet);
  return packet;
}

// Puts the ICV into the AH that begins at byte `ah_at`. AES-GMAC's IV is the end of the source address and the sequence
// number (docs/decisions/0010). The last byte of every ICV is one that only the key can make.
void SignAh(const AdvertFrame& f, size_t ah_at, FrameBytes& packet) {
  FrameBytes iv;
  if (IsGmac(f.algorithm)) {
    const IpAddress::Bytes source = f.source.bytes();
    Append(iv, std::span(source).first(f.source.size()).last(4));
    AppendHeader(iv, Be32(f.sequence));
  }
  FrameBytes icv = MacOf(f.algorithm, f.key, IcvInput(f, packet), iv);
  if (f.forged) icv.back() ^= 1;
  std::copy(icv.begin(), icv.end(), packet.begin() + static_cast<ptrdiff_t>(ah_at + sizeof(AhHeader)));
}

// ---- The IP packet ----

uint8_t ProtocolOf(const AdvertFrame& f) { return f.protocol.value_or(f.key.empty() ? kProtocolVrrp : kProtocolAh); }

FrameBytes Ipv4Packet(const AdvertFrame& f) {
  FrameBytes payload;
  AppendAh(f, payload);
  Append(payload, Message(f));
  const size_t header_bytes = sizeof(Ipv4Header) + f.ip_options.size();
  FrameBytes out;
  AppendHeader(out, Ipv4Header{f.version_ihl.value_or(static_cast<uint8_t>(0x40 | header_bytes / 4)), f.tos,
                               Be16(f.total_length.value_or(static_cast<uint16_t>(header_bytes + payload.size()))),
                               Be16(f.ip_id), Be16(f.flags_fragment), f.ttl, ProtocolOf(f), Be16(0),
                               Be32(f.source.v4()), Be32(DestinationOf(f).v4())});
  Append(out, f.ip_options);
  HeaderAt<Ipv4Header>(out, 0).checksum =
      f.ip_checksum.has_value() ? Be16(*f.ip_checksum) : ChecksumOf(out.data(), out.size());
  Append(out, payload);
  if (!f.key.empty()) SignAh(f, header_bytes, out);
  return out;
}

// An extension header behind its first byte: a fragment's with offset 0, an AH of 12 bytes of ICV, or padding of 8.
FrameBytes ExtensionHeader(uint8_t kind) {
  if (kind == 44) return {0, 0, 0, 0, 0, 0, 1};
  FrameBytes ah = {4, 0, 0, 0x0a, 0x63, 0x00, 0x01, 0, 0, 0, 1};
  ah.resize(ah.size() + 12, 0);
  return kind == kProtocolAh ? ah : FrameBytes{0, 1, 4, 0, 0, 0, 0};
}

FrameBytes Ipv6Packet(const AdvertFrame& f) {
  FrameBytes payload;
  FrameBytes chain = f.extension_headers;
  chain.push_back(ProtocolOf(f));
  for (size_t i = 1; i < chain.size(); ++i) {
    payload.push_back(chain[i]);
    Append(payload, ExtensionHeader(chain[i - 1]));
  }
  AppendAh(f, payload);
  Append(payload, Message(f));
  FrameBytes out;
  AppendHeader(
      out, Ipv6Header{f.version_ihl.value_or(static_cast<uint8_t>(0x60 | f.tos >> 4)),
                      static_cast<uint8_t>(f.tos << 4 | f.flow_label >> 16), Be16(static_cast<uint16_t>(f.flow_label)),
                      Be16(f.total_length.value_or(static_cast<uint16_t>(payload.size()))), chain.front(), f.ttl,
                      f.source.bytes(), DestinationOf(f).bytes()});
  Append(out, payload);
  if (!f.key.empty() && f.extension_headers.empty()) SignAh(f, sizeof(Ipv6Header), out);
  return out;
}

}  // namespace

void ClearUncovered(const AdvertFrame& f, FrameBytes& packet) {
  if (f.source.is_v4()) {
    auto& ip = HeaderAt<Ipv4Header>(packet, 0);
    ip.tos = 0;
    ip.flags_fragment = Be16(0);
    ip.checksum = Be16(0);
    if (f.rule == IcvRule::kRfc4302) ip.ttl = 0;
  } else {
    auto& ip = HeaderAt<Ipv6Header>(packet, 0);
    ip.version_class = 0x60;
    ip.class_flow = ip.hop_limit = 0;
    ip.flow = Be16(0);
  }
}

FrameBytes AdvertFrame::Build() const {
  FrameBytes frame;
  const uint16_t payload_type = ether_type.value_or(source.is_v4() ? kEtherTypeIpv4 : kEtherTypeIpv6);
  AppendHeader(frame, EthernetHeader{DestinationMacOf(*this), source_mac, Be16(payload_type)});
  for (size_t i = 0; i < vlan_tags.size(); ++i) {
    HeaderAt<Be16>(frame, frame.size() - sizeof(Be16)) = Be16(kEtherTypeVlan);
    AppendHeader(frame, VlanTag{Be16(vlan_tags[i]), Be16(payload_type)});
  }
  Append(frame, source.is_v4() ? Ipv4Packet(*this) : Ipv6Packet(*this));
  Append(frame, padding);
  if (cut_to.has_value()) frame.resize(std::min(*cut_to, frame.size()));
  return frame;
}

}  // namespace dpvrrp
