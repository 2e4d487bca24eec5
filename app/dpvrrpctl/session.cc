// SPDX-License-Identifier: BSD-3-Clause
#include "session.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kAnswerTimeout = std::chrono::seconds(30);     // for an answer, or for a stream's first part
constexpr Nanoseconds kCompletionTimeout = std::chrono::seconds(2);  // the operator waits at the keyboard

void Print(FILE* to, const std::string& text) {
  fwrite(text.data(), 1, text.size(), to);
  fflush(to);  // streams are read through pipes, line by line
}

void PrintLine(FILE* to, std::string text) {
  if (text.empty() || text.back() != '\n') text += '\n';
  Print(to, text);
}

}  // namespace

absl::Status Session::Connect() {
  if (client_) return absl::OkStatus();
  absl::StatusOr<ControlClient> client = ControlClient::Connect(socket_, kAnswerTimeout);
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  return absl::OkStatus();
}

ExitCode Session::Run(const std::string& line) {
  if (absl::Status status = Connect(); !status.ok()) return Lost(status);
  if (absl::Status status = client_->Send(line, kAnswerTimeout); !status.ok()) {
    if (!absl::IsInvalidArgument(status)) return Lost(status);
    PrintLine(stderr, absl::StrCat("dpvrrpctl: ", status.message()));
    return ExitCode::kUsage;
  }
  return CopyAnswer();
}

ExitCode Session::CopyAnswer() {
  Nanoseconds timeout = kAnswerTimeout;
  while (true) {
    const absl::StatusOr<ControlClient::Frame> frame = client_->ReadFrame(timeout);
    if (absl::IsCancelled(frame.status())) {
      client_.reset();  // closing the connection ends the stream
      return ExitCode::kOk;
    }
    if (!frame.ok()) return Lost(frame.status());
    switch (frame->status) {
      case ReplyStatus::kMore:
        Print(stdout, frame->body);
        timeout = Nanoseconds::max();
        break;
      case ReplyStatus::kOk:
        Print(stdout, frame->body);
        return ExitCode::kOk;
      case ReplyStatus::kUsage:
        PrintLine(stderr, frame->body);
        return ExitCode::kUsage;
      case ReplyStatus::kError:
        PrintLine(stderr, frame->body);
        return ExitCode::kFailed;
    }
  }
}

ExitCode Session::Lost(const absl::Status& status) {
  client_.reset();
  PrintLine(stderr, absl::StrCat("dpvrrpctl: ", status.message()));
  return ExitCode::kUnreachable;
}

std::vector<std::string> Session::Complete(const std::string& line) {
  if (!Connect().ok() || !client_->Send(absl::StrCat("complete ", line), kCompletionTimeout).ok()) return {};
  const absl::StatusOr<ControlClient::Frame> frame = client_->ReadFrame(kCompletionTimeout);
  if (!frame.ok() || frame->status != ReplyStatus::kOk) {
    if (!frame.ok()) client_.reset();  // a late answer must not be taken for the next command's
    return {};
  }
  return absl::StrSplit(frame->body, '\n', absl::SkipEmpty());
}

}  // namespace dpvrrp
