// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// The word that the operator may have meant by `found`; empty if no word is near. A word is near if at most a third of
// its characters differ, or if `found` is a part of it ("prio"). Thread: any (pure).
absl::string_view NearestWord(absl::string_view found, std::span<const absl::string_view> words);

}  // namespace dpvrrp
