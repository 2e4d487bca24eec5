// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "control/priority/effective_priority.h"
#include "control/priority/priorities.h"

namespace dpvrrp {
namespace {

TEST(EffectivePriority, AnOrderReplacesTheConfiguredPriority) {
  PrioritySources sources{.configured = Priority(100)};
  EXPECT_EQ(EffectivePriority(sources), Priority(100));
  sources.ordered = Priority(180);
  EXPECT_EQ(EffectivePriority(sources), Priority(180));
}

TEST(EffectivePriority, TheWeightsOfTracksAndGroupAreAdded) {
  EXPECT_EQ(EffectivePriority({.configured = Priority(100), .tracks = -30}), Priority(70));
  EXPECT_EQ(EffectivePriority({.configured = Priority(100), .tracks = -30, .group = 50}), Priority(120));
  EXPECT_EQ(EffectivePriority({.configured = Priority(100), .ordered = Priority(200), .tracks = -30}), Priority(170));
}

TEST(EffectivePriority, NeverResignsAndNeverOwns) {
  EXPECT_EQ(EffectivePriority({.configured = Priority(100), .tracks = -253}), Priority(1));
  EXPECT_EQ(EffectivePriority({.configured = Priority(100), .tracks = 253}), Priority(254));
  EXPECT_EQ(EffectivePriority({.configured = Priority(1), .tracks = INT32_MAX, .group = INT32_MAX}), Priority(254));
  EXPECT_EQ(EffectivePriority({.configured = Priority(1), .tracks = INT32_MIN, .group = INT32_MIN}), Priority(1));
}

TEST(EffectivePriority, AnOwnersNeverChanges) {
  EXPECT_EQ(EffectivePriority({.configured = kPriorityOwner, .ordered = Priority(10), .tracks = -253, .group = -253}),
            kPriorityOwner);
}

TEST(Priorities, EachSourceIsSetAlone) {
  Priorities priorities;
  const InstanceId id(7);
  EXPECT_EQ(priorities.SetConfigured(id, Priority(100)), Priority(100));
  EXPECT_EQ(priorities.SetOrdered(id, Priority(150)), Priority(150));
  EXPECT_EQ(priorities.SetTracks(id, -20), Priority(130));
  EXPECT_EQ(priorities.SetGroup(id, -5), Priority(125));
  EXPECT_EQ(priorities.SetConfigured(id, Priority(90)), Priority(125)) << "a reload replaces the file's priority only";
  EXPECT_EQ(priorities.SetOrdered(id, std::nullopt), Priority(65));
  EXPECT_EQ(priorities.SourcesOf(id).tracks, -20);
}

TEST(Priorities, InstancesDoNotShareSources) {
  Priorities priorities;
  priorities.SetConfigured(InstanceId(1), Priority(100));
  priorities.SetTracks(InstanceId(1), -50);
  EXPECT_EQ(priorities.SetConfigured(InstanceId(2), Priority(100)), Priority(100));
  priorities.Forget(InstanceId(1));
  EXPECT_EQ(priorities.SetConfigured(InstanceId(1), Priority(100)), Priority(100));
}

}  // namespace
}  // namespace dpvrrp
