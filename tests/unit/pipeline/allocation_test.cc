// SPDX-License-Identifier: BSD-3-Clause
//
// "Nothing here allocates" (shard.h). Not counted under sanitizers.
#include <gtest/gtest.h>

#include "host_testing.h"
#include "support/allocation_count.h"
#include "support/test_shard.h"
#include "traffic/host_frames.h"

namespace dpvrrp {
namespace {

TEST(AllocationTest, ReceiveTransmitCommandsAndEventsDoNotAllocate) {
#ifdef DPVRRP_SANITIZED
  GTEST_SKIP() << "the sanitizer has a malloc of its own";
#endif
  SequenceRecord record;
  TestShard t(kTestStart, *MakeIcvEngine());  // the engine of a daemon on this machine
  VirtualRouter& router = t.Add(AhConfig(record));
  VirtualRouterConfig config = BackupConfig();
  config.vrid = Vrid(52);
  t.Add(std::move(config));

  // Everything that the loop needs is created before counting starts.
  std::vector<std::vector<Bytes>> rounds;
  for (uint32_t i = 1; i <= 10; ++i) {
    const Bytes key = KeepalivedKey("s3cr3t");
    rounds.push_back({AdvertFrame{.key = key, .sequence = i, .priority = 50}.Build(),
                      AdvertFrame{.key = key, .sequence = i + 1000, .forged = true}.Build(),
                      AdvertFrame{.key = key, .sequence = 1}.Build(), AdvertFrame{.vrid = 52, .priority = 50}.Build(),
                      AdvertFrame{.vrid = 99}.Build(), AdvertFrame{.protocol = 17}.Build()});
  }
  std::vector<Bytes> buffers(kMaxBurst, Bytes(kMaxFrameBytes));
  std::vector<TxFrame> out(kMaxBurst);
  for (size_t i = 0; i < kMaxBurst; ++i) out[i].data = buffers[i].data();
  std::array<ShardEvent, 64> events;
  const command::Announce announce{.router = &router, .first = 0, .count = 1};

  size_t sent = 0;
  const size_t before = allocations;
  for (std::vector<Bytes>& round : rounds) {
    std::array<Frame, 6> burst;
    for (size_t i = 0; i < burst.size(); ++i)
      burst[i] = {round[i].data(), static_cast<uint16_t>(round[i].size()), PortId(0)};
    t.now += 1s;
    t.shard->Receive(burst, t.now);
    t.shard->Apply(announce, t.now);
    TxBurst tx(out);
    t.shard->Transmit(tx, t.now);
    sent += tx.used().size();
    t.shard->TakeEvents(events);
  }
  const size_t counted = allocations - before;
  EXPECT_EQ(counted, 0u);
  EXPECT_GE(sent, 14u);   // both became master and continued
  EXPECT_GT(before, 0u);  // the counter counts
}

TEST(AllocationTest, ResponderNeighboursAndMembershipDoNotAllocate) {
#ifdef DPVRRP_SANITIZED
  GTEST_SKIP() << "the sanitizer has a malloc of its own";
#endif
  TestShard t;
  t.Add(ResponderConfig());
  VirtualRouterConfig unicast = ResponderConfig();
  unicast.id = InstanceId(2);
  unicast.vrid = Vrid(52);
  unicast.addresses = {Ip("10.99.0.200")};
  unicast.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
  t.Add(std::move(unicast));
  for (const auto& router : t.routers) t.Apply(command::Takeover{router.get()});
  const TrafficHost host{kHostMac, Ip("10.99.0.10")};
  std::vector<Bytes> round = {
      ArpRequest(host, Ip("10.99.0.100")), ArpAnnouncement({kHostMac, Ip("10.99.0.200")}),  // a claim
      ArpReply({kHostMac, Ip("10.99.0.1")}, {kPortMac, Ip("10.99.0.2")}),
      EchoRequest(host, {kVmac, Ip("10.99.0.100")}, {}), MembershipQuery(host, {3, Ip("0.0.0.0"), 100ms})};
  std::vector<Bytes> buffers(kMaxBurst, Bytes(kMaxFrameBytes));
  std::vector<TxFrame> out(kMaxBurst);
  for (size_t i = 0; i < kMaxBurst; ++i) out[i].data = buffers[i].data();
  std::array<ShardEvent, 64> events;
  std::array<Frame, 5> burst;
  ASSERT_EQ(round.size(), burst.size());
  for (size_t i = 0; i < burst.size(); ++i) {
    burst[i] = {round[i].data(), static_cast<uint16_t>(round[i].size()), PortId(0)};
  }
  const size_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    t.now += 1s;
    t.shard->Receive(burst, t.now);
    TxBurst tx(out);
    t.shard->Transmit(tx, t.now);
    t.shard->TakeEvents(events);
  }
  EXPECT_EQ(allocations - before, 0u);
  const ResponderCounters& counters = t.shard->counters().responder;
  EXPECT_EQ(counters.arp_replies.value(), 200u);
  EXPECT_EQ(counters.echo_replies.value(), 100u);
  EXPECT_GE(counters.group_reports.value(), 50u);
  EXPECT_GE(counters.peer_questions.value(), 1u);
}

}  // namespace
}  // namespace dpvrrp
