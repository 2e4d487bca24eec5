// SPDX-License-Identifier: BSD-3-Clause
//
// Groups in the part alone (members on several lcores), and in a whole gateway.
#include "control/groups/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---- The part: "lan" is on worker 0, "wan" on workers 2 and 3 ----

class GroupsPartTest : public ::testing::Test {
 protected:
  GroupsPartTest() {
    desk_.registry.config().groups = {MakeGroup("g", {"in", "out"})};
    groups_.OnConfiguration();
    in_ = &Add("in", "lan");
    out_ = &Add("out", "wan");
    groups_.Settle(desk_.Time());
    desk_.TakeCommands();
  }
  ManagedInstance& Add(const std::string& name, const std::string& port) {
    InstanceConfig config = AhInstance(name);
    config.port = port;
    ManagedInstance& instance = desk_.Add(config);
    groups_.OnStarted(instance);
    return instance;
  }
  void Move(ManagedInstance& instance, State to, Reason reason) {
    const State from = std::exchange(instance.state, to);
    event::Transition event{};
    event.instance = instance.id;
    event.from = from;
    event.to = to;
    event.reason = reason;
    groups_.OnTransition(instance, event);
    groups_.Settle(desk_.Time());
  }

  PartDesk desk_;
  Groups groups_{desk_.Context()};
  ManagedInstance* in_;
  ManagedInstance* out_;
};

TEST_F(GroupsPartTest, TheLcoresAreToldThatTheGroupIsElsewhereToo) {
  desk_.registry.config().groups[0].members = {"in", "out", "more"};
  groups_.OnConfiguration();
  size_t joins = 0;
  for (const ShardCommand& command : desk_.TakeCommands()) {
    const auto& join = std::get<command::JoinGroup>(command);
    EXPECT_EQ(join.members, 3u);
    EXPECT_FALSE(join.all_here);
    ++joins;
  }
  EXPECT_EQ(joins, 2u);
}

TEST_F(GroupsPartTest, AllAreOrderedToBeMasterWhenAllAreReady) {
  groups_.OnReady(*in_, true);
  groups_.Settle(desk_.Time());
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  groups_.OnReady(*in_, false);
  groups_.OnReady(*out_, true);
  groups_.Settle(desk_.Time());
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  groups_.OnReady(*in_, true);
  groups_.Settle(desk_.Time());
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::BeMaster>(), IsCommand<command::BeMaster>()));
}

TEST_F(GroupsPartTest, IfOneGivesWayTheOtherLcoresFollow) {
  Move(*in_, State::kMaster, Reason::kMasterTimeout);
  Move(*out_, State::kMaster, Reason::kMasterTimeout);
  desk_.TakeCommands();
  Move(*in_, State::kBackup, Reason::kHigherPriority);
  const std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::BeBackup>()));
  EXPECT_EQ(std::get<command::BeBackup>(commands[0]).router, out_->router);
  Move(*out_, State::kBackup, Reason::kGroup);
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
}

TEST_F(GroupsPartTest, AFaultOfOneHoldsTheOthersOnly) {
  in_->holds.Add(Hold::kTrack);
  groups_.OnChanged(*in_);
  groups_.Settle(desk_.Time());
  std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_THAT(commands, ElementsAre(IsCommand<command::HoldDown>()));
  EXPECT_EQ(std::get<command::HoldDown>(commands[0]).router, out_->router);
  EXPECT_EQ(groups_.CulpritOf(desk_.registry.config().groups[0]), "in");
  in_->holds.Remove(Hold::kTrack);
  groups_.OnChanged(*in_);
  groups_.Settle(desk_.Time());
  commands = desk_.TakeCommands();
  EXPECT_THAT(commands, ElementsAre(IsCommand<command::EndHold>()));
}

TEST_F(GroupsPartTest, APortWithoutLinkAndAMissingMemberAreFaultsToo) {
  desk_.registry.PortOf(PortId(1)).up = false;
  groups_.OnPort(PortId(1));
  groups_.Settle(desk_.Time());
  EXPECT_TRUE(in_->holds.Has(Hold::kGroup));
  EXPECT_FALSE(out_->holds.Has(Hold::kGroup));
  desk_.registry.PortOf(PortId(1)).up = true;
  groups_.OnPort(PortId(1));
  groups_.Settle(desk_.Time());
  EXPECT_FALSE(in_->holds.Has(Hold::kGroup));
  out_->removing = true;
  groups_.OnChanged(*out_);
  groups_.Settle(desk_.Time());
  EXPECT_TRUE(in_->holds.Has(Hold::kGroup));
  out_->removing = false;
}

TEST_F(GroupsPartTest, AGroupThatIsRemovedLetsItsMembersGo) {
  in_->holds.Add(Hold::kTrack);
  groups_.OnChanged(*in_);
  groups_.Settle(desk_.Time());
  desk_.TakeCommands();
  desk_.registry.config().groups.clear();
  groups_.OnConfiguration();
  EXPECT_FALSE(out_->holds.Has(Hold::kGroup));
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::JoinGroup>(), IsCommand<command::JoinGroup>(),
                                                IsCommand<command::EndHold>()));
}

// A change of one member looks at that member only: with thousands of them, a look at all would stop control.
TEST_F(GroupsPartTest, AGroupOfThousandsIsMasterWhenTheLastIsReady) {
  std::vector<std::string>& names = desk_.registry.config().groups[0].members;
  constexpr size_t kMembers = 4000;
  while (names.size() < kMembers) names.push_back(absl::StrCat("more-", names.size()));
  groups_.OnConfiguration();
  std::vector<const ManagedInstance*> members = {in_, out_};
  for (size_t i = members.size(); i < kMembers; ++i) members.push_back(&Add(names[i], i % 2 == 0 ? "lan" : "wan"));
  groups_.Settle(desk_.Time());
  desk_.TakeCommands();
  for (size_t i = 0; i < kMembers; ++i) {
    groups_.OnReady(*members[i], true);
    groups_.Settle(desk_.Time());
    EXPECT_THAT(desk_.TakeCommands(), testing::SizeIs(i + 1 < kMembers ? 0 : kMembers)) << i;
  }
}

// ---- A whole gateway ----

class GroupedInstancesTest : public ::testing::Test {
 protected:
  static Config Pair() {
    Config config = WithInstances(OnVlans(2));
    config.groups = {MakeGroup("g", {"gw-1", "gw-2"})};
    config.tracks = {MakeTrack("bfd", TrackKind::kManual)};
    config.instances[0].tracks = {{"bfd", {}, false}};
    return config;
  }
  State StateOf(const std::string& name) { return g_.controller.FindInstance(name)->state; }

  Gateway g_;
};

TEST_F(GroupedInstancesTest, ATrackFaultOfOneMovesBothAndBack) {
  g_.Start(Pair());
  g_.RunFor(5s);
  ASSERT_EQ(StateOf("gw-1"), State::kMaster);
  ASSERT_EQ(StateOf("gw-2"), State::kMaster);
  g_.Ask("track set bfd down");
  EXPECT_EQ(StateOf("gw-1"), State::kFault);
  EXPECT_EQ(StateOf("gw-2"), State::kFault);
  EXPECT_EQ(g_.controller.FindInstance("gw-2")->reason, Reason::kGroupFault);
  g_.RunFor(20s);
  EXPECT_EQ(StateOf("gw-2"), State::kFault);
  g_.Ask("track set bfd up");
  EXPECT_EQ(StateOf("gw-1"), State::kBackup);
  EXPECT_EQ(StateOf("gw-2"), State::kBackup);
  g_.RunFor(5s);
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
}

TEST_F(GroupedInstancesTest, TheGroupReturnsWhenTheAddressesOfSeveralMembersAreBack) {
  Config config = Pair();
  for (InstanceConfig& instance : config.instances) {
    instance.address_loss = AddressLoss::kResign;
    instance.virtual_addresses[0].device = "eth0";
    instance.virtual_addresses[0].prefix.address = IpAddress::V4(0x0a630064 + instance.vlan.outer);
  }
  g_.Start(config);
  g_.RunFor(5s);
  ASSERT_EQ(StateOf("gw-1"), State::kMaster);
  g_.services.refuse = absl::PermissionDeniedError("Operation not permitted");
  for (const InstanceConfig& instance : config.instances) {
    const IpPrefix prefix = instance.virtual_addresses[0].prefix;
    std::erase_if(g_.services.addresses, [&](const HostAddress& a) { return a.prefix == prefix; });
    g_.controller.OnHostEvent({HostEvent::Kind::kAddressRemoved, "eth0", prefix}, g_.Time());
  }
  g_.Turn();
  g_.RunFor(600s);
  EXPECT_EQ(StateOf("gw-1"), State::kFault);
  EXPECT_EQ(StateOf("gw-2"), State::kFault);
  g_.services.refuse = absl::OkStatus();
  g_.RunFor(600s);
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
}

TEST_F(GroupedInstancesTest, AnOrderToOneMovesAll) {
  g_.Start(Pair());
  g_.Ask("takeover gw-2");
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(StateOf("gw-2"), State::kMaster);
  g_.Ask("resign gw-1");
  EXPECT_EQ(StateOf("gw-1"), State::kBackup);
  EXPECT_EQ(StateOf("gw-2"), State::kBackup);
}

TEST_F(GroupedInstancesTest, AReloadMakesAndEndsAGroup) {
  Config config = Pair();
  g_.Start(config);
  g_.RunFor(5s);
  g_.Ask("track set bfd down");
  ASSERT_EQ(StateOf("gw-2"), State::kFault);
  config.groups.clear();
  g_.services.next_load.config = config;
  EXPECT_TRUE(g_.controller.Reload(g_.Time()).ok());
  g_.Turn();
  EXPECT_EQ(StateOf("gw-1"), State::kFault);
  EXPECT_EQ(StateOf("gw-2"), State::kBackup);
  g_.services.next_load.config = Pair();
  EXPECT_TRUE(g_.controller.Reload(g_.Time()).ok());
  g_.Turn();
  EXPECT_EQ(StateOf("gw-2"), State::kFault);
}

}  // namespace
}  // namespace dpvrrp
