// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: observations of each kind, and their effect on instances.
#include "control/tracks/tracks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/part_desk.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TracksPartTest : public ::testing::Test {
 protected:
  Config& config() { return desk_.registry.config(); }
  TrackConfig& AddTrack(std::string name, TrackKind kind) {
    config().tracks.push_back(MakeTrack(std::move(name), kind));
    return config().tracks.back();
  }
  void Configure() { tracks_.OnConfiguration(desk_.Time()); }
  // An instance that uses the tracks.
  InstanceId AddUser(const std::string& name, std::vector<TrackUse> uses) {
    InstanceConfig instance = AhInstance(name);
    instance.tracks = std::move(uses);
    const ManagedInstance& managed = desk_.Add(instance);
    tracks_.Follow(managed.id, managed.config);
    return managed.id;
  }
  void RunFor(Nanoseconds time) {
    const Instant end = desk_.now + time;
    while (tracks_.NextDeadline() <= end) {
      desk_.now = std::max(desk_.now, tracks_.NextDeadline());
      tracks_.OnTime(desk_.Time());
    }
    desk_.now = end;
  }
  void Link(const std::string& device, bool up) {
    tracks_.OnHostEvent({up ? HostEvent::Kind::kLinkUp : HostEvent::Kind::kLinkDown, device, {}}, desk_.Time());
  }
  std::vector<ProgramRequest> TakePrograms() {
    std::vector<ProgramRequest> out;
    for (const ProgramOrder& order : std::exchange(desk_.outbox.programs, {})) {
      out.push_back(std::get<ProgramRequest>(order));
    }
    return out;
  }
  void Reply(uint64_t id, ProgramReply::Outcome outcome, int status = 0) {
    tracks_.OnProgramReply({id, outcome, status, ""}, desk_.Time());
  }

  PartDesk desk_;
  Tracks tracks_{desk_.Context()};
};

TEST_F(TracksPartTest, AnInterfaceWithoutCarrierCostsItsWeight) {
  AddTrack("uplink", TrackKind::kInterface).interface = "eth1";
  Configure();
  const InstanceId id = AddUser("gw", {{"uplink", -30, false}});
  EXPECT_EQ(tracks_.EffectOn(id), TracksEffect{});
  Link("eth2", false);
  EXPECT_THAT(tracks_.TakeChanged(), IsEmpty());
  Link("eth1", false);
  EXPECT_THAT(tracks_.TakeChanged(), ElementsAre(id));
  EXPECT_EQ(tracks_.EffectOn(id), TracksEffect{.weight = -30});
  EXPECT_THAT(desk_.Recorded("track"),
              ElementsAre("track uplink is up: interface eth1 is up; used by 0 instances",
                          "track uplink is down: interface eth1 is missing, down or without carrier; used by 1 "
                          "instance"));
  Link("eth1", true);
  EXPECT_THAT(tracks_.TakeChanged(), ElementsAre(id));
  EXPECT_EQ(tracks_.EffectOn(id), TracksEffect{});
}

TEST_F(TracksPartTest, AnInterfaceMustHoldTheAddress) {
  TrackConfig& track = AddTrack("uplink", TrackKind::kInterface);
  track.interface = "eth1";
  track.address = IpAddress::V4(0xc0000201);
  Configure();
  const InstanceId id = AddUser("gw", {{"uplink", {}, false}});
  EXPECT_TRUE(tracks_.EffectOn(id).fault);
  HostEvent event{HostEvent::Kind::kAddressAdded, "eth1", {IpAddress::V4(0xc0000201), 24}};
  tracks_.OnHostEvent(event, desk_.Time());
  EXPECT_FALSE(tracks_.EffectOn(id).fault);
  event.kind = HostEvent::Kind::kAddressRemoved;
  tracks_.OnHostEvent(event, desk_.Time());
  EXPECT_TRUE(tracks_.EffectOn(id).fault);
  desk_.services.addresses = {{"eth1", {IpAddress::V4(0xc0000201), 24}}};
  tracks_.OnHostEvent({HostEvent::Kind::kOverrun, "", {}}, desk_.Time());
  EXPECT_FALSE(tracks_.EffectOn(id).fault);
}

TEST_F(TracksPartTest, APortAndAnotherInstance) {
  AddTrack("wan", TrackKind::kPort).port = "wan";
  AddTrack("peer", TrackKind::kInstance).instance = "other";
  TrackConfig& running = AddTrack("running", TrackKind::kInstance);
  running.instance = "other";
  running.must_be_master = false;
  Configure();
  const InstanceId id = AddUser("gw", {{"wan", -10, false}, {"peer", 5, false}, {"running", -1, false}});
  EXPECT_EQ(tracks_.EffectOn(id).weight, -1);
  tracks_.OnPortLink("wan", false, desk_.Time());
  EXPECT_EQ(tracks_.EffectOn(id).weight, -11);
  tracks_.OnState("other", State::kBackup, desk_.Time());
  EXPECT_EQ(tracks_.EffectOn(id).weight, -10);
  tracks_.OnState("other", State::kMaster, desk_.Time());
  EXPECT_EQ(tracks_.EffectOn(id).weight, -5);
  tracks_.OnState("other", State::kFault, desk_.Time());
  EXPECT_EQ(tracks_.EffectOn(id).weight, -11);
}

TEST_F(TracksPartTest, AScriptRunsAtItsIntervalAndItsStatusCounts) {
  TrackConfig& track = AddTrack("haproxy", TrackKind::kScript);
  track.command = {"/usr/bin/killall", "-0", "haproxy"};
  track.interval = track.timeout = 2s;
  track.fall = 2;
  config().scripts.user = "nobody";
  Configure();
  const InstanceId id = AddUser("gw", {{"haproxy", {}, false}});
  EXPECT_TRUE(tracks_.EffectOn(id).unknown);
  RunFor(0s);
  std::vector<ProgramRequest> runs = TakePrograms();
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].command, track.command);
  EXPECT_EQ(runs[0].user, "nobody");
  EXPECT_EQ(runs[0].timeout, 2s);
  Reply(runs[0].id, ProgramReply::Outcome::kExited, 0);
  EXPECT_EQ(tracks_.EffectOn(id), TracksEffect{});
  for (int bad = 1; bad <= 2; ++bad) {
    RunFor(2s);
    runs = TakePrograms();
    ASSERT_THAT(runs, SizeIs(1));
    Reply(runs[0].id, bad == 1 ? ProgramReply::Outcome::kTimedOut : ProgramReply::Outcome::kExited, 1);
    EXPECT_EQ(tracks_.EffectOn(id).fault, bad == 2);
  }
}

TEST_F(TracksPartTest, AScriptWithoutAnAnswerIsAFailureAndRunsAgain) {
  TrackConfig& track = AddTrack("hung", TrackKind::kScript);
  track.command = {"/bin/hang"};
  track.timeout = 1s;
  Configure();
  const InstanceId id = AddUser("gw", {{"hung", {}, false}});
  RunFor(0s);
  const uint64_t first = TakePrograms().at(0).id;
  RunFor(2s);
  EXPECT_THAT(TakePrograms(), IsEmpty()) << "one at a time";
  RunFor(1s);
  EXPECT_TRUE(tracks_.EffectOn(id).fault);
  EXPECT_THAT(TakePrograms(), SizeIs(1));
  Reply(first, ProgramReply::Outcome::kExited, 0);
  EXPECT_TRUE(tracks_.EffectOn(id).fault) << "a late answer is ignored";
}

TEST_F(TracksPartTest, IfTheAgentEndsTheValueStays) {
  TrackConfig& track = AddTrack("s", TrackKind::kScript);
  track.command = {"/bin/s"};
  track.timeout = 1s;
  Configure();
  const InstanceId id = AddUser("gw", {{"s", {}, false}});
  RunFor(0s);
  Reply(TakePrograms().at(0).id, ProgramReply::Outcome::kExited, 0);
  RunFor(1s);
  Reply(TakePrograms().at(0).id, ProgramReply::Outcome::kLost);
  EXPECT_EQ(tracks_.EffectOn(id), TracksEffect{});
  RunFor(1s);
  EXPECT_THAT(TakePrograms(), SizeIs(1));
}

TEST_F(TracksPartTest, AManualTrackIsSetByCommand) {
  AddTrack("bfd", TrackKind::kManual);
  AddTrack("uplink", TrackKind::kInterface).interface = "eth1";
  Configure();
  const InstanceId id = AddUser("gw", {{"bfd", -1, false}});
  EXPECT_EQ(tracks_.EffectOn(id), TracksEffect{}) << "up until it is set";
  EXPECT_TRUE(tracks_.Set("bfd", TrackValue::Of(false), desk_.Time()).ok());
  EXPECT_EQ(tracks_.EffectOn(id).weight, -1);
  EXPECT_TRUE(tracks_.Set("bfd", {TrackValue::Kind::kNumber, 40}, desk_.Time()).ok());
  EXPECT_EQ(tracks_.EffectOn(id).weight, -40);
  EXPECT_TRUE(absl::IsNotFound(tracks_.Set("nothing", TrackValue::Of(true), desk_.Time())));
  EXPECT_EQ(tracks_.Set("uplink", TrackValue::Of(true), desk_.Time()).message(),
            "track uplink is of kind interface; only a manual track can be set");
}

TEST_F(TracksPartTest, AManualValueOutlivesTheDaemon) {
  AddTrack("bfd", TrackKind::kManual);
  Configure();
  EXPECT_TRUE(tracks_.Set("bfd", {TrackValue::Kind::kNumber, -40}, desk_.Time()).ok());
  Tracks next{desk_.Context()};
  next.OnConfiguration(desk_.Time());
  EXPECT_EQ(next.at(0).value(), (TrackValue{TrackValue::Kind::kNumber, -40}));
  EXPECT_TRUE(next.Set("bfd", TrackValue::Of(false), desk_.Time()).ok());
  next.OnConfiguration(desk_.Time());
  EXPECT_EQ(next.at(0).value(), TrackValue::Of(false));
  EXPECT_EQ(desk_.services.HighestSent(), 0u);
}

TEST_F(TracksPartTest, AFlappingTrackChangesFourTimesASecondAndTheRestIsCounted) {
  AddTrack("uplink", TrackKind::kInterface).interface = "eth1";
  Configure();
  const InstanceId id = AddUser("gw", {{"uplink", {}, false}});
  size_t changes = 0;
  for (int i = 0; i < 400; ++i) {  // 20 s
    Link("eth1", i % 2 != 0);
    RunFor(50ms);
    changes += tracks_.TakeChanged().size();
  }
  EXPECT_LE(changes, 4u * 20);
  EXPECT_GE(changes, 4u * 18);
  EXPECT_GT(tracks_.at(0).suppressed(), 200u);
  RunFor(2s);
  EXPECT_FALSE(tracks_.EffectOn(id).fault) << "the last observation is in force in the end";
}

TEST_F(TracksPartTest, TheTracksOfAGroupApplyToItsMembers) {
  AddTrack("uplink", TrackKind::kInterface).interface = "eth1";
  config().groups.push_back(MakeGroup("g", {"a", "b"}, {{"uplink", -30, false}}));
  Configure();
  const InstanceId a = AddUser("a", {{"uplink", -1, false}});
  const InstanceId c = AddUser("c", {});
  Link("eth1", false);
  EXPECT_THAT(tracks_.TakeChanged(), ElementsAre(a));
  EXPECT_EQ(tracks_.EffectOn(a), (TracksEffect{.weight = -1, .group_weight = -30}));
  EXPECT_EQ(tracks_.EffectOn(c), TracksEffect{});
  EXPECT_EQ(*tracks_.UsedBy(a).at(1).group, "g");
}

TEST_F(TracksPartTest, AReloadKeepsWhatIsKnown) {
  AddTrack("bfd", TrackKind::kManual);
  TrackConfig& script = AddTrack("s", TrackKind::kScript);
  script.command = {"/bin/s"};
  script.timeout = 1s;
  Configure();
  const InstanceId id = AddUser("gw", {{"bfd", -5, false}, {"s", -7, false}});
  EXPECT_TRUE(tracks_.Set("bfd", TrackValue::Of(false), desk_.Time()).ok());
  RunFor(0s);
  const uint64_t run = TakePrograms().at(0).id;
  tracks_.TakeChanged();

  config().tracks[1].fall = 3;
  Configure();
  EXPECT_EQ(tracks_.EffectOn(id).weight, -5);
  EXPECT_THAT(tracks_.TakeChanged(), IsEmpty());
  Reply(run, ProgramReply::Outcome::kExited, 1);
  EXPECT_EQ(tracks_.EffectOn(id).weight, -12) << "the first observation";

  config().tracks.pop_back();
  Configure();
  EXPECT_EQ(tracks_.EffectOn(id).weight, -5) << "a removed track has no effect";
  EXPECT_THAT(tracks_.TakeChanged(), ElementsAre(id));
}

}  // namespace
}  // namespace dpvrrp
