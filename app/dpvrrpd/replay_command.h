// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/status.h"
#include "config/model.h"
#include "options.h"

namespace dpvrrp {

// `dpvrrpd --replay FILE`: plays a capture to the configured gateway, prints the verdict of each frame, and writes a
// pcapng file if one is named (lib/replay). Needs no rights and no DPDK. An error names the file.
//
// Thread: control.
absl::Status RunReplay(const Options& options, Config config);

}  // namespace dpvrrp
