// SPDX-License-Identifier: BSD-3-Clause
//
// `diagnose` and adverts that no accepted key verifies: control tries the causes, and names the one that fits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/rogues/diagnosis/key_trial.h"
#include "unit/control/rogues/lan.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

InstanceConfig WithKey(const std::string& key) {
  InstanceConfig config = AhInstance();
  config.auth.keyring = OwnKey(SecretBytes(KeepalivedKey(key)));
  return config;
}

AdvertFrame SignedWith(const std::string& key, uint32_t i) {
  AdvertFrame frame = Rogue();
  frame.key = KeepalivedKey(key);
  frame.sequence = 1000 + i;
  return frame;
}

// The finding about a peer that signs with this key, as one object.
Json FoundOf(InstanceConfig config, const std::function<AdvertFrame(uint32_t)>& says, int seconds = 3) {
  Lan lan(std::move(config));
  lan.Become(State::kMaster);
  lan.Speak(seconds, says);
  const Json found = lan.Diagnosed();
  EXPECT_EQ(found.size(), 1u) << found.dump(1);
  return found.empty() ? Json() : found[0];
}

TEST(KeyCutByKeepalivedTest, IsTriedAtEachCharacterThatEndsAWord) {
  const std::pair<const char*, const char*> cuts[] = {
      {"Xk3!vQ9z", "Xk3"}, {"Xk3#vQ9z", "Xk3"}, {"a\"b", "a"}, {"ab{c", "ab"}, {"ab}c", "ab"}, {"two word", "two"},
  };
  for (const auto& [ours, theirs] : cuts) {
    const Json found = FoundOf(WithKey(ours), [&, theirs = theirs](uint32_t i) { return SignedWith(theirs, i); });
    EXPECT_EQ(found["verdict"], "key-cut-by-keepalived") << ours;
    EXPECT_EQ(found["certainty"], "certain") << ours;
    EXPECT_THAT(found["mend"].get<std::string>(), AllOf(HasSubstr("double quotes"), Not(HasSubstr("block"))));
    EXPECT_THAT(found.dump(), Not(HasSubstr("vQ9z"))) << "a key is shown";
  }
}

// A keepalived backup that refuses our adverts sends one frame at its start. Each refused advert then restarts its
// timer.
TEST(KeyCutByKeepalivedTest, OneFrameIsEnough) {
  const Json found = FoundOf(
      WithKey("Xk3!vQ9z"), [](uint32_t i) { return SignedWith("Xk3", i); }, 1);
  EXPECT_EQ(found["verdict"], "key-cut-by-keepalived");
}

TEST(WrongKeyTest, OneFrameThatNoKeyVerifiesIsNotEnough) {
  Lan lan(AhInstance());
  lan.Become(State::kMaster);
  lan.Speak(1, [](uint32_t i) { return SignedWith("another", i); });
  EXPECT_EQ(lan.Diagnosed().size(), 0u) << lan.Diagnosed().dump(1);
}

TEST(KeyCutByKeepalivedTest, IsTriedWithQuotesAndEndsOfLines) {
  for (const std::string theirs : {"\"s3cr3t\"", "'s3cr3t'", "s3cr3t\n"}) {
    const Json found = FoundOf(AhInstance(), [&](uint32_t i) { return SignedWith(theirs, i); });
    EXPECT_EQ(found["verdict"], "key-cut-by-keepalived") << theirs;
  }
  EXPECT_EQ(FoundOf(WithKey("\"abc\""), [&](uint32_t i) { return SignedWith("abc", i); })["verdict"],
            "key-cut-by-keepalived");
}

TEST(KeyCutByKeepalivedTest, IsTriedOnPasswordsToo) {
  InstanceConfig config = Plain();
  config.auth.kind = AuthKind::kSimple;
  config.auth.password = SecretBytes({'X', 'k', '3', '!', 'v', 'Q', '9', 'z'});
  const Json found = FoundOf(config, [](uint32_t) {
    AdvertFrame frame = PlainRogue();
    frame.auth_type = 1;
    frame.auth_data = {'X', 'k', '3', 0, 0, 0, 0, 0};
    return frame;
  });
  EXPECT_EQ(found["verdict"], "key-cut-by-keepalived");
}

// A peer of another vendor may differ in several settings at once.
TEST(WrongKeyTest, SeveralDifferencesAreAllNamed) {
  const Json found = FoundOf(WithKey("Xk3!vQ9z"), [](uint32_t i) {
    AdvertFrame frame = SignedWith("Xk3", i);
    frame.rule = IcvRule::kRfc4302;
    return frame;
  });
  EXPECT_EQ(found["verdict"], "key-cut-by-keepalived");
  EXPECT_THAT(found["evidence"].get<std::string>(), HasSubstr("icv_rule differs too"));
}

TEST(WrongKeyTest, BothIcvRulesAreNamed) {
  for (const bool ours_is_rfc : {false, true}) {
    const Json found = FoundOf(ours_is_rfc ? Rfc4302() : AhInstance(), [&](uint32_t i) {
      AdvertFrame frame = SignedWith("s3cr3t", i);
      frame.rule = ours_is_rfc ? IcvRule::kKeepalived : IcvRule::kRfc4302;
      return frame;
    });
    EXPECT_EQ(found["verdict"], "icv-rule-mismatch");
    EXPECT_EQ(found["certainty"], "certain");
    EXPECT_THAT(found["sentence"].get<std::string>(), AllOf(HasSubstr("keepalived"), HasSubstr("rfc4302")));
  }
}

// If the ICV has another length, the frame itself shows which algorithms are possible.
TEST(WrongKeyTest, AnAlgorithmOfAnotherLengthIsNamedWithBothLengths) {
  const Json found = FoundOf(AhInstance(), [](uint32_t i) {
    AdvertFrame frame = SignedWith("s3cr3t", i);
    frame.algorithm = MacAlgorithm::kHmacSha256_128;
    return frame;
  });
  EXPECT_EQ(found["verdict"], "algorithm-mismatch");
  EXPECT_EQ(found["certainty"], "certain");
  EXPECT_THAT(found["sentence"].get<std::string>(), AllOf(HasSubstr("hmac-sha256-128"), HasSubstr("hmac-md5-96")));
  EXPECT_THAT(found["evidence"].get<std::string>(), AllOf(HasSubstr("16 bytes"), HasSubstr("ours 12")));
}

TEST(WrongKeyTest, AnAlgorithmWithAnotherKeyIsLikelyByItsLength) {
  const Json found = FoundOf(AhInstance(), [](uint32_t i) {
    AdvertFrame frame = SignedWith("s3cr3t", i);
    frame.algorithm = MacAlgorithm::kHmacSha512_256;
    frame.key = Bytes(64, 0x77);
    return frame;
  });
  EXPECT_EQ(found["verdict"], "algorithm-mismatch");
  EXPECT_EQ(found["certainty"], "likely");
  EXPECT_THAT(found["evidence"].get<std::string>(), HasSubstr("32 bytes (hmac-sha512-256)"));
}

TEST(WrongKeyTest, ListsTheTriedKeysIfNoneFits) {
  const Json found = FoundOf(AhInstance(), [](uint32_t i) { return SignedWith("0ther", i); });
  EXPECT_EQ(found["verdict"], "wrong-key");
  EXPECT_THAT(found["evidence"].get<std::string>(), HasSubstr("tried without success"));
}

// The watch also keeps adverts whose number was used before, because their ICV is computed.
TEST(WrongKeyTest, IsTriedOnRefusedNumbersToo) {
  const Json found = FoundOf(Rfc4302(), [](uint32_t i) {
    AdvertFrame frame = SignedWith("s3cr3t", 0);
    frame.source = Ip("10.99.0.9");
    frame.rule = i == 1 ? IcvRule::kRfc4302 : IcvRule::kKeepalived;
    return frame;
  });
  EXPECT_EQ(found["verdict"], "icv-rule-mismatch");
}

// Thousands of instances with their own keys, and many senders with other keys: the work is bounded.
TEST(KeyTrialTest, IsBoundedWithManyKeysAndSenders) {
  std::vector<InstanceConfig> configs;
  for (uint32_t i = 0; i < 16'000; ++i) {
    InstanceConfig& config = configs.emplace_back(AhInstance(absl::StrCat("gw", i), static_cast<uint8_t>(i % 255 + 1)));
    config.vlan.outer = static_cast<uint16_t>(i / 255 + 1);
    config.auth.keyring = OwnKey(SecretBytes(KeepalivedKey(absl::StrCat("k", i))));
  }
  Observed observed;
  observed.now = kTestStart;
  for (const InstanceConfig& config : configs) {
    WatchedInstance& instance = observed.instances.emplace_back();
    instance.config = &config;
  }
  AdvertFrame frame = SignedWith("none of these", 1);
  const Bytes built = frame.Build();
  Speaker speaker;
  speaker.has_ah = true;
  speaker.sample.at = observed.now;
  speaker.sample.bytes = static_cast<uint16_t>(built.size() - 14);
  std::copy(built.begin() + 14, built.end(), speaker.sample.packet.begin());
  diagnosis::KeyTrial trial(observed);
  for (int i = 0; i < 2048; ++i) EXPECT_FALSE(trial.Try(speaker, observed.instances.front()).has_value());
  EXPECT_TRUE(trial.gave_up());
  EXPECT_LE(trial.macs(), 2 * diagnosis::KeyTrial::kMostMacs);
}

}  // namespace
}  // namespace dpvrrp
