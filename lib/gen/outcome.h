// SPDX-License-Identifier: BSD-3-Clause
//
// The outcome of a run, for people and as JSON (cli/report.h), and as pictures. docs/generator.md describes the names.
//
// Thread: any (pure functions).
#pragma once

#include <string>
#include <vector>

#include "cli/report.h"
#include "gen/observer.h"
#include "gen/profile.h"

namespace dpvrrp {

// What the run itself knows of one stream.
struct GenStreamCounts {
  uint64_t sent = 0;     // the port took them
  uint64_t refused = 0;  // the port did not take them
  uint64_t skipped = 0;  // were too late
  Nanoseconds worst{0};  // lateness
};

struct GenRunFacts {
  Nanoseconds time{0};       // of the run
  Nanoseconds cpu{0};        // that its thread used
  bool interrupted = false;  // ended by a signal
  std::string engine;        // that signs
  std::vector<GenStreamCounts> streams;
};

// `all_instances`: with a row for each virtual router.
Report GenOutcome(const GenProfile& profile, const GenRunFacts& facts, const GenObserver& observer, bool all_instances);

// One SVG document: a histogram of each distribution that has samples.
std::string GenPictures(const GenObserver& observer);

}  // namespace dpvrrp
