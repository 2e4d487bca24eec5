// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "config/document.h"

namespace dpvrrp::config_internal {

// Recognises the configuration of another VRRP program that was given as our file. Returns the program's name, at the
// line that shows it. The caller has found that `text` is not TOML. Returns nothing if the program is not recognised,
// or if the text has a table of our format.
//
// Thread: any (pure).
std::optional<SyntaxError> RecogniseForeignFile(absl::string_view text);

}  // namespace dpvrrp::config_internal
