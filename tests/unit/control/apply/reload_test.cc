// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/seen_frame.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Names(const Gateway& gateway) {
  std::vector<std::string> names;
  for (const auto& [name, instance] : gateway.controller.instances()) names.push_back(name);
  return names;
}

InstanceConfig WithAddress(absl::string_view prefix) {
  InstanceConfig config = AhInstance();
  config.virtual_addresses = {{*ParseIpPrefix(prefix), "eth0"}};
  return config;
}

void Reload(Gateway& gateway, std::vector<InstanceConfig> instances) {
  gateway.services.next_load = LoadResult{WithInstances(std::move(instances)), {}, {}};
  const absl::StatusOr<std::string> result = gateway.controller.Reload(gateway.Time());
  ASSERT_TRUE(result.ok()) << result.status();
  gateway.Turn();
}

TEST(ReloadTest, AddsAndRemovesInstances) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1), AhInstance("two", 2)}));
  Reload(gateway, {AhInstance("two", 2), AhInstance("three", 3)});
  EXPECT_THAT(Names(gateway), ElementsAre("three", "two"));
}

TEST(ReloadTest, AnUnchangedInstanceIsNotDisturbed) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  gateway.RunFor(5s);
  Reload(gateway, {AhInstance("one", 1), AhInstance("two", 2)});
  EXPECT_EQ(gateway.Logged("transition").size(), 3u);  // two of "one", and the startup of "two"
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
}

// The VRID on the segment is free only after the lcore has returned the old router.
TEST(ReloadTest, ARenamedInstanceFollowsItsPredecessor) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("old", 51)}));
  gateway.RunFor(5s);
  Reload(gateway, {AhInstance("new", 51)});
  EXPECT_THAT(Names(gateway), ElementsAre("new"));
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  const std::vector<Sent> sent = gateway.RunFor(4s);
  ASSERT_FALSE(sent.empty());
  // The numbers continue: adverts of the old instance had the numbers 1, 2, 3 (the last one was its goodbye).
  EXPECT_THAT(sent.front(), IsAhAdvert(Vrid(51), Priority(100), 4u));
}

TEST(ReloadTest, APriorityAloneChangesInPlace) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  InstanceConfig changed = AhInstance();
  changed.priority = Priority(200);
  Reload(gateway, {changed});
  EXPECT_EQ(gateway.Logged("transition").size(), 2u);
  EXPECT_THAT(gateway.RunFor(1100ms), ::testing::Contains(IsAdvert(Vrid(51), Priority(200))));
}

TEST(ReloadTest, EndsAPrioritySetByCommand) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.Ask("set instance gw priority 50");
  EXPECT_EQ(gateway.controller.FindInstance("gw")->priority, Priority(50));
  Reload(gateway, {AhInstance()});
  EXPECT_EQ(gateway.controller.FindInstance("gw")->priority, Priority(100));
}

TEST(ReloadTest, AFileWithFaultsChangesNothing) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  gateway.services.next_load = LoadResult{{}, {ConfigFault{"f.toml", 3, 8, "vrid '300': must be 1..255"}}, {}};
  const Answer answer = gateway.Ask("reload");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("f.toml:3:8: vrid '300'"));
  EXPECT_THAT(Names(gateway), ElementsAre("one"));
}

TEST(ReloadTest, AFileThatNeedsARestartIsRefusedAsAWhole) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  Config other = WithInstances({AhInstance("two", 2)});
  other.daemon.lcores = {3};
  gateway.services.next_load = LoadResult{other, {}, {}};
  EXPECT_THAT(gateway.Ask("reload").body, HasSubstr("need a restart: daemon.lcores"));
  EXPECT_THAT(Names(gateway), ElementsAre("one"));
}

// The old instance still waits for the kernel to remove its address when the file is read again.
TEST(ReloadTest, ASecondReloadKeepsAReplacementThatIsInProgress) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.host_answers = false;
  InstanceConfig changed = AhInstance();
  changed.vlan.outer = 7;
  Reload(gateway, {changed});
  ASSERT_EQ(gateway.controller.FindInstance("gw"), nullptr);
  changed.priority = Priority(120);
  Reload(gateway, {changed});
  gateway.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply(gateway.services.Answer(request), gateway.Time());
  }
  gateway.Turn();
  ASSERT_NE(gateway.controller.FindInstance("gw"), nullptr);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->priority, Priority(120));
}

TEST(ReloadTest, AnInstanceThatWaitsToBeAddedCanBeRemovedAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("old", 51)}));
  gateway.RunFor(5s);
  gateway.host_answers = false;
  Reload(gateway, {AhInstance("new", 51)});
  Reload(gateway, {AhInstance("other", 52)});
  gateway.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply(gateway.services.Answer(request), gateway.Time());
  }
  gateway.Turn();
  EXPECT_THAT(Names(gateway), ElementsAre("other"));
}

TEST(ReloadTest, AnInstanceThatCannotBeSetUpIsReportedAndRetried) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  InstanceConfig broken = AhInstance("two", 2);
  broken.virtual_addresses[0].device = "missing";
  gateway.services.next_load = LoadResult{WithInstances({AhInstance("one", 1), broken}), {}, {}};
  const Answer answer = gateway.Ask("reload");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("instance two: no interface missing"));
  EXPECT_THAT(Names(gateway), ElementsAre("one"));
  gateway.services.missing_devices.clear();
  EXPECT_EQ(gateway.Ask("reload").status, Answer::Status::kOk);
  EXPECT_THAT(Names(gateway), ElementsAre("one", "two"));
}

TEST(ReloadTest, EverySettingButThePlaceChangesInPlace) {
  const std::vector<void (*)(InstanceConfig&)> kChanges = {
      [](InstanceConfig& i) { i.advertisement_interval = 2s; },
      [](InstanceConfig& i) { i.preempt = false; },
      [](InstanceConfig& i) { i.preempt_delay = 10s; },
      [](InstanceConfig& i) { i.down_timer_adverts = 5; },
      [](InstanceConfig& i) { i.higher_prio_send_advert = true; },
      [](InstanceConfig& i) {
        i.unicast_peers = {{Ip("10.99.0.1"), Ip("10.99.0.1")}};
      },
      [](InstanceConfig& i) { i.group = Ip("224.0.0.99"); },
      [](InstanceConfig& i) { i.responder = true; },
      [](InstanceConfig& i) { i.source_address = Ip("10.99.0.3"); },
      [](InstanceConfig& i) { i.auth.icv_rule = IcvRule::kRfc4302; },
      [](InstanceConfig& i) { i.auth.replay_window = 256; },
      [](InstanceConfig& i) { i.auth.kind = AuthKind::kNone; },
      [](InstanceConfig& i) { i.allowed_senders = {Ip("10.99.0.1")}; },
  };
  for (const auto change : kChanges) {
    Gateway gateway;
    gateway.Start(WithInstances({AhInstance()}));
    gateway.RunFor(5s);
    const size_t before = gateway.Logged("transition").size();
    InstanceConfig changed = AhInstance();
    change(changed);
    Reload(gateway, {changed});
    EXPECT_EQ(gateway.controller.FindInstance("gw")->config, changed);
    EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kMaster);
    EXPECT_EQ(gateway.Logged("transition").size(), before);
    EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
    Reload(gateway, {AhInstance()});
    EXPECT_EQ(gateway.Logged("transition").size(), before) << "after the change back";
    gateway.RunFor(3s);
    EXPECT_EQ(gateway.Logged("transition").size(), before);
  }
}

std::vector<std::string> Announced(const std::vector<Sent>& sent) {
  std::vector<std::string> addresses;
  for (const Sent& s : sent) {
    if (const std::optional<SeenArp> arp = SeeArp(s.frame)) addresses.push_back(ToString(arp->sender));
  }
  return addresses;
}

// Before kReplace, an address that an operator added to a master caused a failover.
TEST(ReloadTest, AMasterAddsAnAddressInPlace) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(20s);
  const size_t before = gateway.Logged("transition").size();
  InstanceConfig changed = AhInstance();
  changed.virtual_addresses.push_back({*ParseIpPrefix("10.99.0.101/24"), "eth0"});
  gateway.services.next_load = LoadResult{WithInstances({changed}), {}, {}};
  ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
  const std::vector<Sent> sent = gateway.RunFor(100ms);
  EXPECT_THAT(Announced(sent), ElementsAre("10.99.0.101")) << "the other address is not announced again";
  EXPECT_THAT(sent, ::testing::Contains(IsAdvert(Vrid(51), Priority(100)))) << "the new list is advertised at once";
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.101/24"));
  Reload(gateway, {AhInstance()});
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_FALSE(gateway.services.Has("10.99.0.101/24"));
  EXPECT_EQ(gateway.Logged("transition").size(), before);
}

TEST(ReloadTest, ARemovedAddressIsDeletedAfterTheNewOneIsAdded) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.host_answers = false;
  const InstanceConfig changed = WithAddress("10.99.0.101/24");
  Reload(gateway, {changed});
  ASSERT_EQ(gateway.unanswered.size(), 1u);
  EXPECT_EQ(gateway.unanswered[0].op, HostOp::kAddAddress);
  gateway.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply(gateway.services.Answer(request), gateway.Time());
  }
  gateway.Turn();
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.101/24"));
}

// If the kernel refuses the new address, the former one must be removed all the same.
TEST(ReloadTest, ARemovedAddressIsDeletedIfTheNewOneIsRefused) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.host_answers = false;
  const InstanceConfig changed = WithAddress("10.99.0.101/24");
  Reload(gateway, {changed});
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply({request.id, absl::PermissionDeniedError("no")}, gateway.Time());
  }
  gateway.host_answers = true;
  gateway.Turn();
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
}

TEST(ReloadTest, ABackupWithAnotherListProgramsItWhenItIsMaster) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  const InstanceConfig changed = WithAddress("10.99.0.101/24");
  Reload(gateway, {changed});
  EXPECT_TRUE(gateway.services.addresses.empty());
  gateway.RunFor(5s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.101/24"));
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
}

TEST(ReloadTest, AddressesMoveToTheDeviceOfTheVirtualMacAndBack) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(20s);
  InstanceConfig changed = AhInstance();
  changed.source_mac = SourceMac::kVirtual;
  gateway.services.next_load = LoadResult{WithInstances({changed}), {}, {}};
  ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
  EXPECT_THAT(Announced(gateway.RunFor(100ms)), ::testing::Contains("10.99.0.100"));
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_EQ(gateway.services.addresses.size(), 1u);
  Reload(gateway, {AhInstance()});
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_EQ(gateway.services.addresses.size(), 1u);
  EXPECT_EQ(gateway.Logged("transition").size(), 2u);
}

TEST(ReloadTest, AnAddressOnAMissingDeviceChangesNothing) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  InstanceConfig changed = AhInstance();
  changed.virtual_addresses.push_back({*ParseIpPrefix("10.99.0.101/24"), "missing"});
  gateway.services.next_load = LoadResult{WithInstances({changed}), {}, {}};
  const Answer answer = gateway.Ask("reload");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("not changed: instance gw: no interface missing"));
  EXPECT_EQ(gateway.controller.FindInstance("gw")->config, AhInstance());
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  gateway.services.missing_devices.clear();
  EXPECT_EQ(gateway.Ask("reload").status, Answer::Status::kOk);
  EXPECT_TRUE(gateway.services.Has("10.99.0.101/24", "missing"));
}

TEST(ReloadTest, ThousandsOfInstancesAddAndRemoveAnAddressAtOnce) {
  Gateway gateway;
  const std::vector<InstanceConfig> instances = ManyInstances();
  gateway.Start(WithInstances(instances));
  gateway.RunFor(4s);
  const uint64_t before = gateway.controller.view().transitions;
  std::vector<InstanceConfig> changed = instances;
  for (size_t i = 0; i < changed.size(); ++i) {
    changed[i].virtual_addresses.push_back(
        {IpPrefix{IpAddress::V4(0x0a650000 + static_cast<uint32_t>(i)), 32}, "eth0"});
  }
  Reload(gateway, changed);
  EXPECT_EQ(gateway.services.addresses.size(), 2 * instances.size());
  Reload(gateway, instances);
  EXPECT_EQ(gateway.services.addresses.size(), instances.size());
  EXPECT_EQ(gateway.controller.view().transitions, before);
}

TEST(ReloadTest, AMasterWithAnotherIntervalAdvertisesItAtOnce) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.auth = {};
  config.version = VrrpVersion::kV3;
  gateway.Start(WithInstances({config}));
  gateway.RunFor(5s);
  config.advertisement_interval = 100ms;
  Reload(gateway, {config});
  const std::vector<Sent> sent = gateway.RunFor(1s);
  EXPECT_GE(sent.size(), 9u);
  EXPECT_LE(sent.size(), 11u);
}

// The numbers of an instance without AH begin at its record.
TEST(ReloadTest, AnotherKindOfAuthenticationHasItsOwnNumbers) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  const uint64_t sent = gateway.services.records.at("lan/0.0/4/51").sent;
  EXPECT_GT(sent, 0u);
  InstanceConfig plain = AhInstance();
  plain.auth = {};
  Reload(gateway, {plain});
  gateway.RunFor(3s);
  EXPECT_EQ(gateway.services.records.at("lan/0.0/4/51").sent, sent);
  Reload(gateway, {AhInstance()});
  gateway.RunFor(2s);
  EXPECT_GT(gateway.services.records.at("lan/0.0/4/51").sent, sent);
  EXPECT_EQ(gateway.Logged("transition").size(), 2u);
}

TEST(ReloadTest, SeveralSettingsChangedByCommandAreAllInForce) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.Ask("set instance gw priority 50");
  gateway.Ask("sender allow gw 10.99.0.1 --force");
  EXPECT_THAT(gateway.RunFor(1100ms), ::testing::Contains(IsAdvert(Vrid(51), Priority(50))));
}

TEST(ReloadTest, ADryRunShowsThePlanAndChangesNothing) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1), AhInstance("two", 2), AhInstance("three", 3)}));
  gateway.RunFor(5s);
  InstanceConfig one = AhInstance("one", 1);
  one.preempt = false;
  one.advertisement_interval = 2s;
  gateway.services.next_load = LoadResult{WithInstances({one, AhInstance("two", 22), AhInstance("four", 4)}), {}, {}};
  const std::string plan = gateway.Ask("reload --dry-run").body;
  EXPECT_THAT(plan, HasSubstr("change in place"));
  EXPECT_THAT(plan, HasSubstr("advertisement_interval 1000 ms -> 2000 ms; preempt true -> false"));
  EXPECT_THAT(plan, HasSubstr("VRRPv2 routers drop adverts whose interval differs"));
  EXPECT_THAT(plan, HasSubstr("vrid 2 -> 22"));
  EXPECT_THAT(Names(gateway), ElementsAre("one", "three", "two"));
  EXPECT_TRUE(gateway.controller.FindInstance("one")->config.preempt);
  const std::string json = gateway.Ask("reload --dry-run --json").body;
  EXPECT_THAT(json, HasSubstr("\"instance\":\"four\",\"action\":\"add\""));
  EXPECT_THAT(json, HasSubstr("\"instance\":\"three\",\"action\":\"remove\""));
  EXPECT_THAT(json, HasSubstr("\"instance\":\"two\",\"action\":\"remove and add\""));
}

TEST(ReloadTest, ADryRunShowsTracksGroupsAndScriptsThatDiffer) {
  Gateway gateway;
  Config wanted = WithInstances({AhInstance("one", 1), AhInstance("two", 2)});
  gateway.Start(wanted);
  gateway.services.next_load = LoadResult{wanted, {}, {}};
  EXPECT_EQ(gateway.Ask("reload --dry-run --json").body, "{\"instances\":[]}\n");
  TrackConfig track;
  track.name = "uplink";
  wanted.tracks = {track};
  GroupConfig group;
  group.name = "g";
  group.members = {"one", "two"};
  wanted.groups = {group};
  wanted.scripts.user = "nobody";
  gateway.services.next_load = LoadResult{wanted, {}, {}};
  EXPECT_EQ(gateway.Ask("reload --dry-run --json").body,
            "{\"instances\":[],\"tracks\":[{\"name\":\"uplink\",\"action\":\"add\",\"why\":null}],"
            "\"groups\":[{\"name\":\"g\",\"action\":\"add\",\"why\":null}],"
            "\"scripts\":[{\"setting\":\"user root -> nobody\"}]}\n");
  EXPECT_THAT(gateway.Ask("reload").body, HasSubstr("; tracks: 1 added, 0 removed, 0 changed; groups: 1 added"));
  wanted.groups[0].members = {"two", "one"};
  wanted.tracks.clear();
  gateway.services.next_load = LoadResult{wanted, {}, {}};
  EXPECT_EQ(gateway.Ask("reload --dry-run --json").body,
            "{\"instances\":[],\"tracks\":[{\"name\":\"uplink\",\"action\":\"remove\",\"why\":null}],"
            "\"groups\":[{\"name\":\"g\",\"action\":\"change in place\",\"why\":\"members: another order\"}]}\n");
}

TEST(ReloadTest, ADryRunOfAFileWithFaultsNamesThem) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  gateway.services.next_load = LoadResult{{}, {ConfigFault{"f.toml", 3, 8, "vrid '300': must be 1..255"}}, {}};
  const Answer answer = gateway.Ask("reload --dry-run");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("f.toml:3:8: vrid '300'"));
}

// Work that is quadratic in the number of instances does not end within the suite's time.
TEST(ReloadTest, ThousandsChangeInPlaceAtOnce) {
  Gateway gateway;
  std::vector<InstanceConfig> instances = ManyInstances();
  gateway.Start(WithInstances(instances));
  gateway.RunFor(4s);
  const uint64_t before = gateway.controller.view().transitions;
  for (InstanceConfig& instance : instances) instance.preempt = false;
  Reload(gateway, instances);
  gateway.RunFor(1s);
  EXPECT_EQ(gateway.controller.view().transitions, before);
  EXPECT_EQ(gateway.services.addresses.size(), instances.size());
}

TEST(ReloadTest, ThousandsAreReplacedAtOnce) {
  Gateway gateway;
  std::vector<InstanceConfig> instances = ManyInstances();
  gateway.Start(WithInstances(instances));
  ASSERT_TRUE(gateway.controller.not_started().entries().empty());
  gateway.RunFor(4s);
  EXPECT_EQ(gateway.services.addresses.size(), instances.size());
  for (InstanceConfig& instance : instances) instance.vlan.outer = 7;
  Reload(gateway, instances);
  EXPECT_EQ(gateway.controller.instances().size(), instances.size());
  EXPECT_TRUE(gateway.services.addresses.empty());
}

}  // namespace
}  // namespace dpvrrp
