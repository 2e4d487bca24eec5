// SPDX-License-Identifier: BSD-3-Clause
//
// What a reader of keepalived's manual would get wrong. Each was seen in files of real routers, and what
// keepalived 2.2.7 does with it was measured.
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using namespace std::chrono_literals;

TEST(TrapTest, T01StateHasNoEffectAndUnknownOnesAreBackup) {
  for (const char* state : {"MASTER", "BACKUP", "SLAVE", "EQUAL", "master"}) {
    const ImportResult result = Import(AnInstance(absl::StrCat("priority 120\nstate ", state)));
    EXPECT_THAT(VerdictOf(result, "state"), StartsWith("dropped: ")) << state;
    EXPECT_EQ(LoadedInstance(result).priority, Priority(120));
  }
  EXPECT_THAT(VerdictOf(Import(AnInstance("state SLAVE")), "state"), HasSubstr("reads 'SLAVE' as BACKUP"));
}

TEST(TrapTest, T02NopreemptAndPreemptDelayAreClearedByStateMaster) {
  const ImportResult master = Import(AnInstance("priority 120\nstate MASTER\nnopreempt\npreempt_delay 5"));
  EXPECT_TRUE(LoadedInstance(master).preempt);
  EXPECT_EQ(LoadedInstance(master).preempt_delay, 0s);
  EXPECT_EQ(VerdictOf(master, "nopreempt"), "dropped: keepalived ignores it with state MASTER");
  const ImportResult backup = Import(AnInstance("priority 120\nstate BACKUP\nnopreempt\npreempt_delay 5"));
  EXPECT_FALSE(LoadedInstance(backup).preempt);
  EXPECT_EQ(VerdictOf(backup, "preempt_delay"), "dropped: keepalived ignores it with nopreempt");
  EXPECT_EQ(LoadedInstance(Import(AnInstance("preempt_delay 5"))).preempt_delay, 5s);
}

TEST(TrapTest, T03AFractionOfASecondIsRoundedWithVersion2) {
  const ImportResult rounded = Import(AnInstance("advert_int 0.2"));
  EXPECT_EQ(LoadedInstance(rounded).advertisement_interval, 1s);
  EXPECT_THAT(VerdictOf(rounded, "advert_int"), HasSubstr("changed: advertisement_interval = \"1s\""));
  EXPECT_EQ(LoadedInstance(Import(AnInstance("advert_int 1.5"))).advertisement_interval, 2s);
  // The version may stand behind it, and in global_defs.
  EXPECT_EQ(LoadedInstance(Import(AnInstance("advert_int 0.2\nversion 3"))).advertisement_interval, 200ms);
  EXPECT_EQ(LoadedInstance(Import(AnInstance("advert_int 0.25") + "global_defs {\nvrrp_version 3\n}\n"))
                .advertisement_interval,
            250ms);
}

TEST(TrapTest, T04OneVridOnTwoInterfacesIsLegalAndTwiceOnOneIsNot) {
  const std::string other =
      "vrrp_instance B {\ninterface IF\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.101/24\n}\n}\n";
  const ImportResult two = Import(AnInstance("") + absl::StrReplaceAll(other, {{"IF", "eth1"}}));
  EXPECT_THAT(Loaded(two).instances, SizeIs(2));
  const ImportResult same = Import(AnInstance("") + absl::StrReplaceAll(other, {{"IF", "eth0"}}));
  EXPECT_THAT(Loaded(same).instances, SizeIs(1));
  EXPECT_THAT(VerdictOf(same, "vrrp_instance B"), StartsWith("decide: "));
}

TEST(TrapTest, T05AuthPassIsCutAtEightBytesAndAtACommentsMark) {
  const auto password = [](const std::string& pass) {
    const ImportResult result = Import(AnInstance("authentication {\nauth_type PASS\nauth_pass " + pass + "\n}"));
    const std::vector<uint8_t> bytes = LoadedInstance(result).auth.password.bytes;
    return std::string(bytes.begin(), std::find(bytes.begin(), bytes.end(), 0)) + " " +
           VerdictOf(result, "auth_pass").substr(0, 5);
  };
  EXPECT_EQ(password("1111"), "1111 taken");
  EXPECT_EQ(password("longerthan8"), "longerth chang");
  EXPECT_EQ(password("ab!cdef"), "ab chang");
  EXPECT_EQ(password("ab#cdef"), "ab chang");
  EXPECT_EQ(password("\"ab#c d\""), "ab#c d taken");
  EXPECT_EQ(password("abc def"), "abc chang");
  EXPECT_EQ(password("it's"), "it's taken");
  EXPECT_EQ(password("\"a\\x41\""), "a\\x41 taken");
}

TEST(TrapTest, T06AhKeepsNopreemptWithStateMasterAndNeedsVersion2) {
  const std::string ah = "\nauthentication {\nauth_type AH\nauth_pass s3cr3t\n}";
  const ImportResult result = Import(AnInstance("state MASTER\npriority 120\nnopreempt" + ah));
  const InstanceConfig instance = LoadedInstance(result);
  EXPECT_FALSE(instance.preempt);
  EXPECT_EQ(instance.auth.kind, AuthKind::kAh);
  EXPECT_EQ(instance.auth.icv_rule, IcvRule::kKeepalived);
  const ImportResult v3 = Import(AnInstance("version 3" + ah));
  EXPECT_EQ(LoadedInstance(v3).auth.kind, AuthKind::kNone);
  EXPECT_THAT(VerdictOf(v3, "auth_type"), HasSubstr("dropped: keepalived ignores authentication with VRRPv3"));
}

TEST(TrapTest, T07AMissingSourceIsTheInterfacesFirstAddressOrAsked) {
  const ImportResult here = Import(AnInstance(""));
  EXPECT_EQ(ToString(LoadedInstance(here).source_address), "192.0.2.2");
  EXPECT_EQ(here.report.ExitStatus(), 0);
  const ImportResult elsewhere = Import(AnInstance(""), HostKnowledge());
  EXPECT_EQ(elsewhere.report.ExitStatus(), 3);
  EXPECT_THAT(elsewhere.toml, HasSubstr("source_address = \"0.0.0.1\"  # decide: this router's own address on eth0\n"));
  EXPECT_EQ(ToString(LoadedInstance(Import(AnInstance("mcast_src_ip 192.0.2.77"))).source_address), "192.0.2.77");
}

TEST(TrapTest, T08AnAddressWithoutPrefixIsAHostAddressOnTheInterface) {
  const VirtualAddress plain = LoadedInstance(Import(AnInstance("", "192.0.2.100"))).virtual_addresses[0];
  EXPECT_EQ(ToString(plain.prefix), "192.0.2.100/32");
  EXPECT_EQ(plain.device, "eth0");
  const ImportResult result = Import(AnInstance("", "192.0.2.100/24 brd + scope link label eth0:1"));
  const VirtualAddress full = LoadedInstance(result).virtual_addresses[0];
  EXPECT_EQ(full.label, "eth0:1");
  EXPECT_EQ(full.scope, 253);
  EXPECT_EQ(VerdictOf(result, "192.0.2.100"), "changed: virtual_addresses; without brd");
}

TEST(TrapTest, T09AnAddressOnAnotherDeviceStaysThere) {
  EXPECT_EQ(LoadedInstance(Import(AnInstance("", "192.0.2.100/24 dev eth7"))).virtual_addresses[0].device, "eth7");
}

TEST(TrapTest, T10AnExcludedAddressMayBeOfTheOtherFamily) {
  const ImportResult result = Import(AnInstance("virtual_ipaddress_excluded {\n2001:db8::9/64\n192.0.2.101/24\n}"));
  EXPECT_THAT(LoadedInstance(result).virtual_addresses, SizeIs(3));
  EXPECT_EQ(ToString(LoadedInstance(result).virtual_addresses[1].prefix), "2001:db8::9/64");
  EXPECT_EQ(result.report.ExitStatus(), 0);
}

TEST(TrapTest, T11AnIpv6ListMayBeginWithAnyAddress) {
  const InstanceConfig instance = LoadedInstance(Import(AnInstance("", "2001:db8::9/64\nfe80::9/64")));
  EXPECT_EQ(ToString(instance.virtual_addresses[0].prefix), "2001:db8::9/64");
  EXPECT_EQ(instance.version, VrrpVersion::kV3);
  EXPECT_EQ(ToString(instance.source_address), "fe80::2");
}

TEST(TrapTest, T12UseVmacFalseMeansVirtualMacs) {
  const ImportResult result = Import(AnInstance("use_vmac false"));
  EXPECT_EQ(LoadedInstance(result).source_mac, SourceMac::kVirtual);
  EXPECT_THAT(VerdictOf(result, "use_vmac"), HasSubstr("changed: "));
}

TEST(TrapTest, T13TrackingTheOwnInterfaceHasNoEffect) {
  const ImportResult result = Import(AnInstance("track_interface {\neth0\neth0 weight 10\neth3 weight -10\n}"));
  EXPECT_THAT(VerdictOf(result, "eth0"), StartsWith("dropped: "));
  ASSERT_THAT(LoadedInstance(result).tracks, SizeIs(1));
  EXPECT_EQ(LoadedInstance(result).tracks[0].weight, -10);
  EXPECT_EQ(Loaded(result).tracks[0].interface, "eth3");
}

TEST(TrapTest, T14AGroupOfOneKeepsItsNameAndNotify) {
  const Config config =
      Loaded(Import("vrrp_sync_group G {\ngroup {\nVI_1\n}\nnotify_master \"/bin/up G\"\n}\n" + AnInstance("")));
  ASSERT_THAT(config.groups, SizeIs(1));
  EXPECT_EQ(config.groups[0].name, "G");
  EXPECT_THAT(config.groups[0].notify.get()->master, ElementsAre("/bin/up", "G"));
}

TEST(TrapTest, T15MailAndRouterIdHaveNoEffect) {
  const ImportResult result =
      Import("global_defs {\nrouter_id LVS_DEVEL\nnotification_email {\na@b.c\n}\nsmtp_server 127.0.0.1\n}\n" +
             AnInstance(""));
  EXPECT_EQ(result.report.ExitStatus(), 0);
  EXPECT_THAT(VerdictOf(result, "a@b.c"), StartsWith("dropped: "));
  EXPECT_EQ(Import(AnInstance("smtp_alert")).report.ExitStatus(), 4);
  EXPECT_EQ(Import(AnInstance("smtp_alert off")).report.ExitStatus(), 0);
}

TEST(TrapTest, T16VrrpStrictIsNotOurStrict) {
  const InstanceConfig instance = LoadedInstance(
      Import("global_defs {\nvrrp_strict\n}\n" + AnInstance("authentication {\nauth_type PASS\nauth_pass 1111\n}")));
  EXPECT_FALSE(instance.strict);
  EXPECT_THAT(VerdictOf(Import(AnInstance("strict_mode off")), "strict_mode"), StartsWith("dropped: "));
  EXPECT_EQ(instance.auth.kind, AuthKind::kNone);  // keepalived ignores it in strict mode
}

TEST(TrapTest, T17AVlanInterfaceIsAVlanOfItsPort) {
  const ImportResult result = Import(absl::StrReplaceAll(AnInstance(""), {{"eth0", "bond0.10"}}));
  const Config config = Loaded(result);
  ASSERT_THAT(config.ports, SizeIs(1));
  EXPECT_EQ(config.ports[0].device, "net_af_packet0,iface=bond0");
  EXPECT_EQ(config.instances[0].vlan.outer, 10);
  EXPECT_EQ(config.instances[0].virtual_addresses[0].device, "bond0.10");
}

TEST(TrapTest, T18PlaceholdersThatWereLeftInAreAsked) {
  const ImportResult result = Import(absl::StrReplaceAll(AnInstance(""), {{"eth0", "<interface>"}}));
  EXPECT_THAT(VerdictOf(result, "interface"), StartsWith("decide: "));
  EXPECT_THAT(ErrorsOf(result.toml), IsEmpty());
}

TEST(TrapTest, T19ImpossibleValuesAreListedWithWhatKeepalivedUses) {
  const ImportResult result = Import(AnInstance("priority 300\nadvert_int 0\ngarp_master_delay x"));
  EXPECT_EQ(VerdictOf(result, "priority"), "decide: must be 1..255; keepalived uses 100");
  EXPECT_THAT(VerdictOf(result, "advert_int"), StartsWith("decide: "));
  EXPECT_THAT(VerdictOf(result, "garp_master_delay"), StartsWith("decide: "));
  EXPECT_EQ(LoadedInstance(result).priority, kPriorityDefault);
  EXPECT_EQ(LoadedInstance(Import(AnInstance("state MASTER\npriority 300"))).priority, kPriorityDefault);
}

TEST(TrapTest, T20AnInstanceWithoutAddressIsLeftOutAndSaidSo) {
  const ImportResult result =
      Import("vrrp_instance CLOUD {\n# the link\ninterface eth0\nvirtual_router_id 9\nnotify_master /bin/up\n}\n");
  EXPECT_THAT(VerdictOf(result, "vrrp_instance"), HasSubstr("at least one virtual address"));
  EXPECT_EQ(result.report.ExitStatus(), 4);
  EXPECT_THAT(result.toml, HasSubstr("\n# the link\n# vrrp_instance CLOUD is left out: "));
  EXPECT_THAT(ErrorsOf(result.toml), IsEmpty());
}

TEST(TrapTest, T21Priority255IsAsked) {
  const ImportResult result = Import(AnInstance("priority 255"));
  EXPECT_THAT(VerdictOf(result, "priority"), StartsWith("decide: 255 means that"));
  EXPECT_EQ(LoadedInstance(result).priority, Priority(254));
  const ImportResult master = Import(AnInstance("state MASTER"));
  EXPECT_THAT(VerdictOf(master, "state"), StartsWith("decide: MASTER without a priority is 255"));
  EXPECT_EQ(LoadedInstance(master).priority, Priority(254));
  // keepalived clears both with 255.
  const ImportResult more = Import(AnInstance("priority 255\nnopreempt\npreempt_delay 5"));
  EXPECT_TRUE(LoadedInstance(more).preempt);
  EXPECT_EQ(LoadedInstance(more).preempt_delay, 0s);
  const ImportResult backup = Import(AnInstance("priority 255\nstate BACKUP\npreempt_delay 5"));
  EXPECT_EQ(LoadedInstance(backup).preempt_delay, 5s);
}

TEST(TrapTest, T22VirtualServersAreLeftToKeepalived) {
  const ImportResult result =
      Import(AnInstance("") + "virtual_server 192.0.2.100 80 {\ndelay_loop 6\nreal_server 10.0.0.1 80 {\n}\n}\n");
  EXPECT_THAT(VerdictOf(result, "virtual_server"), HasSubstr("leave it to keepalived"));
  EXPECT_EQ(VerdictOf(result, "delay_loop"), "no such statement");
}

}  // namespace
}  // namespace dpvrrp::keepalived
