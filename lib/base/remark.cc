// SPDX-License-Identifier: BSD-3-Clause
#include "base/remark.h"

namespace dpvrrp {

const std::array<RemarkInfo, kRemarkCount>& AllRemarks() {
  static constexpr std::array<RemarkInfo, kRemarkCount> kRows = {{
#define X(id, name, meaning) {Remark::id, name, meaning},
      DPVRRP_REMARKS(X)
#undef X
  }};
  return kRows;
}

}  // namespace dpvrrp
