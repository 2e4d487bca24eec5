// SPDX-License-Identifier: BSD-3-Clause
//
// The daemon's side of the control socket.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/counter.h"
#include "base/time.h"
#include "io/control_protocol.h"
#include "io/reactor.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// written by: control; read by: any
struct ControlServerCounters {
  Counter accepted;
  Counter refused;    // no place (io/control_places.h), or no descriptor
  Counter displaced;  // idle, and closed for another client
  Counter oversize;   // a line longer than kMaxControlLine
  Counter garbage;    // a line that is not text, answered by an error
  Counter slow;       // did not read its stream or its reply
  Counter timed_out;  // began a line and did not finish it
};

// The owner of the socket. A field that is not given stays as the process made it.
struct ControlOwner {
  std::optional<uid_t> user;   // also of the socket's folder, if we make it: the user can then remove the socket
  std::optional<gid_t> group;  // its members may connect, besides the owner
  mode_t mode = 0660;
};

// The process at the other end at the time of its connect() (SO_PEERCRED, unix(7)).
struct ControlPeer {
  pid_t pid = 0;
  uid_t user = 0;
};

// A client, in the form that is shown to people.
struct ControlClientInfo {
  ClientId id;
  ControlPeer peer;
  Nanoseconds connected{0};  // time since it connected
  Nanoseconds idle{0};       // since its last line, or since it last read from an answer; to a second
  std::string request;       // the line without a final answer yet, for example of a follower; empty: none
};

// Serves the control socket (io/control_protocol.h). Does not know the commands: it passes each line to the handler.
// The handler, or other code later, answers by the client's id. All descriptors are non-blocking; SIGPIPE is never
// raised.
//
// One request at a time for each client: the next line is passed on only after the last one has its Reply() and the
// client has read it. A client that sends end-of-file (socat) still gets its answers. If a client hangs up, the lines
// that it sent before are still passed on, up to the first one that is not answered at once.
//
// Re-entrancy: the handler may call Reply() and Stream(). Neither these nor Tick() ever call back: only the reactor
// causes writing, closing and `on_close`.
//
// Thread: control.
class ControlServer {
 public:
  using Handler = std::function<void(ClientId client, const std::string& line)>;
  using CloseHandler = std::function<void(ClientId client)>;

  // Binds and listens. No handler runs before the reactor does. `reactor` must outlive the server. If the path's folder
  // is missing, it is made (0755). The socket of a dead daemon is replaced. The mode is that of `owner`, whatever the
  // umask.
  //   AlreadyExists        a running daemon answers at the path
  //   FailedPrecondition   the path is not a socket
  //   InvalidArgument      the path does not fit a socket address (107 bytes)
  static absl::StatusOr<std::unique_ptr<ControlServer>> Listen(Reactor& reactor, const std::string& path,
                                                               Handler handler, const ControlOwner& owner = {});
  // Closes every client (without on_close) and unlinks the path if it is still ours.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // A test's replacement for SO_PEERCRED. Call it before a client connects.
  void set_peer_of(std::function<ControlPeer(int fd)> peer_of) { peer_of_ = std::move(peer_of); }
  void set_on_close(CloseHandler on_close) { on_close_ = std::move(on_close); }

  // The final answer to a client's line. `status` is not kMore. Ignored if the client has disconnected or has no open
  // request.
  void Reply(ClientId client, ReplyStatus status, absl::string_view body);
  // A part of an answer; Reply() must follow later. Ignored under the same conditions. A client with more than
  // kMaxControlBacklog unread bytes is disconnected. A long stream is sent at once, as far as the socket takes it.
  void Stream(ClientId client, absl::string_view chunk);

  // Disconnects clients with a partial line or unread output that is too old. Call it about once a second. Idle times
  // are measured to the time of the latest call.
  void Tick(Instant now);

  size_t clients() const { return clients_.size(); }
  std::vector<ControlClientInfo> ListClients() const;  // in the order in which they connected
  const ControlServerCounters& counters() const { return counters_; }

 private:
  struct Client;

  ControlServer(Reactor& reactor, std::string path, UniqueFd listener, Handler handler);
  void Accept();
  void Refuse(UniqueFd fd, absl::string_view limit);
  bool MakeRoom(const ControlPeer& peer, absl::string_view* limit);  // false: no place
  void Displace(Client& client);
  void Service(ClientId id, uint32_t events);
  void Converse(Client& client);  // alternately writes and passes on lines, until it would have to wait
  bool Receive(Client& client);   // true: received bytes
  void Transmit(Client& client);
  bool TakeLine(Client& client, std::string* line);
  void HandleLine(Client& client, const std::string& line);
  void Enqueue(Client& client, ReplyStatus status, absl::string_view body);
  void Watch(Client& client);   // sets in the reactor the events for which this client waits
  void CutOff(Client& client);  // wakes the reactor with EPOLLHUP, which closes it
  void Close(Client& client);
  Client* FindBusy(ClientId id);

  Reactor& reactor_;
  std::string path_;
  dev_t device_ = 0;  // of the bound socket, to unlink only our own
  ino_t inode_ = 0;
  UniqueFd listener_;
  UniqueFd spare_;  // closed to accept and refuse a client when descriptors run out
  Handler handler_;
  CloseHandler on_close_;
  std::function<ControlPeer(int fd)> peer_of_;
  Instant now_{};  // of the latest Tick()
  uint64_t next_id_ = 1;
  absl::flat_hash_map<ClientId, std::unique_ptr<Client>> clients_;
  ControlServerCounters counters_;
};

}  // namespace dpvrrp
