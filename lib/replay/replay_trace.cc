// SPDX-License-Identifier: BSD-3-Clause
#include "replay/replay_trace.h"

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "control/reports/trace_report.h"

namespace dpvrrp {

void ReplayTrace::OnFrame(const ReplayedFrame& frame) {
  ++frames_;
  if (frame.number == number_ && frame.skipped) skipped_on_ = frame.port;
}

void ReplayTrace::OnTrace(const FrameCopy& copy, const std::string& port, const Registry& registry, int64_t unix_ms) {
  text_ = TraceAs(copy, port, registry, unix_ms, json_, width_);
}

absl::StatusOr<std::string> ReplayTrace::Result() const {
  if (skipped_on_.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("--trace ", number_, ": its interface '", *skipped_on_, "' belongs to no port"));
  }
  if (text_.empty()) {
    return absl::NotFoundError(absl::StrCat("--trace ", number_, ": the capture has ", CountText(frames_, "frame")));
  }
  return text_;
}

}  // namespace dpvrrp
