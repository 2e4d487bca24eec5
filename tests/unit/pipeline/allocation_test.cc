// SPDX-License-Identifier: BSD-3-Clause
//
// "Nothing here allocates" (shard.h). Not counted under sanitizers.
#include <gtest/gtest.h>

#include "support/allocation_count.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

TEST(AllocationTest, ReceiveTransmitCommandsAndEventsDoNotAllocate) {
#ifdef DPVRRP_SANITIZED
  GTEST_SKIP() << "the sanitizer has a malloc of its own";
#endif
  SequenceRecord record;
  TestShard t(kTestStart, *MakeIcvEngine());  // the one a daemon on this machine would use
  VirtualRouter& router = t.Add(AhConfig(record));
  VirtualRouterConfig config = BackupConfig();
  config.vrid = Vrid(52);
  t.Add(std::move(config));

  // Everything the loop needs is made before counting starts.
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
  ShardCommand announce;
  announce.kind = ShardCommand::Kind::kAnnounce;
  announce.router = &router;
  announce.count = 1;

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
  EXPECT_GE(sent, 14u);   // both became master and went on
  EXPECT_GT(before, 0u);  // the counter counts
}

}  // namespace
}  // namespace dpvrrp
