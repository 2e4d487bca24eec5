// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/mac_algorithm.h"

#include <algorithm>

namespace dpvrrp {

const std::array<MacAlgorithmInfo, kMacAlgorithmCount>& AllMacAlgorithms() {
  using enum MacAlgorithm;
  static constexpr std::array<MacAlgorithmInfo, kMacAlgorithmCount> kRows = {{DPVRRP_MAC_ALGORITHMS(DPVRRP_ROW)}};
  static_assert(std::all_of(kRows.begin(), kRows.end(), [](const MacAlgorithmInfo& row) {
    return row.icv_bytes <= kMaxIcvBytes && row.icv_bytes % 4 == 0;
  }));
  return kRows;
}

const MacAlgorithmInfo& InfoOf(MacAlgorithm algorithm) { return AllMacAlgorithms()[static_cast<size_t>(algorithm)]; }

std::optional<MacAlgorithm> FindMacAlgorithm(absl::string_view name) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

}  // namespace dpvrrp
