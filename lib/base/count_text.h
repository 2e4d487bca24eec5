// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// A number with its noun, for messages: "1 instance", "2 instances", "0 instances". `noun` takes an s in the plural.
// Thread: any (pure).
inline std::string CountText(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace dpvrrp
