// SPDX-License-Identifier: BSD-3-Clause
//
// Which programs are run, with which arguments, in which order (keepalived.md section 3.1: notify).
#include "control/notify/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Shared<NotifyConfig> AllPrograms() {
  NotifyConfig config;
  config.master = {"/m", "arg"};
  config.backup = {"/b"};
  config.fault = {"/f"};
  config.stop = {"/s"};
  config.any = {"/any", "x"};
  return {std::make_shared<const NotifyConfig>(config)};
}

// "queue| command", or "fifo: line".
std::string OrderText(const ProgramOrder& order) {
  if (const auto* line = std::get_if<FifoLine>(&order)) return absl::StrCat(line->path, ": ", line->line);
  const auto& request = std::get<ProgramRequest>(order);
  return absl::StrCat(request.queue, "| ", absl::StrJoin(request.command, " "));
}

template <typename Orders>
std::vector<std::string> Texts(const Orders& orders) {
  std::vector<std::string> out;
  for (const ProgramOrder& order : orders) out.push_back(OrderText(order));
  return out;
}

class NotifierPartTest : public ::testing::Test {
 protected:
  NotifierPartTest() {
    InstanceConfig config = AhInstance();
    config.notify = AllPrograms();
    instance_ = &desk_.Add(config, State::kBackup);
  }
  std::vector<std::string> Move(State state, Reason reason = Reason::kNone) {
    instance_->state = state;
    instance_->reason = reason;
    notifier_.OnState(*instance_);
    return Texts(std::exchange(desk_.outbox.programs, {}));
  }

  PartDesk desk_;
  Notifier notifier_{desk_.Context()};
  ManagedInstance* instance_;
};

TEST_F(NotifierPartTest, TheProgramOfTheStateThenTheGeneralOne) {
  EXPECT_THAT(Move(State::kBackup), ElementsAre("INSTANCE gw| /b", "INSTANCE gw| /any x INSTANCE gw BACKUP 100"));
  instance_->priority = Priority(70);
  EXPECT_THAT(Move(State::kMaster), ElementsAre("INSTANCE gw| /m arg", "INSTANCE gw| /any x INSTANCE gw MASTER 70"));
  EXPECT_THAT(Move(State::kFault), ElementsAre("INSTANCE gw| /f", "INSTANCE gw| /any x INSTANCE gw FAULT 70"));
  EXPECT_THAT(Move(State::kInitialize, Reason::kShutdown),
              ElementsAre("INSTANCE gw| /s", "INSTANCE gw| /any x INSTANCE gw STOP 70"));
}

TEST_F(NotifierPartTest, APortWithoutLinkIsFault) {
  EXPECT_THAT(Move(State::kInitialize, Reason::kPortDown),
              ElementsAre("INSTANCE gw| /f", "INSTANCE gw| /any x INSTANCE gw FAULT 100"));
  EXPECT_THAT(Move(State::kFault), IsEmpty()) << "the same word again";
}

TEST_F(NotifierPartTest, TheFifoGetsALine) {
  desk_.registry.config().scripts.fifo = "/run/n";
  instance_->config.notify = {};
  EXPECT_THAT(Move(State::kMaster), ElementsAre("/run/n: INSTANCE \"gw\" MASTER 100"));
}

TEST_F(NotifierPartTest, GroupsAreNotifiedToo) {
  const GroupConfig group = MakeGroup("g", {}, {}, AllPrograms());
  notifier_.OnGroup(group, State::kMaster);
  notifier_.OnGroup(group, State::kMaster);
  notifier_.OnGroupStopped(group);
  notifier_.OnGroupStopped(group);
  EXPECT_THAT(Texts(desk_.outbox.programs), ElementsAre("GROUP g| /m arg", "GROUP g| /any x GROUP g MASTER 0",
                                                        "GROUP g| /s", "GROUP g| /any x GROUP g STOP 0"));
}

TEST_F(NotifierPartTest, AFailureIsAnEventThatNamesTheProgram) {
  instance_->state = State::kMaster;
  notifier_.OnState(*instance_);
  EXPECT_EQ(notifier_.running(), 2u);
  const uint64_t first = std::get<ProgramRequest>(desk_.outbox.programs[0]).id;
  notifier_.OnProgramReply({first, ProgramReply::Outcome::kTimedOut, 0, "waits"}, desk_.Time());
  notifier_.OnProgramReply({first + 1, ProgramReply::Outcome::kExited, 0, ""}, desk_.Time());
  notifier_.OnProgramReply({first + 9, ProgramReply::Outcome::kExited, 1, "of another part"}, desk_.Time());
  EXPECT_THAT(desk_.Recorded("notify"), ElementsAre("INSTANCE gw: /m arg: ran longer than its timeout: waits"));
  EXPECT_EQ(notifier_.running(), 0u);
}

TEST(NotifiedGateway, StartTransitionsAndStop) {
  Gateway g;
  Config config = WithInstances(OnVlans(2));
  config.groups = {MakeGroup("g", {"gw-1", "gw-2"}, {}, AllPrograms())};
  config.instances[0].notify = AllPrograms();
  config.scripts.start = {"/start"};
  config.scripts.stop = {"/stop"};
  g.Start(config);
  g.RunFor(5s);
  EXPECT_THAT(Texts(std::exchange(g.programs, {})),
              ElementsAre("daemon| /start", "INSTANCE gw-1| /b", "INSTANCE gw-1| /any x INSTANCE gw-1 BACKUP 100",
                          "GROUP g| /b", "GROUP g| /any x GROUP g BACKUP 0", "INSTANCE gw-1| /m arg",
                          "INSTANCE gw-1| /any x INSTANCE gw-1 MASTER 100", "GROUP g| /m arg",
                          "GROUP g| /any x GROUP g MASTER 0"));
  g.controller.Shutdown(g.Time());
  g.Turn();
  EXPECT_THAT(Texts(g.programs),
              ElementsAre("daemon| /stop", "INSTANCE gw-1| /s", "INSTANCE gw-1| /any x INSTANCE gw-1 STOP 100",
                          "GROUP g| /s", "GROUP g| /any x GROUP g STOP 0"));
}

}  // namespace
}  // namespace dpvrrp
