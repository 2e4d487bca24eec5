// SPDX-License-Identifier: BSD-3-Clause
//
// What `diagnose` says if it finds nothing: which gateways are heard, and which instances hear none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "control/rogues/diagnosis/looked_at.h"
#include "unit/control/rogues/lan.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(NothingSuspiciousTest, ListsTheGatewaysThatAreHeardWithTheTime) {
  Lan lan(Plain());
  lan.Speak(5, [](uint32_t) { return AdvertFrame{}; });
  const std::string text = lan.gateway.Ask("diagnose").body;
  EXPECT_THAT(text, AllOf(HasSubstr("nothing suspicious: checked 1 sender, 1 instance, 1 port"),
                          HasSubstr("heard:  10.99.0.1 (02:00:0a:63:00:01) by gw on lan, priority 150, since 20"),
                          Not(HasSubstr("silent:"))));
}

TEST(NothingSuspiciousTest, ListsSilentSegmentsAndTheGatewayHeardLast) {
  Lan lan(Plain());
  lan.gateway.RunFor(5s);
  EXPECT_THAT(lan.gateway.Ask("diagnose").body,
              AllOf(HasSubstr("silent: gw on lan, Master since"), HasSubstr("no other gateway was heard since")));
  lan.Speak(3, [](uint32_t) { return AdvertFrame{}; });
  lan.gateway.RunFor(10s);
  EXPECT_THAT(lan.gateway.Ask("diagnose").body, HasSubstr("last heard 10.99.0.1 (02:00:0a:63:00:01) at 20"));
}

// If senders were evicted, the master of a backup may be one of them: it may well be heard.
TEST(NothingSuspiciousTest, ABackupIsNotCalledSilentIfItsMasterMayHaveLostItsPlace) {
  const InstanceConfig config = Plain();
  Observed observed;
  observed.instances.emplace_back().config = &config;
  observed.instances.back().state = State::kBackup;
  const auto text = [&] {
    return diagnosis::LookedAt(
        observed, [](const WatchedInstance&) { return true; }, [](Instant) { return "then"; });
  };
  EXPECT_THAT(text(), AllOf(HasSubstr("silent: gw"), Not(HasSubstr("full:"))));
  observed.crowded_out = 7;
  EXPECT_THAT(text(), AllOf(HasSubstr("full:   1 backup without a recorded master: a worker records 2048 senders, "
                                      "and 7 lost their places"),
                            Not(HasSubstr("silent:"))));
  observed.instances.back().state = State::kMaster;  // of a cut cable
  EXPECT_THAT(text(), AllOf(HasSubstr("silent: gw"), Not(HasSubstr("full:"))));
}

// Thousands of silent instances are not thousands of lines.
TEST(NothingSuspiciousTest, IsShortWithThousandsOfInstances) {
  Lan lan(WithInstances(ManyInstances()));
  lan.gateway.RunFor(5s);
  const std::string text = lan.gateway.Ask("diagnose").body;
  EXPECT_THAT(text, HasSubstr("checked 0 senders, 4080 instances, 16 ports"));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 24);
}

}  // namespace
}  // namespace dpvrrp
