// SPDX-License-Identifier: BSD-3-Clause
//
// Which frames are strangers (Shard::Receive), so that a port passes them to its twin: each frame is either ours or a
// stranger, whatever the burst, and a stranger's bytes are as they were received.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "host_testing.h"
#include "traffic/host_frames.h"

namespace dpvrrp {
namespace {

class StrangersTest : public testing::Test {
 protected:
  struct Burst {
    std::vector<Bytes> after;
    uint64_t strangers = 0;
  };
  Burst Receive(const std::vector<Bytes>& frames) {
    Burst out{frames, 0};
    std::vector<Frame> burst;
    for (Bytes& bytes : out.after) burst.push_back({bytes.data(), static_cast<uint16_t>(bytes.size()), PortId(0)});
    out.strangers = t_.shard->Receive(burst, t_.now);
    return out;
  }
  bool IsStranger(const Bytes& frame) { return Receive({frame}).strangers == 1; }
  void BeMasterWith(VirtualRouterConfig config) {
    t_.Apply(command::Takeover{&t_.Add(std::move(config))});
    t_.Transmit();
  }

  const TrafficHost host_{kHostMac, Ip("10.99.0.10")};
  SequenceRecord record_;
  TestShard t_;
};

TEST_F(StrangersTest, AdvertsToOurRoutersAreOursRightOrWrong) {
  t_.Add(AhConfig(record_));
  const AdvertFrame right{.key = KeepalivedKey("s3cr3t"), .sequence = 7};
  AdvertFrame forged = right;
  forged.forged = true;
  EXPECT_FALSE(IsStranger(forged.Build()));
  EXPECT_FALSE(IsStranger(right.Build()));
  EXPECT_FALSE(IsStranger(right.Build())) << "replayed";
  EXPECT_FALSE(IsStranger(AdvertFrame{}.Build())) << "without AH";
}

// Another VRRP program may run on the twin, and tcpdump there shows other routers.
TEST_F(StrangersTest, AdvertsToOthersAreStrangers) {
  t_.Add(BackupConfig());
  EXPECT_FALSE(IsStranger(AdvertFrame{}.Build()));
  EXPECT_TRUE(IsStranger(AdvertFrame{.vrid = 99}.Build()));
  Bytes tagged = AdvertFrame{}.Build();
  const Bytes tag = FromHex("81000007");
  tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
  EXPECT_TRUE(IsStranger(tagged)) << "a segment without virtual routers";
}

TEST_F(StrangersTest, ABlockedSenderIsNotPassedOn) {
  t_.Add(BackupConfig());
  t_.Apply(command::Block{.place = 0, .sender = {.address = Ip("10.99.0.1")}});
  EXPECT_FALSE(IsStranger(AdvertFrame{}.Build()));
}

TEST_F(StrangersTest, OrdinaryFramesAreStrangers) {
  BeMasterWith(BackupConfig());
  for (const Bytes& frame : {ArpRequest(host_, Ip("10.99.0.100")), EchoRequest(host_, {kPortMac, Ip("10.99.0.2")}, {}),
                             FromHex(Hex(kPortMac) + Hex(kHostMac) + "88b5" + std::string(92, '0')),
                             MembershipQuery(host_, {3, Ip("0.0.0.0"), 100ms})}) {
    EXPECT_TRUE(IsStranger(frame)) << ToHex(frame);
  }
}

TEST_F(StrangersTest, TheResponderKeepsOnlyItsOwnQuestions) {
  VirtualRouterConfig config = ResponderConfig();
  config.accept = false;
  BeMasterWith(std::move(config));
  const IpAddress vip = Ip("10.99.0.100"), other = Ip("10.99.0.2");
  EXPECT_FALSE(IsStranger(ArpRequest(host_, vip)));
  EXPECT_FALSE(IsStranger(EchoRequest(host_, {kVmac, vip}, {}))) << "refused, but not for a kernel to answer";
  EXPECT_TRUE(IsStranger(ArpRequest(host_, other)));
  EXPECT_TRUE(IsStranger(ArpReply(host_, {kPortMac, other})));
  EXPECT_TRUE(IsStranger(EchoRequest(host_, {kPortMac, other}, {})));
}

TEST_F(StrangersTest, ABackupsResponderKeepsNothing) {
  t_.Add(ResponderConfig());
  EXPECT_TRUE(IsStranger(ArpRequest(host_, Ip("10.99.0.100"))));
}

TEST_F(StrangersTest, TheBitIsThatOfTheFrame) {
  BeMasterWith(ResponderConfig());
  const Bytes ours = AdvertFrame{.priority = 50}.Build(), answered = ArpRequest(host_, Ip("10.99.0.100")),
              stranger = ArpRequest(host_, Ip("10.99.0.2")), unknown = AdvertFrame{.vrid = 99}.Build();
  std::mt19937 chance(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Bytes> burst;
    uint64_t wanted = 0;
    const size_t count = 1 + chance() % kMaxBurst;
    for (size_t i = 0; i < count; ++i) {
      const Bytes* const kinds[] = {&ours, &answered, &stranger, &unknown};
      const size_t kind = chance() % 4;
      burst.push_back(*kinds[kind]);
      if (kind >= 2) wanted |= uint64_t{1} << i;
    }
    EXPECT_EQ(Receive(burst).strangers, wanted);
    t_.RunFor(100ms);  // within the responder's rate
  }
}

// Any bytes: a stranger is passed on as it was received.
TEST_F(StrangersTest, StrangersAreUnchanged) {
  t_.Add(AhConfig(record_));
  const Bytes advert = AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 7}.Build();
  std::mt19937 chance(11);
  size_t strangers = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes frame = advert;
    for (size_t changes = 1 + chance() % 3; changes > 0; --changes) {
      frame[chance() % frame.size()] = static_cast<uint8_t>(chance());
    }
    frame.resize(1 + chance() % frame.size());
    const Burst burst = Receive({frame});
    if (burst.strangers == 0) continue;
    ++strangers;
    ASSERT_EQ(ToHex(burst.after[0]), ToHex(frame));
  }
  EXPECT_GT(strangers, 1000u);
}

}  // namespace
}  // namespace dpvrrp
