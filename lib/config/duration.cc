// SPDX-License-Identifier: BSD-3-Clause
#include "config/duration.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace dpvrrp::config_internal {
namespace {

struct Unit {
  absl::string_view name;
  Nanoseconds length;
};
constexpr Unit kUnits[] = {{"ns", std::chrono::nanoseconds(1)},
                           {"us", std::chrono::microseconds(1)},
                           {"ms", std::chrono::milliseconds(1)},
                           {"s", std::chrono::seconds(1)}};

absl::Status TooLong() { return absl::InvalidArgumentError("must be less than 292 years"); }

absl::StatusOr<Nanoseconds> Times(int64_t count, Nanoseconds unit) {
  if (count < 0) return absl::InvalidArgumentError("must not be negative");
  if (count > Nanoseconds::max() / unit) return TooLong();
  return count * unit;
}

}  // namespace

absl::StatusOr<Nanoseconds> ParseDuration(absl::string_view text) {
  const auto digits_end = std::find_if_not(text.begin(), text.end(), absl::ascii_isdigit);
  const size_t digits = static_cast<size_t>(digits_end - text.begin());
  const auto unit =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.name == text.substr(digits); });
  if (digits == 0 || unit == std::end(kUnits)) {
    return absl::InvalidArgumentError("must be a whole number and a unit, ns, us, ms or s");
  }
  int64_t count = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &count)) return TooLong();
  return Times(count, unit->length);
}

absl::StatusOr<Nanoseconds> DurationOfSeconds(int64_t seconds) { return Times(seconds, std::chrono::seconds(1)); }

}  // namespace dpvrrp::config_internal
