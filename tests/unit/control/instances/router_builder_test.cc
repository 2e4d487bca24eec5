// SPDX-License-Identifier: BSD-3-Clause
#include "control/instances/router_builder.h"

#include <gmock/gmock.h>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr MacAddress kOurMac{{2, 0, 0x0a, 0x63, 0, 2}};

InstanceConfig LinkLocalInstance() {
  InstanceConfig config;
  config.name = "gw";
  config.port = "lan";
  config.version = VrrpVersion::kV3;
  config.vrid = Vrid(51);
  config.source_address = *ParseIpAddress("fe80::2");
  config.virtual_addresses = {{*ParseIpPrefix("fe80::100/64"), ""},
                              {*ParseIpPrefix("2001:db8::1/64"), ""},
                              {*ParseIpPrefix("2001:db8:1::1/64"), "", true}};
  return config;
}

VirtualRouterConfig Built(const InstanceConfig& config) {
  absl::StatusOr<std::unique_ptr<VirtualRouter>> router =
      BuildRouter(config, {.id = InstanceId(7), .port = PortId(1), .port_mac = kOurMac});
  EXPECT_TRUE(router.ok()) << router.status();
  return std::move((*router)->config);
}

TEST(RouterBuilderTest, EveryFieldIsCarriedOver) {
  InstanceConfig config = LinkLocalInstance();
  config.priority = Priority(200);
  config.advertisement_interval = 100ms;
  config.preempt = false;
  config.preempt_delay = 2s;
  config.startup_delay = 3s;
  config.down_timer_adverts = 5;
  config.max_learned_interval = 10s;
  config.lower_prio_no_advert = false;
  config.higher_prio_send_advert = true;
  config.checksum = ChecksumRule::kRfc9568;
  config.v2_coexistence = true;
  config.strict = true;
  config.group = *ParseIpAddress("ff02::99");
  config.unicast_peers = {{*ParseIpAddress("fe80::1"), *ParseIpAddress("fe80::9"), 60, 64}};
  config.unicast_ttl = 64;
  config.responder = true;
  config.accept = false;
  const VirtualRouterConfig out = Built(config);
  EXPECT_EQ(out.machine.advertisement_interval, 100ms);
  EXPECT_EQ(out.machine.version, VrrpVersion::kV3);
  EXPECT_EQ(out.machine.priority, Priority(200));
  EXPECT_FALSE(out.machine.preempt);
  EXPECT_TRUE(out.machine.answer_lower);
  EXPECT_TRUE(out.machine.answer_higher);
  EXPECT_EQ(out.machine.down_adverts, 5);
  EXPECT_EQ(out.machine.preempt_delay, 2s);
  EXPECT_EQ(out.machine.startup_delay, 3s);
  EXPECT_EQ(out.machine.longest_learned, 10s);
  EXPECT_EQ(out.machine.source, config.source_address);
  EXPECT_THAT(out.addresses, ElementsAre(*ParseIpAddress("fe80::100"), *ParseIpAddress("2001:db8::1"),
                                         *ParseIpAddress("2001:db8:1::1")));
  EXPECT_EQ(out.advertised, 2u);
  EXPECT_EQ(out.group, config.group);
  EXPECT_EQ(out.unicast_peers, config.unicast_peers);
  EXPECT_EQ(out.unicast_ttl, 64);
  EXPECT_EQ(out.checksum, ChecksumRule::kRfc9568);
  EXPECT_TRUE(out.v2_coexistence);
  EXPECT_TRUE(out.strict);
  EXPECT_TRUE(out.responder);
  EXPECT_FALSE(out.accept);
  EXPECT_EQ(out.source_mac, kOurMac);
}

// V3-13, V3-14.
TEST(RouterBuilderTest, TheVirtualMacIsTheFamilys) {
  InstanceConfig config = LinkLocalInstance();
  config.source_mac = SourceMac::kVirtual;
  EXPECT_EQ(ToString(Built(config).source_mac), "00:00:5e:00:02:33");
  config.source_address = *ParseIpAddress("10.99.0.2");
  config.virtual_addresses = {{*ParseIpPrefix("10.99.0.100/24"), ""}};
  EXPECT_EQ(ToString(Built(config).source_mac), "00:00:5e:00:01:33");
}

// V3-86.
TEST(RouterBuilderTest, TheOwnerAlwaysAccepts) {
  InstanceConfig config = LinkLocalInstance();
  config.accept = false;
  config.priority = kPriorityOwner;
  EXPECT_TRUE(Built(config).accept);
}

// V3-15: one VRID, two virtual routers, each with its own numbers.
TEST(SequenceKeyTest, FamiliesAreApart) {
  InstanceConfig config = LinkLocalInstance();
  EXPECT_EQ(SequenceKey(config), "lan/0.0/6/51");
  config.source_address = *ParseIpAddress("10.99.0.2");
  config.vlan = {100, 7};
  EXPECT_EQ(SequenceKey(config), "lan/100.7/4/51");
}

}  // namespace
}  // namespace dpvrrp
