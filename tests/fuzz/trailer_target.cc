// SPDX-License-Identifier: BSD-3-Clause
//
// The input is a script (frame_script.h) for routers with the auth_hmac trailer: VRRPv3 over IPv4 and IPv6 at VRID 51,
// VRRPv2 at 53. kSign sets the right HMAC, kNext a current number above the last one.
#include <algorithm>
#include <cstring>
#include <map>

#include "base/check.h"
#include "fuzz/frame_script.h"
#include "fuzz/targets.h"
#include "support/seen_frame.h"
#include "traffic/repair.h"
#include "wire/ethernet.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kUtc = std::chrono::seconds(1'800'000'000);
constexpr size_t kTrailer = 28, kNumberAt = 4, kHmacAt = 12;

// A VRRP message of an untagged frame with room for a trailer behind it.
struct Place {
  IpAddress source;
  size_t message = 0;
  size_t end = 0;
};
std::optional<Place> FindMessage(const Bytes& frame) {
  constexpr size_t kIp = 14;
  if (frame.size() < kIp + 40) return std::nullopt;
  const uint8_t* ip = &frame[kIp];
  Place place;
  if (frame[12] == 0x08 && frame[13] == 0x00 && ip[0] == 0x45 && ip[9] == 112) {
    place.source = IpAddress::V4(uint32_t{ip[12]} << 24 | uint32_t{ip[13]} << 16 | uint32_t{ip[14]} << 8 | ip[15]);
    place.message = kIp + 20;
    place.end = kIp + (size_t{ip[2]} << 8 | ip[3]);
  } else if (frame[12] == 0x86 && frame[13] == 0xdd && ip[6] == 112) {
    IpAddress::Bytes bytes;
    std::memcpy(bytes.data(), ip + 8, bytes.size());
    place.source = IpAddress::V6(bytes);
    place.message = kIp + 40;
    place.end = place.message + (size_t{ip[4]} << 8 | ip[5]);
  } else {
    return std::nullopt;
  }
  const bool fits = place.end <= frame.size() && place.end >= place.message + 8 + kTrailer;
  return fits ? std::optional(place) : std::nullopt;
}

class TrailerWorld {
 public:
  TrailerWorld() {
    t_.SetUtc(kUtc);
    t_.Add(TrailerConfig(records_[0]));
    t_.Add(TrailerConfig(records_[1], V3Config(Family::kIpv6)));
    VirtualRouterConfig v2 = BackupConfig();
    v2.vrid = Vrid(53);
    t_.Add(TrailerConfig(records_[2], std::move(v2)));
  }
  ~TrailerWorld() { t_.Kill(); }

  TestShard& shard() { return t_; }

  void CheckAll(const std::vector<Sent>& frames) {
    for (const Sent& sent : frames) {
      CheckFrame(IsWellFormed(sent.frame), "sent", sent.frame);
      const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame);
      if (!advert.has_value()) continue;
      CheckFrame(advert->trailer.has_value() && IsAuthentic(sent.frame), "sent with a wrong HMAC", sent.frame);
      uint64_t& last = sent_[{advert->source.is_v4(), advert->vrid}];
      CheckFrame(advert->trailer->number > last, "number sent again", sent.frame);
      last = advert->trailer->number;
    }
  }

  void Receive(ScriptStep step) {
    Prepare(step);
    const bool authentic = IsAuthentic(step.bytes);
    const std::string before = State();
    const DropReason reason = t_.Receive(step.bytes);
    if (!authentic) DPVRRP_CHECK(reason != DropReason::kNone && State() == before);
    if (reason == DropReason::kNone) DPVRRP_CHECK(t_.Receive(step.bytes) != DropReason::kNone);  // again
  }

 private:
  void Prepare(ScriptStep& step) {
    Bytes& frame = step.bytes;
    if (step.Has(ScriptStep::kRepair)) RepairChecksums(frame);
    const std::optional<Place> place = FindMessage(frame);
    if (!place) return;
    const size_t trailer = place->end - kTrailer;
    if (step.Has(ScriptStep::kNext)) {
      const uint64_t fraction = ++numbers_ << 16;
      const auto seconds = static_cast<uint64_t>((kUtc + (t_.now - kTestStart)) / std::chrono::seconds(1));
      const uint64_t number = seconds << 32 | (fraction & 0xffffffff);
      for (size_t i = 0; i < 8; ++i) frame[trailer + kNumberAt + i] = static_cast<uint8_t>(number >> (56 - 8 * i));
    }
    if (!step.Has(ScriptStep::kSign)) return;
    const Bytes hmac = RightHmac(frame, *place);
    std::copy(hmac.begin(), hmac.end(), frame.begin() + static_cast<ptrdiff_t>(trailer + kHmacAt));
    // Over IPv6 it covers all, and the HMAC counts it as zero.
    if (step.Has(ScriptStep::kRepair) && !place->source.is_v4()) RepairChecksums(frame);
  }

  static Bytes RightHmac(const Bytes& frame, const Place& place) {
    return ReferenceTrailerHmac(place.source, std::span(frame).subspan(place.message, place.end - place.message),
                                TrailerKey());
  }
  static bool IsAuthentic(const Bytes& frame) {
    const std::optional<Place> place = FindMessage(frame);
    if (!place) return false;
    const Bytes hmac = RightHmac(frame, *place);
    return std::memcmp(hmac.data(), &frame[place->end - kTrailer + kHmacAt], hmac.size()) == 0;
  }
  std::string State() const {
    std::string out;
    for (const auto& router : t_.routers) out += StateOf(*router) + "\n";
    return out;
  }

  std::array<SequenceRecord, 3> records_;
  TestShard t_;
  std::map<std::pair<bool, uint8_t>, uint64_t> sent_;  // the last number on the wire
  uint64_t numbers_ = 0;
};

}  // namespace

void RunTrailer(std::span<const uint8_t> input) {
  TrailerWorld world;
  while (std::optional<ScriptStep> step = TakeStep(input)) {
    world.CheckAll(world.shard().RunFor(step->pause));
    if (step->Has(ScriptStep::kCommand)) {
      Command(world.shard(), *step);
    } else {
      world.Receive(*std::move(step));
    }
    world.shard().Events();
  }
  world.CheckAll(world.shard().Transmit());
}

}  // namespace dpvrrp
