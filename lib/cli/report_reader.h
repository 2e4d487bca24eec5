// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the JSON of an answer back into the report that it was made from. So a program that compares values uses the
// same names and cells as a person who reads the table.
//
// Thread: any (pure).
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/report.h"

namespace dpvrrp {

// The inverse of RenderJson(). A record, or a table, that stands alone is a section without a name. A table without
// rows has no columns, because its JSON has none. InvalidArgument: it is not the JSON of a report.
absl::StatusOr<Report> ReadReport(absl::string_view json);

}  // namespace dpvrrp
