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

// net.<family>.conf.<device>.<name>; `device` must exist, so that it is no path of somebody else's making. Nothing is
// written when the value is right already, so that a read-only /proc/sys prepared by a container's owner will do.
// NotFound: the kernel has no such setting (IPv6 left out, for instance).
absl::Status SetDeviceSysctl(absl::string_view family, const std::string& device, absl::string_view name, int value);

// The same, but a value that is higher already stays: for settings where higher is stricter.
absl::Status RaiseDeviceSysctl(absl::string_view family, const std::string& device, absl::string_view name, int value);

}  // namespace dpvrrp
