// SPDX-License-Identifier: BSD-3-Clause
//
// Followers in the part alone (on several lcores), and in a whole gateway.
#include "control/groups/followers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

GroupConfig MakeFollowGroup(std::string name, std::string leader, std::vector<std::string> members) {
  GroupConfig group = MakeGroup(std::move(name), std::move(members));
  group.kind = GroupKind::kFollow;
  group.leader = std::move(leader);
  return group;
}

// ---- The part: "lan" is on worker 0, "wan" on workers 2 and 3 ----

class FollowersPartTest : public ::testing::Test {
 protected:
  ManagedInstance& Add(const std::string& name, const std::string& port, const std::string& leader = "",
                       State state = State::kInitialize) {
    InstanceConfig config = AhInstance(name);
    config.port = port;
    config.leader = leader;
    ManagedInstance& instance = desk_.Add(config, state);
    followers_.Attach(instance);
    return instance;
  }

  PartDesk desk_;
  Followers followers_{desk_.Context()};
};

TEST_F(FollowersPartTest, OnTheLcoreOfTheLeaderTheLeaderMovesThem) {
  ManagedInstance& leader = Add("gw", "lan");
  ManagedInstance& follower = Add("sub", "lan", "gw");
  const std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::Lead>(), IsCommand<command::Follow>()));
  EXPECT_EQ(std::get<command::Lead>(commands[0]).router, leader.router);
  EXPECT_EQ(std::get<command::Follow>(commands[1]).router, follower.router);
  EXPECT_EQ(std::get<command::Follow>(commands[1]).ring, std::get<command::Lead>(commands[0]).ring);
  leader.state = State::kMaster;
  followers_.OnTransition(leader);
  followers_.OnTransition(follower);
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
}

TEST_F(FollowersPartTest, ALeaderThatStartsLaterLeadsThem) {
  Add("sub", "lan", "gw");
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Follow>()));
  Add("gw", "lan");
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Lead>()));
}

TEST_F(FollowersPartTest, AnotherLcoreGetsTheStateOfTheLeader) {
  ManagedInstance& leader = Add("gw", "lan");
  ManagedInstance& follower = Add("sub", "wan", "gw");
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Follow>()))
      << "a leader in Initialize has not decided";
  leader.state = State::kMaster;
  followers_.OnTransition(leader);
  std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::MoveFollowers>()));
  EXPECT_TRUE(std::get<command::MoveFollowers>(commands[0]).to_master);
  EXPECT_EQ(std::get<command::MoveFollowers>(commands[0]).ring->worker,
            desk_.registry.WorkerOf(follower.port, follower.config.vlan));
  leader.state = State::kFault;
  followers_.OnTransition(leader);
  commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::MoveFollowers>()));
  EXPECT_FALSE(std::get<command::MoveFollowers>(commands[0]).to_master);
}

TEST_F(FollowersPartTest, ALaterLcoreGetsTheStateThatTheLeaderHas) {
  Add("gw", "lan", "", State::kMaster);
  Add("sub", "wan", "gw");
  const std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::MoveFollowers>(), IsCommand<command::Follow>()));
  EXPECT_TRUE(std::get<command::MoveFollowers>(commands[0]).to_master);
}

TEST_F(FollowersPartTest, AnotherConfigurationChangesTheLeader) {
  Add("gw", "lan");
  Add("other", "lan");
  ManagedInstance& follower = Add("sub", "lan", "gw");
  desk_.TakeCommands();
  followers_.Attach(follower);
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  follower.config.leader = "other";
  followers_.Attach(follower);
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Lead>(), IsCommand<command::Follow>()));
}

// The last run handed over, and the leader has no link.
TEST_F(FollowersPartTest, ALeaderThatDoesNotDecideInTimeIsNotMaster) {
  Add("gw", "lan");
  Add("sub", "lan", "gw");
  desk_.TakeCommands();
  followers_.DecideAt(desk_.now + 3s);
  EXPECT_EQ(followers_.NextDeadline(), desk_.now + 3s);
  desk_.now += 3s;
  followers_.OnTime(desk_.Time());
  const std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::MoveFollowers>()));
  EXPECT_FALSE(std::get<command::MoveFollowers>(commands[0]).to_master);
  EXPECT_EQ(followers_.NextDeadline(), kNever);
}

// ---- A whole gateway: gw-1 leads gw-2 and gw-3 ----

class FollowersTest : public ::testing::Test {
 protected:
  static Config Led() {
    Config config = WithInstances(OnVlans(3));
    config.groups = {MakeFollowGroup("subscribers", "gw-1", {"gw-2", "gw-3"})};
    config.instances[1].leader = config.instances[2].leader = "gw-1";
    return config;
  }
  State StateOf(const std::string& name) { return g_.controller.FindInstance(name)->state; }
  std::string Reload(const Config& config) {
    g_.services.next_load.config = config;
    const absl::StatusOr<std::string> result = g_.controller.Reload(g_.Time());
    g_.Turn();
    return result.ok() ? *result : std::string(result.status().message());
  }

  Gateway g_;
};

TEST_F(FollowersTest, MoveWithTheirLeader) {
  g_.Start(Led());
  EXPECT_EQ(StateOf("gw-2"), State::kBackup);
  g_.RunFor(5s);
  ASSERT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
  EXPECT_EQ(StateOf("gw-3"), State::kMaster);
  g_.Ask("resign gw-1");
  EXPECT_EQ(StateOf("gw-3"), State::kBackup);
}

TEST_F(FollowersTest, AreAnnounced) {
  g_.Start(Led());
  size_t announced = 0;
  for (const Sent& sent : g_.RunFor(3700ms)) announced += sent.frame[16] == 0x08 && sent.frame[17] == 0x06 ? 1 : 0;
  EXPECT_EQ(announced, 3u) << "one gratuitous ARP on each VLAN";
}

TEST_F(FollowersTest, HaveOneEventTogether) {
  g_.Start(Led());
  g_.RunFor(5s);
  EXPECT_THAT(g_.Logged("transition"), ElementsAre("Initialize -> Backup (startup)", HasSubstr("Backup -> Master")));
  g_.Ask("resign gw-1");
  EXPECT_THAT(g_.Logged("group"),
              ElementsAre("group subscribers: 2 followers of gw-1 became master within 0 ms of its transition",
                          "group subscribers: 2 followers of gw-1 became backup within 0 ms of its transition"));
}

TEST_F(FollowersTest, AreShown) {
  g_.Start(Led());
  g_.RunFor(5s);
  EXPECT_THAT(g_.Ask("show groups").body, HasSubstr("subscribers"));
  EXPECT_THAT(g_.Ask("show groups").body, HasSubstr("Master"));
  EXPECT_THAT(g_.Ask("show instance gw-2").body, HasSubstr("gw-1"));
}

TEST_F(FollowersTest, TakeNoOrdersOfTheirOwn) {
  g_.Start(Led());
  g_.RunFor(5s);
  for (const char* line : {"resign gw-2", "takeover gw-2", "set instance gw-2 priority 7", "vrid migrate gw-2 9"}) {
    const Answer answer = g_.Ask(line);
    EXPECT_NE(answer.status, Answer::Status::kOk) << line;
    EXPECT_THAT(answer.body, HasSubstr("gw-2 follows gw-1: give the command to gw-1")) << line;
  }
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
}

TEST_F(FollowersTest, AReloadGivesThemAnotherLeaderInPlace) {
  g_.Start(Led());
  g_.RunFor(5s);
  Config config = Led();
  config.instances[1].leader = "";
  config.instances[2].leader = "gw-2";
  config.groups = {MakeFollowGroup("subscribers", "gw-2", {"gw-3"})};
  Reload(config);
  EXPECT_EQ(StateOf("gw-2"), State::kBackup) << "it takes part in the election from now on";
  EXPECT_EQ(StateOf("gw-3"), State::kBackup) << "as its new leader";
  g_.RunFor(5s);
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
  EXPECT_EQ(StateOf("gw-3"), State::kMaster);
}

TEST_F(FollowersTest, AReloadMakesALeaderAFollower) {
  g_.Start(Led());
  g_.RunFor(5s);
  Config config = Led();
  config.instances[1].leader = "";
  config.instances[0].leader = config.instances[2].leader = "gw-2";
  config.groups = {MakeFollowGroup("subscribers", "gw-2", {"gw-1", "gw-3"})};
  Reload(config);
  g_.RunFor(5s);
  ASSERT_EQ(StateOf("gw-2"), State::kMaster);
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(StateOf("gw-3"), State::kMaster);
  g_.shard.Apply(command::PortDown{PortId(0)});  // walks all rings
  g_.RunFor(1ms);
  EXPECT_EQ(StateOf("gw-1"), State::kInitialize);
  g_.shard.Apply(command::PortUp{PortId(0)});
  g_.RunFor(5s);
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  Reload(Led());
  g_.RunFor(5s);
  EXPECT_EQ(StateOf("gw-3"), State::kMaster);
}

// Two leaders were master at one time: hosts may have learned the address of the other gateway.
TEST_F(FollowersTest, AreAnnouncedAgainWithTheirLeader) {
  g_.Start(Led());
  g_.RunFor(60s);
  event::OtherMaster event{};
  event.instance = g_.controller.FindInstance("gw-1")->id;
  event.at = g_.shard.now;
  g_.controller.OnShardEvent(event, g_.Time());
  size_t announced = 0;
  for (const Sent& sent : g_.RunFor(10ms)) announced += sent.frame[16] == 0x08 && sent.frame[17] == 0x06 ? 1 : 0;
  EXPECT_EQ(announced, 3u);
}

TEST_F(FollowersTest, AFollowerWithAFaultOfItsOwnDoesNotCount) {
  Config config = Led();
  config.tracks = {MakeTrack("bfd", TrackKind::kManual)};
  config.instances[1].tracks = {{"bfd", {}, false}};
  g_.Start(config);
  g_.Ask("track set bfd down");
  g_.RunFor(5s);
  EXPECT_EQ(StateOf("gw-2"), State::kFault);
  EXPECT_THAT(g_.Logged("group"), ElementsAre("group subscribers: 1 follower of gw-1 became master within 0 ms of its "
                                              "transition"));
}

TEST_F(FollowersTest, WithoutALinkTheGroupIsInFault) {
  g_.Start(Led());
  g_.RunFor(5s);
  g_.shard.Apply(command::HoldDown{g_.controller.FindInstance("gw-1")->router, Hold::kTrack});
  g_.RunFor(1ms);
  EXPECT_EQ(StateOf("gw-2"), State::kBackup);
  EXPECT_THAT(g_.Ask("show groups").body, HasSubstr("Fault"));
  EXPECT_THAT(g_.Logged("group").back(), HasSubstr("2 followers of gw-1 became backup"));
}

TEST_F(FollowersTest, ALeaderThatIsRemovedAndAddedAgainLeadsThem) {
  g_.Start(Led());
  g_.RunFor(5s);
  Config config = Led();
  config.instances[0].vrid = Vrid(77);
  Reload(config);
  EXPECT_EQ(StateOf("gw-2"), State::kBackup);
  g_.RunFor(5s);
  ASSERT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
}

}  // namespace
}  // namespace dpvrrp
