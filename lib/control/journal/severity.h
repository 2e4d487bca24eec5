// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// syslog's numbers, which journald reads as "<4>" in front of a line.
enum class Severity : uint8_t { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };
absl::string_view ToString(Severity severity);  // "error", "warning", "notice", "info"

}  // namespace dpvrrp
