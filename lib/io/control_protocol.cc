// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_protocol.h"

#include "base/check.h"

namespace dpvrrp {

absl::string_view ToString(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::kOk:
      return "ok";
    case ReplyStatus::kMore:
      return "more";
    case ReplyStatus::kUsage:
      return "usage";
    case ReplyStatus::kError:
      return "error";
    case ReplyStatus::kConfirm:
      return "confirm";
  }
  DPVRRP_CHECK(false);
  return "";
}

std::optional<ReplyStatus> ParseReplyStatus(absl::string_view word) {
  for (const ReplyStatus status :
       {ReplyStatus::kOk, ReplyStatus::kMore, ReplyStatus::kUsage, ReplyStatus::kError, ReplyStatus::kConfirm}) {
    if (word == ToString(status)) return status;
  }
  return std::nullopt;
}

}  // namespace dpvrrp
