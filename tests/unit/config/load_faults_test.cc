// SPDX-License-Identifier: BSD-3-Clause
//
// Every rule of the file has a case here: a change of the valid file and the exact report. Authentication has its own
// file.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct FaultCase {
  absl::string_view piece, instead;       // of kGoodFile
  std::vector<absl::string_view> errors;  // without "/etc/c.toml:"
};

void ExpectFaults(const std::vector<FaultCase>& cases) {
  for (const FaultCase& c : cases) {
    EXPECT_THAT(Errors(Changed(c.piece, c.instead)), ElementsAreArray(c.errors)) << c.instead;
  }
}

TEST(LoadFaultsTest, UnknownKeysAndTablesNameTheNearestKnownOne) {
  ExpectFaults({
      {"priority", "prioritty", {"14:1: unknown key 'prioritty' in [[instance]]: did you mean 'priority'?"}},
      {"priority", "prio", {"14:1: unknown key 'prio' in [[instance]]: did you mean 'priority'?"}},
      {"advertisement_interval",
       "interval",
       {"15:1: unknown key 'interval' in [[instance]]: did you mean 'advertisement_interval'?"}},
      {"main_lcore", "main-lcore", {"2:1: unknown key 'main-lcore' in [daemon]: did you mean 'main_lcore'?"}},
      {"[daemon]", "[deamon]", {"1:2: unknown key 'deamon' in the file: did you mean 'daemon'?"}},
      {"[daemon]",
       "[zebra]",
       {"1:2: unknown key 'zebra' in the file: known keys are daemon, garp, metrics, port, keyring, block, instance, "
        "template, scripts, track, group"}},
      {"main_lcore = 0",
       "colour = \"red\"",
       {"2:1: unknown key 'colour' in [daemon]: known keys are control_socket, read_only_socket, state_directory, "
        "main_lcore, "
        "lcores, idle, idle_sleep, user, control_group, lock_memory, seccomp, scheduling, scheduling_priority, "
        "events"}},
      {"[\"10.99.0.100/24\"]",
       "[{ address = \"10.99.0.100/24\", dev = \"eth0\" }]",
       {"19:52: unknown key 'dev' in virtual_addresses: did you mean 'device'?"}},
      {"priority = 100",
       "\"a\\u001b[31m\" = 1",
       {"14:1: unknown key 'a\\033[31m' in [[instance]]: known keys are name, port, vlan, version, vrid, priority, "
        "advertisement_interval, preempt, preempt_delay, startup_delay, down_timer_adverts, max_learned_interval, "
        "lower_prio_no_advert, higher_prio_send_advert, checksum, v2_coexistence, strict, source_address, source_mac, "
        "group, unicast_peers, unicast_ttl, allowed_senders, virtual_addresses, excluded_addresses, "
        "virtual_routes, virtual_rules, responder, accept, "
        "address_loss, use_as_source, authentication, track, notify, notify_master, notify_backup, notify_fault, "
        "notify_stop"}},
  });
}

TEST(LoadFaultsTest, WrongTypes) {
  ExpectFaults({
      {"[daemon]", "[[daemon]]", {"1:1: daemon: must be a table: write [daemon], got a list"}},
      {"[[port]]",
       "[port]",
       {"5:1: port: must be a list of tables: write [[port]], got a table",
        "10:8: port 'lan': no [[port]] has this name"}},
      {"[[instance]]", "[instance]", {"8:1: instance: must be a list of tables: write [[instance]], got a table"}},
      {"main_lcore = 0", "main_lcore = \"0\"", {"2:14: main_lcore: must be an integer, got a string"}},
      {"lcores = [1]", "lcores = 1", {"3:10: lcores: must be a list of integers, got an integer"}},
      {"lcores = [1]", "lcores = [\"1\"]", {"3:11: lcores: must be a list of integers, got a string"}},
      {"\"50us\"",
       "0.5",
       {"4:14: idle_sleep: must be a duration such as \"100ms\", or whole seconds, got a float, date or time"}},
      {"\"net_af_packet0,iface=eth0\"", "[]", {"7:10: device: must be a string, got a list"}},
      {"\"gw\"", "1979-05-27", {"9:8: name: must be a string, got a float, date or time"}},
      {"vlan = []", "vlan = 30", {"11:8: vlan: must be a list of integers, got an integer"}},
      {"vrid = 51", "vrid = true", {"13:8: vrid: must be an integer, got a boolean"}},
      {"preempt = true", "preempt = 1", {"16:11: preempt: must be true or false, got an integer"}},
      {"\"10.99.0.2\"", "{ a = 1 }", {"17:18: source_address: must be a string, got a table"}},
      {"\"10.99.0.100/24\"", "7", {"19:22: virtual_addresses: must be a list of strings or tables, got an integer"}},
      {"preempt = true",
       "authentication = \"ah\"",
       {"16:18: authentication: must be a table: write [instance.authentication], got a string"}},
  });
}

TEST(LoadFaultsTest, RequiredKeys) {
  ExpectFaults({
      {"name = \"lan\"\n", "", {"5:1: name: is required in [[port]]", "9:8: port 'lan': no [[port]] has this name"}},
      {"device = \"net_af_packet0,iface=eth0\"\n", "", {"5:1: device: is required in [[port]]"}},
      {"name = \"gw\"\n", "", {"8:1: name: is required in [[instance]]"}},
      {"port = \"lan\"\n", "", {"8:1: port: is required in [[instance]]"}},
      {"vrid = 51\n", "", {"8:1: vrid: is required in [[instance]]"}},
      {"source_address = \"10.99.0.2\"\n", "", {"8:1: source_address: is required in [[instance]]"}},
      {"virtual_addresses = [\"10.99.0.100/24\"]\n", "", {"8:1: virtual_addresses: is required in [[instance]]"}},
      {"\"10.99.0.100/24\"", "{ device = \"eth0\" }", {"19:22: address: is required in virtual_addresses"}},
  });
}

TEST(LoadFaultsTest, Daemon) {
  const std::string cpu = ": CPU 0 cannot be both the control thread's (main_lcore) and a poll-mode worker's (lcores)";
  ExpectFaults({
      {"main_lcore = 0", "main_lcore = 128", {"2:14: main_lcore '128': must be 0..127"}},
      {"main_lcore = 0", "main_lcore = -1", {"2:14: main_lcore '-1': must be 0..127"}},
      {"lcores = [1]", "lcores = []", {"3:10: lcores: must name a CPU"}},
      {"lcores = [1]", "lcores = [128]", {"3:11: lcores '128': must be 0..127"}},
      {"lcores = [1]", "lcores = [1, 1]", {"3:14: lcores '1': is given twice"}},
      {"lcores = [1]", "lcores = [0]", {"3:10: lcores" + cpu}},
      {"main_lcore = 0\nlcores = [1]",
       "main_lcore = 1",
       {"2:14: main_lcore: CPU 1 cannot be both the control thread's (main_lcore) and a poll-mode worker's (lcores)"}},
      {"\"50us\"", "\"50us\"\nidle = \"nap\"", {"5:8: idle 'nap': must be one of poll, pause, sleep, interrupt"}},
      {"\"50us\"", "\"50us\"\nidle = \"poll\"", {"4:14: idle_sleep '50us': is allowed only with idle = \"sleep\""}},
      {"\"50us\"", "\"50us\"\nscheduling = \"batch\"", {"5:14: scheduling 'batch': must be one of fifo, rr, other"}},
      {"\"50us\"", "\"50us\"\nscheduling_priority = 0", {"5:23: scheduling_priority '0': must be 1..98"}},
      {"\"50us\"", "\"50us\"\nscheduling_priority = 99", {"5:23: scheduling_priority '99': must be 1..98"}},
      {"\"50us\"",
       "\"50us\"\nscheduling = \"other\"\nscheduling_priority = 5",
       {"6:23: scheduling_priority '5': is allowed only with scheduling = \"fifo\" or \"rr\""}},
      {"\"50us\"", "0\nidle = \"sleep\"", {"4:14: idle_sleep '0': must be more than 0 with idle = \"sleep\""}},
      {"\"50us\"", "\"50\"", {"4:14: idle_sleep '50': must be a whole number and a unit, ns, us, ms or s"}},
      {"\"50us\"",
       "\"50us\"\nuser = \"no body\"",
       {"5:8: user 'no body': must be 1 to 32 of A-Z a-z 0-9 . _ -, not "
        "beginning with -"}},
      {"\"50us\"",
       "\"50us\"\ncontrol_group = \"\"",
       {"5:17: control_group '': must be 1 to 32 of A-Z a-z 0-9 . _ -, "
        "not beginning with -"}},
      {"main_lcore = 0", "main_lcore = 0\nevents = 255", {"3:10: events '255': must be 256..262144"}},
      {"main_lcore = 0", "main_lcore = 0\nevents = 262145", {"3:10: events '262145': must be 256..262144"}},
      {"\"50us\"", "-1", {"4:14: idle_sleep '-1': must not be negative"}},
      {"\"50us\"",
       "\"101ms\"",
       {"4:14: idle_sleep '101ms': must be at most 100ms, because an advert can be late by that much"}},
      {"main_lcore = 0",
       "read_only_socket = \"/run/dpvrrp/dpvrrpd.sock\"",
       {"2:20: read_only_socket '/run/dpvrrp/dpvrrpd.sock': must be another path than control_socket"}},
      {"main_lcore = 0", "control_socket = \"run/a\"", {"2:18: control_socket 'run/a': must be an absolute path"}},
      {"main_lcore = 0", "state_directory = \"\"", {"2:19: state_directory '': must be an absolute path"}},
      {"main_lcore = 0",
       "control_socket = \"/" + std::string(107, 's') + "\"",
       {"2:18: control_socket '/" + std::string(79, 's') + "…': must be at most 107 bytes"}},
  });
}

TEST(LoadFaultsTest, PortLcores) {
  const std::string port = "name = \"lan\"\n";
  const std::string rule = "must be a poll-mode worker, one of lcores in [daemon] (1)";
  ExpectFaults({
      {port, port + "lcores = [1, 2]\n", {"7:14: lcores '2': " + rule}},
      {port, port + "lcores = [0]\n", {"7:11: lcores '0': " + rule}},
      {port, port + "lcores = []\n", {"7:10: lcores: must name a CPU"}},
      {port, port + "lcores = [1, 1]\n", {"7:14: lcores '1': is given twice"}},
      {port, port + "lcores = 1\n", {"7:10: lcores: must be a list of integers, got an integer"}},
  });
}

TEST(LoadFaultsTest, HowAPortSharesItsInterface) {
  const std::string device = "device = \"net_af_packet0,iface=eth0\"\n";
  const std::string rule =
      "needs a device that receives from packet sockets of a kernel interface, such as net_af_packet0,iface=eth0; "
      "device ";
  ExpectFaults({
      {device, device + "kernel = \"all\"\n", {"8:10: kernel 'all': must be one of shared, twin, none"}},
      {device, device + "kernel = true\n", {"8:10: kernel: must be a string, got a boolean"}},
      {device,
       "device = \"0000:3b:00.0\"\nkernel = \"shared\"\n",
       {"8:10: kernel 'shared': " + rule + "'0000:3b:00.0' allows only twin and none"}},
      {device,
       "device = \"net_pcap0,iface=eth0\"\nkernel = \"shared\"\n",
       {"8:10: kernel 'shared': " + rule + "'net_pcap0,iface=eth0' allows only twin and none"}},
  });
}

TEST(LoadFaultsTest, NamesAndDevices) {
  const std::string rule = ": must be 1..63 of the characters A-Z a-z 0-9 . _ -";
  const std::string device =
      ": must be a PCI address such as 0000:3b:00.0 or a DPDK device such as net_af_packet0,iface=eth0";
  ExpectFaults({
      {"\"gw\"", "\"\"", {"9:8: name ''" + rule}},
      {"\"gw\"", "\"g w\"", {"9:8: name 'g w'" + rule}},
      {"\"gw\"", "\"gw\\n\"", {"9:8: name 'gw\\n'" + rule}},
      {"\"gw\"", "\"" + std::string(64, 'n') + "\"", {"9:8: name '" + std::string(64, 'n') + "'" + rule}},
      {"\"lan\"", "\"l/n\"", {"6:8: name 'l/n'" + rule}},  // reported once, though an instance refers to it
      {"net_af_packet0,iface=eth0", "eth0", {"7:10: device 'eth0'" + device}},
      {"net_af_packet0,iface=eth0", "net_", {"7:10: device 'net_'" + device}},
      {"net_af_packet0,iface=eth0", "net_null0 -l 1", {"7:10: device 'net_null0 -l 1'" + device}},
      {"net_af_packet0,iface=eth0", "3b:00.0", {"7:10: device '3b:00.0'" + device}},
      {"net_af_packet0,iface=eth0", "0000:3b:00.g", {"7:10: device '0000:3b:00.g'" + device}},
      {"port = \"lan\"", "port = \"lam\"", {"10:8: port 'lam': no [[port]] has this name"}},
  });
}

TEST(LoadFaultsTest, Garp) {
  ExpectFaults({
      {"[daemon]", "[garp]\ninterval = \"1001ms\"\n[daemon]", {"2:12: interval '1001ms': must be at most 1s"}},
      {"[daemon]",
       "[garp]\nrefresh = \"500ms\"\n[daemon]",
       {"2:11: refresh '500ms': must be at least 1s, or 0s for none"}},
      {"[daemon]",
       "[garp]\ncorrection_interval = \"50ms\"\n[daemon]",
       {"2:23: correction_interval '50ms': must be 100ms..600s, or 0s for none"}},
      {"[daemon]",
       "[garp]\ncorrection_interval = 601\n[daemon]",
       {"2:23: correction_interval '601': must be 100ms..600s, or 0s for none"}},
      {"[daemon]",
       "[garp]\nrepeats = [0, 1, 1, \"2\", 601, true]\n[daemon]",
       {"2:12: repeats '0': must be more than 0 and at most 600s after becoming master",
        "2:18: repeats '1': must be later than the one before it",
        "2:21: repeats '2': must be a whole number and a unit, ns, us, ms or s",
        "2:26: repeats '601': must be more than 0 and at most 600s after becoming master",
        "2:31: repeats: must be a list of durations, got a boolean"}},
      {"[daemon]",
       "[garp]\nrepeats = [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]\n[daemon]",
       {"2:11: repeats: must be at most 16, got 17"}},
  });
}

TEST(LoadFaultsTest, InstanceNumbers) {
  ExpectFaults({
      {"vlan = []", "vlan = [0]", {"11:9: vlan '0': must be 1..4094 (IEEE 802.1Q 9.6)"}},
      {"vlan = []", "vlan = [100, 4095]", {"11:14: vlan '4095': must be 1..4094 (IEEE 802.1Q 9.6)"}},
      {"vlan = []", "vlan = [\"100\"]", {"11:9: vlan: must be a list of integers, got a string"}},
      {"vlan = []", "vlan = [1, 2, 3]", {"11:8: vlan: must be at most two tags, outermost first, got 3"}},
      {"version = 2", "version = 1", {"12:11: version '1': must be 2..3 (RFC 3768 5.3.1, RFC 9568 5.2.1)"}},
      {"version = 2", "version = 4", {"12:11: version '4': must be 2..3 (RFC 3768 5.3.1, RFC 9568 5.2.1)"}},
      {"vrid = 51", "vrid = 0", {"13:8: vrid '0': must be 1..255 (RFC 3768 5.3.3)"}},
      {"vrid = 51", "vrid = 300", {"13:8: vrid '300': must be 1..255 (RFC 3768 5.3.3)"}},
      // Conformance V3-25.
      {"priority = 100",
       "priority = 0",
       {"14:12: priority '0': must be 1..255, because a master resigns with priority 0 (RFC 3768 5.3.4)"}},
      {"priority = 100", "priority = 256", {"14:12: priority '256': must be 1..255 (RFC 3768 5.3.4)"}},
      {"\"port\"", "\"lan\"", {"18:14: source_mac 'lan': must be one of port, virtual"}},
  });
}

// Conformance V2-07.
TEST(LoadFaultsTest, AdvertisementIntervalIsWholeSeconds) {
  const std::string rule = ": must be 1..255 whole seconds (RFC 3768 5.3.7)";
  ExpectFaults({
      {"\"1s\"", "\"100ms\"", {"15:26: advertisement_interval '100ms'" + rule}},
      {"\"1s\"", "\"1500ms\"", {"15:26: advertisement_interval '1500ms'" + rule}},
      {"\"1s\"", "0", {"15:26: advertisement_interval '0'" + rule}},
      {"\"1s\"", "256", {"15:26: advertisement_interval '256'" + rule}},
      {"\"1s\"", "\"1\"", {"15:26: advertisement_interval '1': must be a whole number and a unit, ns, us, ms or s"}},
      {"\"1s\"",
       "9223372036854775807",
       {"15:26: advertisement_interval '9223372036854775807': must be less than 292 years"}},
  });
}

TEST(LoadFaultsTest, Addresses) {
  const std::string source = "\"10.99.0.2\"";
  const std::string vip = "\"10.99.0.100/24\"";
  const std::string prefix = ": must be an address and its prefix length, such as 10.99.0.100/24 or 2001:db8::1/64";
  ExpectFaults({
      {source, "\"gw\"", {"17:18: source_address 'gw': must be an IPv4 or IPv6 address, without a prefix length"}},
      {source,
       "\"10.99.0.2/24\"",
       {"17:18: source_address '10.99.0.2/24': must be an IPv4 or IPv6 address, without a prefix length"}},
      {source,
       "\"fe80::1\"",
       {"17:18: source_address 'fe80::1': must be IPv4 with VRRPv2 (RFC 3768 1.2), IPv6 needs version = 3"}},
      {source, "\"0.0.0.0\"", {"17:18: source_address '0.0.0.0': must be a unicast address"}},
      {source, "\"127.0.0.1\"", {"17:18: source_address '127.0.0.1': must be a unicast address"}},
      {source, "\"224.0.0.18\"", {"17:18: source_address '224.0.0.18': must be a unicast address"}},
      {source, "\"255.255.255.255\"", {"17:18: source_address '255.255.255.255': must be a unicast address"}},
      // Conformance V3-01.
      {source,
       "\"10.99.0.100\"",
       {"17:18: source_address '10.99.0.100': is a virtual address, which only the owner, priority 255, may send from "
        "(RFC 3768 5.2.1)"}},
      {vip, "", {"19:21: virtual_addresses: must be 1..255 addresses, got 0 (RFC 3768 5.3.5)"}},
      {vip, "\"10.99.0.100/33\"", {"19:22: virtual_addresses '10.99.0.100/33'" + prefix}},
      {vip, "\"10.99.0.100/0\"", {"19:22: virtual_addresses '10.99.0.100/0'" + prefix}},
      {vip, "{ address = \"x\" }", {"19:34: virtual_addresses 'x'" + prefix}},
      {vip,
       "\"2001:db8::1/64\"",
       {"19:22: virtual_addresses '2001:db8::1/64': must be IPv4, as source_address is (RFC 9568 5.2.9)"}},
      {vip, "\"224.0.0.18\"", {"19:22: virtual_addresses '224.0.0.18': must be a unicast address"}},
      // The prefix length does not make it another address.
      {vip,
       "\"10.99.0.100/24\", \"10.99.0.100\"",
       {"19:40: virtual_addresses '10.99.0.100': is already given in line 19"}},
  });
}

TEST(LoadFaultsTest, InterfaceNames) {
  const std::string rule = ": must be an interface name: 1..15 bytes without '/', ':' or white space";
  for (const char* name : {"", "a123456789012345", "a/b", "a b", "a:1", "..", "a\\t"}) {
    const std::string entry = std::string("{ address = \"10.99.0.100/24\", device = \"") + name + "\" }";
    ExpectFaults({{"\"10.99.0.100/24\"", entry, {std::string("19:61: device '") + name + "'" + rule}}});
  }
}

TEST(LoadFaultsTest, MoreAddressesThanTheCountFieldHolds) {
  std::string list;
  for (int i = 0; i < 256; ++i) list += "\"10.98.1." + std::to_string(i) + "\",\n";
  ExpectFaults(
      {{"\"10.99.0.100/24\"", list, {"19:21: virtual_addresses: must be 1..255 addresses, got 256 (RFC 3768 5.3.5)"}}});
}

TEST(LoadFaultsTest, MoreInstancesThanSupported) {
  std::string toml = "instance = [\n";
  for (size_t i = 0; i <= kMaxInstances; ++i) toml += "{},\n";
  EXPECT_THAT(Lines(Load(toml + "]").errors),
              ElementsAre(absl::StrCat("/etc/c.toml:", kMaxInstances + 2, ":1: instance: at most ", kMaxInstances,
                                       " are supported, got ", kMaxInstances + 1)));
}

// Lines 20 and on of a file that defines everything twice.
TEST(LoadFaultsTest, DuplicatesAreRefused) {
  const LoadResult result = Load(std::string(kGoodFile) + R"([[port]]
name = "lan"
device = "net_af_packet0,iface=eth9"
[[instance]]
name = "gw"
port = "lan"
vrid = 51
source_address = "10.98.0.2"
virtual_addresses = ["10.98.0.100/24"]
)");
  EXPECT_THAT(
      Lines(result.errors),
      ElementsAre(
          "/etc/c.toml:21:8: name 'lan': the port in line 6 already has this name",
          "/etc/c.toml:22:10: device 'net_af_packet0,iface=eth9': port 'lan' (line 7) already uses this device",
          "/etc/c.toml:24:8: name 'gw': the instance in line 9 already has this name",
          "/etc/c.toml:26:8: vrid '51': instance 'gw' (line 13) already has this VRID on port 'lan' (RFC 3768 3)"));
}

constexpr char kSecondInstance[] = R"([[instance]]
name = "gw2"
port = "lan"
vlan = [100, 7]
vrid = 51
source_address = "10.98.0.2"
virtual_addresses = [{ address = "10.99.0.100/32", device = "eth0" }]
)";

// A VRID names a router on a segment, and VLANs make different segments.
TEST(LoadFaultsTest, AVridIsTakenOnItsVlanOnly) {
  EXPECT_THAT(Lines(Load(Changed("vlan = []", "vlan = [100]") + kSecondInstance).errors), IsEmpty());
  EXPECT_THAT(
      Lines(Load(Changed("vlan = []", "vlan = [100, 7]") + kSecondInstance).errors),
      ElementsAre("/etc/c.toml:24:8: vrid '51': instance 'gw' (line 13) already has this VRID on port 'lan' vlan "
                  "100.7 (RFC 3768 3)"));
}

// Addresses that differ only in prefix length are equal.
TEST(LoadFaultsTest, AnAddressIsProgrammedByOneInstance) {
  EXPECT_THAT(Lines(Load(Changed("[\"10.99.0.100/24\"]", "[{ address = \"10.99.0.100/24\", device = \"eth0\" }]") +
                         kSecondInstance)
                        .errors),
              ElementsAre("/etc/c.toml:26:34: virtual_addresses '10.99.0.100/32': instance 'gw' (line 19) already has "
                          "this address on device 'eth0'"));
}

// The device of a virtual MAC would go down with whichever of the two is not master.
TEST(LoadFaultsTest, AVirtualMacIsOneInstancesOnADevice) {
  const std::string port = "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n";
  const auto instance = [](const std::string& name, int vlan, const std::string& mac, const std::string& device) {
    return "[[instance]]\nname = \"" + name + "\"\nport = \"lan\"\nvlan = [" + std::to_string(vlan) +
           "]\nvrid = 51\nsource_mac = \"" + mac + "\"\nsource_address = \"10.0." + std::to_string(vlan) +
           ".1\"\nvirtual_addresses = [{ address = \"10.0." + std::to_string(vlan) + ".9/24\", device = \"" + device +
           "\" }]\n";
  };
  EXPECT_THAT(Lines(Load(port + instance("a", 1, "virtual", "eth0") + instance("b", 2, "virtual", "eth0")).errors),
              ElementsAre("/etc/c.toml:16:8: vrid '51': instance 'a' (line 8) already has this virtual MAC on device "
                          "'eth0'"));
  EXPECT_THAT(Lines(Load(port + instance("a", 1, "virtual", "eth0") + instance("b", 2, "virtual", "eth1")).errors),
              IsEmpty());
  EXPECT_THAT(Lines(Load(port + instance("a", 1, "virtual", "eth0") + instance("b", 2, "port", "eth0")).errors),
              IsEmpty());
}

TEST(LoadFaultsTest, AllFaultsAreReportedInTheOrderOfTheFile) {
  const LoadResult result = Load(R"(
[[instance]]
vrid = 0
priority = "high"
port = "nowhere"
name = "a b"
colour = 1
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.300/24", "10.99.0.100/24"]
[[port]]
device = "eth0"
name = "lan"
)");
  std::vector<std::string> places;
  for (const ConfigFault& fault : result.errors) {
    places.push_back(std::to_string(fault.line) + ":" + std::to_string(fault.column));
  }
  EXPECT_THAT(places, ElementsAre("3:8", "4:12", "5:8", "6:8", "7:1", "9:22", "11:10"));
}

TEST(LoadFaultsTest, ATextThatIsNotTomlIsReportedUpToItsFirstFault) {
  EXPECT_THAT(Lines(Load("[daemon\n").errors),
              ElementsAre(HasSubstr("/etc/c.toml:1:8: not valid TOML: Error while parsing table header: ")));
  EXPECT_THAT(Lines(Load("a = 1\na = 2\n").errors),
              ElementsAre(HasSubstr("/etc/c.toml:2:5: not valid TOML: Error while parsing key-value pair: cannot "
                                    "redefine existing integer 'a'")));
  EXPECT_THAT(Lines(Load("a = \"\xff\"\n").errors), ElementsAre(HasSubstr("not valid TOML")));
  // A character of every group that toml++ distinguishes, where only ASCII is valid.
  for (const char* text :
       {"\u00e9 = 1", "\u00a0a = 1", "a\u0250 = 1", "a = 1\u2013", "[\ufefe]", "a = \u3042", "[ ?]"}) {
    EXPECT_THAT(Lines(Load(text).errors), ElementsAre(HasSubstr("not valid TOML"))) << text;
  }
}

TEST(LoadFaultsTest, DeepNestingIsRefusedNotFollowed) {
  std::string header = "[a";
  for (int i = 0; i < 1000000; ++i) header += ".a";
  EXPECT_THAT(Lines(Load("\n" + header + "]\n").errors),
              ElementsAre("/etc/c.toml:2:2203: a line may hold at most 1100 dots"));
  EXPECT_THAT(Lines(Load("a = " + std::string(1000000, '[')).errors), ElementsAre(HasSubstr("nested value depth")));
}

TEST(ConfigFaultTest, ReadsLikeACompilersMessage) {
  EXPECT_EQ(ToString(ConfigFault{"/etc/dpvrrp.toml", 12, 8, "vrid '300': must be 1..255 (RFC 3768 5.3.3)"}),
            "/etc/dpvrrp.toml:12:8: vrid '300': must be 1..255 (RFC 3768 5.3.3)");
}

}  // namespace
}  // namespace dpvrrp
