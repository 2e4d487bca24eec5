// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "io/control_protocol.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// A blocking, framed connection to the daemon, for command line programs and tests.
//
// Errors: Unavailable (nobody listens, refused, connection lost), DeadlineExceeded, Cancelled (a signal came),
// DataLoss (the other side does not speak our protocol).
//
// Thread: one.
class ControlClient {
 public:
  struct Frame {
    ReplyStatus status = ReplyStatus::kOk;
    std::string body;
  };

  // Connects and switches to framed mode.
  static absl::StatusOr<ControlClient> Connect(const std::string& path, Nanoseconds timeout);

  // `line` without its newline; one with a newline inside, or longer than kMaxControlLine, is InvalidArgument.
  // OK does not mean it arrived: a lost connection is reported by ReadFrame(), after what the daemon said last.
  absl::Status Send(absl::string_view line, Nanoseconds timeout);
  // The next frame; after kMore another one follows. Nanoseconds::max() waits forever.
  absl::StatusOr<Frame> ReadFrame(Nanoseconds timeout);

 private:
  explicit ControlClient(UniqueFd fd) : fd_(std::move(fd)) {}
  absl::Status Fill(Instant deadline);  // waits for bytes and appends them to received_

  UniqueFd fd_;
  std::string received_;  // not yet consumed
};

}  // namespace dpvrrp
