// SPDX-License-Identifier: BSD-3-Clause
//
// The agent's worker: the process that runs the programs and writes the FIFOs.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "agent/fifo_writer.h"
#include "agent/message.h"
#include "agent/program.h"
#include "agent/program_queue.h"
#include "agent/worker_notes.h"
#include "base/time.h"

namespace dpvrrp {

// Takes orders from the socket and sends reports to it. It has one thread, and waits only in ppoll(2).
//
// While as many requests as ProgramQueue::kCapacity wait, run, or have a reply that control does not read, the socket
// is not read: the orders stay in the socket and at control.
//
// If the socket is closed, the agent ends its programs: SIGTERM to each process group, and kEndGrace later SIGKILL.
// After a FinishOrder it waits until no request is left and all lines are written. When the time of the order is over,
// it ends its programs likewise.
//
// Thread: the only one of its process.
class Agent {
 public:
  static constexpr Nanoseconds kEndGrace = std::chrono::seconds(1);
  // Children that ended programs have left behind and that still have the pipe of the output. If there are more, the
  // oldest pipe is closed, and the next write of such a child fails.
  static constexpr size_t kMaxLeftPipes = 256;

  // `socket` is not closed. `notes` outlives the agent.
  Agent(int socket, size_t at_once, WorkerNotes& notes);

  // Returns the exit status of the process: kDone, or another value if the supervisor must start a new worker.
  int Run();
  static constexpr int kDone = 0;
  static constexpr int kFailed = 1;

 private:
  using Ticket = ProgramQueue::Ticket;
  struct Running {
    Program program;
    bool answered = false;  // it was given up
  };

  bool IsDone() const;
  void StartPrograms();
  void ReapPrograms();
  void Advance();
  void EndPrograms();
  void Answer(Ticket ticket, ProgramReply reply);
  void SendReports();
  bool TakeOrders();
  void Take(NumberedOrder order);
  bool IsFull() const { return queue_.full() || reports_.size() >= ProgramQueue::kCapacity; }
  void Wait();
  void Serve(const std::vector<pollfd>& entries);
  Instant NextTime() const;

  const int socket_;
  WorkerNotes& notes_;
  ProgramQueue queue_;
  std::map<Ticket, Running> running_;
  std::map<pid_t, Ticket> tickets_;  // of running_
  std::deque<UniqueFd> left_pipes_;
  FifoWriters fifos_;
  std::deque<std::string> reports_;  // encoded; control has not read earlier ones
  std::string buffer_;               // for one message
  Instant now_{};
  bool open_ = true;        // the socket
  bool readable_ = true;    // the socket, perhaps
  bool finishing_ = false;  // no further order follows
  bool ending_ = false;     // the programs are being ended
  Instant finish_by_ = kNever;
};

}  // namespace dpvrrp
