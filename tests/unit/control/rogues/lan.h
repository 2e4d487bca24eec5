// SPDX-License-Identifier: BSD-3-Clause
//
// A gateway, and the events on its LAN at one advert a second: for the tests of `diagnose`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "unit/control/gateway.h"

namespace dpvrrp {

using Json = nlohmann::json;

inline constexpr MacAddress kRogueMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x09}};

// An advert of the rogue, 10.99.0.9; of the group's key unless the test says otherwise.
inline AdvertFrame Rogue() {
  AdvertFrame frame;
  frame.source_mac = kRogueMac;
  frame.source = Ip("10.99.0.9");
  frame.key = KeepalivedKey("s3cr3t");
  frame.priority = 90;
  return frame;
}
// The same advert without AH.
inline AdvertFrame PlainRogue() {
  AdvertFrame frame = Rogue();
  frame.key.clear();
  return frame;
}
inline AdvertFrame V3Rogue() {
  AdvertFrame frame = PlainRogue();
  frame.version = 3;
  return frame;
}

inline InstanceConfig Plain(VrrpVersion version = VrrpVersion::kV2) {
  InstanceConfig config = AhInstance();
  config.auth = {};
  config.version = version;
  return config;
}
inline InstanceConfig Rfc4302() {
  InstanceConfig config = AhInstance();
  config.auth.icv_rule = IcvRule::kRfc4302;
  return config;
}
// auth-hmac by VRRPv3, key 1 being 32 times 5a.
inline Bytes HmacKey() { return Bytes(32, 0x5a); }
inline InstanceConfig WithTrailer() {
  InstanceConfig config = Plain(VrrpVersion::kV3);
  config.auth.kind = AuthKind::kAuthHmac;
  config.auth.algorithm = MacAlgorithm::kHmacSha256_128;
  config.auth.keyring = OwnKey(SecretBytes(HmacKey()));
  return config;
}

class Lan {
 public:
  explicit Lan(InstanceConfig config) : Lan(WithInstances({std::move(config)})) {}
  explicit Lan(const Config& config, const std::function<void(Gateway&)>& before = {}) {
    if (before) before(gateway);
    gateway.Start(config);
    gateway.controller.OnClock(gateway.Time());
    gateway.Turn();
  }

  // `next` makes the advert of each second, numbered from 1.
  void Speak(int seconds, const std::function<AdvertFrame(uint32_t)>& next) {
    for (int i = 1; i <= seconds; ++i) {
      gateway.Receive(next(static_cast<uint32_t>(i)).Build());
      gateway.RunFor(1s);
    }
  }
  void Become(State state) {
    gateway.RunFor(5s);
    ASSERT_EQ(gateway.controller.FindInstance("gw")->state, state);
  }
  // More forged adverts than a worker verifies in a turn.
  void FloodForged() {
    AdvertFrame forged = Rogue();
    forged.forged = true;
    for (uint32_t burst = 0; burst < 40; ++burst) {
      std::vector<Bytes> frames;
      for (uint32_t i = 0; i < kMaxBurst; ++i) {
        forged.sequence = burst * kMaxBurst + i + 1;
        frames.push_back(forged.Build());
      }
      gateway.shard.ReceiveBurst(frames);
    }
    gateway.Turn();
  }
  void PullThePlug() {
    gateway.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no link", {}}, gateway.Time());
    gateway.Turn();
  }
  // The trailer's number at this time, by a clock that is ahead of ours by this offset.
  uint64_t TrailerNumber(int64_t seconds_ahead = 0) const {
    const int64_t unix_ms = gateway.Time().unix_ms + 1000 * seconds_ahead;
    return static_cast<uint64_t>(unix_ms / 1000) << 32 | static_cast<uint64_t>(unix_ms % 1000 * 65536 / 1000) << 16;
  }
  AdvertFrame Trailer(int64_t seconds_ahead = 0) const {
    AdvertFrame frame = V3Rogue();
    frame.trailer_key = HmacKey();
    frame.trailer_number = TrailerNumber(seconds_ahead);
    return frame;
  }

  Json Diagnosed(const std::string& how = "diagnose --json") { return Json::parse(gateway.Ask(how).body); }
  // The names of the verdicts, in the order of the answer.
  std::vector<std::string> Verdicts() {
    std::vector<std::string> names;
    for (const Json& finding : Diagnosed()) names.push_back(finding["verdict"]);
    return names;
  }

  Gateway gateway;
};

}  // namespace dpvrrp
