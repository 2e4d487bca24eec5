// SPDX-License-Identifier: BSD-3-Clause
#include "config/diff.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

InstanceConfig Instance(const std::string& name, Vrid vrid) {
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
  config.instances = {Instance("a", Vrid(1)), Instance("b", Vrid(2)), Instance("c", Vrid(3))};
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
  wanted.instances.push_back(Instance("d", Vrid(1)));
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.added, ElementsAre("d"));
  EXPECT_THAT(diff.removed, ElementsAre("a"));
  EXPECT_THAT(diff.replaced, IsEmpty());
  EXPECT_THAT(diff.reprioritised, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, AllowedSendersAloneAreChangedInPlace) {
  Config wanted = ThreeInstances();
  wanted.instances[1].allowed_senders = {IpAddress::V4(0x0a630001)};
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.relisted, ElementsAre("b"));
  EXPECT_THAT(diff.replaced, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, BlocksAreNoInstancesAffair) {
  Config wanted = ThreeInstances();
  wanted.blocks = {{.address = IpAddress::V4(0x0a630009)}};
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_TRUE(diff.blocks_differ);
  EXPECT_THAT(diff.replaced, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, PriorityAloneIsChangedInPlace) {
  Config wanted = ThreeInstances();
  wanted.instances[1].priority = Priority(50);
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.reprioritised, ElementsAre("b"));
  EXPECT_THAT(diff.replaced, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, KeysAreChangedInPlace) {
  Config wanted = ThreeInstances();
  wanted.instances[0].auth.keyring = OwnKey(SecretBytes({9, 2, 3}));
  wanted.instances[1].auth.keyring = OwnKey(SecretBytes({9, 2, 3}));
  wanted.instances[1].priority = Priority(50);
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.rekeyed, ElementsAre("a", "b"));
  EXPECT_THAT(diff.reprioritised, ElementsAre("b"));
  EXPECT_THAT(diff.replaced, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

// Each load makes its own ring; what counts is what is in it.
TEST(DiffTest, TheSameRingReadAgainIsNoDifference) {
  Config running = ThreeInstances();
  Config wanted = ThreeInstances();
  EXPECT_NE(running.instances[0].auth.keyring, wanted.instances[0].auth.keyring);
  EXPECT_TRUE(Diff(running, wanted).empty());
  KeyringConfig ring = *wanted.instances[0].auth.keyring;
  ring.keys[0].not_after = 7;
  wanted.instances[0].auth.keyring = std::make_shared<KeyringConfig>(ring);
  EXPECT_THAT(Diff(running, wanted).rekeyed, ElementsAre("a"));
}

// Every other field, alone and together with the priority.
TEST(DiffTest, AnyOtherDifferenceReplaces) {
  const std::vector<void (*)(InstanceConfig&)> kChanges = {
      [](InstanceConfig& i) { i.port = "wan"; },
      [](InstanceConfig& i) { i.vlan.outer = 30; },
      [](InstanceConfig& i) { i.version = VrrpVersion::kV3; },
      [](InstanceConfig& i) { i.vrid = Vrid(99); },
      [](InstanceConfig& i) { i.advertisement_interval = std::chrono::seconds(2); },
      [](InstanceConfig& i) { i.preempt = false; },
      [](InstanceConfig& i) { i.preempt_delay = std::chrono::seconds(2); },
      [](InstanceConfig& i) { i.startup_delay = std::chrono::seconds(2); },
      [](InstanceConfig& i) { i.down_timer_adverts = 5; },
      [](InstanceConfig& i) { i.max_learned_interval = std::chrono::seconds(2); },
      [](InstanceConfig& i) { i.lower_prio_no_advert = false; },
      [](InstanceConfig& i) { i.higher_prio_send_advert = true; },
      [](InstanceConfig& i) { i.checksum = ChecksumRule::kRfc9568; },
      [](InstanceConfig& i) { i.v2_coexistence = true; },
      [](InstanceConfig& i) { i.strict = true; },
      [](InstanceConfig& i) { i.group = IpAddress::V4(0xe0000099); },
      [](InstanceConfig& i) {
        i.unicast_peers = {{i.source_address, i.source_address}};
      },
      [](InstanceConfig& i) { i.unicast_ttl = 64; },
      [](InstanceConfig& i) { i.responder = true; },
      [](InstanceConfig& i) { i.accept = false; },
      [](InstanceConfig& i) { i.virtual_addresses[0].excluded = true; },
      [](InstanceConfig& i) { i.source_address = IpAddress::V4(0x0a630003); },
      [](InstanceConfig& i) { i.source_mac = SourceMac::kVirtual; },
      [](InstanceConfig& i) { i.virtual_addresses[0].prefix.length = 25; },
      [](InstanceConfig& i) { i.virtual_addresses[0].device = "eth1"; },
      [](InstanceConfig& i) { i.virtual_addresses.clear(); },
      [](InstanceConfig& i) { i.auth.kind = AuthKind::kNone; },
      [](InstanceConfig& i) { i.auth.algorithm = MacAlgorithm::kHmacSha1_96; },
      [](InstanceConfig& i) { i.auth.icv_rule = IcvRule::kRfc4302; },
  };
  for (const auto change : kChanges) {
    Config wanted = ThreeInstances();
    change(wanted.instances[0]);
    EXPECT_THAT(Diff(ThreeInstances(), wanted).replaced, ElementsAre("a"));
    EXPECT_THAT(Diff(ThreeInstances(), wanted).rekeyed, IsEmpty());
    wanted.instances[0].priority = Priority(50);
    wanted.instances[0].auth.keyring = OwnKey(SecretBytes({9, 2, 3}));
    const ConfigDiff diff = Diff(ThreeInstances(), wanted);
    EXPECT_THAT(diff.replaced, ElementsAre("a"));
    EXPECT_THAT(diff.reprioritised, IsEmpty());
    EXPECT_THAT(diff.rekeyed, IsEmpty());
    EXPECT_THAT(diff.needs_restart, IsEmpty());
  }
}

TEST(DiffTest, PortsNeedARestart) {
  Config wanted = ThreeInstances();
  wanted.ports = {{"lan", "net_null7"}, {"dmz", "net_null2"}};
  const ConfigDiff diff = Diff(ThreeInstances(), wanted);
  EXPECT_THAT(diff.needs_restart, ElementsAre("port wan", "port lan", "port dmz"));
  EXPECT_THAT(diff.replaced, IsEmpty());
  EXPECT_FALSE(diff.empty());
}

TEST(DiffTest, TheDaemonsKeysNeedARestart) {
  Config wanted = ThreeInstances();
  wanted.daemon = {"/run/other.sock", "/var/other", 5,     {6},  IdleMode::kSleep, std::chrono::microseconds(50),
                   "dpvrrp",          "operators",  false, false};
  EXPECT_THAT(Diff(ThreeInstances(), wanted).needs_restart,
              ElementsAre("daemon.control_socket", "daemon.state_directory", "daemon.main_lcore", "daemon.lcores",
                          "daemon.idle", "daemon.idle_sleep", "daemon.user", "daemon.control_group",
                          "daemon.lock_memory", "daemon.seccomp"));
}

}  // namespace
}  // namespace dpvrrp
