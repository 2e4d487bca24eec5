// SPDX-License-Identifier: BSD-3-Clause
//
// Several parts act together when an instance is set up, changed and removed. No lcore takes the commands.
#include "control/compose/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/fake_services.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LifecycleTest : public testing::Test {
 protected:
  ~LifecycleTest() override { lifecycle_.Abandon(); }  // which frees the routers of the commands

  ManagedInstance& Start(const InstanceConfig& config) {
    EXPECT_TRUE(lifecycle_.Try(config, time_).ok());
    return *parts_.registry.Find(config.name);
  }

  FakeServices services_;
  ControlTime time_{Instant{} + std::chrono::hours(1), 1'700'000'000'000};
  Parts parts_{
      services_, {{.name = "lan", .id = PortId(0), .mac = MacAddress{{2, 0, 0, 0, 0, 0x0b}}}}, {}, "none", time_};
  Lifecycle lifecycle_{parts_};
};

TEST_F(LifecycleTest, AnInstanceIsKnownToEveryPartThatServesIt) {
  const ManagedInstance& instance = Start(AhInstance());
  EXPECT_NE(parts_.numbers.RecordOf(instance.id), nullptr);
  EXPECT_TRUE(parts_.numbers.IsWithLcore(instance.id));
  EXPECT_NE(parts_.keys.InUse(instance.id), nullptr);
  EXPECT_THAT(parts_.addresses.vips().vips(instance.id), SizeIs(1));
  EXPECT_TRUE(parts_.registry.IsTaken("lan/0.0/4/51"));
  EXPECT_EQ(instance.priority, AhInstance().priority);
}

TEST_F(LifecycleTest, AnInstanceThatCannotBeSetUpLeavesNothing) {
  InstanceConfig config = AhInstance();
  config.virtual_addresses.push_back({*ParseIpPrefix("10.99.1.100/24"), "missing"});
  EXPECT_FALSE(lifecycle_.Try(config, time_).ok());
  EXPECT_THAT(parts_.registry.instances(), IsEmpty());
  EXPECT_FALSE(parts_.registry.IsTaken("lan/0.0/4/51"));
  EXPECT_THAT(services_.acquired, IsEmpty());
  EXPECT_THAT(parts_.outbox.shard, IsEmpty());
  EXPECT_NE(parts_.apply.not_started().Find("gw"), nullptr);
}

TEST_F(LifecycleTest, AConfigurationThatCannotBeHadChangesNothing) {
  ManagedInstance& instance = Start(AhInstance());
  const InstanceConfig before = instance.config;
  InstanceConfig next = before;
  next.virtual_addresses.push_back({*ParseIpPrefix("10.99.1.100/24"), "missing"});
  EXPECT_FALSE(lifecycle_.Reconfigure(instance, next, time_).ok());
  EXPECT_EQ(instance.config, before);
  EXPECT_THAT(services_.acquired, ElementsAre("eth0"));
  EXPECT_THAT(parts_.outbox.shard, SizeIs(1)) << "the command that adds the router";
}

TEST_F(LifecycleTest, AReloadReplacesTheFilesPriorityAndLeavesTracksAndGroup) {
  InstanceConfig config = AhInstance();
  config.priority = Priority(100);
  config.tracks = {{"up", -20, true}};  // reversed: it costs 20 while the track is up
  parts_.registry.config().tracks = {MakeTrack("up", TrackKind::kManual)};
  parts_.registry.config().groups = {MakeGroup("g", {"gw"}, {{"up", -5, true}})};
  parts_.tracks.OnConfiguration(time_);
  ManagedInstance& instance = Start(config);
  EXPECT_EQ(instance.priority, Priority(75));
  parts_.priorities.SetOrdered(instance.id, Priority(200));  // in force until the next reload (docs/cli.md)
  InstanceConfig next = instance.config;
  next.priority = Priority(150);
  ASSERT_TRUE(lifecycle_.Reconfigure(instance, next, time_).ok());
  EXPECT_EQ(instance.priority, Priority(125));
  EXPECT_EQ(parts_.priorities.SourcesOf(instance.id).ordered, std::nullopt);
}

TEST_F(LifecycleTest, ASuccessorStartsWhenItsPredecessorIsForgotten) {
  ManagedInstance& instance = Start(AhInstance("gw", 51));
  const InstanceId id = instance.id;
  parts_.apply.Await(AhInstance("gw", 61));
  EXPECT_TRUE(lifecycle_.TryIfFree("gw", time_).ok());
  EXPECT_FALSE(parts_.registry.IsTaken("lan/0.0/4/61")) << "the name is in use";
  lifecycle_.Remove(instance);
  lifecycle_.ForgetIfRemoved(id, time_);
  EXPECT_NE(parts_.registry.FindById(id), nullptr) << "the lcore has the router";
  instance.router = nullptr;
  lifecycle_.ForgetIfRemoved(id, time_);
  EXPECT_EQ(parts_.registry.FindById(id), nullptr);
  EXPECT_FALSE(parts_.registry.IsTaken("lan/0.0/4/51"));
  ASSERT_NE(parts_.registry.Find("gw"), nullptr);
  EXPECT_EQ(parts_.registry.Find("gw")->config.vrid, Vrid(61));
  EXPECT_EQ(parts_.numbers.RecordOf(id), nullptr);
  EXPECT_EQ(parts_.keys.InUse(id), nullptr);
}

}  // namespace
}  // namespace dpvrrp
