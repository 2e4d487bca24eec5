// SPDX-License-Identifier: BSD-3-Clause
//
// An event as the cells of a row, as a line of text, and as a JSON object. The column names are an interface.
//
// Thread: any (pure).
#pragma once

#include <string>
#include <vector>

#include "cli/report.h"
#include "control/journal/event_log.h"

namespace dpvrrp {

const std::vector<std::string>& EventColumns();
std::vector<Value> EventRow(const LogEvent& event);  // in the order of EventColumns()

// Each ends in a newline.
std::string EventAsText(const LogEvent& event);
std::string EventAsJson(const LogEvent& event);

}  // namespace dpvrrp
