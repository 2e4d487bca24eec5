// SPDX-License-Identifier: BSD-3-Clause
//
// `sender block`, `unblock`, `allow` and `disallow`, `show blocks`, and the same settings in the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const MacAddress kRogueMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x09}};

class SendersTest : public testing::Test {
 protected:
  // A backup of 10.99.0.1, whose AH is valid.
  void StartBackup(Config config = WithInstances({AhInstance()})) {
    config_ = std::move(config);
    gateway_.Start(config_);
    ASSERT_THAT(gateway_.controller.not_started().entries(), ::testing::IsEmpty());
    Hear();
    ASSERT_EQ(gateway_.controller.FindInstance("gw")->state, State::kBackup);
  }
  // From 10.99.0.1 unless another address is given.
  void Hear(const IpAddress& source = Ip("10.99.0.1")) {
    AdvertFrame frame{.source = source, .key = KeepalivedKey("s3cr3t"), .sequence = ++sequence_, .priority = 150};
    if (source != Ip("10.99.0.1")) frame.source_mac = kRogueMac;
    gateway_.Receive(frame.Build());
  }
  std::string Ask(const std::string& line) { return gateway_.Ask(line).body; }
  absl::StatusOr<std::string> Reload() {
    gateway_.services.next_load = LoadResult{config_, {}, {}};
    absl::StatusOr<std::string> result = gateway_.controller.Reload(gateway_.Time());
    gateway_.Turn();
    return result;
  }
  uint64_t drops(DropReason reason) const { return gateway_.shard.drops(reason); }

  Gateway gateway_;
  Config config_;
  uint32_t sequence_ = 0;
};

TEST_F(SendersTest, AdvertsOfABlockedAddressAreDroppedUntilItIsUnblocked) {
  StartBackup();
  EXPECT_THAT(Ask("sender block 10.99.0.9"), HasSubstr("10.99.0.9: blocked until the restart"));
  Hear(Ip("10.99.0.9"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kBlocked), 2u);
  EXPECT_THAT(Ask("show blocks"), testing::ContainsRegex("10.99.0.9 +- +- +command .* 2\n"));
  EXPECT_THAT(Ask("sender unblock 10.99.0.9"), HasSubstr("10.99.0.9: unblocked"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kBlocked), 2u);
  EXPECT_THAT(Ask("show blocks"), HasSubstr("none"));
  // The counter of its place restarts for the next block.
  Ask("sender block 10.99.0.8");
  EXPECT_THAT(Ask("show blocks"), testing::ContainsRegex("10.99.0.8 .* 0\n"));
  EXPECT_THAT(gateway_.Logged("sender"), testing::ElementsAre("blocked 10.99.0.9, by command, until the restart",
                                                              "unblocked 10.99.0.9; 2 frames dropped",
                                                              "blocked 10.99.0.8, by command, until the restart"));
}

TEST_F(SendersTest, ABlockMayNameAMacAnAddressAndAPort) {
  StartBackup();
  EXPECT_THAT(Ask("sender block 02:00:0a:63:00:09"), HasSubstr("mac 02:00:0a:63:00:09: blocked"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kBlocked), 1u);
  Ask("sender unblock 02:00:0a:63:00:09");
  EXPECT_THAT(Ask("sender block 10.99.0.9 port lan mac 02:00:0a:63:00:09"),
              HasSubstr("10.99.0.9 mac 02:00:0a:63:00:09 port lan: blocked"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kBlocked), 2u);
  Hear();
  EXPECT_EQ(drops(DropReason::kBlocked), 2u);
  EXPECT_THAT(Ask("sender unblock 10.99.0.9"),
              HasSubstr("no block has these arguments; the blocks are: 10.99.0.9 mac 02:00:0a:63:00:09 port lan"));
}

TEST_F(SendersTest, InvalidSendersAreRefused) {
  StartBackup();
  EXPECT_THAT(Ask("sender block 10.99.0.2 --force"),
              HasSubstr("10.99.0.2 is our own address, the source_address of instance gw"));
  EXPECT_THAT(Ask("sender block 224.0.0.18"), HasSubstr("a sender must have a unicast address, got '224.0.0.18'"));
  EXPECT_THAT(Ask("sender block rogue"), HasSubstr("an IP address or a station's MAC"));
  EXPECT_THAT(Ask("sender block 01:00:5e:00:00:12"), HasSubstr("an IP address or a station's MAC"));
  EXPECT_THAT(Ask("sender block 00:00:5e:00:01:33"),
              HasSubstr("is a virtual MAC address, from which every master of the VRID sends"));
  EXPECT_THAT(Ask("sender block 10.99.0.9 port wan"), HasSubstr("no port named 'wan'"));
  EXPECT_THAT(Ask("sender block 02:00:0a:63:00:09 mac 02:00:0a:63:00:09"), HasSubstr("with mac, the sender must be"));
  EXPECT_THAT(Ask("sender unblock 10.99.0.9"), HasSubstr("the blocks are: none"));
  Ask("sender block 10.99.0.9");
  EXPECT_THAT(Ask("sender block 10.99.0.9"), HasSubstr("10.99.0.9 is already blocked"));
}

TEST_F(SendersTest, TheNumberOfBlocksIsLimited) {
  StartBackup();
  for (size_t i = 0; i < kMaxBlockedSenders; ++i) {
    EXPECT_THAT(Ask(absl::StrCat("sender block 10.99.1.", i)), HasSubstr("blocked until"));
  }
  EXPECT_THAT(Ask("sender block 10.99.2.1"), HasSubstr("there are already 64 blocks"));
  Ask("sender unblock 10.99.1.30");
  EXPECT_THAT(Ask("sender block 10.99.2.1"), HasSubstr("blocked until"));
}

TEST_F(SendersTest, ABlockOfTheMasterNeedsForce) {
  StartBackup();
  EXPECT_THAT(Ask("sender block 10.99.0.1"), HasSubstr("10.99.0.1 is the master of gw: without its adverts"));
  EXPECT_THAT(Ask("sender block 02:00:0a:63:00:01"), HasSubstr("10.99.0.1 is the master of gw: without its adverts"));
  EXPECT_EQ(gateway_.Logged("sender").size(), 0u);
  EXPECT_THAT(Ask("sender block 10.99.0.1 --force"), HasSubstr("blocked until"));
  gateway_.RunFor(5s);
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->state, State::kMaster);
}

TEST_F(SendersTest, ConfiguredBlocksApplyFromTheFirstFrameAndFollowReloads) {
  Config config = WithInstances({AhInstance()});
  config.blocks = {{.address = Ip("10.99.0.9")}, {.mac = kRogueMac, .port = "lan"}};
  StartBackup(config);
  Ask("sender block 10.99.0.8");
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kBlocked), 1u);
  EXPECT_THAT(Ask("show blocks"), testing::ContainsRegex("configuration.*\n.*configuration.*\n.*command"));
  // Unblocked by command until the file is read again.
  EXPECT_THAT(Ask("sender unblock 10.99.0.9"), HasSubstr("unblocked, until the next reload or restart"));
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(Ask("show blocks"), HasSubstr("10.99.0.9"));
  // A block that was removed from the file is unblocked. A block by command stays.
  config_.blocks.clear();
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(Ask("show blocks"), Not(HasSubstr("configuration")));
  EXPECT_THAT(Ask("show blocks"), HasSubstr("10.99.0.8"));
}

TEST_F(SendersTest, OnlyAllowedSendersAreAccepted) {
  StartBackup();
  EXPECT_THAT(Ask("sender allow gw 10.99.0.3"), HasSubstr("10.99.0.1 is the master of gw"));
  EXPECT_THAT(Ask("sender allow gw 10.99.0.1"),
              HasSubstr("gw: accepts only 10.99.0.1 until the next reload or restart"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kUnlistedSender), 1u);
  Hear();
  EXPECT_EQ(drops(DropReason::kUnlistedSender), 1u);
  EXPECT_THAT(Ask("sender disallow gw 10.99.0.1"), HasSubstr("is the last entry: without it gw accepts every sender"));
  EXPECT_THAT(Ask("sender allow gw 10.99.0.3"), HasSubstr("only 10.99.0.1, 10.99.0.3"));
  EXPECT_THAT(Ask("sender disallow gw 10.99.0.1"), HasSubstr("10.99.0.1 is the master of gw"));
  EXPECT_THAT(Ask("sender disallow gw 10.99.0.3"), HasSubstr("only 10.99.0.1"));
  EXPECT_THAT(Ask("sender disallow gw 10.99.0.3"), HasSubstr("is not on the list: gw accepts only 10.99.0.1"));
  EXPECT_THAT(Ask("sender disallow gw 10.99.0.1 --force"), HasSubstr("gw: accepts every sender"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kUnlistedSender), 1u);
  EXPECT_THAT(Ask("sender allow gw fe80::1"), HasSubstr("of the family of 10.99.0.2, got 'fe80::1'"));
  EXPECT_THAT(Ask("sender allow gw 10.99.0.2"), HasSubstr("another router's address"));
}

TEST_F(SendersTest, AReloadRestoresTheAllowListOfTheFile) {
  Config config = WithInstances({AhInstance()});
  config.instances[0].allowed_senders = {Ip("10.99.0.1")};
  StartBackup(config);
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kUnlistedSender), 1u);
  Ask("sender allow gw 10.99.0.9");
  EXPECT_THAT(
      *Reload(),
      HasSubstr("0 added, 0 removed, 1 changed in place, 0 removed and added"));  // the file's list is in force again
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kUnlistedSender), 2u);
  config_.instances[0].allowed_senders = {};
  EXPECT_THAT(*Reload(), HasSubstr("0 added, 0 removed, 1 changed in place, 0 removed and added"));
  Hear(Ip("10.99.0.9"));
  EXPECT_EQ(drops(DropReason::kUnlistedSender), 2u);
}

}  // namespace
}  // namespace dpvrrp
