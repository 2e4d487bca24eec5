// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// Takes a line of DPDK's log, without its newline. `level` is syslog's, 0 (emergency) to 7 (debug).
using EalLog = std::function<void(int level, absl::string_view line)>;

// Sends DPDK's log to `log` instead of stderr and syslog, where a stalled reader would block the logging thread. Call
// it before rte_eal_init(). It holds for the life of the process. Empty: no change.
//
// Thread: control. `log` is called by any thread that logs, also EAL's; by no lcore in its loop.
void SendEalLogTo(EalLog log);

}  // namespace dpvrrp
