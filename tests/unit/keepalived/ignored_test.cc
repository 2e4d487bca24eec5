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

}  // namespace
}  // namespace dpvrrp::keepalived
