// SPDX-License-Identifier: BSD-3-Clause
#include "log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "io/clock.h"
#include "io/log_writer.h"

namespace dpvrrp {
namespace {

constexpr int kLastWords = 2;  // syslog's "critical", the level of rte_panic() and rte_exit(), and worse levels
constexpr Nanoseconds kLongestLastWords = std::chrono::seconds(1);

std::string Line(const LogEvent& event) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string line = journal ? absl::StrCat("<", static_cast<int>(event.severity), ">")
                             : absl::StrCat(FormatTime(event.unix_ms), " ", ToString(event.severity), " ");
  if (!event.instance.empty()) absl::StrAppend(&line, event.instance, ": ");
  absl::StrAppend(&line, event.kind.empty() ? "" : absl::StrCat(event.kind, ": "), event.text, "\n");
  return line;
}

LogEvent EventOf(Severity severity, absl::string_view text) {
  LogEvent event;
  event.unix_ms = UnixMilliseconds();
  event.severity = severity;
  event.text = std::string(text);
  return event;
}

std::string DroppedText(uint64_t lines) {
  return Line(EventOf(Severity::kWarning, absl::StrCat(lines, lines == 1 ? " log line" : " log lines",
                                                       " dropped: the reader of stderr is slow")));
}

// Never destroyed, because threads may log until the process ends.
LogWriter& Writer() {
  static auto* const writer = new LogWriter(STDERR_FILENO, DroppedText);
  return *writer;
}

}  // namespace

void WriteLog(const LogEvent& event) { Writer().Write(Line(event)); }
void WriteLog(Severity severity, absl::string_view text) { WriteLog(EventOf(severity, text)); }

void WriteLogText(std::string line) { Writer().Write(std::move(line)); }

void WriteEalLog(int level, absl::string_view line) {
  WriteLog(
      static_cast<Severity>(std::clamp(level, static_cast<int>(Severity::kError), static_cast<int>(Severity::kInfo))),
      line);
  if (level <= kLastWords) FlushLog(kLongestLastWords);
}

void FlushLog(Nanoseconds longest) { Writer().Flush(longest); }
uint64_t LogLinesDropped() { return Writer().dropped(); }

}  // namespace dpvrrp
