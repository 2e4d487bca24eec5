// SPDX-License-Identifier: BSD-3-Clause
#include "config/diff.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MATCHER_P3(Changes, name, in_place, what, "") {
  *result_listener << arg.name << (arg.in_place ? " in place" : " removed and added");
  for (const std::string& setting : arg.what) *result_listener << ", " << setting;
  return arg.name == name && arg.in_place == in_place && arg.what == std::vector<std::string>{what};
}

InstanceConfig InstanceOf(const std::string& name, Vrid vrid) {
  InstanceConfig instance;
  instance.name = name;
  instance.port = "lan";
  instance.vrid = vrid;
  instance.source_address = IpAddress::V4(0x0a630002);
  instance.virtual_addresses = {{*ParseIpPrefix("10.99.0.100/24"), "eth0"}};
  instance.auth.kind = AuthKind::kAh;
  instance.auth.keyring = OwnKey(SecretBytes({1, 2, 3}));
  return instance;
}

Config ThreeInstances() {
  Config config;
  config.ports = {{"lan", "net_null0"}, {"wan", "net_null1"}};
  config.instances = {InstanceOf("a", Vrid(1)), InstanceOf("b", Vrid(2)), InstanceOf("c", Vrid(3))};
  return config;
}

TEST(DiffTest, NothingChanged) {
  EXPECT_TRUE(Diff(ThreeInstances(), ThreeInstances()).empty());
  EXPECT_TRUE(Diff(Config(), Config()).empty());
}

TEST(DiffTest, OrderInTheFileIsIrrelevant) {
  Config wanted = ThreeInstances();
  std::reverse(wanted.instances.begin(), wanted.instances.end());
  std::reverse(wanted.ports.begin(), wanted.ports.end());
  EXPECT_TRUE(Diff(ThreeInstances(), wanted).empty());
}

TEST(DiffTest, AddedAndRemoved) {
  Config wanted = ThreeInstances();
  wanted.instances.erase(wanted.instances.begin());
  wanted.instances.push_back(InstanceOf("d", Vrid(1)));
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.added, ElementsAre("d"));
  EXPECT_THAT(diff.removed, ElementsAre("a"));
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, BlocksAreNoInstancesAffair) {
  Config wanted = ThreeInstances();
  wanted.blocks = {{.address = IpAddress::V4(0x0a630009)}};
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_TRUE(diff.blocks_differ);
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

// Each load makes its own ring. Only the contents are compared.
TEST(DiffTest, TheSameRingReadAgainIsNoDifference) {
  Config running = ThreeInstances();
  Config wanted = ThreeInstances();
  EXPECT_NE(running.instances[0].auth.keyring, wanted.instances[0].auth.keyring);
  EXPECT_TRUE(Diff(running, wanted).empty());
  KeyringConfig ring = *wanted.instances[0].auth.keyring;
  ring.keys[0].not_after = 7;
  wanted.instances[0].auth.keyring = std::make_shared<KeyringConfig>(ring);
  EXPECT_THAT(Diff(running, wanted).changed, ElementsAre(Changes("a", true, "authentication: keys")));
}

// In the order master, backup, fault, stop, any.
Shared<NotifyConfig> Notify(const NotifyConfig& notify) { return {std::make_shared<const NotifyConfig>(notify)}; }

struct Case {
  void (*change)(InstanceConfig&);
  bool in_place;
  const char* what;
};

// Every field. Beside it the priority and the keys, which are secret.
TEST(DiffTest, EachDifferenceIsNamed) {
  const std::vector<Case> kCases = {
      {[](InstanceConfig& i) { i.port = "wan"; }, false, "port lan -> wan"},
      {[](InstanceConfig& i) { i.vlan.outer = 30; }, false, "vlan - -> 30"},
      {[](InstanceConfig& i) { i.version = VrrpVersion::kV3; }, false, "version 2 -> 3"},
      {[](InstanceConfig& i) { i.vrid = Vrid(99); }, false, "vrid 1 -> 99"},
      {[](InstanceConfig& i) { i.priority = kPriorityOwner; }, false, "priority 100 -> 255"},
      {[](InstanceConfig& i) { i.advertisement_interval = std::chrono::seconds(2); }, true,
       "advertisement_interval 1000 ms -> 2000 ms"},
      {[](InstanceConfig& i) { i.preempt = false; }, true, "preempt true -> false"},
      {[](InstanceConfig& i) { i.preempt_delay = std::chrono::seconds(2); }, true, "preempt_delay 0 ms -> 2000 ms"},
      {[](InstanceConfig& i) { i.startup_delay = std::chrono::seconds(2); }, true, "startup_delay 0 ms -> 2000 ms"},
      {[](InstanceConfig& i) { i.down_timer_adverts = 5; }, true, "down_timer_adverts 3 -> 5"},
      {[](InstanceConfig& i) { i.max_learned_interval = std::chrono::seconds(2); }, true,
       "max_learned_interval 0 ms -> 2000 ms"},
      {[](InstanceConfig& i) { i.lower_prio_no_advert = false; }, true, "lower_prio_no_advert true -> false"},
      {[](InstanceConfig& i) { i.higher_prio_send_advert = true; }, true, "higher_prio_send_advert false -> true"},
      {[](InstanceConfig& i) { i.checksum = ChecksumRule::kRfc9568; }, true, "checksum rfc5798 -> rfc9568"},
      {[](InstanceConfig& i) { i.v2_coexistence = true; }, true, "v2_coexistence false -> true"},
      {[](InstanceConfig& i) { i.strict = true; }, true, "strict false -> true"},
      {[](InstanceConfig& i) { i.group = IpAddress::V4(0xe0000099); }, true, "group default -> 224.0.0.153"},
      {[](InstanceConfig& i) {
         i.unicast_peers = {{i.source_address, i.source_address}};
       },
       true, "unicast_peers: + 10.99.0.2"},
      {[](InstanceConfig& i) { i.unicast_ttl = 64; }, true, "unicast_ttl 255 -> 64"},
      {[](InstanceConfig& i) { i.allowed_senders = {IpAddress::V4(0x0a630001)}; }, true,
       "allowed_senders: + 10.99.0.1"},
      {[](InstanceConfig& i) { i.responder = true; }, true, "responder false -> true"},
      {[](InstanceConfig& i) { i.accept = false; }, true, "accept true -> false"},
      {[](InstanceConfig& i) { i.address_loss = AddressLoss::kKeep; }, true, "address_loss auto -> keep"},
      {[](InstanceConfig& i) { i.use_as_source = true; }, false, "use_as_source false -> true"},
      {[](InstanceConfig& i) { i.source_address = IpAddress::V4(0x0a630003); }, true,
       "source_address 10.99.0.2 -> 10.99.0.3"},
      {[](InstanceConfig& i) { i.source_address = *ParseIpAddress("fe80::2"); }, false,
       "source_address 10.99.0.2 -> fe80::2"},
      {[](InstanceConfig& i) { i.source_mac = SourceMac::kVirtual; }, true, "source_mac port -> virtual"},
      {[](InstanceConfig& i) { i.virtual_addresses[0].excluded = true; }, true,
       "virtual_addresses: + 10.99.0.100/24 on eth0, excluded, - 10.99.0.100/24 on eth0"},
      {[](InstanceConfig& i) { i.virtual_addresses[0].device = "eth1"; }, true,
       "virtual_addresses: + 10.99.0.100/24 on eth1, - 10.99.0.100/24 on eth0"},
      {[](InstanceConfig& i) { i.virtual_addresses.clear(); }, true, "virtual_addresses: - 10.99.0.100/24 on eth0"},
      {[](InstanceConfig& i) { i.auth.kind = AuthKind::kNone; }, true, "authentication.type ah -> none"},
      {[](InstanceConfig& i) { i.auth.algorithm = MacAlgorithm::kHmacSha1_96; }, true,
       "authentication.algorithm hmac-md5-96 -> hmac-sha1-96"},
      {[](InstanceConfig& i) { i.auth.icv_rule = IcvRule::kRfc4302; }, true,
       "authentication.icv_rule keepalived -> rfc4302"},
      {[](InstanceConfig& i) { i.auth.spi = 4000; }, true, "authentication.spi 0 -> 4000"},
      {[](InstanceConfig& i) { i.auth.replay_window = 128; }, true, "authentication.replay_window 64 -> 128"},
      {[](InstanceConfig& i) { i.auth.restart_policy = RestartPolicy::kReadmit; }, true,
       "authentication.restart_policy refuse -> readmit"},
      {[](InstanceConfig& i) { i.auth.password = SecretBytes({7}); }, true, "authentication: password"},
      {[](InstanceConfig& i) {
         i.auth.keyring = OwnKey(SecretBytes({9, 2, 3}));
       },
       true, "authentication: keys"},
      {[](InstanceConfig& i) {
         i.tracks = {{"uplink", -30, true}};
       },
       true, "track: + uplink weight -30, reverse"},
      {[](InstanceConfig& i) {
         i.notify = Notify({{"/m", "a"}, {}, {}, {}, {}});
       },
       true, "notify_master none -> /m"},
  };
  for (const Case& c : kCases) {
    Config wanted = ThreeInstances();
    c.change(wanted.instances[0]);
    EXPECT_THAT(Diff(ThreeInstances(), wanted).changed, ElementsAre(Changes("a", c.in_place, c.what)));
    EXPECT_FALSE(Diff(ThreeInstances(), wanted).empty());
  }
}

TEST(DiffTest, SeveralDifferencesAreNamedTogether) {
  Config wanted = ThreeInstances();
  wanted.instances[1].priority = Priority(50);
  wanted.instances[1].preempt = false;
  wanted.instances[1].vrid = Vrid(9);
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  ASSERT_THAT(diff.changed, SizeIs(1));
  EXPECT_FALSE(diff.changed[0].in_place);
  EXPECT_THAT(diff.changed[0].what, ElementsAre("vrid 2 -> 9", "priority 100 -> 50", "preempt true -> false"));
}

TEST(DiffTest, TheOrderOfAddressesIsADifference) {
  Config running = ThreeInstances();
  running.instances[0].virtual_addresses.push_back({*ParseIpPrefix("10.99.0.101/24"), "eth0"});
  Config wanted = running;
  std::reverse(wanted.instances[0].virtual_addresses.begin(), wanted.instances[0].virtual_addresses.end());
  EXPECT_THAT(Diff(running, wanted).changed, ElementsAre(Changes("a", true, "virtual_addresses: another order")));
}

// VRRPv2 cannot announce the interval to the other routers.
TEST(DiffTest, AnotherIntervalOfVrrpv2IsWarnedOf) {
  Config wanted = ThreeInstances();
  wanted.instances[0].advertisement_interval = std::chrono::seconds(2);
  ConfigDiff diff = Diff(ThreeInstances(), wanted);
  ASSERT_THAT(diff.changed, SizeIs(1));
  EXPECT_THAT(diff.changed[0].warnings, SizeIs(1));
  Config running = ThreeInstances();
  running.instances[0].version = wanted.instances[0].version = VrrpVersion::kV3;
  diff = Diff(running, wanted);
  ASSERT_THAT(diff.changed, SizeIs(1));
  EXPECT_THAT(diff.changed[0].warnings, IsEmpty());
}

// ---- Tracks, groups and programs ----

// Each load makes its own programs. Only the contents are compared.
TEST(DiffTest, TheSameProgramsReadAgainAreNoDifference) {
  Config running = ThreeInstances();
  Config wanted = ThreeInstances();
  running.instances[0].notify = Notify({{"/m", "a"}, {}, {}, {}, {"/n"}});
  wanted.instances[0].notify = Notify({{"/m", "a"}, {}, {}, {}, {"/n"}});
  EXPECT_TRUE(Diff(running, wanted).empty());
  wanted.instances[0].notify = Notify({{"/m", "b"}, {}, {}, {}, {}});
  const ConfigDiff diff = Diff(running, wanted);
  ASSERT_THAT(diff.changed, SizeIs(1));
  EXPECT_TRUE(diff.changed[0].in_place);
  EXPECT_THAT(diff.changed[0].what, ElementsAre("notify /n -> none", "notify_master: other arguments"));
}

TEST(DiffTest, AnotherWeightOfATrackIsNamed) {
  Config running = ThreeInstances();
  Config wanted = ThreeInstances();
  running.instances[0].tracks = {{"a"}, {"b", 5}};
  wanted.instances[0].tracks = {{"a"}, {"b", 6}};
  EXPECT_THAT(Diff(running, wanted).changed, ElementsAre(Changes("a", true, "track: + b weight 6, - b weight 5")));
}

TEST(DiffTest, TracksAreComparedByName) {
  TrackConfig script;
  script.name = "script";
  script.kind = TrackKind::kScript;
  script.command = {"/a"};
  TrackConfig manual;
  manual.name = "manual";
  TrackConfig uplink;
  uplink.name = "uplink";
  Config running = ThreeInstances();
  running.tracks = {script, manual};
  Config wanted = ThreeInstances();
  script.interval = std::chrono::seconds(2);
  script.fall = 3;
  script.user = "nobody";
  script.initial = true;
  script.command = {"/b"};
  wanted.tracks = {uplink, script};
  const ConfigDiff diff = Diff(running, wanted);
  EXPECT_THAT(diff.tracks.added, ElementsAre("uplink"));
  EXPECT_THAT(diff.tracks.removed, ElementsAre("manual"));
  ASSERT_THAT(diff.tracks.changed, SizeIs(1));
  EXPECT_EQ(diff.tracks.changed[0].name, "script");
  EXPECT_THAT(diff.tracks.changed[0].what, ElementsAre("command /a -> /b", "interval 1000 ms -> 2000 ms", "fall 1 -> 3",
                                                       "user none -> nobody", "initial not known -> up"));
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, EachDifferenceOfATrackIsNamed) {
  const std::vector<std::pair<void (*)(TrackConfig&), const char*>> kTrackCases = {
      {[](TrackConfig& t) { t.kind = TrackKind::kPort; }, "kind manual -> port"},
      {[](TrackConfig& t) { t.timeout = std::chrono::seconds(2); }, "timeout 0 ms -> 2000 ms"},
      {[](TrackConfig& t) { t.rise = 2; }, "rise 1 -> 2"},
      {[](TrackConfig& t) { t.interface = "eth1"; }, "interface none -> eth1"},
      {[](TrackConfig& t) { t.address = IpAddress::V4(0x0a630009); }, "address none -> 10.99.0.9"},
      {[](TrackConfig& t) { t.port = "lan"; }, "port none -> lan"},
      {[](TrackConfig& t) { t.instance = "a"; }, "instance none -> a"},
      {[](TrackConfig& t) { t.must_be_master = false; }, "state master -> running"},
      {[](TrackConfig& t) { t.up_delay = std::chrono::seconds(2); }, "up_delay 0 ms -> 2000 ms"},
      {[](TrackConfig& t) { t.down_delay = std::chrono::seconds(2); }, "down_delay 0 ms -> 2000 ms"},
  };
  for (const auto& [change, what] : kTrackCases) {
    TrackConfig wanted;
    change(wanted);
    EXPECT_THAT(DifferencesOf(TrackConfig(), wanted), ElementsAre(what));
  }
}

TEST(DiffTest, GroupsAreComparedByName) {
  GroupConfig group;
  group.name = "g";
  group.members = {"a", "b"};
  Config running = ThreeInstances();
  running.groups = {group};
  Config wanted = ThreeInstances();
  group.members = {"a", "c"};
  group.tracks = {{"t"}};
  group.notify = Notify({{}, {}, {}, {"/s"}, {}});
  wanted.groups = {group};
  const ConfigDiff diff = Diff(running, wanted);
  ASSERT_THAT(diff.groups.changed, SizeIs(1));
  EXPECT_THAT(diff.groups.changed[0].what, ElementsAre("members: + c, - b", "track: + t", "notify_stop none -> /s"));
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, ManyMembersAreCounted) {
  GroupConfig running;
  GroupConfig wanted;
  for (int i = 0; i < 100'000; ++i) running.members.push_back(std::to_string(i));
  for (int i = 50; i < 100'100; ++i) wanted.members.push_back(std::to_string(i));
  EXPECT_THAT(DifferencesOf(running, wanted), ElementsAre("members: 100 added, 50 removed"));
  wanted.members = running.members;
  std::reverse(wanted.members.begin(), wanted.members.end());
  EXPECT_THAT(DifferencesOf(running, wanted), ElementsAre("members: another order"));
}

TEST(DiffTest, ScriptsNeedNoRestart) {
  Config wanted = ThreeInstances();
  wanted.scripts = {"nobody", std::chrono::seconds(5), "/run/f", {"/a", "b"}, {"/c"}};
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.scripts, ElementsAre("user root -> nobody", "timeout 60000 ms -> 5000 ms", "fifo none -> /run/f",
                                        "start none -> /a", "stop none -> /c"));
  EXPECT_THAT(diff.needs_restart, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, PortsNeedARestart) {
  Config wanted = ThreeInstances();
  wanted.ports = {{"lan", "net_null7"}, {"dmz", "net_null2"}};
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.needs_restart, ElementsAre("port wan", "port lan", "port dmz"));
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, TheDaemonsKeysNeedARestart) {
  Config wanted = ThreeInstances();
  wanted.daemon = {"/run/other.sock",
                   "/var/other",
                   5,
                   {6},
                   IdleMode::kSleep,
                   std::chrono::microseconds(50),
                   "dpvrrp",
                   "operators",
                   false,
                   false,
                   SchedulingPolicy::kRoundRobin,
                   20,
                   0,
                   "/run/look.sock"};
  EXPECT_THAT(
      Diff(ThreeInstances(), wanted).needs_restart,
      ElementsAre("daemon.control_socket", "daemon.read_only_socket", "daemon.state_directory", "daemon.main_lcore",
                  "daemon.lcores", "daemon.idle", "daemon.idle_sleep", "daemon.user", "daemon.control_group",
                  "daemon.lock_memory", "daemon.seccomp", "daemon.scheduling", "daemon.scheduling_priority"));
}

TEST(DiffTest, TheNumberOfEventsThatAreKeptNeedsNone) {
  Config wanted = ThreeInstances();
  wanted.daemon.events = 9999;
  EXPECT_THAT(Diff(ThreeInstances(), wanted).needs_restart, IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
