// SPDX-License-Identifier: BSD-3-Clause
#include "support/advert_frame.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/check.h"

namespace dpvrrp {
namespace {

constexpr size_t kIpBytes = 20;
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

size_t IcvBytes(MacAlgorithm algorithm) { return algorithm == MacAlgorithm::kHmacSha256_128 ? 16 : 12; }

Bytes Message(const AdvertFrame& f) {
  Bytes out;
  Append8(out, static_cast<unsigned>(f.version << 4 | f.type));
  Append8(out, f.vrid);
  Append8(out, f.priority);
  Append8(out, f.count.value_or(static_cast<uint8_t>(f.addresses.size())));
  Append8(out, f.auth_type.value_or(f.key.empty() ? 0 : 2));
  Append8(out, f.interval);
  Append16(out, 0);
  for (const IpAddress& address : f.addresses) Append32(out, address.v4());
  Append(out, f.auth_data);
  Append(out, f.trailer);
  Put16(out, 6, f.checksum.value_or(ReferenceChecksum(out)));
  return out;
}

Bytes Ah(const AdvertFrame& f) {
  Bytes out;
  if (f.key.empty()) return out;
  const size_t icv = IcvBytes(f.algorithm);
  Append8(out, f.ah_next_header);
  Append8(out, f.ah_payload_len.value_or(static_cast<uint8_t>((kAhFixedBytes + icv) / 4 - 2)));
  Append16(out, f.ah_reserved);
  Append32(out, f.spi.value_or(f.source.v4()));
  Append32(out, f.sequence);
  out.resize(out.size() + icv, 0);
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

Bytes ReferenceIcv(std::span<const uint8_t> ip_packet, const Bytes& key, MacAlgorithm algorithm, IcvRule rule) {
  Bytes input(ip_packet.begin(), ip_packet.end());
  input[1] = 0;                                 // TOS
  input[6] = input[7] = 0;                      // flags, fragment offset
  if (rule == IcvRule::kRfc4302) input[8] = 0;  // TTL
  input[10] = input[11] = 0;                    // header checksum
  const size_t icv = IcvBytes(algorithm);
  std::fill_n(input.begin() + kIpBytes + kAhFixedBytes, icv, uint8_t{0});
  const EVP_MD* hash = algorithm == MacAlgorithm::kHmacMd5_96    ? EVP_md5()
                       : algorithm == MacAlgorithm::kHmacSha1_96 ? EVP_sha1()
                                                                 : EVP_sha256();
  Bytes mac(EVP_MAX_MD_SIZE);
  DPVRRP_CHECK(HMAC(hash, key.data(), static_cast<int>(key.size()), input.data(), input.size(), mac.data(), nullptr) !=
               nullptr);
  mac.resize(icv);
  return mac;
}

Bytes AdvertFrame::Build() const {
  const Bytes ah = Ah(*this);
  const Bytes message = Message(*this);
  const size_t header_bytes = kIpBytes + ip_options.size();

  Bytes ip;
  Append8(ip, version_ihl.value_or(static_cast<uint8_t>(0x40 | header_bytes / 4)));
  Append8(ip, tos);
  Append16(ip, total_length.value_or(static_cast<uint16_t>(header_bytes + ah.size() + message.size())));
  Append16(ip, ip_id);
  Append16(ip, flags_fragment);
  Append8(ip, ttl);
  Append8(ip, protocol.value_or(key.empty() ? 112 : 51));
  Append16(ip, 0);
  Append32(ip, source.v4());
  Append32(ip, destination.v4());
  Append(ip, ip_options);
  Put16(ip, 10, ip_checksum.value_or(ReferenceChecksum(ip)));
  Append(ip, ah);
  Append(ip, message);
  if (!key.empty()) {
    Bytes icv = ReferenceIcv(ip, key, algorithm, rule);
    if (forged) icv[0] ^= 1;
    std::copy(icv.begin(), icv.end(), ip.begin() + static_cast<ptrdiff_t>(header_bytes + kAhFixedBytes));
  }

  Bytes frame;
  Append(frame, destination_mac.bytes);
  Append(frame, source_mac.bytes);
  for (uint16_t tci : vlan_tags) {
    Append16(frame, 0x8100);
    Append16(frame, tci);
  }
  Append16(frame, ether_type);
  Append(frame, ip);
  Append(frame, padding);
  return frame;
}

}  // namespace dpvrrp
