// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"
#include "host/program.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// A notify FIFO, as keepalived has it. If it is missing, it is made with mode 0600 (keepalived's). It is opened for
// reading and writing, so lines that no program reads yet stay in the pipe. A path whose last part is a link, and a
// file that is no FIFO, are refused.
//
// If the pipe is full, lines wait here, up to kMaxWaiting bytes. Beyond that the newest lines are lost and counted:
// kFifoFull is reported at the first one, kFifoLost with their number when half of the waiting lines are written.
//
// If the FIFO was removed or replaced, the next line makes or opens the new one. If it cannot be opened, kFifoFault is
// reported once for each reason, lines wait as above, and it is tried again every second.
//
// Calls do not wait for a reader. They may wait for the file system of the path, so the path should be local.
//
// Thread: the agent's.
class FifoWriter {
 public:
  static constexpr size_t kMaxWaiting = size_t{1} << 20;              // bytes
  static constexpr Nanoseconds kLookEvery = std::chrono::seconds(1);  // whether the file is still ours

  explicit FifoWriter(std::string path) : path_(std::move(path)) {}

  void Add(const std::string& line);
  // Writes what the pipe takes. Call it after Add(), when fd() has room, and at next_look().
  void Work(Instant now);

  bool waits() const { return !lines_.empty(); }
  int fd() const { return fd_.get(); }  // -1: not open
  // If lines wait, the next time at which the file must be inspected; otherwise kNever.
  Instant next_look() const { return waits() ? next_look_ : kNever; }
  std::vector<AgentNews> TakeNews() { return std::exchange(news_, {}); }

 private:
  absl::Status Open();
  bool IsReplaced() const;
  void Write();
  void Report(const absl::Status& status);

  std::string path_;
  UniqueFd fd_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::deque<std::string> lines_;  // with their ends
  size_t waiting_ = 0;             // bytes of lines_
  size_t written_ = 0;             // bytes of the first line
  bool added_ = false;             // since the file was inspected
  bool full_reported_ = false;
  uint64_t lost_ = 0;
  std::string fault_;  // reported; empty: none
  Instant next_look_{};
  std::vector<AgentNews> news_;
};

// All of them, by their paths. At most kMaxFifos; a line for one more is lost and reported as kFifoFault.
//
// Thread: the agent's.
class FifoWriters {
 public:
  static constexpr size_t kMaxFifos = 256;

  void Add(const FifoLine& line, Instant now);
  void Work(Instant now);

  bool idle() const;  // no line waits
  Instant next_look() const;
  // Of FIFOs whose lines wait for room.
  std::vector<int> WaitingFds() const;
  std::vector<AgentNews> TakeNews();

 private:
  std::map<std::string, FifoWriter> writers_;
  bool too_many_ = false;
  std::vector<AgentNews> news_;
};

}  // namespace dpvrrp
