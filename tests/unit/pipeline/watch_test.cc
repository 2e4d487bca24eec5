// SPDX-License-Identifier: BSD-3-Clause
//
// The senders that the rogue watch records, and those that can neither get a place nor evict others.
#include "pipeline/watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr MacAddress kRogueMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x09}};

class WatchTest : public testing::Test {
 protected:
  WatchTest() { t_.Add(AhConfig(record_)); }

  AdvertFrame Advert(uint32_t sequence) const { return {.key = KeepalivedKey("s3cr3t"), .sequence = sequence}; }
  // An advert of another key, from 10.99.0.9.
  AdvertFrame WrongKey(uint32_t sequence) const {
    AdvertFrame frame = Advert(sequence);
    frame.source_mac = kRogueMac;
    frame.source = Ip("10.99.0.9");
    frame.key = KeepalivedKey("other");
    return frame;
  }

  // The record of the sender with this address and MAC.
  std::optional<Speaker> Find(const IpAddress& source, const MacAddress& mac) {
    for (size_t first = 0; first < Watch::kPlaces; first += WatchQuery::kSlice) {
      WatchQuery query;
      query.first = first;
      t_.Apply(command::ReadWatch{&query});
      t_.Events();
      for (const Speaker& s : std::span(query.found).first(query.count)) {
        if (s.key.source == source && s.key.mac == mac) return s;
      }
    }
    return std::nullopt;
  }

  // The same captured frame, each time from another MAC, at the rate at which ICVs are computed.
  void ReplayFromManyMacs(Bytes captured, uint32_t times) {
    for (uint32_t i = 0; i < times; ++i) {
      const uint8_t mac[6] = {0x06,
                              0,
                              static_cast<uint8_t>(i >> 24),
                              static_cast<uint8_t>(i >> 16),
                              static_cast<uint8_t>(i >> 8),
                              static_cast<uint8_t>(i)};
      std::copy_n(mac, 6, captured.begin() + 6);
      t_.now += 10ms;
      ASSERT_EQ(t_.Receive(captured), DropReason::kReplayed);
    }
  }

  SequenceRecord record_;
  TestShard t_;
};

constexpr MacAddress kPeerMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x01}};

TEST_F(WatchTest, ReplaysHideNoOtherSender) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  ReplayFromManyMacs(Advert(5).Build(), 20'000);
  ASSERT_EQ(t_.Receive(WrongKey(6).Build()), DropReason::kBadIcv);
  EXPECT_TRUE(Find(Ip("10.99.0.9"), kRogueMac).has_value());
}

TEST_F(WatchTest, ReplaysEvictNoSenderWithTheKey) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  ReplayFromManyMacs(Advert(5).Build(), 20'000);
  EXPECT_TRUE(Find(Ip("10.99.0.1"), kPeerMac).has_value());
}

// A gateway that cannot hear the group is recognised by its old numbers only.
TEST_F(WatchTest, ReplaysDoNotHideAStaleGateway) {
  ASSERT_EQ(t_.Receive(Advert(1000).Build()), DropReason::kNone);
  for (uint32_t round = 1; round <= 20; ++round) {
    AdvertFrame stale = Advert(round);
    stale.source_mac = kRogueMac;
    stale.source = Ip("10.99.0.9");
    ASSERT_EQ(t_.Receive(stale.Build()), DropReason::kBehindGroup);
    ReplayFromManyMacs(Advert(1000).Build(), 100);
  }
  const std::optional<Speaker> stale = Find(Ip("10.99.0.9"), kRogueMac);
  ASSERT_TRUE(stale.has_value());
  EXPECT_EQ(stale->frames, 20u) << "it was evicted meanwhile";
}

TEST_F(WatchTest, ForgedFramesEvictNoSenderWithTheKey) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  Bytes forged = WrongKey(6).Build();
  for (uint32_t i = 0; i < 20'000; ++i) {
    std::copy_n(reinterpret_cast<const uint8_t*>(&i), 4, forged.begin() + 8);
    t_.now += 1ms;
    ASSERT_EQ(t_.Receive(forged), DropReason::kBadIcv);
  }
  EXPECT_TRUE(Find(Ip("10.99.0.1"), kPeerMac).has_value());
}

// Control tries keys on the copy, so it must equal the received packet in all fields that an ICV covers.
TEST_F(WatchTest, KeepsARefusedPacketWithItsIcv) {
  const Bytes sent = WrongKey(6).Build();
  ASSERT_EQ(t_.Receive(sent), DropReason::kBadIcv);
  const std::optional<Speaker> s = Find(Ip("10.99.0.9"), kRogueMac);
  ASSERT_TRUE(s.has_value());
  ASSERT_EQ(s->sample.bytes, sent.size() - 14);
  constexpr size_t kAh = 20;
  EXPECT_TRUE(std::equal(sent.begin() + 14 + kAh, sent.end(), s->sample.packet.begin() + kAh));
}

TEST_F(WatchTest, KeepsOnePacketASecondOfEachSenderAndNoLongOnes) {
  ASSERT_EQ(t_.Receive(WrongKey(6).Build()), DropReason::kBadIcv);
  const Instant first = t_.now;
  t_.now += 500ms;
  ASSERT_EQ(t_.Receive(WrongKey(7).Build()), DropReason::kBadIcv);
  EXPECT_EQ(Find(Ip("10.99.0.9"), kRogueMac)->sample.at, first);
  t_.now += 500ms;
  ASSERT_EQ(t_.Receive(WrongKey(8).Build()), DropReason::kBadIcv);
  EXPECT_EQ(Find(Ip("10.99.0.9"), kRogueMac)->sample.at, t_.now);
  AdvertFrame longer = WrongKey(9);
  longer.source = Ip("10.99.0.10");
  longer.addresses.assign(60, Ip("10.99.0.100"));
  ASSERT_EQ(t_.Receive(longer.Build()), DropReason::kBadIcv);
  EXPECT_EQ(Find(Ip("10.99.0.10"), kRogueMac)->sample.bytes, 0u);
}

TEST_F(WatchTest, KeepsNoAcceptedPacket) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->sample.bytes, 0u);
}

TEST_F(WatchTest, DistinguishesACopyFromARepeatedNumber) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  t_.now += 5ms;
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kReplayed);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->recent().copies, 1u);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->recent().falls, 0u);
  t_.now += 500ms;
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kReplayed);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->recent().copies, 1u);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->recent().falls, 1u);
}

TEST_F(WatchTest, RecordsTheCourseOfTheNumbers) {
  for (uint32_t number : {500, 501, 502, 300, 301}) {
    t_.Receive(Advert(number).Build());
    t_.now += 1s;
  }
  const NumberCourse course = Find(Ip("10.99.0.1"), kPeerMac)->course;
  EXPECT_EQ(course.first, 300u);
  EXPECT_EQ(course.last, 301u);
  EXPECT_EQ(course.rises, 1u);
  EXPECT_EQ(course.fell_from, 502u);
}

// A machine without the key cannot make the numbers of a gateway appear to go back.
TEST_F(WatchTest, ForgedNumbersAreNotRecorded) {
  ASSERT_EQ(t_.Receive(Advert(500).Build()), DropReason::kNone);
  AdvertFrame forged = Advert(600);
  forged.forged = true;
  t_.now += 1s;
  ASSERT_EQ(t_.Receive(forged.Build()), DropReason::kBadIcv);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->course.last, 500u);
}

// This is the situation of a worker with thousands of instances.
TEST_F(WatchTest, MoreSendersWithTheKeyThanPlacesLeaveRoomForOthers) {
  for (uint32_t i = 1; i <= 6000; ++i) {
    AdvertFrame frame = Advert(i);
    frame.source = IpAddress::V4(0x0a640000 + i);
    t_.now += 1ms;
    ASSERT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  }
  ASSERT_EQ(t_.Receive(WrongKey(7000).Build()), DropReason::kBadIcv);
  EXPECT_TRUE(Find(Ip("10.99.0.9"), kRogueMac).has_value());
  AdvertFrame newcomer = Advert(6001);
  ASSERT_EQ(t_.Receive(newcomer.Build()), DropReason::kNone);
  EXPECT_TRUE(Find(Ip("10.99.0.1"), kPeerMac).has_value());
}

// Thousands of healthy masters of other instances do not hide an unusual sender.
class BusyWatchTest : public testing::Test {
 protected:
  BusyWatchTest() { backup_.machine.state = State::kBackup; }

  void See(const IpAddress& source, DropReason end, IcvVerdict icv, const VirtualRouter& router) {
    now_ += 1us;
    Bytes bytes = AdvertFrame{.source = source, .key = KeepalivedKey("s3cr3t"), .sequence = 1}.Build();
    watch_.See({bytes.data(), static_cast<uint16_t>(bytes.size()), PortId(0), {}}, &router, end, {}, icv, now_);
  }
  void SeeThousandsInGoodOrder() {
    for (uint32_t n = 0; n < 16'000; ++n) {
      See(IpAddress::V4(0x0a640000 + n), DropReason::kNone, IcvVerdict::kRight, backup_);
    }
  }
  // The number of its recorded frames.
  uint64_t FramesOf(const IpAddress& source) const {
    std::vector<Speaker> all(Watch::kPlaces);
    all.resize(watch_.Read(0, all.size(), all.data()));
    const auto it = std::find_if(all.begin(), all.end(), [&](const Speaker& s) { return s.key.source == source; });
    return it == all.end() ? 0 : it->frames;
  }
  // One advert a second, among those of all the other senders.
  void ExpectToBeRemembered(DropReason end, IcvVerdict icv, const VirtualRouter& router) {
    const IpAddress rogue = Ip("10.99.0.9");
    SeeThousandsInGoodOrder();
    for (uint64_t second = 1; second <= 3; ++second) {
      See(rogue, end, icv, router);
      SeeThousandsInGoodOrder();
      EXPECT_EQ(FramesOf(rogue), second);
    }
  }

  SequenceRecord record_;
  VirtualRouter backup_{AhConfig(record_)};
  Watch watch_;
  Instant now_ = kTestStart;
};

TEST_F(BusyWatchTest, RemembersAStaleGateway) {
  ExpectToBeRemembered(DropReason::kBehindGroup, IcvVerdict::kRight, backup_);
}

TEST_F(BusyWatchTest, RemembersASecondMasterWhoseAdvertsAreAccepted) {
  VirtualRouter master{AhConfig(record_)};
  master.machine.state = State::kMaster;
  ExpectToBeRemembered(DropReason::kNone, IcvVerdict::kRight, master);
}

TEST_F(BusyWatchTest, RemembersASenderWithoutTheKey) {
  ExpectToBeRemembered(DropReason::kBadIcv, IcvVerdict::kWrong, backup_);
}

TEST_F(WatchTest, AnAdvertWithoutTheKeyDoesNotReplaceTheDataOfOneWithIt) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  AdvertFrame forged = Advert(3);  // refused because of its number, so its ICV is not computed for long
  forged.forged = true;
  forged.priority = 255;
  forged.addresses = {Ip("10.99.0.200")};
  for (int i = 0; i < 200; ++i) t_.Receive(forged.Build());
  const std::optional<Speaker> peer = Find(Ip("10.99.0.1"), kPeerMac);
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->priority, Priority(150));
  EXPECT_EQ(peer->addresses[0], Ip("10.99.0.100"));
  EXPECT_GT(peer->frames, 1u);
}

TEST_F(WatchTest, WithoutRecentAdvertsWithTheKeyOthersAreRecorded) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  t_.now += 11s;
  AdvertFrame other = Advert(6);
  other.key = KeepalivedKey("other");
  other.priority = 200;
  ASSERT_EQ(t_.Receive(other.Build()), DropReason::kBadIcv);
  EXPECT_EQ(Find(Ip("10.99.0.1"), kPeerMac)->priority, Priority(200));
}

// A sender of replays is evicted before any sender with the key.
TEST_F(WatchTest, ReplaysTakeNoPlacesFromSendersWithTheKey) {
  ASSERT_EQ(t_.Receive(Advert(5).Build()), DropReason::kNone);
  ReplayFromManyMacs(Advert(5).Build(), 20'000);
  constexpr uint32_t kHolders = 600;  // few enough that nearly all have room in their sets
  const auto address = [](uint32_t i) { return IpAddress::V4(0x0a640000 + i); };
  for (uint32_t i = 0; i < kHolders; ++i) {
    AdvertFrame frame = Advert(6 + i);
    frame.source = address(i);
    t_.now += 1ms;
    ASSERT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  }
  Bytes forged = WrongKey(7000).Build();
  for (uint32_t i = 0; i < 20'000; ++i) {
    std::copy_n(reinterpret_cast<const uint8_t*>(&i), 4, forged.begin() + 8);
    t_.now += 1ms;
    ASSERT_EQ(t_.Receive(forged), DropReason::kBadIcv);
  }
  uint32_t known = 0;
  for (uint32_t i = 0; i < kHolders; ++i) known += Find(address(i), kPeerMac).has_value();
  EXPECT_GE(known, kHolders * 9 / 10);
}

// The TTL is zero in the input of the ICV, but not in the frame.
TEST(WatchTtlTest, IsTheReceivedOne) {
  SequenceRecord record;
  TestShard t;
  VirtualRouterConfig config = AhConfig(record, Bytes(16, 0x5a));
  config.icv_rule = IcvRule::kRfc4302;
  t.Add(std::move(config));
  ASSERT_EQ(t.Receive(AdvertFrame{.key = Bytes(16, 0x5a), .rule = IcvRule::kRfc4302, .sequence = 1}.Build()),
            DropReason::kNone);
  WatchQuery query;
  std::vector<uint8_t> ttls;
  for (; query.first < Watch::kPlaces; query.first += WatchQuery::kSlice) {
    t.Apply(command::ReadWatch{&query});
    t.Events();
    for (const Speaker& s : std::span(query.found).first(query.count)) ttls.push_back(s.ttl);
  }
  EXPECT_EQ(ttls, std::vector<uint8_t>{255});
}

}  // namespace
}  // namespace dpvrrp
