// SPDX-License-Identifier: BSD-3-Clause
//
// The instance and the time of the tests of this folder that have one of each.
#pragma once

#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

inline constexpr InstanceId kId{1};
inline constexpr Instant kNow{std::chrono::seconds(100)};

}  // namespace dpvrrp
