// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/report_cells.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dpvrrp {

std::string SecondsText(Nanoseconds interval) {
  return absl::StrCat(static_cast<double>(interval.count()) / 1e9, " s");
}

absl::string_view ToString(TrailerMode mode) {
  static constexpr absl::string_view kNames[] = {"enforce", "permissive", "receive-only"};
  return kNames[static_cast<size_t>(mode)];
}

absl::string_view ToString(AntiReplay kind) { return kind == AntiReplay::kTime ? "time" : "monotonic"; }

absl::string_view ToString(AuthKind kind) {
  static constexpr std::array<absl::string_view, 4> kNames = {"none", "simple", "ah", "auth-hmac"};
  return kNames[static_cast<size_t>(kind)];
}

absl::string_view ToString(Family family) { return family == Family::kIpv4 ? "ipv4" : "ipv6"; }

Value SpiCell(uint32_t spi) { return absl::StrFormat("0x%08x", spi); }

}  // namespace dpvrrp
