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
// Errors: Unavailable (no daemon listens, refused, connection lost), DeadlineExceeded, Cancelled (a signal arrived),
// DataLoss (the peer does not use our protocol).
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

  // Sends `line`, which has no newline. InvalidArgument: it has a newline inside, or is longer than kMaxControlLine. OK
  // does not mean that the daemon received it: ReadFrame() reports a lost connection, after the daemon's last frame.
  absl::Status Send(absl::string_view line, Nanoseconds timeout);
  // The next frame. After kMore another one follows. Nanoseconds::max() waits without limit.
  absl::StatusOr<Frame> ReadFrame(Nanoseconds timeout);

 private:
  explicit ControlClient(UniqueFd fd) : fd_(std::move(fd)) {}
  absl::Status Fill(Instant deadline);  // waits for bytes and appends them to received_

  UniqueFd fd_;
  std::string received_;  // not yet consumed
};

}  // namespace dpvrrp
