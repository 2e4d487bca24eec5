// SPDX-License-Identifier: BSD-3-Clause
//
// One track: what is observed, damped and limited, and what instances see of it.
//
// Pure: time is an argument. Thread: control.
#pragma once

#include <cstdint>
#include <string>

#include "config/model.h"
#include "control/control_time.h"
#include "track/change_limit.h"
#include "track/damper.h"
#include "track/effect.h"

namespace dpvrrp {

class TrackState {
 public:
  explicit TrackState(TrackConfig config);

  const TrackConfig& config() const { return config_; }
  // The same condition with other times and counts.
  void Reconfigure(TrackConfig config);

  // Each returns whether value() has changed. `what` says what was observed, for people.
  bool Observe(bool good, std::string what, ControlTime t);
  bool Set(const TrackValue& value, std::string what, ControlTime t);  // kManual
  bool OnTime(ControlTime t);
  Instant NextDeadline() const { return std::min(damper_.NextDeadline(), retry_at_); }

  // As instances see it.
  const TrackValue& value() const { return value_; }
  const std::string& what() const { return what_; }  // the last observation; empty: none
  int64_t since_unix_ms() const { return since_unix_ms_; }
  uint64_t changes() const { return changes_; }
  // Changes that instances have not seen, because there were too many.
  uint64_t suppressed() const { return suppressed_; }
  uint32_t contrary() const { return damper_.contrary(); }

 private:
  bool Follow(const TrackValue& wanted, ControlTime t);

  TrackConfig config_;
  Damper damper_;
  ChangeLimit limit_;
  TrackValue wanted_;  // what instances see, as soon as the limit permits
  TrackValue value_;
  std::string what_;
  Instant retry_at_ = kNever;
  int64_t since_unix_ms_ = 0;
  uint64_t changes_ = 0;
  uint64_t suppressed_ = 0;
};

// "up", "down", "unknown", or the number.
std::string ToString(const TrackValue& value);

}  // namespace dpvrrp
