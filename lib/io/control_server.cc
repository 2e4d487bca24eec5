// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "io/control_places.h"
#include "io/control_socket.h"

namespace dpvrrp {
namespace {

constexpr int kMaxAcceptsPerTurn = 16;         // others wait for the reactor's next turn
constexpr size_t kReadBytes = 4096;            // per read
constexpr size_t kStreamStep = 64 * 1024;      // a stream that grows past a multiple of this is written at once
constexpr size_t kMaxDrainBytes = 256 * 1024;  // read and discarded before closing; see Drain()

bool IsText(absl::string_view line) {
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
  }
  return true;
}

// If a Unix socket with unread input is closed, the peer's next read fails (ECONNRESET), in some clients before they
// have shown our last message. So the input is read first.
void Drain(const UniqueFd& fd) {
  std::array<char, kReadBytes> rubbish;
  for (size_t total = 0; total < kMaxDrainBytes;) {
    const ssize_t got = recv(fd.get(), rubbish.data(), rubbish.size(), MSG_DONTWAIT);
    if (got <= 0) return;
    total += static_cast<size_t>(got);
  }
}

ControlPeer PeerOf(int fd) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  // Linux always answers. If it did not, the client must not count as root.
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {0, static_cast<uid_t>(-1)};
  return {credentials.pid, credentials.uid};
}

}  // namespace

struct ControlServer::Client {
  ClientId id;
  UniqueFd fd;
  ControlPeer peer;
  Instant connected{};
  Instant last_active{};  // when it connected, sent a line, or read some output
  std::string request;    // the latest line that was passed to the handler
  std::string input;      // received, not yet passed on; at most about kMaxControlLine + kReadBytes
  std::string output;     // not yet sent: from `sent` on
  size_t sent = 0;
  uint32_t watched = 0;  // the events last set in the reactor
  bool framed = false;
  bool busy = false;        // a line was passed on and has no Reply() yet
  bool kicked = false;      // there is work although no byte arrived
  bool in_service = false;  // Service() is running and will call Watch() itself
  bool end_of_input = false;
  bool closing = false;          // close when the output is sent
  bool gone = false;             // close at once
  Instant line_since = kNever;   // first Tick() with the partial line
  Instant stall_since = kNever;  // first Tick() with unmoved output
  uint64_t total_sent = 0;
  uint64_t total_sent_at_tick = 0;

  size_t unsent() const { return output.size() - sent; }
};

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Listen(Reactor& reactor, const std::string& path,
                                                                     Handler handler, const ControlOwner& owner) {
  DPVRRP_ASSIGN_OR_RETURN(UniqueFd listener, internal::BindControlSocket(path, owner));
  const int fd = listener.get();
  std::unique_ptr<ControlServer> server(new ControlServer(reactor, path, std::move(listener), std::move(handler)));
  ControlServer* self = server.get();
  DPVRRP_RETURN_IF_ERROR(reactor.Add(fd, EPOLLIN, [self](uint32_t) { self->Accept(); }));
  return server;
}

ControlServer::ControlServer(Reactor& reactor, std::string path, UniqueFd listener, Handler handler)
    : reactor_(reactor),
      path_(std::move(path)),
      listener_(std::move(listener)),
      spare_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      handler_(std::move(handler)),
      peer_of_(PeerOf) {
  struct stat attributes {};
  if (lstat(path_.c_str(), &attributes) != 0) return;
  device_ = attributes.st_dev;
  inode_ = attributes.st_ino;
}

ControlServer::~ControlServer() {
  for (auto& [id, client] : clients_) reactor_.Remove(client->fd.get());
  reactor_.Remove(listener_.get());
  struct stat attributes {};
  if (lstat(path_.c_str(), &attributes) == 0 && attributes.st_dev == device_ && attributes.st_ino == inode_) {
    unlink(path_.c_str());
  }
}

void ControlServer::Accept() {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.valid() && (errno == EMFILE || errno == ENFILE) && spare_.valid()) {
      // A level-triggered listener would wake us without end. So the connection is taken with the spare descriptor, and
      // refused.
      spare_.Reset();
      UniqueFd refused(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (refused.valid()) Refuse(std::move(refused), "no file descriptor is left");
      spare_.Reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
      return;
    }
    if (!fd.valid()) return;
    const ControlPeer peer = peer_of_(fd.get());
    absl::string_view limit;
    if (!MakeRoom(peer, &limit)) {
      Refuse(std::move(fd), limit);
      continue;
    }
    auto client = std::make_unique<Client>();
    client->id = ClientId(next_id_++);
    client->peer = peer;
    client->connected = client->last_active = now_;
    client->fd = std::move(fd);
    client->watched = EPOLLIN;
    const ClientId id = client->id;
    if (!reactor_.Add(client->fd.get(), EPOLLIN, [this, id](uint32_t events) { Service(id, events); }).ok()) {
      Refuse(std::move(client->fd), "no file descriptor is left");
      continue;
    }
    clients_.emplace(id, std::move(client));
    counters_.accepted.Add();
  }
}

bool ControlServer::MakeRoom(const ControlPeer& peer, absl::string_view* limit) {
  std::vector<ControlPlace> connected;
  for (const auto& [id, client] : clients_) {
    connected.push_back({id, client->peer.user, !client->busy, client->last_active});
  }
  const ControlAdmission admission = AdmitControlClient(peer.user, connected, now_);
  *limit = admission.limit;
  if (admission.makes_room.has_value()) Displace(*clients_.at(*admission.makes_room));
  return admission.admitted;
}

// The client gets a message, if it reads.
void ControlServer::Displace(Client& client) {
  counters_.displaced.Add();
  if (client.unsent() == 0) Enqueue(client, ReplyStatus::kError, "closed: another client needs the place");
  Transmit(client);
  Close(client);
}

void ControlServer::Refuse(UniqueFd fd, absl::string_view limit) {
  counters_.refused.Add();
  const std::string words = absl::StrCat("error: too many clients, ", limit, "\n");
  Drain(fd);
  [[maybe_unused]] const ssize_t sent = send(fd.get(), words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void ControlServer::Service(ClientId id, uint32_t events) {
  const auto it = clients_.find(id);
  if (it == clients_.end()) return;
  Client& client = *it->second;
  client.in_service = true;
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  bool received = false;
  do {
    received = ((client.watched & EPOLLIN) != 0 || hung_up) && Receive(client);
    Converse(client);
    // After a hang-up no client reads the answers, but the lines sent before it still count.
  } while (hung_up && received && !client.busy && !client.gone);
  client.in_service = false;
  client.kicked = false;
  if (hung_up || client.gone) return Close(client);
  Watch(client);
}

void ControlServer::Converse(Client& client) {
  std::string line;
  while (!client.gone) {
    Transmit(client);
    if (client.gone || client.unsent() > 0 || client.busy) return;
    if (client.closing) {
      client.gone = true;
      return;
    }
    if (TakeLine(client, &line)) {
      HandleLine(client, line);
    } else if (!client.closing) {
      if (!client.end_of_input) return;
      client.gone = true;  // every line is answered, and no more will arrive
    }
  }
}

bool ControlServer::Receive(Client& client) {
  if (client.end_of_input || client.closing) return false;
  std::array<char, kReadBytes> bytes;
  const ssize_t got = recv(client.fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got > 0) {
    client.input.append(bytes.data(), static_cast<size_t>(got));
    return true;
  }
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) client.end_of_input = true;
  return false;
}

void ControlServer::Transmit(Client& client) {
  while (client.unsent() > 0) {
    const ssize_t sent =
        send(client.fd.get(), client.output.data() + client.sent, client.unsent(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) {
      // The reader has hung up. Its output is discarded, but the lines it sent before must still be executed.
      client.output.clear();
      client.sent = 0;
      return;
    }
    client.sent += static_cast<size_t>(sent);
    client.last_active = now_;
    client.total_sent += static_cast<uint64_t>(sent);
  }
  if (client.sent > client.output.size() / 2) {
    client.output.erase(0, client.sent);
    client.sent = 0;
  }
}

bool ControlServer::TakeLine(Client& client, std::string* line) {
  const size_t newline = client.input.find('\n');
  if (newline != std::string::npos) {
    *line = client.input.substr(0, newline);
    client.input.erase(0, newline + 1);
  } else if (client.end_of_input || client.input.size() > kMaxControlLine + 1) {  // 1: it may be a CR
    if (client.input.empty()) return false;
    *line = std::move(client.input);
    client.input.clear();
  } else {
    return false;
  }
  client.line_since = kNever;
  if (!line->empty() && line->back() == '\r') line->pop_back();
  if (line->size() <= kMaxControlLine) return true;

  counters_.oversize.Add();
  client.input.clear();
  client.closing = true;
  Enqueue(client, ReplyStatus::kError, absl::StrCat("the line is longer than ", kMaxControlLine, " bytes"));
  return false;
}

void ControlServer::HandleLine(Client& client, const std::string& line) {
  client.busy = true;
  client.last_active = now_;
  client.request = line;
  if (!IsText(line)) {
    counters_.garbage.Add();
    return Reply(client.id, ReplyStatus::kUsage, "the line is not text");
  }
  if (line == kFramedModeLine || line == kPlainModeLine) {
    client.framed = line == kFramedModeLine;
    return Reply(client.id, ReplyStatus::kOk, "");
  }
  if (line.find_first_not_of(" \t") == std::string::npos) return Reply(client.id, ReplyStatus::kOk, "");
  handler_(client.id, line);
}

void ControlServer::Enqueue(Client& client, ReplyStatus status, absl::string_view body) {
  if (client.framed) {
    absl::StrAppend(&client.output, ToString(status), " ", body.size(), "\n", body);
    return;
  }
  const bool failed = status != ReplyStatus::kOk && status != ReplyStatus::kMore;
  absl::StrAppend(&client.output, failed ? "error: " : "", body);
  if (failed && (body.empty() || body.back() != '\n')) client.output += '\n';
}

void ControlServer::Reply(ClientId id, ReplyStatus status, absl::string_view body) {
  DPVRRP_CHECK(status != ReplyStatus::kMore);
  Client* client = FindBusy(id);
  if (client == nullptr) return;
  if (body.size() > kMaxControlReply) {
    Enqueue(*client, ReplyStatus::kError, absl::StrCat("the answer has ", body.size(), " bytes, too many to send"));
  } else {
    Enqueue(*client, status, body);
  }
  client->busy = false;
  client->kicked = true;
  if (!client->in_service) Watch(*client);
}

void ControlServer::Stream(ClientId id, absl::string_view chunk) {
  Client* client = FindBusy(id);
  if (client == nullptr) return;
  if (client->unsent() + chunk.size() > kMaxControlBacklog) {
    counters_.slow.Add();
    CutOff(*client);
    return;
  }
  const size_t before = client->unsent();
  Enqueue(*client, ReplyStatus::kMore, chunk);
  // A turn may produce much output. It is sent to the reader during the turn.
  if (client->unsent() / kStreamStep != before / kStreamStep) Transmit(*client);
  if (!client->in_service) Watch(*client);
}

std::vector<ControlClientInfo> ControlServer::ListClients() const {
  std::vector<ControlClientInfo> list;
  for (const auto& [id, client] : clients_) {
    list.push_back({id, client->peer, now_ - client->connected, now_ - client->last_active,
                    client->busy ? client->request : std::string()});
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.id.value() < b.id.value(); });
  return list;
}

void ControlServer::Tick(Instant now) {
  now_ = now;
  for (auto& [id, client] : clients_) {
    if (client->gone) continue;
    const bool waits_for_rest_of_line = !client->busy && !client->closing && client->unsent() == 0;
    if (!waits_for_rest_of_line || client->input.empty()) {
      client->line_since = kNever;
    } else if (client->line_since == kNever) {
      client->line_since = now;
    } else if (now - client->line_since >= kControlLineTimeout) {
      counters_.timed_out.Add();
      client->input.clear();
      client->closing = true;
      Enqueue(*client, ReplyStatus::kError, "timed out waiting for the rest of the line");
      Watch(*client);
    }

    const bool moving = client->unsent() == 0 || client->total_sent != client->total_sent_at_tick;
    client->total_sent_at_tick = client->total_sent;
    if (moving) {
      client->stall_since = kNever;
    } else if (client->stall_since == kNever) {
      client->stall_since = now;
    } else if (now - client->stall_since >= kControlWriteTimeout) {
      counters_.slow.Add();
      CutOff(*client);
    }
  }
}

void ControlServer::Watch(Client& client) {
  uint32_t wanted = 0;
  if (!client.end_of_input && !client.closing && client.input.size() <= kMaxControlLine + 1) wanted |= EPOLLIN;
  if (client.unsent() > 0 || client.kicked) wanted |= EPOLLOUT;
  if (wanted == client.watched) return;
  client.watched = wanted;
  DPVRRP_CHECK(reactor_.Modify(client.fd.get(), wanted).ok());
}

void ControlServer::CutOff(Client& client) {
  client.gone = true;
  client.output.clear();
  client.sent = 0;
  shutdown(client.fd.get(), SHUT_RDWR);
}

void ControlServer::Close(Client& client) {
  const ClientId id = client.id;
  reactor_.Remove(client.fd.get());
  Drain(client.fd);
  clients_.erase(id);
  if (on_close_) on_close_(id);
}

ControlServer::Client* ControlServer::FindBusy(ClientId id) {
  const auto it = clients_.find(id);
  return it == clients_.end() || it->second->gone || !it->second->busy ? nullptr : it->second.get();
}

}  // namespace dpvrrp
