// SPDX-License-Identifier: BSD-3-Clause
#include "gen/profile.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "unit/gen/gen_testing.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kHead[] = "[generator]\ndevice = \"net_null0\"\n[[stream]]\n";  // line 4 is the stream's first
constexpr char kValidLines[] =
    "kind = \"master\"\nvrid = 51\nsource_address = \"10.99.0.9\"\nvirtual_addresses = [\"10.99.0.100/24\"]\n";

TEST(GenProfileTest, MakesARouterForEachVlanAndVrid) {
  const GenProfile profile = ProfileOf(R"(
kind = "master"
vlan = ["100-101"]
vrid = "1-2"
source_address = { address = "10.0.0.9", per_vlan = "0.1.0.0" }
virtual_addresses = [{ address = "10.0.1.1", per_vlan = "0.1.0.0", per_vrid = "0.0.0.1" }, "10.9.9.9"]
)");
  ASSERT_THAT(profile.streams, SizeIs(1));
  const std::vector<GenRouter>& routers = profile.streams[0].routers;
  ASSERT_THAT(routers, SizeIs(4));
  EXPECT_EQ(routers[3].vlan, (VlanStack{101, 0}));
  EXPECT_EQ(routers[3].vrid, Vrid(2));
  EXPECT_EQ(routers[3].source, Ip("10.1.0.9"));
  EXPECT_THAT(routers[3].addresses, ElementsAre(Ip("10.1.1.2"), Ip("10.9.9.9")));
}

TEST(GenProfileTest, HasDefaultsThatEnd) {
  const GenProfile profile = ProfileOf(
      "kind = \"valid\"\nvrid = 1\nsource_address = \"10.0.0.9\"\n"
      "virtual_addresses = [\"10.0.0.1\"]\n");
  EXPECT_EQ(profile.duration, 10s);
  EXPECT_EQ(profile.streams[0].frames, 1'000'000u);
  EXPECT_EQ(profile.streams[0].rate, 1000u);
}

TEST(GenProfileTest, NamesValuePlaceAndRule) {
  struct Case {
    const char* lines;  // replace a line of the same key
    const char* message;
  };
  const Case cases[] = {
      {"kind = \"forge\"", "lab.toml:4:8: kind 'forge': is not a kind; did you mean 'forged'?"},
      {"vrid = \"0-3\"", "lab.toml:5:8: vrid '0-3': "},
      {"vrid = 256", "lab.toml:5:8: vrid '256': "},
      {"source_address = \"10.99.0\"", "lab.toml:6:18: source_address '10.99.0': must be an IPv4 or IPv6 address"},
      {"virtual_addresses = []", "virtual_addresses: must be 1..255 addresses"},
      {"virtual_addresses = [\"fe80::1\"]", "must be of the family of source_address"},
      {"silent_at = \"3\"", "silent_at '3': must be a whole number and a unit"},
      {"silent_at = 3\nresign_at = 3", "resign_at: silent_at is given too, choose one"},
      {"resume_at = 3", "resume_at: needs silent_at or resign_at"},
      {"silent_at = 3\nresume_at = 3", "resume_at: must be later than silent_at"},
      {"start_at = 4\nsilent_at = 3", "silent_at: must be later than start_at"},
      {"rate = 5", "rate: is not for kind 'master', which sends at its interval"},
      {"advertisement_interval = \"1500ms\"", "advertisement_interval '1500ms': must be 1..255 whole seconds"},
      {"version = 4", "version '4': must be 2..3"},
      {"priority = 0", "priority '0': must be 1..255"},
      {"sequence = 0", "sequence '0': must be 1..4294967295"},
      {"source_mac = \"01:00:5e:00:00:12\"", "must be port, virtual, or the MAC address of one host"},
      {"clock_offset = \"1s\"", "clock_offset: is only for kind 'clock-skew'"},
      {"authentication = { type = \"ah\" }", "one of key, key_hex, key_file"},
      {"authentication = { type = \"simple\", password = \"123456789\" }", "must be 1..8 bytes"},
      {"name = \"\"", "name '': must be 1..63 bytes"},
      {"vlan = [1, 2, 3]", "vlan"},
      {"vlan = [\"4095\"]", "vlan '4095': "},
      {"speed = 1", "unknown key 'speed' in [[stream]]"},
  };
  for (const Case& c : cases) {
    std::string text = kHead;
    const std::string lines = c.lines;
    const std::string key = lines.substr(0, lines.find(' '));
    for (const char* line : {"kind = \"master\"", "vrid = 51", "source_address = \"10.99.0.9\"",
                             "virtual_addresses = [\"10.99.0.100/24\"]"}) {
      absl::StrAppend(&text, std::string(line).starts_with(key + " ") ? lines : line, "\n");
    }
    if (text.find(lines) == std::string::npos) absl::StrAppend(&text, lines, "\n");
    EXPECT_THAT(MessagesOf(ReadProfileText(text)), testing::Contains(HasSubstr(c.message))) << c.lines;
  }
}

TEST(GenProfileTest, RefusesAKindThatTheGroupCannotHave) {
  EXPECT_THAT(MessagesOf(ReadProfileText(std::string(kHead) +
                                         "kind = \"forged\"\nvrid = 51\n"
                                         "source_address = \"10.99.0.9\"\nvirtual_addresses = [\"10.99.0.100\"]\n")),
              ElementsAre(HasSubstr("kind 'forged': does not exist in VRRPv2 over IPv4 without authentication")));
}

TEST(GenProfileTest, RefusesVersion2OverIpv6AndAhWithoutSpiThere) {
  const std::string v6 =
      "kind = \"valid\"\nvrid = 1\nsource_address = \"fe80::9\"\nvirtual_addresses = [\"fe80::1\"]\n";
  EXPECT_THAT(MessagesOf(ReadProfileText(kHead + v6)), ElementsAre(HasSubstr("version: must be 3")));
  EXPECT_THAT(MessagesOf(ReadProfileText(
                  kHead + v6 + "version = 3\nauthentication = { type = \"ah\", key = \"0123456789abcdef\" }\n")),
              testing::Contains(HasSubstr("spi: is required with AH over IPv6")));
}

TEST(GenProfileTest, RefusesTwoMastersOfAVirtualRouter) {
  EXPECT_THAT(MessagesOf(ReadProfileText(absl::StrCat(kHead, kValidLines, "[[stream]]\n", kValidLines))),
              ElementsAre(HasSubstr("vrid '51': stream 'stream 1' is its master already")));
}

TEST(GenProfileTest, NeverShowsAKey) {
  const GenProfileResult result = ReadProfileText(
      absl::StrCat(kHead, kValidLines, "authentication = { type = \"ah\", key_hex = \"deadbeefXY\" }\n"));
  ASSERT_THAT(result.errors, testing::Not(IsEmpty()));
  for (const std::string& message : MessagesOf(result)) EXPECT_THAT(message, testing::Not(HasSubstr("deadbeef")));
}

TEST(GenProfileTest, OptionsMakeAStreamAndReplaceSettings) {
  const std::vector<GenOption> options = {{"device", "net_null0"},
                                          {"kind", "master"},
                                          {"vrid", "7"},
                                          {"vlan", "100,200"},
                                          {"source_address", "10.0.0.9"},
                                          {"virtual_addresses", "10.0.0.1,10.0.1.1"},
                                          {"per_vlan", "0.1.0.0"},
                                          {"auth", "ah"},
                                          {"key", "s3cr3t"},
                                          {"poll", ""}};
  const GenProfileResult result = ReadProfileText("", options);
  ASSERT_THAT(MessagesOf(result), IsEmpty());
  EXPECT_TRUE(result.profile.poll);
  const GenStream& stream = result.profile.streams.at(0);
  EXPECT_EQ(stream.auth.kind, AuthKind::kAh);
  ASSERT_THAT(stream.routers, SizeIs(2));
  EXPECT_THAT(stream.routers[1].addresses, ElementsAre(Ip("10.100.0.1"), Ip("10.100.1.1")));
}

TEST(GenProfileTest, RefusesAStreamByOptionBesideOneInTheProfile) {
  EXPECT_THAT(MessagesOf(ReadProfileText(absl::StrCat(kHead, kValidLines), {{"kind", "valid"}})),
              ElementsAre(HasSubstr("kind: is not allowed with a profile that has a [[stream]]")));
}

TEST(GenProfileTest, NeedsAStream) {
  EXPECT_THAT(MessagesOf(ReadProfileText("[generator]\ndevice = \"net_null0\"\n")),
              ElementsAre(HasSubstr("stream: is required")));
}

TEST(GenProfileTest, ReportsTheFirstPlaceThatIsNotToml) {
  EXPECT_THAT(MessagesOf(ReadProfileText("[generator\n")), ElementsAre(HasSubstr("lab.toml:1:")));
}

TEST(GenProfileTest, RefusesTooManyRouters) {
  EXPECT_THAT(MessagesOf(ReadProfileText(absl::StrCat(
                  kHead, "kind = \"valid\"\nvlan = [\"1-4094\"]\nvrid = \"1-255\"\nsource_address = \"10.99.0.9\"\n",
                  "virtual_addresses = [\"10.99.0.100\"]\n"))),
              ElementsAre(HasSubstr("the stream has 1043970 virtual routers, at most 262144")));
}

TEST(GenProfileTest, RefusesStepsBeyondTheAddresses) {
  EXPECT_THAT(MessagesOf(ReadProfileText(
                  absl::StrCat(kHead, "kind = \"valid\"\nvrid = \"1-2\"\nsource_address = \"10.99.0.9\"\n",
                               "virtual_addresses = [{ address = \"255.255.255.255\", per_vrid = \"0.0.0.1\" }]\n"))),
              ElementsAre(HasSubstr("its steps exceed the range of IPv4 addresses")));
}

}  // namespace
}  // namespace dpvrrp
