// SPDX-License-Identifier: BSD-3-Clause
//
// What is known of an instance now, as cells: the last answer of its lcore, or the last event if it is newer.
//
// Thread: control.
#pragma once

#include <span>
#include <string>

#include "cli/report.h"
#include "control/control_time.h"
#include "control/questions/questions.h"

namespace dpvrrp {

struct Parts;
using View = const Parts;
struct Answers;
struct ManagedInstance;

class LastAnswer {
 public:
  // The arguments must outlive this object.
  LastAnswer(const Answers& answers, const ManagedInstance& instance, ControlTime t);

  // Null: the lcore has not answered yet, or has reported a transition since.
  const KnownInstance* known() const { return known_; }
  State state() const;
  Reason reason() const;
  Value Since() const;          // null before the first transition
  Value MasterAddress() const;  // ourselves, the master last heard, or null
  Value MasterPriority() const;
  // Seconds: 0 if the lcore has answered this command. Null: it has never answered.
  Value Age() const;

 private:
  const ManagedInstance& instance_;
  const KnownInstance* known_ = nullptr;
  Instant asked_at_;
  Instant said_at_{};
  ControlTime t_;
};

// The age in seconds of the last picture of this worker's watch; 0 if it has answered this command, null if it never
// did.
Value WatchAge(const Answers& answers, size_t worker, ControlTime t);

// One line for each worker that did not answer: the age of the values shown instead, the time since which it has not
// answered, and the reason if it is known. Empty if all have answered. `asked`: the instances of the command.
std::string AbsenceNotice(View& view, const Answers& answers, std::span<const ManagedInstance* const> asked,
                          ControlTime t);

}  // namespace dpvrrp
