// SPDX-License-Identifier: BSD-3-Clause
//
// A configuration checked against the machine, and settings that are probably not intended.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "config/host_facts.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

IpPrefix Prefix(absl::string_view text) { return *ParseIpPrefix(text); }

// A machine that the good file fits, once its address is on eth0.
HostFacts Machine() {
  HostFacts facts;
  facts.cpus = {0, 1};
  facts.interfaces = std::vector<HostFacts::Interface>{
      {"lo", {Prefix("127.0.0.1/8")}}, {"eth0", {Prefix("10.99.0.2/24")}}, {"eth1", {}}};
  facts.pci = std::map<std::string, HostFacts::PciDevice>{
      {"0000:3b:00.0", {"vfio-pci", {}}}, {"0000:3b:00.1", {"ixgbe", {"ens1f1"}}}, {"0000:3b:00.2", {"", {}}}};
  facts.find_user = [](const std::string& name) {
    return name == "dpvrrp" ? absl::OkStatus() : absl::NotFoundError("no such user");
  };
  facts.find_group = facts.find_user;
  facts.check_folder = [](const std::string& folder) {
    if (folder == "/var/lib/dpvrrp" || folder == "/run/dpvrrp") return absl::OkStatus();
    if (folder == "/srv/x") return absl::PermissionDeniedError("cannot create a file in /srv");
    return absl::FailedPreconditionError(absl::StrCat("there is no folder ", folder));
  };
  return facts;
}

const std::string kOnEth0 = Changed("[\"10.99.0.100/24\"]", "[ { address = \"10.99.0.100/24\", device = \"eth0\" } ]");

std::string With(const std::string& piece, const std::string& instead) {
  EXPECT_TRUE(absl::StrContains(kOnEth0, piece)) << piece;
  return absl::StrReplaceAll(kOnEth0, {{piece, instead}});
}

LoadResult Check(const std::string& text, const HostFacts& facts = Machine()) {
  return LoadConfig(
      text, "/etc/c.toml", [](const std::string&) -> absl::StatusOr<SecretBytes> { return absl::NotFoundError("no"); },
      &facts);
}
std::vector<std::string> HostErrors(const std::string& text, const HostFacts& facts = Machine()) {
  return WithoutFile(Check(text, facts).errors);
}
std::vector<std::string> Warnings(const std::string& text, const HostFacts& facts = Machine()) {
  const LoadResult result = Check(text, facts);
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  return WithoutFile(result.warnings);
}

TEST(HostCheckTest, AFileThatFitsTheMachineIsLeftAlone) {
  EXPECT_THAT(HostErrors(kOnEth0), IsEmpty());
  EXPECT_THAT(Warnings(kOnEth0), IsEmpty());
}

TEST(HostCheckTest, ACpuThatTheMachineDoesNotHaveIsAnError) {
  EXPECT_THAT(HostErrors(With("lcores = [1]", "lcores = [99]")),
              ElementsAre("3:11: lcores '99': must be a CPU that this process may run on (0, 1)"));
  EXPECT_THAT(HostErrors(With("main_lcore = 0", "main_lcore = 7")),
              ElementsAre("2:14: main_lcore '7': must be a CPU that this process may run on (0, 1)"));
  HostFacts one = Machine();
  one.cpus = {0};
  EXPECT_THAT(HostErrors(With("main_lcore = 0\nlcores = [1]\n", ""), one),
              ElementsAre("1:1: lcores '1': must be a CPU that this process may run on (0)"));
  one.cpus = {};  // mapped by the user's EAL options
  EXPECT_THAT(HostErrors(With("lcores = [1]", "lcores = [99]"), one), IsEmpty());
}

TEST(HostCheckTest, AnInterfaceThatIsNotThereIsAWarningOfItsPort) {
  EXPECT_THAT(
      Warnings(With("net_af_packet0,iface=eth0", "net_af_packet0,iface=eht1")),
      ElementsAre("7:10: device 'net_af_packet0,iface=eht1': this machine has no interface 'eht1' (did you mean "
                  "'eth1'?)"));
  for (const char* device : {"net_af_packet0,iface=zzz9", "net_pcap0,iface=zzz9",
                             "net_pcap0,rx_iface=eth0,tx_iface=zzz9", "net_tap0,iface=new0,remote=zzz9"}) {
    EXPECT_THAT(Warnings(With("net_af_packet0,iface=eth0", device)),
                Contains(AllOf(HasSubstr("no interface 'zzz9'"), Not(HasSubstr("did you mean")))))
        << device;
  }
  EXPECT_THAT(Warnings(With("net_af_packet0,iface=eth0", "net_tap0,iface=new0")), IsEmpty());  // it makes that one
}

TEST(HostCheckTest, APciDeviceMustBeThereAndDpdks) {
  const auto on = [](const std::string& device) { return With("net_af_packet0,iface=eth0", device); };
  EXPECT_THAT(HostErrors(on("0000:3b:00.0")), IsEmpty());
  EXPECT_THAT(HostErrors(on("0000:3B:00.0,arg=1")), IsEmpty());
  EXPECT_THAT(HostErrors(on("0000:3c:00.0")),
              ElementsAre("7:10: device '0000:3c:00.0': this machine has no such PCI device"));
  EXPECT_THAT(HostErrors(on("0000:3b:00.1")),
              ElementsAre("7:10: device '0000:3b:00.1': belongs to driver ixgbe as ens1f1: driverctl set-override "
                          "0000:3b:00.1 vfio-pci"));
  EXPECT_THAT(HostErrors(on("0000:3b:00.2")), ElementsAre(HasSubstr("is bound to no driver: driverctl")));
  HostFacts poor = Machine();
  poor.check_memory = [](const DaemonConfig&, const std::vector<PortConfig>&) {
    return absl::FailedPreconditionError("a PCI port needs huge pages");
  };
  EXPECT_THAT(HostErrors(on("0000:3b:00.0"), poor), ElementsAre("7:10: a PCI port needs huge pages"));
  EXPECT_THAT(HostErrors(kOnEth0, poor), IsEmpty());
}

TEST(HostCheckTest, AUserOrGroupThatDoesNotExistIsAnError) {
  EXPECT_THAT(HostErrors(With("main_lcore = 0", "user = \"vrrp\"")),
              ElementsAre("2:8: user 'vrrp': this system has no such name"));
  EXPECT_THAT(HostErrors(With("main_lcore = 0", "control_group = \"netops\"")),
              ElementsAre("2:17: control_group 'netops': this system has no such name"));
  EXPECT_THAT(HostErrors(With("main_lcore = 0", "user = \"dpvrrp\"")), IsEmpty());
}

TEST(HostCheckTest, AFolderWithoutWriteAccess) {
  EXPECT_THAT(HostErrors(With("main_lcore = 0", "state_directory = \"/var/libb/dpvrrp\"")),
              ElementsAre("2:19: state_directory: there is no folder /var/libb/dpvrrp"));
  const std::string forbidden = With("main_lcore = 0", "control_socket = \"/srv/x/y.sock\"");
  EXPECT_THAT(HostErrors(forbidden), ElementsAre("2:18: control_socket: cannot create a file in /srv"));
  HostFacts other_user = Machine();
  other_user.is_root = false;  // the daemon may be started by root
  EXPECT_THAT(Warnings(forbidden, other_user), ElementsAre("2:18: control_socket: cannot create a file in /srv"));
}

TEST(HostCheckTest, AMistypedDeviceOfAnAddressIsAWarning) {
  EXPECT_THAT(Warnings(With("device = \"eth0\" }", "device = \"eht0\" }")),
              ElementsAre("19:62: device 'eht0': this machine has no such interface (did you mean 'eth0'?); the "
                          "instance starts when the interface exists"));
}

TEST(HostCheckTest, TheAddressesMayBeOnAnotherLan) {
  EXPECT_THAT(Warnings(absl::StrReplaceAll(
                  kOnEth0, {{"10.99.0.100/24\", device = \"eth0", "10.98.0.100/24\", device = \"eth1"}})),
              IsEmpty());
}

TEST(HostCheckTest, ASourceAddressThatDoesNotServe) {
  EXPECT_THAT(
      Warnings(With("\"10.99.0.2\"", "\"10.99.1.2\"")),
      ElementsAre("17:18: source_address '10.99.1.2': is not in the subnet of any virtual address",
                  "17:18: source_address '10.99.1.2': no interface of this machine has it (eth0 has 10.99.0.2)"));
  EXPECT_THAT(Warnings(With("\"10.99.0.2\"", "\"10.99.0.3\"")),
              ElementsAre(HasSubstr("no interface of this machine has it")));
  // Where the kernel has no part in the port its addresses mean nothing.
  EXPECT_THAT(Warnings(absl::StrReplaceAll(
                  Changed("net_af_packet0,iface=eth0", "0000:3b:00.0"),
                  {{"\"10.99.0.2\"", "\"10.99.0.3\""}, {"source_mac", "responder = true\nsource_mac"}})),
              IsEmpty());
}

TEST(HostCheckTest, AnAddressThatIsOnlyAdvertisedIsAWarning) {
  EXPECT_THAT(
      Warnings(kGoodFile),
      ElementsAre(HasSubstr("19:22: virtual_addresses '10.99.0.100/24': is advertised, but no device holds it")));
}

TEST(HostCheckTest, WhatATemplateMakesThousandsOfIsSaidOnce) {
  const std::string text =
      "[daemon]\nmain_lcore = 0\nlcores = [1]\n[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=eth0\"\n"
      "[[template]]\nname = \"gw-{vlan}\"\nport = \"lan\"\nvlan = [\"100-199\"]\nvrid = 51\n"
      "source_address = { address = \"10.8.0.2\", per_vlan = \"0.0.1.0\" }\n"
      "virtual_addresses = [ { address = \"10.8.0.1/24\", per_vlan = \"0.0.1.0\", device = \"eth0.{vlan}\" } ]\n";
  const std::vector<std::string> warnings = Warnings(text);
  EXPECT_THAT(warnings,
              Contains(HasSubstr("instance 'gw-100': device 'eth0.100': this machine has no such interface")));
  EXPECT_THAT(warnings, SizeIs(2));  // that, and the source
}

TEST(HostCheckTest, FaultsOfTheFileComeFirst) {
  EXPECT_THAT(
      HostErrors(absl::StrReplaceAll(kOnEth0, {{"vrid = 51", "vrid = 300"}, {"lcores = [1]", "lcores = [99]"}})),
      ElementsAre(HasSubstr("vrid '300'")));
}

// ---- Without a look at the machine ----

std::vector<std::string> Advice(const std::string& text) {
  const LoadResult result = Load(text);
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  return WithoutFile(result.warnings);
}

TEST(AdviceTest, ABareAddressOnAKernelDevice) {
  EXPECT_THAT(
      Advice(With("10.99.0.100/24", "10.99.0.100")),
      ElementsAre("19:35: virtual_addresses '10.99.0.100': has no prefix length, so the kernel gets it with /32 "
                  "and without a route to its subnet; write the length, such as 10.99.0.100/24"));
  EXPECT_THAT(Advice(With("10.99.0.100/24", "10.99.0.100/32")), IsEmpty());  // it is meant
  EXPECT_THAT(Advice(Changed("10.99.0.100/24", "10.99.0.100")), IsEmpty());  // on no device
}

TEST(AdviceTest, KernelAddressesOnAPortThatNoKernelSees) {
  for (const char* device : {"0000:3b:00.0", "net_af_xdp0,iface=eth0", "net_memif0,role=client"}) {
    EXPECT_THAT(Advice(With("net_af_packet0,iface=eth0", device)),
                ElementsAre(AllOf(HasSubstr("19:62: device 'eth0': hosts send to port 'lan', whose traffic the kernel "
                                            "does not see"),
                                  HasSubstr("set responder = true"))))
        << device;
  }
}

TEST(AdviceTest, TwoHostsThatAnswer) {
  EXPECT_THAT(
      Advice(With("source_mac", "responder = true\nsource_mac")),
      ElementsAre("20:62: device 'eth0': the kernel answers for 10.99.0.100 there, and so does responder on port "
                  "'lan', which it shares: choose one"));
}

// ---- Programs and tracked interfaces ----

HostFacts MachineWithPrograms() {
  HostFacts facts = Machine();
  facts.check_program = [](const std::string& path) {
    if (path == "/usr/bin/good") return absl::OkStatus();
    if (path == "/srv/open") return absl::PermissionDeniedError("other users than root can change it");
    return absl::NotFoundError("this machine has no such file");
  };
  return facts;
}

TEST(HostCheckProgramsTest, AProgramThatCannotRunIsAWarning) {
  EXPECT_THAT(Warnings(kOnEth0 + "notify = \"/usr/bin/good x\"\nnotify_master = \"/usr/bin/god\"\n[scripts]\nstop = "
                                 "[\"/usr/bin/sop\", \"y\"]\n",
                       MachineWithPrograms()),
              ElementsAre("21:17: notify_master '/usr/bin/god': this machine has no such file",
                          "23:8: stop '/usr/bin/sop': this machine has no such file"));
}

TEST(HostCheckProgramsTest, OthersMustNotChangeAProgramOfRoot) {
  const std::string file = kOnEth0 +
                           "track = [\"a\", \"b\"]\n"
                           "[[track]]\nname = \"a\"\nkind = \"script\"\ncommand = \"/srv/open\"\n"
                           "[[track]]\nname = \"b\"\nkind = \"script\"\ncommand = \"/srv/open\"\n"
                           "user = \"dpvrrp\"\n";
  EXPECT_THAT(Warnings(file, MachineWithPrograms()),
              ElementsAre("24:11: command '/srv/open': other users than root can change it"));
  EXPECT_THAT(Warnings(file + "[scripts]\nuser = \"dpvrrp\"\n", MachineWithPrograms()), IsEmpty());
}

TEST(HostCheckProgramsTest, AUserThatTheSystemDoesNotHaveIsAWarning) {
  EXPECT_THAT(Warnings(kOnEth0 + "track = [\"a\"]\n[[track]]\nname = \"a\"\nkind = \"script\"\ncommand = \"/a\"\n"
                                 "user = \"nobdy\"\n[scripts]\nuser = \"nix\"\n"),
              ElementsAre("25:8: user 'nobdy': this system has no such user, so the programs do not run",
                          "27:8: user 'nix': this system has no such user, so the programs do not run"));
}

TEST(HostCheckProgramsTest, ATrackedInterfaceThatIsNotThereIsAWarning) {
  EXPECT_THAT(Warnings(kOnEth0 + "track = [\"a\"]\n[[track]]\nname = \"a\"\nkind = \"interface\"\n"
                                 "interface = \"eth7\"\n"),
              ElementsAre("24:13: interface 'eth7': this machine has no such interface (did you mean 'eth0'?); the "
                          "track is down until the interface exists"));
}

}  // namespace
}  // namespace dpvrrp
