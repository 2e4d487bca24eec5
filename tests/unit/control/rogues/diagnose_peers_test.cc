// SPDX-License-Identifier: BSD-3-Clause
//
// Faults between healthy gateways: clocks, restored snapshots, doubled frames, addressing, VLANs, copied addresses. The
// ordinary cause is named before an attack, and an attack is not excused by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/rogues/lan.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const Json& finding, const char* column) { return finding[column].get<std::string>(); }

// ---- clock-skew ----

TEST(ClockSkewTest, IsMeasuredInBothDirectionsAndNoBlockIsAdvised) {
  for (const int64_t ahead : {90, -90}) {
    Lan lan(WithTrailer());
    lan.Become(State::kMaster);
    lan.Speak(5, [&](uint32_t) { return lan.Trailer(ahead); });
    const Json found = lan.Diagnosed();
    ASSERT_EQ(found.size(), 1u) << found.dump(1);
    EXPECT_EQ(found[0]["verdict"], "clock-skew");
    EXPECT_EQ(found[0]["key"], "right");
    EXPECT_THAT(Text(found[0], "sentence"), HasSubstr(ahead > 0 ? "90.0 s ahead of ours" : "90.0 s behind ours"));
    EXPECT_THAT(Text(found[0], "mend"), AllOf(HasSubstr("NTP"), Not(HasSubstr("block"))));
    EXPECT_TRUE(lan.gateway.Logged("rogue").empty());
  }
}

TEST(ClockSkewTest, ThatAllPeersShareIsOurOwn) {
  Lan lan(WithTrailer());
  lan.Become(State::kMaster);
  for (int i = 0; i < 4; ++i) {
    for (const char* source : {"10.99.0.8", "10.99.0.9"}) {
      AdvertFrame frame = lan.Trailer(-300);
      frame.source = Ip(source);
      lan.gateway.Receive(frame.Build());
    }
    lan.gateway.RunFor(1s);
  }
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 2u) << found.dump(1);
  EXPECT_THAT(Text(found[0], "evidence"), HasSubstr("ours is probably wrong"));
}

// If the same old advert is repeated, its time does not advance like a clock.
TEST(ClockSkewTest, IsNotReportedForAReplay) {
  Lan lan(WithTrailer());
  const AdvertFrame old = lan.Trailer(-90);
  lan.Become(State::kMaster);
  lan.Speak(4, [&](uint32_t) { return old; });
  EXPECT_EQ(lan.Verdicts(), std::vector<std::string>{"replay"});
}

// With anti_replay = "monotonic", a clock that was set back produces numbers that were used before.
TEST(ClockSkewTest, IsReportedForAClockThatWasSetBack) {
  InstanceConfig config = WithTrailer();
  config.auth.trailer.anti_replay = AntiReplay::kMonotonic;
  Lan lan(config);
  lan.Speak(4, [&](uint32_t) { return lan.Trailer(); });
  lan.gateway.RunFor(5s);
  lan.Speak(4, [&](uint32_t) { return lan.Trailer(-60); });
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "clock-skew");
  EXPECT_THAT(Text(found[0], "evidence"), HasSubstr("it was set back"));
}

// ---- doubled-by-network ----

class DoubledTest : public testing::Test {
 protected:
  void Speak(Lan& lan, int seconds, Nanoseconds apart, const std::function<AdvertFrame(uint32_t)>& next, int times = 2,
             const std::function<void(AdvertFrame&)>& change = {}) {
    for (uint32_t i = 1; i <= static_cast<uint32_t>(seconds); ++i) {
      AdvertFrame frame = next(i);
      for (int copy = 0; copy < times; ++copy) {
        lan.gateway.Receive(frame.Build());
        lan.gateway.RunFor(apart);
        if (change) change(frame);
      }
      lan.gateway.RunFor(1s - times * apart);
    }
  }
  static AdvertFrame Master(uint32_t i) {
    AdvertFrame frame;
    frame.key = KeepalivedKey("s3cr3t");
    frame.sequence = i;
    frame.ip_id = static_cast<uint16_t>(i);
    return frame;
  }
};

TEST_F(DoubledTest, IsReportedForEachKindOfAuthenticationAndForThreeCopies) {
  for (const int times : {2, 3}) {
    for (const bool plain : {false, true}) {
      Lan lan(plain ? Plain() : AhInstance());
      Speak(
          lan, 6, 3ms,
          [&](uint32_t i) {
            AdvertFrame frame = Master(i);
            if (plain) frame.key.clear();
            return frame;
          },
          times);
      EXPECT_EQ(lan.Verdicts(), std::vector<std::string>{"doubled-by-network"}) << times << plain;
      EXPECT_TRUE(lan.gateway.Logged("rogue").empty());
    }
  }
  Lan lan(WithTrailer());
  Speak(lan, 6, 3ms, [&](uint32_t) {
    AdvertFrame frame = lan.Trailer();
    frame.priority = 150;
    return frame;
  });
  EXPECT_EQ(lan.Verdicts(), std::vector<std::string>{"doubled-by-network"});
}

// A copy that arrives seconds later, or from another MAC, was not made by the network.
TEST_F(DoubledTest, IsNotReportedForAReplay) {
  Lan later(AhInstance());
  Speak(later, 6, 400ms, Master);
  EXPECT_EQ(later.Verdicts(), std::vector<std::string>{"replay"});
  Lan elsewhere(AhInstance());
  Speak(elsewhere, 6, 3ms, Master, 2, [](AdvertFrame& frame) { frame.source_mac = kRogueMac; });
  EXPECT_EQ(elsewhere.Verdicts(), std::vector<std::string>{"replay"});
}

// ---- numbers-went-back ----

std::function<AdvertFrame(uint32_t)> By4302(uint32_t first) {
  return [first](uint32_t i) {
    AdvertFrame frame = Rogue();
    frame.rule = IcvRule::kRfc4302;
    frame.priority = 150;
    frame.sequence = first + i;
    return frame;
  };
}

TEST(NumbersWentBackTest, SaysHowFarAndHowLong) {
  Lan lan(Rfc4302());
  lan.Speak(5, By4302(5000));
  lan.gateway.RunFor(20s);
  lan.Speak(4, By4302(4700));
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "numbers-went-back");
  EXPECT_THAT(Text(found[0], "sentence"), AllOf(HasSubstr("from 4701"), HasSubstr("5005"), HasSubstr("304 back")));
  EXPECT_THAT(Text(found[0], "evidence"), HasSubstr("5 min"));
  EXPECT_THAT(Text(found[0], "mend"), AllOf(HasSubstr("readmit"), Not(HasSubstr("block"))));
}

// Old adverts of a gateway that continues its numbers are a replay.
TEST(NumbersWentBackTest, IsNotReportedWhileTheSenderContinuesItsNumbers) {
  Lan lan(Rfc4302());
  lan.Speak(5, By4302(5000));
  for (uint32_t i = 1; i <= 6; ++i) {
    lan.gateway.Receive(By4302(5005)(i).Build());
    lan.gateway.RunFor(500ms);
    lan.gateway.Receive(By4302(3000)(i).Build());
    lan.gateway.RunFor(500ms);
  }
  EXPECT_EQ(lan.Verdicts(), std::vector<std::string>{"replay"});
}

// The restored gateway itself has no proof of the restore, so it is named as one possible cause.
TEST(NumbersWentBackTest, IsNamedAsAPossibleCauseOfNobodyHearsUs) {
  Lan lan(Rfc4302());
  lan.Become(State::kMaster);
  lan.Speak(8, [](uint32_t i) {
    AdvertFrame frame = By4302(1000)(i);
    frame.priority = 90;
    return frame;
  });
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "nobody-hears-us");
  EXPECT_THAT(Text(found[0], "evidence"), HasSubstr("numbers-went-back"));
}

// ---- source-address-taken ----

TEST(SourceAddressTakenTest, IsCertainByTheKeyAndANumberThatWeDidNotSend) {
  for (const MacAddress mac : {kRogueMac, Mac("02:00:00:00:00:0b")}) {  // a cloned machine has our MAC too
    Lan lan(AhInstance());
    lan.Become(State::kMaster);
    lan.Speak(3, [&](uint32_t i) {
      AdvertFrame frame = Rogue();
      frame.source = Ip("10.99.0.2");
      frame.source_mac = mac;
      frame.sequence = 5000 + i;
      return frame;
    });
    const Json found = lan.Diagnosed();
    ASSERT_EQ(found.size(), 1u) << found.dump(1);
    EXPECT_EQ(found[0]["verdict"], "source-address-taken");
    EXPECT_EQ(found[0]["certainty"], "certain");
    EXPECT_EQ(found[0]["key"], "right");
  }
}

TEST(SourceAddressTakenTest, IsLikelyOnlyWithoutTheKey) {
  Lan lan(AhInstance());
  lan.Become(State::kMaster);
  lan.Speak(3, [&](uint32_t i) {
    AdvertFrame frame = Rogue();
    frame.source = Ip("10.99.0.2");
    frame.sequence = 5000 + i;
    frame.forged = true;
    return frame;
  });
  EXPECT_EQ(lan.Diagnosed()[0]["certainty"], "likely");
}

// ---- vlan-mismatch ----

TEST(VlanMismatchTest, NamesBothPlacesWhicheverSideIsTagged) {
  for (const uint16_t ours : {0, 7}) {
    InstanceConfig config = AhInstance();
    config.vlan.outer = ours;
    Lan lan(config);
    lan.Become(State::kMaster);
    lan.Speak(3, [&](uint32_t i) {
      AdvertFrame frame = Rogue();
      frame.sequence = i;
      if (ours == 0) frame.vlan_tags = {7};
      return frame;
    });
    const Json found = lan.Diagnosed();
    ASSERT_EQ(found.size(), 1u) << found.dump(1);
    EXPECT_EQ(found[0]["verdict"], "vlan-mismatch");
    EXPECT_EQ(found[0]["certainty"], "certain");
    EXPECT_THAT(Text(found[0], "sentence"), AllOf(HasSubstr("untagged on lan"), HasSubstr("in VLAN 7 on lan")));
  }
}

// Both VLANs have a group with this VRID. The addresses show to which one the sender belongs.
TEST(VlanMismatchTest, IsReportedForAPeerInTheVlanOfAnotherGroupOfOurs) {
  InstanceConfig other = AhInstance("gw7");
  other.vlan.outer = 7;
  other.virtual_addresses = {{*ParseIpPrefix("10.99.7.100/24"), "eth0"}};
  Lan lan(WithInstances({AhInstance(), other}));
  lan.Become(State::kMaster);
  lan.Speak(3, [&](uint32_t i) {
    AdvertFrame frame = Rogue();
    frame.sequence = 1000 + i;
    frame.vlan_tags = {7};
    return frame;
  });
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "vlan-mismatch");
  EXPECT_EQ(found[0]["instance"], "gw");
}

// The sender is heard in both VLANs: they are bridged.
TEST(VlanMismatchTest, IsNotReportedForASenderThatIsAlsoHeardInItsOwnVlan) {
  Lan lan(Plain());
  for (int i = 0; i < 4; ++i) {
    AdvertFrame frame;
    lan.gateway.Receive(frame.Build());
    frame.vlan_tags = {7};
    lan.gateway.Receive(frame.Build());
    lan.gateway.RunFor(1s);
  }
  EXPECT_EQ(lan.Verdicts(), std::vector<std::string>{"vmac-elsewhere"});
}

// ---- addressing-mismatch ----

InstanceConfig UnicastTo(std::initializer_list<const char*> peers) {
  InstanceConfig config = Plain();
  for (const char* peer : peers) config.unicast_peers.emplace_back().address = Ip(peer);
  return config;
}

TEST(AddressingMismatchTest, NamesBothSides) {
  struct {
    InstanceConfig config;
    const char* destination;
    std::vector<const char*> says;
  } cases[] = {
      {Plain(),
       "10.99.0.2",
       {"unicast to 10.99.0.2 (our address)", "multicast to 224.0.0.18", "unicast_peers = [\"10.99.0.9\"]"}},
      {Plain(), "224.0.0.19", {"multicast to 224.0.0.19", "multicast to 224.0.0.18"}},
      {UnicastTo({"10.99.0.9"}), "224.0.0.18", {"multicast to 224.0.0.18", "unicast to 10.99.0.9"}},
      {UnicastTo({"10.99.0.1"}),
       "10.99.0.2",
       {"not in our unicast_peers", "our unicast_peers are 10.99.0.1", "no adverts are heard from 10.99.0.1",
        "put 10.99.0.9 into unicast_peers"}},
  };
  for (const auto& a : cases) {
    Lan lan(a.config);
    lan.Become(State::kMaster);
    lan.Speak(4, [&](uint32_t) {
      AdvertFrame frame = PlainRogue();
      frame.destination = Ip(a.destination);
      return frame;
    });
    const Json found = lan.Diagnosed();
    ASSERT_EQ(found.size(), 1u) << found.dump(1);
    EXPECT_EQ(found[0]["verdict"], "addressing-mismatch");
    for (const char* part : a.says)
      EXPECT_THAT(found[0].dump(), HasSubstr(Json(part).dump().substr(1, Json(part).dump().size() - 2)));
    EXPECT_THAT(found[0].dump(), HasSubstr("we are master too"));
  }
}

// ---- many of all ----

// Senders of our addresses under other VRIDs and in other VLANs, beside thousands of instances: each is judged by its
// own place, and none is missed.
TEST(ManyInstancesTest, EachOfManySendersIsJudgedByItsPlace) {
  constexpr size_t kInstances = 16'000;
  constexpr size_t kSenders = 2'048;
  std::vector<InstanceConfig> configs;
  configs.reserve(kInstances);
  Observed observed;
  observed.now = kTestStart + 100s;
  for (uint32_t i = 0; i < kInstances; ++i) {
    InstanceConfig& config = configs.emplace_back(Plain());
    config.name = absl::StrCat("gw", i);
    config.vlan.outer = static_cast<uint16_t>(i / 250 + 1);
    config.vrid = Vrid(static_cast<uint8_t>(i % 250 + 1));
    config.virtual_addresses = {{IpPrefix{IpAddress::V4(0x0a000000 + i), 32}, ""}};
    WatchedInstance& instance = observed.instances.emplace_back();
    instance.config = &config;
    instance.state = State::kMaster;
  }
  for (uint32_t i = 0; i < kSenders; ++i) {
    Speaker& s = observed.speakers.emplace_back();
    const InstanceConfig& target = configs[i * (kInstances / kSenders)];
    const bool in_another_vlan = i % 2 == 0;
    s.key.vlan.outer = in_another_vlan ? 4000 : target.vlan.outer;
    s.key.vrid = in_another_vlan ? target.vrid : Vrid(255);
    s.key.source = IpAddress::V4(0x0a630100 + i);  // none is ours
    s.address_count = 1;
    s.addresses[0] = target.virtual_addresses[0].prefix.address;
    s.window = {.from = observed.now, .frames = 5, .refused = 5};
    s.first_seen = s.last_seen = observed.now;
  }
  const std::vector<Finding> found = Diagnose(observed);
  ASSERT_EQ(found.size(), kSenders);
  EXPECT_EQ(
      std::count_if(found.begin(), found.end(), [](const Finding& f) { return f.verdict == Verdict::kVlanMismatch; }),
      static_cast<ptrdiff_t>(kSenders / 2));
  EXPECT_EQ(
      std::count_if(found.begin(), found.end(), [](const Finding& f) { return f.verdict == Verdict::kVridMismatch; }),
      static_cast<ptrdiff_t>(kSenders / 2));
}

}  // namespace
}  // namespace dpvrrp
