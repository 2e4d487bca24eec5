// SPDX-License-Identifier: BSD-3-Clause
//
// The source of EAL's memory. A PCI port needs huge pages. Virtual devices do not, and a first start on an ordinary
// machine should not fail for a kernel setting.
//
// Thread: any (pure).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dataplane/dataplane.h"
#include "dataplane/hugepages.h"

namespace dpvrrp {

struct MemoryPlan {
  std::vector<std::string> arguments;  // for EAL, besides those of EalArguments(); none: huge pages, EAL's default
  std::string note;                    // for the log; may be empty
};

// An upper bound of the memory for the buffers and rings of this configuration, for EAL and the drivers. Bytes.
uint64_t MemoryNeeded(const DataplaneConfig& config);

// If one of the user's EAL options is about memory, all such options are the user's. FailedPrecondition: there is a PCI
// port and there are not enough huge pages; the message names the missing amount and the remedy.
absl::StatusOr<MemoryPlan> PlanMemory(const DataplaneConfig& config, std::span<const HugePages> sizes);

}  // namespace dpvrrp
