// SPDX-License-Identifier: BSD-3-Clause
#include "io/apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "io/unique_fd.h"

namespace dpvrrp {

absl::StatusOr<bool> EnterAppArmorProfile(absl::string_view profile, const AppArmorFiles& files) {
  char enabled = 'N';
  std::ifstream(files.enabled) >> enabled;
  if (enabled != 'Y') return false;
  const std::string what = absl::StrCat("cannot enter the AppArmor profile '", profile, "'");
  const UniqueFd current(open(files.current.c_str(), O_WRONLY | O_CLOEXEC));
  if (!current.valid()) return absl::ErrnoToStatus(errno, absl::StrCat(what, ": open ", files.current));
  const std::string order = absl::StrCat("changeprofile ", profile);  // in one write, as the kernel demands
  if (write(current.get(), order.data(), order.size()) == static_cast<ssize_t>(order.size())) return true;
  if (errno == ENOENT) return false;
  return errno == EACCES || errno == EPERM ? absl::PermissionDeniedError(absl::StrCat(what, ": not permitted"))
                                           : absl::InternalError(absl::ErrnoToStatus(errno, what).message());
}

}  // namespace dpvrrp
