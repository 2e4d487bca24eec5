// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/verdict.h"

namespace dpvrrp {

const std::array<VerdictInfo, kVerdictCount>& AllVerdicts() {
  using enum Verdict;
  using enum VerdictKind;
  static constexpr std::array<VerdictInfo, kVerdictCount> kRows = {{DPVRRP_VERDICTS(DPVRRP_ROW)}};
  return kRows;
}

absl::string_view ToString(Certainty certainty) {
  constexpr absl::string_view kNames[] = {"certain", "likely"};
  return kNames[static_cast<size_t>(certainty)];
}

absl::string_view ToString(KeyKnown key) {
  constexpr absl::string_view kNames[] = {"none", "unknown", "wrong", "right"};
  return kNames[static_cast<size_t>(key)];
}

}  // namespace dpvrrp
