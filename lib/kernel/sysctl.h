// SPDX-License-Identifier: BSD-3-Clause
//
// Kernel settings of a device, under /proc/sys/net. They are those of the calling thread's network namespace.
//
// Thread: control.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// net.<family>.conf.<device>.<name>. `device` must be an existing device, so that it cannot be a foreign path. If the
// value is right already, nothing is written; so a read-only /proc/sys works if a container's administrator has
// prepared it. NotFound: the kernel has no such setting (for instance, without IPv6).
absl::Status SetDeviceSysctl(absl::string_view family, const std::string& device, absl::string_view name, int value);

// The same, but a higher value stays: for settings where higher is stricter.
absl::Status RaiseDeviceSysctl(absl::string_view family, const std::string& device, absl::string_view name, int value);

}  // namespace dpvrrp
