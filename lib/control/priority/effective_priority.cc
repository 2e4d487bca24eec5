// SPDX-License-Identifier: BSD-3-Clause
#include "control/priority/effective_priority.h"

#include <algorithm>
#include <cstdint>

namespace dpvrrp {

Priority EffectivePriority(const PrioritySources& sources) {
  if (sources.configured == kPriorityOwner) return kPriorityOwner;
  const int base = sources.ordered.value_or(sources.configured).value();
  // The sums of many weights may be far outside of the range of a priority.
  const int64_t sum = int64_t{base} + sources.tracks + sources.group;
  return Priority(static_cast<uint8_t>(std::clamp<int64_t>(sum, 1, kPriorityOwner.value() - 1)));
}

}  // namespace dpvrrp
