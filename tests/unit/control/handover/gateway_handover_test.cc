// SPDX-License-Identifier: BSD-3-Clause
//
// Two runs of a gateway, with the kernel's addresses in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

InstanceConfig V3Instance() {
  InstanceConfig config = AhInstance();
  config.version = VrrpVersion::kV3;
  config.auth = {};
  config.advertisement_interval = 10ms;
  return config;
}

// A run that is master and hands over. Its kernel and its text are for the next run.
struct FormerRun {
  explicit FormerRun(const Config& config, const std::string& command = "handover") {
    Gateway gateway;
    gateway.Start(config);
    gateway.RunFor(4s);
    EXPECT_EQ(gateway.services.addresses.size(), config.instances.size());
    gateway.programs.clear();
    gateway.lcore_runs = false;  // so that RunFor() returns what it sends
    const Answer answer = gateway.Ask(command);
    EXPECT_EQ(answer.status, Answer::Status::kOk) << answer.body;
    gateway.lcore_runs = true;
    last_sent = gateway.RunFor(1ms);
    EXPECT_TRUE(gateway.controller.Finished());
    addresses = gateway.services.addresses;
    routing = gateway.services.routing;
    text = gateway.controller.handover();
    EXPECT_THAT(gateway.programs, IsEmpty());
    at = gateway.shard.now;
  }
  // A gateway that starts `later`, with this kernel.
  void Begin(Gateway& next, const Config& config, Nanoseconds later) const {
    next.shard.now = at + later;
    next.services.addresses = addresses;
    next.services.routing = routing;
    next.services.handover = text;
    next.Start(config);
  }

  std::vector<Sent> last_sent;
  std::vector<HostAddress> addresses;
  std::vector<RoutingEntry> routing;
  std::string text;
  Instant at{};
};

TEST(GatewayHandoverTest, TheNextRunIsMasterAndTheAddressWasNeverRemoved) {
  const Config config = WithInstances({AhInstance()});
  const FormerRun former(config);
  EXPECT_THAT(former.addresses, SizeIs(1));
  Gateway next;
  former.Begin(next, config, 2s);
  EXPECT_EQ(next.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_TRUE(next.services.Has("10.99.0.100/24"));
  EXPECT_THAT(next.Logged("transition"), ElementsAre("Initialize -> Master (handover)"));
  EXPECT_THAT(next.Logged("address"), Not(::testing::Contains(HasSubstr("left"))));
}

TEST(GatewayHandoverTest, ARouteIsNeitherRemovedNorAddedAgain) {
  InstanceConfig instance = AhInstance();
  VirtualRoute route;
  route.to = *ParseIpPrefix("10.50.0.0/16");
  route.device = "eth0";
  instance.virtual_routes = {route};
  const Config config = WithInstances({instance});
  const FormerRun former(config);
  ASSERT_THAT(former.routing, SizeIs(1));
  Gateway next;
  former.Begin(next, config, 2s);
  next.RunFor(1s);
  EXPECT_EQ(next.services.routing, former.routing);
  EXPECT_THAT(next.Logged("route"), Not(::testing::Contains(HasSubstr("removed"))));
  Gateway late;
  former.Begin(late, config, 3s);
  EXPECT_THAT(late.services.routing, IsEmpty());
}

TEST(GatewayHandoverTest, ALateRunClearsTheAddressAndWaitsLikeAnyStart) {
  const Config config = WithInstances({AhInstance()});
  const FormerRun former(config);
  Gateway next;
  former.Begin(next, config, 3s);
  EXPECT_EQ(next.controller.FindInstance("gw")->state, State::kBackup);
  EXPECT_FALSE(next.services.Has("10.99.0.100/24"));
}

TEST(GatewayHandoverTest, WithoutAHandOverTheAddressIsALeftover) {
  const Config config = WithInstances({AhInstance()});
  const FormerRun former(config);
  Gateway next;
  next.services.addresses = former.addresses;
  next.Start(config);
  EXPECT_FALSE(next.services.Has("10.99.0.100/24"));
}

// The link does not come back in time.
TEST(GatewayHandoverTest, AnAddressThatIsNotResumedIsRemoved) {
  const Config config = WithInstances({AhInstance()});
  const FormerRun former(config);
  Gateway next;
  next.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no carrier", {}}, next.Time());
  former.Begin(next, config, 1s);
  EXPECT_TRUE(next.services.Has("10.99.0.100/24"));
  next.RunFor(1900ms);
  EXPECT_TRUE(next.services.Has("10.99.0.100/24"));
  next.RunFor(200ms);
  EXPECT_FALSE(next.services.Has("10.99.0.100/24"));
}

// Or the operator stops it again, or removes it from the file.
TEST(GatewayHandoverTest, AnAddressThatWaitsForItsLinkIsRemovedWithItsInstance) {
  const Config config = WithInstances({AhInstance()});
  const FormerRun former(config);
  for (const bool stops : {true, false}) {
    Gateway next;
    next.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no carrier", {}}, next.Time());
    former.Begin(next, config, 1s);
    EXPECT_TRUE(next.services.Has("10.99.0.100/24"));
    next.services.next_load.config = WithInstances({});
    if (stops) {
      next.controller.Shutdown(next.Time());
    } else {
      ASSERT_TRUE(next.controller.Reload(next.Time()).ok());
    }
    next.Turn();
    EXPECT_FALSE(next.services.Has("10.99.0.100/24")) << stops;
  }
}

TEST(GatewayHandoverTest, TheLastAdvertOfAQuickRouterAnnouncesALongerInterval) {
  const FormerRun former(WithInstances({V3Instance()}), "handover for 3");
  ASSERT_THAT(former.last_sent, SizeIs(1));
  const auto advert = SeeAdvert(former.last_sent.front().frame);
  ASSERT_TRUE(advert.has_value());
  EXPECT_EQ(advert->priority, 100);
  EXPECT_EQ(advert->interval, 100) << "centiseconds";
  Gateway next;
  former.Begin(next, WithInstances({V3Instance()}), 2900ms);
  EXPECT_EQ(next.controller.FindInstance("gw")->state, State::kMaster);
}

TEST(GatewayHandoverTest, OnlyMastersAreHandedOver) {
  Gateway gateway;
  InstanceConfig backup = AhInstance("b", 52);
  backup.virtual_addresses = {{*ParseIpPrefix("10.99.0.101/24"), "eth0"}};
  gateway.Start(WithInstances({backup}));
  EXPECT_THAT(gateway.Ask("handover").body, HasSubstr("0 masters"));
  gateway.RunFor(1ms);
  EXPECT_TRUE(gateway.controller.Finished());
  EXPECT_EQ(gateway.controller.handover(), "");
  EXPECT_EQ(gateway.Ask("handover").status, Answer::Status::kError);
}

TEST(GatewayHandoverTest, ATimeThatIsNoneIsRefused) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  for (const char* time : {"0", "61", "x", "1.5"}) {
    EXPECT_THAT(gateway.Ask(std::string("handover for ") + time).body, HasSubstr("1..60")) << time;
  }
  EXPECT_FALSE(gateway.controller.IsStopping());
}

TEST(GatewayHandoverTest, AGroupContinuesWithoutATransition) {
  InstanceConfig b = AhInstance("b", 52);
  b.virtual_addresses = {{*ParseIpPrefix("10.99.0.101/24"), "eth0"}};
  NotifyConfig programs;
  programs.stop = {"/s"};
  programs.any = {"/any"};
  const Shared<NotifyConfig> notify{std::make_shared<const NotifyConfig>(programs)};
  b.notify = notify;
  Config config = WithInstances({AhInstance(), b});
  config.scripts.fifo = "/run/fifo";
  config.groups = {MakeGroup("g", {"gw", "b"}, {}, notify)};
  const FormerRun former(config);
  Gateway next;
  former.Begin(next, config, 1s);
  next.RunFor(10s);
  EXPECT_THAT(next.Logged("transition"),
              ElementsAre("Initialize -> Master (handover)", "Initialize -> Master (handover)"));
}

}  // namespace
}  // namespace dpvrrp
