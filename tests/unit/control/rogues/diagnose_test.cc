// SPDX-License-Identifier: BSD-3-Clause
//
// Each fault is planted as frames at the port, and `diagnose` must name the fault and the culprit. A healthy gateway
// must not be suspected.
#include "control/rogues/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "traffic/host_frames.h"
#include "unit/control/rogues/lan.h"
#include "unit/control/rogues/planted_faults.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(DiagnoseTest, EveryVerdictHasAPlantedFault) {
  std::set<Verdict> planted;
  for (const Planted& p : AllPlanted()) planted.insert(p.verdict);
  for (const VerdictInfo& row : AllVerdicts()) EXPECT_TRUE(planted.contains(row.verdict)) << row.name;
}

class PlantedFaultTest : public testing::TestWithParam<size_t> {};

// While one gateway takes over from another, both claim the address for a moment.
TEST(DiagnoseTest, AClaimOfTheFormerMasterAtATakeoverIsNoFault) {
  InstanceConfig config = Plain();
  config.responder = true;
  config.virtual_addresses[0].device.clear();
  Lan lan(config);
  lan.Speak(3, [](uint32_t) { return AdvertFrame{}; });
  lan.Become(State::kMaster);
  lan.gateway.Receive(ArpAnnouncement({AdvertFrame{}.source_mac, Ip("10.99.0.100")}));
  EXPECT_EQ(lan.Diagnosed(), Json::array());
}

// A master whose neighbours are backups receives nothing through the kernel's filter, for hours.
TEST(DiagnoseTest, AFilteredPortIsDeafOnlyIfItsInterfaceIs) {
  Lan lan(WithInstances({AhInstance("gw", 51)}));
  PortStatus port = LanPort(true);
  port.kernel = "shared";
  lan.gateway.services.ports = {port};
  lan.Speak(3, [](uint32_t) { return AdvertFrame{}; });
  const auto verdicts = [&] {
    std::vector<std::string> names;
    for (const Json& found : lan.Diagnosed()) names.push_back(found["verdict"]);
    return names;
  };
  for (int round = 0; round < 6; ++round) {
    port.heard += 1000;
    lan.gateway.services.ports = {port};
    lan.gateway.RunFor(30s);
    EXPECT_THAT(verdicts(), Not(Contains("port-deaf")));
  }
  lan.gateway.RunFor(180s);
  EXPECT_THAT(verdicts(), Contains("port-deaf"));
}

TEST(DiagnoseTest, SaysWhyAPortIsDownAndWhichInstancesItConcerns) {
  std::vector<InstanceConfig> configs;
  for (uint8_t vrid = 1; vrid <= 6; ++vrid) configs.push_back(AhInstance(absl::StrCat("gw", vrid), vrid));
  Lan lan(WithInstances(std::move(configs)));
  lan.gateway.services.ports = {LanPort(false)};
  lan.PullThePlug();
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "port-down");
  EXPECT_TRUE(found[0]["instance"].is_null());
  EXPECT_THAT(found[0]["sentence"].get<std::string>(), HasSubstr("(interface eth0 was removed): 6 instances"));
  EXPECT_THAT(found[0]["evidence"].get<std::string>(), HasSubstr("gw1, gw2, gw3, gw4 and 2 more"));
  EXPECT_EQ(lan.Diagnosed("diagnose instance gw6 --json").size(), 1u);
  EXPECT_EQ(lan.Diagnosed("diagnose port lan1 --json").size(), 0u);
}

// Ordinary causes make an event of kind "diagnosis", and only a sender that misbehaves makes one of kind "rogue".
TEST_P(PlantedFaultTest, MakesAnEventOfItsKind) {
  const Planted planted = AllPlanted()[GetParam()];
  Lan lan(planted.WholeConfig(), planted.before);
  planted.plant(lan);
  const bool is_rogue = InfoOf(planted.verdict).kind == VerdictKind::kRogue;
  EXPECT_EQ(lan.Diagnosed("show rogues --json").size(), is_rogue ? 1u : 0u);
  lan.gateway.RunFor(3s);  // it reads the watches on its own
  if (!is_rogue) {
    EXPECT_THAT(lan.gateway.Logged("rogue"), IsEmpty());
  }
}

// A block is only advised for a sender outside the group.
TEST_P(PlantedFaultTest, IsNotMendedByABlockOfAHealthyGateway) {
  const Planted planted = AllPlanted()[GetParam()];
  if (InfoOf(planted.verdict).kind == VerdictKind::kRogue) return;
  Lan lan(planted.WholeConfig(), planted.before);
  planted.plant(lan);
  for (const Json& finding : lan.Diagnosed()) {
    EXPECT_THAT(finding["mend"].get<std::string>(), Not(HasSubstr("sender block")));
  }
}

TEST_P(PlantedFaultTest, IsNamedWithItsCulpritAndNothingElse) {
  const Planted planted = AllPlanted()[GetParam()];
  Lan lan(planted.WholeConfig(), planted.before);
  planted.plant(lan);
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], std::string(InfoOf(planted.verdict).name));
  if (planted.address.empty()) {
    EXPECT_EQ(InfoOf(planted.verdict).kind, VerdictKind::kOurs);
  } else {
    EXPECT_EQ(found[0]["address"], planted.address);
  }
  const std::string text = lan.gateway.Ask("diagnose").body;
  EXPECT_THAT(text, HasSubstr(planted.address));
  EXPECT_THAT(text, HasSubstr("Mend:"));
  EXPECT_THAT(text, testing::Not(HasSubstr("{"))) << "something was not filled in";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedFaultTest, testing::Range<size_t>(0, kVerdictCount), [](const auto& at) {
  std::string name(InfoOf(AllPlanted()[at.param].verdict).name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(DiagnoseTest, ReportsTheStaleGatewayInFull) {
  Lan lan(AhInstance());
  const std::vector<Planted> all = AllPlanted();
  std::find_if(all.begin(), all.end(), [](const Planted& p) {
    return p.verdict == Verdict::kStaleGateway;
  })->plant(lan);
  const Json found = lan.Diagnosed()[0];
  EXPECT_EQ(found["certainty"], "certain");
  EXPECT_EQ(found["instance"], "gw");
  EXPECT_EQ(found["mac"], "02:00:0a:63:00:09");
  EXPECT_EQ(found["port"], "lan");
  EXPECT_EQ(found["vrid"], 51);
  EXPECT_EQ(found["priority"], 200);
  EXPECT_EQ(found["key"], "right");
  EXPECT_EQ(found["refused"], 2);
  EXPECT_EQ(lan.gateway.controller.FindInstance("gw")->state, State::kMaster);
  const Json sender = Json::parse(lan.gateway.Ask("show senders --json").body)[0];
  EXPECT_EQ(sender["position"], "behind");
  EXPECT_EQ(sender["last_end"], "behind-group");
  EXPECT_EQ(Json::parse(lan.gateway.Ask("show rogues --json").body)[0]["verdict"], "stale-gateway");
}

// An instance without trailers treats a trailer as a wrong length (docs/decisions/0009).
TEST(DiagnoseTest, ATrailerWhereNoneIsWantedIsTheWrongAuthKind) {
  for (const InstanceConfig& config : {AhInstance(), Plain(), Plain(VrrpVersion::kV3)}) {
    Lan lan(config);
    lan.Become(State::kMaster);
    lan.Speak(3, [&](uint32_t i) {
      AdvertFrame frame = config.version == VrrpVersion::kV3 ? V3Rogue() : PlainRogue();
      frame.trailer_key = Bytes(32, 0x5a);
      frame.trailer_number = uint64_t{1'700'000'000 + i} << 32;
      return frame;
    });
    const Json found = lan.Diagnosed();
    ASSERT_EQ(found.size(), 1u) << found.dump(1);
    EXPECT_EQ(found[0]["verdict"], "wrong-auth-kind");
    EXPECT_THAT(found[0].dump(), HasSubstr("an auth_hmac trailer"));
    EXPECT_EQ(Json::parse(lan.gateway.Ask("show senders --json").body)[0]["auth"], "auth-hmac");
  }
}

// Any machine can forge the addresses of a healthy gateway, which must not be accused of it.
TEST(DiagnoseTest, AGatewayWhoseAddressesAreForgedIsOnlyALikelyCulprit) {
  const std::function<void(AdvertFrame&)> faults[] = {
      [](AdvertFrame& f) { f.forged = true; },
      [](AdvertFrame& f) { f.forged = true, f.addresses = {Ip("10.99.0.200")}; },
      [](AdvertFrame& f) { f.forged = true, f.priority = 255; },
      [](AdvertFrame& f) { f.key.clear(); },
      [](AdvertFrame& f) { f.key.clear(), f.version = 3; },
      [](AdvertFrame& f) { f.ttl = 254; },
      [](AdvertFrame& f) { f.forged = true, f.sequence = 1, f.addresses = {Ip("10.99.0.200")}; },
  };
  for (size_t i = 0; i < std::size(faults); ++i) {
    Lan lan(AhInstance());
    for (uint32_t second = 1; second <= 10; ++second) {
      AdvertFrame frame;
      frame.key = KeepalivedKey("s3cr3t");
      frame.sequence = 100 + 10 * second;
      lan.gateway.Receive(frame.Build());
      lan.gateway.RunFor(500ms);
      AdvertFrame forged = frame;
      ++forged.sequence;
      faults[i](forged);
      for (int twice = 0; twice < 2; ++twice) lan.gateway.Receive(forged.Build());
      lan.gateway.RunFor(500ms);
    }
    for (const Json& finding : lan.Diagnosed()) {
      if (finding["verdict"] == "replay") continue;  // this verdict states only the replay
      EXPECT_EQ(finding["certainty"], "likely") << "fault " << i << ": " << finding.dump(1);
      EXPECT_THAT(finding.dump(), HasSubstr("with the right key")) << i;
    }
  }
}

// If old adverts of a gateway are sent again, the advice must not be to block that gateway.
TEST(DiagnoseTest, DoesNotAdviseToBlockAGatewayThatIsHeard) {
  Lan lan(AhInstance());
  AdvertFrame frame;
  frame.key = KeepalivedKey("s3cr3t");
  for (uint32_t second = 1; second <= 10; ++second) {
    frame.sequence = 100 + second;
    lan.gateway.Receive(frame.Build());
    if (second > 5) continue;
    AdvertFrame old = frame;
    old.sequence = 101;
    lan.gateway.Receive(old.Build());
    lan.gateway.RunFor(1s);
  }
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "replay");
  EXPECT_THAT(found[0]["mend"].get<std::string>(), HasSubstr("do not block the sender"));
  EXPECT_THAT(found[0]["evidence"].get<std::string>(), Not(HasSubstr("110")));  // which was accepted
}

// A group moves to another VRID: the master uses both VRIDs, and then the new one only.
TEST(DiagnoseTest, AMoveToAnotherVridIsNoMismatch) {
  Lan lan(Plain());
  const auto speak = [&](int seconds, std::initializer_list<uint8_t> vrids) {
    for (int i = 0; i < seconds; ++i) {
      for (const uint8_t vrid : vrids) {
        AdvertFrame frame;
        frame.vrid = vrid;
        lan.gateway.Receive(frame.Build());
      }
      lan.gateway.RunFor(1s);
    }
  };
  speak(4, {51, 61});
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], "unconfigured-vrid");
  EXPECT_THAT(found[0]["mend"].get<std::string>(), HasSubstr("vrid migrate gw 61"));
  speak(5, {51});
  EXPECT_EQ(lan.Diagnosed(), Json::array());
  speak(5, {61});  // it no longer uses our VRID
  EXPECT_EQ(lan.Diagnosed()[0]["verdict"], "vrid-mismatch");
  EXPECT_EQ(Json::parse(lan.gateway.Ask("show rogues --json").body)[0]["verdict"], "vrid-mismatch");
  lan.gateway.RunFor(4s);
  EXPECT_EQ(lan.Diagnosed(), Json::array());  // it is no longer master there
}

// One event when a fault begins and one when it ends, for any number of frames.
TEST(DiagnoseTest, IsToldOnce) {
  Lan lan(AhInstance());
  lan.gateway.RunFor(60s);
  lan.Speak(30, [](uint32_t i) {
    AdvertFrame frame = Rogue();
    frame.sequence = i;
    return frame;
  });
  ASSERT_EQ(lan.gateway.Logged("rogue").size(), 1u);
  EXPECT_THAT(lan.gateway.Logged("rogue")[0], HasSubstr("stale-gateway: 10.99.0.9 (02:00:0a:63:00:09)"));
  lan.gateway.RunFor(120s);
  ASSERT_EQ(lan.gateway.Logged("rogue").size(), 2u);
  EXPECT_THAT(lan.gateway.Logged("rogue")[1], HasSubstr("over"));
  EXPECT_EQ(lan.Diagnosed(), Json::array());
}

// A thousand forged senders neither fill the log nor hide a sender with the key.
TEST(DiagnoseTest, ReportsManySendersWithoutTheKeyInFewEvents) {
  Lan lan(AhInstance());
  lan.gateway.RunFor(60s);
  const auto flood = [&](uint32_t net) {
    for (uint32_t host = 1; host <= 500; ++host) {
      AdvertFrame frame = PlainRogue();
      frame.source = IpAddress::V4(0x0a640000 + net * 65536 + host);
      frame.addresses = {Ip("10.99.0.77")};
      for (int i = 0; i < 2; ++i) lan.gateway.Receive(frame.Build());
    }
  };
  for (uint32_t net = 0; net < 6; ++net) {
    flood(net);
    lan.Speak(10, [net](uint32_t i) {
      AdvertFrame frame = Rogue();
      frame.sequence = net * 10 + i;
      return frame;
    });
  }
  const std::vector<std::string> told = lan.gateway.Logged("rogue");
  EXPECT_LE(told.size(), 70u);
  EXPECT_THAT(told, testing::Contains(HasSubstr("more; see show rogues")));
  EXPECT_THAT(told, testing::Contains(HasSubstr("stale-gateway: 10.99.0.9")));
  EXPECT_GT(lan.Diagnosed("show rogues --json").size(), 500u);
}

// restart_policy = "refuse" refuses a restarted master. One event names it and the setting that accepts it again.
class RestartedPeerTest : public testing::Test {
 protected:
  static InstanceConfig ByRfc4302() {  // by this rule it does not continue above our numbers
    InstanceConfig config = AhInstance();
    config.auth.icv_rule = IcvRule::kRfc4302;
    return config;
  }
  void Speak(int seconds, uint32_t after) {
    lan_.Speak(seconds, [=](uint32_t i) {
      AdvertFrame frame = Rogue();
      frame.rule = IcvRule::kRfc4302;
      frame.priority = 150;
      frame.sequence = after + i;
      return frame;
    });
  }
  std::vector<std::string> Told() { return lan_.gateway.Logged("rogue"); }

  Lan lan_{ByRfc4302()};
};

TEST_F(RestartedPeerTest, IsAnEventWhenItBeginsAndWhenItIsOver) {
  Speak(20, 1000);
  lan_.gateway.RunFor(30s);
  EXPECT_THAT(Told(), IsEmpty());
  Speak(120, 0);
  ASSERT_EQ(Told().size(), 1u);
  EXPECT_THAT(Told()[0], AllOf(HasSubstr("restarted-peer: 10.99.0.9 (02:00:0a:63:00:09) counts from 1 again"),
                               HasSubstr("restart_policy")));
  EXPECT_THAT(std::string(lan_.Diagnosed()[0]["mend"]), HasSubstr("restart_policy = \"readmit\""));
  EXPECT_EQ(lan_.gateway.controller.FindInstance("gw")->state, State::kMaster);
  lan_.gateway.RunFor(120s);
  ASSERT_EQ(Told().size(), 2u);
  EXPECT_THAT(Told()[1], HasSubstr("restarted-peer: over, 10.99.0.9"));
}

// In the range of the old replay window some numbers are new and some were used before. That is no replay.
TEST_F(RestartedPeerTest, IsStillReportedWhenItReachesItsOldNumbers) {
  Speak(20, 100);
  lan_.gateway.RunFor(30s);
  Speak(300, 0);
  ASSERT_THAT(Told(), Not(IsEmpty()));
  EXPECT_THAT(Told(), Each(HasSubstr("restarted-peer: ")));
  EXPECT_THAT(Told().back(), HasSubstr("over"));
  EXPECT_EQ(lan_.Diagnosed(), Json::array());
}

TEST(DiagnoseTest, DoesNotSuspectAHealthyGateway) {
  Lan lan(AhInstance());
  EXPECT_THAT(lan.gateway.Ask("diagnose").body, HasSubstr("nothing suspicious"));
  const auto master = [](uint32_t sequence, uint8_t priority) {
    AdvertFrame frame;
    frame.key = KeepalivedKey("s3cr3t");
    frame.sequence = sequence;
    frame.priority = priority;
    return frame.Build();
  };
  const auto expect_nothing = [&](const char* when) {
    EXPECT_EQ(lan.Diagnosed(), Json::array()) << when;
    EXPECT_THAT(lan.gateway.Logged("rogue"), IsEmpty()) << when;
  };
  for (uint32_t i = 1; i <= 20; ++i) {
    lan.gateway.Receive(master(i, 150));
    lan.gateway.RunFor(1s);
  }
  expect_nothing("a backup hears its master");
  lan.gateway.RunFor(10s);
  expect_nothing("it has taken over");
  // The old master returns: it has heard us, and continues above our numbers.
  for (uint32_t i = 1; i <= 5; ++i) {
    lan.gateway.Receive(master(100 + i, 150));
    lan.gateway.RunFor(1s);
  }
  expect_nothing("it was preempted");
  lan.gateway.Receive(master(106, 0));
  lan.gateway.RunFor(30s);
  expect_nothing("the master has resigned");
}

TEST(DiagnoseTest, OptionsNarrowIt) {
  Lan lan(AhInstance());
  lan.gateway.RunFor(60s);
  lan.Speak(3, [](uint32_t i) {
    AdvertFrame frame = Rogue();
    frame.sequence = i;
    return frame;
  });
  EXPECT_EQ(lan.Diagnosed("diagnose instance gw --json").size(), 1u);
  EXPECT_EQ(lan.Diagnosed("diagnose port lan vlan 7 --json").size(), 0u);
  EXPECT_EQ(lan.Diagnosed("show senders instance gw --json").size(), 1u);
  EXPECT_EQ(lan.Diagnosed("show senders vlan 7 --json").size(), 0u);
  EXPECT_THAT(lan.gateway.Ask("diagnose instance nobody").body, HasSubstr("no instance named 'nobody'"));
  EXPECT_THAT(lan.gateway.Ask("diagnose port moon").body, HasSubstr("no port named 'moon'"));
}

TEST(DiagnoseTest, SuggestsUnusedVrids) {
  Lan lan(AhInstance("gw", 2));
  lan.Speak(2, [](uint32_t) {
    AdvertFrame frame = PlainRogue();
    frame.vrid = 3;
    return frame;
  });
  const Json found = lan.Diagnosed("vrid suggest lan --json");
  EXPECT_EQ(found["suggested"], "4 5 6 7 8 9 11 12 13 14");
  EXPECT_EQ(found["heard_of_others"], "3");
  EXPECT_EQ(lan.Diagnosed("vrid suggest lan vlan 7 --json")["suggested"], "2 3 4 5 6 7 8 9 11 12");
  EXPECT_EQ(lan.Diagnosed("vrid suggest lan vlan 7.8 --json")["vlan"], "7.8");
  EXPECT_EQ(lan.Diagnosed("vrid suggest lan vlan - --json")["heard_of_others"], "3");
  for (const char* bad : {"rubbish", "0", "4095", "7.", "7.8.9", "07"}) {
    EXPECT_EQ(lan.gateway.Ask(absl::StrCat("vrid suggest lan vlan ", bad)).body,
              absl::StrCat("vlan must be 1..4094, two such with a dot between, or - for untagged, got '", bad,
                           "' (IEEE 802.1Q 9.6)\n"));
  }
  for (const char* command : {"show senders", "diagnose", "show instances"}) {
    EXPECT_THAT(lan.gateway.Ask(absl::StrCat(command, " vlan rubbish")).body, HasSubstr("got 'rubbish'"));
  }
  EXPECT_THAT(lan.gateway.Ask("vrid suggest moon").body, HasSubstr("no port named 'moon'"));
}

}  // namespace
}  // namespace dpvrrp
