// SPDX-License-Identifier: BSD-3-Clause
#include "config/load.h"

#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LoadTest, IdleSleepAloneMeansToSleep) {
  const struct {
    const char* lines;
    IdleMode mode;
    Nanoseconds sleep;
  } rows[] = {
      {"", IdleMode::kPoll, {}},
      {"idle_sleep = \"70us\"\n", IdleMode::kSleep, std::chrono::microseconds(70)},
      {"idle_sleep = 0\n", IdleMode::kPoll, {}},
      {"idle = \"sleep\"\n", IdleMode::kSleep, std::chrono::microseconds(150)},
      {"idle = \"poll\"\nidle_sleep = 0\n", IdleMode::kPoll, {}},
      {"idle = \"pause\"\n", IdleMode::kPause, {}},
      {"idle = \"interrupt\"\n", IdleMode::kInterrupt, {}},
  };
  for (const auto& row : rows) {
    const LoadResult result = Load(Changed("idle_sleep = \"50us\"\n", row.lines));
    EXPECT_THAT(Lines(result.errors), IsEmpty()) << row.lines;
    EXPECT_EQ(result.config.daemon.idle, row.mode) << row.lines;
    EXPECT_EQ(result.config.daemon.idle_sleep, row.sleep) << row.lines;
  }
}

TEST(LoadTest, EveryKeyReachesTheModel) {
  const LoadResult result = Load(R"(
[daemon]
control_socket = "/run/a.sock"
read_only_socket = "/run/look.sock"
state_directory = "/var/lib/a"
main_lcore = 3
lcores = [2, 5, 4]
idle = "sleep"
idle_sleep = "50us"
user = "dpvrrp"
control_group = "operators"
lock_memory = false
seccomp = false
[garp]
interval = "2ms"
repeats = ["100ms", 5]
refresh = 60
correction_interval = "250ms"
[[port]]
name = "lan"
device = "0000:3b:00.0"
[[port]]
name = "wan"
device = "net_af_packet0,iface=eth1"
kernel = "none"
lcores = [4, 2]
[[instance]]
name = "gw"
port = "wan"
vlan = [100, 7]
version = 2
vrid = 51
priority = 150
advertisement_interval = 3
preempt = false
source_address = "10.99.0.2"
source_mac = "virtual"
address_loss = "resign"
use_as_source = true
virtual_addresses = [ { address = "10.99.0.100/24", device = "eth0" }, "10.99.0.101" ]
[instance.authentication]
type = "ah"
algorithm = "hmac-sha1-96"
icv_rule = "rfc4302"
key = "pJ4vNq8Zs1WfXe6TuYd3"
)");
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), IsEmpty());

  Config expected;
  expected.daemon = {"/run/a.sock",
                     "/var/lib/a",
                     3,
                     {2, 5, 4},
                     IdleMode::kSleep,
                     std::chrono::microseconds(50),
                     "dpvrrp",
                     "operators",
                     false,
                     false,
                     SchedulingPolicy::kFifo,
                     10,
                     0,
                     "/run/look.sock"};
  expected.garp = {std::chrono::milliseconds(2),
                   {std::chrono::milliseconds(100), std::chrono::seconds(5)},
                   std::chrono::seconds(60),
                   std::chrono::milliseconds(250)};
  expected.ports = {{"lan", "0000:3b:00.0"}, {"wan", "net_af_packet0,iface=eth1", {4, 2}}};
  InstanceConfig gw;
  gw.name = "gw";
  gw.port = "wan";
  gw.vlan = {100, 7};
  gw.vrid = Vrid(51);
  gw.priority = Priority(150);
  gw.advertisement_interval = std::chrono::seconds(3);
  gw.preempt = false;
  gw.source_address = *ParseIpAddress("10.99.0.2");
  gw.source_mac = SourceMac::kVirtual;
  gw.address_loss = AddressLoss::kResign;
  gw.use_as_source = true;
  gw.virtual_addresses = {{*ParseIpPrefix("10.99.0.100/24"), "eth0"}, {*ParseIpPrefix("10.99.0.101/32"), ""}};
  gw.auth.kind = AuthKind::kAh;
  gw.auth.algorithm = MacAlgorithm::kHmacSha1_96;
  gw.auth.icv_rule = IcvRule::kRfc4302;
  gw.auth.keyring = OwnKey(Bytes("pJ4vNq8Zs1WfXe6TuYd3"));
  expected.instances = {gw};
  EXPECT_EQ(result.config, expected);
}

TEST(LoadTest, AnAbsentKeyHasItsDefault) {
  const LoadResult result = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[instance]]
name = "gw"
port = "lan"
vrid = 51
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100"]
)");
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_EQ(result.config.daemon, DaemonConfig());
  InstanceConfig expected;
  expected.name = "gw";
  expected.port = "lan";
  expected.vrid = Vrid(51);
  expected.source_address = *ParseIpAddress("10.99.0.2");
  expected.virtual_addresses = {{*ParseIpPrefix("10.99.0.100"), ""}};
  EXPECT_THAT(result.config.instances, ElementsAre(expected));
}

TEST(LoadTest, TheGoodFileIsGood) {
  const LoadResult result = Load(kGoodFile);
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), IsEmpty());
}

// The bounds of every range, and the forms that a value may take.
TEST(LoadTest, TakesWhatTheRulesAllow) {
  const std::string long_name(63, 'n');
  const struct {
    std::string piece, instead;
  } kCases[] = {
      {"main_lcore = 0", "main_lcore = 127"},
      {"lcores = [1]", "lcores = [127]"},
      {"idle_sleep = \"50us\"", "idle_sleep = 0"},
      {"\"50us\"", "\"100ms\""},
      {"main_lcore = 0", "control_socket = \"/" + std::string(106, 's') + "\""},
      {"\"lan\"", "\"" + long_name + "\""},
      {"\"gw\"", "\"A.z_0-9\""},
      {"net_af_packet0,iface=eth0", "0000:3B:00.0"},
      {"net_af_packet0,iface=eth0", "0000:3b:00.0,representor=0"},
      {"vlan = []", "vlan = [1]"},
      {"vlan = []", "vlan = [4094, 4094]"},
      {"vrid = 51", "vrid = 1"},
      {"vrid = 51", "vrid = 255"},
      {"priority = 100", "priority = 1"},
      {"priority = 100", "priority = 254"},
      {"\"1s\"", "\"1000ms\""},
      {"\"1s\"", "1"},
      {"\"1s\"", "255"},
      {"[\"10.99.0.100/24\"]", "[{ address = \"10.99.0.100/24\" }]"},
      {"[\"10.99.0.100/24\"]", "[{ address = \"10.99.0.100/24\", device = \"a12345678901234\" }]"},
      {"[\"10.99.0.100/24\"]", "[\"10.99.0.100/1\", \"10.99.0.101/32\"]"},
      // The owner sends from a virtual address (RFC 3768 5.3.4).
      {"priority = 100", "priority = 255"},
      {"priority = 100\nadvertisement_interval = \"1s\"\npreempt = true\nsource_address = \"10.99.0.2\"",
       "priority = 255\nsource_address = \"10.99.0.100\""},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(Lines(Load(Changed(c.piece, c.instead)).errors), IsEmpty()) << c.instead;
  }
}

// Every user of packet sockets gains, so it is the default where it is possible.
TEST(LoadTest, APortOnPacketSocketsSharesUnlessToldOtherwise) {
  const auto kernel_of = [](const std::string& port) {
    const LoadResult result = Load(Changed("device = \"net_af_packet0,iface=eth0\"\n", port));
    EXPECT_THAT(Lines(result.errors), IsEmpty());
    return result.config.ports.at(0).kernel;
  };
  const std::string sockets = "device = \"net_af_packet0,iface=eth0\"\n", pci = "device = \"0000:3b:00.0\"\n";
  EXPECT_EQ(kernel_of(sockets), KernelShare::kShared);
  EXPECT_EQ(kernel_of("kernel = \"shared\"\n" + sockets), KernelShare::kShared);
  EXPECT_EQ(kernel_of(sockets + "kernel = \"none\"\n"), KernelShare::kNone);
  EXPECT_EQ(kernel_of(pci), KernelShare::kNone);
  EXPECT_EQ(kernel_of(pci + "kernel = \"none\"\n"), KernelShare::kNone);
  EXPECT_EQ(kernel_of("device = \"net_pcap0,iface=eth0\"\n"), KernelShare::kNone);
}

TEST(LoadTest, OneVridMayBeOnTwoPorts) {
  const LoadResult result = Load(std::string(kGoodFile) + R"(
[[port]]
name = "wan"
device = "net_null0"
[[instance]]
name = "gw2"
port = "wan"
vrid = 51
source_address = "10.98.0.2"
virtual_addresses = ["10.98.0.100/24"]
)");
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_EQ(result.config.instances.size(), 2u);
}

TEST(LoadTest, AFileWithoutInstancesIsLegalButRemarkedOn) {
  const LoadResult result = Load("");
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_EQ(result.config, Config());
  EXPECT_THAT(Lines(result.warnings), ElementsAre("/etc/c.toml:1:1: there is no [[instance]]: nothing is protected"));
}

TEST(LoadTest, AFaultyFileLeavesNoConfig) {
  const LoadResult result = Load(Changed("priority = 100", "priority = 0"));
  EXPECT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.config, Config());
}

// The largest VIP list, on one line, with VLAN interfaces: 1020 dots.
TEST(LoadTest, TakesAFullAddressListOnOneLine) {
  std::string list;
  for (int i = 1; i <= 255; ++i) {
    list += "{ address = \"10.98.0." + std::to_string(i - 1 + (i == 1 ? 1000 : 0)) + "\", device = \"eth0.30\" }, ";
  }
  list = absl::StrReplaceAll(list, {{"10.98.0.1000", "10.98.1.1"}});
  const LoadResult result = Load(Changed("\"10.99.0.100/24\"", list));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_EQ(result.config.instances[0].virtual_addresses.size(), 255u);
}

TEST(SecretBytesTest, AssignmentReplacesTheBytes) {
  SecretBytes a = Bytes("old secret");
  const SecretBytes b = Bytes("new");
  a = b;
  EXPECT_EQ(a, b);
  a = Bytes("newer");
  EXPECT_EQ(a, Bytes("newer"));
}

TEST(LoadTest, AnIpv4AddressMayHaveALabelAndAScope) {
  const auto load = [](const std::string& entry) {
    return Load(Changed("[\"10.99.0.100/24\"]", "[ { " + entry + " } ]"));
  };
  const std::string address = "address = \"10.99.0.100/24\", device = \"eth0\", ";
  const LoadResult good = load(address + "label = \"eth0:vip\", scope = \"link\"");
  EXPECT_TRUE(good.errors.empty());
  EXPECT_EQ(good.config.instances.at(0).virtual_addresses.at(0).label, "eth0:vip");
  EXPECT_EQ(good.config.instances.at(0).virtual_addresses.at(0).scope, 253);
  EXPECT_EQ(load(address + "scope = 200").config.instances.at(0).virtual_addresses.at(0).scope, 200);
  for (const char* fault : {"label = \"vip\"", "label = \"eth0:long-label-x\"", "label = \"eth0 a\"", "scope = 255",
                            "scope = \"nowhere\""}) {
    EXPECT_EQ(load(address + fault).errors.size(), 1u) << fault;
  }
  EXPECT_EQ(load("address = \"10.99.0.100/24\", scope = 0").errors.size(), 1u);
  EXPECT_EQ(load("address = \"10.99.0.100/24\", label = \"eth0\"").errors.size(), 1u);
}

}  // namespace
}  // namespace dpvrrp
