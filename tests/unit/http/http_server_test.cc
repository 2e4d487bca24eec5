// SPDX-License-Identifier: BSD-3-Clause
#include "http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "unit/io/control_fixture.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kGet = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";

// A server that answers /metrics with `parts_` parts of `part_`, and counts how many it had to make.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    server_ = *HttpServer::ListenUnix(*reactor_, path_, [this](const HttpRequest& r) { return Answer(r); });
  }

  HttpReply Answer(const HttpRequest& request) {
    requests_.push_back(request);
    if (request.path != "/metrics")
      return {404, "text/plain", [](std::string& out) {
                out += "no\n";
                return false;
              }};
    return {200, "text/test", [this, left = parts_](std::string& out) mutable {
              ++made_;
              if (made_ % 2 == 0) return true;  // nothing is ready yet
              out += part_;
              return --left > 0;
            }};
  }

  void Turn(int turns = 64) {
    for (int i = 0; i < turns; ++i) ASSERT_TRUE(reactor_->RunOnce(Nanoseconds(0)).ok());
  }
  void Tick(Nanoseconds after) { server_->Tick(start_ += after); }

  TempFolder folder_;
  std::string path_ = folder_ / "metrics.sock";
  std::unique_ptr<Reactor> reactor_ = *Reactor::Create();
  std::unique_ptr<HttpServer> server_;
  std::vector<HttpRequest> requests_;
  std::string part_ = "abc\n";
  int parts_ = 3;
  int made_ = 0;
  Instant start_{std::chrono::hours(1)};
};

TEST_F(HttpServerTest, AnswersAGetInPartsAndCloses) {
  RawClient client(path_);
  client.Say("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nAccept: text/a;q=1, b/c\r\n\r\n");
  Turn();
  const std::string heard = client.Hear();
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(heard, HasSubstr("Content-Type: text/test\r\n"));
  EXPECT_THAT(heard, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(heard, EndsWith("\r\n\r\n4\r\nabc\n\r\n4\r\nabc\n\r\n4\r\nabc\n\r\n0\r\n\r\n"));  // chunks
  EXPECT_TRUE(client.closed());
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].path, "/metrics");
  EXPECT_EQ(requests_[0].accept, "text/a;q=1, b/c");
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(HttpServerTest, AnOldClientGetsTheTextWithoutChunks) {
  RawClient client(path_);
  client.Say("GET /metrics HTTP/1.0\r\n\r\n");
  Turn();
  EXPECT_THAT(client.Hear(), EndsWith("\r\n\r\nabc\nabc\nabc\n"));
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, AHeadHasNoBody) {
  RawClient client(path_);
  client.Say("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  Turn();
  EXPECT_THAT(client.Hear(), EndsWith("\r\n\r\n"));
  EXPECT_EQ(made_, 0);
}

TEST_F(HttpServerTest, OtherPathsAndMethodsAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "404"},
      {"GET /metrics/ HTTP/1.1\r\nHost: a\r\n\r\n", "404"},
      {"GET /../metrics HTTP/1.1\r\nHost: a\r\n\r\n", "404"},
      {"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "405"},
      {"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n", "405"},
      {"DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
      {"get /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
  };
  for (const auto& [request, status] : cases) {
    RawClient client(path_);
    client.Say(request);
    Turn();
    EXPECT_THAT(client.Hear(), StartsWith(std::string("HTTP/1.1 ") + status)) << request;
    EXPECT_TRUE(client.closed()) << request;
  }
}

TEST_F(HttpServerTest, RubbishIsNotAnsweredForLong) {
  const std::string bytes[] = {"show status\n\n", std::string(300, '\0'),
                               "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", "GET " + std::string(100'000, 'x')};
  for (const std::string& rubbish : bytes) {
    RawClient client(path_);
    client.Say(rubbish);
    client.HalfClose();
    Turn();
    Tick(1s);  // the library waits for the rest of what may be a request
    Tick(kLongestHttpAnswer);
    Turn();
    const std::string heard = client.Hear();
    EXPECT_THAT(heard, Not(HasSubstr("abc")));
    EXPECT_TRUE(client.closed()) << rubbish.substr(0, 20) << ": " << heard;
  }
  EXPECT_THAT(requests_, IsEmpty());
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(HttpServerTest, AHalfRequestIsCutOff) {
  RawClient client(path_);
  client.Say("GET /metrics HTTP/1.1\r\nHos");
  Turn();
  Tick(1s);
  Tick(kLongestHttpAnswer - 1s);
  Turn();
  EXPECT_EQ(server_->clients(), 1u);
  Tick(1s);
  Turn();
  EXPECT_EQ(server_->clients(), 0u);
  EXPECT_EQ(server_->counters().cut_off.value(), 1u);
  client.Hear();
  EXPECT_TRUE(client.closed());
}

// What a reader does not take is not made.
TEST_F(HttpServerTest, AReaderThatDoesNotReadCostsAFewPartsAndIsCutOff) {
  part_ = std::string(16'000, 'x');
  parts_ = 1'000'000;
  RawClient client(path_);
  client.Say(kGet);
  Turn(1000);
  const int made = made_;
  EXPECT_LT(made, 200);  // the socket's buffer is some 200 KiB
  Turn(1000);
  EXPECT_EQ(made_, made);
  Tick(1s);
  Tick(kLongestHttpAnswer);
  Turn();
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(HttpServerTest, ACrowdOfDeadClientsDoesNotKeepOutAReader) {
  std::vector<std::unique_ptr<RawClient>> dead;
  for (int i = 0; i < 250; ++i) {
    dead.push_back(std::make_unique<RawClient>(path_));
    if (i % 2 == 0) dead.back()->Say(i % 4 == 0 ? "GET" : "GET /metrics HTTP/1.1\r\nX: y");
    Turn(2);
  }
  Turn();
  EXPECT_EQ(server_->clients(), kMaxHttpClients);
  RawClient reader(path_);
  reader.Say(kGet);
  std::string heard;
  int seconds = 0;
  while (heard.empty() && seconds < 20) {
    Turn();
    heard = reader.Hear();
    Tick(1s);
    ++seconds;
  }
  EXPECT_THAT(heard, HasSubstr("abc"));
  EXPECT_LT(seconds, 10);  // Prometheus waits as long
}

// Each turn makes at most one part for each reader, so that the reactor's other descriptors have their turn.
TEST_F(HttpServerTest, OtherWorkHasItsTurnBetweenTheParts) {
  part_ = std::string(1000, 'x');
  parts_ = 100;
  RawClient client(path_);
  client.Say(kGet);
  Turn(5);
  EXPECT_LE(made_, 10);
  std::string heard;
  for (int i = 0; i < 20; ++i) {
    heard += client.Hear();
    Turn();
  }
  EXPECT_THAT(heard, EndsWith("0\r\n\r\n"));
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, AHungUpReaderIsForgotten) {
  parts_ = 1000;
  RawClient client(path_);
  client.Say(kGet);
  Turn(3);
  client.HangUp();
  Turn();
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(HttpServerTest, TheSocketIsRemovedAtTheEnd) {
  RawClient client(path_);
  client.Say(kGet);
  Turn(3);
  server_.reset();
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST(HttpServerTcpTest, APortThatIsTakenIsAnError) {
  std::unique_ptr<Reactor> reactor = *Reactor::Create();
  const IpAddress loopback = IpAddress::V4(0x7f00'0001);
  const auto none = [](const HttpRequest&) { return HttpReply{}; };
  const auto first = HttpServer::ListenTcp(*reactor, loopback, 39650, none);
  if (!first.ok()) GTEST_SKIP() << first.status();
  const auto second = HttpServer::ListenTcp(*reactor, loopback, 39650, none);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("cannot listen at 127.0.0.1 port 39650"));
}

}  // namespace
}  // namespace dpvrrp
