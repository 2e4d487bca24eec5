// SPDX-License-Identifier: BSD-3-Clause
//
// `vrid migrate`, `finish`, `abort`, as an operator uses them. How the pair fares meanwhile:
// pipeline/next_vrid_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::set<int> VridsIn(const std::vector<Sent>& sent) {
  std::set<int> vrids;
  for (const Sent& s : sent) {
    if (const std::optional<SeenAdvert> advert = SeeAdvert(s.frame)) vrids.insert(advert->vrid);
  }
  return vrids;
}

class MigrateTest : public testing::Test {
 protected:
  void Start(std::vector<InstanceConfig> instances = {AhInstance()}) {
    gateway_.Start(WithInstances(std::move(instances)));
    gateway_.RunFor(5s);
  }
  std::string Ask(const std::string& line) { return gateway_.Ask(line).body; }
  absl::StatusOr<std::string> Reload(std::vector<InstanceConfig> instances) {
    gateway_.services.next_load = LoadResult{WithInstances(std::move(instances)), {}, {}};
    absl::StatusOr<std::string> result = gateway_.controller.Reload(gateway_.Time());
    gateway_.Turn();
    return result;
  }

  Gateway gateway_;
};

TEST_F(MigrateTest, AMasterSpeaksBothThenTheNewOne) {
  Start();
  EXPECT_THAT(Ask("vrid migrate gw 61"), HasSubstr("speaks and hears VRID 61 beside 51"));
  EXPECT_THAT(Ask("show instance gw"), HasSubstr("61"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{51, 61}));
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("has left VRID 51 for 61; write vrid = 61 into the configuration"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{61}));
  EXPECT_EQ(gateway_.Logged("transition").size(), 2u);  // those of the start
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24"));
  // Its numbers are kept under the new VRID from now on, and the old one's stand still.
  const uint64_t left_at = gateway_.services.records["lan/0.0/4/51"].sent;
  const uint64_t now_at = gateway_.services.records["lan/0.0/4/61"].sent;
  gateway_.RunFor(2s);
  EXPECT_EQ(gateway_.services.records["lan/0.0/4/51"].sent, left_at);
  EXPECT_EQ(gateway_.services.records["lan/0.0/4/61"].sent, now_at + 2);
  // The file that says so changes nothing more.
  EXPECT_THAT(*Reload({AhInstance("gw", 61)}), HasSubstr("0 added, 0 removed, 0 replaced"));
}

TEST_F(MigrateTest, AReloadWithTheNewVridFinishesIt) {
  Start();
  Ask("vrid migrate gw 61");
  EXPECT_THAT(*Reload({AhInstance("gw", 61)}), HasSubstr("0 added, 0 removed, 0 replaced"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{61}));
  EXPECT_EQ(gateway_.Logged("transition").size(), 2u);
}

TEST_F(MigrateTest, AReloadThatIsRefusedFinishesNothing) {
  Start();
  Ask("vrid migrate gw 61");
  Config wanted = WithInstances({AhInstance("gw", 61)});
  wanted.daemon.state_directory = "/elsewhere";
  gateway_.services.next_load = LoadResult{wanted, {}, {}};
  EXPECT_FALSE(gateway_.controller.Reload(gateway_.Time()).ok());
  gateway_.Turn();
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{51, 61}));
}

TEST_F(MigrateTest, ABackupDoesNotLeaveBeforeItsMaster) {
  gateway_.Start(WithInstances({AhInstance()}));
  AdvertFrame master{.key = KeepalivedKey("s3cr3t"), .sequence = 1, .priority = 150};
  gateway_.Receive(master.Build());
  Ask("vrid migrate gw 61");
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("the master has not been heard with VRID 61 yet"));
  master.vrid = 61;
  master.sequence = 2;
  gateway_.Receive(master.Build());
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("has left VRID 51 for 61"));
  EXPECT_THAT(gateway_.RunFor(2s), IsEmpty());
}

TEST_F(MigrateTest, CanBeAborted) {
  Start();
  Ask("vrid migrate gw 61");
  EXPECT_THAT(Ask("vrid abort gw"), HasSubstr("stays at VRID 51"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{51}));
  EXPECT_THAT(Ask("vrid abort gw"), HasSubstr("is not moving"));
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("is not moving"));
}

TEST_F(MigrateTest, SaysWhyNot) {
  InstanceConfig with_virtual_mac = AhInstance("vmac", 70);
  with_virtual_mac.source_mac = SourceMac::kVirtual;
  Start({AhInstance(), AhInstance("other", 61), with_virtual_mac});
  EXPECT_THAT(Ask("vrid migrate gw 0"), HasSubstr("vrid must be 1..255, got '0'"));
  EXPECT_THAT(Ask("vrid migrate gw 51"), HasSubstr("gw has VRID 51"));
  EXPECT_THAT(Ask("vrid migrate gw 61"), HasSubstr("VRID 61 is another instance's on this segment"));
  EXPECT_THAT(Ask("vrid migrate vmac 71"), HasSubstr("source_mac = \"virtual\""));
  EXPECT_THAT(Ask("vrid migrate nobody 61"), HasSubstr("no instance named 'nobody'"));
  Ask("vrid migrate gw 62");
  EXPECT_THAT(Ask("vrid migrate gw 63"), HasSubstr("is moving to VRID 62 already"));
}

// Numbers that peers may remember of the new VRID are not used again.
TEST_F(MigrateTest, GoesOnAboveFormerNumbersOfTheNewVrid) {
  gateway_.services.records["lan/0.0/4/61"].sent = 9000;
  Start();
  Ask("vrid migrate gw 61");
  for (const Sent& s : gateway_.RunFor(2s)) {
    if (const std::optional<SeenAdvert> advert = SeeAdvert(s.frame)) {
      EXPECT_GT(advert->sequence, 9000u);
    }
  }
}

uint64_t HighestOf(int vrid, const std::vector<Sent>& sent) {
  uint64_t highest = 0;
  for (const Sent& s : sent) {
    const std::optional<SeenAdvert> advert = SeeAdvert(s.frame);
    if (advert && advert->vrid == vrid) highest = std::max<uint64_t>(highest, advert->sequence.value_or(0));
  }
  return highest;
}

// The numbers that either VRID has used and heard are used and heard no more, by whoever has it next.
TEST_F(MigrateTest, AVridThatIsLeftKeepsItsNumbers) {
  Start();
  AdvertFrame recorded{.key = KeepalivedKey("s3cr3t"), .sequence = 1000, .priority = 90};
  EXPECT_EQ(gateway_.shard.Receive(recorded.Build()), DropReason::kNone);
  gateway_.Turn();
  Ask("vrid migrate gw 61");
  const uint64_t before = HighestOf(51, gateway_.RunFor(20s));
  ASSERT_GT(before, 1000u);
  Ask("vrid finish gw");
  ASSERT_TRUE(Reload({AhInstance("gw", 61), AhInstance("next", 51)}).ok());
  for (const Sent& s : gateway_.RunFor(5s)) {
    const std::optional<SeenAdvert> advert = SeeAdvert(s.frame);
    if (advert && advert->vrid == 51) {
      EXPECT_GT(advert->sequence, before);
    }
  }
  EXPECT_NE(gateway_.shard.Receive(recorded.Build()), DropReason::kNone);
}

TEST_F(MigrateTest, AVridThatWasNotTakenKeepsItsNumbers) {
  for (const std::string how : {"abort", "removal", "crash"}) {
    Gateway gateway;
    gateway.Start(WithInstances({AhInstance()}));
    gateway.RunFor(5s);
    gateway.Ask("vrid migrate gw 61");
    const uint64_t spoken = HighestOf(61, gateway.RunFor(100s));
    ASSERT_GT(spoken, 100u);
    if (how == "abort") gateway.Ask("vrid abort gw");
    if (how == "removal") {
      gateway.services.next_load = LoadResult{WithInstances({AhInstance("third", 70)}), {}, {}};
      ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
      gateway.Turn();
    }
    EXPECT_GE(gateway.services.records["lan/0.0/4/61"].sent, spoken) << how;
  }
}

// It would wait for ever, and nobody would say so.
TEST_F(MigrateTest, NobodyCanClaimTheVridThatOneMovesTo) {
  Start();
  Ask("vrid migrate gw 61");
  const absl::StatusOr<std::string> reloaded = Reload({AhInstance(), AhInstance("new", 61)});
  EXPECT_THAT(std::string(reloaded.status().message()),
              HasSubstr("instance new: gw moves to VRID 61 (vrid finish or vrid abort first)"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{51, 61}));
  Ask("vrid abort gw");
  EXPECT_TRUE(Reload({AhInstance(), AhInstance("new", 61)}).ok());
  EXPECT_EQ(VridsIn(gateway_.RunFor(5s)), (std::set{51, 61}));
}

// Who waits for the VRID that is left gets it; and a moving instance that is removed leaves both free.
TEST_F(MigrateTest, FreesWhatItLeaves) {
  Start();
  Ask("vrid migrate gw 61");
  ASSERT_TRUE(Reload({AhInstance("gw", 61), AhInstance("next", 51)}).ok());
  EXPECT_THAT(VridsIn(gateway_.RunFor(5s)), Contains(51));
  Ask("vrid migrate gw 62");
  ASSERT_TRUE(Reload({AhInstance("third", 62), AhInstance("fourth", 61)}).ok());
  EXPECT_EQ(VridsIn(gateway_.RunFor(5s)), (std::set{61, 62}));
}

}  // namespace
}  // namespace dpvrrp
