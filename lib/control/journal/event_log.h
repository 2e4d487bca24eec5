// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "ah/sequence_record.h"
#include "control/journal/severity.h"

namespace dpvrrp {

// An occurrence as the ring and the log have it. One for each change, never one for each packet.
struct LogEvent {
  uint64_t number = 0;  // 1, 2, 3 ..., across restarts (EventLog::ContinueIn)
  int64_t unix_ms = 0;
  Severity severity = Severity::kInfo;
  std::string instance;  // empty: the daemon
  std::string port;      // the instance's segment: port and VLAN, as `show instances` has them
  std::string vlan;
  std::string kind;  // one word for scripts: "transition", "rejected", "address", "reload", "daemon" ...
  std::string text;  // one line for people, not repeating the instance
  // What many events have in common, where `text` has details too: "Backup -> Master (master down)". May be empty. The
  // log summarises by it (log_digest.h); the ring does not keep it.
  std::string cause;
};

// The last events of this run. An event takes some 300 bytes.
//
// Thread: control.
class EventLog {
 public:
  static constexpr size_t kDefaultCapacity = 4096;

  // If there are more events, the oldest are dropped; at once if the capacity shrinks.
  void SetCapacity(size_t capacity);
  size_t capacity() const { return capacity_; }

  // From now on events are numbered above those of earlier runs. `record` outlives the daemon (io/state_file.h) and
  // must outlive this object. Its number is in `sent`, above the 32 bits of AH's numbers.
  void ContinueIn(SequenceRecord& record);
  const LogEvent& Add(LogEvent event);  // its number is set here
  uint64_t last_number() const { return last_number_; }
  const std::deque<LogEvent>& events() const { return events_; }

 private:
  size_t capacity_ = kDefaultCapacity;
  std::deque<LogEvent> events_;
  uint64_t last_number_ = 0;
  SequenceRecord* record_ = nullptr;  // null: the next run begins at 1
};

// "2026-11-22T13:00:40.123Z", UTC.
std::string FormatTime(int64_t unix_ms);

}  // namespace dpvrrp
