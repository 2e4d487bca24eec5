// SPDX-License-Identifier: BSD-3-Clause
//
// Decides which events are written to the log one by one, and which as a summary. When thousands of instances start or
// change their state at once, the ring (event_log.h) and the followers get each event, but the log gets one line for
// each segment and cause:
//
//   port lan, VLAN 12: 250 instances: Backup -> Master (master down); for example gw-12-1
//
// Pure: `now` is an argument. Thread: control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/time.h"
#include "control/journal/event_log.h"

namespace dpvrrp {

class LogDigest {
 public:
  // Events of one cause are counted for kWindow from the first one. Of each segment the first kSingles are written at
  // once, and of all segments together the first kSinglesInAll. The rest is summarised when the window ends, so no
  // event is reported later than kWindow. If a window had a summary, the next window begins at once and writes no event
  // at once: a storm that lasts costs a line a second.
  static constexpr Nanoseconds kWindow = std::chrono::seconds(1);
  static constexpr size_t kSingles = 10;
  static constexpr size_t kSinglesInAll = 40;
  // If more segments than this have a summary, each port gets a line instead.
  static constexpr size_t kSegmentLines = 16;

  // Returns the lines to be written now: this event, or none.
  std::optional<LogEvent> Add(LogEvent event, Instant now);
  // Returns the summaries that are due.
  std::vector<LogEvent> OnTime(Instant now);
  // Returns the summaries of all events that are not written yet. Call it when the program ends.
  std::vector<LogEvent> Close();
  Instant NextDeadline() const;

 private:
  // Severity, kind, cause: events that share all three are summarised together.
  using Cause = std::tuple<Severity, std::string, std::string>;
  // Port and VLAN. If both are empty, the events are about the daemon.
  using Place = std::pair<std::string, std::string>;
  struct Sum {
    size_t written = 0;  // one by one
    size_t held = 0;     // not written
    LogEvent first_held;
    absl::flat_hash_set<std::string> instances;  // of all
  };
  struct Storm {
    Instant ends{};
    bool quiet = false;  // an earlier window had too many: none is written at once
    size_t written = 0;
    int64_t last_unix_ms = 0;
    std::map<Place, Sum> sums;
  };

  static void Summarise(const Cause& cause, Storm& storm, std::vector<LogEvent>& out);

  std::map<Cause, Storm> storms_;
};

}  // namespace dpvrrp
