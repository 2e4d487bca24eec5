// SPDX-License-Identifier: BSD-3-Clause
//
// Every bound of the control socket, and the behaviour at it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <random>

#include "io/control_places.h"
#include "unit/io/control_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ControlLimitsTest : public ControlTest {
 protected:
  std::vector<std::unique_ptr<RawClient>> Crowd(size_t count, uid_t user, const std::string& line);

  const Instant start_{std::chrono::hours(1)};
};

TEST_F(ControlLimitsTest, ALineOfExactlyTheLimitIsAccepted) {
  RawClient client(path_);
  const std::string word(kMaxControlLine - 5, 'x');
  client.Say("echo " + word + "\r\n");
  Turn();
  EXPECT_EQ(client.Hear(), word + "\n");
  EXPECT_EQ(server_->counters().oversize.value(), 0u);
}

TEST_F(ControlLimitsTest, ALongerLineIsRefusedAndTheConnectionClosed) {
  for (const char* end : {"", "\n", "\necho more\n"}) {
    RawClient client(path_);
    client.Say(std::string(kMaxControlLine + 2, 'x') + end);
    Turn();
    EXPECT_EQ(client.Hear(), "error: the line is longer than 4096 bytes\n");
    EXPECT_TRUE(client.closed());
  }
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_EQ(server_->counters().oversize.value(), 3u);
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(ControlLimitsTest, AnEndlessLineTakesNoMemory) {
  RawClient client(path_);
  client.Say("mode framed\n");
  for (int i = 0; i < 64; ++i) client.Say(std::string(65536, 'x'));
  Turn();
  EXPECT_EQ(client.Hear(), "ok 0\nerror 34\nthe line is longer than 4096 bytes");
  EXPECT_TRUE(client.closed());
}

TEST_F(ControlLimitsTest, The65thClientIsToldAndClosed) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < kMaxControlClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(path_));
    Turn();
  }
  RawClient refused(path_);
  refused.Say("echo me\n");
  Turn();
  EXPECT_EQ(refused.Hear(), "error: too many clients, at most 64\n");
  EXPECT_TRUE(refused.closed());
  EXPECT_EQ(server_->counters().refused.value(), 1u);
  EXPECT_EQ(server_->clients(), kMaxControlClients);

  clients.pop_back();
  Turn();
  RawClient welcome(path_);
  welcome.Say("echo me\n");
  Turn();
  EXPECT_EQ(welcome.Hear(), "me\n");
}

// Connects `count` clients of a user, each of which sends `line`.
std::vector<std::unique_ptr<RawClient>> ControlLimitsTest::Crowd(size_t count, uid_t user, const std::string& line) {
  next_user_ = user;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(path_));
    Turn();
    clients.back()->Say(line);
    Turn();
  }
  return clients;
}

// A script that opens connections and forgets them.
TEST_F(ControlLimitsTest, AnIdleClientMakesRoomAndIsToldWhy) {
  server_->Tick(start_);
  const auto leaked = Crowd(kMaxControlClients, 0, "");
  server_->Tick(start_ + std::chrono::seconds(30));
  leaked[0]->Say("echo busy\n");
  Turn();
  server_->Tick(start_ + std::chrono::seconds(90));
  RawClient operator_(path_);
  operator_.Say("echo me\n");
  Turn();
  EXPECT_EQ(operator_.Hear(), "me\n");
  EXPECT_EQ(leaked[1]->Hear(), "error: closed: another client needs the place\n");
  EXPECT_TRUE(leaked[1]->closed());
  EXPECT_EQ(leaked[0]->Hear(), "busy\n");
  EXPECT_FALSE(leaked[0]->closed());
  EXPECT_EQ(server_->counters().displaced.value(), 1u);
  EXPECT_EQ(server_->counters().refused.value(), 0u);
  EXPECT_EQ(closed_.size(), 1u);
}

// Followers, clients that trickle bytes and clients that do not read, of several users: root gets in at once.
TEST_F(ControlLimitsTest, RootGetsInWhateverOtherUsersDo) {
  server_->Tick(start_);
  const auto followers = Crowd(30, 1000, "follow\n");
  const auto trickling = Crowd(30, 1001, "sho");
  const auto not_reading = Crowd(30, 1002, "echo " + std::string(4000, 'x') + "\n");
  EXPECT_EQ(followers.back()->Hear(), "error: too many clients, at most 24 of one user\n");
  EXPECT_EQ(not_reading.back()->Hear(), "error: too many clients, at most 56 of users other than root\n");
  for (const auto* crowd : {&followers, &trickling}) {
    EXPECT_EQ(crowd->front()->Hear(), "");
    EXPECT_FALSE(crowd->front()->closed());
  }
  next_user_ = 0;
  for (int i = 0; i < 100; ++i) {
    RawClient root(path_);
    root.Say("echo root\n");
    Turn();
    EXPECT_EQ(root.Hear(), "root\n");
  }
}

TEST_F(ControlLimitsTest, TrickledBytesKeepNoPlace) {
  server_->Tick(start_);
  const auto trickling = Crowd(24, 1000, "s");
  server_->Tick(start_ + std::chrono::seconds(59));
  for (const auto& client : trickling) client->Say("h");
  Turn();
  server_->Tick(start_ + kControlIdleTime);
  RawClient same_user(path_);
  same_user.Say("echo in\n");
  Turn();
  EXPECT_EQ(same_user.Hear(), "in\n");
}

TEST_F(ControlLimitsTest, ClientsAreListedWithWhatTheyDo) {
  server_->Tick(start_);
  const auto follower = Crowd(1, 1000, "follow\n");
  const auto idle = Crowd(1, 0, "echo one\n");
  server_->Tick(start_ + std::chrono::seconds(7));
  idle[0]->Say("echo two\n");
  Turn();
  server_->Tick(start_ + std::chrono::seconds(10));
  const std::vector<ControlClientInfo> clients = server_->ListClients();
  ASSERT_EQ(clients.size(), 2u);
  EXPECT_EQ(clients[0].peer.user, 1000u);
  EXPECT_EQ(clients[0].peer.pid, 4711);
  EXPECT_EQ(clients[0].request, "follow");
  EXPECT_EQ(clients[0].idle, std::chrono::seconds(10));
  EXPECT_EQ(clients[1].request, "");
  EXPECT_EQ(clients[1].connected, std::chrono::seconds(10));
  EXPECT_EQ(clients[1].idle, std::chrono::seconds(3));
}

TEST_F(ControlLimitsTest, TheKernelNamesTheClient) {
  const auto server = *ControlServer::Listen(*reactor_, folder_ / "second.sock", [](ClientId, const std::string&) {});
  RawClient client(folder_ / "second.sock");
  Turn();
  ASSERT_EQ(server->ListClients().size(), 1u);
  EXPECT_EQ(server->ListClients()[0].peer.user, geteuid());
  EXPECT_EQ(server->ListClients()[0].peer.pid, getpid());
}

TEST_F(ControlLimitsTest, WithoutDescriptorsAClientIsRefusedAndTheReactorRests) {
  RawClient waiting(path_);
  std::vector<UniqueFd> hoard;
  rlimit old_limit{};
  getrlimit(RLIMIT_NOFILE, &old_limit);
  const rlimit low{.rlim_cur = 128, .rlim_max = old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (UniqueFd fd(dup(0)); fd.valid(); fd = UniqueFd(dup(0))) hoard.push_back(std::move(fd));
  Turn();
  setrlimit(RLIMIT_NOFILE, &old_limit);
  EXPECT_EQ(waiting.Hear(), "error: too many clients, no file descriptor is left\n");
  EXPECT_EQ(server_->counters().refused.value(), 1u);
  hoard.clear();
  RawClient client(path_);
  client.Say("echo again\n");
  Turn();
  EXPECT_EQ(client.Hear(), "again\n");
}

TEST_F(ControlLimitsTest, AFollowerThatDoesNotReadIsCutOff) {
  RawClient client(path_);
  client.Say("follow\n");
  Turn();
  const ClientId follower = last_client_;
  const std::string chunk(1024 * 1024, 'x');
  constexpr int kHeld = kMaxControlBacklog / (1024 * 1024);  // by the backlog alone
  int chunks = 0;
  for (; chunks < 2 * kHeld && server_->clients() == 1; ++chunks) {
    server_->Stream(follower, chunk);
    Turn();
  }
  EXPECT_GT(chunks, kHeld);
  EXPECT_LT(chunks, 2 * kHeld);
  EXPECT_EQ(server_->counters().slow.value(), 1u);
  EXPECT_THAT(closed_, ElementsAre(follower));
}

TEST_F(ControlLimitsTest, AFollowerThatReadsIsNeverCutOff) {
  RawClient client(path_);
  client.Say("follow\n");
  Turn();
  const std::string chunk(64 * 1024, 'x');
  size_t heard = 0;
  for (int i = 0; i < 200; ++i) {
    server_->Stream(last_client_, chunk);
    Turn();
    heard += client.Hear().size();
    Turn();
    heard += client.Hear().size();
  }
  EXPECT_EQ(heard, 200 * chunk.size());
  EXPECT_EQ(server_->counters().slow.value(), 0u);
}

// 16,000 instances change state, their addresses are programmed: two events each, all in one turn of the daemon.
TEST_F(ControlLimitsTest, AStormOfEventsDisconnectsNoReadingClient) {
  RawClient client(path_);
  client.Say("follow\n");
  Turn();
  const std::string event(200, 'x');
  for (int i = 0; i < 32000; ++i) server_->Stream(last_client_, event);
  size_t heard = client.Hear().size();
  EXPECT_GE(heard, 64u * 1024 - event.size());  // before the reactor's next turn
  for (int i = 0; i < 1000 && heard < 32000 * event.size(); ++i) {
    ASSERT_TRUE(reactor_->RunOnce(Nanoseconds(0)).ok());
    heard += client.Hear().size();
  }
  EXPECT_EQ(heard, 32000 * event.size());
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(server_->counters().slow.value(), 0u);
}

TEST_F(ControlLimitsTest, StreamingTooMuchFromWithinTheHandlerOnlyClosesThatClient) {
  std::unique_ptr<ControlServer> server;
  server = *ControlServer::Listen(*reactor_, folder_ / "second.sock", [&](ClientId client, const std::string&) {
    for (size_t i = 0; i < 40; ++i) server->Stream(client, std::string(kMaxControlBacklog / 32, 'x'));
    server->Reply(client, ReplyStatus::kOk, "unheard");
  });
  RawClient client(folder_ / "second.sock");
  client.Say("go\n");
  Turn();
  EXPECT_EQ(server->clients(), 0u);
  EXPECT_EQ(server->counters().slow.value(), 1u);
}

TEST_F(ControlLimitsTest, AReaderThatStopsReadingItsReplyTimesOut) {
  RawClient client(path_);
  client.Say("big\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kOk, std::string(4 * 1024 * 1024, 'x'));
  Turn();
  server_->Tick(start_);
  server_->Tick(start_ + std::chrono::seconds(1));
  server_->Tick(start_ + std::chrono::seconds(40));
  EXPECT_FALSE(client.Hear().empty());  // reads a little, so the clock starts again
  Turn();
  server_->Tick(start_ + std::chrono::seconds(60));
  server_->Tick(start_ + std::chrono::seconds(100));
  server_->Tick(start_ + std::chrono::seconds(159));
  Turn();
  EXPECT_EQ(server_->clients(), 1u);
  server_->Tick(start_ + std::chrono::seconds(161));
  Turn();
  EXPECT_EQ(server_->clients(), 0u);
  EXPECT_EQ(server_->counters().slow.value(), 1u);
}

TEST_F(ControlLimitsTest, APartialLineTimesOutAndAnIdleClientDoesNot) {
  RawClient partial(path_);
  RawClient idle(path_);
  partial.Say("show sta");
  Turn();
  server_->Tick(start_);
  partial.Say("t");  // a byte now and then does not help
  Turn();
  server_->Tick(start_ + std::chrono::seconds(59));
  Turn();
  EXPECT_EQ(server_->clients(), 2u);
  server_->Tick(start_ + std::chrono::seconds(60));
  Turn();
  EXPECT_EQ(partial.Hear(), "error: timed out waiting for the rest of the line\n");
  EXPECT_TRUE(partial.closed());
  EXPECT_EQ(server_->counters().timed_out.value(), 1u);

  server_->Tick(start_ + std::chrono::hours(24));
  Turn();
  EXPECT_EQ(server_->clients(), 1u);
  idle.Say("echo still here\n");
  Turn();
  EXPECT_EQ(idle.Hear(), "still here\n");
}

TEST_F(ControlLimitsTest, EachLineHasItsOwnTime) {
  RawClient client(path_);
  client.Say("ec");
  Turn();
  server_->Tick(start_);
  client.Say("ho one\nec");
  Turn();
  server_->Tick(start_ + std::chrono::seconds(59));
  server_->Tick(start_ + std::chrono::seconds(100));
  client.Say("ho two\n");
  Turn();
  EXPECT_EQ(client.Hear(), "one\ntwo\n");
}

TEST_F(ControlLimitsTest, ALineBehindALongCommandDoesNotTimeOut) {
  RawClient client(path_);
  client.Say("follow\npart");
  Turn();
  server_->Tick(start_);
  server_->Tick(start_ + std::chrono::hours(1));
  Turn();
  EXPECT_EQ(server_->clients(), 1u);
}

TEST_F(ControlLimitsTest, GarbageGetsACleanErrorAndTheClientMayGoOn) {
  RawClient client(path_);
  client.Say(std::string("\x16\x03\x01\x02\0\x01\n", 7) + "echo one\n");
  Turn();
  EXPECT_EQ(client.Hear(), "error: the line is not text\none\n");
  EXPECT_EQ(server_->counters().garbage.value(), 1u);
}

// Seeded: random bytes from many clients; the server stays sane and answers a good one.
TEST_F(ControlLimitsTest, RandomBytesNeverConfuseTheServer) {
  std::mt19937 random(112);
  for (int round = 0; round < 200; ++round) {
    RawClient client(path_);
    std::string bytes;
    for (size_t i = random() % 9000; i > 0; --i) bytes += static_cast<char>(random());
    if (round % 2 == 0) bytes += '\n';
    client.Say(bytes);
    if (round % 3 == 0) client.HalfClose();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(reactor_->RunOnce(Nanoseconds(0)).ok());
    if (round % 5 == 0) Turn();
  }
  Turn();
  EXPECT_EQ(server_->clients(), 0u);
  RawClient good(path_);
  good.Say("echo fine\n");
  Turn();
  EXPECT_EQ(good.Hear(), "fine\n");
}

TEST_F(ControlLimitsTest, AnAnswerTooLongToSendBecomesAnError) {
  RawClient client(path_);
  client.Say("big\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kOk, std::string(kMaxControlReply + 1, 'x'));
  Turn();
  EXPECT_EQ(client.Hear(), "error: the answer has 67108865 bytes, too many to send\n");
}

}  // namespace
}  // namespace dpvrrp
