// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/receive/deliver.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/receive/auth_trailer.h"
#include "wire/checksum.h"
#include "wire/vrrp_v3.h"

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
  const size_t bytes = router.advert.bytes.size() - router.advert.vrrp_at - SentTrailerBytes(router.config);
  return std::span(router.advert.bytes).subspan(router.advert.vrrp_at, bytes);
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
bool SameAddresses(const VirtualRouter& router, const uint8_t* advertised, size_t count) {
  if (count != router.sorted_addresses.size()) return false;
  std::array<IpAddress, kMaxVirtualAddresses> sorted;
  for (size_t i = 0; i < count; ++i) sorted[i] = AdvertisedAddress(advertised, router.config.family(), i);
  std::sort(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(count));
  return std::equal(router.sorted_addresses.begin(), router.sorted_addresses.end(), sorted.begin());
}

// An owner ignores all adverts. Those of another owner have their own reason.
DropReason CheckOwner(const Advert& advert) {
  return advert.received.priority == kPriorityOwner ? DropReason::kDuplicateOwner : DropReason::kOwnerIgnores;
}

DropReason ReadV2(const Candidate& c, Instant now, Advert& out) {
  VrrpV2Advert advert;
  const DropReason reason = ParseVrrpV2(c.message, advert);
  if (reason != DropReason::kNone) return reason;
  const VrrpV2Header& header = *advert.header;
  const VirtualRouter& router = *c.router;
  const VirtualRouterConfig& config = router.config;
  if (const DropReason type = CheckAuthType(header.auth_type, config.auth); type != DropReason::kNone) return type;
  if (config.machine.priority == kPriorityOwner) return CheckOwner(out);
  if (config.machine.version == VrrpVersion::kV3) {  // coexistence: the master's rate is learned, as VRRPv3's is
    const bool speaks_v3 = router.v3_master == out.received.source &&
                           now - router.v3_heard < MasterDownInterval(config.machine, router.machine);
    if (speaks_v3) return DropReason::kV2Superseded;  // V3-143
    if (header.adver_int == 0) return DropReason::kBadInterval;
    out.received.interval = std::chrono::seconds(header.adver_int);  // 255 at most, which VRRPv3 could not say
  } else if (std::chrono::seconds(header.adver_int) != config.machine.advertisement_interval) {
    return DropReason::kIntervalMismatch;
  }
  if (!SameAddresses(router, c.message.data() + sizeof header, header.count) &&
      out.received.priority != kPriorityOwner) {
    return DropReason::kAddressMismatch;
  }
  return DropReason::kNone;
}

// RFC 9568 7.1: what does not agree with our configuration is worth a word, but obeyed (V3-104, V3-105).
DropReason ReadV3(const Candidate& c, Advert& out) {
  VrrpV3Advert advert;
  const DropReason reason = ParseVrrpV3(c.message, c.source(), c.destination(), advert, c.checked_behind());
  if (reason != DropReason::kNone) return reason;
  const VirtualRouterConfig& config = c.router->config;
  if (config.machine.priority == kPriorityOwner) {
    if (config.strict || out.received.priority == kPriorityOwner) return CheckOwner(out);
    out.remarks.Add(Remark::kRivalOfOwner);
  }
  out.received.interval = advert.header->interval();
  if (out.received.interval != config.machine.advertisement_interval) out.remarks.Add(Remark::kIntervalDiffers);
  if (!SameAddresses(*c.router, advert.addresses, advert.header->count)) out.remarks.Add(Remark::kAddressesDiffer);
  if (c.is_v4 && advert.checksum != config.checksum) out.remarks.Add(Remark::kOtherChecksumRule);
  return DropReason::kNone;
}

}  // namespace

void PrepareInbound(VirtualRouter& router) {
  const VirtualRouterConfig& c = router.config;
  const std::span<const uint8_t> message = OwnMessage(router);
  Inbound& inbound = router.inbound;
  inbound.auth = c.auth;
  inbound.shared_counter = c.auth == AuthKind::kAh && c.icv_rule == IcvRule::kKeepalived;
  // keepalived keeps the TTL in the ICV of multicast only (keepalived.md 1.5).
  inbound.icv_rule = c.unicast_peers.empty() ? c.icv_rule : IcvRule::kRfc4302;
  const bool usual = c.group == kVrrpGroupV4 && c.allowed_senders.empty();
  inbound.addressing = !c.unicast_peers.empty() ? Addressing::kUnicast
                       : usual                  ? Addressing::kUsual
                                                : Addressing::kGroup;
  inbound.icv_bytes = c.auth == AuthKind::kAh ? static_cast<uint8_t>(c.keys->signing().icv_bytes()) : 0;
  inbound.ah_payload_len = AhPayloadLen(inbound.icv_bytes, c.family());
  inbound.spi_is_set = c.spi != 0;
  inbound.addresses = static_cast<uint8_t>(c.advertised);
  inbound.source = Be32(c.machine.source.v4());
  AdoptKeys(router);
  if (c.machine.version == VrrpVersion::kV3) {
    inbound.header = ~uint64_t{0};
    return;
  }
  inbound.header = HeaderOf(message.data());
  inbound.first_address = Load<Be32>(message.data() + sizeof(VrrpV2Header));
  inbound.sum = FoldSum(OnesComplementSum(message.data(), message.size() - kAuthDataBytes));
}

void AdoptKeys(VirtualRouter& router) {
  const KeySet* keys = router.config.keys.get();
  router.inbound.key = keys == nullptr ? nullptr : &keys->signing();
  // With the trailer it is the key that is named.
  const bool any = keys != nullptr && router.config.auth == AuthKind::kAh;
  router.inbound.other_keys = !any ? 0 : (keys->keys.size() - 1) & 0x0f;  // kMaxKeys fits
}

DropReason ReadAdvert(const Candidate& c, Instant now, Advert& out) {
  const VirtualRouter& router = *c.router;
  const MachineConfig& config = router.config.machine;
  out.received = {Priority(c.message[offsetof(VrrpV2Header, priority)]), c.source(), Nanoseconds(0)};
  out.remarks = {};
  if (out.received.priority == config.priority) out.remarks.Add(Remark::kEqualPriority);
  if (IsLikeOurs(router, c.message) && config.priority != kPriorityOwner) return DropReason::kNone;
  const uint8_t version = c.message[0] >> 4;
  if (const DropReason reason = CheckVersion(router.config, version); reason != DropReason::kNone) return reason;
  return version == 2 ? ReadV2(c, now, out) : ReadV3(c, out);
}

}  // namespace dpvrrp
