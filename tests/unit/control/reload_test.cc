// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

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
  EXPECT_THAT(Names(gateway), ::testing::ElementsAre("three", "two"));
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
  EXPECT_THAT(Names(gateway), ::testing::ElementsAre("new"));
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
  EXPECT_THAT(Names(gateway), ::testing::ElementsAre("one"));
}

TEST(ReloadTest, WhatNeedsARestartIsRefusedWhole) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1)}));
  Config other = WithInstances({AhInstance("two", 2)});
  other.daemon.lcores = {3};
  gateway.services.next_load = LoadResult{other, {}, {}};
  EXPECT_THAT(gateway.Ask("reload").body, HasSubstr("need a restart: daemon.lcores"));
  EXPECT_THAT(Names(gateway), ::testing::ElementsAre("one"));
}

}  // namespace
}  // namespace dpvrrp
