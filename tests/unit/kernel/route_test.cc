// SPDX-License-Identifier: BSD-3-Clause
//
// Routes and rules: as messages, and in the kernel.
#include <linux/rtnetlink.h>

#include "kernel/clear_marks.h"
#include "kernel/route_message.h"
#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

IpAddress Host(const char* text) { return ParseIpAddress(text).value(); }

std::vector<VirtualRoute> SomeRoutes() {
  return {{.to = Prefix("10.50.0.0/16"),
           .via = Host("10.99.0.254"),
           .device = "veth0",
           .src = Host("10.99.0.1"),
           .table = 1000,
           .metric = 10},
          {.to = Prefix("0.0.0.0/0"), .via = Host("10.99.0.254"), .device = ""},
          {.to = Prefix("10.51.0.0/16"), .via = {}, .device = "veth0"},
          {.to = Prefix("2001:db8:50::/48"),
           .via = Host("fe80::254"),
           .device = "veth0",
           .table = 100,
           .metric = kDefaultIpv6Metric},
          {.to = Prefix("::/0"), .via = Host("2001:db8::254"), .device = "", .metric = 5}};
}

std::vector<VirtualRule> SomeRules() {
  return {{.from = Prefix("10.99.0.0/24"), .iif = "", .table = 1000, .priority = 1000},
          {.to = Prefix("10.50.0.0/16"), .iif = "veth1", .table = 100, .priority = 2000},
          {.family = Family::kIpv6, .iif = "veth0", .table = 100, .priority = 1000},
          {.family = Family::kIpv6, .from = Prefix("2001:db8::/64"), .iif = "", .table = 100, .priority = 1000}};
}

std::string NameOfSeven(uint32_t index) { return index == 7 ? "veth0" : ""; }

TEST(RouteMessageTest, BuiltRoutesParseBack) {
  for (const VirtualRoute& route : SomeRoutes()) {
    MessageBuffer buffer;
    const nlmsghdr* message = BuildAddRoute(buffer, route.device.empty() ? 0 : 7, route);
    EXPECT_LE(message->nlmsg_len, sizeof buffer.bytes);
    EXPECT_THAT(ParseRouting(*message, NameOfSeven), Optional(RoutingEntry(route))) << ToString(route);
  }
}

TEST(RouteMessageTest, BuiltRulesParseBack) {
  for (const VirtualRule& rule : SomeRules()) {
    MessageBuffer buffer;
    EXPECT_THAT(ParseRouting(*BuildAddRule(buffer, rule), NameOfSeven), Optional(RoutingEntry(rule))) << ToString(rule);
  }
}

TEST(RouteMessageTest, WithoutOurMarkItIsNothing) {
  MessageBuffer buffer;
  nlmsghdr* message = BuildAddRoute(buffer, 7, SomeRoutes()[0]);
  static_cast<rtmsg*>(mnl_nlmsg_get_payload(message))->rtm_protocol = RTPROT_STATIC;
  EXPECT_EQ(ParseRouting(*message, NameOfSeven), std::nullopt);
}

TEST(RouteMessageTest, ATruncatedMessageIsNothing) {
  for (const uint16_t type : {RTM_NEWROUTE, RTM_NEWRULE}) {
    MessageBuffer buffer;
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
    message->nlmsg_type = type;
    EXPECT_EQ(ParseRouting(*message, NameOfSeven), std::nullopt);
  }
}

class RouteTest : public KernelFixture {
 protected:
  void SetUp() override {
    KernelFixture::SetUp();
    if (IsSkipped()) return;
    Shell("ip addr add 10.99.0.1/24 dev veth0 && ip addr add 2001:db8::1/64 dev veth0 nodad");
    for (const VirtualRoute& route : SomeRoutes()) all_.emplace_back(route);
    for (const VirtualRule& rule : SomeRules()) all_.emplace_back(rule);
  }
  absl::Status Add(const RoutingEntry& entry) { return Ask({AdditionOf(0, entry)}).front(); }
  absl::Status Remove(const RoutingEntry& entry) { return Ask({RemovalOf(0, entry)}).front(); }
  std::vector<RoutingEntry> Listed() { return host_->ListRouting().value(); }

  std::vector<RoutingEntry> all_;
};

TEST_F(RouteTest, AreAddedListedAndRemoved) {
  for (const RoutingEntry& entry : all_) EXPECT_EQ(Add(entry), absl::OkStatus());
  const std::vector<RoutingEntry> listed = Listed();
  ASSERT_THAT(listed, SizeIs(all_.size()));
  for (const RoutingEntry& entry : all_) {
    EXPECT_TRUE(std::ranges::any_of(listed, [&](const RoutingEntry& one) { return Fulfils(one, entry); }))
        << ToString(entry);
  }
  Shell(
      "ip route show table 1000 proto 112 | grep -q '10.50.0.0/16 via 10.99.0.254 dev veth0 src 10.99.0.1 metric 10'");
  Shell("ip rule show | grep -q '1000:.*from 10.99.0.0/24 lookup 1000'");
  for (const RoutingEntry& entry : all_) EXPECT_EQ(Remove(entry), absl::OkStatus()) << ToString(entry);
  EXPECT_THAT(Listed(), IsEmpty());
  for (const RoutingEntry& entry : all_) EXPECT_TRUE(absl::IsNotFound(Remove(entry))) << ToString(entry);
}

TEST_F(RouteTest, OursFromAnEarlierRunCountAsAdded) {
  for (const RoutingEntry& entry : all_) EXPECT_EQ(Add(entry), absl::OkStatus());
  for (const RoutingEntry& entry : all_) EXPECT_EQ(Add(entry), absl::OkStatus()) << ToString(entry);
  EXPECT_THAT(Listed(), SizeIs(all_.size()));
}

TEST_F(RouteTest, ThoseOfOthersAlreadyExistAndStay) {
  Shell("ip route add 10.51.0.0/16 dev veth0");
  Shell("ip rule add from 10.99.0.0/24 table 1000 priority 1000");
  EXPECT_TRUE(absl::IsAlreadyExists(Add(SomeRoutes()[2])));
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(Remove(SomeRoutes()[2])));
  // A kernel may refuse an equal rule, or add it beside the other one. The other one stays.
  if (Add(SomeRules()[0]).ok()) {
    EXPECT_EQ(Remove(SomeRules()[0]), absl::OkStatus());
  }
  Shell("ip rule show | grep -q '^1000:.*from 10.99.0.0/24 lookup 1000'");
  Shell("ip route show 10.51.0.0/16 | grep -q veth0");
}

TEST_F(RouteTest, ARouteNeedsItsDeviceAndItsGateway) {
  VirtualRoute route = SomeRoutes()[0];
  route.device = "veth9";
  EXPECT_FALSE(Add(route).ok());
  route = SomeRoutes()[1];
  route.via = Host("192.0.2.1");
  const absl::Status status = Add(route);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("cannot add route 0.0.0.0/0 via 192.0.2.1: "));
}

TEST_F(RouteTest, ARemovalIsAnEvent) {
  for (const RoutingEntry& entry : all_) EXPECT_EQ(Add(entry), absl::OkStatus());
  for (const char* command : {"ip route del 10.51.0.0/16", "ip -6 route del default proto 112",
                              "ip rule del priority 2000", "ip -6 rule del iif veth0 table 100"}) {
    events_.clear();
    host_->ReceiveEvents(events_);
    events_.clear();
    Shell(command);
    EXPECT_TRUE(WaitForEvent(HostEvent::Kind::kRoutingRemoved, "")) << command;
  }
}

TEST_F(RouteTest, RoutesOfOthersAreNoEvents) {
  host_->ReceiveEvents(events_);
  events_.clear();
  Shell("ip route add 10.52.0.0/16 dev veth0 && ip route del 10.52.0.0/16 && ip link set veth1 mtu 1400");
  Shell("ip rule add from 10.1.0.0/16 table 7 && ip rule del from 10.1.0.0/16 table 7");
  Shell("ip addr add 10.98.0.1/32 dev veth1");  // a later event
  EXPECT_TRUE(WaitForEvent(HostEvent::Kind::kAddressAdded, "veth1", Prefix("10.98.0.1/32")));
  for (const HostEvent& event : events_) EXPECT_NE(event.kind, HostEvent::Kind::kRoutingRemoved);
}

TEST_F(RouteTest, ALinkThatIsSetDownLosesItsRoutes) {
  EXPECT_EQ(Add(SomeRoutes()[2]), absl::OkStatus());
  Shell("ip link set veth0 down");
  EXPECT_TRUE(WaitForEvent(HostEvent::Kind::kLinkDown, "veth0"));
  EXPECT_THAT(Listed(), IsEmpty());
  Shell("ip link set veth0 up");
  EXPECT_TRUE(WaitForEvent(HostEvent::Kind::kLinkUp, "veth0"));
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_EQ(Add(SomeRoutes()[2]), absl::OkStatus());
}

TEST_F(RouteTest, ClearMarksRemovesOnlyOurs) {
  Shell("ip route add 10.52.0.0/16 dev veth0 && ip rule add from 10.1.0.0/16 table 7");
  EXPECT_EQ(Add(SomeRoutes()[2]), absl::OkStatus());
  EXPECT_EQ(Add(SomeRules()[0]), absl::OkStatus());
  const ClearedMarks cleared = ClearMarks(std::chrono::seconds(10));
  EXPECT_EQ(cleared.status, absl::OkStatus());
  EXPECT_THAT(cleared.routing,
              UnorderedElementsAre("route 10.51.0.0/16 dev veth0", "rule from 10.99.0.0/24 table 1000 priority 1000"));
  EXPECT_THAT(Listed(), IsEmpty());
  Shell("ip route show 10.52.0.0/16 | grep -q veth0 && ip rule show | grep -q 10.1.0.0/16");
}

}  // namespace
}  // namespace dpvrrp
