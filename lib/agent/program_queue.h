// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "host/program.h"

namespace dpvrrp {

// Decides which program the agent starts next, and when it must end a program. It starts and ends nothing itself.
//
//   at_once    this number of programs run at the same time; the other requests wait
//   queues     requests of the same queue run one after another, in the order of Add(). Different queues take turns. A
//              request without a queue counts as a queue of its own
//   bound      if `capacity` requests wait or run, full() is true. The agent then takes no further request
//   time       a program that runs longer than its timeout is terminated; kEndGrace later it is killed. If it has not
//              ended kGiveUpAfter later (a file system does not answer), its request counts as ended, but the program
//              still occupies one of the `at_once` places
//
// Pure: `now` is an argument. Thread: the agent's.
class ProgramQueue {
 public:
  static constexpr size_t kCapacity = 4096;
  static constexpr Nanoseconds kEndGrace = std::chrono::milliseconds(500);  // between SIGTERM and SIGKILL
  static constexpr Nanoseconds kGiveUpAfter = std::chrono::seconds(1);      // after SIGKILL

  // Names a request; the caller chooses it, and never uses one twice.
  using Ticket = uint64_t;
  struct Job {
    Ticket ticket = 0;
    ProgramRequest request;
  };
  enum class Step : uint8_t {
    kTerminate,  // send SIGTERM to the process group
    kKill,       // send SIGKILL to the process group
    kGiveUp,     // answer the request as timed out, although the program has not ended
  };
  struct Due {
    Ticket ticket = 0;
    Step step = Step::kTerminate;

    friend bool operator==(const Due&, const Due&) = default;
  };

  explicit ProgramQueue(size_t at_once, size_t capacity = kCapacity) : at_once_(at_once), capacity_(capacity) {}

  bool full() const { return waiting_ + running_.size() >= capacity_; }
  // No request waits, and no program runs that was not given up.
  bool idle() const { return waiting_ == 0 && given_up_ == running_.size(); }
  size_t waiting() const { return waiting_; }
  size_t running() const { return running_.size(); }

  void Add(Job job);
  // The job to start now, if there is one. From now on it is running.
  std::optional<Job> Next(Instant now);
  // The program has ended, or could not be started.
  void Ended(Ticket ticket);

  // The steps that are due, each once.
  std::vector<Due> TakeDue(Instant now);
  Instant next_due() const;  // kNever: no step follows

  // The agent ends. The waiting requests are dropped. The running programs are due for kTerminate now, and for kKill
  // after `grace`, unless they are being ended already.
  void EndAll(Instant now, Nanoseconds grace);

 private:
  using LaneKey = std::pair<std::string, Ticket>;  // the queue's name and 0; or "" and the ticket
  struct Lane {
    std::deque<Job> jobs;  // waiting
    bool busy = false;     // a job of the lane runs
  };
  struct Running {
    LaneKey lane;
    Step step = Step::kTerminate;  // the next one
    Instant due = kNever;
    Nanoseconds grace = kEndGrace;
  };
  void Release(const LaneKey& key);

  const size_t at_once_;
  const size_t capacity_;
  std::map<LaneKey, Lane> lanes_;      // with a job that waits or runs
  std::deque<LaneKey> ready_;          // lanes with a waiting job and no running one, in their turn
  std::map<Ticket, Running> running_;  // at most at_once_
  size_t waiting_ = 0;
  size_t given_up_ = 0;  // of running_
};

}  // namespace dpvrrp
