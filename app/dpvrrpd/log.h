// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/strings/string_view.h"
#include "control/event_log.h"

namespace dpvrrp {

// One line on stderr. Under journald (JOURNAL_STREAM is set) it begins with "<4>" and journald knows time and priority;
// otherwise with the time and the severity.
//
// Thread: control.
void WriteLog(const LogEvent& event);
void WriteLog(Severity severity, absl::string_view text);

}  // namespace dpvrrp
