// SPDX-License-Identifier: BSD-3-Clause
//
// `show tracks`, `show groups`, `track set`.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/reports/reports.h"

namespace dpvrrp::internal {
namespace {

constexpr int kMaxNumber = 254;

absl::StatusOr<TrackValue> ReadValue(const std::string& text) {
  if (text == "up" || text == "down") return TrackValue::Of(text == "up");
  int number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= -kMaxNumber && number <= kMaxNumber) {
    return TrackValue{TrackValue::Kind::kNumber, number};
  }
  return absl::InvalidArgumentError(absl::StrCat("the value of a track is up, down or a number from -", kMaxNumber,
                                                 " to ", kMaxNumber, ", got '", text, "'"));
}

}  // namespace

absl::StatusOr<Report> ShowTracks(const CommandContext& c) { return TracksReport(c.view); }

absl::StatusOr<Report> ShowGroups(const CommandContext& c) { return GroupsReport(c.view); }

absl::StatusOr<Report> SetTrack(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const TrackValue value, ReadValue(c.argument(1)));
  DPVRRP_RETURN_IF_ERROR(c.orders.SetTrack(c.argument(0), value, c.t));
  return Done(absl::StrCat("track ", c.argument(0), ": ", ToString(value)));
}

}  // namespace dpvrrp::internal
