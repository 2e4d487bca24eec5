// SPDX-License-Identifier: BSD-3-Clause
#include "control/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes MasterAdvert(uint32_t sequence, uint8_t priority) {
  AdvertFrame frame;
  frame.key = KeepalivedKey("s3cr3t");
  frame.sequence = sequence;
  frame.priority = priority;
  return frame.Build();
}

TEST(CommandsTest, EveryCommandHasHelp) {
  for (const CommandSpec& spec : AllCommands()) EXPECT_FALSE(spec.help.empty()) << spec.pattern;
  Gateway gateway;
  const std::string help = gateway.Ask("help").body;
  for (const CommandSpec& spec : AllCommands()) EXPECT_THAT(help, HasSubstr(std::string(spec.pattern)));
  EXPECT_THAT(gateway.Ask("help show").body, ::testing::Not(HasSubstr("resign")));
}

TEST(CommandsTest, NonsenseIsAUsageError) {
  Gateway gateway;
  EXPECT_EQ(gateway.Ask("dance").status, Answer::Status::kUsage);
  EXPECT_EQ(gateway.Ask("").status, Answer::Status::kUsage);
  EXPECT_EQ(gateway.Ask("show instance").status, Answer::Status::kUsage);
}

TEST(CommandsTest, ShowInstanceShowsTheMasterAndTheTimers) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.Receive(MasterAdvert(41, 150));
  gateway.RunFor(1s);
  const std::string body = gateway.Ask("show instance gw --json").body;
  EXPECT_THAT(body, HasSubstr(R"("state":"Backup")"));
  EXPECT_THAT(body, HasSubstr(R"("master":"10.99.0.1")"));
  EXPECT_THAT(body, HasSubstr(R"("master_priority":150)"));
  EXPECT_THAT(body, HasSubstr(R"("master_down_timer_seconds":2.609)"));
  EXPECT_THAT(body, HasSubstr(R"("sequence_heard":41)"));
  EXPECT_THAT(body,
              HasSubstr(R"("senders":[{"address":"10.99.0.1","sequence":41,"accepted":1,"silent_seconds":1.0}])"));
}

TEST(CommandsTest, ShowStatusCountsStatesAndTransitions) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("a", 1), AhInstance("b", 2)}));
  EXPECT_THAT(gateway.Ask("show status --json").body,
              HasSubstr(R"("master":0,"backup":2,"initialize":0,"fault":0,"not_started":0,"transitions":2)"));
  gateway.RunFor(4s);
  EXPECT_THAT(gateway.Ask("show status --json").body,
              HasSubstr(R"("master":2,"backup":0,"initialize":0,"fault":0,"not_started":0,"transitions":4)"));
}

TEST(CommandsTest, ShowPortsSaysWhatTheKernelSelects) {
  Gateway gateway;
  PortStatus shared, wide, none;
  shared.kernel = wide.kernel = "shared";
  shared.kernel_instructions = 80;
  wide.kernel_widened = "ARP, IPv6 AH";
  none.kernel = "none";
  gateway.services.ports = {shared, wide, none};
  gateway.Start(WithInstances({AhInstance("a", 1)}));
  const std::string body = gateway.Ask("show ports --json").body;
  EXPECT_THAT(body, HasSubstr(R"("kernel":"shared","instructions":80,"widened":null,)"));
  EXPECT_THAT(body, HasSubstr(R"("kernel":"shared","instructions":0,"widened":"ARP, IPv6 AH",)"));
  EXPECT_THAT(body, HasSubstr(R"("kernel":"none","instructions":null,"widened":null,)"));
}

TEST(CommandsTest, ShowTwinHasARowForEachTwin) {
  Gateway gateway;
  PortStatus lan, wan;
  lan.name = "lan";
  lan.kernel = "twin";
  lan.twin = TwinStatus{.interface = "gw0",
                        .link = true,
                        .mtu = 1400,
                        .promiscuous = false,
                        .up = 7,
                        .up_dropped = 1,
                        .up_refused = 2,
                        .down = 8,
                        .down_dropped = 3,
                        .down_too_long = 4,
                        .down_missed = 5};
  gateway.services.ports = {lan, wan};
  gateway.Start(WithInstances({AhInstance("a", 1)}));
  EXPECT_EQ(gateway.Ask("show twin --json").body,
            R"([{"interface":"gw0","port":"lan","driver":"tap","link":"up","mtu":1400,"promiscuous":false,"up":7,)"
            R"("up_dropped":1,"up_refused":2,"down":8,"down_dropped":3,"down_too_long":4,"down_missed":5}])"
            "\n");
  const std::string ports = gateway.Ask("show ports --json").body;
  EXPECT_THAT(ports, HasSubstr(R"("twin":"gw0")"));
  EXPECT_THAT(ports, HasSubstr(R"("twin":null)"));
}

TEST(CommandsTest, ShowInstancesHasARowForEachInstance) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("a", 1), AhInstance("b", 2)}));
  const std::string body = gateway.Ask("show instances").body;
  EXPECT_THAT(body, HasSubstr("a "));
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 3);
}

TEST(CommandsTest, ShowInstancesTakesFilters) {
  Gateway gateway;
  InstanceConfig tagged = AhInstance("c", 3);
  tagged.vlan = {100, 0};
  tagged.port = "lan1";
  gateway.Start(WithInstances({AhInstance("a", 1), AhInstance("b", 2), tagged}));
  gateway.RunFor(4s);
  ASSERT_EQ(gateway.Ask("resign b").status, Answer::Status::kOk);
  const auto names = [&](const std::string& filter) {
    std::string found;
    const std::string body = gateway.Ask("show instances " + filter + " --json").body;
    for (const char* name : {"a", "b", "c"}) {
      if (absl::StrContains(body, absl::StrCat(R"("name":")", name))) found += name;
    }
    return found;
  };
  EXPECT_EQ(names(""), "abc");
  EXPECT_EQ(names("state master"), "ac");
  EXPECT_EQ(names("state Backup port lan"), "b");
  EXPECT_EQ(names("port lan1"), "c");
  EXPECT_EQ(names("vlan 100 state master"), "c");
  EXPECT_EQ(names("vlan -"), "ab");
  EXPECT_EQ(names("vlan 101"), "");
  EXPECT_THAT(gateway.Ask("show instances state broken").body,
              HasSubstr("state must be Master, Backup, Initialize or Fault, got 'broken'"));
  EXPECT_THAT(gateway.Ask("show instances port wan").body, HasSubstr("no port named 'wan'"));
  EXPECT_EQ(gateway.Ask("complete show instances vlan ").body, "-\n100\n");
  EXPECT_EQ(gateway.Ask("complete show instances state ").body, "Backup\nFault\nInitialize\nMaster\n");
}

TEST(CommandsTest, ShowSegmentsSumsUp) {
  Gateway gateway;
  InstanceConfig tagged = AhInstance("c", 3);
  tagged.vlan = {100, 7};
  gateway.Start(WithInstances({AhInstance("a", 1), AhInstance("b", 2), tagged}));
  gateway.RunFor(4s);
  ASSERT_EQ(gateway.Ask("resign b").status, Answer::Status::kOk);
  EXPECT_EQ(
      gateway.Ask("show segments --json").body,
      R"([{"port":"lan","vlan":"-","instances":2,"master":1,"backup":1,"initialize":0,"fault":0,"received":0,"sent":3,)"
      R"("dropped":0},{"port":"lan","vlan":"100.7","instances":1,"master":1,"backup":0,"initialize":0,"fault":0,)"
      R"("received":0,"sent":1,"dropped":0}])"
      "\n");
}

TEST(CommandsTest, ShowDropsPutsNonzeroReasonsFirst) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  AdvertFrame frame;
  frame.key = KeepalivedKey("wrong");
  gateway.Receive(frame.Build());
  EXPECT_THAT(gateway.Ask("show drops --json").body, ::testing::StartsWith(R"([{"reason":"bad-icv","frames":1,)"));
}

TEST(CommandsTest, SetPriorityNamesValueAndRule) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  for (const char* bad : {"0", "255", "256", "-1", "high"}) {
    const Answer answer = gateway.Ask(std::string("set instance gw priority ") + bad);
    EXPECT_EQ(answer.status, Answer::Status::kError);
    EXPECT_THAT(answer.body, HasSubstr(std::string("1..254, got '") + bad + "'"));
  }
  EXPECT_THAT(gateway.Ask("set instance nobody priority 5").body, HasSubstr("no instance named 'nobody'"));
  EXPECT_EQ(gateway.Ask("set instance gw priority 254").status, Answer::Status::kOk);
}

TEST(CommandsTest, AMasterResignsAndTakesOverAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(gateway.Ask("resign gw").body, HasSubstr("is Backup, not Master"));
  gateway.RunFor(4s);
  EXPECT_EQ(gateway.Ask("resign gw").status, Answer::Status::kOk);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kBackup);
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  gateway.Receive(MasterAdvert(100, 90));  // a master of lower priority: obeyed, because we resigned
  EXPECT_EQ(gateway.Ask("takeover gw").status, Answer::Status::kOk);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->state, State::kMaster);
}

TEST(CommandsTest, TakeoverFromABetterMasterIsRefused) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.Receive(MasterAdvert(1, 150));
  const Answer answer = gateway.Ask("takeover gw");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, HasSubstr("master 10.99.0.1 has priority 150 against our 100"));
}

TEST(CommandsTest, FollowersGetEachEventUntilTheyDisconnect) {
  Gateway gateway;
  EXPECT_EQ(gateway.Ask("show events --follow --json").status, Answer::Status::kMore);
  gateway.answers.clear();
  gateway.Start(WithInstances({AhInstance()}));
  ASSERT_EQ(gateway.answers.size(), 2u);
  EXPECT_EQ(gateway.answers[1].status, Answer::Status::kMore);
  EXPECT_THAT(gateway.answers[1].body, HasSubstr(R"x("text":"Initialize -> Backup (startup)")x"));
  gateway.controller.OnRequesterGone(RequesterId(7));
  gateway.answers.clear();
  gateway.RunFor(4s);
  EXPECT_TRUE(gateway.answers.empty());
}

// A segment is a port and its VLAN tags; `show instances`, `show instance` and events name it in the same two columns.
TEST(CommandsTest, SegmentsAreShownWithTheirVlans) {
  Gateway gateway;
  InstanceConfig single = AhInstance("a", 1);
  single.vlan = {100, 0};
  InstanceConfig stacked = AhInstance("b", 1);
  stacked.vlan = {100, 7};
  gateway.Start(WithInstances({single, stacked}));
  const std::string all = gateway.Ask("show instances --json").body;
  EXPECT_THAT(all, HasSubstr(R"("name":"a","port":"lan","vlan":"100","vrid":1)"));
  EXPECT_THAT(all, HasSubstr(R"("name":"b","port":"lan","vlan":"100.7","vrid":1)"));
  EXPECT_THAT(gateway.Ask("show instance b --json").body, HasSubstr(R"("port":"lan","vlan":"100.7")"));
  const std::string events = gateway.Ask("show events --json").body;
  EXPECT_THAT(events, HasSubstr(R"("instance":null,"port":null,"vlan":null,"kind":"daemon")"));
  EXPECT_THAT(events, HasSubstr(R"("instance":"b","port":"lan","vlan":"100.7","kind":"transition")"));
}

TEST(CommandsTest, AWorkerThatDoesNotAnswerInTimeIsNamed) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.controller.OnCommand(RequesterId(7), "show instances", gateway.Time());
  Outbox held = std::exchange(gateway.controller.outbox(), Outbox{});  // the ring is not read
  gateway.shard.now += 3s;
  gateway.controller.OnTime(gateway.Time());
  ASSERT_EQ(gateway.controller.outbox().answers.size(), 1u);
  EXPECT_THAT(gateway.controller.outbox().answers[0].body, HasSubstr("has not answered since"));
  gateway.controller.outbox().shard = std::move(held.shard);  // it answers too late: the client gets one answer only
  gateway.answers.clear();
  gateway.Turn();
  EXPECT_EQ(gateway.answers.size(), 1u);
}

TEST(CommandsTest, CompletesCommandsAndNames) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("lan-gw")}));
  EXPECT_EQ(gateway.Ask("complete show ins").body, "instance\ninstances\n");
  EXPECT_EQ(gateway.Ask("complete resign ").body, "lan-gw\n");
}

// `show drops` shows each reason with its meaning, so no document has to repeat them.
TEST(CommandsTest, ShowDropsExplainsEveryReason) {
  Gateway gateway;
  const std::string body = gateway.Ask("show drops").body;
  for (const DropReasonInfo& row : AllDropReasons()) {
    if (row.reason == DropReason::kNone) continue;
    EXPECT_THAT(body, ::testing::ContainsRegex("(^|\n)" + std::string(row.name) + " +[0-9]+ +"));
    EXPECT_THAT(body, HasSubstr(std::string(row.meaning) + "\n"));
  }
}

TEST(CommandsTest, ShowEventsTakesANumberOfEvents) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  for (int i = 0; i < 20; ++i) gateway.Ask(i % 2 == 0 ? "set instance gw priority 50" : "set instance gw priority 60");
  const std::string latest = gateway.Ask("show events last 1 --json").body;
  EXPECT_THAT(latest, ::testing::StartsWith(
                          absl::StrCat(R"([{"number":)", gateway.controller.events().events().back().number)));
  EXPECT_EQ(gateway.Ask("show events since 1x").body, "since must be the number of an event, got '1x'\n");
  EXPECT_EQ(gateway.Ask("show events last ten").body, "last must be 0..262144, got 'ten'\n");
}

TEST(CommandsTest, AClientResumesWithTheNextEvent) {
  Gateway gateway;
  Config config = WithInstances({AhInstance()});
  config.daemon.events = 300;
  gateway.Start(config);
  const auto order = [&](int times) {
    for (int i = 0; i < times; ++i)
      gateway.Ask(i % 2 == 0 ? "set instance gw priority 50" : "set instance gw priority 60");
  };
  const auto ask = [&](uint64_t since, const char* more = "") {
    return gateway.Ask(absl::StrCat("show events since ", since, more, " --json")).body;
  };
  order(10);
  const uint64_t seen = gateway.controller.events().last_number();
  EXPECT_EQ(ask(seen), "[]\n");
  order(3);
  EXPECT_THAT(ask(seen, " --follow"), ::testing::StartsWith(absl::StrCat(R"([{"number":)", seen + 1, ",")));
  EXPECT_THAT(ask(UINT64_MAX, " --follow"), HasSubstr("numbers began again"));
  EXPECT_THAT(ask(seen + 1000), AllOf(::testing::StartsWith(R"([{"number":0,)"), HasSubstr("numbers began again")));

  order(400);
  EXPECT_THAT(gateway.Ask(absl::StrCat("show events since ", seen, " --follow")).body, HasSubstr("without --follow"));
  const uint64_t first = gateway.controller.events().events().front().number;
  EXPECT_THAT(ask(seen), AllOf(::testing::StartsWith(absl::StrCat(R"([{"number":)", first - 1, ",")),
                               HasSubstr(absl::StrCat(first - 1 - seen, " events after number ", seen, " lost"))));
}

TEST(CommandsTest, AReloadChangesTheNumberOfKeptEvents) {
  Gateway gateway;
  Config config = WithInstances({AhInstance()});
  gateway.Start(config);
  EXPECT_EQ(gateway.controller.events().capacity(), EventLog::kDefaultCapacity);
  config.daemon.events = 300;
  gateway.services.next_load.config = config;
  ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
  EXPECT_EQ(gateway.controller.events().capacity(), 300u);
}

// A full log must fit into the backlog of a follower (kMaxControlBacklog), or the follower is disconnected at once.
TEST(CommandsTest, FollowersBeginWithTheLatestEventsOnly) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  for (size_t i = 0; i < EventLog::kDefaultCapacity; ++i)
    gateway.Ask(i % 2 == 0 ? "set instance gw priority 50" : "set instance gw priority 60");
  const Answer all = gateway.Ask("show events --json");
  const Answer followed = gateway.Ask("show events --follow --json");
  EXPECT_LT(followed.body.size(), all.body.size() / 2);
  EXPECT_THAT(followed.body,
              HasSubstr(absl::StrCat(R"("number":)", gateway.controller.events().events().back().number)));
}

}  // namespace
}  // namespace dpvrrp
