// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: when the watches are read, and which faults are recorded. diagnose_test.cc tests what a fault is.
#include "control/rogues/rogues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RoguesTest : public ::testing::Test {
 protected:
  static Finding Found(Verdict verdict, uint8_t last = 9) {
    Finding finding;
    finding.verdict = verdict;
    finding.culprit.source = IpAddress::V4(0x0a630000u + last);
    finding.key = KeyKnown::kWrong;
    finding.sentence = "it does so";
    return finding;
  }
  void Follow(const std::vector<Finding>& findings) { rogues_.Follow(findings, desk_.Time()); }
  bool LookIsDue() {
    rogues_.OnTime(desk_.Time());
    return rogues_.TakeLook();
  }

  PartDesk desk_;
  Rogues rogues_{desk_.Context()};
};

TEST_F(RoguesTest, NothingIsLookedAtBeforeTheStart) {
  EXPECT_EQ(rogues_.NextDeadline(), kNever);
  EXPECT_FALSE(LookIsDue());
}

TEST_F(RoguesTest, ALookIsDueOnceAndAgainAfterAMinute) {
  rogues_.LookSoon(desk_.Time());
  EXPECT_EQ(rogues_.NextDeadline(), desk_.now + Rogues::kLookSoon);
  desk_.now += Rogues::kLookSoon;
  EXPECT_TRUE(LookIsDue());
  EXPECT_FALSE(LookIsDue());
  EXPECT_EQ(rogues_.NextDeadline(), desk_.now + Rogues::kLookAnyway);
}

TEST_F(RoguesTest, WhileAFaultLastsTheLooksAreMoreFrequent) {
  Follow({Found(Verdict::kEqualPriorities)});
  EXPECT_EQ(rogues_.NextDeadline(), desk_.now + Rogues::kLookAgain);
  desk_.now += Rogues::kLookAgain;
  EXPECT_TRUE(LookIsDue());
  EXPECT_EQ(rogues_.NextDeadline(), desk_.now + Rogues::kLookAgain);
}

TEST_F(RoguesTest, AFaultIsRecordedWhenItBeginsAndWhenItIsOver) {
  Follow({Found(Verdict::kEqualPriorities)});
  Follow({Found(Verdict::kEqualPriorities)});
  Follow({});
  Follow({});
  EXPECT_THAT(desk_.Recorded("rogue"),
              ElementsAre("equal-priorities: it does so; see diagnose",
                          "equal-priorities: over, 10.99.0.9 has not been seen at it for 60 s"));
}

TEST_F(RoguesTest, AFaultOfOursHasAKindOfItsOwn) {
  Follow({Found(Verdict::kPortDown)});
  Follow({});
  EXPECT_THAT(desk_.Recorded("diagnosis"), ElementsAre("port-down: it does so; see diagnose", "port-down: over"));
  EXPECT_THAT(desk_.Recorded("rogue"), IsEmpty());
}

TEST_F(RoguesTest, AQuietVerdictIsNotRecorded) {
  Follow({Found(Verdict::kUnconfiguredVrid)});
  EXPECT_THAT(desk_.journal.events().events(), IsEmpty());
  EXPECT_EQ(rogues_.NextDeadline(), kNever);
}

TEST_F(RoguesTest, ThousandsOfForgedSendersDoNotFillTheLog) {
  std::vector<Finding> many;
  for (uint8_t i = 0; i < 20; ++i) many.push_back(Found(Verdict::kEqualPriorities, i));
  Follow(many);
  ASSERT_THAT(desk_.Recorded("rogue"), SizeIs(Rogues::kRecordedAMinute + 1));
  EXPECT_EQ(desk_.Recorded("rogue").back(), "and 4 more; see show rogues");
  Follow(many);
  EXPECT_THAT(desk_.Recorded("rogue"), SizeIs(Rogues::kRecordedAMinute + 1));

  many.push_back(Found(Verdict::kEqualPriorities, 99));
  many.back().key = KeyKnown::kRight;  // a sender with the key is always recorded
  Follow(many);
  EXPECT_THAT(desk_.Recorded("rogue"), SizeIs(Rogues::kRecordedAMinute + 2));

  desk_.now += 1min;
  Follow(many);
  EXPECT_THAT(desk_.Recorded("rogue"), SizeIs(Rogues::kRecordedAMinute + 6));
}

TEST_F(RoguesTest, AnEventNamesTheInstance) {
  desk_.Add(AhInstance("gw"));
  Finding finding = Found(Verdict::kEqualPriorities);
  finding.instance = "gw";
  Follow({finding});
  EXPECT_EQ(desk_.journal.events().events().back().instance, "gw");
}

}  // namespace
}  // namespace dpvrrp
