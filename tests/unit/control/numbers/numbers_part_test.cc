// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: records, reservations, and the effect of a VRID move on them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ah/continuity.h"
#include "control/numbers/numbers.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NumbersPartTest : public testing::Test {
 protected:
  ManagedInstance& Start(const InstanceConfig& config = AhInstance()) {
    const absl::StatusOr<Numbers::Acquired> acquired = numbers_.Acquire(config, desk_.Time());
    EXPECT_TRUE(acquired.ok());
    ManagedInstance& instance = desk_.Add(config);
    numbers_.Assign(instance, *acquired);
    numbers_.OnRouterSent(instance.id);
    numbers_.SendPending(instance);
    return instance;
  }
  void DiskAnswers() { numbers_.OnRecordsWritten(std::exchange(desk_.outbox.write_records, 0)); }
  SequenceRecord& Record(const std::string& key) { return desk_.services.records[key]; }

  PartDesk desk_;
  Numbers numbers_{desk_.Context()};
};

TEST_F(NumbersPartTest, AnLcoreGetsItsReservationWhenTheDiskHasIt) {
  Start();
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  EXPECT_NE(desk_.outbox.write_records, 0u);
  DiskAnswers();
  const std::vector<ShardCommand> commands = desk_.TakeCommands();
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(std::get<command::AllowNumbers>(commands[0]).up_to, kReserveAhead);
  EXPECT_EQ(Record("lan/0.0/4/51").reserved, kReserveAhead);
}

TEST_F(NumbersPartTest, AnInstanceWithoutAuthenticationNeedsNoRecord) {
  InstanceConfig config = AhInstance();
  config.auth = {};
  const absl::StatusOr<Numbers::Acquired> acquired = numbers_.Acquire(config, desk_.Time());
  ASSERT_TRUE(acquired.ok());
  EXPECT_EQ(acquired->record, nullptr);
  EXPECT_EQ(desk_.outbox.write_records, 0u);
}

TEST_F(NumbersPartTest, NumbersAreReservedAgainAsTheyAreUsed) {
  Start();
  DiskAnswers();
  desk_.TakeCommands();
  numbers_.Reserve(desk_.Time());
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  Record("lan/0.0/4/51").sent = kReserveAhead - 1;
  desk_.now = numbers_.NextDeadline();
  numbers_.OnTime(desk_.Time());
  DiskAnswers();
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::AllowNumbers>()));
  EXPECT_GT(numbers_.NextDeadline(), desk_.now);
}

TEST_F(NumbersPartTest, AnotherRecordDropsWhatWaitsForTheFormerOne) {
  ManagedInstance& instance = Start();
  EXPECT_TRUE(numbers_.Assign(instance, {&Record("another"), 0}));
  EXPECT_FALSE(numbers_.IsWithLcore(instance.id));
  DiskAnswers();
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  numbers_.OnRouterSent(instance.id);
  EXPECT_TRUE(numbers_.IsWithLcore(instance.id));
  EXPECT_FALSE(numbers_.Assign(instance, {&Record("another"), 0}));
}

TEST_F(NumbersPartTest, TheTimeOfTheRouterIsRecorded) {
  ManagedInstance& instance = Start();
  EXPECT_EQ(Record("lan/0.0/4/51").left_at, 0u);
  numbers_.OnRetired(instance, desk_.Time());
  EXPECT_EQ(Record("lan/0.0/4/51").left_at, desk_.Time().unix_ms / 1000);
}

TEST_F(NumbersPartTest, WithAhAMoveBeginsWhenTheDiskHasTheNextVridsNumbers) {
  ManagedInstance& instance = Start();
  DiskAnswers();
  desk_.TakeCommands();
  Record("lan/0.0/4/61").sent = 5000;
  const absl::StatusOr<Numbers::Next> next = numbers_.PrepareNext(instance, Vrid(61));
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->sequence, 5000u);
  const command::SpeakNextVrid speak{.router = instance.router, .vrid = Vrid(61)};
  numbers_.BeginNext(instance, Vrid(61), *next, speak, desk_.Time());
  EXPECT_FALSE(numbers_.HasBegunNext(instance));
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  DiskAnswers();
  EXPECT_TRUE(numbers_.HasBegunNext(instance));
  EXPECT_THAT(desk_.TakeCommands(),
              ElementsAre(IsCommand<command::AllowNumbers>(), IsCommand<command::SpeakNextVrid>()));
}

TEST_F(NumbersPartTest, AMoveThatHasNotBegunIsCancelledWithoutACommand) {
  ManagedInstance& instance = Start();
  const absl::StatusOr<Numbers::Next> next = numbers_.PrepareNext(instance, Vrid(61));
  const command::SpeakNextVrid speak{.router = instance.router, .vrid = Vrid(61)};
  numbers_.BeginNext(instance, Vrid(61), *next, speak, desk_.Time());
  EXPECT_TRUE(numbers_.CancelNext(instance));
  EXPECT_FALSE(numbers_.CancelNext(instance)) << "nothing waits now";
}

TEST_F(NumbersPartTest, AfterAMoveTheRecordIsKeptUnderTheNewVrid) {
  ManagedInstance& instance = Start();
  Record("lan/0.0/4/51").sent = 700;
  instance.config.vrid = Vrid(61);
  numbers_.AdoptNext(instance, Vrid(51), desk_.Time());
  EXPECT_EQ(Record("lan/0.0/4/61").sent, 700u);
  EXPECT_GT(Record("lan/0.0/4/51").sent, 700u) << "the old VRID keeps the numbers, and a reserve";
}

TEST_F(NumbersPartTest, TheEndOfTheNumbersIsRecordedWithTheDaysThatAreLeft) {
  ManagedInstance& instance = Start();
  numbers_.OnNumbersLow(instance, 86400 * 3, desk_.Time().unix_ms);
  EXPECT_THAT(desk_.Recorded("sequence"), ElementsAre(testing::HasSubstr("3 days")));
}

TEST_F(NumbersPartTest, AForgottenInstanceHasNoRecord) {
  const InstanceId id = Start().id;
  EXPECT_NE(numbers_.RecordOf(id), nullptr);
  numbers_.Forget(id);
  EXPECT_EQ(numbers_.RecordOf(id), nullptr);
}

}  // namespace
}  // namespace dpvrrp
