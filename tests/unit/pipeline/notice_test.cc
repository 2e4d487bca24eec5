// SPDX-License-Identifier: BSD-3-Clause
//
// The notices to control about refused frames (conformance V3-103, AH-10, AH-11, AH-17).
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

AdvertFrame Forged(uint32_t sequence) {
  return AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence, .forged = true};
}

TEST(NoticeTest, NamesSenderAndFrame) {
  SequenceRecord record;
  TestShard t;
  t.Add(AhConfig(record));
  t.Events();
  t.now += 1s;
  t.Receive(Forged(77).Build());
  const std::vector<ShardEvent> events = t.Events();
  ASSERT_EQ(events.size(), 1u);
  const auto& rejected = std::get<event::Rejected>(events[0]);
  EXPECT_EQ(rejected.instance, InstanceId(1));
  EXPECT_EQ(rejected.drop, DropReason::kBadIcv);
  EXPECT_EQ(rejected.frame.vrid, Vrid(51));
  EXPECT_EQ(rejected.frame.peer, Ip("10.99.0.1"));
  EXPECT_EQ(rejected.frame.peer_mac, Mac("02:00:0a:63:00:01"));
  EXPECT_EQ(rejected.frame.sequence, 77u);
  EXPECT_EQ(rejected.count, 1u);
  EXPECT_EQ(rejected.at, t.now);
}

TEST(NoticeTest, IsSentOnceForEachReasonAndInstanceInAnInterval) {
  SequenceRecord record;
  TestShard t;
  t.Add(AhConfig(record));
  t.Events();
  for (uint32_t i = 1; i <= 1000; ++i) t.Receive(Forged(i).Build());
  t.Receive(AdvertFrame{}.Build());  // another reason has its own limit
  EXPECT_EQ(t.Events().size(), 2u);
  t.now += kNoticeInterval - 1ns;
  t.Receive(Forged(1).Build());
  EXPECT_EQ(t.Events().size(), 0u);
  t.now += 1ns;
  t.Receive(Forged(1).Build());
  const std::vector<ShardEvent> events = t.Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<event::Rejected>(events[0]).count, 1002u);
}

TEST(NoticeTest, FramesOfNoInstanceAreCountedOnly) {
  TestShard t;
  t.Add(BackupConfig());
  t.Events();
  t.Receive(AdvertFrame{.vrid = 9}.Build());
  t.Receive(AdvertFrame{.ttl = 1}.Build());
  EXPECT_TRUE(t.Events().empty());
}

// The queue is bounded. Notices without room are counted, and there is always room for answers.
TEST(NoticeTest, AFullQueueLosesNoticesButNoAnswers) {
  TestShard t;
  constexpr size_t kPorts = 17;  // 17 * 255 instances: more than the queue holds
  for (uint16_t port = 0; port < kPorts; ++port) {
    for (int vrid = 1; vrid <= 255; ++vrid) {
      VirtualRouterConfig config = BackupConfig();
      config.vrid = Vrid(static_cast<uint8_t>(vrid));
      config.port = PortId(port);
      t.Add(std::move(config));
    }
  }
  t.Events();
  for (uint16_t port = 0; port < kPorts; ++port) {
    for (int vrid = 1; vrid <= 255; ++vrid) {
      t.Receive(AdvertFrame{.vrid = static_cast<uint8_t>(vrid), .interval = 9}.Build(), PortId(port));
    }
  }
  EXPECT_EQ(t.shard->counters().notices_lost.value(), kPorts * 255 - (kEventQueueDepth - kMaxQueries));
  std::vector<InstanceQuery> queries(kMaxQueries, InstanceQuery({}));
  for (InstanceQuery& query : queries) t.Apply(command::Query{&query});
  const std::vector<ShardEvent> events = t.Events();
  EXPECT_EQ(events.size(), kEventQueueDepth);
  EXPECT_EQ(std::get<event::Answered>(events.back()).query, &queries.back());
}

}  // namespace
}  // namespace dpvrrp
