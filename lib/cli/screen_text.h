// SPDX-License-Identifier: BSD-3-Clause
//
// Text on a screen: its width, lines that are not longer than the screen, colours.
//
// Thread: any (pure).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp::internal {

// Columns on the screen: code points, which is right except for combining and double-width characters.
size_t ScreenWidth(absl::string_view text);

// `text` in lines of at most `width` columns, broken at blanks where there are any. At least one line. Width 0: no
// limit.
std::vector<std::string> WrapText(absl::string_view text, size_t width);

// A line of free text, wrapped. The continuation begins below the last column of the line ("   Mend:    find ..." below
// "find"), or below the line's first word. Each line ends in a newline.
std::string WrapFreeLine(absl::string_view line, size_t width);

// The colour of a cell by its meaning: red for faults, yellow for warnings, green for Master; empty: none.
absl::string_view ColourOf(absl::string_view column, absl::string_view cell);

inline constexpr absl::string_view kBold = "\x1b[1m";
inline constexpr absl::string_view kDim = "\x1b[2m";
std::string Coloured(absl::string_view text, absl::string_view colour);

}  // namespace dpvrrp::internal
