// SPDX-License-Identifier: BSD-3-Clause
#include "base/drop_reason.h"

namespace dpvrrp {

const std::array<DropReasonInfo, kDropReasonCount>& AllDropReasons() {
  using enum DropReason;
  static constexpr std::array<DropReasonInfo, kDropReasonCount> kRows = {{DPVRRP_DROP_REASONS(DPVRRP_ROW)}};
  return kRows;
}

}  // namespace dpvrrp
