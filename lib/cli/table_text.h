// SPDX-License-Identifier: BSD-3-Clause
//
// A table as aligned columns. If the screen is too narrow for all of them, the most important ones are kept.
//
// Thread: any (pure).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "cli/report.h"

namespace dpvrrp::internal {

std::string Spaced(absl::string_view name);  // "master_priority": "master priority"

// Appends the table, each line behind `indent`. An empty table is "none".
void AppendTable(std::string* out, absl::string_view indent, const Table& table, const Screen& screen);

}  // namespace dpvrrp::internal
