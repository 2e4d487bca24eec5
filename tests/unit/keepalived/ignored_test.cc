// SPDX-License-Identifier: BSD-3-Clause
//
// What keepalived 2.2.7 ignores or disables must not have an effect here, and what it keeps must not be lost.
#include <gmock/gmock.h>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string AScript(const std::string& lines) { return absl::StrCat("vrrp_script chk {\n", lines, "\n}\n"); }

const char* const kUse = "track_script {\nchk\n}";

TEST(IgnoredTest, AScriptThatKeepalivedDisablesIsNotUsed) {
  for (const char* lines : {"script /missing/check.sh", "script \"nosuch -x\"", "script /bin/true\nuser nosuchuser"}) {
    const ImportResult result = Import(AScript(lines) + AnInstance(kUse));
    EXPECT_THAT(VerdictOf(result, "script"), StartsWith("decide: ")) << lines;
    EXPECT_THAT(VerdictOf(result, "script"), HasSubstr("disables the script"));
    EXPECT_THAT(VerdictOf(result, "chk"), StartsWith("decide: "));
    EXPECT_THAT(LoadedInstance(result).tracks, IsEmpty());
    EXPECT_THAT(result.report.Text(), Not(HasSubstr("/usr/bin/env")));
    // Where the machine is not known, nothing of this is.
    const ImportResult elsewhere = Import(AScript(lines) + AnInstance(kUse), HostKnowledge());
    EXPECT_THAT(LoadedInstance(elsewhere).tracks, SizeIs(1)) << lines;
  }
  const ImportResult all =
      Import("global_defs {\nscript_user nosuchuser\n}\n" + AScript("script /bin/true") + AnInstance(kUse));
  EXPECT_THAT(VerdictOf(all, "chk"), StartsWith("decide: this machine has no user 'nosuchuser'"));
  const ImportResult notify = Import(AnInstance("notify_master nosuch"));
  EXPECT_THAT(VerdictOf(notify, "notify_master"), StartsWith("decide: keepalived does not find nosuch"));
  EXPECT_THAT(notify.toml, Not(HasSubstr("nosuch")));
}

TEST(IgnoredTest, ATrackAboveItsScriptIsNotUsed) {
  const ImportResult result = Import(AnInstance(kUse) + AScript("script /bin/true"));
  EXPECT_EQ(VerdictOf(result, "chk"), "decide: the vrrp_script stands below, and keepalived ignores this line");
  EXPECT_THAT(LoadedInstance(result).tracks, IsEmpty());
  const ImportResult process =
      Import(AnInstance("track_process {\nchk\n}") + "vrrp_track_process chk {\nprocess haproxy\n}\n");
  EXPECT_THAT(VerdictOf(process, "chk"), StartsWith("decide: the vrrp_track_process stands below"));
  EXPECT_THAT(LoadedInstance(process).tracks, IsEmpty());
}

TEST(IgnoredTest, AnAddressWithABadLengthIsKept) {
  for (const char* text : {"192.0.2.17/255.255.255.0", "192.0.2.17/33", "192.0.2.17/24;"}) {
    const ImportResult result = Import(AnInstance("", text));
    EXPECT_EQ(VerdictOf(result, text),
              "decide: virtual_addresses; keepalived reads the prefix length as 32; write the length");
    EXPECT_EQ(ToString(LoadedInstance(result).virtual_addresses[0].prefix), "192.0.2.17/32");
  }
  const ImportResult v6 = Import(AnInstance("", "2001:db8::9/129"));
  EXPECT_EQ(ToString(LoadedInstance(v6).virtual_addresses[0].prefix), "2001:db8::9/128");
}

TEST(IgnoredTest, LoopbackAddressesAreLeftOut) {
  for (const char* text : {"127.0.0.1/8", "::1", "255.255.255.255"}) {
    const ImportResult result =
        Import(AnInstance(absl::StrCat("unicast_peer {\n192.0.2.3\n", text, "\n}"), absl::StrCat("192.0.2.9\n", text)));
    EXPECT_THAT(VerdictOf(result, text), StartsWith("decide: ")) << text;
    EXPECT_THAT(LoadedInstance(result).virtual_addresses, SizeIs(1));
  }
  HostKnowledge host;
  host.addresses = [](const std::string&) {
    return std::vector<IpPrefix>{*ParseIpPrefix("127.0.0.1/8"), *ParseIpPrefix("192.0.2.8/24")};
  };
  EXPECT_EQ(ToString(LoadedInstance(Import(AnInstance(""), host)).source_address), "192.0.2.8");
}

TEST(IgnoredTest, FractionsCountOnlyWhereKeepalivedReadsThem) {
  const ImportResult result = Import(AnInstance("garp_master_refresh 0.5\ngarp_master_delay 2.5"));
  EXPECT_EQ(VerdictOf(result, "garp_master_refresh"),
            "decide: keepalived reads whole seconds here; keepalived does not repeat them");
  EXPECT_THAT(VerdictOf(result, "garp_master_delay"), StartsWith("decide: keepalived reads whole seconds here"));
  const ImportResult script = Import(AScript("script /bin/true\ninterval 0.5\ntimeout 1.5") + AnInstance(kUse));
  EXPECT_THAT(VerdictOf(script, "interval"), StartsWith("decide: keepalived reads whole seconds here"));
  EXPECT_THAT(VerdictOf(script, "timeout"), StartsWith("decide: keepalived reads whole seconds here"));
  EXPECT_EQ(Import(AnInstance("preempt_delay 0.5")).report.ExitStatus(), 0);
}

TEST(IgnoredTest, TheFirstStatementDecidesTheFamily) {
  const std::string lines = "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n";
  const ImportResult native = Import(lines + "native_ipv6\nvirtual_ipaddress {\n192.0.2.9/24\n2001:db8::9/64\n}\n}\n");
  EXPECT_EQ(VerdictOf(native, "192.0.2.9"), "decide: it is not of the family of line 4, and keepalived ignores it");
  EXPECT_THAT(LoadedInstance(native).virtual_addresses, SizeIs(1));
  const ImportResult source =
      Import(lines + "mcast_src_ip 192.0.2.2\nvirtual_ipaddress {\n2001:db8::9/64\n192.0.2.9/24\n}\n}\n");
  EXPECT_THAT(VerdictOf(source, "2001:db8::9"), StartsWith("decide: it is not of the family of line 4"));
  EXPECT_EQ(ToString(LoadedInstance(source).virtual_addresses[0].prefix), "192.0.2.9/24");
  const ImportResult peer =
      Import(lines + "unicast_peer {\n192.0.2.3\n}\nvirtual_ipaddress {\n2001:db8::9/64\n192.0.2.9/24\n}\n}\n");
  EXPECT_THAT(VerdictOf(peer, "2001:db8::9"), StartsWith("decide: it is not of the family of line 5"));
}

TEST(IgnoredTest, AWordBehindANotifyProgramIsAUserOnlyOnAKnownMachine) {
  const std::string text = AnInstance("notify_master \"/etc/keepalived/n.sh\" web");
  EXPECT_EQ(VerdictOf(Import(text), "notify_master"), "changed: notify_master; runuser runs it as web");
  EXPECT_THAT(VerdictOf(Import(text, HostKnowledge()), "notify_master"),
              StartsWith("decide: notify_master; keepalived takes 'web' for a user"));
  const ImportResult plain = Import(AnInstance("notify_master /bin/up"), HostKnowledge());
  EXPECT_THAT(VerdictOf(plain, "notify_master"), HasSubstr("as keepalived_script if there is such a user"));
}

TEST(IgnoredTest, AWeightOf254Is253) {
  const std::string script = AScript("script /bin/true\nweight 7");
  const ImportResult result = Import(script + AnInstance("track_script {\nchk weight -254\n}"));
  EXPECT_EQ(VerdictOf(result, "chk"), "changed: track; keepalived uses -253");
  EXPECT_EQ(LoadedInstance(result).tracks[0].weight, -253);
  const ImportResult more = Import(script + AnInstance("track_script {\nchk weight 255\n}"));
  EXPECT_THAT(VerdictOf(more, "chk"), HasSubstr("decide: track; the weight must be -253..253; that of the script"));
  EXPECT_EQ(LoadedInstance(more).tracks[0].weight, 7);
}

TEST(IgnoredTest, FurtherWordsAreReported) {
  for (const char* line :
       {"priority 100 120", "advert_int 1 sec", "mcast_src_ip 192.0.2.2 x", "lower_prio_no_advert on x"}) {
    EXPECT_THAT(VerdictOf(Import(AnInstance(line)), line), HasSubstr("keepalived ignores the words after the value"))
        << line;
    EXPECT_EQ(Import(AnInstance(line)).report.ExitStatus(), 3) << line;
  }
  for (const char* address : {"192.0.2.9/24 dev", "192.0.2.9/24 label", "192.0.2.9/24 dev eth0 dev eth1"}) {
    EXPECT_THAT(VerdictOf(Import(AnInstance("", address)), "192.0.2.9"), StartsWith("decide: ")) << address;
  }
  EXPECT_EQ(VerdictOf(Import(AnInstance("notify /bin/up > x")), "notify").substr(0, 7), "decide:");
  EXPECT_THAT(VerdictOf(Import(AnInstance("notify \"/bin/up > x\"")), "notify"),
              HasSubstr("changed: notify; keepalived starts no shell, so '>' is an argument"));
}

TEST(IgnoredTest, ABlockThatIsMissingOrMisplacedIsReported) {
  EXPECT_THAT(VerdictOf(Import(AnInstance("nopreempt {\nx\n}")), "x"), HasSubstr("is a '}' missing above?"));
  EXPECT_THAT(VerdictOf(Import(AnInstance("virtual_ipaddress_excluded {\nnopreempt\n}")), "nopreempt"),
              StartsWith("decide: is no address, but a word of another block"));
  EXPECT_THAT(VerdictOf(Import(AnInstance("unicast_peer {\nnopreempt\n}")), "nopreempt"),
              StartsWith("decide: is no address, but a word of another block"));
  EXPECT_THAT(VerdictOf(Import(AnInstance("virtual_ipaddress_excluded")), "virtual_ipaddress_excluded"),
              StartsWith("decide: its block is missing"));
  const ImportResult unknown = Import(AnInstance("unicast_pear {\n192.0.2.3\n}"));
  EXPECT_THAT(VerdictOf(unknown, "unicast_pear"), HasSubstr("did you mean 'unicast_peer'?"));
  EXPECT_EQ(VerdictOf(unknown, "192.0.2.3"), "unsupported: unknown word in vrrp_instance");
}

TEST(IgnoredTest, AnInstanceThatIsLeftOutHasNoEffect) {
  const std::string out = "vrrp_instance X {\ninterface eth0\nvirtual_router_id 0\ngarp_master_delay 99\n}\n";
  const ImportResult result = Import(out + AnInstance(""));
  EXPECT_THAT(VerdictOf(result, "vrrp_instance X"),
              StartsWith("decide: its virtual_router_id is missing or not 1..255"));
  EXPECT_THAT(result.toml, Not(HasSubstr("99s")));
  EXPECT_EQ(result.report.ExitStatus(), 3);
}

TEST(IgnoredTest, InterfacesThatCannotBeOneHaveAPlaceholderEach) {
  const auto instance = [](const char* name, const char* interface, int vrid) {
    return absl::StrCat("vrrp_instance ", name, " {\ninterface ", interface, "\nvirtual_router_id ", vrid,
                        "\nvirtual_ipaddress {\n192.0.2.", vrid, "/24\n}\n}\n");
  };
  const ImportResult result =
      Import(instance("A", "eth0:1", 1) + instance("B", "eth0:2", 2) + instance("C", "eth0:1", 3));
  const Config config = Loaded(result);
  ASSERT_THAT(config.instances, SizeIs(3));
  EXPECT_EQ(config.ports.size(), 2u);
  EXPECT_THAT(result.toml, HasSubstr("decide: the file names no valid interface"));
  EXPECT_THAT(VerdictOf(result, "interface eth0:2"), HasSubstr("replace interface-2 everywhere"));
}

}  // namespace
}  // namespace dpvrrp::keepalived
