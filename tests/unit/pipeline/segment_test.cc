// SPDX-License-Identifier: BSD-3-Clause
//
// The virtual router to which a frame belongs (conformance V3-15, V3-113).
#include "pipeline/segment.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <map>
#include <memory>
#include <random>
#include <tuple>

#include "support/test_shard.h"
#include "wire/ethernet.h"

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

TEST(SegmentTest, APortWithoutInstancesKnowsNoVrid) {
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

TEST(SegmentTest, ARemovedRouterIsNoLongerFound) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  t.Apply(command::Remove{&router});
  EXPECT_EQ(t.Receive(AdvertFrame{}.Build()), DropReason::kUnknownVrid);
}

VirtualRouterConfig OnVlan(VlanStack vlan) {
  VirtualRouterConfig config = BackupConfig();
  config.vlan = vlan;
  return config;
}

TEST(SegmentTest, TheSameVridOnAnotherVlanIsAnotherRouter) {
  TestShard t;
  VirtualRouter& untagged = t.Add(BackupConfig());
  VirtualRouter& vlan = t.Add(OnVlan({100, 0}));
  VirtualRouter& other = t.Add(OnVlan({101, 0}));
  VirtualRouter& stacked = t.Add(OnVlan({100, 101}));
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {100}}.Build()), DropReason::kNone);
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {0xe000 | 100, 101}}.Build()), DropReason::kNone);
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {101, 100}}.Build()), DropReason::kUnknownSegment);
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {102}}.Build()), DropReason::kUnknownSegment);
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {100}}.Build(), PortId(1)), DropReason::kUnknownSegment);
  EXPECT_EQ(untagged.counters.adverts_received.value(), 0u);
  EXPECT_EQ(vlan.counters.adverts_received.value(), 1u);
  EXPECT_EQ(other.counters.adverts_received.value(), 0u);
  EXPECT_EQ(stacked.counters.adverts_received.value(), 1u);
}

TEST(SegmentTest, ATagRemovedByThePortCountsAsAnInlineTag) {
  TestShard t;
  VirtualRouter& stacked = t.Add(OnVlan({100, 101}));
  VirtualRouter& single = t.Add(OnVlan({100, 0}));
  Bytes inner = AdvertFrame{.vlan_tags = {101}}.Build();
  Bytes bare = AdvertFrame{}.Build();
  Bytes three = AdvertFrame{.vlan_tags = {100, 101}}.Build();
  const std::array<Frame, 4> frames = {{
      {inner.data(), static_cast<uint16_t>(inner.size()), PortId(0), VlanStack{100, 0}},
      {bare.data(), static_cast<uint16_t>(bare.size()), PortId(0), VlanStack{100, 0}},
      {bare.data(), static_cast<uint16_t>(bare.size()), PortId(0), VlanStack{100, 101}},
      {three.data(), static_cast<uint16_t>(three.size()), PortId(0), VlanStack{100, 0}},
  }};
  t.shard->Receive(frames, t.now);
  EXPECT_EQ(stacked.counters.adverts_received.value(), 2u);
  EXPECT_EQ(single.counters.adverts_received.value(), 1u);
  EXPECT_EQ(t.drops(DropReason::kUnknownSegment), 1u);
}

TEST(SegmentTest, AdvertsAndAnnouncementsCarryTheTags) {
  TestShard t;
  VirtualRouter& router = t.Add(OnVlan({100, 7}));
  t.Apply(command::Takeover{&router});
  t.Announce(router, 0, 1);
  const std::vector<Sent> sent = t.Transmit();
  ASSERT_EQ(sent.size(), 2u);
  for (const Sent& s : sent) {
    EXPECT_EQ(ParseEthernet(s.frame).vlan, (VlanStack{100, 7}));
  }
  EXPECT_EQ(ParseEthernet(sent[0].frame).ether_type, kEtherTypeIpv4);
  EXPECT_EQ(ParseEthernet(sent[1].frame).ether_type, kEtherTypeArp);
  // Another router of ours on the VLAN accepts our adverts.
  TestShard peer;
  VirtualRouterConfig config = OnVlan({100, 7});
  config.machine.source = Ip("10.99.0.3");
  peer.Add(std::move(config));
  EXPECT_EQ(peer.Receive(sent[0].frame), DropReason::kNone);
}

TEST(SegmentTest, ASegmentWithoutRoutersIsUnknownAgain) {
  TestShard t;
  VirtualRouter& router = t.Add(OnVlan({100, 0}));
  t.Apply(command::Remove{&router});
  EXPECT_EQ(t.Receive(AdvertFrame{.vlan_tags = {100}}.Build()), DropReason::kUnknownSegment);
}

TEST(SegmentTest, APortGoesDownWithAllItsVlans) {
  TestShard t;
  VirtualRouter& a = t.Add(OnVlan({100, 0}));
  VirtualRouter& b = t.Add(OnVlan({200, 0}));
  VirtualRouterConfig other_port = OnVlan({100, 0});
  other_port.port = PortId(1);
  VirtualRouter& c = t.Add(std::move(other_port));
  t.Apply(command::PortDown{PortId(0)});
  EXPECT_EQ(a.machine.state, State::kInitialize);
  EXPECT_EQ(b.machine.state, State::kInitialize);
  EXPECT_EQ(c.machine.state, State::kBackup);
}

// The table against a map: collisions, gaps that move up, segments used again.
TEST(SegmentTableTest, AgreesWithAMapThroughRandomChanges) {
  SegmentTable table;
  std::mt19937 random(7);
  std::map<std::pair<PortId, VlanStack>, std::map<uint8_t, std::unique_ptr<VirtualRouter>>> model;
  const auto any_segment = [&] {
    const auto outer = static_cast<uint16_t>(random() % 4095);
    const auto inner = static_cast<uint16_t>(outer == 0 || random() % 2 == 0 ? 0 : random() % 4095);
    return std::pair(PortId(static_cast<uint16_t>(random() % kMaxPorts)), VlanStack{outer, inner});
  };
  for (int i = 0; i < 6000; ++i) {
    auto segment = any_segment();
    if (!model.empty() && random() % 2 == 0) {  // an existing one, or the next
      const auto found = model.lower_bound(segment);
      if (found != model.end()) segment = found->first;
    }
    const auto vrid = static_cast<uint8_t>(random() % 3 + 1);
    auto& routers = model[segment];
    if (routers.contains(vrid)) {
      table.Remove(*routers[vrid]);
      routers.erase(vrid);
    } else {
      VirtualRouterConfig config = BackupConfig();
      std::tie(config.port, config.vlan) = segment;
      config.vrid = Vrid(vrid);
      routers[vrid] = std::make_unique<VirtualRouter>(std::move(config));
      table.Insert(*routers[vrid]);
    }
    if (routers.empty()) model.erase(segment);
  }
  ASSERT_GT(model.size(), 1000u);
  for (const auto& [at, routers] : model) {
    const Segment* segment = table.Find(at.first, at.second);
    ASSERT_NE(segment, nullptr);
    EXPECT_EQ(segment->routers, routers.size());
    for (const auto& [vrid, router] : routers) EXPECT_EQ(segment->ipv4[vrid], router.get());
  }
  for (int i = 0; i < 10000; ++i) {
    const auto at = any_segment();
    if (model.contains(at) || at.second == VlanStack{}) continue;
    EXPECT_EQ(table.Find(at.first, at.second), nullptr);
  }
}

TEST(SegmentTableTest, HoldsEverySegmentThatConfigurationAllows) {
  SegmentTable table;
  std::vector<std::unique_ptr<VirtualRouter>> routers;
  for (size_t i = 0; i < kMaxSegments; ++i) {
    VirtualRouterConfig config = OnVlan({static_cast<uint16_t>(i % 4094 + 1), static_cast<uint16_t>(i / 4094 + 1)});
    routers.push_back(std::make_unique<VirtualRouter>(std::move(config)));
    table.Insert(*routers.back());
  }
  for (const auto& router : routers) {
    EXPECT_EQ(table.Find(PortId(0), router->config.vlan)->ipv4[51], router.get());
  }
  for (const auto& router : routers) table.Remove(*router);
  for (const auto& router : routers) EXPECT_EQ(table.Find(PortId(0), router->config.vlan), nullptr);
}

// Room for all of them is 67 MB; a page of it is faulted in when a segment in it is used.
TEST(SegmentTableTest, TakesNoMemoryForSegmentsThatAreNotUsed) {
  const auto faults = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
  };
  const auto before = faults();
  const SegmentTable table;
  EXPECT_LT(faults() - before, 4000) << "each page of 16,416 segments";
}

}  // namespace
}  // namespace dpvrrp
