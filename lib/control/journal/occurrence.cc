// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/occurrence.h"

namespace dpvrrp {

absl::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNotice:
      return "notice";
    case Severity::kInfo:
      break;
  }
  return "info";
}

const std::array<OccurrenceInfo, kOccurrenceCount>& AllOccurrences() {
#define X(type, kind, severity, meaning) OccurrenceInfo{#type, kind, Severity::severity, meaning},
  static constexpr std::array<OccurrenceInfo, kOccurrenceCount> kTable = {{DPVRRP_OCCURRENCES(X)}};
#undef X
  return kTable;
}

Severity SeverityOf(const Occurrence& what) {
  return std::visit(
      [&](const auto& occurrence) {
        if constexpr (requires { occurrence.OwnSeverity(); }) {
          return occurrence.OwnSeverity();
        } else {
          return InfoOf(what).severity;
        }
      },
      what);
}

std::string TextOf(const Occurrence& what) {
  return std::visit([](const auto& occurrence) { return occurrence.Text(); }, what);
}

std::string CauseOf(const Occurrence& what) {
  return std::visit(
      [](const auto& occurrence) -> std::string {
        if constexpr (requires { occurrence.Cause(); }) {
          return occurrence.Cause();
        } else {
          return "";
        }
      },
      what);
}

}  // namespace dpvrrp
