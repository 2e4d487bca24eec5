// SPDX-License-Identifier: BSD-3-Clause
//
// What the reader wants to see of a table: kViewOptions of grammar.h, for every table in the same way.
//
//   where CONDITION  only rows of which it is true: "state=Master", "name=gw-1*", "priority>100", "error!=-". A text is
//                    compared with `=` and `!=` as a glob, without regard to case; `-` is "no value". Repeated
//                    conditions must all be true.
//   sort COLUMN      in the order of this column; "-COLUMN" reverses. Rows without a value are last.
//   limit ROWS       only the first ones
//   columns A,B      only these columns, in this order
//
// A column is named as in JSON, or by a beginning that no other column has.
//
// Thread: any (pure).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "cli/report.h"

namespace dpvrrp {

using ViewOptions = std::vector<std::pair<std::string, std::string>>;  // as in ParsedCommand::view

// Changes the one table of the report. InvalidArgument: no such column, or a value that cannot be read.
absl::Status ApplyView(const ViewOptions& view, Report* report);

}  // namespace dpvrrp
