// SPDX-License-Identifier: BSD-3-Clause
#include "control/verdict.h"

namespace dpvrrp {

const std::array<VerdictInfo, kVerdictCount>& AllVerdicts() {
  static constexpr std::array<VerdictInfo, kVerdictCount> kRows = {{
#define X(id, name, meaning, mend) {Verdict::id, name, meaning, mend},
      DPVRRP_VERDICTS(X)
#undef X
  }};
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
