// SPDX-License-Identifier: BSD-3-Clause
//
// What the reports say in the same words, as cells.
//
// Thread: control.
#pragma once

#include "cli/report.h"
#include "control/control_time.h"
#include "control/controller.h"
#include "pipeline/messages.h"

namespace dpvrrp {

inline Value Number(int64_t n) { return n; }
// Of timers that run: to the millisecond, what is below is past by the time it is read.
inline Value Seconds(Nanoseconds d) { return static_cast<double>(d.count() / 1'000'000) / 1000.0; }
// Of intervals: a Skew_Time may be 39 microseconds.
inline Value ExactSeconds(Nanoseconds d) { return static_cast<double>(d.count()) / 1e9; }

absl::string_view ToString(AuthKind kind);     // "ah"
absl::string_view ToString(TrailerMode mode);  // "enforce"
absl::string_view ToString(AntiReplay kind);   // "time"
absl::string_view ToString(Family family);     // "ipv6"

Value SpiCell(uint32_t spi);  // "0x0a630001", as tcpdump shows it

// The address of whoever is master as far as we know: ourselves, the one last heard, or nobody yet.
Value MasterAddress(const ManagedInstance& instance, const InstanceSnapshot* snapshot);
Value MasterPriority(const InstanceSnapshot* snapshot);
// Null before the first transition. The lcore's word is newer than the last event.
Value Since(const ManagedInstance& instance, const InstanceSnapshot* snapshot, ControlTime t);

}  // namespace dpvrrp
