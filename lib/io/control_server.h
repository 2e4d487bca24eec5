// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

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
  Counter refused;    // more than kMaxControlClients, or no descriptor left
  Counter oversize;   // a line longer than kMaxControlLine
  Counter garbage;    // a line that is not text, answered by an error
  Counter slow;       // did not read its stream or its reply
  Counter timed_out;  // began a line and did not finish it
};

// Whose the socket is; what is not given stays as the process made it.
struct ControlOwner {
  std::optional<uid_t> user;  // of the socket's folder too, if that had to be made: then the user can remove the socket
  std::optional<gid_t> group;  // whose members may connect, besides the owner
};

// Serves the control socket (io/control_protocol.h). Does not know the commands: it hands each line to the handler, and
// the handler, or anyone later, answers by the client's id. All descriptors are non-blocking; SIGPIPE is never raised.
//
// One request at a time per client: the next line is handed over only when the last one has had its Reply() and the
// client has read it. A client that sends end-of-file (socat) still gets its answers. A client that hangs up at once
// still has the lines it sent handed over, up to the first one that is not answered on the spot.
//
// Re-entrancy: the handler may call Reply() and Stream(). Neither they nor Tick() ever call back: writing, closing and
// `on_close` are left to the reactor.
//
// Thread: control.
class ControlServer {
 public:
  using Handler = std::function<void(ClientId client, const std::string& line)>;
  using CloseHandler = std::function<void(ClientId client)>;

  // Binds and listens; no handler runs before the reactor does. `reactor` must outlive the server. The path's folder is
  // made (0755) if it is missing, a dead daemon's socket is replaced, the mode is 0660 whatever the umask.
  //   AlreadyExists        a daemon answers there
  //   FailedPrecondition   something else than a socket is there
  //   InvalidArgument      the path does not fit a socket address (107 bytes)
  static absl::StatusOr<std::unique_ptr<ControlServer>> Listen(Reactor& reactor, const std::string& path,
                                                               Handler handler, const ControlOwner& owner = {});
  // Closes every client (without on_close) and unlinks the path if it is still ours.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  void set_on_close(CloseHandler on_close) { on_close_ = std::move(on_close); }

  // The final answer to a client's line. `status` is not kMore. Ignored if the client is gone or has no open request.
  void Reply(ClientId client, ReplyStatus status, absl::string_view body);
  // A part of an answer; Reply() must follow some day. Same conditions. A client that lets kMaxControlBacklog bytes
  // pile up is cut off. What the socket takes at once of a long stream is sent at once.
  void Stream(ClientId client, absl::string_view chunk);

  // Cuts off clients that have sat too long on a partial line or on unread output. Call about once a second.
  void Tick(Instant now);

  size_t clients() const { return clients_.size(); }
  const ControlServerCounters& counters() const { return counters_; }

 private:
  struct Client;

  ControlServer(Reactor& reactor, std::string path, UniqueFd listener, Handler handler);
  void Accept();
  void Refuse(UniqueFd fd);
  void Service(ClientId id, uint32_t events);
  void Converse(Client& client);  // writes and hands over lines in turn, until it would have to wait
  bool Receive(Client& client);   // true: bytes came
  void Transmit(Client& client);
  bool TakeLine(Client& client, std::string* line);
  void HandleLine(Client& client, const std::string& line);
  void Enqueue(Client& client, ReplyStatus status, absl::string_view body);
  void Watch(Client& client);   // tells the reactor what this client waits for
  void CutOff(Client& client);  // wakes the reactor with EPOLLHUP, which closes it
  void Close(Client& client);
  Client* FindBusy(ClientId id);

  Reactor& reactor_;
  std::string path_;
  dev_t device_ = 0;  // of the bound socket, to unlink only our own
  ino_t inode_ = 0;
  UniqueFd listener_;
  UniqueFd spare_;  // given up to accept and refuse when descriptors run out
  Handler handler_;
  CloseHandler on_close_;
  uint64_t next_id_ = 1;
  absl::flat_hash_map<ClientId, std::unique_ptr<Client>> clients_;
  ControlServerCounters counters_;
};

}  // namespace dpvrrp
