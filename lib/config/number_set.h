// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp::config_internal {

// Numbers as network equipment lists them: "100-163,200" is 100, 101 ... 163, 200. Blanks around numbers are allowed.
// In the order written, which may go up and down from one item to the next; within a range it goes up. InvalidArgument
// names the item and the rule: not a number or a range, outside `low`..`high`, a falling range, a number given twice.
//
// Thread: any (pure).
absl::StatusOr<std::vector<uint16_t>> ParseNumberSet(absl::string_view text, uint16_t low, uint16_t high);

}  // namespace dpvrrp::config_internal
