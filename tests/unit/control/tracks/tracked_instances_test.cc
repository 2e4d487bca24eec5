// SPDX-License-Identifier: BSD-3-Clause
//
// Tracked instances in a whole gateway: priority, Fault, and the way back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TrackedInstancesTest : public ::testing::Test {
 protected:
  static Config Tracked(std::optional<int> weight, TrackKind kind = TrackKind::kInterface) {
    InstanceConfig instance = AhInstance();
    instance.tracks = {{"uplink", weight, false}};
    Config config = WithInstances({instance});
    config.tracks = {MakeTrack("uplink", kind)};
    config.tracks[0].interface = kind == TrackKind::kInterface ? "eth1" : "";
    if (kind == TrackKind::kScript) config.tracks[0].command = {"/bin/check"};
    if (kind == TrackKind::kScript) config.tracks[0].timeout = 1s;
    return config;
  }
  void Link(bool up) {
    g_.controller.OnHostEvent({up ? HostEvent::Kind::kLinkUp : HostEvent::Kind::kLinkDown, "eth1", {}}, g_.Time());
    g_.Turn();
  }
  const ManagedInstance& instance() { return *g_.controller.FindInstance("gw"); }

  Gateway g_;
};

TEST_F(TrackedInstancesTest, AWeightLowersThePriorityOfTheNextAdverts) {
  g_.Start(Tracked(-30));
  g_.RunFor(5s);
  ASSERT_EQ(instance().state, State::kMaster);
  Link(false);
  const std::vector<Sent> sent = g_.RunFor(1s);
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(instance().priority, Priority(70));
  EXPECT_EQ(instance().state, State::kMaster);
  EXPECT_THAT(g_.Logged("priority"), ElementsAre("priority 100 -> 70 (tracks -30)"));
  Link(true);
  EXPECT_EQ(instance().priority, Priority(100));
}

TEST_F(TrackedInstancesTest, AFaultEndsMastershipAndItComesBackByItself) {
  g_.Start(Tracked({}));
  g_.RunFor(5s);
  ASSERT_EQ(instance().state, State::kMaster);
  EXPECT_TRUE(g_.services.Has("10.99.0.100/24"));
  Link(false);
  EXPECT_EQ(instance().state, State::kFault);
  EXPECT_EQ(instance().reason, Reason::kTrackFault);
  EXPECT_FALSE(g_.services.Has("10.99.0.100/24"));
  g_.RunFor(60s);
  EXPECT_EQ(instance().state, State::kFault);
  EXPECT_THAT(g_.Ask("show instance gw").body, HasSubstr("fault"));
  Link(true);
  EXPECT_EQ(instance().state, State::kBackup);
  g_.RunFor(5s);
  EXPECT_EQ(instance().state, State::kMaster);
}

TEST_F(TrackedInstancesTest, ATrackThatIsDownAtTheStartMeansFaultFromTheStart) {
  g_.services.links_down = {"eth1"};
  g_.Start(Tracked({}));
  EXPECT_EQ(instance().state, State::kFault);
  g_.RunFor(10s);
  EXPECT_THAT(g_.Logged("transition"), ElementsAre("Initialize -> Fault (track-fault)"));
}

TEST_F(TrackedInstancesTest, AnInstanceWaitsForTheFirstResultOfItsScript) {
  g_.Start(Tracked({}, TrackKind::kScript));
  g_.controller.OnTime(g_.Time());
  g_.Turn();
  EXPECT_EQ(instance().state, State::kInitialize);
  ASSERT_EQ(g_.programs.size(), 1u);
  const uint64_t id = std::get<ProgramRequest>(g_.programs[0]).id;
  g_.controller.OnProgramReply({id, ProgramReply::Outcome::kExited, 0, ""}, g_.Time());
  g_.Turn();
  EXPECT_EQ(instance().state, State::kBackup);
}

TEST_F(TrackedInstancesTest, AReloadCanAddAndRemoveATrackInPlace) {
  g_.services.links_down = {"eth1"};
  g_.Start(WithInstances({AhInstance()}));
  g_.RunFor(5s);
  g_.services.next_load.config = Tracked(-30);
  EXPECT_TRUE(g_.controller.Reload(g_.Time()).ok());
  g_.Turn();
  EXPECT_EQ(instance().priority, Priority(70));
  EXPECT_EQ(instance().state, State::kMaster);
  g_.services.next_load.config = WithInstances({AhInstance()});
  EXPECT_TRUE(g_.controller.Reload(g_.Time()).ok());
  g_.Turn();
  EXPECT_EQ(instance().priority, Priority(100));
}

TEST_F(TrackedInstancesTest, ShowTracksNamesTheObservation) {
  g_.Start(Tracked(-30));
  Link(false);
  const std::string body = g_.Ask("show tracks").body;
  EXPECT_THAT(body, HasSubstr("uplink"));
  EXPECT_THAT(body, HasSubstr("interface eth1 is missing, down or without carrier"));
}

}  // namespace
}  // namespace dpvrrp
