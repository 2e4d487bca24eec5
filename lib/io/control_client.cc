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
#include "base/status_macros.h"
#include "io/clock.h"
#include "io/control_socket.h"

namespace dpvrrp {
namespace {

constexpr size_t kMaxHeader = 256;  // bytes; a header has about 15, a refusal about 50

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
  // If the daemon has too many clients, it says so before it can know that this client wants frames.
  if (absl::StartsWith(line, "error: ")) return absl::UnavailableError(line.substr(7));
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  const std::optional<ReplyStatus> status = ParseReplyStatus(words[0]);
  uint64_t bytes = 0;
  if (words.size() != 2 || !status || !absl::SimpleAtoi(words[1], &bytes) || bytes > kMaxControlReply) {
    return absl::DataLossError("the peer does not use the control protocol");
  }
  return Header{.status = *status, .bytes = static_cast<size_t>(bytes)};
}

}  // namespace

absl::StatusOr<ControlClient> ControlClient::Connect(const std::string& path, Nanoseconds timeout) {
  DPVRRP_ASSIGN_OR_RETURN(UniqueFd fd, internal::ConnectControlSocket(path));
  ControlClient client(std::move(fd));
  DPVRRP_RETURN_IF_ERROR(client.Send(kFramedModeLine, timeout));
  DPVRRP_ASSIGN_OR_RETURN(const Frame frame, client.ReadFrame(timeout));
  if (frame.status != ReplyStatus::kOk) return absl::DataLossError("the peer refuses framed mode");
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
      DPVRRP_RETURN_IF_ERROR(Wait(fd_.get(), POLLOUT, deadline));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return absl::OkStatus();  // the daemon's last answer, if any, has still to be read
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
    DPVRRP_RETURN_IF_ERROR(Fill(deadline));
    newline = received_.find('\n');
  }
  DPVRRP_ASSIGN_OR_RETURN(const Header header, ParseHeader(absl::string_view(received_).substr(0, newline)));
  const size_t end = newline + 1 + header.bytes;
  while (received_.size() < end) {
    DPVRRP_RETURN_IF_ERROR(Fill(deadline));
  }
  Frame frame{.status = header.status, .body = received_.substr(newline + 1, header.bytes)};
  received_.erase(0, end);
  return frame;
}

absl::Status ControlClient::Fill(Instant deadline) {
  DPVRRP_RETURN_IF_ERROR(Wait(fd_.get(), POLLIN, deadline));
  std::array<char, 16384> bytes;
  const ssize_t got = recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (got == 0) return LostError("closed by the daemon");
  if (got < 0) return errno == EAGAIN || errno == EINTR ? absl::OkStatus() : LostError(std::strerror(errno));
  received_.append(bytes.data(), static_cast<size_t>(got));
  return absl::OkStatus();
}

}  // namespace dpvrrp
