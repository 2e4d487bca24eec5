// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/mac_algorithm.h"

namespace dpvrrp {

const std::array<MacAlgorithmInfo, kMacAlgorithmCount>& AllMacAlgorithms() {
  static constexpr std::array<MacAlgorithmInfo, kMacAlgorithmCount> kRows = {{
#define X(id, name, icv_bytes, key_bytes, source) {MacAlgorithm::id, name, icv_bytes, key_bytes, source},
      DPVRRP_MAC_ALGORITHMS(X)
#undef X
  }};
#define X(id, name, icv_bytes, key_bytes, source) static_assert(icv_bytes <= kMaxIcvBytes && icv_bytes % 4 == 0, name);
  DPVRRP_MAC_ALGORITHMS(X)
#undef X
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
