// SPDX-License-Identifier: BSD-3-Clause
//
// Which virtual router a frame belongs to (conformance V3-15, V3-113).
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

TEST(SegmentTest, TheSameVridOnTwoPortsIsTwoRouters) {
  TestShard t;
  VirtualRouterConfig second = BackupConfig();
  second.port = PortId(kMaxPorts - 1);
  VirtualRouter& a = t.Add(BackupConfig());
  VirtualRouter& b = t.Add(std::move(second));
  EXPECT_EQ(t.Receive(AdvertFrame{}.Build(), PortId(kMaxPorts - 1)), DropReason::kNone);
  EXPECT_EQ(a.counters.adverts_received.value(), 0u);
  EXPECT_EQ(b.counters.adverts_received.value(), 1u);
}

TEST(SegmentTest, APortWithNothingOnItKnowsNoVrid) {
  TestShard t;
  t.Add(BackupConfig());
  EXPECT_EQ(t.Receive(AdvertFrame{}.Build(), PortId(3)), DropReason::kUnknownVrid);
}

TEST(SegmentTest, APortBeyondTheTableIsNoSegment) {
  TestShard t;
  EXPECT_EQ(t.Receive(AdvertFrame{}.Build(), PortId(kMaxPorts)), DropReason::kUnknownSegment);
  EXPECT_EQ(t.Receive(AdvertFrame{}.Build(), PortId(65535)), DropReason::kUnknownSegment);
}

TEST(SegmentTest, APriorityTagIsTheUntaggedSegment) {
  TestShard t;
  t.Add(BackupConfig());
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {0xe000}}.Build()), DropReason::kNone);
}

TEST(SegmentTest, AllTwoHundredFiftyFiveVridsFitOnAPort) {
  TestShard t;
  std::vector<VirtualRouter*> routers;
  for (int vrid = 1; vrid <= 255; ++vrid) {
    VirtualRouterConfig config = BackupConfig();
    config.vrid = Vrid(static_cast<uint8_t>(vrid));
    routers.push_back(&t.Add(std::move(config)));
  }
  for (int vrid = 255; vrid >= 1; --vrid) {
    EXPECT_EQ(t.Receive(AdvertFrame{.vrid = static_cast<uint8_t>(vrid)}.Build()), DropReason::kNone);
  }
  for (VirtualRouter* router : routers) EXPECT_EQ(router->counters.adverts_received.value(), 1u);
}

TEST(SegmentTest, ARemovedRouterIsFoundNoMore) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  t.Apply(ShardCommand::Kind::kRemove, router);
  EXPECT_EQ(t.Receive(AdvertFrame{}.Build()), DropReason::kUnknownVrid);
}

}  // namespace
}  // namespace dpvrrp
