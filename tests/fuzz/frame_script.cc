// SPDX-License-Identifier: BSD-3-Clause
#include "fuzz/frame_script.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/seen_frame.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

constexpr uint8_t kAh = 51, kIcmpv6 = 58, kVrrp = 112;

// Whether the checksums of a packet of IGMP, ICMP or ICMPv6 add up.
bool AddsUp(const PacketPlaces& p, const Bytes& frame) {
  const std::span<const uint8_t> header = std::span(frame).subspan(p.ip, p.payload - p.ip);
  const std::span<const uint8_t> message = p.MessageIn(frame);
  if (p.v4 && ReferenceChecksum(header) != 0) return false;
  return 0 == (p.protocol == kIcmpv6 ? ReferenceChecksum(p.source, p.destination, p.protocol, message)
                                     : ReferenceChecksum(message));
}

}  // namespace

std::optional<ScriptStep> TakeStep(std::span<const uint8_t>& input) {
  if (input.size() < 3) return std::nullopt;
  const auto head = static_cast<uint16_t>(input[0] | input[1] << 8);
  const size_t length = std::min<size_t>(head % 2048, input.size() - 3);
  ScriptStep step{.flags = static_cast<uint16_t>(head & ~2047), .pause = input[2] * 20ms, .bytes = {}};
  step.bytes.assign(input.begin() + 3, input.begin() + 3 + static_cast<ptrdiff_t>(length));
  input = input.subspan(3 + length);
  return step;
}

void Command(TestShard& shard, const ScriptStep& step) {
  if (step.bytes.size() < 2) return;
  auto router = shard.routers.begin();
  std::advance(router, step.bytes[1] % shard.routers.size());
  if ((*router)->retiring) return;  // the last command that may name it
  enum Choice { kResign, kTakeover, kAnnounce, kSetPriority, kPortDown, kPortUp, kResolvePeers, kChoices };
  const int choice = step.bytes[0] % kChoices;
  const bool owner = (*router)->config.machine.priority == kPriorityOwner;
  if (owner && (choice == kResign || choice == kTakeover || choice == kSetPriority)) return;  // as control sees to it
  switch (choice) {
    case kResign:
      return shard.Apply(command::Resign{router->get()});
    case kTakeover:
      return shard.Apply(command::Takeover{router->get()});
    case kAnnounce:
      return shard.Announce(**router, 0, static_cast<uint16_t>((*router)->config.addresses.size()));
    case kSetPriority:
      return shard.SetPriority(**router, Priority(static_cast<uint8_t>(1 + step.bytes.back() % 254)));
    case kPortDown:
      return shard.Apply(command::PortDown{PortId(0)});
    case kPortUp:
      return shard.Apply(command::PortUp{PortId(0)});
    default:
      return shard.ResolvePeers(**router);
  }
}

std::optional<AhPlace> FindAh(const Bytes& frame) {
  const std::optional<PacketPlaces> p = FindPacket(frame);
  if (!p || !p->v4 || p->protocol != kAh || p->payload != p->ip + 20 || p->payload + 12 > p->end) return std::nullopt;
  const size_t vrrp = p->payload + 4 * (frame[p->payload + 1] + size_t{2});
  if (vrrp + 2 > p->end) return std::nullopt;
  return AhPlace{.ip = p->ip, .ah = p->payload, .end = p->end, .vrid = frame[vrrp + 1]};
}

bool IsWellFormed(const Bytes& sent) {
  Bytes frame = sent;  // without tags
  frame.erase(frame.begin() + 12, frame.begin() + static_cast<ptrdiff_t>(EtherTypeAt(frame)));
  if (SeeAdvert(frame).has_value() || SeeArp(frame).has_value() || SeeNa(frame).has_value()) return true;
  const std::optional<PacketPlaces> p = FindPacket(frame);
  if (!p || p->protocol == kVrrp || p->protocol == kAh || ChecksumAt(p->protocol) == 0) return false;
  const size_t told = p->v4 ? size_t{frame[p->ip + 2]} << 8 | frame[p->ip + 3]
                            : 40 + (size_t{frame[p->ip + 4]} << 8 | frame[p->ip + 5]);
  if (p->end != p->ip + told || p->payload + ChecksumAt(p->protocol) + 2 > p->end) return false;
  return AddsUp(*p, frame);
}

void CheckFrame(bool good, const char* rule, const Bytes& frame) {
  if (good) return;
  std::fprintf(stderr, "%s: %s\n", rule, ToHex(frame).c_str());
  std::abort();
}

}  // namespace dpvrrp
