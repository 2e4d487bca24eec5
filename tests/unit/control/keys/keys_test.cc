// SPDX-License-Identifier: BSD-3-Clause
//
// Keyrings in a running gateway: reloads, commands, the time of day.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kOne = "k7Qw2ZpX", kTwo = "x8fj2qpz", kThree = "mvwqkzfh";
constexpr int64_t kStartUnix = 1'700'000'000;  // the gateway's clock at its start

KeyConfig Key(uint8_t id, const std::string& text, std::optional<int64_t> from = {},
              std::optional<int64_t> until = {}) {
  return {.id = id, .secret = SecretBytes({text.begin(), text.end()}), .not_before = from, .not_after = until};
}

KeyringConfig Ring(std::vector<KeyConfig> keys, uint8_t sign) {
  KeyringConfig ring;
  ring.name = "core";
  ring.keys = std::move(keys);
  ring.sign = sign;
  return ring;
}

// This many instances share the ring.
Config WithRing(const KeyringConfig& ring, size_t count = 1) {
  const auto shared = std::make_shared<const KeyringConfig>(ring);
  std::vector<InstanceConfig> instances;
  for (size_t i = 0; i < count; ++i) {
    instances.push_back(AhInstance(absl::StrCat("gw", i), static_cast<uint8_t>(51 + i)));
    instances.back().auth.keyring = shared;
  }
  Config config = WithInstances(std::move(instances));
  config.keyrings = {shared};
  return config;
}

class KeysTest : public testing::Test {
 protected:
  // Receives a peer's advert. Returns the reason for which it was dropped, if any.
  DropReason Hear(const std::string& key, uint8_t vrid = 51) {
    AdvertFrame frame;
    frame.vrid = vrid;
    frame.key = KeepalivedKey(key);
    frame.sequence = sequence_ += 1000;
    frame.source = Ip("10.99.0.1");
    const DropReason end = gateway_.shard.Receive(frame.Build());
    gateway_.Turn();
    return end;
  }
  absl::StatusOr<std::string> Reload(const Config& config) {
    gateway_.services.next_load = LoadResult{config, {}, {}};
    const absl::StatusOr<std::string> summary = gateway_.controller.Reload(gateway_.Time());
    gateway_.Turn();
    return summary;
  }
  std::string Accepted() {
    std::string keys;
    for (const std::string& key : {kOne, kTwo, kThree}) {
      absl::StrAppend(&keys, Hear(key) == DropReason::kNone ? "+" : "-");
    }
    return keys;
  }
  size_t transitions() const { return gateway_.Logged("transition").size(); }

  Gateway gateway_;
  uint32_t sequence_ = 100000;  // above the group's for the length of any test
};

TEST_F(KeysTest, AReloadExchangesKeysInPlace) {
  gateway_.Start(WithRing(Ring({Key(1, kOne)}, 1)));
  EXPECT_EQ(Accepted(), "+--");
  const size_t before = transitions();
  const auto added = Reload(WithRing(Ring({Key(1, kOne), Key(2, kTwo)}, 1)));
  ASSERT_TRUE(added.ok());
  EXPECT_EQ(*added, "0 added, 0 removed, 1 changed in place, 0 removed and added");
  EXPECT_EQ(Accepted(), "++-");
  EXPECT_THAT(*Reload(WithRing(Ring({Key(1, kOne), Key(2, kTwo)}, 2))), HasSubstr("1 changed in place"));
  EXPECT_EQ(Accepted(), "++-");
  EXPECT_THAT(*Reload(WithRing(Ring({Key(2, kTwo)}, 2))), HasSubstr("1 changed in place"));
  EXPECT_EQ(Accepted(), "-+-");
  EXPECT_THAT(*Reload(WithRing(Ring({Key(2, kTwo)}, 2))), HasSubstr("0 changed in place"));
  EXPECT_EQ(transitions(), before);
}

// The whole change of a key on a master: its adverts keep their interval.
TEST_F(KeysTest, AMasterLosesNoAdvert) {
  gateway_.Start(WithRing(Ring({Key(1, kOne)}, 1)));
  gateway_.services.key_files["/new"] = kTwo;
  gateway_.RunFor(5s);
  const size_t before = transitions();
  std::vector<Sent> sent;
  for (const std::string step : {"key add core 2 file /new", "key sign core 2", "key drop core 1"}) {
    EXPECT_EQ(gateway_.Ask(step).status, Answer::Status::kOk) << step;
    for (Sent& s : gateway_.RunFor(1500ms)) sent.push_back(std::move(s));
  }
  std::erase_if(sent, [](const Sent& s) { return !absl::StrContains(ToHex(s.frame), "01005e000012"); });
  ASSERT_GE(sent.size(), 4u);
  for (size_t i = 1; i < sent.size(); ++i) EXPECT_LE(sent[i].at - sent[i - 1].at, 1010ms);
  EXPECT_EQ(transitions(), before);
}

TEST_F(KeysTest, CommandsChangeTheRingOfAllItsUsers) {
  gateway_.Start(WithRing(Ring({Key(1, kOne)}, 1), 3));
  gateway_.services.key_files["/new"] = absl::StrCat(kTwo, "\n");
  EXPECT_EQ(gateway_.Ask("key add core 2 file /new").body,
            "core: key 2 is accepted until the next reload or restart\n");
  for (const uint8_t vrid : {51, 52, 53}) {
    EXPECT_EQ(Hear(kOne, vrid), DropReason::kNone);
    EXPECT_EQ(Hear(kTwo, vrid), DropReason::kNone);
  }
  EXPECT_EQ(gateway_.Ask("key sign core 2").body, "core: key 2 signs until the next reload or restart\n");
  EXPECT_EQ(gateway_.Ask("key drop core 1").body,
            "core: key 1 is no longer accepted, until the next reload or restart\n");
  for (const uint8_t vrid : {51, 52, 53}) {
    EXPECT_EQ(Hear(kOne, vrid), DropReason::kBadIcv);
    EXPECT_EQ(Hear(kTwo, vrid), DropReason::kNone);
  }
  EXPECT_THAT(gateway_.Logged("keys"), ElementsAre("keyring core: key 2 added, 3 instances re-keyed",
                                                   "keyring core: key 2 signs, 3 instances re-keyed",
                                                   "keyring core: key 1 dropped, 3 instances re-keyed"));
}

TEST_F(KeysTest, AReloadEndsChangesByCommand) {
  const Config file = WithRing(Ring({Key(1, kOne)}, 1));
  gateway_.Start(file);
  gateway_.services.key_files["/new"] = kTwo;
  gateway_.Ask("key add core 2 file /new");
  EXPECT_EQ(Accepted(), "++-");
  EXPECT_THAT(*Reload(file), HasSubstr("1 changed in place"));
  EXPECT_EQ(Accepted(), "+--");
}

TEST_F(KeysTest, AnInstanceThatIsAddedLaterGetsTheRingInForce) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(2, kTwo, {}, kStartUnix - 1)}, 1)));
  EXPECT_EQ(Accepted(), "+--");
  ASSERT_TRUE(Reload(WithRing(Ring({Key(1, kOne), Key(2, kTwo, {}, kStartUnix - 1)}, 1), 2)).ok());
  EXPECT_EQ(Hear(kOne, 52), DropReason::kNone);
  EXPECT_EQ(Hear(kTwo, 52), DropReason::kBadIcv);
}

TEST_F(KeysTest, CommandsRefuseTheSameKeysAsTheFile) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(3, kThree)}, 1)));
  gateway_.services.key_files = {
      {"/weak", "s3cr3t"}, {"/same", kOne}, {"/odd", "hex:123"}, {"/long", "k7Qw2ZpX9"}, {"/empty", "\n"}};
  const auto refused = [&](const std::string& line, const std::string& why) {
    const Answer answer = gateway_.Ask(line);
    EXPECT_EQ(answer.status, Answer::Status::kError) << line;
    EXPECT_EQ(answer.body, why + "\n");
  };
  refused("key add cor 2 file /same", "no keyring named 'cor'");
  refused("key add core 0 file /same", "id must be 1..255, got '0'");
  refused("key add core 1 file /same", "keyring core already has a key 1");
  refused("key add core 2 file /gone", "/gone: no such file");
  refused("key add core 2 file /weak",
          "/weak: is weak: it has 6 bytes, but at least 8 are required; allow_weak_keys = true permits it");
  refused("key add core 2 file /same", "/same: is the same as key 1");
  refused("key add core 2 file /odd", "/odd: must be pairs of hex digits");
  refused("key add core 2 file /empty", "/empty: must not be empty");
  refused("key add core 2 file /long",
          "/long: is weak: it needs only about 53 bits to guess, but at least 64 are required; allow_weak_keys = true "
          "permits it");
  gateway_.services.key_files["/long"] = "pJ4vNq8Zs1WfXe6T";
  refused("key add core 2 file /long", "/long: must be 1..8 bytes for icv_rule 'keepalived', got 16; instance gw0");
  refused("key sign core 2", "keyring core has no key 2");
  refused("key drop core 2", "keyring core has no key 2");
  refused("key drop core 1", "key 1 is the signing key; select another first: key sign core ID");
  EXPECT_EQ(Accepted(), "+-+");
}

// While the lcore takes one set of keys, later sets wait, and only the newest is sent.
TEST_F(KeysTest, SeveralKeyChangesAreAppliedInOrder) {
  gateway_.Start(WithRing(Ring({Key(1, kOne)}, 1)));
  gateway_.services.key_files = {{"/two", kTwo}, {"/three", kThree}};
  for (const std::string line :
       {"key add core 2 file /two", "key sign core 2", "key drop core 1", "key add core 3 file /three"}) {
    gateway_.controller.OnCommand(RequesterId(7), line, gateway_.Time());
  }
  gateway_.Turn();
  EXPECT_EQ(Accepted(), "-++");
}

TEST_F(KeysTest, AnInstanceIsRemovedWhileAKeyChangeIsInProgress) {
  gateway_.Start(WithRing(Ring({Key(1, kOne)}, 1), 2));
  gateway_.services.key_files = {{"/two", kTwo}};
  gateway_.controller.OnCommand(RequesterId(7), "key add core 2 file /two", gateway_.Time());
  gateway_.controller.OnCommand(RequesterId(7), "key sign core 2", gateway_.Time());
  ASSERT_TRUE(Reload(WithRing(Ring({Key(1, kOne)}, 1), 1)).ok());
  EXPECT_EQ(gateway_.controller.instances().size(), 1u);
  EXPECT_EQ(Accepted(), "+--");
}

TEST_F(KeysTest, KeysAreAcceptedDuringTheirValidityPeriods) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(2, kTwo, kStartUnix + 10), Key(3, kThree, {}, kStartUnix + 20)}, 1)));
  EXPECT_EQ(Accepted(), "+-+");
  gateway_.RunFor(9900ms);
  EXPECT_EQ(Accepted(), "+-+");
  gateway_.RunFor(200ms);
  EXPECT_EQ(Accepted(), "+++");
  gateway_.RunFor(10s);
  EXPECT_EQ(Accepted(), "++-");
  EXPECT_THAT(gateway_.Logged("keys"),
              ElementsAre("keyring core: key 2 is accepted now",
                          "keyring core: key 3 is not accepted now: it is outside its validity period"));
}

// A gateway must not become silent because a key was changed too late.
TEST_F(KeysTest, AnExpiredSigningKeyStillSignsWithAWarning) {
  gateway_.Start(WithRing(Ring({Key(1, kOne, {}, kStartUnix + 10), Key(2, kTwo)}, 1)));
  EXPECT_THAT(gateway_.Logged("keys"), IsEmpty());
  gateway_.RunFor(11s);
  EXPECT_EQ(Accepted(), "++-");
  EXPECT_THAT(
      gateway_.Logged("keys"),
      ElementsAre("keyring core: key 1 signs, although its not_after is past: sign with another key, or change its "
                  "validity period"));
  gateway_.RunFor(300s);
  EXPECT_EQ(gateway_.Logged("keys").size(), 1u);  // once
  gateway_.Ask("key sign core 2");
  EXPECT_EQ(Accepted(), "-+-");
}

// Peers would refuse the adverts that it signs.
TEST_F(KeysTest, AKeyOutsideItsValidityPeriodCannotBeSelectedToSign) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(2, kTwo, kStartUnix + 10), Key(3, kThree, {}, kStartUnix + 5)}, 1)));
  EXPECT_THAT(gateway_.Ask("key sign core 2").body, HasSubstr("key 2 is not accepted before its not_before"));
  gateway_.RunFor(11s);
  EXPECT_THAT(gateway_.Ask("key sign core 3").body, HasSubstr("key 3 is not accepted after its not_after"));
  EXPECT_THAT(gateway_.Ask("key sign core 2").body, HasSubstr("core: key 2 signs"));
}

TEST_F(KeysTest, AClockThatIsSetIsNoticedWithinAMinute) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(2, kTwo, kStartUnix + 86400)}, 1)));
  EXPECT_LE(gateway_.controller.NextDeadline(), gateway_.Time().now + 60s);
  ControlTime t = gateway_.Time();
  t.now += 61s;
  t.unix_ms += 2 * 86400 * 1000;
  gateway_.controller.OnTime(t);
  gateway_.Turn();
  EXPECT_EQ(Accepted(), "++-");
  t.now += 61s;
  t.unix_ms = kStartUnix * 1000;
  gateway_.controller.OnTime(t);
  gateway_.Turn();
  EXPECT_EQ(Accepted(), "+--");
}

TEST_F(KeysTest, WithoutValidityPeriodsTheClockIsNotChecked) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(2, kTwo)}, 1)));
  gateway_.RunFor(3s);  // the first read of the senders has ended
  EXPECT_GT(gateway_.controller.NextDeadline(), gateway_.Time().now + 50s);
}

TEST_F(KeysTest, ShowKeyringsShowsWhichKeysAreStillReceived) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(2, kTwo, kStartUnix - 5, kStartUnix + 3600)}, 1), 2));
  EXPECT_EQ(gateway_.Ask("show keyrings --json").body,
            R"([{"keyring":"core","key":1,"signs":true,"state":"valid","not_before":null,"not_after":null,)"
            R"("instances":2,"verified":null,"last_verified":null},)"
            R"({"keyring":"core","key":2,"signs":false,"state":"valid","not_before":"2023-11-14T22:13:15.000Z",)"
            R"("not_after":"2023-11-14T23:13:20.000Z","instances":2,"verified":0,"last_verified":null}])"
            "\n");
  gateway_.RunFor(1s);
  Hear(kTwo, 51);
  Hear(kTwo, 52);
  Hear(kOne, 52);
  EXPECT_THAT(gateway_.Ask("show keyrings --json").body,
              HasSubstr(R"("verified":2,"last_verified":"2023-11-14T22:13:21.)"));
  // The count continues after a change of keys.
  gateway_.services.key_files["/three"] = kThree;
  gateway_.Ask("key add core 3 file /three");
  Hear(kTwo, 51);
  EXPECT_THAT(gateway_.Ask("show keyrings --json").body, HasSubstr(R"("verified":3,)"));
  for (const std::string& key : {kOne, kTwo, kThree}) {
    EXPECT_THAT(gateway_.Ask("show keyrings").body, Not(HasSubstr(key)));
  }
}

TEST_F(KeysTest, RingsAndIdsAreCompleted) {
  gateway_.Start(WithRing(Ring({Key(1, kOne), Key(22, kTwo)}, 1)));
  EXPECT_EQ(gateway_.Ask("complete key sign ").body, "core\n");
  EXPECT_EQ(gateway_.Ask("complete key drop core ").body, "1\n22\n");
}

// Work that is quadratic in the number of instances does not end within the suite's time.
TEST_F(KeysTest, ThousandsOfInstancesAreReKeyedAtOnce) {
  const auto ring = std::make_shared<const KeyringConfig>(Ring({Key(1, kOne)}, 1));
  std::vector<InstanceConfig> instances = ManyInstances();
  for (InstanceConfig& instance : instances) instance.auth.keyring = ring;
  Config config = WithInstances(instances);
  config.keyrings = {ring};
  gateway_.Start(config);
  gateway_.services.key_files["/two"] = kTwo;
  EXPECT_EQ(gateway_.Ask("key add core 2 file /two").status, Answer::Status::kOk);
  EXPECT_THAT(gateway_.Logged("keys"),
              ElementsAre(absl::StrCat("keyring core: key 2 added, ", instances.size(), " instances re-keyed")));
  EXPECT_EQ(Hear(kTwo, 255), DropReason::kAddressMismatch);  // which is checked after the ICV
  EXPECT_EQ(Hear(kThree, 255), DropReason::kBadIcv);
}

// With one key in two instances a number would be used twice, which reveals the key. The file and the command refuse
// it.
TEST_F(KeysTest, AGmacKeyIsNotAddedToASecondInstance) {
  const std::string mine(20, 'a'), others(20, 'b'), rings(20, 'c'), fresh(20, 'd');
  const auto gmac = [](const std::string& name, uint8_t vrid, std::shared_ptr<const KeyringConfig> ring) {
    InstanceConfig config = AhInstance(name, vrid);
    config.auth.algorithm = MacAlgorithm::kAes128Gmac;
    config.auth.icv_rule = IcvRule::kRfc4302;
    config.auth.keyring = std::move(ring);
    return config;
  };
  const auto ring = [](const std::string& name, const std::string& key) {
    KeyringConfig made = Ring({Key(1, key)}, 1);
    made.name = name;
    made.allow_weak_keys = true;
    return std::make_shared<const KeyringConfig>(std::move(made));
  };
  Config config = WithInstances({gmac("gw0", 51, ring("core", mine)), gmac("gw1", 52, ring("edge", rings)),
                                 gmac("gw2", 53, OwnKey(SecretBytes({others.begin(), others.end()})))});
  for (size_t i : {0, 1}) config.keyrings.push_back(config.instances[i].auth.keyring);
  gateway_.Start(config);
  gateway_.services.key_files = {{"/others", others}, {"/rings", rings}, {"/fresh", fresh}};
  EXPECT_THAT(
      gateway_.Ask("key add core 2 file /others").body,
      HasSubstr("instance gw2 has the same key for aes-128-gmac, which needs a key of its own for each instance"));
  EXPECT_THAT(gateway_.Ask("key add core 2 file /rings").body, HasSubstr("instance gw1 has the same key"));
  EXPECT_EQ(gateway_.Ask("key add edge 2 file /fresh").status, Answer::Status::kOk);
  // The same for a key that was added by command.
  EXPECT_THAT(gateway_.Ask("key add core 2 file /fresh").body, HasSubstr("instance gw1 has the same key"));
}

// A file that gives a used key to another instance must not repeat a number: numbers are recorded by VRID, keys are
// not.
TEST_F(KeysTest, NoGmacKeySignsANumberTwice) {
  const auto gmac = [](const std::string& name, uint8_t vrid, char key) {
    InstanceConfig config = AhInstance(name, vrid);
    config.auth.algorithm = MacAlgorithm::kAes128Gmac;
    config.auth.icv_rule = IcvRule::kRfc4302;
    const std::string bytes(20, key);
    config.auth.keyring = OwnKey(SecretBytes({bytes.begin(), bytes.end()}));
    return config;
  };
  const auto numbers = [this](uint8_t vrid) {
    std::set<uint32_t> found;
    for (const Sent& sent : gateway_.RunFor(5s)) {
      const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame);
      if (advert.has_value() && advert->vrid == vrid) found.insert(advert->sequence.value_or(0));
    }
    return found;
  };
  const auto reload = [this](std::vector<InstanceConfig> instances) {
    gateway_.services.next_load = LoadResult{WithInstances(std::move(instances)), {}, {}};
    ASSERT_TRUE(gateway_.controller.Reload(gateway_.Time()).ok());
    gateway_.Turn();
  };
  SequenceRecord& of_a_stopped_one = gateway_.services.records["gateway that was served once"];
  of_a_stopped_one.sent = 70'000;
  gateway_.Start(WithInstances({gmac("one", 51, 'a'), gmac("two", 52, 'b')}));
  const std::set<uint32_t> first = numbers(51);
  ASSERT_FALSE(first.empty());
  EXPECT_GT(*first.begin(), 70'000u) << "the key may have been used with any VRID before";
  of_a_stopped_one.sent = 80'000;
  reload({gmac("one", 51, 'b'), gmac("two", 52, 'a')});  // in place
  const std::set<uint32_t> swapped = numbers(52);
  ASSERT_FALSE(swapped.empty());
  EXPECT_GT(*swapped.begin(), 80'000u);
  of_a_stopped_one.sent = 90'000;
  reload({gmac("three", 53, 'a')});
  const std::set<uint32_t> moved = numbers(53);
  ASSERT_FALSE(moved.empty());
  EXPECT_GT(*moved.begin(), 90'000u);
}

}  // namespace
}  // namespace dpvrrp
