// SPDX-License-Identifier: BSD-3-Clause
#include "support/reference.h"

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

void Append16(Bytes& out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}
void Append(Bytes& out, std::span<const uint8_t> bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
void AppendAddress(Bytes& out, const IpAddress& address) {
  const IpAddress::Bytes bytes = address.bytes();
  Append(out, std::span(bytes).first(address.size()));
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
  Append16(covered, message.size());
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
  input[20 + 6] = input[20 + 7] = 0;  // the checksum
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
  std::fill_n(ah + kAhFixedBytes, InfoOf(algorithm).icv_bytes, uint8_t{0});
  return ReferenceMac(algorithm, key, input, iv);
}

}  // namespace dpvrrp
