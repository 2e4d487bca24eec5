// SPDX-License-Identifier: BSD-3-Clause
//
// Versions, families, timers and addressing: the values in the model, and the keys that cannot be combined.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/limits.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One instance in lines 4 to 8. A test's additions begin in line 9.
std::string Instance(int version, absl::string_view source, absl::string_view addresses, absl::string_view more) {
  return absl::StrCat(
      "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n[[instance]]\nname = \"gw\"\nport = \"lan\"\nvrid = 51\n",
      "version = ", version, "\n", more, "source_address = \"", source, "\"\nvirtual_addresses = [", addresses, "]\n");
}
std::string V2(absl::string_view more) { return Instance(2, "10.99.0.2", "\"10.99.0.100/24\"", more); }
std::string V3(absl::string_view more) { return Instance(3, "10.99.0.2", "\"10.99.0.100/24\"", more); }
std::string V6(absl::string_view more) { return Instance(3, "fe80::2", "\"fe80::100/64\", \"2001:db8::1/64\"", more); }

InstanceConfig Loaded(const std::string& text) {
  const LoadResult result = Load(text);
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  return result.config.instances.empty() ? InstanceConfig() : result.config.instances[0];
}

TEST(LoadProtocolTest, EveryKeyOfAnIpv6InstanceReachesTheModel) {
  const InstanceConfig got = Loaded(R"(
[[port]]
name = "lan"
device = "net_null0"
[[instance]]
name = "gw"
port = "lan"
version = 3
vrid = 51
priority = 200
advertisement_interval = "100ms"
preempt_delay = "2500ms"
startup_delay = 30
down_timer_adverts = 5
max_learned_interval = "10s"
lower_prio_no_advert = true
higher_prio_send_advert = true
strict = true
source_address = "fe80::2"
source_mac = "virtual"
group = "ff02::8888"
virtual_addresses = [ "fe80::100/64", "2001:db8::1/64" ]
excluded_addresses = [ "2001:db8:1::1/64", "2001:db8:2::1" ]
responder = true
accept = true
[instance.authentication]
type = "none"
)");
  InstanceConfig expected;
  expected.name = "gw";
  expected.port = "lan";
  expected.version = VrrpVersion::kV3;
  expected.vrid = Vrid(51);
  expected.priority = Priority(200);
  expected.advertisement_interval = 100ms;
  expected.preempt_delay = 2500ms;
  expected.startup_delay = 30s;
  expected.down_timer_adverts = 5;
  expected.max_learned_interval = 10s;
  expected.lower_prio_no_advert = true;
  expected.higher_prio_send_advert = true;
  expected.strict = true;
  expected.source_address = *ParseIpAddress("fe80::2");
  expected.source_mac = SourceMac::kVirtual;
  expected.group = *ParseIpAddress("ff02::8888");
  expected.virtual_addresses = {{*ParseIpPrefix("fe80::100/64"), ""},
                                {*ParseIpPrefix("2001:db8::1/64"), ""},
                                {*ParseIpPrefix("2001:db8:1::1/64"), "", true},
                                {*ParseIpPrefix("2001:db8:2::1/128"), "", true}};
  expected.responder = true;
  EXPECT_EQ(got, expected);
}

TEST(LoadProtocolTest, EveryKeyOfUnicastReachesTheModel) {
  const InstanceConfig got = Loaded(V3(R"(unicast_ttl = 64
checksum = "rfc9568"
accept = false
unicast_peers = [ "10.99.0.1", { address = "10.98.0.1", next_hop = "10.99.0.254", min_ttl = 60, max_ttl = 63 } ]
)"));
  EXPECT_EQ(got.unicast_ttl, 64);
  EXPECT_EQ(got.checksum, ChecksumRule::kRfc9568);
  EXPECT_FALSE(got.accept);
  const IpAddress near = *ParseIpAddress("10.99.0.1");
  EXPECT_THAT(got.unicast_peers,
              ElementsAre(UnicastPeer{near, near, 255, 255},
                          UnicastPeer{*ParseIpAddress("10.98.0.1"), *ParseIpAddress("10.99.0.254"), 60, 63}));
}

TEST(LoadProtocolTest, DefaultsDependOnVersionAndStrictness) {
  EXPECT_TRUE(Loaded(V2("")).lower_prio_no_advert);
  EXPECT_FALSE(Loaded(V3("")).lower_prio_no_advert);  // V3-91
  EXPECT_FALSE(Loaded(V2("lower_prio_no_advert = false\n")).lower_prio_no_advert);
  EXPECT_TRUE(Loaded(V3("")).accept);
  EXPECT_FALSE(Loaded(V3("strict = true\n")).accept);  // V3-46
  EXPECT_EQ(Loaded(V3("")).checksum, ChecksumRule::kRfc5798);
  EXPECT_EQ(Loaded(V3("strict = true\n")).checksum, ChecksumRule::kRfc9568);  // V3-30
  EXPECT_EQ(Loaded(V3("strict = true\nchecksum = \"rfc5798\"\n")).checksum, ChecksumRule::kRfc5798);
  EXPECT_EQ(Loaded(V3("")).advertisement_interval, 1s);  // V3-40
}

// V3-29: the range of 12 bits of centiseconds.
TEST(LoadProtocolTest, TakesWhatTheRulesAllow) {
  for (const char* more :
       {"advertisement_interval = \"10ms\"\n", "advertisement_interval = \"40950ms\"\n",
        "advertisement_interval = 40\n", "max_learned_interval = \"1s\"\n", "max_learned_interval = \"40950ms\"\n",
        "preempt_delay = 1000\n", "preempt_delay = 0\npreempt = false\n", "startup_delay = 86400\n",
        "down_timer_adverts = 1\n", "down_timer_adverts = 100\n", "excluded_addresses = []\n",
        "v2_coexistence = false\n"}) {
    EXPECT_THAT(Errors(V3(more)), IsEmpty()) << more;
    EXPECT_THAT(Errors(V6(more)), IsEmpty()) << more;
  }
  EXPECT_THAT(Errors(V2("v2_coexistence = false\nadvertisement_interval = 255\n")), IsEmpty());
  EXPECT_THAT(Errors(V3("group = \"224.0.0.18\"\n")), IsEmpty());
  EXPECT_THAT(Errors(V3("unicast_peers = [\"10.99.0.1\"]\nunicast_ttl = 1\n")), IsEmpty());
}

TEST(LoadProtocolTest, TimersHaveRanges) {
  const std::string steps = ": must be 10ms..40950ms in steps of 10ms (RFC 9568 5.2.7)";
  const struct {
    std::string more, error;
  } kCases[] = {
      {"advertisement_interval = \"9ms\"\n", "9:26: advertisement_interval '9ms'" + steps},
      {"advertisement_interval = \"15ms\"\n", "9:26: advertisement_interval '15ms'" + steps},
      {"advertisement_interval = 41\n", "9:26: advertisement_interval '41'" + steps},
      {"advertisement_interval = 0\n", "9:26: advertisement_interval '0'" + steps},
      {"max_learned_interval = \"41s\"\n", "9:24: max_learned_interval '41s'" + steps},
      {"max_learned_interval = \"990ms\"\n",
       "9:24: max_learned_interval '990ms': must not be shorter than advertisement_interval"},
      {"preempt_delay = 1001\n", "9:17: preempt_delay '1001': must be at most 1000s"},
      {"startup_delay = \"86401s\"\n", "9:17: startup_delay '86401s': must be at most 86400s"},
      {"preempt_delay = -1\n", "9:17: preempt_delay '-1': must not be negative"},
      {"preempt_delay = 1\npreempt = false\n", "9:17: preempt_delay: is not allowed with preempt = false"},
      {"down_timer_adverts = 0\n", "9:22: down_timer_adverts '0': must be 1..100"},
      {"down_timer_adverts = 101\n", "9:22: down_timer_adverts '101': must be 1..100"},
  };
  for (const auto& c : kCases) EXPECT_THAT(Errors(V3(c.more)), ElementsAre(c.error)) << c.more;
}

TEST(LoadProtocolTest, KeysOfOneVersionOrFamilyAreRefusedInAnother) {
  const struct {
    std::string text, error;
  } kCases[] = {
      {V2("max_learned_interval = \"2s\"\n"),
       "9:24: max_learned_interval: is not allowed without version = 3: VRRPv2 does not learn an interval"},
      {V2("checksum = \"rfc9568\"\n"), "9:12: checksum: is not allowed without version = 3 over IPv4"},
      {V6("checksum = \"rfc5798\"\n"), "9:12: checksum: is not allowed without version = 3 over IPv4"},
      {V3("checksum = \"rfc3768\"\n"), "9:12: checksum 'rfc3768': must be one of rfc5798, rfc9568"},
      {V2("v2_coexistence = true\n"), "9:18: v2_coexistence: is not allowed without version = 3 over IPv4"},
      {V6("v2_coexistence = true\n"), "9:18: v2_coexistence: is not allowed without version = 3 over IPv4"},
      {V3("v2_coexistence = true\nunicast_peers = [\"10.99.0.1\"]\n"),
       "9:18: v2_coexistence: is not allowed with unicast_peers: it needs multicast"},
      {V3("authentication = { type = \"simple\", password = \"pw\" }\n"),
       "9:18: authentication: with version = 3 type must be \"none\", \"ah\" or \"auth-hmac\" (RFC 9568 9)"},
      {V6("authentication = { type = \"ah\", key = \"k7Qw2ZpX\" }\n"),
       "9:18: authentication: with version = 3 icv_rule must be 'rfc4302': keepalived has no AH for VRRPv3"},
      {V6("authentication = { type = \"ah\", algorithm = \"aes-128-cmac-96\", icv_rule = \"rfc4302\", "
          "key_hex = \"2b7e151628aed2a6abf7158809cf4f3c\" }\n"),
       "9:18: authentication: over IPv6 spi is required, because an IPv6 address does not fit into an SPI"},
      {V3("v2_coexistence = true\nauthentication = { type = \"ah\", algorithm = \"aes-128-cmac-96\", "
          "icv_rule = \"rfc4302\", spi = 300, key_hex = \"2b7e151628aed2a6abf7158809cf4f3c\" }\n"),
       "10:18: authentication: v2_coexistence: requires type \"none\", because adverts of both versions would share a "
       "sequence number"},
  };
  for (const auto& c : kCases) EXPECT_THAT(Errors(c.text), ElementsAre(c.error)) << c.text;
}

// V3-07, V3-34, V3-35.
TEST(LoadProtocolTest, AddressesAreOfOneFamilyAndIpv6SpeaksFromLinkLocal) {
  const struct {
    std::string text;
    std::vector<std::string> errors;
  } kCases[] = {
      {Instance(3, "2001:db8::2", "\"fe80::1/64\"", ""),
       {"9:18: source_address '2001:db8::2': must be link-local, of fe80::/10 (RFC 9568 5.1.2.1)"}},
      {Instance(3, "fec0::2", "\"fe80::1/64\"", ""),
       {"9:18: source_address 'fec0::2': must be link-local, of fe80::/10 (RFC 9568 5.1.2.1)"}},
      {Instance(2, "fe80::2", "\"fe80::1/64\"", ""),
       {"9:18: source_address 'fe80::2': must be IPv4 with VRRPv2 (RFC 3768 1.2), IPv6 needs version = 3"}},
      {Instance(3, "::1", "\"fe80::1/64\"", ""), {"9:18: source_address '::1': must be a unicast address"}},
      {Instance(3, "fe80::2%eth0", "\"fe80::1/64\"", ""),
       {"9:18: source_address 'fe80::2%eth0': must be an IPv4 or IPv6 address, without a prefix length"}},
      {Instance(3, "fe80::2", "\"2001:db8::1/64\", \"fe80::1/64\"", "strict = true\n"),
       {"11:22: virtual_addresses '2001:db8::1/64': with strict the first must be link-local, of fe80::/10 (RFC 9568 "
        "5.2.9)"}},
      {Instance(3, "fe80::2", "\"fe80::1/64\", \"10.99.0.100\"", ""),
       {"10:36: virtual_addresses '10.99.0.100': must be IPv6, as source_address is (RFC 9568 5.2.9)"}},
      {Instance(3, "10.99.0.2", "\"fe80::1/64\", \"10.99.0.100\"", ""),
       {"10:22: virtual_addresses 'fe80::1/64': must be IPv4, as source_address is (RFC 9568 5.2.9)"}},
      {Instance(3, "fe80::2", "\"fe80::1/129\"", ""),
       {"10:22: virtual_addresses 'fe80::1/129': must be an address and its prefix length, such as 10.99.0.100/24 or "
        "2001:db8::1/64"}},
      {Instance(3, "fe80::2", "\"fe80::1/64\"", "excluded_addresses = [\"10.0.0.1\", \"fe80::1\"]\n"),
       {"9:23: excluded_addresses '10.0.0.1': is not of the family of source_address: it needs a device, and no "
        "responder",
        "9:35: excluded_addresses 'fe80::1': is already given in line 11"}},
      // V3-01 for IPv6.
      {Instance(3, "fe80::1", "\"fe80::1/64\"", ""),
       {"9:18: source_address 'fe80::1': is a virtual address, which only the owner, priority 255, may send from (RFC "
        "3768 5.2.1)"}},
      {V6("group = \"224.0.0.18\"\n"), {"9:9: group '224.0.0.18': must be IPv6, as source_address is"}},
      {V3("group = \"ff02::12\"\n"), {"9:9: group 'ff02::12': must be IPv4, as source_address is"}},
      {V3("group = \"10.0.0.1\"\n"), {"9:9: group '10.0.0.1': must be a multicast address"}},
      {V3("group = \"vrrp\"\n"), {"9:9: group 'vrrp': must be a multicast address"}},
  };
  for (const auto& c : kCases) EXPECT_THAT(Errors(c.text), ElementsAreArray(c.errors)) << c.text;
}

// As keepalived's virtual_ipaddress_excluded.
TEST(LoadProtocolTest, AnExcludedAddressOfTheOtherFamilyNeedsADevice) {
  const std::string with_device = "excluded_addresses = [ { address = \"2001:db8::1/64\", device = \"eth0\" } ]\n";
  EXPECT_THAT(Errors(V2(with_device)), IsEmpty());
  EXPECT_THAT(Errors(V2(with_device + "responder = true\n")),
              ElementsAre(HasSubstr("needs a device, and no responder")));
  EXPECT_THAT(Errors(V2("excluded_addresses = [ \"2001:db8::1/64\" ]\n")), ElementsAre(HasSubstr("needs a device")));
}

// V3-34: keepalived takes another first address, and its peers must have the same list.
TEST(LoadProtocolTest, AnotherFirstAddressThanALinkLocalOneIsAWarning) {
  const LoadResult result = Load(Instance(3, "fe80::2", "\"2001:db8::1/64\", \"fe80::1/64\"", ""));
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), Contains(HasSubstr("'2001:db8::1/64': the first should be link-local")));
}

TEST(LoadProtocolTest, UnicastPeers) {
  std::string many;
  for (size_t i = 0; i <= kMaxUnicastPeers; ++i) absl::StrAppend(&many, "\"10.1.0.", i + 1, "\",");
  const struct {
    std::string more;
    std::vector<std::string> errors;
  } kCases[] = {
      {"unicast_peers = []\n", {"9:17: unicast_peers: must be 1..32 addresses, got 0"}},
      {"unicast_peers = [" + many + "]\n", {"9:17: unicast_peers: must be 1..32 addresses, got 33"}},
      {"unicast_peers = [1]\n", {"9:18: unicast_peers: must be a list of strings or tables, got an integer"}},
      {"unicast_peers = [\"gw\"]\n",
       {"9:18: unicast_peers 'gw': must be an IPv4 or IPv6 address, without a prefix length"}},
      {"unicast_peers = [\"224.0.0.18\"]\n", {"9:18: unicast_peers '224.0.0.18': must be a unicast address"}},
      {"unicast_peers = [\"fe80::1\"]\n",
       {"9:18: unicast_peers 'fe80::1': must be IPv4, as source_address is (RFC 9568 5.2.9)"}},
      {"unicast_peers = [\"10.99.0.2\"]\n", {"9:18: unicast_peers '10.99.0.2': is our own, source_address"}},
      {"unicast_peers = [\"10.99.0.1\", { address = \"10.99.0.1\" }]\n",
       {"9:43: unicast_peers '10.99.0.1': is already in the list"}},
      {"unicast_peers = [{ min_ttl = 1 }]\n", {"9:18: address: is required in unicast_peers"}},
      {"unicast_peers = [{ address = \"10.99.0.1\", ttl = 1 }]\n",
       {"9:43: unknown key 'ttl' in unicast_peers: did you mean 'min_ttl'?"}},
      {"unicast_peers = [{ address = \"10.99.0.1\", next_hop = \"fe80::1\" }]\n",
       {"9:30: unicast_peers '10.99.0.1': must be IPv4, as source_address is (RFC 9568 5.2.9)"}},
      {"unicast_peers = [{ address = \"10.99.0.1\", min_ttl = 0, max_ttl = 256 }]\n",
       {"9:53: min_ttl '0': must be 1..255", "9:66: max_ttl '256': must be 1..255"}},
      {"unicast_peers = [{ address = \"10.99.0.1\", min_ttl = 64, max_ttl = 63 }]\n",
       {"9:53: min_ttl '64': must not be greater than max_ttl"}},
      {"unicast_peers = [{ address = \"10.99.0.1\", max_ttl = 64 }]\n",
       {"9:53: max_ttl '64': must not be less than min_ttl, whose default is 255"}},
      {"unicast_ttl = 64\n", {"9:15: unicast_ttl: is not allowed without unicast_peers"}},
      {"unicast_ttl = 0\nunicast_peers = [\"10.99.0.1\"]\n", {"9:15: unicast_ttl '0': must be 1..255"}},
      {"group = \"224.0.0.99\"\nunicast_peers = [\"10.99.0.1\"]\n",
       {"9:9: group: is not allowed with unicast_peers: choose one"}},
  };
  for (const auto& c : kCases) EXPECT_THAT(Errors(V3(c.more)), ElementsAreArray(c.errors)) << c.more;
}

// V3-46: an address in the kernel is one that accepts.
TEST(LoadProtocolTest, WhatTheKernelHoldsIsAccepted) {
  const std::string rule =
      "the kernel accepts packets to an address that it holds: remove its device and set responder = true, or set "
      "accept = true";
  const auto held = [](absl::string_view more) {
    return Instance(3, "10.99.0.2", "{ address = \"10.99.0.100/24\", device = \"eth0\" }", more);
  };
  EXPECT_THAT(Errors(held("accept = false\n")), ElementsAre("9:10: accept: " + rule));
  EXPECT_THAT(Errors(held("strict = true\n")),
              ElementsAre("9:10: strict: sets accept = false unless accept is given; " + rule));
  EXPECT_THAT(Errors(held("strict = true\naccept = true\n")), IsEmpty());
  EXPECT_THAT(Errors(held("accept = false\npriority = 255\n")), IsEmpty());  // the owner accepts anyway
  EXPECT_THAT(Errors(V3("accept = false\nexcluded_addresses = [{ address = \"10.98.0.1\", device = \"eth0\" }]\n")),
              ElementsAre("9:10: accept: " + rule));
}

TEST(LoadProtocolTest, KeysOfKernelAddressesNeedOne) {
  const auto held = [](absl::string_view more) {
    return Instance(3, "10.99.0.2", "{ address = \"10.99.0.100/24\", device = \"eth0\" }", more);
  };
  EXPECT_EQ(Loaded(held("address_loss = \"keep\"\nuse_as_source = true\n")).address_loss, AddressLoss::kKeep);
  EXPECT_TRUE(Loaded(held("use_as_source = true\n")).use_as_source);
  EXPECT_EQ(Loaded(held("address_loss = \"auto\"\n")).address_loss, AddressLoss::kAuto);
  EXPECT_THAT(Errors(held("address_loss = \"stay\"\n")),
              ElementsAre("9:16: address_loss 'stay': must be one of auto, keep, resign"));
  EXPECT_THAT(Errors(V3("address_loss = \"keep\"\nuse_as_source = true\n")),
              ElementsAre("9:16: address_loss: is not allowed without a virtual address with a device",
                          "10:17: use_as_source: is not allowed without a virtual address with a device"));
}

// V3-37, and the table of addresses as a whole.
TEST(LoadProtocolTest, AddressesFitAnAdvertAndTheTable) {
  const auto list = [](size_t count, absl::string_view form) {
    std::string out;
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&out, "\"", form, i + 1, "\", ");
    return out;
  };
  EXPECT_THAT(Errors(Instance(3, "fe80::ffff", list(90, "fe80::"), "")), IsEmpty());
  EXPECT_THAT(
      Errors(Instance(3, "fe80::ffff", list(91, "fe80::"), "")),
      ElementsAre("10:21: virtual_addresses: must be at most 90 with IPv6, so that an advert fits into 1500 bytes, "
                  "got 91"));
  const std::string with_ah =
      "authentication = { type = \"ah\", algorithm = \"hmac-sha512-256\", icv_rule = \"rfc4302\", spi = 300, key_hex = "
      "\"" +
      std::string(62, '1') + std::string(66, '8') + "\", allow_weak_keys = true }\n";
  EXPECT_THAT(Errors(Instance(3, "fe80::ffff", list(87, "fe80::"), with_ah)), IsEmpty());
  EXPECT_THAT(
      Errors(Instance(3, "fe80::ffff", list(88, "fe80::"), with_ah)),
      ElementsAre("11:21: virtual_addresses: must be at most 87 with IPv6, so that an advert fits into 1500 bytes, "
                  "got 88"));
  const auto v6 = [&](size_t excluded) {
    return Instance(3, "fe80::ffff", list(90, "fe80::"),
                    absl::StrCat("excluded_addresses = [", list(excluded, "2001:db8::"), "]\n"));
  };
  EXPECT_THAT(Errors(v6(165)), IsEmpty());
  EXPECT_THAT(Errors(v6(166)),
              ElementsAre("9:22: excluded_addresses: must be at most 255 together with virtual_addresses, got 256"));
}

// V3-140, V3-145.
TEST(LoadProtocolTest, LegalButUnwise) {
  const std::string forever = "9:18: v2_coexistence: use it only during a migration (RFC 9568 8.4)";
  const auto warnings = [](const std::string& text) { return WithoutFile(Load(text).warnings); };
  EXPECT_THAT(warnings(V3("v2_coexistence = true\n")), ElementsAre(forever));
  EXPECT_THAT(warnings(V3("v2_coexistence = true\nadvertisement_interval = \"100ms\"\n")),
              ElementsAre(forever,
                          "9:18: v2_coexistence: VRRPv2 routers hear a whole second for an interval below it: none of "
                          "them should have a higher priority than this one (RFC 9568 8.4)"));
  EXPECT_THAT(warnings(V3("unicast_peers = [{ address = \"10.98.0.1\", next_hop = \"10.99.0.254\" }]\n")),
              ElementsAre("9:54: next_hop: every router on the path decrements the TTL, so min_ttl = 255 drops every "
                          "advert of this peer"));
  EXPECT_THAT(warnings(V3("")), IsEmpty());
}

// V3-15: the families count apart, for VRIDs and for virtual MACs, though the device is the same.
TEST(LoadProtocolTest, OneVridForBothFamilies) {
  const std::string v4 =
      Instance(3, "10.99.0.2", "{ address = \"10.99.0.100/24\", device = \"eth0\" }", "source_mac = \"virtual\"\n");
  const std::string v6 =
      Instance(3, "fe80::2", "{ address = \"fe80::100/64\", device = \"eth0\" }", "source_mac = \"virtual\"\n");
  const auto second = [](const std::string& text) {
    return absl::StrReplaceAll(text.substr(text.find("[[instance]]")), {{"\"gw\"", "\"gw2\""}});
  };
  EXPECT_THAT(Errors(v4 + second(v6)), IsEmpty());
  EXPECT_THAT(Errors(v6 + second(absl::StrReplaceAll(v6, {{"fe80::100", "fe80::101"}}))),
              ElementsAre("15:8: vrid '51': instance 'gw' (line 7) already has this VRID on port 'lan' (RFC 3768 3)",
                          "15:8: vrid '51': instance 'gw' (line 7) already has this virtual MAC on device 'eth0'"));
}

}  // namespace
}  // namespace dpvrrp
