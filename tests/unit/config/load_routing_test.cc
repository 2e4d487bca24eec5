// SPDX-License-Identifier: BSD-3-Clause
//
// virtual_routes and virtual_rules of instances and templates.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "config/diff.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The good file with one more line, 20.
LoadResult LoadWith(absl::string_view line) { return Load(absl::StrCat(kGoodFile, line, "\n")); }

InstanceConfig InstanceOf(absl::string_view line) {
  const LoadResult result = LoadWith(line);
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  return result.config.instances.empty() ? InstanceConfig() : result.config.instances.front();
}

std::vector<std::string> RoutesOf(absl::string_view list) {
  std::vector<std::string> texts;
  for (const VirtualRoute& route : InstanceOf(absl::StrCat("virtual_routes = ", list)).virtual_routes) {
    texts.push_back(ToString(route));
  }
  return texts;
}

std::vector<std::string> RulesOf(absl::string_view list) {
  std::vector<std::string> texts;
  for (const VirtualRule& rule : InstanceOf(absl::StrCat("virtual_rules = ", list)).virtual_rules) {
    texts.push_back(ToString(rule));
  }
  return texts;
}

TEST(LoadRoutingTest, RoutesOfBothFamilies) {
  EXPECT_THAT(RoutesOf(R"([
    { to = "10.50.0.0/16", via = "10.99.0.254", device = "eth1", src = "10.99.0.100", table = 100, metric = 10 },
    { to = "default", via = "10.99.0.254" },
    { to = "default", device = "eth1", src = "2001:db8::1" },
    { to = "10.51.0.1", device = "eth1" },
    { to = "2001:db8:50::/48", via = "fe80::1", device = "eth1", metric = 0, table = 4294967295 },
    { to = "0.0.0.0/0", device = "eth1", table = 7 },
  ])"),
              ElementsAre("10.50.0.0/16 via 10.99.0.254 dev eth1 src 10.99.0.100 table 100 metric 10",
                          "0.0.0.0/0 via 10.99.0.254", "::/0 dev eth1 src 2001:db8::1", "10.51.0.1/32 dev eth1",
                          "2001:db8:50::/48 via fe80::1 dev eth1 table 4294967295", "0.0.0.0/0 dev eth1 table 7"));
}

TEST(LoadRoutingTest, RulesOfBothFamilies) {
  EXPECT_THAT(RulesOf(R"([
    { from = "10.99.0.0/24", to = "10.50.0.0/16", iif = "eth0", table = 100, priority = 500 },
    { iif = "eth0", table = 100, family = "ipv6" },
    { to = "2001:db8::/32", table = 100 },
    { from = "10.99.0.7", table = 254, family = "ipv4" },
  ])"),
              ElementsAre("from 10.99.0.0/24 to 10.50.0.0/16 iif eth0 table 100 priority 500",
                          "ipv6 iif eth0 table 100 priority 1000", "to 2001:db8::/32 table 100 priority 1000",
                          "from 10.99.0.7/32 table 254 priority 1000"));
}

TEST(LoadRoutingTest, EachFaultOfARouteIsReportedOnce) {
  const auto fault = [](absl::string_view entry) {
    return Lines(LoadWith(absl::StrCat("virtual_routes = [ ", entry, " ]")).errors);
  };
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\" }"),
              ElementsAre("/etc/c.toml:20:20: virtual_routes: needs via or device"));
  EXPECT_THAT(fault("{ via = \"10.99.0.254\" }"), ElementsAre("/etc/c.toml:20:20: to: is required in virtual_routes"));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/33\", device = \"eth1\" }"),
              ElementsAre("/etc/c.toml:20:27: to '10.50.0.0/33': must be a prefix such as 10.50.0.0/16 or "
                          "2001:db8:50::/48, or \"default\""));
  EXPECT_THAT(fault("{ to = \"10.50.1.0/16\", device = \"eth1\" }"),
              ElementsAre("/etc/c.toml:20:27: to '10.50.1.0/16': has bits outside of its prefix length: write "
                          "10.50.0.0/16"));
  EXPECT_THAT(fault("{ to = \"default\", device = \"eth1\" }"),
              ElementsAre("/etc/c.toml:20:27: to 'default': needs via or src: write 0.0.0.0/0 or ::/0 instead"));
  EXPECT_THAT(
      fault("{ to = \"10.50.0.0/16\", via = \"2001:db8::1\" }"),
      ElementsAre("/etc/c.toml:20:49: via '2001:db8::1': must be IPv4, as the other addresses of its entry are"));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\", via = \"10.99.0.300\" }"),
              ElementsAre("/etc/c.toml:20:49: via '10.99.0.300': must be an IPv4 or IPv6 address, without a prefix "
                          "length"));
  EXPECT_THAT(fault("{ to = \"::/0\", via = \"fe80::1\" }"),
              ElementsAre("/etc/c.toml:20:41: via 'fe80::1': is link-local, so it needs a device"));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\", device = \"eth1\", table = 255 }"),
              ElementsAre("/etc/c.toml:20:68: table '255': is the kernel's own table of local addresses"));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\", device = \"eth1\", table = 0 }"),
              ElementsAre("/etc/c.toml:20:68: table '0': must be 1..4294967295"));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\", device = \"eth1\", metric = -1 }"),
              ElementsAre("/etc/c.toml:20:69: metric '-1': must be 0..4294967295"));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\", device = \"a/b\" }"), SizeIs(1));
  EXPECT_THAT(fault("{ to = \"10.50.0.0/16\", devic = \"eth1\", via = \"10.99.0.254\" }"),
              ElementsAre("/etc/c.toml:20:43: unknown key 'devic' in virtual_routes: did you mean 'device'?"));
  EXPECT_THAT(fault("\"10.50.0.0/16\""),
              ElementsAre("/etc/c.toml:20:20: virtual_routes: must be a list of tables, got a string"));
}

TEST(LoadRoutingTest, EachFaultOfARuleIsReportedOnce) {
  const auto fault = [](absl::string_view entry) {
    return Lines(LoadWith(absl::StrCat("virtual_rules = [ ", entry, " ]")).errors);
  };
  EXPECT_THAT(fault("{ table = 100 }"), ElementsAre("/etc/c.toml:20:19: virtual_rules: needs from, to or iif"));
  EXPECT_THAT(fault("{ from = \"10.99.0.0/24\" }"),
              ElementsAre("/etc/c.toml:20:19: table: is required in virtual_rules"));
  EXPECT_THAT(fault("{ iif = \"eth0\", table = 100 }"),
              ElementsAre("/etc/c.toml:20:19: virtual_rules: needs family with iif alone, \"ipv4\" or \"ipv6\""));
  EXPECT_THAT(fault("{ from = \"10.99.0.0/24\", table = 100, family = \"ipv6\" }"),
              ElementsAre("/etc/c.toml:20:66: family 'ipv6': is not the family of its addresses"));
  EXPECT_THAT(fault("{ from = \"10.99.0.0/24\", to = \"::1/128\", table = 100 }"),
              ElementsAre("/etc/c.toml:20:49: to '::1/128': must be IPv4, as the other addresses of its entry are"));
  EXPECT_THAT(fault("{ from = \"0.0.0.0/0\", table = 100 }"),
              ElementsAre("/etc/c.toml:20:28: from '0.0.0.0/0': selects every packet: leave it out"));
  EXPECT_THAT(fault("{ from = \"10.99.0.0/24\", table = 100, priority = 0 }"),
              ElementsAre("/etc/c.toml:20:68: priority '0': must be 1..4294967295"));
}

TEST(LoadRoutingTest, DuplicatesAreErrors) {
  EXPECT_THAT(Lines(LoadWith("virtual_routes = [ { to = \"10.50.0.0/16\", via = \"10.99.0.254\" }, "
                             "{ to = \"10.50.0.0/16\", device = \"eth1\" } ]")
                        .errors),
              ElementsAre("/etc/c.toml:20:73: virtual_routes '10.50.0.0/16': is already given in line 20"));
  EXPECT_THAT(RoutesOf("[ { to = \"10.50.0.0/16\", via = \"10.99.0.254\" }, "
                       "{ to = \"10.50.0.0/16\", device = \"eth1\", metric = 5 } ]"),
              SizeIs(2));
  const std::string other = absl::StrReplaceAll(
      kGoodFile + std::string("virtual_routes = [ { to = \"10.50.0.0/16\", via = \"10.99.0.254\" } ]\n"),
      {{"\"gw\"", "\"gw2\""}, {"vrid = 51", "vrid = 52"}});
  const std::string second = other.substr(other.find("[[instance]]"));
  EXPECT_THAT(
      Lines(Load(absl::StrCat(kGoodFile, "virtual_routes = [ { to = \"10.50.0.0/16\", device = \"e\" } ]\n", second))
                .errors),
      ElementsAre("/etc/c.toml:33:27: virtual_routes '10.50.0.0/16': instance 'gw' (line 20) already has a "
                  "route to it in table 254 with metric 0"));
}

TEST(LoadRoutingTest, ATemplateFillsInDevices) {
  const std::string text = absl::StrReplaceAll(
      kGoodFile, {{"[[instance]]", "[[template]]"},
                  {"\"gw\"", "\"gw-{vlan}\""},
                  {"vlan = []", "vlan = [\"7-8\"]"},
                  {"[\"10.99.0.100/24\"]", "[ { address = \"10.99.0.100/24\", device = \"eth0.{vlan}\" } ]"}});
  const LoadResult good =
      Load(absl::StrCat(text, "virtual_rules = [ { from = \"10.99.0.0/24\", iif = \"eth0.{vlan}\", table = 100 } ]\n"));
  EXPECT_THAT(Lines(good.errors), IsEmpty());
  ASSERT_THAT(good.config.instances, SizeIs(2));
  EXPECT_EQ(ToString(good.config.instances[1].virtual_rules.at(0)),
            "from 10.99.0.0/24 iif eth0.8 table 100 priority 1000");
  EXPECT_THAT(
      Lines(Load(absl::StrCat(text, "virtual_routes = [ { to = \"10.50.0.0/16\", device = \"eth0.{vlan}\" } ]\n"))
                .errors),
      ElementsAre("/etc/c.toml:20:27: instance 'gw-8': virtual_routes '10.50.0.0/16': instance 'gw-7' (line 20) "
                  "already has a route to it in table 254 with metric 0"));
  EXPECT_THAT(
      Lines(
          Load(absl::StrCat(text, "virtual_rules = [ { iif = \"eth{x}\", table = 1, family = \"ipv4\" } ]\n")).errors),
      SizeIs(1));
}

TEST(LoadRoutingTest, AReloadShowsWhatChanges) {
  const Config before = LoadWith("virtual_routes = [ { to = \"10.50.0.0/16\", via = \"10.99.0.254\" } ]").config;
  const Config after = LoadWith(
                           "virtual_routes = [ { to = \"10.60.0.0/16\", via = \"10.99.0.254\" } ]\n"
                           "virtual_rules = [ { from = \"10.99.0.0/24\", table = 7 } ]")
                           .config;
  const ConfigDiff diff = Diff(before, after);
  ASSERT_THAT(diff.changed, SizeIs(1));
  EXPECT_TRUE(diff.changed[0].in_place);
  EXPECT_THAT(diff.changed[0].what,
              ElementsAre("virtual_routes: + 10.60.0.0/16 via 10.99.0.254, - 10.50.0.0/16 via 10.99.0.254",
                          "virtual_rules: + from 10.99.0.0/24 table 7 priority 1000"));
}

}  // namespace
}  // namespace dpvrrp
