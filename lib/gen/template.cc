// SPDX-License-Identifier: BSD-3-Clause
#include "gen/template.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "wire/ah.h"
#include "wire/auth_trailer.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"

namespace dpvrrp {
namespace {

const KeyConfig& SigningKey(const KeyringConfig& ring) {
  const auto found =
      std::find_if(ring.keys.begin(), ring.keys.end(), [&](const KeyConfig& key) { return key.id == ring.sign; });
  return found == ring.keys.end() ? ring.keys.front() : *found;
}

void SetAuthentication(const GenStream& stream, AdvertFrame& f) {
  const AuthConfig& auth = stream.auth;
  if (HasKeys(auth.kind)) {
    const KeyConfig& key = SigningKey(*auth.keyring);
    (auth.kind == AuthKind::kAh ? f.key : f.trailer_key) = key.secret.bytes;
    f.key_id = key.id;
  }
  if (auth.kind == AuthKind::kAh) {
    f.algorithm = auth.algorithm;
    f.rule = auth.icv_rule;
    if (auth.spi != 0) f.spi = auth.spi;
    if (stream.version == VrrpVersion::kV2) f.auth_type = WireAuthType(AuthKind::kAh);
  }
  if (auth.kind == AuthKind::kSimple) {
    f.auth_type = WireAuthType(AuthKind::kSimple);
    std::copy(auth.password.bytes.begin(), auth.password.bytes.end(), f.auth_data.begin());
  }
}

}  // namespace

AdvertFrame ValidAdvert(const GenStream& stream, const GenRouter& router, const MacAddress& port_mac) {
  AdvertFrame f;
  f.source_mac = stream.source_mac == SourceMac::kVirtual ? VirtualMac(router.source.family(), router.vrid)
                                                          : stream.mac.value_or(port_mac);
  if (router.vlan.outer != 0) f.vlan_tags.push_back(router.vlan.outer);
  if (router.vlan.inner != 0) f.vlan_tags.push_back(router.vlan.inner);
  f.source = router.source;
  f.version = static_cast<uint8_t>(stream.version);
  f.vrid = router.vrid.value();
  f.priority = stream.priority.value();
  f.checksum_rule = stream.checksum;
  f.addresses = router.addresses;
  const Nanoseconds unit = stream.version == VrrpVersion::kV2 ? Nanoseconds(std::chrono::seconds(1))
                                                              : Nanoseconds(std::chrono::milliseconds(10));
  f.interval = static_cast<uint16_t>(stream.interval / unit);
  SetAuthentication(stream, f);
  return f;
}

GenTemplate MakeGenTemplate(const AdvertFrame& advert, bool repeated) {
  GenTemplate out;
  out.frame = advert.Build();
  out.source = advert.source;
  if (advert.wrong_checksum) out.checksum_fault = 0x8000;
  if (repeated || (advert.key.empty() && advert.trailer_key.empty())) return out;
  DPVRRP_CHECK(advert.ip_options.empty() && advert.extension_headers.empty());
  out.packet_at = static_cast<uint16_t>(sizeof(EthernetHeader) + sizeof(VlanTag) * advert.vlan_tags.size());
  const size_t payload_at = out.packet_at + (advert.source.is_v4() ? sizeof(Ipv4Header) : sizeof(Ipv6Header));
  if (!advert.key.empty()) {
    out.number = GenTemplate::Number::kAh;
    out.number_at = static_cast<uint16_t>(payload_at + offsetof(AhHeader, sequence_number));
    out.icv_at = static_cast<uint16_t>(payload_at + sizeof(AhHeader));
    out.covered.assign(out.frame.begin() + out.packet_at, out.frame.end());
    ClearUncovered(advert, out.covered);
    std::fill_n(out.covered.begin() + (out.icv_at - out.packet_at), InfoOf(advert.algorithm).icv_bytes, uint8_t{0});
  } else {
    out.number = GenTemplate::Number::kTrailer;
    out.message_at = static_cast<uint16_t>(payload_at);
    const size_t trailer_at = out.frame.size() - sizeof(AuthTrailer);
    out.number_at = static_cast<uint16_t>(trailer_at + offsetof(AuthTrailer, seconds));
    out.icv_at = static_cast<uint16_t>(trailer_at + offsetof(AuthTrailer, hmac));
  }
  return out;
}

size_t WriteNumbered(const GenTemplate& from, uint64_t number, uint8_t* frame) {
  std::memcpy(frame, from.frame.data(), from.frame.size());
  if (from.number == GenTemplate::Number::kAh) {
    const Be32 sequence(static_cast<uint32_t>(number));
    std::memcpy(frame + from.number_at, &sequence, sizeof sequence);
  } else if (from.number == GenTemplate::Number::kTrailer) {
    const Be64 both(number);
    std::memcpy(frame + from.number_at, &both, sizeof both);
  }
  return from.frame.size();
}

size_t WriteIcvInput(const GenTemplate& from, uint64_t number, const uint8_t* frame, uint8_t* input) {
  if (from.number == GenTemplate::Number::kAh) {
    std::memcpy(input, from.covered.data(), from.covered.size());
    const Be32 sequence(static_cast<uint32_t>(number));
    std::memcpy(input + from.number_at - from.packet_at, &sequence, sizeof sequence);
    return from.covered.size();
  }
  const size_t bytes = from.frame.size() - from.message_at;
  WriteTrailerInput(from.source, {frame + from.message_at, bytes}, input);
  return bytes + kTrailerPseudoBytes;
}

void PutIcv(const GenTemplate& from, const uint8_t* icv, size_t bytes, uint8_t* frame) {
  std::memcpy(frame + from.icv_at, icv, bytes);
  if (from.number != GenTemplate::Number::kTrailer || from.source.is_v4()) return;
  // Over IPv6 the checksum covers the trailer.
  uint8_t* message = frame + from.message_at;
  const size_t length = from.frame.size() - from.message_at;
  Be16 checksum(0);
  std::memcpy(message + offsetof(VrrpV2Header, checksum), &checksum, sizeof checksum);
  const uint64_t pseudo = PseudoHeaderSum(from.source, VrrpGroup(Family::kIpv6), length, kProtocolVrrp);
  checksum = Be16(ChecksumOf(OnesComplementSum(message, length, pseudo)).host() ^ from.checksum_fault);
  std::memcpy(message + offsetof(VrrpV2Header, checksum), &checksum, sizeof checksum);
}

}  // namespace dpvrrp
