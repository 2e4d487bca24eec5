// SPDX-License-Identifier: BSD-3-Clause
//
// `show instance` and `show instances` of VRRPv3, IPv6 and unicast.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/instances/router_builder.h"
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

// The first advert of a master that is configured like `config`, except for its own address.
Bytes FirstAdvertOf(InstanceConfig config, const char* source) {
  config.source_address = Ip(source);
  config.priority = kPriorityOwner;
  TestShard peer;
  absl::StatusOr<std::unique_ptr<VirtualRouter>> router =
      BuildRouter(config, {.id = InstanceId(1), .port = PortId(0), .port_mac = Mac("02:00:00:00:00:0c")});
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

TEST(InstanceReportTest, ShowsTheConfiguration) {
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
  EXPECT_THAT(body, HasSubstr(R"("group":"ff02::99","strict":true,"leader":null,"responder":true,"accept":true,)"
                              R"("allowed_senders":null,"authentication":"none","master":)"));
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

std::shared_ptr<const KeyringConfig> RingOfThree() {
  auto ring = std::make_shared<KeyringConfig>();
  ring->name = "core";
  ring->sign = 7;
  for (const uint8_t id : {1, 7, 9}) ring->keys.push_back({id, SecretBytes(Bytes(32, id)), {}, {}});
  ring->keys[2].not_after = 1'600'000'000;  // past
  return ring;
}

TEST(InstanceReportTest, ShowsHowAhIsChecked) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.auth.keyring = RingOfThree();
  config.auth.algorithm = MacAlgorithm::kHmacSha256_128;
  config.auth.icv_rule = IcvRule::kRfc4302;
  config.auth.spi = 0x0badcafe;
  config.auth.replay_window = 1024;
  config.auth.restart_policy = RestartPolicy::kReadmit;
  config.allowed_senders = {Ip("10.99.0.1"), Ip("10.99.0.3")};
  Config whole = WithInstances({config, AhInstance("like-keepalived", 52)});
  whole.keyrings = {config.auth.keyring};
  gateway.Start(whole);
  std::string body = gateway.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("allowed_senders":"10.99.0.1 10.99.0.3","authentication":"ah",)"
                              R"("algorithm":"hmac-sha256-128","icv_rule":"rfc4302","spi":"0x0badcafe",)"
                              R"("replay_window":1024,"restart_policy":"readmit","keyring":"core",)"
                              R"("signing_key":7,"accepted_keys":"1 7",)"));
  body = gateway.Ask("show instance like-keepalived --json").body;
  EXPECT_THAT(body, HasSubstr(R"("icv_rule":"keepalived","spi":"source-address","replay_window":64,)"
                              R"("restart_policy":"refuse","keyring":null,"signing_key":1,"accepted_keys":"1",)"));
  EXPECT_THAT(body, Not(HasSubstr("s3cr3t")));
  // The values in force, which may differ from the file.
  gateway.Ask("key drop core 1");
  gateway.Ask("sender disallow gw 10.99.0.3");
  body = gateway.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("signing_key":7,"accepted_keys":"7",)"));
  EXPECT_THAT(body, HasSubstr(R"("allowed_senders":"10.99.0.1",)"));
}

TEST(InstanceReportTest, ShowsHowTheTrailerIsChecked) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.auth = {};
  config.auth.kind = AuthKind::kAuthHmac;
  config.auth.algorithm = MacAlgorithm::kHmacSha256_128;
  config.auth.keyring = RingOfThree();
  config.auth.trailer = {TrailerMode::kPermissive, AntiReplay::kTime, 9};
  gateway.Start(WithInstances({config}));
  EXPECT_THAT(gateway.Ask("show instance gw --json").body,
              HasSubstr(R"("authentication":"auth-hmac","mode":"permissive","anti_replay":"time",)"
                        R"("time_window_seconds":9,"keyring":"core","signing_key":7,"accepted_keys":"1 7 9",)"));
}

TEST(InstanceReportTest, ShowsNoPassword) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.auth = {};
  config.auth.kind = AuthKind::kSimple;
  config.auth.password = SecretBytes(Bytes{'p', 'a', 's', 's'});
  gateway.Start(WithInstances({config}));
  const std::string body = gateway.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("authentication":"simple","master":)"));
  EXPECT_THAT(body, Not(HasSubstr("pass")));
}

TEST(InstanceReportTest, TheListShowsVersionAndFamily) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("gw4"), Ipv6Instance("gw6")}));
  const std::string body = gateway.Ask("show instances --json").body;
  EXPECT_THAT(body, HasSubstr(R"("name":"gw4","port":"lan","vlan":"-","vrid":51,"version":2,"family":"ipv4")"));
  EXPECT_THAT(body, HasSubstr(R"("name":"gw6","port":"lan","vlan":"-","vrid":51,"version":3,"family":"ipv6")"));
}

}  // namespace
}  // namespace dpvrrp
