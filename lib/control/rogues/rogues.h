// SPDX-License-Identifier: BSD-3-Clause
//
// What is wrong on our segments and with this gateway. The pictures of the workers' watches are judged now and then
// (diagnose.h). The journal gets an event when a fault begins, and one when it is over.
//
// The part does not ask the lcores. It says when a look is due; the answer comes back as a picture (`Observed`).
//
// Thread: control.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "control/journal/occurrence.h"
#include "control/part.h"
#include "control/rogues/diagnose.h"
#include "control/rogues/self_watch.h"

namespace dpvrrp {

// A worker that does not answer now.
struct SilentWorker {
  size_t worker;
  Instant watched_at;  // when its watch was last read
};

class Rogues final : public Part {
 public:
  // How often the watches are read without a command: soon after a frame was refused, again while a fault lasts, and at
  // intervals for faults that cause no refusal.
  static constexpr Nanoseconds kLookSoon = std::chrono::seconds(2);
  static constexpr Nanoseconds kLookAgain = std::chrono::seconds(10);
  static constexpr Nanoseconds kLookAnyway = std::chrono::seconds(60);
  // A machine without a key can pose as any number of senders, so at most this many new ones are recorded in a minute.
  static constexpr size_t kRecordedAMinute = 16;

  explicit Rogues(const PartContext& context) : context_(context) {}

  void LookSoon(ControlTime t);
  // Whether the watches are to be read now. True once for each look.
  bool TakeLook() { return std::exchange(look_is_due_, false); }

  // Follows the counts of our own ports and workers. Call it before a picture is made. `workers` with their state.
  void LookAtOurselves(const std::vector<WorkerStatus>& workers, ControlTime t);
  const SelfWatch& ourselves() const { return self_watch_; }

  // What is wrong. What a silent worker saw is judged as of the time at which its watch was read.
  std::vector<Finding> Judge(const Observed& observed, std::span<const SilentWorker> silent) const;
  // Records which faults are new and which are over.
  void Follow(const std::vector<Finding>& findings, ControlTime t);

  // The faults and rogue senders that last, as of the latest look, by verdict.
  std::array<int64_t, kVerdictCount> Lasting() const;

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return look_at_; }

 private:
  // A fault that lasts: what, where, and the culprit.
  using Trouble = std::tuple<Verdict, PortId, VlanStack, Vrid, std::array<uint8_t, 6>, IpAddress>;
  using Troubles = std::map<Trouble, std::string>;  // with the name of the instance

  static Trouble TroubleOf(const Finding& finding);
  void RecordOver(const Troubles& now, ControlTime t);
  void Record(const std::string& instance, const Occurrence& what, ControlTime t);

  PartContext context_;
  SelfWatch self_watch_;
  Troubles troubles_;
  Instant look_at_ = kNever;
  bool look_is_due_ = false;
  Instant minute_began_{};
  size_t recorded_ = 0;  // in this minute, of senders that have not proved to have the key
};

}  // namespace dpvrrp
