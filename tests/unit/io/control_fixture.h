// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "io/control_server.h"
#include "io/reactor.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {

// What `socat - UNIX-CONNECT:path` does, by hand and without ever waiting.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    DPVRRP_CHECK(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }

  // How many bytes were taken.
  size_t Say(const std::string& bytes) {
    const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<size_t>(sent);
  }
  void HalfClose() { shutdown(fd_.get(), SHUT_WR); }
  void HangUp() { fd_.Reset(); }

  // Everything that has arrived; remembers whether the end was seen.
  std::string Hear() {
    std::string heard;
    char bytes[65536];
    ssize_t got = 0;
    while ((got = recv(fd_.get(), bytes, sizeof(bytes), 0)) > 0) heard.append(bytes, static_cast<size_t>(got));
    closed_ = closed_ || got == 0 || errno != EAGAIN;
    return heard;
  }
  bool closed() const { return closed_; }

 private:
  UniqueFd fd_;
  bool closed_ = false;
};

// A server whose handler records the lines, answers "echo X" at once with "X\n", and leaves all others unanswered.
class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    reactor_ = *Reactor::Create();
    server_ = *ControlServer::Listen(*reactor_, path_, [this](ClientId client, const std::string& line) {
      lines_.push_back(line);
      last_client_ = client;
      if (line.rfind("echo ", 0) == 0) server_->Reply(client, ReplyStatus::kOk, line.substr(5) + "\n");
    });
    server_->set_peer_of([this](int) { return ControlPeer{4711, next_user_}; });
    server_->set_on_close([this](ClientId client) { closed_.push_back(client); });
  }

  // Lets everything happen that can happen without time passing.
  void Turn() {
    for (int i = 0; i < 64; ++i) ASSERT_TRUE(reactor_->RunOnce(Nanoseconds(0)).ok());
  }

  TempFolder folder_;
  std::string path_ = folder_ / "ctl.sock";
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<ControlServer> server_;
  std::vector<std::string> lines_;
  std::vector<ClientId> closed_;
  ClientId last_client_;
  uid_t next_user_ = 0;  // of clients that connect from now on
};

}  // namespace dpvrrp
