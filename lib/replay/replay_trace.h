// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "replay/replay.h"

namespace dpvrrp {

// One frame of a replay through every check (control/reports/trace_report.h).
//
// Thread: one.
class ReplayTrace : public ReplaySink {
 public:
  // `number`: the frame, counted from 1. `width`: of the screen, 0: no limit.
  ReplayTrace(size_t number, bool json, size_t width) : number_(number), json_(json), width_(width) {}

  void OnFrame(const ReplayedFrame& frame) override;
  void OnSent(Nanoseconds, PortId, std::span<const uint8_t>) override {}
  void OnEvent(Nanoseconds, const LogEvent&) override {}
  bool Traces(size_t number) const override { return number == number_; }
  void OnTrace(const FrameCopy& copy, const std::string& port, const Registry& registry, int64_t unix_ms) override;

  // NotFound: the capture has no frame of this number, or it was skipped.
  absl::StatusOr<std::string> Result() const;

 private:
  size_t number_;
  bool json_;
  size_t width_;
  size_t frames_ = 0;
  std::optional<std::string> skipped_on_;  // its interface, which belongs to no port
  std::string text_;
};

}  // namespace dpvrrp
