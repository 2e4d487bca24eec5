// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp::config_internal {

// Parses numbers in the notation of network equipment: "100-163,200" is 100, 101 ... 163, 200. Blanks around numbers
// are allowed. The result has the order of the text. A range must ascend; the items need not. InvalidArgument names the
// item and the rule: not a number or a range, outside `low`..`high`, a descending range, a number given twice.
//
// Thread: any (pure).
absl::StatusOr<std::vector<uint16_t>> ParseNumberSet(absl::string_view text, uint16_t low, uint16_t high);

}  // namespace dpvrrp::config_internal
