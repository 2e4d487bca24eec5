// SPDX-License-Identifier: BSD-3-Clause
//
// `show vrrp`: RFC 8347 as RFC 7951 JSON. tests/lab/test_yang.py validates a real answer with yanglint.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using Json = nlohmann::json;

Json Vrrp(Gateway& gateway) {
  const Answer answer = gateway.Ask("show vrrp --yang");
  EXPECT_EQ(answer.status, Answer::Status::kOk);
  EXPECT_EQ(gateway.Ask("show vrrp --json").body, answer.body);
  return Json::parse(answer.body);
}

const Json& InterfaceOf(const Json& tree, size_t i = 0) { return tree["ietf-interfaces:interfaces"]["interface"][i]; }

const Json& Ipv4Of(const Json& tree, size_t interface = 0) {
  return InterfaceOf(tree, interface)["ietf-ip:ipv4"]["ietf-vrrp:vrrp"]["vrrp-instance"][0];
}

InstanceConfig V3Instance() {
  InstanceConfig config;
  config.name = "gw6";
  config.port = "lan";
  config.version = VrrpVersion::kV3;
  config.vrid = Vrid(9);
  config.advertisement_interval = 250ms;
  config.source_address = Ip("fe80::2");
  for (const char* address : {"fe80::100/64", "2001:db8::1/64", "2001:db8::2/64"}) {
    config.virtual_addresses.push_back({*ParseIpPrefix(address), "eth0"});
  }
  return config;
}

TEST(YangReportTest, AMasterOfVersion2) {
  Gateway gateway;
  gateway.Start(WithInstances(OnVlans(1)));
  gateway.RunFor(5s);
  const Json tree = Vrrp(gateway);
  EXPECT_EQ(InterfaceOf(tree)["name"], "lan:1");
  EXPECT_EQ(InterfaceOf(tree)["type"], "iana-if-type:l2vlan");
  EXPECT_EQ(InterfaceOf(tree)["oper-status"], "up");
  const Json& instance = Ipv4Of(tree);
  EXPECT_EQ(instance["vrid"], 51);
  EXPECT_EQ(instance["version"], "ietf-vrrp:vrrp-v2");
  EXPECT_EQ(instance["advertise-interval-sec"], 1);
  EXPECT_FALSE(instance.contains("accept-mode"));  // "applicable only to version 3"
  EXPECT_EQ(instance["state"], "ietf-vrrp:master");
  EXPECT_EQ(instance["is-owner"], false);
  EXPECT_EQ(instance["last-event"], "ietf-vrrp:vrrp-event-master-timeout");
  EXPECT_EQ(instance["new-master-reason"], "no-response");
  EXPECT_EQ(instance["statistics"]["master-transitions"], 1);
  // RFC 7951 6.1: a 64-bit number is a string.
  EXPECT_GT(std::stoi(instance["statistics"]["advertisement-sent"].get<std::string>()), 0);
  EXPECT_EQ(instance["virtual-ipv4-addresses"]["virtual-ipv4-address"],
            Json::parse(R"([{"ipv4-address":"10.99.0.100"}])"));
  EXPECT_EQ(tree["ietf-vrrp:vrrp"]["virtual-routers"], 1);
  EXPECT_EQ(tree["ietf-vrrp:vrrp"]["interfaces"], 1);
}

// The model allows two IPv6 addresses and centiseconds.
TEST(YangReportTest, AnIpv6InstanceStaysWithinTheModel) {
  Gateway gateway;
  gateway.Start(WithInstances({V3Instance()}));
  const Json tree = Vrrp(gateway);
  EXPECT_EQ(InterfaceOf(tree)["name"], "lan");
  EXPECT_EQ(InterfaceOf(tree)["type"], "iana-if-type:ethernetCsmacd");
  const Json& instance = InterfaceOf(tree)["ietf-ip:ipv6"]["ietf-vrrp:vrrp"]["vrrp-instance"][0];
  EXPECT_EQ(instance["advertise-interval-centi-sec"], 25);
  EXPECT_EQ(instance["virtual-ipv6-addresses"]["virtual-ipv6-address"].size(), 2u);
  EXPECT_EQ(instance["state"], "ietf-vrrp:backup");
  EXPECT_EQ(instance["new-master-reason"], "not-master");
  EXPECT_EQ(instance["skew-time"], 152343);            // 156/256 x 250 ms, in microseconds
  EXPECT_EQ(instance["master-down-interval"], 90);     // 902 ms, in centiseconds
  EXPECT_FALSE(instance.contains("last-adv-source"));  // none was heard
}

TEST(YangReportTest, WhatTheModelCannotExpressIsLeftOut) {
  Config config = WithInstances(OnVlans(2));
  config.instances[0].priority = kPriorityOwner;
  config.instances[1].advertisement_interval = 100ms;
  config.instances[1].virtual_addresses.clear();
  for (int i = 1; i <= 20; ++i) {
    config.instances[1].virtual_addresses.push_back({*ParseIpPrefix("10.1.0." + std::to_string(i) + "/24"), ""});
  }
  Gateway gateway;
  gateway.Start(config);
  const Json tree = Vrrp(gateway);
  EXPECT_FALSE(Ipv4Of(tree, 0).contains("priority"));
  EXPECT_EQ(Ipv4Of(tree, 0)["is-owner"], true);
  EXPECT_FALSE(Ipv4Of(tree, 1).contains("advertise-interval-sec"));
  EXPECT_EQ(Ipv4Of(tree, 1)["virtual-ipv4-addresses"]["virtual-ipv4-address"].size(), 16u);
}

TEST(YangReportTest, WithoutInstancesThereIsAnEmptyTree) {
  Gateway gateway;
  gateway.Start({});
  const Json tree = Vrrp(gateway);
  EXPECT_TRUE(tree["ietf-interfaces:interfaces"]["interface"].empty());
  EXPECT_EQ(tree["ietf-vrrp:vrrp"]["virtual-routers"], 0);
}

}  // namespace
}  // namespace dpvrrp
