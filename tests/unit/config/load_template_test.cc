// SPDX-License-Identifier: BSD-3-Clause
//
// [[template]]: its instances, and the report of its faults.
#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/limits.h"
#include "config/diff.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kTemplateFile[] =
    "[[port]]\n"                                                             // 1
    "name = \"lan\"\n"                                                       // 2
    "device = \"net_null0\"\n"                                               // 3
    "[[template]]\n"                                                         // 4
    "name = \"v{vlan}-{vrid}\"\n"                                            // 5
    "port = \"lan\"\n"                                                       // 6
    "vlan = [\"100-163\"]\n"                                                 // 7
    "vrid = \"1-250\"\n"                                                     // 8
    "priority = 150\n"                                                       // 9
    "source_address = { address = \"10.0.0.2\", per_vlan = \"0.0.4.0\" }\n"  // 10
    "[[template.virtual_addresses]]\n"                                       // 11
    "address = \"10.0.1.1/22\"\n"                                            // 12
    "per_vlan = \"0.0.4.0\"\n"                                               // 13
    "per_vrid = \"0.0.0.1\"\n"                                               // 14
    "device = \"eth0.{vlan}\"\n"                                             // 15
    "[template.authentication]\n"                                            // 16
    "type = \"ah\"\n"                                                        // 17
    "key = \"k7Qw2ZpX\"\n";                                                  // 18

std::string With(absl::string_view piece, absl::string_view instead) {
  EXPECT_TRUE(absl::StrContains(kTemplateFile, piece)) << piece;
  return absl::StrReplaceAll(kTemplateFile, {{piece, instead}});
}

std::vector<std::string> Names(const LoadResult& result) {
  std::vector<std::string> names;
  for (const InstanceConfig& instance : result.config.instances) names.push_back(instance.name);
  return names;
}

TEST(LoadTemplateTest, MakesAnInstanceForEachVlanAndVrid) {
  const LoadResult result = Load(kTemplateFile);
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(result.warnings, SizeIs(1));  // of the legacy algorithm, once
  ASSERT_THAT(result.config.instances, SizeIs(64 * 250));

  InstanceConfig last;
  last.name = "v163-250";
  last.port = "lan";
  last.vlan = {163, 0};
  last.vrid = Vrid(250);
  last.priority = Priority(150);
  last.source_address = *ParseIpAddress("10.0.252.2");
  last.virtual_addresses = {{*ParseIpPrefix("10.0.253.250/22"), "eth0.163"}};
  last.auth.kind = AuthKind::kAh;
  last.auth.keyring = OwnKey(Bytes("k7Qw2ZpX"));
  EXPECT_EQ(result.config.instances.back(), last);
  EXPECT_EQ(result.config.instances.front().name, "v100-1");
  EXPECT_EQ(ToString(result.config.instances.front().virtual_addresses[0].prefix), "10.0.1.1/22");
}

// The instances of a template are equal to the same [[instance]]s.
TEST(LoadTemplateTest, MakesOrdinaryInstances) {
  const LoadResult made = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[template]]
name = "gw-{vrid}"
port = "lan"
vrid = "51,52"
source_address = "10.99.0.2"
virtual_addresses = [{ address = "10.99.0.100/24", per_vrid = "0.0.0.7" }, "10.99.0.9"]
)");
  const LoadResult written = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[instance]]
name = "gw-51"
port = "lan"
vrid = 51
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24", "10.99.0.9"]
[[instance]]
name = "gw-52"
port = "lan"
vrid = 52
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.107/24", "10.99.0.9"]
)");
  ASSERT_THAT(Lines(made.errors), IsEmpty());
  EXPECT_EQ(made.config, written.config);
  EXPECT_TRUE(Diff(made.config, written.config).empty());
}

TEST(LoadTemplateTest, StacksOfTwoTagsStepSeparately) {
  const LoadResult result = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[template]]
name = "s{outer}-c{inner}"
port = "lan"
vlan = [ "100,300", "7-8" ]
vrid = 51
source_address = { address = "10.0.0.2", per_vlan = "0.1.0.0", per_inner_vlan = "0.0.1.0" }
virtual_addresses = [ { address = "10.0.0.1/24", per_vlan = "0.1.0.0", per_inner_vlan = "0.0.1.0", device = "e.{vlan}" } ]
)");
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Names(result), ElementsAre("s100-c7", "s100-c8", "s300-c7", "s300-c8"));
  const InstanceConfig& last = result.config.instances.back();
  EXPECT_EQ(last.vlan, (VlanStack{300, 8}));
  EXPECT_EQ(ToString(last.source_address), "10.200.1.2");  // 300 is 200 beyond the first: numbers count, not places
  EXPECT_EQ(last.virtual_addresses[0].device, "e.300.8");
}

// A VLAN that is added later must not move the addresses of the others. Distances may be negative.
TEST(LoadTemplateTest, AddingVlansBehindTheFirstChangesNoOther) {
  const Config before = Load(kTemplateFile).config;
  const LoadResult after = Load(With("100-163", "100-163,90,200"));
  ASSERT_THAT(Lines(after.errors), IsEmpty());
  const ConfigDiff diff = Diff(before, after.config);
  EXPECT_THAT(diff.added, SizeIs(500));
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_EQ(ToString(after.config.instances[64 * 250].source_address), "9.255.216.2");
}

constexpr char kIpv6Template[] =
    "[[port]]\n"                                                                             // 1
    "name = \"lan\"\n"                                                                       // 2
    "device = \"net_null0\"\n"                                                               // 3
    "[[template]]\n"                                                                         // 4
    "name = \"v{vlan}-{vrid}\"\n"                                                            // 5
    "port = \"lan\"\n"                                                                       // 6
    "version = 3\n"                                                                          // 7
    "vlan = [\"100-163,90\"]\n"                                                              // 8
    "vrid = \"1-250\"\n"                                                                     // 9
    "source_address = \"fe80::ffff\"\n"                                                      // 10
    "unicast_peers = [ \"fe80::fffe\" ]\n"                                                   // 11
    "virtual_addresses = [ { address = \"fe80::1/64\", per_vrid = \"::1\" },\n"              // 12
    "{ address = \"2001:db8:64::1/64\", per_vlan = \"0:0:1::\", per_vrid = \"::1\" } ]\n"    // 13
    "excluded_addresses = [ { address = \"2001:db8::1:0\", per_vrid = \"0:0:0:1::\" } ]\n";  // 14

std::string WithIpv6(absl::string_view piece, absl::string_view instead) {
  EXPECT_TRUE(absl::StrContains(kIpv6Template, piece)) << piece;
  return absl::StrReplaceAll(kIpv6Template, {{piece, instead}});
}

TEST(LoadTemplateTest, Ipv6AddressesStepByIpv6Distances) {
  const LoadResult result = Load(kIpv6Template);
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_THAT(result.config.instances, SizeIs(65 * 250));
  const InstanceConfig& last = result.config.instances[64 * 250 - 1];
  EXPECT_EQ(last.name, "v163-250");
  EXPECT_EQ(ToString(last.virtual_addresses[0].prefix), "fe80::fa/64");
  EXPECT_EQ(ToString(last.virtual_addresses[1].prefix), "2001:db8:a3::fa/64");
  EXPECT_EQ(ToString(last.virtual_addresses[2].prefix), "2001:db8:0:f9::1:0/128");
  EXPECT_TRUE(last.virtual_addresses[2].excluded);
  EXPECT_FALSE(last.lower_prio_no_advert);
  EXPECT_THAT(last.unicast_peers, SizeIs(1));
  const InstanceConfig& below = result.config.instances.back();  // VLAN 90, ten steps down
  EXPECT_EQ(ToString(below.virtual_addresses[1].prefix), "2001:db8:5a::fa/64");
}

TEST(LoadTemplateTest, FaultsOfIpv6Templates) {
  const std::string distance = "must be a step written as an IPv6 address, such as 0:0:0:1::";
  const struct {
    std::string piece, instead;
    std::vector<std::string> errors;
  } kCases[] = {
      {"version = 3\n",
       "",
       {"9:18: source_address 'fe80::ffff': must be IPv4 with VRRPv2 (RFC 3768 1.2), IPv6 needs version = 3"}},
      {"\"0:0:1::\"", "\"0.0.1.0\"", {"13:45: per_vlan '0.0.1.0': " + distance}},
      {"\"0:0:1::\"", "\"1::\"", {"13:45: per_vlan '1::': must be less than 1::"}},
      {"\"0:0:1::\"", "\"ffff::\"", {"13:45: per_vlan 'ffff::': must be less than 1::"}},
      {"2001:db8:64::1/64",
       "2001:db8:64::1/121",
       {"13:13: instance 'v100-128': virtual_addresses '2001:db8:64::80/121': per_vrid leaves the subnet of the first "
        "VRID's address"}},
      {"\"fe80::1/64\", per_vrid = \"::1\"",
       "\"fe80::1/64\", per_vrid = \"0:ffff::\"",
       {"12:35: instance 'v100-2': virtual_addresses 'fe80:ffff::1/64': per_vrid leaves the subnet of the first VRID's "
        "address"}},
      {"2001:db8:64::1/64\", per_vlan = \"0:0:1::\"",
       "::8/64\", per_vlan = \"0:0:1::\"",
       {"13:13: instance 'v90-1': virtual_addresses '::8/64': its steps exceed the range of IPv6 addresses"}},
      // ::ffff:0:0/96 are IPv4 addresses (RFC 4291 2.5.5.2).
      {"2001:db8::1:0\", per_vrid = \"0:0:0:1::\"",
       "::fffe:ffff:ffff\", per_vrid = \"::1\"",
       {"14:36: instance 'v100-2': excluded_addresses '::fffe:ffff:ffff': its steps exceed the range of IPv6 "
        "addresses"}},
      {"fe80::fffe",
       "fe80::ffff",
       {"11:19: instance 'v100-1': unicast_peers 'fe80::ffff': is our own, source_address"}},
      {"unicast_peers = [ \"fe80::fffe\" ]\nvirtual_addresses = [ { address = \"fe80::1/64\"",
       "strict = true\nvirtual_addresses = [ { address = \"2001:db8:9::1/64\"",
       {"12:35: instance 'v100-1': virtual_addresses '2001:db8:9::1/64': with strict the first must be link-local, of "
        "fe80::/10 (RFC 9568 5.2.9)"}},
      {"\"fe80::ffff\"",
       "{ address = \"fe80::ffff\", per_vlan = \"0:1::\" }",
       {"10:30: instance 'v90-1': source_address 'fe7f:fff6::ffff': must be link-local, of fe80::/10 (RFC 9568 "
        "5.1.2.1)"}},
      {"\"fe80::fffe\" ]\n",
       "\"fe80::fffe\" ]\nauthentication = { type = \"ah\", key = \"k7Qw2ZpX\" }\n",
       {"12:18: authentication: with version = 3 icv_rule must be 'rfc4302': keepalived has no AH for VRRPv3"}},
      {"\"fe80::fffe\" ]\n",
       "\"fe80::fffe\" ]\ngroup = \"ff02::99\"\n",
       {"12:9: group: is not allowed with unicast_peers: choose one"}},
  };
  for (const auto& c : kCases) EXPECT_EQ(Errors(WithIpv6(c.piece, c.instead)), c.errors) << c.instead;
}

TEST(LoadTemplateTest, FaultsNameThePlaceAndTheInstance) {
  const struct {
    const char *piece, *instead;
    std::vector<std::string> errors;
  } kCases[] = {
      {"[\"100-163\"]", "[\"100-4095\"]", {"7:9: vlan '100-4095': must lie in 1..4094"}},
      {"[\"100-163\"]", "\"100-163\"", {"7:8: vlan: must be a list of integers and ranges, got a string"}},
      {"[\"100-163\"]", "[1, 2, 3]", {"7:8: vlan: must be at most two tags, outermost first, got 3"}},
      {"\"1-250\"", "\"0-250\"", {"8:8: vrid '0-250': must lie in 1..255"}},
      {"\"1-250\"", "256", {"8:8: vrid '256': must lie in 1..255"}},
      {"v{vlan}-{vrid}",
       "v{vlan}",
       {"5:8: instance 'v100': name 'v{vlan}': must differ from instance to instance: put {vlan} and {vrid} in it"}},
      {"v{vlan}-{vrid}",
       "v{vlan}-{id}",
       {"5:8: name 'v{vlan}-{id}': the placeholders are {vlan}, {outer}, {inner} and {vrid}, got '{id}'"}},
      {"v{vlan}-{vrid}", "{inner}-{vrid}", {"5:8: name '{inner}-{vrid}': {inner} needs 2 tags in vlan"}},
      {"v{vlan}-{vrid}",
       "v {vlan}-{vrid}",
       {"5:8: instance 'v 100-1': name 'v 100-1': must be 1..63 of the characters A-Z a-z 0-9 . _ -"}},
      {"eth0.{vlan}",
       "bond-access1.{vlan}",
       {"15:10: instance 'v100-1': device 'bond-access1.100': must be an interface name: 1..15 bytes without '/', ':' "
        "or white space"}},
      {"device = \"eth0.{vlan}\"",
       "per_inner_vlan = \"0.0.0.1\"",
       {"15:18: per_inner_vlan '0.0.0.1': vlan has no such tag"}},
      {"per_vlan = \"0.0.4.0\"\nper_vrid",
       "per_vlan = \"1024\"\nper_vrid",
       {"13:12: per_vlan '1024': must be a step written as an IPv4 address, such as 0.0.1.0"}},
      {"10.0.0.2",
       "255.255.128.2",
       {"10:30: instance 'v132-1': source_address '255.255.128.2': its steps exceed the range of IPv4 addresses"}},
      {"10.0.0.2",
       "223.255.252.2",
       {"10:30: instance 'v101-1': source_address '224.0.0.2': must be a unicast address"}},
      {"10.0.1.1/22",
       "10.0.3.100/22",
       {"12:11: instance 'v100-157': virtual_addresses '10.0.4.0/22': per_vrid leaves the subnet of the first VRID's "
        "address"}},
      {"10.0.0.2",
       "10.0.1.9",
       {"10:30: instance 'v100-9': source_address '10.0.1.9': is a virtual address, which only the owner, priority "
        "255, may send from (RFC 3768 5.2.1)"}},
      {"per_vrid = \"0.0.0.1\"\n",
       "",
       {"12:11: instance 'v100-2': virtual_addresses '10.0.1.1/22': instance 'v100-1' (line 12) already has this "
        "address on device 'eth0.100'"}},
      {"eth0.{vlan}\"\n",
       "eth0.{vlan}\"\n[[template.virtual_addresses]]\naddress = \"10.0.1.7\"\n",
       {"17:11: instance 'v100-7': virtual_addresses '10.0.1.7/32': is already in the list"}},
      {"port = \"lan\"", "port = \"wan\"", {"6:8: instance 'v100-1': port 'wan': no [[port]] has this name"}},
      {"priority = 150", "prio = 150", {"9:1: unknown key 'prio' in [[template]]: did you mean 'priority'?"}},
      {"key = ",
       "keys = ",
       {"16:1: key: one of key, key_hex, key_file, keyring is required",
        "18:1: unknown key 'keys' in [template.authentication]: did you mean 'key'?"}},
  };
  for (const auto& c : kCases) EXPECT_EQ(Errors(With(c.piece, c.instead)), c.errors) << c.instead;
}

TEST(LoadTemplateTest, CollisionsWithOthersAreReportedOnce) {
  const std::string other = R"([[instance]]
name = "v120-7"
port = "lan"
vlan = [100]
vrid = 250
source_address = "10.0.0.2"
virtual_addresses = [ { address = "10.0.13.77/24", device = "eth0.103" } ]
)";
  EXPECT_THAT(
      Errors(kTemplateFile + other),
      ElementsAre("5:8: instance 'v120-7': name 'v120-7': the instance in line 20 already has this name",
                  "8:8: instance 'v100-250': vrid '250': instance 'v120-7' (line 23) already has this VRID on port "
                  "'lan' vlan 100 (RFC 3768 3)",
                  "12:11: instance 'v103-77': virtual_addresses '10.0.13.77/22': instance 'v120-7' (line 25) "
                  "already has this address on device 'eth0.103'"));
  // The same template again: each kind of collision once, not 16,000 times.
  const std::string twice =
      std::string(kTemplateFile) + std::string(kTemplateFile).substr(std::string(kTemplateFile).find("[[template]]"));
  EXPECT_THAT(Errors(twice), SizeIs(3));
}

TEST(LoadTemplateTest, LimitsAreCountedOverTheWholeFile) {
  std::string text = With("[\"100-163\"]", "[\"1-4094\", \"1-5\"]");
  text = absl::StrReplaceAll(text, {{"\"1-250\"", "1"}, {"0.0.4.0", "0.0.0.0"}});
  EXPECT_THAT(Errors(text), ElementsAre(absl::StrCat("7:8: instance 'v3277.5-1': vlan: port 'lan' vlan 3277.5 "
                                                     "exceeds the limit of ",
                                                     kMaxSegments, " VLAN segments")));
  text = With("[\"100-163\"]", "[\"1-4094\", \"1-4094\"]");
  EXPECT_THAT(Errors(text),
              ElementsAre(absl::StrCat("4:1: template: makes ", size_t{4094} * 4094 * 250,
                                       " instances beside 0 others, at most ", kMaxInstances, " are supported")));
}

}  // namespace
}  // namespace dpvrrp
