// SPDX-License-Identifier: BSD-3-Clause
//
// Which verdicts report a sender whose adverts end for a reason (base/drop_reason.h), or why none does. A new reason
// is one row here; the test plants each and looks for the verdict.
//
// Thread: any.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/drop_reason.h"
#include "control/rogues/verdict.h"

namespace dpvrrp::diagnosis {

struct ReasonRow {
  DropReason reason;
  std::vector<Verdict> verdicts;  // one of these
  absl::string_view why_none;     // not empty: no verdict, and this is why
};

// One row per reason, in enumerator order.
const std::vector<ReasonRow>& AllReasonRows();

}  // namespace dpvrrp::diagnosis
