// SPDX-License-Identifier: BSD-3-Clause
//
// The control socket's protocol, shared by server and client.
//
//   client                              daemon
//   ------                              ------
//   show status\n                  -->
//                                  <--  Master of 3 ...            plain: the bare text; failures are "error: ..."
//
//   mode framed\n                  -->
//                                  <--  ok 0\n                     framed: "<status> <bytes>\n", then that many bytes
//   show events --follow\n         -->
//                                  <--  more 34\n<34 bytes>        ... more follow; ended by ok, usage or error
//
// Thread: any (constants, pure functions).
#pragma once

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "base/strong.h"
#include "base/time.h"

namespace dpvrrp {

using ClientId = Strong<struct ClientIdTag, uint64_t>;  // never used twice in one run

enum class ReplyStatus {
  kOk,       // done
  kMore,     // a part of a stream; more parts follow
  kUsage,    // the line is not a command
  kError,    // the command failed
  kConfirm,  // a question; nothing was done. The line with --yes does it. Only for a client that can ask
};

absl::string_view ToString(ReplyStatus status);  // "ok", "more", "usage", "error", "confirm"
std::optional<ReplyStatus> ParseReplyStatus(absl::string_view word);

inline constexpr absl::string_view kFramedModeLine = "mode framed";
inline constexpr absl::string_view kPlainModeLine = "mode plain";

// A further client replaces an idle one (io/control_places.h), or gets one line of refusal; counted.
inline constexpr size_t kMaxControlClients = 64;
inline constexpr size_t kMaxControlLine = 4096;  // bytes; a longer line ends the connection; counted
// Bytes of a stream that are not read yet. A client with more is disconnected, and counted. All of 64,000 instances may
// change state at once, together with their addresses, before a healthy follower has time to read a line: 200 bytes for
// an event as JSON.
inline constexpr size_t kMaxControlBacklog = 32 * 1024 * 1024;
inline constexpr size_t kMaxControlReply = 64 * 1024 * 1024;  // bytes of one reply; a longer one becomes an error
inline constexpr Nanoseconds kControlLineTimeout = std::chrono::seconds(60);   // from a line's first byte to its end
inline constexpr Nanoseconds kControlWriteTimeout = std::chrono::seconds(60);  // without the reader reading a byte

}  // namespace dpvrrp
