// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// <state_directory>/handover: what a run leaves to the next one (docs/decisions/0026). It counts only in the boot and
// in the network namespace in which it was written, and once. The file stays open, because the daemon may lose the
// right to open it.
//
// Thread: control.
class HandoverFile {
 public:
  // Reads the file and empties it; makes it (0600) if it is absent. The directory must exist.
  //   FailedPrecondition   it is no regular file, or belongs to another user
  static absl::StatusOr<HandoverFile> Open(const std::string& directory);

  // What the last run has left; a second call has nothing.
  //   NotFound             nothing
  //   FailedPrecondition   it is of another boot or of another network namespace
  //   DataLoss             it is not complete
  absl::StatusOr<std::string> Take();

  // Leaves `text` to the next run. `end`: afterwards it is of no use.
  absl::Status Write(absl::string_view text, Instant end);

  // If a run has left something to a next one that has not started: the end of its use, on this boot's clock. Reads the
  // file and changes nothing.
  static std::optional<Instant> EndOf(const std::string& directory);

 private:
  HandoverFile(UniqueFd fd, std::string here, absl::StatusOr<std::string> text)
      : fd_(std::move(fd)), here_(std::move(here)), text_(std::move(text)) {}

  UniqueFd fd_;
  std::string here_;  // the boot and the network namespace
  absl::StatusOr<std::string> text_;
};

}  // namespace dpvrrp
