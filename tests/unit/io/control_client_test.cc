// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "io/control_socket.h"
#include "unit/io/control_fixture.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kClientPatience = std::chrono::seconds(20);

class ControlClientTest : public ControlTest {
 protected:
  // The client blocks, so it talks in a thread while this one serves.
  void Serve(const std::function<void()>& talk) {
    std::atomic<bool> done = false;
    std::thread client([&] {
      talk();
      done = true;
    });
    for (int i = 0; i < 20'000 && !done; ++i) {
      ASSERT_TRUE(reactor_->RunOnce(std::chrono::milliseconds(1)).ok());
      if (!lines_.empty() && lines_.back() == "follow") {
        server_->Stream(last_client_, "one\n");
        server_->Stream(last_client_, "two\n");
        server_->Reply(last_client_, ReplyStatus::kError, "the end");
        lines_.clear();
      }
    }
    client.join();
  }
};

TEST_F(ControlClientTest, AsksAndHears) {
  Serve([this] {
    absl::StatusOr<ControlClient> client = ControlClient::Connect(path_, kClientPatience);
    ASSERT_TRUE(client.ok()) << client.status();
    for (const size_t length : {1u, 4000u}) {
      ASSERT_TRUE(client->Send("echo " + std::string(length, 'x'), kClientPatience).ok());
      const absl::StatusOr<ControlClient::Frame> frame = client->ReadFrame(kClientPatience);
      ASSERT_TRUE(frame.ok()) << frame.status();
      EXPECT_EQ(frame->status, ReplyStatus::kOk);
      EXPECT_EQ(frame->body, std::string(length, 'x') + "\n");
    }
  });
}

TEST_F(ControlClientTest, AStreamArrivesPartByPart) {
  Serve([this] {
    absl::StatusOr<ControlClient> client = ControlClient::Connect(path_, kClientPatience);
    ASSERT_TRUE(client.ok()) << client.status();
    ASSERT_TRUE(client->Send("follow", kClientPatience).ok());
    std::string bodies;
    absl::StatusOr<ControlClient::Frame> frame = client->ReadFrame(kClientPatience);
    for (; frame.ok() && frame->status == ReplyStatus::kMore; frame = client->ReadFrame(kClientPatience)) {
      bodies += frame->body;
    }
    ASSERT_TRUE(frame.ok()) << frame.status();
    EXPECT_EQ(bodies, "one\ntwo\n");
    EXPECT_EQ(frame->status, ReplyStatus::kError);
    EXPECT_EQ(frame->body, "the end");
  });
}

TEST_F(ControlClientTest, ARefusalIsTold) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < kMaxControlClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(path_));
    Turn();
  }
  Serve([this] {
    const absl::StatusOr<ControlClient> client = ControlClient::Connect(path_, kClientPatience);
    EXPECT_TRUE(absl::IsUnavailable(client.status())) << client.status();
    EXPECT_EQ(client.status().message(), "too many clients, at most 64");
  });
}

TEST_F(ControlClientTest, ADaemonThatDoesNotAnswerIsGivenUp) {
  // The reactor does not run, so the connection stays in the backlog.
  const absl::StatusOr<ControlClient> client = ControlClient::Connect(path_, std::chrono::milliseconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(client.status())) << client.status();
}

TEST_F(ControlClientTest, WithoutAServerIsUnavailable) {
  const absl::StatusOr<ControlClient> client = ControlClient::Connect(folder_ / "nobody", kClientPatience);
  EXPECT_TRUE(absl::IsUnavailable(client.status())) << client.status();
  EXPECT_NE(client.status().message().find("/nobody: No such file"), absl::string_view::npos) << client.status();
}

TEST_F(ControlClientTest, ALineThatIsNoneIsNotSent) {
  Serve([this] {
    absl::StatusOr<ControlClient> client = ControlClient::Connect(path_, kClientPatience);
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_TRUE(absl::IsInvalidArgument(client->Send("two\nlines", kClientPatience)));
    EXPECT_TRUE(absl::IsInvalidArgument(client->Send(std::string(kMaxControlLine + 1, 'x'), kClientPatience)));
  });
  EXPECT_TRUE(lines_.empty());
}

// Another kind of server listens at the path.
TEST(ControlClientStrangerTest, OtherProtocolsAreRecognised) {
  for (const std::string words :
       {"HTTP/1.1 400 Bad Request\r\n", "ok\n", "ok -1\n", "ok 99999999999\n", "fine 3\nabc", "ok 5\nab"}) {
    TempFolder folder;
    const absl::StatusOr<UniqueFd> listener = internal::BindControlSocket(folder / "s");
    ASSERT_TRUE(listener.ok());
    absl::Status status;
    std::thread client([&] { status = ControlClient::Connect(folder / "s", kClientPatience).status(); });
    UniqueFd accepted;
    while (!accepted.valid()) accepted.Reset(accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_EQ(send(accepted.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
    shutdown(accepted.get(), SHUT_WR);
    client.join();
    if (words == "ok 5\nab") {
      EXPECT_TRUE(absl::IsUnavailable(status)) << words << status;  // it broke off
    } else {
      EXPECT_TRUE(absl::IsDataLoss(status)) << words << status;
    }
  }
}

}  // namespace
}  // namespace dpvrrp
