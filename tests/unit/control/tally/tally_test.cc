// SPDX-License-Identifier: BSD-3-Clause
#include "control/tally/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class TallyTest : public testing::Test {
 protected:
  PartDesk desk_;
  ShardCounters one_, two_;
  const std::vector<const ShardCounters*> shards_ = {&one_, &two_};
  uint64_t transitions_ = 0;
  Tally tally_{desk_.Context(), shards_, transitions_};
};

TEST_F(TallyTest, TotalsAreThoseOfAllWorkers) {
  one_.frames_received.Add(5);
  two_.frames_received.Add(7);
  one_.drops[static_cast<size_t>(DropReason::kBadIcv)].Add(2);
  two_.drops[static_cast<size_t>(DropReason::kBlocked)].Add(1);
  EXPECT_EQ(tally_.TotalsNow().received, 12u);
  EXPECT_EQ(tally_.TotalsNow().not_accepted, 3u);
}

TEST_F(TallyTest, AClearingBeginsAtZeroAndLeavesTheCountersAlone) {
  one_.adverts_sent.Add(100);
  transitions_ = 4;
  tally_.Clear(desk_.Time());
  EXPECT_EQ(tally_.TotalsNow().sent, 0u);
  EXPECT_EQ(tally_.TotalsNow().transitions, 0u);
  one_.adverts_sent.Add(3);
  transitions_ = 5;
  EXPECT_EQ(tally_.TotalsNow().sent, 3u);
  EXPECT_EQ(tally_.TotalsNow().transitions, 1u);
  EXPECT_EQ(one_.adverts_sent.value(), 103u);
  EXPECT_EQ(tally_.cleared_unix_ms(), desk_.Time().unix_ms);
}

TEST_F(TallyTest, AnInstanceCountsFromTheClearingToo) {
  ManagedInstance& instance = desk_.Add(AhInstance());
  VirtualRouterCounters& counters = instance.router->counters;
  counters.adverts_received.Add(9);
  counters.drops[static_cast<size_t>(DropReason::kBadIcv)].Add(6);
  counters.remarks[0].Add(1);
  tally_.Clear(desk_.Time());
  EXPECT_EQ(tally_.CountsOf(instance), InstanceCounts{});
  counters.adverts_received.Add(1);
  counters.drops[static_cast<size_t>(DropReason::kBadIcv)].Add(2);
  EXPECT_EQ(tally_.CountsOf(instance).adverts_received, 1u);
  EXPECT_EQ(tally_.CountsOf(instance).dropped(), 2u);
  tally_.Forget(instance.id);
  EXPECT_EQ(tally_.CountsOf(instance).adverts_received, 10u);
}

TEST_F(TallyTest, ARateIsTheMeanOfTheLatestSeconds) {
  EXPECT_EQ(tally_.RatesNow().received, 0);
  for (int second = 0; second < 20; ++second) {
    tally_.Sample(desk_.Time());
    one_.frames_received.Add(second < 10 ? 1000 : 50);
    desk_.now += 1s;
  }
  EXPECT_DOUBLE_EQ(tally_.RatesNow().received, 50);
  tally_.Clear(desk_.Time());
  EXPECT_DOUBLE_EQ(tally_.RatesNow().received, 50);
}

TEST_F(TallyTest, AStepOfTheClockMakesNoShortSample) {
  tally_.Sample(desk_.Time());
  desk_.now += 1ms;
  one_.frames_received.Add(1);
  tally_.Sample(desk_.Time());
  EXPECT_EQ(tally_.RatesNow().received, 0);
}

TEST(ClearCountersTest, EveryReportCountsFromNow) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  AdvertFrame frame;
  frame.key = KeepalivedKey("wrong");
  gateway.Receive(frame.Build());
  gateway.RunFor(5s);
  EXPECT_THAT(gateway.Ask("show status --json").body, HasSubstr(R"("counters_cleared":null)"));
  ASSERT_EQ(gateway.Ask("clear counters").status, Answer::Status::kOk);
  EXPECT_THAT(gateway.Ask("show instances --json").body, HasSubstr(R"("received":0,"sent":0,"dropped":0)"));
  EXPECT_THAT(gateway.Ask("show segments --json").body, HasSubstr(R"("received":0,"sent":0,"dropped":0)"));
  EXPECT_THAT(gateway.Ask("show instance gw --json").body, HasSubstr(R"("became_master":0)"));
  EXPECT_THAT(gateway.Ask("show instance gw --json").body, HasSubstr(R"("drops":[])"));
  EXPECT_THAT(gateway.Ask("show drops where frames>0 --json").body, HasSubstr("[]"));
  const std::string status = gateway.Ask("show status --json").body;
  EXPECT_THAT(status, HasSubstr(R"("transitions":0)"));
  EXPECT_THAT(status, HasSubstr(R"("adverts_sent":0,"frames_not_accepted":0,"counters_cleared":"20)"));
  gateway.RunFor(2s);
  EXPECT_THAT(gateway.Ask("show instances --json").body, HasSubstr(R"("sent":2,)"));
  EXPECT_THAT(gateway.Ask("show instances --json").body, Not(HasSubstr(R"("age_seconds":-)")));
}

}  // namespace
}  // namespace dpvrrp
