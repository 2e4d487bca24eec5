// SPDX-License-Identifier: BSD-3-Clause
#include "base/remark.h"

namespace dpvrrp {

const std::array<RemarkInfo, kRemarkCount>& AllRemarks() {
  using enum Remark;
  static constexpr std::array<RemarkInfo, kRemarkCount> kRows = {{DPVRRP_REMARKS(DPVRRP_ROW)}};
  return kRows;
}

std::vector<absl::string_view> NamesOf(Remarks remarks) {
  std::vector<absl::string_view> names;
  for (const RemarkInfo& info : AllRemarks()) {
    if (remarks.Has(info.remark)) names.push_back(info.name);
  }
  return names;
}

}  // namespace dpvrrp
