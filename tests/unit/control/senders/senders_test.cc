// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: the blocked senders, and the commands to the lcores.
#include "control/senders/senders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SendersPartTest : public ::testing::Test {
 protected:
  static BlockConfig Sender(uint8_t last) {
    BlockConfig sender;
    sender.address = IpAddress::V4(0x0a630000u + last);
    return sender;
  }
  absl::Status Block(const BlockConfig& sender) { return senders_.Block(sender, false, desk_.Time()); }

  PartDesk desk_;
  ShardCounters counters_;
  std::vector<const ShardCounters*> shards_ = {&counters_};
  Senders senders_{desk_.Context(), shards_};
};

TEST_F(SendersPartTest, ABlockIsACommandToTheLcoresAndAnEvent) {
  ASSERT_TRUE(Block(Sender(9)).ok());
  const std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_EQ(commands.size(), 1u);
  const auto& block = std::get<command::Block>(commands[0]);
  EXPECT_EQ(block.place, 0);
  EXPECT_EQ(block.sender.address, Sender(9).address);
  EXPECT_THAT(desk_.Recorded("sender"), ElementsAre("blocked 10.99.0.9, by command, until the restart"));
  EXPECT_EQ(senders_.blocks()[0]->since_unix_ms, desk_.Time().unix_ms);
}

TEST_F(SendersPartTest, ASenderIsBlockedOnce) {
  ASSERT_TRUE(Block(Sender(9)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Block(Sender(9))));
}

TEST_F(SendersPartTest, OurOwnAddressesCannotBeBlocked) {
  BlockConfig port;
  port.mac = desk_.registry.ports()[0].mac;
  EXPECT_TRUE(absl::IsInvalidArgument(Block(port)));
  InstanceConfig instance;
  instance.name = "gw";
  instance.source_address = Sender(2).address;
  desk_.registry.config().instances = {instance};
  EXPECT_TRUE(absl::IsInvalidArgument(Block(Sender(2))));
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
}

TEST_F(SendersPartTest, APortMustExist) {
  BlockConfig sender = Sender(9);
  sender.port = "dmz";
  EXPECT_TRUE(absl::IsNotFound(Block(sender)));
  sender.port = "wan";
  EXPECT_TRUE(Block(sender).ok());
  EXPECT_EQ(std::get<command::Block>(desk_.TakeCommands()[0]).sender.port, PortId(1));
}

TEST_F(SendersPartTest, TheTableIsBounded) {
  for (size_t i = 0; i < kMaxBlockedSenders; ++i) ASSERT_TRUE(Block(Sender(static_cast<uint8_t>(i + 1))).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Block(Sender(200))));
}

TEST_F(SendersPartTest, ABlockCountsItsOwnFramesOnly) {
  ASSERT_TRUE(Block(Sender(8)).ok());
  counters_.blocked[0].Add(3);
  EXPECT_EQ(senders_.BlockedFrames(0), 3u);
  EXPECT_TRUE(senders_.Unblock(Sender(8), desk_.Time()));
  EXPECT_EQ(desk_.Recorded("sender").back(), "unblocked 10.99.0.8; 3 frames dropped");
  ASSERT_TRUE(Block(Sender(9)).ok());
  EXPECT_EQ(senders_.BlockedFrames(0), 0u);
}

TEST_F(SendersPartTest, UnblockingAnotherSenderChangesNothing) {
  EXPECT_FALSE(senders_.Unblock(Sender(9), desk_.Time()));
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
}

TEST_F(SendersPartTest, AConfigurationReplacesItsOwnBlocksOnly) {
  ASSERT_TRUE(Block(Sender(7)).ok());
  desk_.registry.config().blocks = {Sender(8)};
  EXPECT_THAT(senders_.OnConfiguration(desk_.Time()), IsEmpty());
  EXPECT_TRUE(senders_.blocks()[1]->configured);

  desk_.registry.config().blocks = {Sender(9)};
  EXPECT_THAT(senders_.OnConfiguration(desk_.Time()), IsEmpty());
  EXPECT_EQ(senders_.blocks()[0]->sender, Sender(7));
  EXPECT_EQ(senders_.blocks()[1]->sender, Sender(9));
  EXPECT_FALSE(senders_.blocks()[2].has_value());
}

TEST_F(SendersPartTest, AConfiguredBlockThatFailsIsReported) {
  BlockConfig sender = Sender(9);
  sender.port = "dmz";
  desk_.registry.config().blocks = {sender, Sender(8)};
  EXPECT_THAT(senders_.OnConfiguration(desk_.Time()), ElementsAre("no port named 'dmz'"));
  EXPECT_THAT(desk_.Recorded("sender"),
              ElementsAre("not blocked: no port named 'dmz'", "blocked 10.99.0.8, by the configuration"));
}

}  // namespace
}  // namespace dpvrrp
