// SPDX-License-Identifier: BSD-3-Clause
//
// One run of a profile on a port.
#pragma once

#include <atomic>

#include "absl/status/statusor.h"
#include "dataplane/single_port.h"
#include "gen/observer.h"
#include "gen/outcome.h"
#include "gen/profile.h"

namespace dpvrrp {

struct GenRunResult {
  GenRunFacts facts;
  GenObserver observer;
};

// Sends and receives until the profile's duration is over, every stream has sent its frames, or `stop` is set. While
// masters are silent it goes on for the whole duration. `profile` must outlive the result.
//
// Thread: the one that opened the port.
absl::StatusOr<GenRunResult> RunProfile(const GenProfile& profile, SinglePort& port, const std::atomic<bool>& stop);

}  // namespace dpvrrp
