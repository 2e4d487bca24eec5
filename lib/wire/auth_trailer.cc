// SPDX-License-Identifier: BSD-3-Clause
#include "wire/auth_trailer.h"

#include <algorithm>

#include "wire/vrrp.h"
#include "wire/vrrp_v3.h"

namespace dpvrrp {

size_t VrrpMessageBytes(Family family, std::span<const uint8_t> payload) {
  if (payload.size() < sizeof(VrrpV2Header)) return 0;
  const auto& header =
      *reinterpret_cast<const VrrpV2Header*>(payload.data());  // both versions begin with the same fields
  if (header.version() == 3) return VrrpV3Bytes(family, header.count);
  return header.version() == 2 && family == Family::kIpv4 ? VrrpV2Bytes(header.count) : 0;
}

void WriteTrailerInput(const IpAddress& source, std::span<const uint8_t> message, uint8_t* out) {
  const auto& header = *reinterpret_cast<const VrrpV2Header*>(message.data());
  const IpAddress::Bytes address = source.bytes();  // zero-filled
  static_assert(4 + sizeof(IpAddress::Bytes) == kTrailerPseudoBytes);
  out[0] = source.is_v4() ? 4 : 6;
  out[1] = header.version();
  out[2] = header.vrid;
  out[3] = 0;
  std::copy(address.begin(), address.end(), out + 4);
  uint8_t* covered = out + kTrailerPseudoBytes;
  std::memcpy(covered, message.data(), message.size());
  std::memset(covered + offsetof(VrrpV2Header, checksum), 0, sizeof header.checksum);
  std::memset(covered + message.size() - kTrailerHmacBytes, 0, kTrailerHmacBytes);
}

uint64_t TrailerNumberAt(Nanoseconds utc) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(utc);
  const auto rest = static_cast<uint64_t>((utc - seconds).count());
  constexpr uint64_t kSecond = 1'000'000'000;
  const uint64_t number = static_cast<uint64_t>(seconds.count()) << 32 | ((rest << 16) / kSecond) << 16;
  return std::max<uint64_t>(number, 1);
}

uint64_t NextTrailerNumber(uint64_t last, uint64_t clock, uint32_t window) {
  const bool put_back = window != 0 && clock != 0 && IsLater(last, clock) && SecondsApart(last, clock) > window;
  if (clock != 0 && (last == 0 || put_back || IsLater(clock, last))) return clock;
  return last + 1 == 0 ? 1 : last + 1;
}

}  // namespace dpvrrp
