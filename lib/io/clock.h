// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/time.h"

namespace dpvrrp {

// CLOCK_MONOTONIC. The only clock of the control thread; read once per turn of its loop and passed on as `now`.
// Thread: any.
Instant MonotonicNow();

// Wall clock, milliseconds since 1970-01-01 UTC. Only for times that are shown to people; it may jump.
// Thread: any.
int64_t UnixMilliseconds();

}  // namespace dpvrrp
