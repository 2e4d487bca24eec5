// SPDX-License-Identifier: BSD-3-Clause
#include "track/effect.h"

#include <algorithm>

namespace dpvrrp {

TrackEffect EffectOf(const TrackValue& value, std::optional<int> weight, bool reverse) {
  using Kind = TrackValue::Kind;
  if (value.kind == Kind::kUnknown) return {.unknown = !weight.has_value()};
  if (value.kind == Kind::kNumber && weight.has_value()) {
    const int64_t product = int64_t{value.number} * *weight * (reverse ? -1 : 1);
    return {.weight = static_cast<int>(std::clamp<int64_t>(product, -kMaxTrackWeight, kMaxTrackWeight))};
  }
  const bool good = value.kind == Kind::kUp || (value.kind == Kind::kNumber && value.number == 0);
  const bool up = good != reverse;
  if (!weight.has_value()) return {.fault = !up};
  return {.weight = up ? std::max(*weight, 0) : std::min(*weight, 0)};
}

}  // namespace dpvrrp
