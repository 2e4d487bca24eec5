// SPDX-License-Identifier: BSD-3-Clause
//
// AppArmor: limits which files, sockets and capabilities a thread may use, by a profile that the administrator loads.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// Where the kernel says whether it has AppArmor, and takes the change of a profile. Tests have files of their own.
struct AppArmorFiles {
  std::string enabled = "/sys/module/apparmor/parameters/enabled";
  std::string current = "/proc/thread-self/attr/apparmor/current";
};

// The calling thread, and every later thread and process of it, is limited by `profile`. It cannot leave the profile,
// unless a rule of the profile permits it. False: the kernel has no AppArmor, or no such profile is loaded.
//   PermissionDenied  the thread is limited by another profile already, for example by that of a container
//   Internal          the kernel refused for another reason
// Thread: the only one of the process, so that none stays outside.
absl::StatusOr<bool> EnterAppArmorProfile(absl::string_view profile, const AppArmorFiles& files = {});

}  // namespace dpvrrp
