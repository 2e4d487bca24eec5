// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/strings/string_view.h"

namespace dpvrrp {

// Patterns of names, as in a shell: `*` is any text, `?` is any one byte, and every other byte is itself.
//
// Thread: any (pure).

inline bool IsGlob(absl::string_view pattern) { return pattern.find_first_of("*?") != absl::string_view::npos; }

// Whether the whole of `text` fits. ASCII letters of either case are the same if `ignores_case`. It takes at most the
// product of the two lengths.
bool GlobMatches(absl::string_view pattern, absl::string_view text, bool ignores_case = false);

}  // namespace dpvrrp
