// SPDX-License-Identifier: BSD-3-Clause
//
// The daemon's log: lines on stderr, or in a file, from every thread.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "control/journal/event_log.h"

namespace dpvrrp {

// One line on stderr, written by its own thread (io/log_writer.h). So a stalled reader blocks no caller, and lines that
// find no room are dropped, counted and reported. Under journald (JOURNAL_STREAM is set) a line begins with "<4>" and
// journald adds time and priority; otherwise it begins with the time and the severity.
//
// Thread of all functions: any.
void WriteLog(const LogEvent& event);
void WriteLog(Severity severity, absl::string_view text);

// From now on, less severe lines are not written. At the start all are.
void WriteLogFrom(Severity least);
Severity LogLevel();

// Writes a complete line unchanged.
void WriteLogText(std::string line);

// A line of DPDK's log; `level` is syslog's. Waits until the line is written if DPDK is about to abort the process.
void WriteEalLog(int level, absl::string_view line);

// Waits until stderr has taken every line, at most this long. Call it before the process ends.
void FlushLog(Nanoseconds longest);

// From now on lines are appended to this file instead of stderr. Call it before the first line.
absl::Status OpenLogFile(const std::string& path);
bool HasLogFile();
// While it is muted, lines for stderr are discarded.
void MuteLog(bool on);

uint64_t LogLinesDropped();  // since the start

}  // namespace dpvrrp
