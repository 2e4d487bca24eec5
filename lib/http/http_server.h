// SPDX-License-Identifier: BSD-3-Clause
//
// Answers GET and HEAD over HTTP/1.1, for monitoring systems on this machine. The protocol is libmicrohttpd's; this
// class puts its epoll descriptor into the reactor, so there is no thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/counter.h"
#include "base/time.h"
#include "io/control_server.h"
#include "io/event_fd.h"
#include "io/reactor.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace dpvrrp {

inline constexpr unsigned kMaxHttpClients = 128;       // of one listener; others wait in the kernel's queue
inline constexpr size_t kHttpClientBytes = 32 * 1024;  // memory of a connection: request, and text not yet sent
inline constexpr Nanoseconds kLongestHttpAnswer = std::chrono::seconds(10);  // from the connection to the last byte
// While most places are taken, a connection has only this time.
inline constexpr Nanoseconds kShortestHttpAnswer = std::chrono::seconds(1);
// The CPU time in a second in which texts may be made. A reader that asks again and again cannot keep the thread busy.
inline constexpr Nanoseconds kHttpShare = std::chrono::milliseconds(250);
inline constexpr Nanoseconds kHttpTurn = std::chrono::milliseconds(2);  // and in a turn of the reactor

struct HttpRequest {
  std::string path;    // without the query
  std::string accept;  // the header's value; empty: there is none
};

// Appends the next part of a text, of at most some 20 KiB, or nothing if it is not ready. False: it was the last part.
using HttpText = std::function<bool(std::string& out)>;

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  HttpText text;
};

// written by: control; read by: any
struct HttpServerCounters {
  Counter answered;  // requests
  Counter cut_off;   // connections that took too long
};

// One listener. Each connection has one request and is closed after the answer, so a place is never taken for long. A
// method other than GET and HEAD is answered by 405, a request that is not HTTP by 400.
//
// Text is made when the reader takes it, part by part. A reader that does not read costs kHttpClientBytes and one part
// until it is cut off.
//
// Re-entrancy: the handler and the texts must not use the server.
//
// Thread: control.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest& request)>;

  // `reactor` must outlive the server.
  //   FailedPrecondition  another program listens there
  static absl::StatusOr<std::unique_ptr<HttpServer>> ListenTcp(Reactor& reactor, const IpAddress& address,
                                                               uint16_t port, Handler handler);
  // Makes the socket as ControlServer::Listen() does, with the same errors.
  static absl::StatusOr<std::unique_ptr<HttpServer>> ListenUnix(Reactor& reactor, const std::string& path,
                                                                Handler handler, const ControlOwner& owner = {});
  // Closes every connection, and removes the Unix socket.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Cuts off connections that take too long. Call it about once a second.
  void Tick(Instant now);

  size_t clients() const { return connections_.size(); }
  const HttpServerCounters& counters() const { return counters_; }

 private:
  struct Calls;   // libmicrohttpd's callbacks
  struct Answer;  // a text that is being sent

  HttpServer(Reactor& reactor, EventFd again, Handler handler)
      : reactor_(reactor), again_(std::move(again)), handler_(std::move(handler)) {}
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Reactor& reactor, UniqueFd listener, Handler handler);
  void Run();
  bool MayMakeText() const { return spent_ < kHttpShare && spent_in_turn_ < kHttpTurn; }
  void NoteSpent(Nanoseconds time) {
    spent_ += time;
    spent_in_turn_ += time;
  }

  Reactor& reactor_;
  EventFd again_;  // readable: there is work although no descriptor is ready
  Handler handler_;
  MHD_Daemon* daemon_ = nullptr;
  int epoll_ = -1;
  std::string path_;                                           // of the Unix socket
  absl::flat_hash_map<MHD_Connection*, Instant> connections_;  // with the time of the first Tick() that saw it
  Nanoseconds spent_in_turn_{0};                               // for texts
  Nanoseconds spent_{0};                                       // since the last Tick(), for texts
  HttpServerCounters counters_;
};

}  // namespace dpvrrp
