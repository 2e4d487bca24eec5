// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/deliver.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wire/checksum.h"

namespace dpvrrp {
namespace {

template <typename T>
T Load(const void* from) {  // in the machine's byte order
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// The header of a VRRP message as one number, without what differs between routers that agree: priority and checksum.
uint64_t HeaderOf(const uint8_t* message) {
  VrrpV2Header header = Load<VrrpV2Header>(message);
  header.priority = 0;
  header.checksum = Be16(0);
  return Load<uint64_t>(&header);
}

// Our own message, as the template has it.
std::span<const uint8_t> OwnMessage(const VirtualRouter& router) {
  return std::span(router.advert_template).subspan(router.vrrp_at);
}

// Whether the message is, byte for byte, the one that we would send but for the priority. Says nothing if it is not.
bool IsLikeOurs(const VirtualRouter& router, std::span<const uint8_t> message) {
  const Inbound& inbound = router.inbound;
  if (message.size() != VrrpV2Bytes(inbound.addresses)) return false;
  const uint8_t* addresses = message.data() + sizeof(VrrpV2Header);
  const uint8_t* auth_data = message.data() + message.size() - kAuthDataBytes;
  const auto& header = *reinterpret_cast<const VrrpV2Header*>(message.data());
  // The priority is the low byte of its 16-bit word.
  const auto checksum = static_cast<uint16_t>(~FoldSum(uint64_t{inbound.sum} + header.priority));
  return HeaderOf(message.data()) == inbound.header && Load<Be32>(addresses) == inbound.first_address &&
         Load<uint64_t>(auth_data) == 0 && Load<uint16_t>(&header.checksum) == checksum &&
         (inbound.addresses == 1 ||
          std::memcmp(addresses, OwnMessage(router).data() + sizeof header, size_t{inbound.addresses} * 4) == 0);
}

// As sets: the order is the sender's affair (RFC 3768 7.1 asks for "the same addresses").
bool SameAddresses(const VirtualRouter& router, std::span<const Be32> advertised) {
  if (advertised.size() != router.sorted_addresses.size()) return false;
  std::array<uint32_t, kMaxVirtualAddresses> sorted;
  std::transform(advertised.begin(), advertised.end(), sorted.begin(), [](Be32 a) { return a.host(); });
  std::sort(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(advertised.size()));
  return std::equal(router.sorted_addresses.begin(), router.sorted_addresses.end(), sorted.begin());
}

DropReason CheckAll(const Candidate& c) {
  VrrpV2Advert advert;
  const DropReason reason = ParseVrrpV2(c.message, advert);
  if (reason != DropReason::kNone) return reason;
  const VrrpV2Header& header = *advert.header;
  const VirtualRouterConfig& config = c.router->config;
  if (const DropReason type = CheckAuthType(header.auth_type, config.auth); type != DropReason::kNone) return type;
  if (config.machine.priority == kPriorityOwner) return DropReason::kOwnerIgnores;
  if (std::chrono::seconds(header.adver_int) != config.machine.advertisement_interval) {
    return DropReason::kIntervalMismatch;
  }
  if (!SameAddresses(*c.router, advert.addresses) && Priority(header.priority) != kPriorityOwner) {
    return DropReason::kAddressMismatch;
  }
  return DropReason::kNone;
}

}  // namespace

void PrepareInbound(VirtualRouter& router) {
  const VirtualRouterConfig& c = router.config;
  const std::span<const uint8_t> message = OwnMessage(router);
  Inbound& inbound = router.inbound;
  inbound.auth = c.auth;
  inbound.icv_rule = c.icv_rule;
  inbound.icv_bytes = c.auth == AuthKind::kAh ? static_cast<uint8_t>(c.key->icv_bytes()) : 0;
  inbound.ah_payload_len = AhPayloadLen(inbound.icv_bytes);
  inbound.addresses = static_cast<uint8_t>(c.addresses.size());
  inbound.source = Be32(c.machine.source.v4());
  inbound.key = c.key.get();
  inbound.header = HeaderOf(message.data());
  inbound.first_address = Load<Be32>(message.data() + sizeof(VrrpV2Header));
  inbound.sum = FoldSum(OnesComplementSum(message.data(), message.size() - kAuthDataBytes));
}

DropReason ReadAdvert(const Candidate& c, Priority& priority) {
  priority = Priority(c.message[offsetof(VrrpV2Header, priority)]);
  const VirtualRouter& router = *c.router;
  if (IsLikeOurs(router, c.message) && router.config.machine.priority != kPriorityOwner) return DropReason::kNone;
  return CheckAll(c);
}

}  // namespace dpvrrp
