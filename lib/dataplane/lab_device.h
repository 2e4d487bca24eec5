// SPDX-License-Identifier: BSD-3-Clause
//
// Whether a device belongs to a lab, so that the generator may send through it without being told.
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// FailedPrecondition names the device and the reason: it is a PCI device or of an unknown driver; or one of its kernel
// interfaces has the default route, is physical, or stands on a physical one (a VLAN, bond or bridge). `root`: "/", or
// a test's folder.
//
// Thread: any.
absl::Status CheckIsLab(absl::string_view device, const std::filesystem::path& root = "/");

}  // namespace dpvrrp
