// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/strings/str_format.h"
#include "base/time.h"

namespace dpvrrp::sim {

inline std::string Ms(Nanoseconds t) { return absl::StrFormat("%.3f ms", static_cast<double>(t.count()) / 1e6); }

}  // namespace dpvrrp::sim
