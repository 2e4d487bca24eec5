// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/runtime_directory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

bool IsOfADeadProcess(const std::string& name) {
  absl::string_view rest = name;
  pid_t pid = 0;
  return absl::ConsumePrefix(&rest, kFilePrefix) && absl::SimpleAtoi(rest, &pid) && pid > 0 && kill(pid, 0) != 0 &&
         errno == ESRCH;
}

// A primary process holds locks on its "fbarray_*" while it lives. A directory without these files is still being made.
bool IsAbandoned(const std::filesystem::path& directory) {
  bool any = false;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (!absl::StartsWith(entry.path().filename().native(), "fbarray_")) continue;
    const UniqueFd file(open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() < 0 || flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
    any = true;
  }
  return any && !error;
}

}  // namespace

void RemoveStaleRuntimeDirectories(const std::filesystem::path& base) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(base, ignored)) {
    if (entry.symlink_status(ignored).type() != std::filesystem::file_type::directory) continue;
    if (!IsOfADeadProcess(entry.path().filename().native()) || !IsAbandoned(entry.path())) continue;
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

void RemoveRuntimeDirectory(const std::filesystem::path& directory, bool with_base) {
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  if (with_base) std::filesystem::remove(directory.parent_path(), ignored);  // refuses one that is not empty
}

}  // namespace dpvrrp
