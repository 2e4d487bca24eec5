// SPDX-License-Identifier: BSD-3-Clause
//
// While the disk does not answer, the controller does all work that does not depend on it.
#include "control/numbers/after_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ah/continuity.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::VariantWith;

class AfterDiskTest : public testing::Test {
 protected:
  // Two placeholders for routers. Their contents are not read.
  VirtualRouter* const kOne = reinterpret_cast<VirtualRouter*>(uintptr_t{1});
  VirtualRouter* const kTwo = reinterpret_cast<VirtualRouter*>(uintptr_t{2});

  AfterDisk after_disk_;
};

TEST_F(AfterDiskTest, CommandsWaitForTheirGenerationAndKeepTheirOrder) {
  after_disk_.Hold(command::SpeakNextVrid{.router = kOne, .vrid = Vrid(61)}, 3);
  after_disk_.Hold(command::AllowNumbers{kTwo, 900}, 5);
  EXPECT_THAT(after_disk_.Release(2), IsEmpty());
  EXPECT_THAT(after_disk_.Release(4), ElementsAre(VariantWith<command::SpeakNextVrid>(_)));
  EXPECT_THAT(after_disk_.Release(5), ElementsAre(VariantWith<command::AllowNumbers>(_)));
}

TEST_F(AfterDiskTest, NumbersAreReservedWhenTheCommandIsReleased) {
  SequenceRecord record{.wanted = 900};
  after_disk_.Hold(command::AllowNumbers{kOne, 900}, 1, &record);
  EXPECT_EQ(record.reserved, 0u);
  after_disk_.Release(1);
  EXPECT_EQ(record.reserved, 900u);
}

TEST_F(AfterDiskTest, ARouterThatIsRemovedWaitsForNothing) {
  after_disk_.Hold(command::SpeakNextVrid{.router = kOne, .vrid = Vrid(61)}, 1);
  after_disk_.Hold(command::SpeakNextVrid{.router = kTwo, .vrid = Vrid(61)}, 1);
  after_disk_.Drop(kOne);
  EXPECT_FALSE(after_disk_.HoldsMove(kOne));
  EXPECT_TRUE(after_disk_.HoldsMove(kTwo));
  EXPECT_THAT(after_disk_.Release(1), SizeIs(1));
}

class FrozenDiskTest : public testing::Test {
 protected:
  std::vector<uint32_t> RunFor(Nanoseconds time) { return NumbersOf(gateway_.RunFor(time)); }

  Gateway gateway_;
  SequenceRecord& record_ = gateway_.services.records["lan/0.0/4/51"];
};

TEST_F(FrozenDiskTest, AMasterContinuesWithTheReservedNumbers) {
  gateway_.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(RunFor(4500ms), SizeIs(1));
  record_.sent = kReserveAhead - 120;
  gateway_.disk_answers = false;
  EXPECT_THAT(RunFor(100s), SizeIs(100));
  EXPECT_EQ(record_.reserved, kReserveAhead) << "more numbers are requested, and not reserved";
  EXPECT_GT(record_.wanted, kReserveAhead);
  EXPECT_THAT(RunFor(100s), SizeIs(20)) << "up to the last reserved number";
  gateway_.disk_answers = true;
  EXPECT_THAT(RunFor(10s), SizeIs(Ge(10u)));
}

TEST_F(FrozenDiskTest, ARestartContinuesWithTheReservedNumbers) {
  record_ = {.sent = 41, .reserved = kReserveAhead, .wanted = kReserveAhead};
  gateway_.disk_answers = false;
  gateway_.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(RunFor(5500ms), ElementsAre(42, 43));
}

TEST_F(FrozenDiskTest, ANewInstanceWaitsWithoutDelayingTheOthers) {
  gateway_.Start(WithInstances({AhInstance()}));
  RunFor(4500ms);
  gateway_.disk_answers = false;
  gateway_.services.next_load = LoadResult{WithInstances({AhInstance(), AhInstance("new", 9)}), {}, {}};
  ASSERT_TRUE(gateway_.controller.Reload(gateway_.Time()).ok());
  EXPECT_THAT(RunFor(10s), SizeIs(10)) << "adverts of the old instance";
  gateway_.Ask("set instance gw priority 77");
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->priority, Priority(77));
  gateway_.disk_answers = true;
  EXPECT_THAT(RunFor(10s), SizeIs(Ge(19u)));
}

TEST_F(FrozenDiskTest, AShutdownDoesNotWaitForTheDisk) {
  gateway_.Start(WithInstances({AhInstance()}));
  RunFor(4500ms);
  gateway_.disk_answers = false;
  record_.sent = kReserveAhead - 2;
  gateway_.services.next_load = LoadResult{WithInstances({AhInstance(), AhInstance("new", 9)}), {}, {}};
  ASSERT_TRUE(gateway_.controller.Reload(gateway_.Time()).ok());
  gateway_.Ask("vrid migrate gw 61");
  gateway_.controller.Shutdown(gateway_.Time());
  gateway_.Turn();
  EXPECT_TRUE(gateway_.controller.Finished());
}

// Numbers that are used under both VRIDs must be recorded under both.
TEST_F(FrozenDiskTest, AVridMoveBeginsWhenTheDiskHasItsRecord) {
  gateway_.Start(WithInstances({AhInstance()}));
  RunFor(4500ms);
  gateway_.disk_answers = false;
  gateway_.Ask("vrid migrate gw 61");
  gateway_.RunFor(2s);
  EXPECT_THAT(gateway_.moves, IsEmpty());
  EXPECT_THAT(gateway_.Ask("vrid finish gw").body, HasSubstr("has not begun"));
  EXPECT_EQ(gateway_.controller.view().moves.NextOf(gateway_.controller.FindInstance("gw")->id), Vrid(61));
  gateway_.disk_answers = true;
  gateway_.RunFor(2s);
  EXPECT_THAT(gateway_.moves, SizeIs(1));
}

TEST_F(FrozenDiskTest, AMoveThatHasNotBegunCanBeAborted) {
  gateway_.Start(WithInstances({AhInstance()}));
  RunFor(4500ms);
  gateway_.disk_answers = false;
  gateway_.Ask("vrid migrate gw 61");
  gateway_.Ask("vrid abort gw");
  gateway_.disk_answers = true;
  EXPECT_THAT(RunFor(2s), SizeIs(2));
  EXPECT_THAT(gateway_.moves, IsEmpty());
}

TEST_F(FrozenDiskTest, NewsOfTheDiskAreEvents) {
  gateway_.controller.OnStateNews(true, "the disk has not answered", gateway_.Time());
  EXPECT_THAT(gateway_.Logged("state"), ElementsAre("the disk has not answered"));
}

}  // namespace
}  // namespace dpvrrp
