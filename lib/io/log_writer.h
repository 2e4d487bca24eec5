// SPDX-License-Identifier: BSD-3-Clause
//
// Writes the log without blocking the threads that log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"

namespace dpvrrp {

// Makes the text of the line that reports the number of dropped lines.
using DroppedLine = std::function<std::string(uint64_t lines)>;

// Writes log lines to a descriptor from its own thread. write(2) blocks while the reader of a pipe or of journald's
// socket does not read. Then only this thread waits: Write() puts the line into a bounded queue.
//
//   The queue is full         new lines are dropped and counted, until half of the queue has been written
//   The reader reads again    one line reports how many lines were dropped, at the place where they are missing
//   The descriptor is broken  lines are dropped and counted
//
// The descriptor stays in blocking mode, because other processes may share it (O_NONBLOCK belongs to the open file).
// Each line is one write, so that lines of several processes do not mix.
//
// Threads that write may be real-time. The mutex inherits priority, so they never wait for a thread of lower priority
// that has no CPU.
//
// Thread: any.
class LogWriter {
 public:
  static constexpr size_t kMaxQueuedBytes = 4 * 1024 * 1024;  // about 40,000 lines

  // Duplicates `fd`. The thread blocks every signal except SIGRTMAX (io/privileges.h).
  LogWriter(int fd, DroppedLine dropped_line, size_t max_queued_bytes = kMaxQueuedBytes);
  // Does not wait for the reader; call Flush() before. Lines still in the queue are written while the process lives.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void Write(std::string line);     // ends in a newline. Never waits for the reader
  bool Flush(Nanoseconds longest);  // waits until all lines are written. False: not within this time
  uint64_t dropped() const;         // lines, since the start

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // with the thread, which may outlive this object
};

}  // namespace dpvrrp
