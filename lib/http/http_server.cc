// SPDX-License-Identifier: BSD-3-Clause
#include "http/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "io/control_socket.h"

namespace dpvrrp {
namespace {

// CPU time of the calling thread. On a busy machine the wall clock would count the work of other programs.
Nanoseconds CpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

constexpr int kBacklog = 128;  // connections that wait for a place

absl::StatusOr<UniqueFd> BindTcp(const IpAddress& address, uint16_t port) {
  const IpAddress::Bytes bytes = address.bytes();
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (address.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::memcpy(&v4->sin_addr, bytes.data(), sizeof(v4->sin_addr));
    size = sizeof(*v4);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    std::memcpy(&v6->sin6_addr, bytes.data(), sizeof(v6->sin6_addr));
    size = sizeof(*v6);
  }
  UniqueFd fd(socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;  // connections of the last run do not prevent a restart
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 || listen(fd.get(), kBacklog) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("metrics: cannot listen at ", ToString(address), " port ", port));
  }
  return fd;
}

}  // namespace

struct HttpServer::Answer {
  HttpServer& server;
  HttpText text;
  std::string made{};  // not yet taken: from `taken` on
  size_t taken = 0;
  bool finished = false;
};

struct HttpServer::Calls {
  static MHD_Result Access(void* self, MHD_Connection* connection, const char* url, const char* method,
                           const char* /*version*/, const char* /*body*/, size_t* /*body_size*/, void** /*state*/) {
    HttpServer& server = *static_cast<HttpServer*>(self);
    HttpReply reply;
    const bool reads = std::strcmp(method, MHD_HTTP_METHOD_GET) == 0 || std::strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    if (reads) {
      const char* accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
      reply = server.handler_({url, accept == nullptr ? "" : accept});
    } else {
      reply.status = MHD_HTTP_METHOD_NOT_ALLOWED;
      reply.text = [](std::string& out) {
        out += "only GET and HEAD are allowed\n";
        return false;
      };
    }
    auto* const answer = new Answer{server, std::move(reply.text)};
    MHD_Response* response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kHttpClientBytes / 2, Read, answer, Free);
    if (response == nullptr) {
      delete answer;
      return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.content_type.c_str());
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (!reads) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response);
    MHD_destroy_response(response);  // the connection has a reference
    server.counters_.answered.Add();
    return queued;
  }

  static ssize_t Read(void* state, uint64_t /*at*/, char* to, size_t room) {
    Answer& answer = *static_cast<Answer*>(state);
    if (answer.taken == answer.made.size()) {
      if (answer.finished) return MHD_CONTENT_READER_END_OF_STREAM;
      if (!answer.server.MayMakeText()) return 0;
      answer.made.clear();
      answer.taken = 0;
      const Nanoseconds start = CpuTime();
      answer.finished = !answer.text(answer.made);
      answer.server.NoteSpent(CpuTime() - start);
      if (answer.made.empty()) return answer.finished ? MHD_CONTENT_READER_END_OF_STREAM : 0;
    }
    const size_t count = std::min(room, answer.made.size() - answer.taken);
    std::memcpy(to, answer.made.data() + answer.taken, count);
    answer.taken += count;
    return static_cast<ssize_t>(count);
  }

  static void Free(void* state) { delete static_cast<Answer*>(state); }

  static void Connection(void* self, MHD_Connection* connection, void** /*state*/,
                         MHD_ConnectionNotificationCode what) {
    HttpServer& server = *static_cast<HttpServer*>(self);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      server.connections_.emplace(connection, kNever);
    } else {
      server.connections_.erase(connection);
    }
  }
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::ListenTcp(Reactor& reactor, const IpAddress& address,
                                                                  uint16_t port, Handler handler) {
  DPVRRP_ASSIGN_OR_RETURN(UniqueFd listener, BindTcp(address, port));
  return Start(reactor, std::move(listener), std::move(handler));
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::ListenUnix(Reactor& reactor, const std::string& path,
                                                                   Handler handler, const ControlOwner& owner) {
  DPVRRP_ASSIGN_OR_RETURN(UniqueFd listener, internal::BindControlSocket(path, owner));
  absl::StatusOr<std::unique_ptr<HttpServer>> server = Start(reactor, std::move(listener), std::move(handler));
  if (server.ok()) {
    (*server)->path_ = path;
  } else {
    unlink(path.c_str());
  }
  return server;
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Reactor& reactor, UniqueFd listener, Handler handler) {
  DPVRRP_ASSIGN_OR_RETURN(EventFd again, EventFd::Create());
  std::unique_ptr<HttpServer> server(new HttpServer(reactor, std::move(again), std::move(handler)));
  HttpServer* self = server.get();
  server->daemon_ = MHD_start_daemon(MHD_USE_EPOLL, 0, nullptr, nullptr, Calls::Access, self,  //
                                     MHD_OPTION_LISTEN_SOCKET, listener.get(),                 //
                                     MHD_OPTION_CONNECTION_LIMIT, kMaxHttpClients,             //
                                     MHD_OPTION_CONNECTION_MEMORY_LIMIT, kHttpClientBytes,     //
                                     MHD_OPTION_NOTIFY_CONNECTION, Calls::Connection, self, MHD_OPTION_END);
  if (server->daemon_ == nullptr) return absl::InternalError("metrics: libmicrohttpd does not start");
  listener.Release();  // the daemon closes it
  const MHD_DaemonInfo* info = MHD_get_daemon_info(server->daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  DPVRRP_CHECK(info != nullptr);
  server->epoll_ = info->epoll_fd;
  DPVRRP_RETURN_IF_ERROR(reactor.Add(server->epoll_, kReadable, [self](uint32_t) { self->Run(); }));
  DPVRRP_RETURN_IF_ERROR(reactor.Add(server->again_.fd(), kReadable, [self](uint32_t) { self->Run(); }));
  return server;
}

HttpServer::~HttpServer() {
  reactor_.Remove(again_.fd());
  if (epoll_ >= 0) reactor_.Remove(epoll_);
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  if (!path_.empty()) unlink(path_.c_str());
}

// The library has edge-triggered events, so it remembers the connections that can go on. While there are some, the
// reactor calls again after everything else had its turn.
void HttpServer::Run() {
  again_.Drain();
  spent_in_turn_ = Nanoseconds(0);
  MHD_run(daemon_);
  MHD_UNSIGNED_LONG_LONG wait_ms = 0;
  const bool has_work = MHD_get_timeout(daemon_, &wait_ms) == MHD_YES && wait_ms == 0;
  if (has_work && spent_ < kHttpShare) again_.Kick();  // otherwise the next Tick() continues
}

void HttpServer::Tick(Instant now) {
  const Nanoseconds longest = connections_.size() > kMaxHttpClients / 2 ? kShortestHttpAnswer : kLongestHttpAnswer;
  for (auto& [connection, since] : connections_) {
    if (since == kNever) since = now;
    if (now - since < longest) continue;
    const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == nullptr || shutdown(info->connect_fd, SHUT_RDWR) != 0) continue;
    counters_.cut_off.Add();
  }
  spent_ = Nanoseconds(0);
  Run();
}

}  // namespace dpvrrp
