// SPDX-License-Identifier: BSD-3-Clause
#include "control/instances/registry.h"

#include <gtest/gtest.h>

#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

TEST(Registry, AnInstanceIsFoundByNameAndById) {
  PartDesk desk;
  const InstanceId id = desk.Add(AhInstance("gw", 51)).id;
  ASSERT_NE(desk.registry.Find("gw"), nullptr);
  EXPECT_EQ(desk.registry.Find("gw"), desk.registry.FindById(id));
  EXPECT_EQ(desk.registry.Find("other"), nullptr);
  EXPECT_EQ(desk.registry.FindById(InstanceId(99)), nullptr);
}

TEST(Registry, AnInstanceThatIsBeingRemovedIsFoundByIdOnly) {
  PartDesk desk;
  ManagedInstance& instance = desk.Add(AhInstance());
  instance.removing = true;
  EXPECT_EQ(desk.registry.Find("gw"), nullptr);
  EXPECT_EQ(desk.registry.FindById(instance.id), &instance);
}

TEST(Registry, IdsAreNeverUsedTwice) {
  PartDesk desk;
  const InstanceId first = desk.Add(AhInstance()).id;
  desk.registry.Remove(first);
  EXPECT_EQ(desk.registry.Find("gw"), nullptr);
  desk.registry.Release("lan/0.0/4/51");
  EXPECT_NE(desk.Add(AhInstance()).id, first);
}

TEST(Registry, AnInstanceTakesItsPlaceUntilThatIsReleased) {
  PartDesk desk;
  EXPECT_FALSE(desk.registry.IsTaken("lan/0.0/4/51"));
  const InstanceId id = desk.Add(AhInstance("gw", 51)).id;
  EXPECT_TRUE(desk.registry.IsTaken("lan/0.0/4/51"));
  desk.registry.Remove(id);
  EXPECT_TRUE(desk.registry.IsTaken("lan/0.0/4/51"));
  desk.registry.Release("lan/0.0/4/51");
  EXPECT_FALSE(desk.registry.IsTaken("lan/0.0/4/51"));
}

TEST(Registry, PortsAreFoundByNameAndOwnTheirSegments) {
  PartDesk desk;
  ASSERT_NE(desk.registry.FindPort("wan"), nullptr);
  EXPECT_EQ(desk.registry.FindPort("wan")->id, PortId(1));
  EXPECT_EQ(desk.registry.FindPort("dmz"), nullptr);
  EXPECT_EQ(desk.registry.PortOf(PortId(0)).name, "lan");
  EXPECT_EQ(desk.registry.WorkerOf(PortId(0), VlanStack{}), 0u);
  const size_t worker = desk.registry.WorkerOf(PortId(1), VlanStack{});
  EXPECT_TRUE(worker == 2 || worker == 3) << worker;
}

}  // namespace
}  // namespace dpvrrp
