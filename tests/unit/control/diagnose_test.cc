// SPDX-License-Identifier: BSD-3-Clause
//
// One planted fault for each verdict: frames go in at the port, and `diagnose` must name what is wrong and who does it.
// And what is healthy, which must not be suspected.
#include "control/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "unit/control/gateway.h"
#include "wire/arp.h"

namespace dpvrrp {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr MacAddress kRogueMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x09}};

// An advert of the rogue, 10.99.0.9; of the group's key unless the test says otherwise.
AdvertFrame Rogue() {
  AdvertFrame frame;
  frame.source_mac = kRogueMac;
  frame.source = Ip("10.99.0.9");
  frame.key = KeepalivedKey("s3cr3t");
  frame.priority = 90;
  return frame;
}
// The same without AH.
AdvertFrame PlainRogue() {
  AdvertFrame frame = Rogue();
  frame.key.clear();
  return frame;
}
AdvertFrame V3Rogue() {
  AdvertFrame frame = PlainRogue();
  frame.version = 3;
  return frame;
}

InstanceConfig Plain(VrrpVersion version = VrrpVersion::kV2) {
  InstanceConfig config = AhInstance();
  config.auth = {};
  config.version = version;
  return config;
}

// A gateway, and what happens on its LAN at one advert a second.
class Lan {
 public:
  explicit Lan(InstanceConfig config) { gateway.Start(WithInstances({std::move(config)})); }

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
  Json Diagnosed(const std::string& how = "diagnose --json") { return Json::parse(gateway.Ask(how).body); }

  Gateway gateway;
};

struct Planted {
  Verdict verdict;
  InstanceConfig config;
  std::function<void(Lan&)> plant;
  std::string address = "10.99.0.9";
};

std::vector<Planted> AllPlanted() {
  const auto rogue_says = [](const std::function<AdvertFrame(uint32_t)>& next) {
    return [next](Lan& lan) {
      lan.Become(State::kMaster);
      lan.Speak(3, next);
    };
  };
  // Numbers ahead of the group's, as an honest gateway's are.
  const auto ahead = [](AdvertFrame frame, uint32_t i) {
    frame.sequence = 100 + 10 * i;
    return frame;
  };
  std::vector<Planted> all;
  all.push_back({Verdict::kDuplicateVrid, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.addresses = {Ip("10.99.0.200")};
                   return frame;
                 })});
  InstanceConfig owner = Plain();
  owner.priority = kPriorityOwner;
  all.push_back({Verdict::kTwoOwners, owner, [](Lan& lan) {
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = PlainRogue();
                     frame.priority = 255;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kStaleGateway, AhInstance(), [](Lan& lan) {
                   lan.gateway.RunFor(60s);
                   lan.Speak(2, [](uint32_t i) {  // within two adverts
                     AdvertFrame frame = Rogue();
                     frame.sequence = i;
                     frame.priority = 200;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kReplay, AhInstance(),
                 [](Lan& lan) {
                   AdvertFrame master;
                   master.key = KeepalivedKey("s3cr3t");
                   for (uint32_t i = 1; i <= 5; ++i) {
                     master.sequence = 500 + i;
                     lan.gateway.Receive(master.Build());
                     lan.gateway.RunFor(1s);
                     AdvertFrame old = master;  // somebody else sends what he has recorded
                     old.source_mac = kRogueMac;
                     old.sequence = 500;
                     if (i > 1) lan.gateway.Receive(old.Build());
                   }
                 },
                 "10.99.0.1"});
  all.push_back({Verdict::kWrongKey, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.key = KeepalivedKey("other");
                   return frame;
                 })});
  all.push_back({Verdict::kWrongAuthKind, AhInstance(), rogue_says([](uint32_t) { return PlainRogue(); })});
  all.push_back({Verdict::kNobodyHearsUs, Plain(), [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(8, [](uint32_t) { return PlainRogue(); });
                 }});
  all.push_back({Verdict::kTwoMasters, Plain(), [](Lan& lan) {
                   for (int i = 0; i < 10; ++i) {
                     AdvertFrame good = PlainRogue();
                     good.source = Ip("10.99.0.1");
                     good.source_mac = MacAddress{{2, 0, 0x0a, 0x63, 0, 1}};
                     good.priority = 200;
                     lan.gateway.Receive(good.Build());
                     AdvertFrame deaf = PlainRogue();
                     deaf.priority = 150;
                     lan.gateway.Receive(deaf.Build());
                     lan.gateway.RunFor(1s);
                   }
                 }});
  all.push_back({Verdict::kVirtualMacElsewhere, Plain(), [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(3, [](uint32_t) {  // a VLAN that is not configured
                     AdvertFrame frame = PlainRogue();
                     frame.vlan_tags = {7};
                     frame.source_mac = VirtualMac(Family::kIpv4, Vrid(51));
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kOwnFramesLooped, Plain(),
                 [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = PlainRogue();
                     frame.source = Ip("10.99.0.2");
                     frame.priority = 100;
                     return frame;
                   });
                 },
                 "10.99.0.2"});
  all.push_back({Verdict::kVipListMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101")};
                   return frame;
                 })});
  all.push_back({Verdict::kIntervalMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.interval = 5;
                   return frame;
                 })});
  all.push_back({Verdict::kVersionMismatch, Plain(), rogue_says([](uint32_t) { return V3Rogue(); })});
  all.push_back({Verdict::kChecksumMismatch, Plain(VrrpVersion::kV3), [](Lan& lan) {
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = V3Rogue();
                     frame.priority = 200;
                     frame.checksum_rule = ChecksumRule::kRfc9568;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kTtlNot255, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.ttl = 254;
                   return frame;
                 })});
  all.push_back({Verdict::kRestartedPeer, AhInstance(), [](Lan& lan) {
                   lan.Speak(3, [](uint32_t i) {
                     AdvertFrame frame = Rogue();
                     frame.sequence = 700 + i;
                     return frame;
                   });
                   lan.gateway.RunFor(30s);
                   lan.Speak(4, [](uint32_t i) {
                     AdvertFrame frame = Rogue();
                     frame.sequence = i;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kEqualPriorities, Plain(), [](Lan& lan) {
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = PlainRogue();
                     frame.priority = 100;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kVridMismatch, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.vrid = 99;
                   return frame;
                 })});
  all.push_back({Verdict::kUnconfiguredVrid, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.vrid = 99;
                   frame.addresses = {Ip("10.99.0.55")};
                   return frame;
                 })});
  InstanceConfig host = Plain();
  host.responder = true;
  host.virtual_addresses[0].device.clear();
  all.push_back({Verdict::kAddressConflict, host,
                 [](Lan& lan) {
                   lan.Become(State::kMaster);
                   Bytes frame(64);
                   frame.resize(WriteGratuitousArp(kRogueMac, VlanStack{}, Ip("10.99.0.100"), frame.data()));
                   lan.gateway.Receive(frame);
                 },
                 "10.99.0.100"});
  return all;
}

TEST(DiagnoseTest, EveryVerdictHasAPlantedFault) {
  std::set<Verdict> planted;
  for (const Planted& p : AllPlanted()) planted.insert(p.verdict);
  for (const VerdictInfo& row : AllVerdicts()) EXPECT_TRUE(planted.contains(row.verdict)) << row.name;
}

class PlantedFaultTest : public testing::TestWithParam<size_t> {};

TEST_P(PlantedFaultTest, IsNamedWithItsCulpritAndNothingElse) {
  const Planted planted = AllPlanted()[GetParam()];
  Lan lan(planted.config);
  planted.plant(lan);
  const Json found = lan.Diagnosed();
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["verdict"], std::string(InfoOf(planted.verdict).name));
  EXPECT_EQ(found[0]["address"], planted.address);
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

TEST(DiagnoseTest, NamesTheStaleGatewayWhole) {
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

// Who does not know the trailer takes it for a length that is wrong (docs/decisions/0009).
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

// Anybody can write the addresses of a healthy gateway, which is not to be accused for it.
TEST(DiagnoseTest, WhoseAddressesAreForgedIsNotCertainlyTheCulprit) {
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
      if (finding["verdict"] == "replay") continue;  // which only says that
      EXPECT_EQ(finding["certainty"], "likely") << "fault " << i << ": " << finding.dump(1);
      EXPECT_THAT(finding.dump(), HasSubstr("with the right key")) << i;
    }
  }
}

// Nor is the gateway to be blocked in whose name old adverts are sent again.
TEST(DiagnoseTest, DoesNotAdviseToBlockWhoIsHeard) {
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
  EXPECT_THAT(found[0]["mend"].get<std::string>(), HasSubstr("no sender block"));
  EXPECT_THAT(found[0]["evidence"].get<std::string>(), Not(HasSubstr("110")));  // which was accepted
}

// A group that moves to another VRID: the master speaks both, and then the new one alone.
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
  speak(5, {61});  // it has left us
  EXPECT_EQ(lan.Diagnosed()[0]["verdict"], "vrid-mismatch");
  EXPECT_EQ(Json::parse(lan.gateway.Ask("show rogues --json").body)[0]["verdict"], "vrid-mismatch");
  lan.gateway.RunFor(4s);
  EXPECT_EQ(lan.Diagnosed(), Json::array());  // and is no longer master there
}

// One event when it begins and one when it is over, however many frames there were.
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

// Who makes up a thousand senders does not fill the log with them, nor hide a holder of the key.
TEST(DiagnoseTest, TellsOfManyWithoutTheKeyInFewWords) {
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

// restart_policy = "refuse" keeps a restarted master out: one event names it, and what lets it in again.
class RestartedPeerTest : public testing::Test {
 protected:
  static InstanceConfig ByRfc4302() {  // where it does not go on above ours
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

// On its way through the window of before some numbers are new and some used: that is no replay.
TEST_F(RestartedPeerTest, IsStillOneWhenItComesToItsOldNumbers) {
  Speak(20, 100);
  lan_.gateway.RunFor(30s);
  Speak(300, 0);
  ASSERT_THAT(Told(), Not(IsEmpty()));
  EXPECT_THAT(Told(), Each(HasSubstr("restarted-peer: ")));
  EXPECT_THAT(Told().back(), HasSubstr("over"));
  EXPECT_EQ(lan_.Diagnosed(), Json::array());
}

TEST(DiagnoseTest, WhoIsHealthyIsNotSuspected) {
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
  // The old master returns: it has heard us, and goes on above our numbers.
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

TEST(DiagnoseTest, SuggestsVridsThatNobodyUses) {
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
