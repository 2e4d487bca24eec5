// SPDX-License-Identifier: BSD-3-Clause
//
// Cells that several reports have.
//
// Thread: control.
#pragma once

#include <string>

#include "cli/report.h"
#include "control/control_time.h"
#include "pipeline/messages/query.h"

namespace dpvrrp {

inline Value Number(int64_t n) { return n; }
// Of timers that run: to the millisecond. A smaller part is past before it is read.
inline Value Seconds(Nanoseconds d) { return static_cast<double>(d.count() / 1'000'000) / 1000.0; }
// Of intervals: a Skew_Time may be 39 microseconds.
std::string SecondsText(Nanoseconds interval);  // "0.01 s"
inline Value ExactSeconds(Nanoseconds d) { return static_cast<double>(d.count()) / 1e9; }

absl::string_view ToString(AuthKind kind);     // "ah"
absl::string_view ToString(TrailerMode mode);  // "enforce"
absl::string_view ToString(AntiReplay kind);   // "time"
absl::string_view ToString(Family family);     // "ipv6"

Value SpiCell(uint32_t spi);  // "0x0a630001", as tcpdump shows it

}  // namespace dpvrrp
