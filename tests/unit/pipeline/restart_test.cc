// SPDX-License-Identifier: BSD-3-Clause
//
// A new process with the same record (design 6.3; conformance AH-28).
#include <gtest/gtest.h>

#include <set>

#include "support/captures.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

// keepalived.md headline 4: after a restart keepalived accepts its own recorded adverts again. We do not.
TEST(RestartTest, AReplayedCaptureIsRefusedByTheNewProcess) {
  SequenceRecord record;
  const std::vector<CapturedFrame> capture = ReadCapture("ah-mcast-1vip.pcap");
  {
    TestShard t;
    t.Add(AhConfig(record));
    for (const CapturedFrame& frame : capture) {
      if (!IsVrrpFrame(frame.bytes)) continue;
      EXPECT_EQ(t.Receive(frame.bytes), DropReason::kNone);
    }
  }
  TestShard t;
  VirtualRouter& router = t.Add(AhConfig(record));
  t.Events();
  const std::string before = StateOf(router);
  for (const CapturedFrame& frame : capture) {
    if (!IsVrrpFrame(frame.bytes)) continue;
    EXPECT_EQ(t.Receive(frame.bytes), DropReason::kReplayed);
  }
  EXPECT_EQ(StateOf(router), before);
}

TEST(RestartTest, OurNumbersNeverRepeat) {
  for (IcvRule rule : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
    SequenceRecord record;
    std::set<uint32_t> numbers;
    for (int life = 0; life < 5; ++life) {
      TestShard t;
      VirtualRouterConfig config = AhConfig(record);
      config.icv_rule = rule;
      VirtualRouter& router = t.Add(std::move(config));
      t.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"),
                            .rule = rule,
                            .sequence = 100u * static_cast<uint32_t>(life) + 1,
                            .priority = 50}
                    .Build());
      t.Apply(command::Takeover{&router});
      for (const Sent& sent : t.RunFor(3500ms)) {
        const uint32_t number = SeeAdvert(sent.frame)->sequence.value();
        EXPECT_TRUE(numbers.empty() || number > *numbers.rbegin());
        EXPECT_TRUE(numbers.insert(number).second) << number;
      }
    }
    EXPECT_EQ(numbers.size(), 20u);
  }
}

TEST(RestartTest, OurFirstNumberIsAboveWhatTheLastProcessHeard) {
  SequenceRecord record;
  {
    TestShard t;
    t.Add(AhConfig(record));
    t.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 900}.Build());
  }
  TestShard t;
  t.Apply(command::Takeover{&t.Add(AhConfig(record))});
  EXPECT_THAT(t.Transmit(), testing::ElementsAre(IsAhAdvert(Vrid(51), Priority(100), 901u)));
}

}  // namespace
}  // namespace dpvrrp
