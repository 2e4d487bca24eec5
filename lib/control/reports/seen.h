// SPDX-License-Identifier: BSD-3-Clause
//
// What a report about the rogue watch needs: the parts, what the watches have seen, and the time.
//
// Thread: control.
#pragma once

#include <optional>
#include <string>

#include "cli/report.h"
#include "control/compose/parts.h"
#include "control/control_time.h"
#include "control/questions/answers.h"
#include "control/reports/last_answer.h"

namespace dpvrrp {

// What the options restrict the answer to. Empty: no restriction.
struct Scope {
  std::string instance;
  std::string port;
  std::optional<VlanStack> vlan;
};

struct Seen {
  View& view;
  const Answers& answers;  // of the watches
  ControlTime t;

  std::string TimeAt(Instant at) const { return FormatTime(t.UnixMsAt(at)); }
  // The age of what was seen on the segment.
  Value AgeOf(const SpeakerKey& key) const { return WatchAge(answers, view.registry.WorkerOf(key.port, key.vlan), t); }
};

// Adverts a second, to the hundredth.
inline Value Rate(double rate) { return static_cast<double>(static_cast<int64_t>(rate * 100 + 0.5)) / 100; }

// `show senders`.
Report SpeakersReport(const Seen& seen, const Scope& scope);
// `show rogues`, and `diagnose --json`, which adds sentence, evidence and mend.
Table FindingsTable(const Seen& seen, const std::vector<Finding>& findings, bool with_texts);
// `diagnose` for people: a paragraph for each finding.
std::string FindingsText(const Seen& seen, const std::vector<Finding>& findings);

}  // namespace dpvrrp
