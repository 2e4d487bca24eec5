// SPDX-License-Identifier: BSD-3-Clause
//
// The users and capabilities of programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "unit/agent/agent_fixture.h"
#include "unit/io/child.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using Outcome = ProgramReply::Outcome;

constexpr uid_t kNobody = 65534;

class AgentUserTest : public AgentTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can run programs of other users";
    if (!FindUser("nobody").ok()) GTEST_SKIP() << "this system has no user nobody";
  }
  ProgramRequest As(const std::string& user, std::vector<std::string> command) {
    ProgramRequest request = Request(std::move(command));
    request.user = user;
    return request;
  }
  std::string CapabilitiesOfAProgramOf(const std::string& user) {
    return TextOf(As(user, {"/usr/bin/awk", "/^Cap(Prm|Eff)/ {printf \"%s \", $2}", "/proc/self/status"}));
  }
};

TEST_F(AgentUserTest, AProgramRunsAsTheUserOfItsRequestWithTheGroupsOfTheUser) {
  Start();
  EXPECT_EQ(TextOf(As("nobody", {"/bin/sh", "-c", "echo $(id -ru) $(id -u) $(id -G)"})),
            absl::StrCat(kNobody, " ", kNobody, " ", FindUser("nobody")->gid));
  EXPECT_EQ(TextOf(As("root", {"/usr/bin/id", "-u"})), "0");
}

TEST_F(AgentUserTest, AProgramOfRootHasAllCapabilitiesThatWeStartedWith) {
  const std::string all = StatusLine("self", "CapEff");
  Start();
  EXPECT_EQ(CapabilitiesOfAProgramOf("root"), absl::StrCat(all, " ", all, " "));
}

// exec(2) then gives a program at most what its caller has permitted.
TEST_F(AgentUserTest, AProgramOfRootHasThemAlsoWithoutNewPrivileges) {
  const std::string all = StatusLine("self", "CapEff");
  const auto has_all = [&] {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
    Start();
    const std::string got = CapabilitiesOfAProgramOf("root");
    client_.reset();
    return got == absl::StrCat(all, " ", all, " ") ? 0 : 1;
  };
  EXPECT_EQ(InAChild(has_all), 0);
}

TEST_F(AgentUserTest, AProgramOfAnotherUserHasNoCapability) {
  Start();
  EXPECT_EQ(CapabilitiesOfAProgramOf("nobody"), "0000000000000000 0000000000000000 ");
}

TEST_F(AgentUserTest, TheWorkerHasFewCapabilitiesInEffect) {
  Start();
  const uint64_t kept = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL | 1u << CAP_DAC_OVERRIDE;
  uint64_t ours = 0;
  ASSERT_TRUE(absl::SimpleHexAtoi(StatusLine("self", "CapPrm"), &ours));
  EXPECT_EQ(StatusLine(absl::StrCat(Worker()), "CapEff"), absl::StrFormat("%016x", ours & kept));
}

TEST_F(AgentUserTest, AProgramOfAnotherUserIsEndedAtItsTimeout) {
  Start();
  ProgramRequest request = As("nobody", {"/bin/sleep", "1000"});
  request.timeout = std::chrono::milliseconds(1);
  EXPECT_EQ(Run(std::move(request)).outcome, Outcome::kTimedOut);
}

TEST_F(AgentUserTest, AUserWhoDoesNotExistIsReported) {
  Start();
  const ProgramReply reply = Run(As("no-such-user", {"/bin/true"}));
  EXPECT_EQ(reply.outcome, Outcome::kNotStarted);
  EXPECT_EQ(reply.text, "user 'no-such-user': there is no such user on this system");
}

TEST_F(AgentUserTest, WithoutRootOnlyTheOwnUserIsPossible) {
  constexpr int kSkipped = 77;
  const auto run = [&] {
    if (setresgid(kNobody, kNobody, kNobody) != 0 || setresuid(kNobody, kNobody, kNobody) != 0) return 2;
    if (access(DPVRRPD_AGENT, X_OK) != 0) return kSkipped;
    Start();
    const ProgramReply own = Run(As("nobody", {"/usr/bin/id", "-u"}));
    if (own.text != absl::StrCat(kNobody)) return 3;
    const ProgramReply other = Run(As("root", {"/bin/true"}));
    client_.reset();
    if (other.outcome != Outcome::kNotStarted) return 4;
    return other.text == "user 'root': the daemon was not started as root, so it cannot run programs of other users"
               ? 0
               : 5;
  };
  const int result = InAChild(run);
  if (result == kSkipped) GTEST_SKIP() << "user nobody cannot read the build folder";
  EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace dpvrrp
