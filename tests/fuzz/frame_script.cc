// SPDX-License-Identifier: BSD-3-Clause
#include "fuzz/frame_script.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/seen_frame.h"

namespace dpvrrp {
namespace {

constexpr uint8_t kIcmp = 1, kIgmp = 2, kAh = 51, kIcmpv6 = 58, kVrrp = 112;

uint16_t Get16(const Bytes& bytes, size_t at) { return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]); }
void Put16(Bytes& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}

// An IP packet taken apart: nothing is believed but what is inside the frame.
struct Packet {
  bool v4 = false;
  size_t ip = 0;
  size_t payload = 0;  // of the upper layer
  size_t end = 0;
  uint8_t protocol = 0;
  IpAddress source;
  IpAddress destination;
};

size_t SkipTags(const Bytes& frame) {
  size_t at = 12;
  while (at + 4 <= frame.size() && (Get16(frame, at) == 0x8100 || Get16(frame, at) == 0x88a8)) at += 4;
  return at;
}

std::optional<Packet> Parse(const Bytes& frame) {
  const size_t type_at = SkipTags(frame);
  if (type_at + 2 > frame.size()) return std::nullopt;
  Packet p;
  p.ip = type_at + 2;
  if (Get16(frame, type_at) == 0x0800 && p.ip + 20 <= frame.size()) {
    p.v4 = true;
    p.payload = p.ip + static_cast<size_t>(frame[p.ip] & 0x0f) * 4;
    p.end = std::min(frame.size(), p.ip + Get16(frame, p.ip + 2));
    p.protocol = frame[p.ip + 9];
    const auto address = [&](size_t at) {
      return IpAddress::V4(static_cast<uint32_t>(Get16(frame, at)) << 16 | Get16(frame, at + 2));
    };
    p.source = address(p.ip + 12);
    p.destination = address(p.ip + 16);
  } else if (Get16(frame, type_at) == 0x86dd && p.ip + 40 <= frame.size()) {
    p.payload = p.ip + 40;
    p.end = std::min(frame.size(), p.payload + Get16(frame, p.ip + 4));
    p.protocol = frame[p.ip + 6];
    if (p.protocol == 0 && p.payload + 8 <= p.end) {  // hop-by-hop options, as MLD has them
      p.protocol = frame[p.payload];
      p.payload += 8 * (frame[p.payload + 1] + size_t{1});
    }
    const auto address = [&](size_t at) {
      IpAddress::Bytes bytes{};
      std::copy_n(frame.begin() + static_cast<ptrdiff_t>(at), 16, bytes.begin());
      return IpAddress::V6(bytes);
    };
    p.source = address(p.ip + 8);
    p.destination = address(p.ip + 24);
  } else {
    return std::nullopt;
  }
  if (p.payload > p.end || p.payload < p.ip + 20) return std::nullopt;
  return p;
}

// Of the upper layer, its own field being zero.
uint16_t UpperChecksum(const Packet& p, std::span<const uint8_t> message) {
  const bool pseudo_header = p.protocol == kIcmpv6 || (p.protocol == kVrrp && (!p.v4 || message[0] >> 4 == 3));
  return pseudo_header ? ReferenceChecksum(p.source, p.destination, p.protocol, message) : ReferenceChecksum(message);
}

// The offset of the checksum of an upper layer; 0: it has none.
size_t ChecksumAt(uint8_t protocol) {
  if (protocol == kVrrp) return 6;
  return protocol == kIcmp || protocol == kIgmp || protocol == kIcmpv6 ? 2 : 0;
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
  using Kind = ShardCommand::Kind;
  constexpr Kind kOfRouter[] = {Kind::kResign, Kind::kTakeover, Kind::kAnnounce, Kind::kPriority};
  const size_t choice = step.bytes[0] % 7;
  if (choice == 4) return shard.SetPort(Kind::kPortDown, PortId(0));
  if (choice == 5) return shard.SetPort(Kind::kPortUp, PortId(0));
  if (choice == 6) return shard.ResolvePeers(**router);
  const bool owner = (*router)->config.machine.priority == kPriorityOwner;
  if (owner && kOfRouter[choice] != Kind::kAnnounce) return;  // as control sees to it
  if (kOfRouter[choice] == Kind::kPriority) {
    return shard.SetPriority(**router, Priority(static_cast<uint8_t>(1 + step.bytes.back() % 254)));
  }
  if (kOfRouter[choice] == Kind::kAnnounce) {
    return shard.Announce(**router, 0, static_cast<uint16_t>((*router)->config.addresses.size()));
  }
  shard.Apply(kOfRouter[choice], **router);
}

void RepairChecksums(Bytes& frame) {
  std::optional<Packet> p = Parse(frame);
  if (!p) return;
  if (p->v4) {
    Put16(frame, p->ip + 10, 0);
    Put16(frame, p->ip + 10, ReferenceChecksum(std::span(frame).subspan(p->ip, p->payload - p->ip)));
  }
  if (p->protocol == kAh && p->payload + 2 <= p->end) {
    p->protocol = frame[p->payload];
    p->payload += 4 * (frame[p->payload + 1] + size_t{2});
  }
  const size_t at = p->payload + ChecksumAt(p->protocol);
  if (at == p->payload || at + 2 > p->end) return;
  Put16(frame, at, 0);
  Put16(frame, at, UpperChecksum(*p, std::span(frame).subspan(p->payload, p->end - p->payload)));
}

std::optional<AhPlace> FindAh(const Bytes& frame) {
  const std::optional<Packet> p = Parse(frame);
  if (!p || !p->v4 || p->protocol != kAh || p->payload != p->ip + 20 || p->payload + 12 > p->end) return std::nullopt;
  const size_t vrrp = p->payload + 4 * (frame[p->payload + 1] + size_t{2});
  if (vrrp + 2 > p->end) return std::nullopt;
  return AhPlace{.ip = p->ip, .ah = p->payload, .end = p->end, .vrid = frame[vrrp + 1]};
}

bool IsWellFormed(const Bytes& sent) {
  Bytes frame = sent;  // without tags
  frame.erase(frame.begin() + 12, frame.begin() + static_cast<ptrdiff_t>(SkipTags(frame)));
  if (SeeAdvert(frame).has_value() || SeeArp(frame).has_value() || SeeNa(frame).has_value()) return true;
  const std::optional<Packet> p = Parse(frame);
  if (!p || p->protocol == kVrrp || p->protocol == kAh || ChecksumAt(p->protocol) == 0) return false;
  const size_t told = p->v4 ? Get16(frame, p->ip + 2) : 40 + size_t{Get16(frame, p->ip + 4)};
  if (p->end != p->ip + told || p->payload + ChecksumAt(p->protocol) + 2 > p->end) return false;
  Bytes repaired = frame;
  RepairChecksums(repaired);
  return repaired == frame;
}

void CheckFrame(bool good, const char* rule, const Bytes& frame) {
  if (good) return;
  std::fprintf(stderr, "%s: %s\n", rule, ToHex(frame).c_str());
  std::abort();
}

}  // namespace dpvrrp
