// SPDX-License-Identifier: BSD-3-Clause
//
// `show instance` and `show instances` of VRRPv3, IPv6 and unicast.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/router_builder.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

InstanceConfig Ipv6Instance(const std::string& name = "gw6") {
  InstanceConfig config;
  config.name = name;
  config.port = "lan";
  config.version = VrrpVersion::kV3;
  config.vrid = Vrid(51);
  config.advertisement_interval = 100ms;
  config.lower_prio_no_advert = false;
  config.source_address = Ip("fe80::2");
  config.virtual_addresses = {{*ParseIpPrefix("fe80::100/64"), "eth0"},
                              {*ParseIpPrefix("2001:db8::1/64"), "eth0"},
                              {*ParseIpPrefix("2001:db8:1::1/64"), "", true}};
  return config;
}

// What a master configured like `config`, but for its own address, says first.
Bytes FirstAdvertOf(InstanceConfig config, const char* source) {
  config.source_address = Ip(source);
  config.priority = kPriorityOwner;
  TestShard peer;
  absl::StatusOr<std::unique_ptr<VirtualRouter>> router =
      BuildRouter(config, InstanceId(1), PortId(0), Mac("02:00:00:00:00:0c"), nullptr);
  EXPECT_TRUE(router.ok()) << router.status();
  peer.Add(std::move((*router)->config));
  const std::vector<Sent> sent = peer.Transmit();
  return sent.empty() ? Bytes() : sent[0].frame;
}

TEST(InstanceReportTest, ShowsTheTimersThatRunNow) {
  Gateway gateway;
  gateway.Start(WithInstances({Ipv6Instance()}));
  std::string body = gateway.Ask("show instance gw6 --json").body;
  EXPECT_THAT(body, HasSubstr(R"("version":3,"family":"ipv6","vrid":51,"virtual_mac":"00:00:5e:00:02:33")"));
  EXPECT_THAT(body, HasSubstr(R"("advertisement_interval_seconds":0.1)"));
  EXPECT_THAT(body, HasSubstr(R"("source_address":"fe80::2","source_mac":"port","group":"ff02::12")"));
  EXPECT_THAT(body, HasSubstr(R"("master":null,"master_priority":null,"master_interval_seconds":0.1,)"
                              R"("master_down_interval_seconds":0.3609375,"skew_time_seconds":0.0609375)"));
  // V3-44: learned from the master, 2 s.
  InstanceConfig slower = Ipv6Instance();
  slower.advertisement_interval = 2s;
  gateway.Receive(FirstAdvertOf(slower, "fe80::1"));
  body = gateway.Ask("show instance gw6 --json").body;
  EXPECT_THAT(body, HasSubstr(R"("advertisement_interval_seconds":0.1)"));
  EXPECT_THAT(body, HasSubstr(R"("master":"fe80::1","master_priority":255,"master_interval_seconds":2.0,)"
                              R"("master_down_interval_seconds":7.21875,"skew_time_seconds":1.21875)"));
  EXPECT_THAT(body, HasSubstr(R"("remarks":[{"remark":"interval-differs","adverts":1,)"));
}

TEST(InstanceReportTest, ShowsWhatIsConfigured) {
  Gateway gateway;
  InstanceConfig config = Ipv6Instance();
  config.preempt_delay = 2500ms;
  config.startup_delay = 30s;
  config.down_timer_adverts = 5;
  config.max_learned_interval = 10s;
  config.group = Ip("ff02::99");
  config.strict = true;
  config.responder = true;
  gateway.Start(WithInstances({config}));
  gateway.RunFor(1s);
  const std::string body = gateway.Ask("show instance gw6 --json").body;
  EXPECT_THAT(body, HasSubstr(R"("preempt":true,"preempt_delay_seconds":2.5,"startup_delay_seconds":30.0,)"
                              R"("advertisement_interval_seconds":0.1,"down_timer_adverts":5,)"
                              R"("max_learned_interval_seconds":10.0,"lower_prio_no_advert":false,)"
                              R"("higher_prio_send_advert":false)"));
  EXPECT_THAT(body, HasSubstr(R"("group":"ff02::99","strict":true,"responder":true,"accept":true)"));
  EXPECT_THAT(body, HasSubstr(R"("state":"Initialize")"));
  EXPECT_THAT(body, HasSubstr(R"("startup_timer_seconds":29.0,"adver_timer_seconds":null)"));
  EXPECT_THAT(body, HasSubstr(R"({"address":"2001:db8::1/64","advertised":true,"device":"eth0","kernel":"absent",)"
                              R"("error":null},{"address":"2001:db8:1::1/64","advertised":false,"device":null,)"
                              R"("kernel":null,"error":null})"));
  EXPECT_THAT(body, Not(HasSubstr("checksum")));  // IPv6 has one rule only
}

TEST(InstanceReportTest, ShowsUnicastPeers) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.auth = {};
  config.version = VrrpVersion::kV3;
  config.unicast_ttl = 64;
  config.unicast_peers = {{Ip("10.99.0.1"), Ip("10.99.0.1"), 255, 255}, {Ip("10.98.0.1"), Ip("10.99.0.254"), 60, 63}};
  gateway.Start(WithInstances({config}));
  const std::string body = gateway.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("unicast_ttl":64,"checksum":"rfc5798","v2_coexistence":false)"));
  EXPECT_THAT(body, Not(HasSubstr("\"group\"")));
  EXPECT_THAT(body, HasSubstr(R"("unicast_peers":[{"address":"10.99.0.1","next_hop":"10.99.0.1","min_ttl":255,)"
                              R"("max_ttl":255},{"address":"10.98.0.1","next_hop":"10.99.0.254","min_ttl":60,)"
                              R"("max_ttl":63}])"));
  EXPECT_THAT(body, HasSubstr(R"("peer_unresolved":0)"));
}

TEST(InstanceReportTest, TheListTellsVersionAndFamily) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("gw4"), Ipv6Instance("gw6")}));
  const std::string body = gateway.Ask("show instances --json").body;
  EXPECT_THAT(body, HasSubstr(R"("name":"gw4","port":"lan","vlan":"-","vrid":51,"version":2,"family":"ipv4")"));
  EXPECT_THAT(body, HasSubstr(R"("name":"gw6","port":"lan","vlan":"-","vrid":51,"version":3,"family":"ipv6")"));
}

}  // namespace
}  // namespace dpvrrp
