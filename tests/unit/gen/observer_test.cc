// SPDX-License-Identifier: BSD-3-Clause
//
// Synthetic wires: a master of the generator with priority 200 at 10.99.0.1, a device with priority 100 at 10.99.0.2.
#include "gen/observer.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "traffic/host_frames.h"
#include "unit/gen/gen_testing.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

using testing::Optional;
using testing::SizeIs;

constexpr Nanoseconds kSkewOf100 = Nanoseconds(1s) * 156 / 256;  // VRRPv2, RFC 3768 6.1

class Wire {
 public:
  explicit Wire(const std::string& more, const std::string& kind = "master")
      : profile_(ProfileOf(absl::StrCat("kind = \"", kind, "\"\nvrid = 51\nsource_address = \"10.99.0.1\"\n",
                                        "virtual_addresses = [\"10.99.0.100\"]\n", more))),
        observer(profile_, kTestStart) {}

  void Ours(Nanoseconds at, bool resigns = false) { observer.Sent(0, {0, 0, resigns}, kTestStart + at); }
  void See(Nanoseconds at, Bytes frame) {
    observer.Received({frame.data(), static_cast<uint16_t>(frame.size()), PortId(0)}, kTestStart + at);
  }
  void Theirs(Nanoseconds at, uint8_t priority = 100, IpAddress source = Ip("10.99.0.2")) {
    AdvertFrame advert;
    advert.source = source;
    advert.priority = priority;
    See(at, advert.Build());
  }
  const GenInstance& instance() const { return observer.instances().at(0); }

 private:
  GenProfile profile_;

 public:
  GenObserver observer;
};

TEST(GenObserverTest, MeasuresATakeoverFromTheLastAdvertOfASilentMaster) {
  Wire wire("silent_at = 3\n");
  for (const Nanoseconds at : {0s, 1s, 2s}) wire.Ours(at);
  wire.Theirs(2s + 3s + kSkewOf100 + 7ms);
  EXPECT_THAT(wire.instance().took, Optional(Nanoseconds(3s + kSkewOf100 + 7ms)));
  EXPECT_THAT(wire.instance().lateness, Optional(Nanoseconds(7ms)));
  EXPECT_EQ(wire.instance().device, Ip("10.99.0.2"));
  EXPECT_EQ(wire.observer.lateness().At(1000), 7ms);
}

TEST(GenObserverTest, MeasuresATakeoverAfterPriority0BySkewAlone) {
  Wire wire("resign_at = 3\n");
  for (const Nanoseconds at : {0s, 1s, 2s}) wire.Ours(at);
  wire.Ours(3s, true);
  wire.Theirs(3s + kSkewOf100 - 1ms);
  EXPECT_THAT(wire.instance().lateness, Optional(Nanoseconds(-1ms)));
}

TEST(GenObserverTest, UsesVersion3sSkew) {
  Wire wire("version = 3\nadvertisement_interval = \"100ms\"\nsilent_at = 1\n");
  wire.Ours(900ms);
  AdvertFrame advert{.source = Ip("10.99.0.2"), .version = 3, .priority = 156, .interval = 10};
  wire.See(900ms + 300ms + Nanoseconds(100ms) * 100 / 256, advert.Build());
  EXPECT_THAT(wire.instance().lateness, Optional(Nanoseconds(0)));
}

TEST(GenObserverTest, CountsAnAdvertOfALowerRankAsAFalseTransition) {
  Wire wire("");
  for (const Nanoseconds at : {0s, 1s, 2s, 3s}) wire.Ours(at);
  wire.Theirs(3500ms);
  wire.Theirs(4500ms);  // the same time as master
  wire.Ours(5s);
  wire.Theirs(9s);  // again
  EXPECT_EQ(wire.instance().false_adverts, 3u);
  EXPECT_EQ(wire.instance().false_transitions, 2u);
}

TEST(GenObserverTest, DoesNotBlameADeviceThatWasMasterBeforeUs) {
  Wire wire("");
  wire.Theirs(0s);
  wire.Ours(10ms);
  wire.Theirs(20ms);  // our advert was under way
  wire.Theirs(30ms, 0);
  EXPECT_EQ(wire.instance().false_adverts, 0u);
}

TEST(GenObserverTest, DoesNotBlameAHigherRank) {
  Wire wire("");
  for (const Nanoseconds at : {0s, 1s}) wire.Ours(at);
  wire.Theirs(1500ms, 250);
  wire.Theirs(1600ms, 200);  // equal priority, higher address
  EXPECT_EQ(wire.instance().false_adverts, 0u);
  wire.Theirs(1700ms, 200, Ip("10.98.0.1"));  // equal priority, lower address
  EXPECT_EQ(wire.instance().false_adverts, 1u);
}

TEST(GenObserverTest, ADeviceThatDidNotGiveWayCannotTakeOver) {
  Wire wire("silent_at = 3\n");
  for (const Nanoseconds at : {0s, 1s, 2s}) {
    wire.Ours(at);
    wire.Theirs(at + 500ms, 250);
  }
  wire.Theirs(3500ms, 250);
  EXPECT_TRUE(wire.instance().was_master);
  EXPECT_FALSE(wire.instance().took.has_value());
}

TEST(GenObserverTest, MeasuresJitterAndMissedIntervalsOfTheNewMaster) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  for (const Nanoseconds at : {4000ms, 5002ms, 6000ms, 9000ms, 10000ms}) wire.Theirs(at);
  ASSERT_THAT(wire.observer.jitter().values(), SizeIs(3));
  EXPECT_EQ(wire.observer.jitter().At(0), -2ms);
  EXPECT_EQ(wire.observer.jitter().At(1000), 2ms);
  EXPECT_EQ(wire.instance().missed, 2u);
}

TEST(GenObserverTest, CountsTheSilenceUntilTheEnd) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  wire.Theirs(4s);
  wire.observer.Finish(kTestStart + 4900ms);
  EXPECT_EQ(wire.instance().missed, 0u);
  wire.observer.Finish(kTestStart + 7500ms);
  EXPECT_EQ(wire.instance().missed, 3u);
}

TEST(GenObserverTest, IgnoresItsOwnFramesAndOtherVirtualRouters) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  wire.Theirs(4s, 200, Ip("10.99.0.1"));
  AdvertFrame other{.source = Ip("10.99.0.2"), .vrid = 52};
  wire.See(4s, other.Build());
  AdvertFrame tagged{.vlan_tags = {100}, .source = Ip("10.99.0.2")};
  wire.See(4s, tagged.Build());
  EXPECT_FALSE(wire.instance().took.has_value());
  EXPECT_EQ(wire.observer.adverts(), 0u);
  EXPECT_EQ(wire.observer.other_adverts(), 2u);
}

TEST(GenObserverTest, SeesTheAdvertBehindAnAh) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  AdvertFrame advert{.source = Ip("10.99.0.2"), .key = KeepalivedKey("s3cr3t"), .priority = 100};
  wire.See(4s, advert.Build());
  EXPECT_THAT(wire.instance().took, Optional(Nanoseconds(4s)));
}

TEST(GenObserverTest, MeasuresTheAnnouncementOfTheNewMaster) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  const TrafficHost device{kGenPortMac, Ip("10.99.0.100")};
  wire.See(2s, ArpAnnouncement(device));  // too early to be one
  wire.Theirs(4s);
  wire.See(4s + 3ms, ArpAnnouncement(device));
  wire.See(4s + 9ms, ArpAnnouncement(device));
  EXPECT_THAT(wire.instance().announced, Optional(Nanoseconds(3ms)));
}

TEST(GenObserverTest, TakesAnAnnouncementThatPrecedesTheAdvert) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  const TrafficHost device{kGenPortMac, Ip("10.99.0.100")};
  wire.See(4s, ArpAnnouncement(device));
  wire.Theirs(4002ms);
  wire.See(4250ms, ArpAnnouncement(device));
  EXPECT_THAT(wire.instance().announced, Optional(Nanoseconds(-2ms)));
}

TEST(GenObserverTest, MatchesAnswersToQuestions) {
  Wire wire("", "question");
  const TrafficHost device{kGenPortMac, Ip("10.99.0.100")}, asker{kGenPortMac, Ip("10.99.0.1")};
  wire.See(0s, ArpReply(device, asker));  // no host has asked
  wire.Ours(1s);
  wire.See(1s + 40us, ArpReply(device, asker));
  wire.See(1s + 50us, ArpReply(device, asker));
  wire.Ours(2s);
  EXPECT_EQ(wire.observer.answers().at(0).asked, 2u);
  EXPECT_EQ(wire.observer.answers().at(0).answered, 1u);
  EXPECT_EQ(wire.observer.answer_times().At(500), 40us);
}

TEST(GenObserverTest, SurvivesEveryCutOfAFrame) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  AdvertFrame ah{.source = Ip("10.99.0.2"), .key = KeepalivedKey("s3cr3t")};
  AdvertFrame v6{.source = Ip("fe80::2"), .version = 3, .addresses = {Ip("fe80::100")}};
  for (const Bytes& whole : {ah.Build(), v6.Build(), NeighbourAnnouncement({kGenPortMac, Ip("fe80::1")}),
                             ArpAnnouncement({kGenPortMac, Ip("10.99.0.100")})}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      wire.See(4s, Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)));
    }
  }
  EXPECT_FALSE(wire.instance().took.has_value());
}

// Frames with random bytes in random places; a sanitizer sees a read behind the buffer.
TEST(GenObserverTest, SurvivesDamagedFrames) {
  Wire wire("silent_at = 1\n");
  wire.Ours(0s);
  AdvertFrame ah{.vlan_tags = {100}, .source = Ip("10.99.0.2"), .key = KeepalivedKey("s3cr3t")};
  AdvertFrame v6{.source = Ip("fe80::2"), .version = 3, .addresses = {Ip("fe80::100")}};
  const std::vector<Bytes> whole = {ah.Build(), v6.Build(), NeighbourAnnouncement({kGenPortMac, Ip("fe80::1")}),
                                    ArpAnnouncement({kGenPortMac, Ip("10.99.0.100")})};
  uint64_t random = 1;
  const auto next = [&](size_t below) {
    random = random * 6364136223846793005 + 1442695040888963407;
    return static_cast<size_t>(random >> 33) % below;
  };
  for (int i = 0; i < 20000; ++i) {
    Bytes frame = whole[next(whole.size())];
    for (size_t changes = 1 + next(4); changes > 0; --changes) {
      frame[next(frame.size())] = static_cast<uint8_t>(next(256));
    }
    if (next(4) == 0) frame.resize(next(frame.size() + 1));
    wire.See(2s, std::move(frame));
  }
  EXPECT_EQ(wire.observer.received(), 20000u);
}

}  // namespace
}  // namespace dpvrrp
