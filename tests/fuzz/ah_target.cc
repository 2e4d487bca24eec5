// SPDX-License-Identifier: BSD-3-Clause
//
// The input is a byte of flags, with the lowest bit a SequenceRecord for VRID 51, and a script (frame_script.h). Some
// of its frames are signed, so that frames of senders with the key are tested as well as frames of others.
#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

#include "base/check.h"
#include "fuzz/frame_script.h"
#include "fuzz/targets.h"
#include "support/seen_frame.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

struct Secret {
  uint8_t vrid;
  Bytes key;
  MacAlgorithm algorithm;
  IcvRule rule;  // the input of the ICV
  size_t icv_bytes;
};

const Secret* SecretOf(uint8_t vrid) {
  static const Secret kSecrets[] = {
      {51, KeepalivedKey("s3cr3t"), MacAlgorithm::kHmacMd5_96, IcvRule::kKeepalived, 12},
      {52, Bytes(20, 0x11), MacAlgorithm::kHmacSha1_96, IcvRule::kRfc4302, 12},
      {53, Bytes(32, 0x5a), MacAlgorithm::kHmacSha256_128, IcvRule::kRfc4302, 16},
      {54, KeepalivedKey("longerthan8chars"), MacAlgorithm::kHmacMd5_96, IcvRule::kRfc4302, 12},
  };
  const Secret* found =
      std::find_if(std::begin(kSecrets), std::end(kSecrets), [vrid](const Secret& s) { return s.vrid == vrid; });
  return found == std::end(kSecrets) ? nullptr : found;
}

class AhWorld {
 public:
  explicit AhWorld(const SequenceRecord& first) {
    records_[0] = first;
    for (uint8_t i = 0; i < records_.size(); ++i) {
      const Secret& secret = *SecretOf(static_cast<uint8_t>(51 + i));
      VirtualRouterConfig config = AhConfig(records_[i]);
      config.id = InstanceId(secret.vrid);
      config.vrid = Vrid(secret.vrid);
      config.keys = OneKey(*MacKey::Create(secret.algorithm, secret.key));
      config.icv_rule = secret.rule;
      if (secret.vrid == 54) {  // by unicast keepalived's rule covers what RFC 4302's does
        config.icv_rule = IcvRule::kKeepalived;
        config.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
      }
      sent_[secret.vrid] = records_[i].sent;
      t_.Add(std::move(config));
    }
  }
  ~AhWorld() { t_.Kill(); }  // no goodbye, so that the numbers end where they are

  TestShard& shard() { return t_; }

  void CheckAll(const std::vector<Sent>& frames) {
    for (const Sent& sent : frames) {
      CheckFrame(IsWellFormed(sent.frame), "sent", sent.frame);
      const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame);
      if (!advert.has_value()) continue;
      CheckFrame(IsAuthentic(sent.frame), "sent with a wrong ICV", sent.frame);
      uint64_t& last = sent_[advert->vrid];
      CheckFrame(*advert->sequence > last, "number sent again", sent.frame);
      last = *advert->sequence;
    }
  }

  void Receive(ScriptStep step) {
    Prepare(step);
    const bool authentic = IsAuthentic(step.bytes);
    const std::string before = State();
    const DropReason reason = t_.Receive(step.bytes);
    if (!authentic) DPVRRP_CHECK(reason != DropReason::kNone && State() == before);
    if (reason != DropReason::kNone) return;
    const AhPlace place = *FindAh(step.bytes);
    const auto field = [&](size_t at) { return Bytes(&step.bytes[at], &step.bytes[at] + 4); };
    const bool new_number = believed_.emplace(place.vrid, field(place.ip + 12), field(place.ah + 8)).second;
    DPVRRP_CHECK(new_number || Router(place.vrid)->senders.evictions() > 0);
  }

 private:
  void Prepare(ScriptStep& step) {
    Bytes& frame = step.bytes;
    const std::optional<AhPlace> place = FindAh(frame);
    const VirtualRouter* router = place ? Router(place->vrid) : nullptr;
    if (router != nullptr && step.Has(ScriptStep::kNext)) {
      const auto next = static_cast<uint32_t>(router->senders.highest() + 1);
      for (size_t i = 0; i < 4; ++i) frame[place->ah + 8 + i] = static_cast<uint8_t>(next >> (24 - 8 * i));
    }
    if (router != nullptr && step.Has(ScriptStep::kSpi)) {
      std::memcpy(&frame[place->ah + 4], &frame[place->ip + 12], 4);
    }
    if (step.Has(ScriptStep::kRepair)) RepairChecksums(frame);
    if (step.Has(ScriptStep::kSign)) {
      const Bytes icv = RightIcv(frame);
      if (!icv.empty()) std::copy(icv.begin(), icv.end(), frame.begin() + static_cast<ptrdiff_t>(place->ah + 12));
    }
  }

  // By OpenSSL's HMAC(); empty: there is none that would be right.
  static Bytes RightIcv(const Bytes& frame) {
    const std::optional<AhPlace> place = FindAh(frame);
    const Secret* secret = place ? SecretOf(place->vrid) : nullptr;
    if (secret == nullptr || place->ah + 12 + secret->icv_bytes > place->end) return {};
    if (frame[place->ip] >> 4 != 4) return {};  // refused, whatever its Ethernet type
    return ReferenceIcv(std::span(frame).subspan(place->ip, place->end - place->ip), secret->key, secret->algorithm,
                        secret->rule);
  }
  static bool IsAuthentic(const Bytes& frame) {
    const Bytes icv = RightIcv(frame);
    return !icv.empty() && std::memcmp(icv.data(), &frame[FindAh(frame)->ah + 12], icv.size()) == 0;
  }

  const VirtualRouter* Router(uint8_t vrid) const {
    for (const auto& router : t_.routers) {
      if (router->config.vrid == Vrid(vrid)) return router.get();
    }
    return nullptr;
  }
  std::string State() const {
    std::string out;
    for (const auto& router : t_.routers) out += StateOf(*router) + "\n";
    return out;
  }

  std::array<SequenceRecord, 4> records_;
  TestShard t_;
  std::map<uint8_t, uint64_t> sent_;  // by VRID, the last number on the wire
  std::set<std::tuple<uint8_t, Bytes, Bytes>> believed_;
};

}  // namespace

void RunAh(std::span<const uint8_t> input) {
  if (input.empty()) return;
  SequenceRecord first;
  const bool recorded = (input[0] & 1) != 0;
  input = input.subspan(1);
  if (recorded) {
    const size_t bytes = std::min(input.size(), sizeof first);
    std::memcpy(&first, input.data(), bytes);
    input = input.subspan(bytes);
  }
  AhWorld world(first);
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
