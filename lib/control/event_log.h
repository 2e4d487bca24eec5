// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// syslog's numbers, which journald reads as "<4>" in front of a line.
enum class Severity : uint8_t { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };
absl::string_view ToString(Severity severity);  // "error", "warning", "notice", "info"

// Something an operator may want to know. One per change, never one per packet.
struct LogEvent {
  uint64_t number = 0;  // 1, 2, 3 ... in this run
  int64_t unix_ms = 0;
  Severity severity = Severity::kInfo;
  std::string instance;  // empty: the daemon
  std::string port;      // the instance's segment: port and VLAN, as `show instances` has them
  std::string vlan;
  std::string kind;  // one word for scripts: "transition", "rejected", "address", "reload", "daemon" ...
  std::string text;  // one line for people, not repeating the instance
};

// The last kCapacity events of this run.
//
// Thread: control.
class EventLog {
 public:
  static constexpr size_t kCapacity = 4096;  // then the oldest goes

  const LogEvent& Add(LogEvent event);  // its number is set here
  const std::deque<LogEvent>& events() const { return events_; }

 private:
  std::deque<LogEvent> events_;
  uint64_t last_number_ = 0;
};

// "2026-11-22T13:00:40.123Z", UTC.
std::string FormatTime(int64_t unix_ms);

}  // namespace dpvrrp
