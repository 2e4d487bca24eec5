// SPDX-License-Identifier: BSD-3-Clause
//
// `vrid migrate`, `vrid finish` and `vrid abort`, as an operator uses them. pipeline/next_vrid_test.cc tests the pair
// during a move.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
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

TEST_F(MigrateTest, AMasterUsesBothVridsThenTheNewOne) {
  Start();
  EXPECT_THAT(Ask("vrid migrate gw 61"), HasSubstr("uses VRID 61 beside 51"));
  EXPECT_THAT(Ask("show instance gw"), HasSubstr("61"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{51, 61}));
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("moved from VRID 51 to 61; set vrid = 61 in the configuration"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{61}));
  EXPECT_EQ(gateway_.Logged("transition").size(), 2u);  // the transitions of the start
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24"));
  // From now on its numbers are recorded under the new VRID. The record of the old VRID no longer changes.
  const uint64_t left_at = gateway_.services.records["lan/0.0/4/51"].sent;
  const uint64_t now_at = gateway_.services.records["lan/0.0/4/61"].sent;
  gateway_.RunFor(2s);
  EXPECT_EQ(gateway_.services.records["lan/0.0/4/51"].sent, left_at);
  EXPECT_EQ(gateway_.services.records["lan/0.0/4/61"].sent, now_at + 2);
  // A file with the new VRID changes nothing more.
  EXPECT_THAT(*Reload({AhInstance("gw", 61)}),
              HasSubstr("0 added, 0 removed, 0 changed in place, 0 removed and added"));
}

TEST_F(MigrateTest, AReloadWithTheNewVridFinishesIt) {
  Start();
  Ask("vrid migrate gw 61");
  EXPECT_THAT(*Reload({AhInstance("gw", 61)}),
              HasSubstr("0 added, 0 removed, 0 changed in place, 0 removed and added"));
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

TEST_F(MigrateTest, ABackupDoesNotFinishBeforeItsMasterMoves) {
  gateway_.Start(WithInstances({AhInstance()}));
  AdvertFrame master{.key = KeepalivedKey("s3cr3t"), .sequence = 1, .priority = 150};
  gateway_.Receive(master.Build());
  Ask("vrid migrate gw 61");
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("the master has not been heard with VRID 61 yet"));
  master.vrid = 61;
  master.sequence = 2;
  gateway_.Receive(master.Build());
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("moved from VRID 51 to 61"));
  EXPECT_THAT(gateway_.RunFor(2s), IsEmpty());
}

TEST_F(MigrateTest, CanBeAborted) {
  Start();
  Ask("vrid migrate gw 61");
  EXPECT_THAT(Ask("vrid abort gw"), HasSubstr("keeps VRID 51"));
  EXPECT_EQ(VridsIn(gateway_.RunFor(2s)), (std::set{51}));
  EXPECT_THAT(Ask("vrid abort gw"), HasSubstr("is not moving"));
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("is not moving"));
}

InstanceConfig WithVirtualMac(const std::string& name = "gw", uint8_t vrid = 51) {
  InstanceConfig config = AhInstance(name, vrid);
  config.source_mac = SourceMac::kVirtual;
  return config;
}

std::set<MacAddress> MacsIn(const std::vector<Sent>& sent, int vrid) {
  std::set<MacAddress> macs;
  for (const Sent& s : sent) {
    const std::optional<SeenAdvert> advert = SeeAdvert(s.frame);
    if (advert && advert->vrid == vrid) macs.insert(advert->source_mac);
  }
  return macs;
}

constexpr MacAddress kOldMac = VirtualMac(Family::kIpv4, Vrid(51)), kNewMac = VirtualMac(Family::kIpv4, Vrid(61));

TEST_F(MigrateTest, TheVirtualMacMovesWithTheVrid) {
  Start({WithVirtualMac()});
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_THAT(Ask("vrid migrate gw 61"), HasSubstr("uses VRID 61 beside 51"));
  ASSERT_EQ(gateway_.moves.size(), 1u);
  EXPECT_EQ(std::get<command::SpeakNextVrid>(gateway_.moves[0]).mac,
            kNewMac);  // the filter accepts it before it is used
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("vrrp.2.51", "vrrp.2.61"));
  std::vector<Sent> sent = gateway_.RunFor(2s);
  EXPECT_THAT(MacsIn(sent, 51), ElementsAre(kOldMac));
  EXPECT_THAT(MacsIn(sent, 61), ElementsAre(kNewMac));
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.51"));

  // The address moves to the new device, is announced from there, and repeatedly as for a new master.
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("moved from VRID 51 to 61"));
  EXPECT_FALSE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.61"));
  EXPECT_THAT(gateway_.services.links_up,
              ElementsAre("vrrp.2.51", "vrrp.2.61"));  // hosts that still use the old MAC are served
  sent = gateway_.RunFor(9s);
  EXPECT_THAT(MacsIn(sent, 61), ElementsAre(kNewMac));
  std::erase_if(sent, [](const Sent& s) { return !SeeArp(s.frame).has_value(); });
  EXPECT_GE(sent.size(), 4u);
  EXPECT_THAT(sent, Each(IsGratuitousArp(Ip("10.99.0.100"), kNewMac)));
  EXPECT_EQ(gateway_.Logged("transition").size(), 2u);  // the transitions of the start

  EXPECT_THAT(Ask("vrid migrate gw 62"), HasSubstr("has just left VRID 51, and its hosts may not have learned the new "
                                                   "MAC yet; try again in 1 s"));
  EXPECT_EQ(gateway_.moves.size(), 1u);
  gateway_.RunFor(2s);
  ASSERT_EQ(gateway_.moves.size(), 2u);
  EXPECT_EQ(std::get<command::ForgetMac>(gateway_.moves[1]).mac, kOldMac);
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("vrrp.2.61"));
  EXPECT_THAT(gateway_.services.links_up, ElementsAre("vrrp.2.61"));
  EXPECT_THAT(*Reload({WithVirtualMac("gw", 61)}),
              HasSubstr("0 added, 0 removed, 0 changed in place, 0 removed and added"));
  // The move back.
  Ask("vrid migrate gw 51");
  Ask("vrid finish gw");
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.51"));
  gateway_.RunFor(20s);
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("vrrp.2.51"));
}

// Between the backup's `finish` and the master's.
TEST_F(MigrateTest, APeerThatStillUsesTheOldVridIsAskedToFinish) {
  gateway_.Start(WithInstances({AhInstance()}));
  AdvertFrame master{.key = KeepalivedKey("s3cr3t"), .sequence = 1, .vrid = 51, .priority = 150};
  const auto hear = [&](uint8_t vrid) {
    master.vrid = vrid;
    gateway_.Receive(master.Build());
    ++master.sequence;
  };
  hear(51);
  Ask("vrid migrate gw 61");
  hear(61);
  Ask("vrid finish gw");
  hear(51);
  EXPECT_THAT(Ask("diagnose"),
              HasSubstr("Mend:    gw no longer uses this VRID; if that gateway is its peer: vrid finish there"));
}

// The new MAC is not announced before the kernel has the address on the new device, so that its answers agree.
TEST_F(MigrateTest, TheNewMacIsAnnouncedAfterTheKernelAnswersWithIt) {
  Start({WithVirtualMac()});
  Ask("vrid migrate gw 61");
  gateway_.RunFor(7s);  // the announcements of the start have ended
  gateway_.host_answers = false;
  Ask("vrid finish gw");
  EXPECT_THAT(gateway_.RunFor(300ms), Not(Contains(IsGratuitousArp(Ip("10.99.0.100"), kNewMac))));
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.51"));
  gateway_.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway_.unanswered, {})) {
    gateway_.controller.OnHostReply(gateway_.services.Answer(request), gateway_.Time());
  }
  EXPECT_THAT(gateway_.RunFor(10ms), Contains(IsGratuitousArp(Ip("10.99.0.100"), kNewMac)));
  EXPECT_FALSE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.51"));
}

TEST_F(MigrateTest, ABackupReleasesItsOldMacAtOnce) {
  gateway_.Start(WithInstances({WithVirtualMac()}));
  AdvertFrame master{.key = KeepalivedKey("s3cr3t"), .sequence = 1, .priority = 150};
  gateway_.Receive(master.Build());
  Ask("vrid migrate gw 61");
  master.vrid = 61;
  master.sequence = 2;
  gateway_.Receive(master.Build());
  EXPECT_THAT(Ask("vrid finish gw"), HasSubstr("moved from VRID 51"));
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("vrrp.2.61"));
  EXPECT_THAT(gateway_.services.links_up, IsEmpty());
  EXPECT_TRUE(Is<command::ForgetMac>(gateway_.moves.back()));
  gateway_.RunFor(10s);  // no other router is heard
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24", "vrrp.2.61"));
}

TEST_F(MigrateTest, AMasterThatBecomesBackupReleasesItsOldMacAtOnce) {
  Start({WithVirtualMac()});
  Ask("vrid migrate gw 61");
  Ask("vrid finish gw");
  gateway_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 5000, .vrid = 61, .priority = 150}.Build());
  EXPECT_THAT(gateway_.services.links_up, IsEmpty());
  EXPECT_THAT(gateway_.services.addresses, IsEmpty());
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("vrrp.2.61"));
  EXPECT_EQ(std::get<command::ForgetMac>(gateway_.moves.back()).mac, kOldMac);
}

TEST_F(MigrateTest, WithAVirtualMacItCanBeAbortedOrRemoved) {
  Start({WithVirtualMac()});
  Ask("vrid migrate gw 61");
  Ask("vrid abort gw");
  EXPECT_EQ(std::get<command::StopNextVrid>(gateway_.moves.back()).mac, kNewMac);
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("vrrp.2.51"));
  Ask("vrid migrate gw 61");
  ASSERT_TRUE(Reload({AhInstance("third", 70)}).ok());
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("eth0"));
  ASSERT_TRUE(Reload({WithVirtualMac()}).ok());
  gateway_.RunFor(5s);
  Ask("vrid migrate gw 61");
  Ask("vrid finish gw");
  ASSERT_TRUE(Reload({AhInstance("third", 70)}).ok());
  EXPECT_THAT(gateway_.services.acquired, ElementsAre("eth0"));
  EXPECT_THAT(gateway_.services.links_up, IsEmpty());
  gateway_.RunFor(20s);
}

TEST_F(MigrateTest, SaysWhyAMoveIsRefused) {
  InstanceConfig vmac = WithVirtualMac("vmac", 70), elsewhere = WithVirtualMac("elsewhere", 71);
  elsewhere.vlan.outer = 7;
  InstanceConfig broken = WithVirtualMac("broken", 73);
  broken.virtual_addresses = {{*ParseIpPrefix("10.99.0.103/24"), "eth1"}};
  Start({AhInstance(), AhInstance("other", 61), vmac, elsewhere, broken});
  gateway_.services.missing_devices.insert("eth1");
  EXPECT_THAT(Ask("vrid migrate gw 0"), HasSubstr("vrid must be 1..255, got '0'"));
  EXPECT_THAT(Ask("vrid migrate gw 51"), HasSubstr("gw already has VRID 51"));
  EXPECT_THAT(Ask("vrid migrate gw 61"), HasSubstr("VRID 61 belongs to another instance on this segment"));
  EXPECT_THAT(Ask("vrid migrate vmac 71"),
              HasSubstr("the virtual MAC of VRID 71 is used by instance elsewhere on the same device"));
  EXPECT_THAT(Ask("vrid migrate broken 74"), HasSubstr("no interface eth1"));
  EXPECT_THAT(Ask("show instance broken --json"), HasSubstr(R"("next_vrid":null)"));
  EXPECT_THAT(Ask("vrid migrate nobody 61"), HasSubstr("no instance named 'nobody'"));
  Ask("vrid migrate gw 62");
  EXPECT_THAT(Ask("vrid migrate gw 63"), HasSubstr("gw is already moving to VRID 62"));
}

// Numbers that peers may remember for the new VRID are not used again.
TEST_F(MigrateTest, ContinuesAboveFormerNumbersOfTheNewVrid) {
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

// The next user of either VRID neither sends nor accepts the numbers that were used with it.
TEST_F(MigrateTest, TheOldVridKeepsItsNumbers) {
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

TEST_F(MigrateTest, AVridWhoseMoveWasAbortedKeepsItsNumbers) {
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

// An advert recorded during an earlier use of the VRID with the same key is old for every later user of the VRID.
TEST_F(MigrateTest, OldAdvertsOfTheNextVridAreRefused) {
  const auto mark = [](uint8_t host, uint64_t number) {
    return SequenceRecord::Sender{.address = {10, 99, 0, host}, .highest = number, .family = 4};
  };
  SequenceRecord& former = gateway_.services.records["lan/0.0/4/61"];
  former.sent = 40;
  former.senders[0] = mark(1, 5000);
  former.senders[1] = mark(7, 4000);
  Start();
  AdvertFrame peer{.key = KeepalivedKey("s3cr3t"), .sequence = 1000, .priority = 90};
  EXPECT_EQ(gateway_.shard.Receive(peer.Build()), DropReason::kNone);
  Ask("vrid migrate gw 61");
  const auto hear = [&](uint32_t host, uint8_t vrid, uint32_t number) {
    AdvertFrame frame{.source = Ip(absl::StrCat("10.99.0.", host)), .key = KeepalivedKey("s3cr3t"), .sequence = number};
    frame.vrid = vrid;
    frame.priority = 90;
    return gateway_.shard.Receive(frame.Build());
  };
  EXPECT_NE(hear(1, 61, 5000), DropReason::kNone);
  EXPECT_NE(hear(7, 61, 4000), DropReason::kNone);
  EXPECT_EQ(hear(1, 51, 1001), DropReason::kNone) << "with its own VRID as before";
  // A sender that continues from the group's numbers must be accepted.
  const std::vector<Sent> sent = gateway_.RunFor(2s);
  EXPECT_GT(HighestOf(61, sent), 5000u);
  gateway_.Turn();
  Ask("vrid finish gw");
  EXPECT_NE(hear(1, 61, 5000), DropReason::kNone);
  EXPECT_NE(hear(7, 61, 4000), DropReason::kNone);
  EXPECT_EQ(gateway_.services.records["lan/0.0/4/61"].senders[1].highest, 4000u) << "nor after a restart";
}

// The other instance would wait without end and without a message.
TEST_F(MigrateTest, NoOtherInstanceCanUseTheVridOfAMove) {
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

// An instance that waits for the old VRID gets it. If a moving instance is removed, both VRIDs are free.
TEST_F(MigrateTest, FreesTheOldVrid) {
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
