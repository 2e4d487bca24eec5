// SPDX-License-Identifier: BSD-3-Clause
#include "session.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "cli/terminal.h"
#include "tty.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kAnswerTimeout = std::chrono::seconds(30);     // for an answer, or for a stream's first part
constexpr Nanoseconds kCompletionTimeout = std::chrono::seconds(2);  // the operator waits at the keyboard

std::string Line(std::string text) {
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

void PrintError(const std::string& text) {
  fputs(Line(text).c_str(), stderr);
  fflush(stderr);
}

}  // namespace

absl::Status Session::Connect() {
  if (client_) return absl::OkStatus();
  DPVRRP_ASSIGN_OR_RETURN(ControlClient client, ControlClient::Connect(socket_, kAnswerTimeout));
  if (Tty::Now().is_terminal) {
    DPVRRP_RETURN_IF_ERROR(client.Send(absl::StrCat(kScreenWord, "0"), kAnswerTimeout));
    DPVRRP_ASSIGN_OR_RETURN(const ControlClient::Frame frame, client.ReadFrame(kAnswerTimeout));
    knows_screens_ = frame.status == ReplyStatus::kOk;
  }
  client_ = std::move(client);
  return absl::OkStatus();
}

std::string Session::Dressed(const std::string& line, bool look) const {
  const Tty tty = Tty::Now();
  if (!tty.is_terminal || !knows_screens_) return line;
  return absl::StrCat(kScreenWord, tty.width, tty.colour ? ",colour" : "",
                      look          ? ",look"
                      : tty.can_ask ? ",ask"
                                    : "",
                      " ", line);
}

ExitCode Session::Run(const std::string& line) {
  if (absl::Status status = Connect(); !status.ok()) return Lost(status);
  if (absl::Status status = client_->Send(Dressed(line, false), kAnswerTimeout); !status.ok()) {
    if (!absl::IsInvalidArgument(status)) return Lost(status);
    PrintError(absl::StrCat("dpvrrpctl: ", status.message()));
    return ExitCode::kUsage;
  }
  return CopyAnswer(line);
}

ExitCode Session::CopyAnswer(const std::string& line) {
  Nanoseconds timeout = kAnswerTimeout;
  bool streams = false;
  while (true) {
    const absl::StatusOr<ControlClient::Frame> frame = client_->ReadFrame(timeout);
    if (absl::IsCancelled(frame.status())) {
      client_.reset();  // closing the connection ends the stream
      return ExitCode::kOk;
    }
    if (!frame.ok()) return Lost(frame.status());
    switch (frame->status) {
      case ReplyStatus::kMore:
        Print(frame->body);
        streams = true;
        timeout = Nanoseconds::max();
        break;
      case ReplyStatus::kOk:
        if (pages_ && !streams) {
          Page(Tty::Now(), frame->body);
        } else {
          Print(frame->body);
        }
        return ExitCode::kOk;
      case ReplyStatus::kUsage:
        PrintError(frame->body);
        return ExitCode::kUsage;
      case ReplyStatus::kError:
        PrintError(frame->body);
        return ExitCode::kFailed;
      case ReplyStatus::kConfirm:
        if (AskYes(frame->body)) return Run(absl::StrCat(line, " --yes"));
        PrintError("nothing was changed");
        return ExitCode::kFailed;
    }
  }
}

Session::Look Session::LookAt(const std::string& line) {
  const auto lost = [&](const absl::Status& status) {
    client_.reset();
    return Look{ExitCode::kUnreachable, Line(absl::StrCat("dpvrrpctl: ", status.message()))};
  };
  if (absl::Status status = Connect(); !status.ok()) return lost(status);
  if (!knows_screens_) return {ExitCode::kUsage, "dpvrrpctl: this daemon is too old for watch\n"};
  if (absl::Status status = client_->Send(Dressed(line, true), kAnswerTimeout); !status.ok()) return lost(status);
  const absl::StatusOr<ControlClient::Frame> frame = client_->ReadFrame(kAnswerTimeout);
  if (!frame.ok()) return lost(frame.status());
  switch (frame->status) {
    case ReplyStatus::kOk:
      return {ExitCode::kOk, frame->body};
    case ReplyStatus::kMore:
      client_.reset();  // ends the stream
      return {ExitCode::kUsage,
              "dpvrrpctl: watch repeats a command that ends; this one continues until it is interrupted\n"};
    case ReplyStatus::kUsage:
      return {ExitCode::kUsage, Line(frame->body)};
    case ReplyStatus::kError:
    case ReplyStatus::kConfirm:
      break;
  }
  return {ExitCode::kFailed, Line(frame->body)};
}

ExitCode Session::Lost(const absl::Status& status) {
  client_.reset();
  PrintError(absl::StrCat("dpvrrpctl: ", status.message()));
  return ExitCode::kUnreachable;
}

std::vector<std::string> Session::Complete(const std::string& line) {
  const absl::string_view command = absl::StripPrefix(line, "watch ");  // what watch repeats is a command too
  if (!Connect().ok() || !client_->Send(absl::StrCat("complete ", command), kCompletionTimeout).ok()) return {};
  const absl::StatusOr<ControlClient::Frame> frame = client_->ReadFrame(kCompletionTimeout);
  if (!frame.ok() || frame->status != ReplyStatus::kOk) {
    if (!frame.ok()) client_.reset();  // a late answer must not be taken for the next command's
    return {};
  }
  return absl::StrSplit(frame->body, '\n', absl::SkipEmpty());
}

}  // namespace dpvrrp
