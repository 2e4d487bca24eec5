// SPDX-License-Identifier: BSD-3-Clause
//
// Control's connection to the agent.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/message.h"
#include "base/time.h"
#include "host/program.h"
#include "io/unique_fd.h"

namespace dpvrrp {

inline constexpr size_t kDefaultAtOnce = 16;

struct AgentOptions {
  // Programs that run at the same time, 1 to kMaxAtOnce (worker_notes.h).
  size_t at_once = kDefaultAtOnce;
  // The absolute path of the agent's executable. Empty: dpvrrpd-agent in the folder of this program, in the folder
  // ../dpvrrpd_agent beside it (a build tree), or in /usr/libexec/dpvrrp; the first that exists.
  std::string program{};
};

// The processes of the agent (docs/decisions/0021-the-agent.md), which run programs and write FIFOs for this process.
//
//   Send(orders);               // until waits_for_room(); then call it again when fd() is writable
//   Receive(replies, news);     // when fd() is readable, and after Send()
//
// Each ProgramRequest that Send() has taken gets exactly one reply:
//   - its outcome, from the agent;
//   - kNotStarted, if the agent cannot take it (CheckOrder(), kMaxAgentMessage) or has ended for good;
//   - kLost, if the agent's worker ended while it had the request. Then the news are kEnded, and, when the next worker
//     runs, kRestarted. A request that no worker had taken is not lost: the next worker takes it.
//
// Except Start() and Finish() no call waits.
//
// Thread: control.
class AgentClient {
 public:
  // Starts the agent. Call it
  //   - before the process drops capabilities and before DPDK starts: programs get the capabilities and CPUs of now;
  //   - before ForbidDumps() (io/privileges.h): PR_SET_NO_NEW_PRIVS would prevent sudo and ping in programs;
  //   - before there are threads, and before keys are read. The agent is another executable, so it could not see them
  //     anyway.
  // NotFound: there is no executable of the agent. InvalidArgument: `at_once`. Any other error: it could not be
  // started.
  static absl::StatusOr<std::unique_ptr<AgentClient>> Start(const AgentOptions& options);
  // The agent ends its programs (SIGTERM, after 1 s SIGKILL), and itself, unless BeginFinish() was called. This call
  // does not wait for it.
  ~AgentClient() = default;
  AgentClient(const AgentClient&) = delete;
  AgentClient& operator=(const AgentClient&) = delete;

  int fd() const { return socket_.get(); }
  // Sends the orders from the front, as many as the socket takes. The others stay in `orders`, in their order.
  void Send(std::deque<ProgramOrder>& orders);
  // The last Send() left orders, because the socket was full.
  bool waits_for_room() const { return waits_for_room_; }
  // Appends what has been received.
  void Receive(std::vector<ProgramReply>& replies, std::vector<AgentNews>& news);
  // All processes of the agent have ended. fd() stays readable and has no further use.
  bool has_ended() const { return ended_; }
  // Requests without a reply yet.
  size_t unanswered() const { return unanswered_.size(); }

  // For the end of this process: no further order follows. The agent lets the programs that wait and run end, and
  // writes all lines, for at most `longest`; then it ends the programs that still run, and itself. If this process ends
  // earlier, the agent continues. Returns false if the socket is full (waits_for_room()) or the agent has ended. Send
  // nothing afterwards.
  bool BeginFinish(Nanoseconds longest);
  // Sends `orders`, calls BeginFinish(), and waits for the agent's end, but at most `longest`. Returns whether
  // everything was done in time; orders that could not be sent stay in `orders`. Receive() then has the replies.
  bool Finish(std::deque<ProgramOrder>& orders, Nanoseconds longest);

  pid_t pid() const { return pid_; }  // of the supervisor, the agent's first process

 private:
  AgentClient(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid), buffer_(kMaxAgentMessage, '\0') {}

  enum class Sent : uint8_t { kYes, kNoRoom, kEnded };
  Sent SendMessage(const std::string& message);
  void Refuse(const ProgramOrder& order, absl::string_view why);
  void Take(AgentReport report);
  void Lose(uint64_t taken);
  void End();
  void ReceiveAll();
  bool WaitForAgent(Instant give_up);

  UniqueFd socket_;
  pid_t pid_;
  std::string buffer_;
  uint64_t last_number_ = 0;                 // of an order
  std::map<uint64_t, uint64_t> unanswered_;  // the order's number -> the id of the request
  std::vector<ProgramReply> replies_;        // for Receive()
  std::vector<AgentNews> news_;
  bool waits_for_room_ = false;
  bool told_to_finish_ = false;
  bool ended_ = false;
  bool finished_ = false;  // it ended because everything was done
};

}  // namespace dpvrrp
