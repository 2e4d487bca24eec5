// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/clock.h"
#include "io/control_socket.h"

namespace dpvrrp {
namespace {

constexpr size_t kMaxHeader = 256;  // bytes; a header is some 15, a refusal some 50

absl::Status LostError(absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("connection to the daemon lost: ", why));
}

// Waits until `fd` is ready for `events`.
absl::Status Wait(int fd, short events, Instant deadline) {
  pollfd wanted{.fd = fd, .events = events, .revents = 0};
  const Nanoseconds left =
      deadline == kNever ? Nanoseconds::zero() : std::max(deadline - MonotonicNow(), Nanoseconds(0));
  const timespec limit{.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000),
                       .tv_nsec = static_cast<long>(left.count() % 1'000'000'000)};
  const int ready = ppoll(&wanted, 1, deadline == kNever ? nullptr : &limit, nullptr);
  if (ready > 0) return absl::OkStatus();
  if (ready == 0) return absl::DeadlineExceededError("the daemon does not answer");
  if (errno == EINTR) return absl::CancelledError("interrupted");
  return absl::ErrnoToStatus(errno, "ppoll");
}

Instant DeadlineIn(Nanoseconds timeout) { return timeout == Nanoseconds::max() ? kNever : MonotonicNow() + timeout; }

struct Header {
  ReplyStatus status = ReplyStatus::kOk;
  size_t bytes = 0;
};

absl::StatusOr<Header> ParseHeader(absl::string_view line) {
  // A daemon with too many clients says so before it could learn that we want frames.
  if (absl::StartsWith(line, "error: ")) return absl::UnavailableError(line.substr(7));
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  const std::optional<ReplyStatus> status = ParseReplyStatus(words[0]);
  uint64_t bytes = 0;
  if (words.size() != 2 || !status || !absl::SimpleAtoi(words[1], &bytes) || bytes > kMaxControlReply) {
    return absl::DataLossError("the other side does not speak the control protocol");
  }
  return Header{.status = *status, .bytes = static_cast<size_t>(bytes)};
}

}  // namespace

absl::StatusOr<ControlClient> ControlClient::Connect(const std::string& path, Nanoseconds timeout) {
  absl::StatusOr<UniqueFd> fd = internal::ConnectControlSocket(path);
  if (!fd.ok()) return fd.status();
  ControlClient client(*std::move(fd));
  if (absl::Status status = client.Send(kFramedModeLine, timeout); !status.ok()) return status;
  const absl::StatusOr<Frame> frame = client.ReadFrame(timeout);
  if (!frame.ok()) return frame.status();
  if (frame->status != ReplyStatus::kOk) return absl::DataLossError("the other side refuses framed mode");
  return client;
}

absl::Status ControlClient::Send(absl::string_view line, Nanoseconds timeout) {
  if (line.size() > kMaxControlLine || line.find('\n') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("a command is one line of at most ", kMaxControlLine, " bytes"));
  }
  const Instant deadline = DeadlineIn(timeout);
  const std::string bytes = absl::StrCat(line, "\n");
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      if (absl::Status status = Wait(fd_.get(), POLLOUT, deadline); !status.ok()) return status;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return absl::OkStatus();  // the daemon's last words, if any, are still to be read
    } else if (errno != EINTR) {
      return LostError(std::strerror(errno));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ControlClient::Frame> ControlClient::ReadFrame(Nanoseconds timeout) {
  const Instant deadline = DeadlineIn(timeout);
  size_t newline = received_.find('\n');
  while (newline == std::string::npos) {
    if (received_.size() > kMaxHeader) return ParseHeader("").status();
    if (absl::Status status = Fill(deadline); !status.ok()) return status;
    newline = received_.find('\n');
  }
  const absl::StatusOr<Header> header = ParseHeader(absl::string_view(received_).substr(0, newline));
  if (!header.ok()) return header.status();
  const size_t end = newline + 1 + header->bytes;
  while (received_.size() < end) {
    if (absl::Status status = Fill(deadline); !status.ok()) return status;
  }
  Frame frame{.status = header->status, .body = received_.substr(newline + 1, header->bytes)};
  received_.erase(0, end);
  return frame;
}

absl::Status ControlClient::Fill(Instant deadline) {
  if (absl::Status status = Wait(fd_.get(), POLLIN, deadline); !status.ok()) return status;
  std::array<char, 16384> bytes;
  const ssize_t got = recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (got == 0) return LostError("closed by the daemon");
  if (got < 0) return errno == EAGAIN || errno == EINTR ? absl::OkStatus() : LostError(std::strerror(errno));
  received_.append(bytes.data(), static_cast<size_t>(got));
  return absl::OkStatus();
}

}  // namespace dpvrrp
