// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// What a start of EAL leaves, also a failed one.
struct EalStart {
  std::vector<std::string> notes;  // for the log
  // EAL's directory, to be removed at the end (runtime_directory.h). None: it can contain files of other processes.
  std::optional<std::string> runtime_directory;
};

// Starts EAL for the ports, the lcores and the user's options of `config`: with memory as there is (memory_plan.h), and
// with the drivers that the ports need (drivers.h). Once in the life of a process.
//
// FailedPrecondition: EAL was started before, or there is not enough memory. Unavailable: EAL does not start, and
// stderr has the reason. Thread: control.
absl::Status StartEal(const DataplaneConfig& config, EalStart& start);

}  // namespace dpvrrp
