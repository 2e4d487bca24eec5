// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace dpvrrp::internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* what);
}  // namespace dpvrrp::internal

// Aborts with file and line if an assumption of the program is false; never for bad input. Active in every build type.
// (Debian 12's Abseil has no CHECK.)
#define DPVRRP_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::dpvrrp::internal::CheckFailed(__FILE__, __LINE__, #condition))
