// SPDX-License-Identifier: BSD-3-Clause
//
// Programs as the agent runs them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "unit/agent/agent_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using Outcome = ProgramReply::Outcome;

class AgentProgramTest : public AgentTest {
 protected:
  // Runs `script` with longer and longer timeouts, until it had enough time to write a line.
  ProgramReply RunIntoTimeout(const std::string& script) {
    ProgramReply reply;
    for (Nanoseconds timeout = std::chrono::milliseconds(200); reply.text.empty(); timeout *= 4) {
      reply = Run(Shell(script, timeout));
    }
    return reply;
  }
};

TEST_F(AgentProgramTest, TheReplyHasTheExitStatus) {
  Start();
  const ProgramReply good = Run(Request({"/bin/true"}));
  EXPECT_EQ(good.outcome, Outcome::kExited);
  EXPECT_EQ(good.status, 0);
  const ProgramReply bad = Run(Shell("exit 7"));
  EXPECT_EQ(bad.outcome, Outcome::kExited);
  EXPECT_EQ(bad.status, 7);
  EXPECT_EQ(Run(Shell("exit 127")).outcome, Outcome::kExited) << "not confused with a failed start";
}

TEST_F(AgentProgramTest, TheReplyHasTheSignal) {
  Start();
  const ProgramReply reply = Run(Shell("kill -USR1 $$"));
  EXPECT_EQ(reply.outcome, Outcome::kSignalled);
  EXPECT_EQ(reply.status, SIGUSR1);
}

TEST_F(AgentProgramTest, AProgramThatCannotBeStartedIsReportedWithTheReason) {
  Start();
  const ProgramReply missing = Run(Request({"/no/such/program"}));
  EXPECT_EQ(missing.outcome, Outcome::kNotStarted);
  EXPECT_EQ(missing.text, "/no/such/program: No such file or directory");
  WriteBytes(folder_ / "file", "text", 0600);
  const ProgramReply refused = Run(Request({folder_ / "file"}));
  EXPECT_EQ(refused.outcome, Outcome::kNotStarted);
  EXPECT_THAT(refused.text, HasSubstr("Permission denied"));
}

TEST_F(AgentProgramTest, ArgumentsReachTheProgramUnchanged) {
  Start();
  EXPECT_EQ(TextOf(Request({"/usr/bin/printf", "%s|%s|%s", "a b", "$HOME;*", ""})), "a b|$HOME;*|");
}

TEST_F(AgentProgramTest, TheFirstLineIsKept) {
  Start();
  EXPECT_EQ(TextOf(Shell("echo one; echo two")), "one");
  EXPECT_EQ(TextOf(Shell("echo error >&2; echo two")), "error");
  EXPECT_EQ(TextOf(Shell("printf 'no end'")), "no end");
  EXPECT_EQ(TextOf(Shell("printf '\\033[1m\\200\\tx'")), "?[1m??x");
  EXPECT_EQ(TextOf(Shell("printf '%0300d' 0")), std::string(200, '0'));
  EXPECT_EQ(TextOf(Request({"/bin/true"})), "");
}

TEST_F(AgentProgramTest, AGigabyteOfOutputNeitherBlocksNorUsesMemory) {
  Start();
  const std::string worker = absl::StrCat(Worker());
  const auto memory_kb = [&] {
    int kb = 0;
    const std::string text = StatusLine(worker, "VmRSS");
    EXPECT_TRUE(absl::SimpleAtoi(text.substr(0, text.find(" kB")), &kb)) << text;
    return kb;
  };
  const int before = memory_kb();
  const ProgramReply reply = Run(Request({"/usr/bin/head", "-c", "1G", "/dev/zero"}));
  EXPECT_EQ(reply.outcome, Outcome::kExited);
  EXPECT_EQ(reply.text, std::string(200, '?'));
  EXPECT_LT(memory_kb() - before, 50'000);
}

TEST_F(AgentProgramTest, OthersRunWhileOneWritesWithoutEnd) {
  Start();
  const uint64_t endless = Order(Request({"/usr/bin/yes"}, std::chrono::seconds(2)));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(TextOf(Shell("echo works")), "works");
  EXPECT_EQ(ReplyTo(endless).outcome, Outcome::kTimedOut);
}

TEST_F(AgentProgramTest, HasOnlyItsOwnDescriptors) {
  const int leaks[] = {open("/dev/null", O_RDONLY), open("/dev/null", O_WRONLY)};  // without O_CLOEXEC
  Start();
  EXPECT_EQ(TextOf(Shell("echo $(ls /proc/self/fd)")), "0 1 2 3") << "3 is of ls";
  EXPECT_EQ(TextOf(Request({"/usr/bin/readlink", "/proc/self/fd/0"})), "/dev/null");
  EXPECT_EQ(Run(Request({"/bin/cat"})).outcome, Outcome::kExited) << "its input is empty";
  size_t open_in_agent = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", client_->pid(), "/fd"))) {
    ++open_in_agent;
  }
  EXPECT_EQ(open_in_agent, 4u) << "0 to 2, and the socket";
  for (const int fd : leaks) close(fd);
}

TEST_F(AgentProgramTest, HasTheDirectoryAndTheEnvironmentOfTheAgent) {
  Start();
  EXPECT_EQ(TextOf(Request({"/bin/pwd"})), "/");
  EXPECT_EQ(TextOf(Request({"/usr/bin/env", "-0"})),
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin?DPVRRP=1?");
  EXPECT_EQ(TextOf(Shell("umask")), "0022");
}

TEST_F(AgentProgramTest, IsTheLeaderOfItsOwnSession) {
  Start();
  const std::string text = TextOf(Request({"/usr/bin/cut", "-d", " ", "-f1,5,6", "/proc/self/stat"}));
  const std::vector<std::string> numbers = absl::StrSplit(text, ' ');
  ASSERT_EQ(numbers.size(), 3u) << text;
  EXPECT_EQ(numbers[0], numbers[1]);
  EXPECT_EQ(numbers[0], numbers[2]);
}

TEST_F(AgentProgramTest, InheritsNoSignalMaskAndNoIgnoredSignal) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  Start();
  sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(TextOf(Request({"/usr/bin/awk", "/^Sig(Blk|Ign)/ {printf \"%s \", $2}", "/proc/self/status"})),
            "0000000000000000 0000000000000000 ");
}

TEST_F(AgentProgramTest, HasOrdinaryScheduling) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can lower a nice value";
  Start();
  EXPECT_EQ(TextOf(Request({"/usr/bin/cut", "-d", " ", "-f19,41", "/proc/self/stat"})), "0 0") << "nice, policy";
}

TEST_F(AgentProgramTest, HasEndedWhenItsFirstProcessHasEnded) {
  Start();
  const ProgramReply reply = Run(Shell("sleep 1000 & echo $!"));
  EXPECT_EQ(reply.outcome, Outcome::kExited);
  const pid_t child = ToPid(reply.text);
  EXPECT_EQ(kill(child, 0), 0) << "a child that it leaves behind lives on";
  kill(child, SIGKILL);
}

TEST_F(AgentProgramTest, AChildThatItLeavesBehindMayWrite) {
  Start();
  const std::string go = folder_ / "go";
  const std::string done = folder_ / "done";
  Run(Shell("(until [ -e " + go + " ]; do sleep 0.01; done; head -c 1M /dev/zero && echo written > " + done + ") &"));
  WriteBytes(go, "");
  EXPECT_EQ(UntilFile(done), "written\n");
}

TEST_F(AgentProgramTest, ATimeoutEndsTheWholeGroup) {
  Start();
  // The child ignores SIGTERM, and would write a file.
  const std::string file = folder_ / "file";
  const ProgramReply reply =
      RunIntoTimeout("sh -c 'trap \"\" TERM; echo $$; sleep 1000; sleep 1000; echo > " + file + "' & wait");
  EXPECT_EQ(reply.outcome, Outcome::kTimedOut);
  UntilEnded(ToPid(reply.text));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(AgentProgramTest, ATimeoutKillsAProgramThatIgnoresTheRequest) {
  Start();
  const ProgramReply reply = RunIntoTimeout("trap '' TERM; echo $$; while :; do sleep 1000; done");
  EXPECT_EQ(reply.outcome, Outcome::kTimedOut);
  UntilEnded(ToPid(reply.text));
}

TEST_F(AgentProgramTest, AProgramMayCleanUpAtItsTimeout) {
  Start();
  const ProgramReply reply = RunIntoTimeout("trap 'exit 0' TERM; echo ready; sleep 1000 & wait");
  EXPECT_EQ(reply.outcome, Outcome::kTimedOut) << "also if its exit status is 0";
}

TEST_F(AgentProgramTest, RequestsOfAQueueRunInTheirOrder) {
  Start(8);
  const std::string file = folder_ / "order";
  std::string expected;
  std::vector<uint64_t> ids;
  for (int i = 0; i < 30; ++i) {
    ProgramRequest request = Shell(absl::StrCat("echo ", i, " >> ", file));
    request.queue = "lan";
    ids.push_back(Order(std::move(request)));
    absl::StrAppend(&expected, i, "\n");
  }
  ReplyTo(ids.back());
  EXPECT_EQ(ReadBytes(file), expected);
  EXPECT_EQ(order_of_replies_, ids);
}

TEST_F(AgentProgramTest, AsManyRunAtOnceAsAllowedAndNoMore) {
  Start(2);
  const std::string log = folder_ / "log";
  const auto wait_for = [&](const char* name) {
    return absl::StrCat("; until [ -e ", folder_ / name, " ]; do sleep 0.01; done; ");
  };
  const std::string begin = "echo + >> " + log + "; ";
  const std::string end = "echo - >> " + log;
  // Each of the first two waits for the other.
  std::vector<uint64_t> ids = {Order(Shell(begin + "> " + folder_ / "a" + wait_for("b") + end)),
                               Order(Shell(begin + "> " + folder_ / "b" + wait_for("a") + end))};
  for (int i = 0; i < 10; ++i) ids.push_back(Order(Shell(begin + end)));
  for (const uint64_t id : ids) ReplyTo(id);
  int running = 0;
  int most = 0;
  for (const char sign : ReadBytes(log)) {
    running += sign == '+' ? 1 : sign == '-' ? -1 : 0;
    most = std::max(most, running);
  }
  EXPECT_EQ(most, 2);
  EXPECT_EQ(running, 0);
}

}  // namespace
}  // namespace dpvrrp
