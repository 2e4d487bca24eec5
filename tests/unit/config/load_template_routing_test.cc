// SPDX-License-Identifier: BSD-3-Clause
//
// Routes and rules of a [[template]] that step from instance to instance.
#include <gmock/gmock.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/diff.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// 4,000 VLANs, each with a network behind a router of its own, and a table of its own.
constexpr char kRoutingTemplate[] =
    "[[port]]\n"                                                             // 1
    "name = \"lan\"\n"                                                       // 2
    "device = \"net_null0\"\n"                                               // 3
    "[[template]]\n"                                                         // 4
    "name = \"v{vlan}-{vrid}\"\n"                                            // 5
    "port = \"lan\"\n"                                                       // 6
    "vlan = [\"95-4094\"]\n"                                                 // 7
    "vrid = 7\n"                                                             // 8
    "source_address = { address = \"10.0.0.2\", per_vlan = \"0.0.4.0\" }\n"  // 9
    "[[template.virtual_addresses]]\n"                                       // 10
    "address = \"10.0.0.1/22\"\n"                                            // 11
    "per_vlan = \"0.0.4.0\"\n"                                               // 12
    "device = \"eth0.{vlan}\"\n"                                             // 13
    "[[template.virtual_routes]]\n"                                          // 14
    "to = { address = \"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\n"         // 15
    "via = { address = \"10.0.0.9\", per_vlan = \"0.0.4.0\" }\n"             // 16
    "src = { address = \"10.0.0.1\", per_vlan = \"0.0.4.0\" }\n"             // 17
    "table = { number = 1000, per_vlan = 10 }\n"                             // 18
    "[[template.virtual_rules]]\n"                                           // 19
    "from = { address = \"10.0.0.0/22\", per_vlan = \"0.0.4.0\" }\n"         // 20
    "to = { address = \"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\n"         // 21
    "table = { number = 1000, per_vlan = 10 }\n"                             // 22
    "priority = { number = 20000, per_vlan = 2 }\n";                         // 23

std::string RoutingWith(absl::string_view piece, absl::string_view instead) {
  EXPECT_TRUE(absl::StrContains(kRoutingTemplate, piece)) << piece;
  return absl::StrReplaceAll(kRoutingTemplate, {{piece, instead}});
}

// The routes and rules of one instance.
std::vector<std::string> RoutingOf(const InstanceConfig& instance) {
  std::vector<std::string> texts;
  for (const VirtualRoute& route : instance.virtual_routes) texts.push_back(ToString(route));
  for (const VirtualRule& rule : instance.virtual_rules) texts.push_back(ToString(rule));
  return texts;
}

// An untagged template of the VRIDs 51 to 53 with these lines, 10 and up.
std::string ByVrid(absl::string_view lines) {
  return absl::StrCat(
      "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n[[template]]\nname = \"gw-{vrid}\"\nport = \"lan\"\n"
      "vrid = \"51-53\"\nsource_address = \"10.0.0.2\"\n"
      "virtual_addresses = [ { address = \"10.0.0.51/24\", per_vrid = \"0.0.0.1\" } ]\n",
      lines, "\n");
}

TEST(LoadTemplateRoutingTest, EachOfFourThousandInstancesHasItsOwn) {
  const LoadResult result = Load(kRoutingTemplate);
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  const std::vector<InstanceConfig>& instances = result.config.instances;
  ASSERT_THAT(instances, SizeIs(4000));
  EXPECT_THAT(RoutingOf(instances.front()), ElementsAre("10.128.0.0/24 via 10.0.0.9 src 10.0.0.1 table 1000",
                                                        "from 10.0.0.0/22 to 10.128.0.0/24 table 1000 priority 20000"));
  EXPECT_THAT(RoutingOf(instances[300]), ElementsAre("10.129.44.0/24 via 10.4.176.9 src 10.4.176.1 table 4000",
                                                     "from 10.4.176.0/22 to 10.129.44.0/24 table 4000 priority 20600"));
  EXPECT_THAT(RoutingOf(instances.back()),
              ElementsAre("10.143.159.0/24 via 10.62.124.9 src 10.62.124.1 table 40990",
                          "from 10.62.124.0/22 to 10.143.159.0/24 table 40990 priority 27998"));
  std::set<std::string> all;
  for (const InstanceConfig& instance : instances) {
    for (const std::string& text : RoutingOf(instance)) all.insert(text);
  }
  EXPECT_THAT(all, SizeIs(2 * 4000));
}

// The instances of a template are equal to the same [[instance]]s.
TEST(LoadTemplateRoutingTest, MakesOrdinaryRoutesAndRules) {
  const LoadResult made = Load(ByVrid(
      R"(virtual_routes = [ { to = { address = "10.50.0.0/24", per_vrid = "0.0.2.0" }, via = "10.0.0.9", metric = 3 } ]
virtual_rules = [ { iif = "e{vrid}", family = "ipv6", table = 7, priority = { number = 100, per_vrid = 1 } } ]
)"));
  ASSERT_THAT(Lines(made.errors), IsEmpty());
  std::string text = "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n";
  for (const int i : {0, 1, 2}) {
    const int vrid = 51 + i;
    absl::StrAppend(&text, "[[instance]]\nname = \"gw-", vrid, "\"\nport = \"lan\"\nvrid = ", vrid,
                    "\nsource_address = \"10.0.0.2\"\nvirtual_addresses = [\"10.0.0.", vrid,
                    "/24\"]\nvirtual_routes = [ { to = \"10.50.", 2 * i,
                    ".0/24\", via = \"10.0.0.9\", metric = 3 } ]\nvirtual_rules = [ { iif = \"e", vrid,
                    "\", family = \"ipv6\", table = 7, priority = ", 100 + i, " } ]\n");
  }
  const LoadResult written = Load(text);
  ASSERT_THAT(Lines(written.errors), IsEmpty());
  EXPECT_EQ(made.config, written.config);
}

TEST(LoadTemplateRoutingTest, StacksOfTwoTagsAndVridsStepSeparately) {
  std::string text = RoutingWith("[\"95-4094\"]", "[\"100,300\", \"7-8\"]");
  text = absl::StrReplaceAll(
      text, {{"vrid = 7", "vrid = \"51-52\""},
             {"10.0.0.2\"", "10.0.0.200\""},
             {"10.0.0.1/22\"\n", "10.0.0.1/22\"\nper_vrid = \"0.0.0.1\"\n"},
             {"\"10.128.0.0/24\", per_vlan = \"0.0.1.0\"",
              "\"10.64.0.0/24\", per_vlan = \"0.0.1.0\", per_inner_vlan = \"0.64.0.0\", per_vrid = \"1.0.0.0\""},
             {"per_vlan = 10 }", "per_vlan = 10, per_inner_vlan = 4, per_vrid = 1 }"},
             {"per_vlan = 2 }", "per_vlan = 2, per_inner_vlan = 1000000000 }"}});
  const LoadResult result = Load(text);
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_THAT(result.config.instances, SizeIs(2 * 2 * 2));
  EXPECT_EQ(result.config.instances[7].name, "v300.8-52");
  EXPECT_THAT(RoutingOf(result.config.instances[7]),
              ElementsAre("11.128.200.0/24 via 10.3.32.9 src 10.3.32.1 table 3005",
                          "from 10.3.32.0/22 to 11.128.200.0/24 table 3005 priority 1000020400"));
  EXPECT_THAT(RoutingOf(result.config.instances[2]),  // 100.8-51
              ElementsAre("10.128.0.0/24 via 10.0.0.9 src 10.0.0.1 table 1004",
                          "from 10.0.0.0/22 to 10.128.0.0/24 table 1004 priority 1000020000"));
}

TEST(LoadTemplateRoutingTest, Ipv6StepsByIpv6Distances) {
  const LoadResult result = Load(ByVrid(R"([[template.virtual_routes]]
to = { address = "2001:db8:51::/48", per_vrid = "0:0:1::" }
via = { address = "fe80::51", per_vrid = "::1:1" }
device = "e{vrid}"
src = { address = "2001:db8::51", per_vrid = "::1" }
[[template.virtual_rules]]
from = { address = "2001:db8:0:8000::/49", per_vrid = "0:0:0:8000::" }
to = { address = "2001:db8:51::51", per_vrid = "::f" }
table = 9
)"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(RoutingOf(result.config.instances.back()),
              ElementsAre("2001:db8:53::/48 via fe80::2:53 dev e53 src 2001:db8::53",
                          "from 2001:db8:1:8000::/49 to 2001:db8:51::6f/128 table 9 priority 1000"));
}

// `default` is the same prefix for all. Its family is that of the other addresses.
TEST(LoadTemplateRoutingTest, DefaultRoutesDifferByTable) {
  const LoadResult result = Load(ByVrid(R"([[template.virtual_routes]]
to = "default"
via = { address = "10.9.51.254", per_vrid = "0.0.1.0" }
table = { number = 51, per_vrid = 1 }
[[template.virtual_routes]]
to = { address = "default" }
src = { address = "2001:db8::51", per_vrid = "::1" }
device = "e0"
table = { number = 51, per_vrid = 1 }
)"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(RoutingOf(result.config.instances.back()),
              ElementsAre("0.0.0.0/0 via 10.9.53.254 table 53", "::/0 dev e0 src 2001:db8::53 table 53"));
}

// VLANs that are added behind the first one change no other. Smaller numbers step down.
TEST(LoadTemplateRoutingTest, AddingVlansBehindTheFirstChangesNoOther) {
  const Config before = Load(RoutingWith("95-4094", "100-163")).config;
  const LoadResult after = Load(RoutingWith("95-4094", "100-163,90,200"));
  ASSERT_THAT(Lines(after.errors), IsEmpty());
  const ConfigDiff diff = Diff(before, after.config);
  EXPECT_THAT(diff.added, SizeIs(2));
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_THAT(RoutingOf(after.config.instances.at(64)),
              ElementsAre("10.127.246.0/24 via 9.255.216.9 src 9.255.216.1 table 900",
                          "from 9.255.216.0/22 to 10.127.246.0/24 table 900 priority 19980"));
}

// What the file itself says wrong has no instance.
TEST(LoadTemplateRoutingTest, FaultsOfTheFirstValueAndTheSteps) {
  const std::string step = "must be a step written as an IPv4 address, such as 0.0.1.0";
  const struct {
    std::string piece, instead;
    std::vector<std::string> errors;
  } kCases[] = {
      {"to = { address = \"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\nvia",
       "to = { address = \"10.128.0.1/24\", per_vlan = \"0.0.1.0\" }\nvia",
       {"15:18: to '10.128.0.1/24': has bits outside of its prefix length: write 10.128.0.0/24"}},
      {"to = { address = \"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\nvia",
       "to = { address = \"10.128.0.0/33\" }\nvia",
       {"15:18: to '10.128.0.0/33': must be a prefix such as 10.50.0.0/16 or 2001:db8:50::/48, or \"default\""}},
      {"10.0.0.9\"",
       "10.0.0.9/24\"",
       {"16:19: via '10.0.0.9/24': must be an IPv4 or IPv6 address, without a prefix "
        "length"}},
      {"10.0.0.9\"", "224.0.0.9\"", {"16:19: via '224.0.0.9': must be a unicast address"}},
      {"\"10.0.0.9\", per_vlan = \"0.0.4.0\"",
       "\"2001:db8::9\", per_vlan = \"::4\"",
       {"16:19: via '2001:db8::9': must be IPv4, as the other addresses of its entry are"}},
      {"\"10.0.0.9\", per_vlan = \"0.0.4.0\"", "\"10.0.0.9\", per_vlan = \"::4\"", {"16:42: per_vlan '::4': " + step}},
      {"\"10.0.0.9\", per_vlan = \"0.0.4.0\"",
       "\"10.0.0.9\", per_inner_vlan = \"0.0.4.0\"",
       {"16:48: per_inner_vlan '0.0.4.0': vlan has no such tag"}},
      {"\"10.0.0.9\", per_vlan = ",
       "\"10.0.0.9\", per_lan = ",
       {"16:31: unknown key 'per_lan' in addresses of a [[template]]: did you mean 'per_vlan'?"}},
      {"\"10.0.0.9\", per_vlan = \"0.0.4.0\"",
       "\"10.0.0.9\", device = \"eth0\"",
       {"16:40: device 'eth0': is not allowed for via"}},
      {"via = { address = \"10.0.0.9\",", "via = {", {"16:7: address: is required in addresses of a [[template]]"}},
      {"via = { address = \"10.0.0.9\", per_vlan = \"0.0.4.0\" }",
       "via = 9",
       {"16:7: via: must be a string or a table, got an integer"}},
      {"via = { address = \"10.0.0.9\", per_vlan = \"0.0.4.0\" }\n", "", {"14:1: virtual_routes: needs via or device"}},
      {"to = { address = \"10.128.0.0/24\", per_vlan",
       "to = { address = \"default\", per_vlan",
       {"15:40: per_vlan '0.0.1.0': a default route has no steps",
        "21:18: to 'default': must be a prefix such as 10.99.0.0/24 or 2001:db8::/64"}},
      {"{ address = \"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\nvia",
       "{ address = \"0.0.0.0/0\", per_vrid = \"1.0.0.0\" }\nvia",
       {"15:42: per_vrid '1.0.0.0': a default route has no steps"}},
      {"from = { address = \"10.0.0.0/22\"",
       "from = { address = \"0.0.0.0/0\"",
       {"20:20: from '0.0.0.0/0': selects every packet: leave it out"}},
      {"from = { address = \"10.0.0.0/22\", per_vlan = \"0.0.4.0\"",
       "from = { address = \"2001:db8::/32\", per_vlan = \"0:1::\"",
       {"21:18: to '10.128.0.0/24': must be IPv6, as the other addresses of its entry are"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = { number = 255, per_vlan = 10 }\n[[",
       {"18:20: table '255': is the kernel's own table of local addresses"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = { number = 4294967296 }\n[[",
       {"18:20: table '4294967296': must be 1..4294967295"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = { number = 1000, per_vlan = -1 }\n[[",
       {"18:37: per_vlan '-1': must be 0..4294967295"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = { number = 1000, per_inner_vlan = 1 }\n[[",
       {"18:43: per_inner_vlan '1': vlan has no such tag"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = { per_vlan = 1 }\n[[",
       {"18:9: number: is required in numbers of a [[template]]"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = \"1000\"\n[[",
       {"18:9: table: must be an integer or a table, got a string"}},
      {"number = 20000", "number = 0", {"23:23: priority '0': must be 1..4294967295"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "metric = { number = 1 }\n[[",
       {"18:10: metric: must be an integer, got a table"}},
  };
  for (const auto& c : kCases) EXPECT_EQ(Errors(RoutingWith(c.piece, c.instead)), c.errors) << c.instead;
}

// What an instance breaks after its steps names the first instance that does.
TEST(LoadTemplateRoutingTest, FaultsAfterTheStepsNameTheFirstInstance) {
  const struct {
    std::string piece, instead;
    std::vector<std::string> errors;
  } kCases[] = {
      {"\"0.0.1.0\" }\nvia",
       "\"0.0.0.128\" }\nvia",
       {"15:18: instance 'v96-7': to '10.128.0.128/24': has bits outside of its prefix length: its steps must be "
        "multiples of 0.0.1.0"}},
      {"per_vlan = \"0.0.1.0\" }\ntable",
       "per_vrid = \"0.0.0.7\", per_vlan = \"0.0.4.1\" }\ntable",
       {"21:18: instance 'v96-7': to '10.128.4.1/24': has bits outside of its prefix length: its steps must be "
        "multiples of 0.0.1.0"}},
      {"\"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\nvia",
       "\"255.255.0.0/24\", per_vlan = \"0.0.1.0\" }\nvia",
       {"15:18: instance 'v351-7': to '255.255.0.0/24': its steps exceed the range of IPv4 addresses"}},
      {"\"10.0.0.9\"", "\"223.255.248.9\"", {"16:19: instance 'v97-7': via '224.0.0.9': must be a unicast address"}},
      {"src = { address = \"10.0.0.1\", per_vlan = \"0.0.4.0\" }",
       "src = { address = \"126.255.255.255\", per_vlan = \"0.0.0.1\" }",
       {"17:19: instance 'v96-7': src '127.0.0.0': must be a unicast address"}},
      {"from = { address = \"10.0.0.0/22\"",
       "from = { address = \"255.255.252.0/22\"",
       {"20:20: instance 'v96-7': from '255.255.252.0/22': its steps exceed the range of IPv4 addresses"}},
      {"table = { number = 1000, per_vlan = 10 }\n[[",
       "table = { number = 105, per_vlan = 10 }\n[[",
       {"18:20: instance 'v110-7': table '255': is the kernel's own table of local addresses"}},
      {"table = { number = 1000, per_vlan = 10 }\npriority",
       "table = { number = 4294967290, per_vlan = 3 }\npriority",
       {"22:20: instance 'v97-7': table '4294967296': must be 1..4294967295"}},
      {"{ number = 20000, per_vlan = 2 }",
       "{ number = 1, per_vlan = 4294967295 }",
       {"23:23: instance 'v96-7': priority '4294967296': must be 1..4294967295"}},
      {"\"95-4094\"",
       "\"1200,1000\"",
       {"18:20: instance 'v1000-7': table '-1000': must be 1..4294967295",
        "22:20: instance 'v1000-7': table '-1000': must be 1..4294967295"}},
  };
  for (const auto& c : kCases) EXPECT_EQ(Errors(RoutingWith(c.piece, c.instead)), c.errors) << c.instead;
}

TEST(LoadTemplateRoutingTest, Ipv6FaultsAfterTheSteps) {
  const auto fault = [](absl::string_view entry) {
    return Errors(ByVrid(absl::StrCat("virtual_routes = [ ", entry, " ]")));
  };
  EXPECT_THAT(fault("{ to = \"2001:db8::/32\", via = { address = \"fe7f::1\", per_vrid = \"0:8000::\" }, table = { "
                    "number = 5, per_vrid = 1 } }"),
              ElementsAre("10:62: instance 'gw-53': via 'fe80::1': is link-local, so it needs a device"));
  EXPECT_THAT(fault("{ to = { address = \"2001:db8::/64\", per_vrid = \"0:0:0:1::\" }, device = \"e0\" }"), IsEmpty());
  EXPECT_THAT(fault("{ to = { address = \"2001:db8::/63\", per_vrid = \"0:0:0:1::\" }, device = \"e0\" }"),
              ElementsAre("10:39: instance 'gw-52': to '2001:db8:0:1::/63': has bits outside of its prefix length: its "
                          "steps must be multiples of 0:0:0:2::"));
  EXPECT_THAT(
      fault("{ to = { address = \"ffff:ffff::/32\", per_vrid = \"0:1::\" }, device = \"e0\" }"),
      ElementsAre("10:39: instance 'gw-52': to 'ffff:ffff::/32': its steps exceed the range of IPv6 addresses"));
  // ::ffff:0:0/96 are IPv4 addresses (RFC 4291 2.5.5.2).
  EXPECT_THAT(fault("{ to = { address = \"::fffd:0:0/96\", per_vrid = \"::1:0:0\" }, device = \"e0\" }"),
              ElementsAre("10:39: instance 'gw-53': to '::fffd:0:0/96': its steps exceed the range of IPv6 addresses"));
  EXPECT_THAT(fault("{ to = { address = \"2001:db8::/32\", per_vrid = \"1::\" }, device = \"e0\" }"),
              ElementsAre("10:67: per_vrid '1::': must be less than 1::"));
}

// Two instances, and two entries of one instance, must not have one place in the kernel.
TEST(LoadTemplateRoutingTest, EntriesThatBecomeAlikeAreReportedOnce) {
  // One table, and one destination.
  std::string text = absl::StrReplaceAll(
      kRoutingTemplate, {{"table = { number = 1000, per_vlan = 10 }\n[[", "table = 5\n[["},
                         {"\"10.128.0.0/24\", per_vlan = \"0.0.1.0\" }\nvia", "\"10.128.0.0/24\" }\nvia"}});
  EXPECT_THAT(Errors(text), ElementsAre("15:18: instance 'v96-7': virtual_routes '10.128.0.0/24': instance 'v95-7' "
                                        "(line 15) already has a route to it in table 5 with metric 0"));
  // The second route has the destination that the first one has in the fourth instance.
  text = absl::StrCat(kRoutingTemplate,
                      "[[template.virtual_routes]]\n"                  // 24
                      "to = \"10.128.3.0/24\"\n"                       // 25
                      "device = \"eth1\"\n"                            // 26
                      "table = { number = 1000, per_vlan = 10 }\n"     // 27
                      "[[template.virtual_rules]]\n"                   // 28
                      "iif = \"eth0.{vlan}\"\n"                        // 29
                      "family = \"ipv4\"\n"                            // 30
                      "table = 6\n"                                    // 31
                      "[[template.virtual_rules]]\n"                   // 32
                      "iif = \"eth0.99\"\n"                            // 33
                      "family = \"ipv4\"\n"                            // 34
                      "table = 6\n"                                    // 35
                      "priority = { number = 992, per_vlan = 2 }\n");  // 36
  EXPECT_THAT(Errors(text),
              ElementsAre("25:6: instance 'v98-7': virtual_routes '10.128.3.0/24': is already given in line 15",
                          "33:7: instance 'v99-7': virtual_rules 'eth0.99': is already given in line 29"));
  // Two entries that are alike in the first instance.
  text = absl::StrCat(kRoutingTemplate, "[[template.virtual_routes]]\nto = \"10.128.0.0/24\"\ndevice = \"eth1\"\n",
                      "table = 1000\n");
  EXPECT_THAT(Errors(text), ElementsAre("25:6: virtual_routes '10.128.0.0/24': is already given in line 15"));
}

TEST(LoadTemplateRoutingTest, AnInstanceHasNoSteps) {
  const auto fault = [](absl::string_view line) { return Errors(absl::StrCat(kGoodFile, line, "\n")); };
  EXPECT_THAT(fault("virtual_routes = [ { to = { address = \"10.50.0.0/16\" }, device = \"e0\" } ]"),
              ElementsAre("20:27: to: must be a string, got a table"));
  EXPECT_THAT(fault("virtual_rules = [ { from = \"10.50.0.0/16\", table = { number = 5 } } ]"),
              ElementsAre("20:52: table: must be an integer, got a table"));
}

}  // namespace
}  // namespace dpvrrp
