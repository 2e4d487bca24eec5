// SPDX-License-Identifier: BSD-3-Clause
//
// The occurrences as structs. `Text()` is one line for people. `Cause()`, if there is one, is what many occurrences
// have in common. occurrence.h has the table with their kinds and severities.
//
// Thread: any (values).
#pragma once

#include "control/journal/daemon_occurrences.h"
#include "control/journal/router_occurrences.h"
