// SPDX-License-Identifier: BSD-3-Clause
#include "control/drain/drain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DrainTest : public testing::Test {
 protected:
  std::vector<ManagedInstance*> AddMasters(int count) {
    std::vector<ManagedInstance*> added;
    for (int i = 1; i <= count; ++i) {
      added.push_back(&desk_.Add(AhInstance(absl::StrCat("gw-", i), static_cast<uint8_t>(i)), State::kMaster));
    }
    return added;
  }
  // The masters that resign within this time. They are backup at once.
  size_t ResignedIn(Nanoseconds time) {
    size_t resigned = 0;
    for (const Instant end = desk_.now + time; desk_.now <= end; desk_.now += 10ms) {
      drain_.OnTime(desk_.Time());
      for (const InstanceId id : drain_.TakeDue()) {
        desk_.registry.FindById(id)->state = State::kBackup;
        ++resigned;
      }
    }
    return resigned;
  }

  PartDesk desk_;
  Drain drain_{desk_.Context()};
};

TEST_F(DrainTest, MastersResignAtTheRate) {
  AddMasters(100);
  EXPECT_EQ(drain_.Begin(20, desk_.Time()), 100u);
  const size_t in_a_second = ResignedIn(1s);
  EXPECT_GE(in_a_second, 18u);
  EXPECT_LE(in_a_second, 22u);
  EXPECT_EQ(drain_.Count().waiting, 100 - in_a_second);
  ResignedIn(5s);
  EXPECT_EQ(drain_.Count().waiting, 0u);
}

TEST_F(DrainTest, ASlowRateIsOneAtATime) {
  AddMasters(5);
  drain_.Begin(2, desk_.Time());
  EXPECT_EQ(ResignedIn(400ms), 1u);
  EXPECT_EQ(ResignedIn(500ms), 1u);
}

TEST_F(DrainTest, TheEndIsOneEvent) {
  AddMasters(3);
  drain_.Begin(100, desk_.Time());
  ResignedIn(20s);
  EXPECT_THAT(desk_.Recorded("drain"), ElementsAre("drained: no instance is master"));
}

TEST_F(DrainTest, AnInstanceThatNoPeerTakesOverStaysMasterAndIsNamed) {
  ManagedInstance& lonely = *AddMasters(2)[0];
  drain_.Begin(100, desk_.Time());
  EXPECT_EQ(ResignedIn(1s), 2u);
  lonely.state = State::kMaster;  // its Master_Down_Timer has expired
  lonely.since = desk_.now;
  EXPECT_EQ(ResignedIn(20s), 0u) << "each try interrupts it";
  EXPECT_EQ(drain_.StageOf(lonely), Drain::Stage::kNoPeer);
  EXPECT_THAT(desk_.Recorded("drain"), ElementsAre(HasSubstr("no peer takes over 1 instance")));
}

TEST_F(DrainTest, AnotherDrainTriesItAgain) {
  ManagedInstance& lonely = *AddMasters(1)[0];
  drain_.Begin(100, desk_.Time());
  ResignedIn(1s);
  lonely.state = State::kMaster;
  lonely.since = desk_.now;
  EXPECT_EQ(drain_.Begin(100, desk_.Time()), 1u);
  EXPECT_EQ(ResignedIn(1s), 1u);
}

TEST_F(DrainTest, AfterASecondDrainTheEndReleasesThoseOfTheFirstToo) {
  const auto masters = AddMasters(3);
  drain_.Begin(100, desk_.Time());
  ResignedIn(1s);
  masters[0]->state = masters[1]->state = State::kBackup;
  masters[2]->state = State::kMaster;  // no peer took it over
  masters[2]->since = desk_.now;
  EXPECT_EQ(drain_.Begin(100, desk_.Time()), 1u);
  ResignedIn(1s);
  EXPECT_EQ(drain_.End(desk_.Time()), 3u);
}

TEST_F(DrainTest, AnOwnerCannotResign) {
  ManagedInstance& owner = *AddMasters(1)[0];
  owner.priority = kPriorityOwner;
  EXPECT_EQ(drain_.Begin(100, desk_.Time()), 0u);
  EXPECT_EQ(ResignedIn(2s), 0u);
  EXPECT_EQ(drain_.StageOf(owner), Drain::Stage::kOwner);
}

TEST_F(DrainTest, AMasterThatAppearsLaterResignsToo) {
  AddMasters(1);
  drain_.Begin(100, desk_.Time());
  ResignedIn(1s);
  desk_.Add(AhInstance("late", 99), State::kMaster);
  EXPECT_EQ(ResignedIn(2s), 1u);
}

TEST_F(DrainTest, TheEndReleasesThoseThatResigned) {
  AddMasters(3);
  desk_.Add(AhInstance("other", 99), State::kBackup);
  drain_.Begin(100, desk_.Time());
  ResignedIn(1s);
  EXPECT_EQ(drain_.End(desk_.Time()), 3u);
  EXPECT_FALSE(drain_.IsOn());
  drain_.OnTime(desk_.Time());
  EXPECT_THAT(drain_.TakeReleased(), SizeIs(3));
  desk_.now += 1s;
  drain_.OnTime(desk_.Time());
  EXPECT_THAT(drain_.TakeReleased(), IsEmpty());
  EXPECT_EQ(drain_.NextDeadline(), kNever);
}

TEST_F(DrainTest, AnInstanceThatIsRemovedMeanwhileIsForgotten) {
  const InstanceId id = AddMasters(1)[0]->id;
  drain_.Begin(100, desk_.Time());
  desk_.registry.Remove(id);
  drain_.Forget(id);
  EXPECT_EQ(ResignedIn(1s), 0u);
  EXPECT_EQ(drain_.End(desk_.Time()), 0u);
}

Bytes AdvertOf(uint32_t sequence, uint8_t priority) {
  AdvertFrame frame;
  frame.key = KeepalivedKey("s3cr3t");
  frame.sequence = sequence;
  frame.priority = priority;
  return frame.Build();
}

TEST(DrainGatewayTest, ADrainedGatewayDoesNotPreemptUntilUndrain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(4s);
  ASSERT_EQ(gateway.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_THAT(gateway.Ask("drain").body, HasSubstr("hands over 1 master, 100 a second"));
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kMaster) << "nothing happens without --yes";
  EXPECT_THAT(gateway.Ask("drain --yes").body, HasSubstr("1 master resign"));
  gateway.RunFor(100ms);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kBackup);
  uint32_t sequence = 1000;
  const auto peer_is_master_for = [&](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      gateway.Receive(AdvertOf(++sequence, 90));
      gateway.RunFor(1s);
    }
  };
  peer_is_master_for(8);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kBackup) << "the peer's priority is lower";
  EXPECT_THAT(gateway.Ask("show status").body, HasSubstr("drained              yes\n"));
  EXPECT_THAT(gateway.Ask("undrain").body, HasSubstr("1 instance may preempt again"));
  peer_is_master_for(5);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_EQ(gateway.Ask("undrain").body, "the gateway is not drained\n");
}

TEST(DrainGatewayTest, TakeoverIsRefusedUntilUndrain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(4s);
  gateway.Ask("drain --yes");
  gateway.RunFor(100ms);
  const Answer answer = gateway.Ask("takeover gw");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_EQ(answer.body, "this gateway is drained; first: undrain\n");
  gateway.Ask("undrain");
  EXPECT_EQ(gateway.Ask("takeover gw").status, Answer::Status::kOk);
}

// Its members are master together, and each order moves all of them.
class LargeGroupTest : public testing::Test {
 protected:
  static constexpr int kMembers = 200;
  LargeGroupTest() {
    std::vector<InstanceConfig> members;
    std::vector<std::string> names;
    for (int i = 1; i <= kMembers; ++i) {
      members.push_back(AhInstance(absl::StrCat("gw-", i), static_cast<uint8_t>(i)));
      names.push_back(members.back().name);
    }
    Config config = WithInstances(std::move(members));
    config.groups = {MakeGroup("g", std::move(names))};
    gateway_.Start(config);
    gateway_.RunFor(5s);
  }
  // Events like "Master -> Backup (resigned)" since the last call.
  size_t Resigned() {
    const std::vector<std::string> all = gateway_.Logged("transition");
    const auto count = static_cast<size_t>(std::count_if(
        all.begin(), all.end(), [](const std::string& text) { return absl::StrContains(text, "Master -> Backup"); }));
    return count - std::exchange(counted_, count);
  }

  Gateway gateway_;
  size_t counted_ = 0;
};

TEST_F(LargeGroupTest, WithoutAPeerIsInterruptedOnce) {
  ASSERT_EQ(gateway_.controller.FindInstance("gw-7")->state, State::kMaster);
  Resigned();
  gateway_.Ask("drain rate 10 --yes");
  gateway_.RunFor(30s);
  EXPECT_EQ(Resigned(), static_cast<size_t>(kMembers));
  EXPECT_THAT(gateway_.Ask("show drain").body, HasSubstr("no peer takes over"));
  EXPECT_THAT(gateway_.Ask("undrain").body, HasSubstr("200 instances may preempt again"));
}

TEST_F(LargeGroupTest, AnOrderToAllMembersReachesEachOnce) {
  Resigned();
  gateway_.lcore_runs = false;
  EXPECT_THAT(gateway_.Ask("resign gw-* --yes").body, HasSubstr("200 instances: resigned"));
  EXPECT_THAT(gateway_.in_ring, SizeIs(kMembers));
  gateway_.lcore_runs = true;
  gateway_.Turn();
  EXPECT_EQ(Resigned(), static_cast<size_t>(kMembers));
}

TEST(DrainGatewayTest, WithoutAPeerTheGatewayIsTheLastResort) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(4s);
  gateway.Ask("drain rate 10 --yes");
  gateway.RunFor(10s);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_THAT(gateway.Ask("show drain").body, HasSubstr("no peer takes over"));
  EXPECT_THAT(gateway.Ask("show status").body, HasSubstr("yes, but 1 is master: see show drain"));
}

TEST(DrainGatewayTest, ABadRateIsNamedWithTheRule) {
  Gateway gateway;
  EXPECT_EQ(gateway.Ask("drain rate 0 --yes").body, "the rate, in masters a second, must be 1..10000, got '0'\n");
}

}  // namespace
}  // namespace dpvrrp
