// SPDX-License-Identifier: BSD-3-Clause
#include "base/drop_reason.h"

namespace dpvrrp {

const std::array<DropReasonInfo, kDropReasonCount>& AllDropReasons() {
  static constexpr std::array<DropReasonInfo, kDropReasonCount> kRows = {{
#define X(id, name, meaning) {DropReason::id, name, meaning},
      DPVRRP_DROP_REASONS(X)
#undef X
  }};
  return kRows;
}

}  // namespace dpvrrp
