// SPDX-License-Identifier: BSD-3-Clause
#include "script/runner.h"

#include <gmock/gmock.h>

#include <functional>

#include "script_text.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr Instant kBegin{1000s};

// A daemon in memory, and a clock that moves from deadline to deadline.
class RunnerTest : public testing::Test {
 protected:
  void Run(const std::string& text) {
    ScriptResult script = ParseText(text);
    ASSERT_EQ(FaultsOf(script), "");
    ScriptRunner runner("lab.cmds", std::move(script.statements));
    asked.clear();
    output.clear();
    while (!runner.finished()) {
      runner.OnTime(now);
      while (const std::optional<std::string> question = runner.TakeQuestion()) {
        asked.push_back(*question);
        const auto [ok, body] = daemon(*question);
        runner.OnAnswer(ok, body, now);
      }
      output += runner.TakeOutput();
      if (!runner.finished()) now = std::max(now, runner.NextDeadline());
    }
    held = runner.held();
  }

  Instant now = kBegin;
  std::function<std::pair<bool, std::string>(const std::string&)> daemon = [](const std::string&) {
    return std::pair(true, std::string("done\n"));
  };
  std::vector<std::string> asked;
  std::string output;
  bool held = false;
};

TEST_F(RunnerTest, EachStatementIsShownBeforeItsAnswer) {
  Run("show status\necho two words\nresign gw\n");
  EXPECT_TRUE(held);
  EXPECT_EQ(output,
            "dpvrrpd> show status\ndone\ndpvrrpd> echo two words\ntwo words\ndpvrrpd> resign gw\ndone\n"
            "lab.cmds: 3 statements, all held\n");
}

TEST_F(RunnerTest, AnEmptyFileHolds) {
  Run("\n# nothing\n");
  EXPECT_TRUE(held);
  EXPECT_EQ(output, "lab.cmds: 0 statements, all held\n");
}

TEST_F(RunnerTest, ACommandThatFailsEndsTheRun) {
  daemon = [](const std::string& line) {
    return std::pair(line != "resign x", std::string("no instance named 'x'\n"));
  };
  Run("resign x\nshow status\n");
  EXPECT_FALSE(held);
  EXPECT_THAT(asked, ElementsAre("resign x"));
  EXPECT_THAT(output, EndsWith("no instance named 'x'\nlab.cmds:1: the command failed\nlab.cmds: failed\n"));
}

TEST_F(RunnerTest, ExpectFailsWantsTheRefusal) {
  daemon = [](const std::string& line) { return std::pair(line != "resign x", std::string("refused")); };
  Run("expect fails resign x\n");
  EXPECT_TRUE(held);
  Run("expect fails resign y\n");
  EXPECT_FALSE(held);
  EXPECT_THAT(output, HasSubstr("lab.cmds:1: the command was expected to fail"));
}

TEST_F(RunnerTest, AnExpectationThatDoesNotHoldSaysWhatItSaw) {
  daemon = [](const std::string&) { return std::pair(true, std::string("{\"master\":0}\n")); };
  Run("expect show status master == 0\nexpect show status master == 4\nresign gw\n");
  EXPECT_FALSE(held);
  EXPECT_THAT(asked, ElementsAre("show status --json", "show status --json"));
  EXPECT_THAT(output, HasSubstr("held: 0\n"));
  EXPECT_THAT(output, HasSubstr("lab.cmds:2: expected show status master == 4; saw 0\n"));
}

TEST_F(RunnerTest, AnExpectationWithoutAValueSaysWhy) {
  daemon = [](const std::string&) { return std::pair(true, std::string("{\"master\":0}\n")); };
  Run("expect show status masters == 4\n");
  EXPECT_THAT(output,
              HasSubstr("lab.cmds:1: expected show status masters == 4; no field 'masters'; there are: master\n"));
}

TEST_F(RunnerTest, SleepWaits) {
  Run("sleep 200ms\nsleep 0s\nshow status\n");
  EXPECT_EQ(now, kBegin + 200ms);
}

TEST_F(RunnerTest, WaitUntilLooksAgainUntilItHolds) {
  daemon = [this](const std::string&) {
    return std::pair(true, std::string(now < kBegin + 1s ? "{\"master\":3}" : "{\"master\":4}"));
  };
  Run("wait until show status master == 4 within 5s\n");
  EXPECT_TRUE(held);
  EXPECT_EQ(now, kBegin + 1s);
  EXPECT_THAT(output, HasSubstr("held: 4, after 1.00 s\n"));
}

TEST_F(RunnerTest, WaitUntilEndsWithItsTimeAndTheLastValue) {
  daemon = [](const std::string&) { return std::pair(true, std::string("{\"master\":3}")); };
  Run("wait until show status master == 4 within 500ms\n");
  EXPECT_FALSE(held);
  EXPECT_EQ(now, kBegin + 500ms);
  EXPECT_THAT(output, HasSubstr("lab.cmds:1: expected within 0.50 s: show status master == 4; saw 3\n"));
}

TEST_F(RunnerTest, WaitUntilLooksOnceWithoutTime) {
  daemon = [](const std::string&) { return std::pair(true, std::string("{\"master\":4}")); };
  Run("wait until show status master == 4 within 0s\n");
  EXPECT_TRUE(held);
}

TEST_F(RunnerTest, WaitUntilToleratesAnInstanceThatIsNotThereYet) {
  daemon = [this](const std::string&) {
    if (now < kBegin + 100ms) return std::pair(false, std::string("no instance named 'gw'\n"));
    return std::pair(true, std::string("{\"state\":\"Backup\"}"));
  };
  Run("wait until show instance gw state == Backup within 1s\n");
  EXPECT_TRUE(held);
}

TEST_F(RunnerTest, EveryTermOfAnExpressionMustHold) {
  daemon = [](const std::string& line) {
    return std::pair(true, std::string(line == "show status --json" ? "{\"master\":4}" : "[{\"name\":\"lan\"}]"));
  };
  Run("expect show status master == 4 and count(show ports) == 1\n");
  EXPECT_TRUE(held);
  EXPECT_THAT(output, HasSubstr("held: 4, 1\n"));
  Run("expect show status master == 4 and count(show ports) == 2\n");
  EXPECT_FALSE(held);
  EXPECT_THAT(output, HasSubstr("expected count(show ports) == 2; saw 1"));
}

TEST_F(RunnerTest, QuitEndsTheRunAndWhatHeldHeld) {
  Run("show status\nquit\nresign gw\n");
  EXPECT_TRUE(held);
  EXPECT_THAT(asked, ElementsAre("show status"));
  EXPECT_THAT(output, EndsWith("lab.cmds: 2 statements, all held\n"));
}

}  // namespace
}  // namespace dpvrrp
