// SPDX-License-Identifier: BSD-3-Clause
#include "base/remark.h"

namespace dpvrrp {

const std::array<RemarkInfo, kRemarkCount>& AllRemarks() {
  using enum Remark;
  static constexpr std::array<RemarkInfo, kRemarkCount> kRows = {{DPVRRP_REMARKS(DPVRRP_ROW)}};
  return kRows;
}

}  // namespace dpvrrp
