// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/time.h"

namespace dpvrrp::config_internal {

// "50us": a whole number and one of ns, us, ms, s. The error states the rule, not the value. Thread: any.
absl::StatusOr<Nanoseconds> ParseDuration(absl::string_view text);
absl::StatusOr<Nanoseconds> DurationOfSeconds(int64_t seconds);

}  // namespace dpvrrp::config_internal
