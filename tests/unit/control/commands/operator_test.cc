// SPDX-License-Identifier: BSD-3-Clause
//
// What operators do: orders to many instances, questions, who gave an order, the read-only socket, tables on a screen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "control/commands/commands.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OperatorTest : public testing::Test {
 protected:
  void StartMasters() {
    gateway_.Start(
        WithInstances({AhInstance("gw-1", 1), AhInstance("gw-2", 2), AhInstance("gw-10", 3), AhInstance("other", 4)}));
    gateway_.RunFor(4s);
  }
  State StateOf(const std::string& name) { return gateway_.controller.FindInstance(name)->state; }

  Gateway gateway_;
};

TEST_F(OperatorTest, AGlobNeedsAConfirmation) {
  StartMasters();
  const Answer refused = gateway_.Ask("resign gw-*");
  EXPECT_EQ(refused.status, Answer::Status::kError);
  EXPECT_EQ(refused.body, "resign: 3 instances: gw-1 gw-2 gw-10; to do so, use --yes\n");
  const Answer asked = gateway_.Ask("screen 80,ask resign gw-*");
  EXPECT_EQ(asked.status, Answer::Status::kConfirm);
  EXPECT_EQ(asked.body, "resign: 3 instances: gw-1 gw-2 gw-10");
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_THAT(gateway_.Logged("operator"), IsEmpty());

  EXPECT_THAT(gateway_.Ask("resign gw-* --yes").body, HasSubstr("3 instances: resigned"));
  EXPECT_EQ(StateOf("gw-1"), State::kBackup);
  EXPECT_EQ(StateOf("gw-10"), State::kBackup);
  EXPECT_EQ(StateOf("other"), State::kMaster);
}

TEST_F(OperatorTest, AGlobOfOneInstanceNeedsNone) {
  StartMasters();
  EXPECT_THAT(gateway_.Ask("resign oth*").body, HasSubstr("1 instance: resigned"));
}

TEST_F(OperatorTest, InstancesForWhichTheOrderIsNotPossibleAreLeftAlone) {
  StartMasters();
  gateway_.Ask("resign gw-2");
  EXPECT_EQ(gateway_.Ask("resign gw-? --yes").body,
            "1 instance: resigned; they take over again only if no master is heard, or by takeover; not 1, the first: "
            "gw-2 is Backup, not Master\n");
  EXPECT_EQ(gateway_.Ask("resign gw-? --yes").body,
            "none of 2 instances that fit 'gw-?' can resign; the first: gw-1 is Backup, not Master\n");
  EXPECT_EQ(gateway_.Ask("resign x*").body, "no instance fits 'x*'\n");
}

TEST_F(OperatorTest, TakeoverAndPriorityTakeGlobsToo) {
  StartMasters();
  gateway_.Ask("resign gw-* --yes");
  EXPECT_THAT(gateway_.Ask("takeover gw-* --yes").body, HasSubstr("3 instances: taking over"));
  EXPECT_EQ(StateOf("gw-10"), State::kMaster);
  EXPECT_THAT(gateway_.Ask("set instance * priority 7").body, HasSubstr("set priority 7: 4 instances: gw-1 gw-2"));
  EXPECT_THAT(gateway_.Ask("set instance * priority 7 --yes").body, HasSubstr("4 instances: priority 7 until"));
  EXPECT_EQ(gateway_.controller.FindInstance("other")->priority, Priority(7));
  EXPECT_THAT(gateway_.Ask("set instance * priority 0 --yes").body, HasSubstr("must be 1..254, got '0'"));
}

TEST_F(OperatorTest, AnOrderIsAnEventThatNamesTheOperator) {
  StartMasters();
  ClientStatus alice;
  alice.number = 7;  // as the gateway's questions have
  alice.user = "alice";
  alice.pid = 4711;
  gateway_.services.clients = {alice};
  gateway_.Ask("resign gw-1");
  EXPECT_THAT(gateway_.Logged("operator"), Contains("alice (pid 4711): resign gw-1"));
  gateway_.Ask("show status");
  gateway_.Ask("resign gw-1");  // not possible
  gateway_.Ask("reload --dry-run");
  const std::vector<std::string> logged = gateway_.Logged("operator");
  EXPECT_EQ(logged.back(), "alice (pid 4711): resign gw-1: failed");
  EXPECT_EQ(std::count_if(logged.begin(), logged.end(),
                          [](const std::string& text) { return text.find("alice") != std::string::npos; }),
            2);
}

// The order waits for the lcores, and its client does not.
TEST_F(OperatorTest, AnOrderKeepsTheNameOfAnOperatorThatLeft) {
  StartMasters();
  gateway_.Ask("resign gw-1");
  ClientStatus alice;
  alice.number = 7;
  alice.user = "alice";
  gateway_.services.clients = {alice};
  gateway_.lcore_runs = false;
  gateway_.controller.OnCommand(RequesterId(7), "takeover gw-1", gateway_.Time());
  gateway_.Turn();
  EXPECT_THAT(gateway_.Logged("operator"), Not(Contains(HasSubstr("takeover"))));
  gateway_.services.clients = {};
  gateway_.controller.OnRequesterGone(RequesterId(7));
  gateway_.lcore_runs = true;
  gateway_.Turn();
  EXPECT_THAT(gateway_.Logged("operator"), Contains(HasSubstr("alice: takeover gw-1")));
}

TEST_F(OperatorTest, AnOrderOnTheDaemonsTerminalIsTheConsoles) {
  StartMasters();
  gateway_.controller.OnCommand(kConsole, "resign gw-1", gateway_.Time());
  gateway_.Turn();
  EXPECT_THAT(gateway_.Logged("operator"), Contains("console: resign gw-1"));
}

TEST_F(OperatorTest, TheReadOnlySocketTakesNoOrder) {
  StartMasters();
  const auto ask = [&](const std::string& line) {
    gateway_.answers.clear();
    gateway_.controller.OnCommand(RequesterId(7 | kReadOnlyRequester), line, gateway_.Time());
    gateway_.Turn();
    return gateway_.answers.empty() ? Answer{} : gateway_.answers.back();
  };
  for (const CommandSpec& spec : AllCommands()) {
    const absl::string_view first = spec.pattern.substr(0, spec.pattern.find(' '));
    const bool looks = (first == "show" && spec.pattern != "show config") || first == "diagnose" || first == "help" ||
                       first == "version" || first == "monitor" || first == "capture" || first == "trace" ||
                       spec.pattern.find("vrid suggest") == 0;
    std::string line;
    for (absl::string_view word : absl::StrSplit(spec.pattern, ' ')) {
      if (word[0] == '[') break;
      absl::StrAppend(&line, line.empty() ? "" : " ", word == "NAME" ? "gw-1" : word);
    }
    const Answer answer = ask(line);
    EXPECT_EQ(answer.body.find("this socket is read-only") == std::string::npos, looks) << line << ": " << answer.body;
  }
  EXPECT_EQ(StateOf("gw-1"), State::kMaster);
  EXPECT_EQ(ask("resign gw-1").body,
            "this socket is read-only, and 'resign NAME [--yes]' changes something: use the socket "
            "/run/dpvrrp/dpvrrpd.sock\n");
  EXPECT_THAT(ask("reload --dry-run").body, HasSubstr("makes the daemon read files: use the socket"));
  EXPECT_THAT(ask("capture").body, HasSubstr("the read-only socket refuses it"));
}

TEST_F(OperatorTest, ARepeatedCommandMayNotChangeAnything) {
  StartMasters();
  const Answer answer = gateway_.Ask("screen 80,look resign gw-1");
  EXPECT_EQ(answer.status, Answer::Status::kUsage);
  EXPECT_EQ(answer.body, "'resign NAME [--yes]' changes something and is not repeated\n");
  EXPECT_EQ(gateway_.Ask("screen 80,look show instances").status, Answer::Status::kOk);
}

TEST_F(OperatorTest, InstancesFitAScreenAndProgramsGetEverything) {
  StartMasters();
  const std::string narrow = gateway_.Ask("screen 80 show instances").body;
  for (const absl::string_view line : absl::StrSplit(narrow, '\n')) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_THAT(narrow, HasSubstr("more columns: "));
  EXPECT_THAT(narrow, Not(HasSubstr("\x1b")));
  EXPECT_THAT(gateway_.Ask("screen 80,colour show instances").body, HasSubstr("\x1b[32mMaster\x1b[0m"));
  EXPECT_EQ(gateway_.Ask("screen 80 show instances --wide").body, gateway_.Ask("show instances").body);
  EXPECT_EQ(gateway_.Ask("screen 80 show instances --json").body, gateway_.Ask("show instances --json").body);
  EXPECT_EQ(gateway_.Ask("screen 80").body, "") << "a client asks whether the daemon knows screens";
}

TEST_F(OperatorTest, RowsAreSelectedSortedAndCut) {
  StartMasters();
  EXPECT_EQ(gateway_.Ask("show instances name gw-1* columns name --json").body,
            "[{\"name\":\"gw-1\"},{\"name\":\"gw-10\"}]\n");
  EXPECT_EQ(gateway_.Ask("show inst state master sort -name limit 1 columns name,state --json").body,
            "[{\"name\":\"other\",\"state\":\"Master\"}]\n");
  EXPECT_THAT(gateway_.Ask("show instances limit 1").body, HasSubstr("1 of 4 rows\n"));
  EXPECT_THAT(gateway_.Ask("show instances sort colour").body, HasSubstr("no column 'colour', the columns are: name "));
  EXPECT_THAT(gateway_.Ask("show events --follow limit 3").body, HasSubstr("limit does not apply to --follow"));
}

TEST_F(OperatorTest, EveryTableTakesTheViewOptionsAndFitsAScreen) {
  StartMasters();
  for (const CommandSpec& spec : AllCommands()) {
    if (!spec.table) continue;
    std::string line(spec.pattern.substr(0, spec.pattern.find(" [")));
    if (absl::EndsWith(line, " PORT")) line.replace(line.size() - 4, 4, "all");
    EXPECT_EQ(gateway_.Ask(line + " limit 0 --json").body, "[]\n") << line;
    for (const int width : {40, 80, 160}) {
      const std::string body = gateway_.Ask(absl::StrCat("screen ", width, " ", line)).body;
      for (const absl::string_view row : absl::StrSplit(body, '\n')) {
        EXPECT_LE(row.size(), static_cast<size_t>(width)) << line;
      }
    }
  }
}

TEST_F(OperatorTest, AMistypedNameGetsASuggestion) {
  StartMasters();
  EXPECT_EQ(gateway_.Ask("show instance gw-11").body, "no instance named 'gw-11'; did you mean 'gw-1'?\n");
  EXPECT_EQ(gateway_.Ask("show instance gw*").body,
            "no instance named 'gw*'; to list several: show instances name 'gw*'\n");
}

TEST_F(OperatorTest, TheLogLevelIsSetByItsName) {
  EXPECT_THAT(gateway_.Ask("log level warning").body, HasSubstr("severity warning and more severe ones"));
  EXPECT_EQ(gateway_.services.log_level, Severity::kWarning);
  EXPECT_EQ(gateway_.Ask("log level debug").body, "the level must be error, warning, notice or info, got 'debug'\n");
  EXPECT_EQ(gateway_.Ask("complete log level ").body, "error\ninfo\nnotice\nwarning\n");
}

TEST_F(OperatorTest, ShowConfigHasTheDifferencesAndWhatOperatorsHaveSet) {
  Config config = WithInstances({AhInstance()});
  gateway_.Start(config);
  gateway_.services.next_load.config = config;
  std::string body = gateway_.Ask("show config").body;
  EXPECT_THAT(body, HasSubstr("the running configuration is that of the file"));
  EXPECT_THAT(body, HasSubstr("orders\n  none\n"));
  gateway_.Ask("set instance gw priority 90");
  gateway_.Ask("sender block 10.99.0.9");
  config.instances[0].preempt = false;
  gateway_.services.next_load.config = config;
  body = gateway_.Ask("show config").body;
  EXPECT_THAT(body, HasSubstr("the file has changed: reload would do this"));
  EXPECT_THAT(body, HasSubstr("preempt true -> false"));
  EXPECT_THAT(body, HasSubstr("\n  priority  gw          100  90\n"));
  EXPECT_THAT(body, HasSubstr("\n  block     10.99.0.9     -  blocked\n"));
  gateway_.services.next_load.errors.push_back({"f.toml", 3, 8, "a fault"});
  EXPECT_THAT(gateway_.Ask("show config").body, HasSubstr("the file cannot be used: "));
}

TEST_F(OperatorTest, UnknownSizesOfMemoryAreNoValue) {
  gateway_.services.process.resident = 10 * 1024 * 1024 + 512 * 1024;
  const std::string body = gateway_.Ask("show memory --json").body;
  EXPECT_THAT(body, HasSubstr("\"resident_mib\":10.5,\"resident_peak_mib\":null"));
}

TEST_F(OperatorTest, AQuestionMarkAsksWhatMayStandThere) {
  EXPECT_EQ(gateway_.Ask("key ?").body, gateway_.Ask("help key").body);
  EXPECT_EQ(gateway_.Ask("?").body, gateway_.Ask("help").body);
}

TEST_F(OperatorTest, TheOverviewHasStatesRatesDropsVerdictsAndEvents) {
  StartMasters();
  for (int i = 0; i < 3; ++i) {
    gateway_.controller.OnClock(gateway_.Time());
    gateway_.RunFor(1s);
  }
  const std::string body = gateway_.Ask("show overview").body;
  EXPECT_THAT(body, HasSubstr("instances  4 instances, 4 master"));
  EXPECT_THAT(body, HasSubstr("adverts sent                  4     16\n"));
  EXPECT_THAT(body, HasSubstr("Backup -> Master (master-timeout)"));
  for (const absl::string_view line : absl::StrSplit(gateway_.Ask("screen 80 show overview").body, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace
}  // namespace dpvrrp
