// SPDX-License-Identifier: BSD-3-Clause
#include "config/faults.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {

std::string ToString(const ConfigFault& fault) {
  return absl::StrCat(fault.file, ":", fault.line, ":", fault.column, ": ", fault.message);
}

namespace config_internal {
namespace {

constexpr size_t kMaxQuotedBytes = 80;  // the rest of a longer value is cut

std::vector<ConfigFault> InFileOrder(std::vector<ConfigFault> faults) {
  std::stable_sort(faults.begin(), faults.end(), [](const ConfigFault& a, const ConfigFault& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return faults;
}

}  // namespace

void Faults::Error(Position at, std::string message) {
  errors_.push_back({file_, at.line, at.column, std::move(message)});
}

void Faults::Warning(Position at, std::string message) {
  warnings_.push_back({file_, at.line, at.column, std::move(message)});
}

std::vector<ConfigFault> Faults::TakeErrors() { return InFileOrder(std::exchange(errors_, {})); }
std::vector<ConfigFault> Faults::TakeWarnings() { return InFileOrder(std::exchange(warnings_, {})); }

std::string Quoted(absl::string_view value) {
  const bool cut = value.size() > kMaxQuotedBytes;
  return absl::StrCat("'", absl::Utf8SafeCEscape(value.substr(0, kMaxQuotedBytes)), cut ? "…'" : "'");
}

std::string Quoted(int64_t value) { return absl::StrCat("'", value, "'"); }

}  // namespace config_internal
}  // namespace dpvrrp
