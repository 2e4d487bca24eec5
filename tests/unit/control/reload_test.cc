// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Names(const Gateway& gateway) {
  std::vector<std::string> names;
  for (const auto& [name, instance] : gateway.controller.instances()) names.push_back(name);
  return names;
}

void Reload(Gateway& gateway, std::vector<InstanceConfig> instances) {
  gateway.services.next_load = LoadResult{WithInstances(std::move(instances)), {}, {}};
  const absl::StatusOr<std::string> result = gateway.controller.Reload(gateway.Time());
  ASSERT_TRUE(result.ok()) << result.status();
  gateway.Turn();
}

TEST(ReloadTest, AddsAndRemovesInstances) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1), AhInstance("two", 2)}));
  Reload(gateway, {AhInstance("two", 2), AhInstance("three", 3)});
  EXPECT_THAT(Names(gateway), ElementsAre("three", "two"));
}

TEST(ReloadTest, AnUntouchedInstanceDoesNotTwitch) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  gateway.RunFor(5s);
  Reload(gateway, {AhInstance("one", 1), AhInstance("two", 2)});
  EXPECT_EQ(gateway.Logged("transition").size(), 3u);  // one's two, and two's startup
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
}

// The VRID's place on the segment is free only when the old router has come back.
TEST(ReloadTest, ARenamedInstanceFollowsItsPredecessor) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("old", 51)}));
  gateway.RunFor(5s);
  Reload(gateway, {AhInstance("new", 51)});
  EXPECT_THAT(Names(gateway), ElementsAre("new"));
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  const std::vector<Sent> sent = gateway.RunFor(4s);
  ASSERT_FALSE(sent.empty());
  // The numbers go on: adverts of the old run were numbered 1, 2, 3 (the last one its goodbye).
  EXPECT_THAT(sent.front(), IsAhAdvert(Vrid(51), Priority(100), 4u));
}

TEST(ReloadTest, APriorityAloneChangesInPlace) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  InstanceConfig changed = AhInstance();
  changed.priority = Priority(200);
  Reload(gateway, {changed});
  EXPECT_EQ(gateway.Logged("transition").size(), 2u);
  EXPECT_THAT(gateway.RunFor(1100ms), ::testing::Contains(IsAdvert(Vrid(51), Priority(200))));
}

TEST(ReloadTest, EndsAPrioritySetByCommand) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.Ask("set instance gw priority 50");
  EXPECT_EQ(gateway.controller.FindInstance("gw")->priority, Priority(50));
  Reload(gateway, {AhInstance()});
  EXPECT_EQ(gateway.controller.FindInstance("gw")->priority, Priority(100));
}

TEST(ReloadTest, AFileWithFaultsChangesNothing) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  gateway.services.next_load = LoadResult{{}, {ConfigFault{"f.toml", 3, 8, "vrid '300': must be 1..255"}}, {}};
  const Answer answer = gateway.Ask("reload");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("f.toml:3:8: vrid '300'"));
  EXPECT_THAT(Names(gateway), ElementsAre("one"));
}

TEST(ReloadTest, WhatNeedsARestartIsRefusedWhole) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  Config other = WithInstances({AhInstance("two", 2)});
  other.daemon.lcores = {3};
  gateway.services.next_load = LoadResult{other, {}, {}};
  EXPECT_THAT(gateway.Ask("reload").body, HasSubstr("need a restart: daemon.lcores"));
  EXPECT_THAT(Names(gateway), ElementsAre("one"));
}

// The old one still waits for the kernel to take its address when the file is read once more.
TEST(ReloadTest, ASecondReloadDoesNotForgetWhatIsStillBeingReplaced) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.host_answers = false;
  InstanceConfig changed = AhInstance();
  changed.preempt = false;
  Reload(gateway, {changed});
  ASSERT_EQ(gateway.controller.FindInstance("gw"), nullptr);
  changed.priority = Priority(120);
  Reload(gateway, {changed});
  gateway.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply(gateway.services.Answer(request), gateway.Time());
  }
  gateway.Turn();
  ASSERT_NE(gateway.controller.FindInstance("gw"), nullptr);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->priority, Priority(120));
}

TEST(ReloadTest, AnInstanceThatWaitsToBeAddedCanBeRemovedAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("old", 51)}));
  gateway.RunFor(5s);
  gateway.host_answers = false;
  Reload(gateway, {AhInstance("new", 51)});
  Reload(gateway, {AhInstance("other", 52)});
  gateway.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply(gateway.services.Answer(request), gateway.Time());
  }
  gateway.Turn();
  EXPECT_THAT(Names(gateway), ElementsAre("other"));
}

TEST(ReloadTest, AnInstanceThatCannotBeSetUpIsAnErrorAndIsTriedAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  InstanceConfig broken = AhInstance("two", 2);
  broken.virtual_addresses[0].device = "missing";
  gateway.services.next_load = LoadResult{WithInstances({AhInstance("one", 1), broken}), {}, {}};
  const Answer answer = gateway.Ask("reload");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("instance two: no interface missing"));
  EXPECT_THAT(Names(gateway), ElementsAre("one"));
  gateway.services.missing_devices.clear();
  EXPECT_EQ(gateway.Ask("reload").status, Answer::Status::kOk);
  EXPECT_THAT(Names(gateway), ElementsAre("one", "two"));
}

// What is quadratic in the number of instances does not end here within the suite's time.
TEST(ReloadTest, ThousandsAreReplacedAtOnce) {
  Gateway gateway;
  std::vector<InstanceConfig> instances = ManyInstances();
  gateway.Start(WithInstances(instances));
  ASSERT_TRUE(gateway.started.ok());
  gateway.RunFor(4s);
  EXPECT_EQ(gateway.services.addresses.size(), instances.size());
  for (InstanceConfig& instance : instances) instance.preempt = false;
  Reload(gateway, instances);
  EXPECT_EQ(gateway.controller.instances().size(), instances.size());
  EXPECT_TRUE(gateway.services.addresses.empty());
}

}  // namespace
}  // namespace dpvrrp
