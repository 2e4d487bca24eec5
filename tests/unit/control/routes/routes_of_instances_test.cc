// SPDX-License-Identifier: BSD-3-Clause
//
// Routes and rules of whole instances: they follow the state and the addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

InstanceConfig WithRoutes() {
  InstanceConfig config = AhInstance();
  config.virtual_routes = {{.to = *ParseIpPrefix("10.50.0.0/16"),
                            .via = Ip("10.99.0.254"),
                            .device = "eth1",
                            .src = Ip("10.99.0.100"),
                            .table = 100}};
  config.virtual_rules = {{.from = *ParseIpPrefix("10.99.0.0/24"), .iif = "", .table = 100, .priority = 1000}};
  return config;
}

class RoutesOfInstancesTest : public ::testing::Test {
 protected:
  void StartMaster(InstanceConfig config = WithRoutes()) {
    gateway_.Start(WithInstances({std::move(config)}));
    gateway_.RunFor(5s);
  }
  const std::vector<RoutingEntry>& routing() const { return gateway_.services.routing; }

  Gateway gateway_;
};

TEST_F(RoutesOfInstancesTest, OnlyAMasterHasThem) {
  gateway_.Start(WithInstances({WithRoutes()}));
  EXPECT_THAT(routing(), IsEmpty());
  EXPECT_THAT(gateway_.Ask("show instance gw --json").body, HasSubstr(R"("kernel":"absent")"));
  gateway_.RunFor(5s);
  EXPECT_THAT(routing(), SizeIs(2));
  const std::string body = gateway_.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("virtual_routes":[{"to":"10.50.0.0/16","via":"10.99.0.254","device":"eth1",)"
                              R"("src":"10.99.0.100","table":100,"metric":0,"kernel":"programmed","error":null}])"));
  EXPECT_THAT(body, HasSubstr(R"("virtual_rules":[{"from":"10.99.0.0/24","to":null,"iif":null,"family":"ipv4",)"
                              R"("table":100,"priority":1000,"kernel":"programmed","error":null}])"));
}

TEST_F(RoutesOfInstancesTest, TheyWaitForTheAddressesAndAreRemovedBeforeThem) {
  gateway_.host_answers = false;
  StartMaster();
  ASSERT_THAT(gateway_.unanswered, SizeIs(1));
  EXPECT_EQ(gateway_.unanswered[0].op, HostOp::kAddAddress);
  const HostReply reply = gateway_.services.Answer(gateway_.unanswered[0]);
  gateway_.unanswered.clear();
  gateway_.host_answers = true;
  gateway_.controller.OnHostReply(reply, gateway_.Time());
  gateway_.Turn();
  EXPECT_THAT(routing(), SizeIs(2));
  gateway_.host_answers = false;
  gateway_.controller.Shutdown(gateway_.Time());
  gateway_.Turn();
  ASSERT_THAT(gateway_.unanswered, SizeIs(3));
  EXPECT_EQ(gateway_.unanswered[0].op, HostOp::kRemoveRule);
  EXPECT_EQ(gateway_.unanswered[1].op, HostOp::kRemoveRoute);
  EXPECT_EQ(gateway_.unanswered[2].op, HostOp::kRemoveAddress);
  EXPECT_FALSE(gateway_.controller.Finished());
  const std::vector<HostRequest> requests = std::exchange(gateway_.unanswered, {});
  for (const HostRequest& request : requests) {
    gateway_.controller.OnHostReply(gateway_.services.Answer(request), gateway_.Time());
  }
  gateway_.Turn();
  EXPECT_THAT(routing(), IsEmpty());
  EXPECT_TRUE(gateway_.controller.Finished());
}

TEST_F(RoutesOfInstancesTest, AMasterThatResignsRemovesThem) {
  StartMaster();
  gateway_.Ask("resign gw");
  EXPECT_THAT(routing(), IsEmpty());
  EXPECT_THAT(gateway_.services.addresses, IsEmpty());
}

TEST_F(RoutesOfInstancesTest, ARefusedAddressDoesNotHoldThemBack) {
  gateway_.services.refuse = absl::PermissionDeniedError("EPERM");
  InstanceConfig config = WithRoutes();
  config.address_loss = AddressLoss::kKeep;
  StartMaster(config);
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->state, State::kMaster);
  const std::string body = gateway_.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("kernel":"missing","error":"EPERM")"));
}

TEST_F(RoutesOfInstancesTest, ARefusedRouteDoesNotEndMastership) {
  gateway_.services.refuse_routing = absl::InternalError("Network is unreachable");
  StartMaster();
  gateway_.RunFor(60s);
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_THAT(gateway_.Ask("show instance gw --json").body,
              HasSubstr(R"("kernel":"missing","error":"Network is unreachable")"));
}

TEST_F(RoutesOfInstancesTest, AReloadChangesThemInPlace) {
  StartMaster();
  InstanceConfig next = WithRoutes();
  next.virtual_routes[0].metric = 5;
  gateway_.services.next_load.config = WithInstances({next});
  EXPECT_THAT(gateway_.Ask("reload").body, Not(HasSubstr("not changed")));
  EXPECT_THAT(routing(), SizeIs(2));
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_TRUE(
      std::ranges::any_of(routing(), [&](const RoutingEntry& e) { return Fulfils(e, next.virtual_routes[0]); }));
}

TEST_F(RoutesOfInstancesTest, AReloadCanBringTheFirstRoutes) {
  StartMaster(AhInstance());
  EXPECT_THAT(routing(), IsEmpty());
  gateway_.services.next_load.config = WithInstances({WithRoutes()});
  gateway_.Ask("reload");
  EXPECT_THAT(routing(), SizeIs(2));
  gateway_.services.next_load.config = WithInstances({AhInstance()});
  gateway_.Ask("reload");
  EXPECT_THAT(routing(), IsEmpty());
}

TEST_F(RoutesOfInstancesTest, AtTheStartLeftOversAreRemoved) {
  gateway_.services.routing = {WithRoutes().virtual_routes[0], WithRoutes().virtual_rules[0]};
  gateway_.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(routing(), IsEmpty());
  EXPECT_THAT(gateway_.Logged("route"), SizeIs(2));
}

}  // namespace
}  // namespace dpvrrp
