// SPDX-License-Identifier: BSD-3-Clause
#include "log.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "io/clock.h"

namespace dpvrrp {

void WriteLog(const LogEvent& event) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string line = journal ? absl::StrCat("<", static_cast<int>(event.severity), ">")
                             : absl::StrCat(FormatTime(event.unix_ms), " ", ToString(event.severity), " ");
  if (!event.instance.empty()) absl::StrAppend(&line, event.instance, ": ");
  absl::StrAppend(&line, event.kind.empty() ? "" : absl::StrCat(event.kind, ": "), event.text, "\n");
  // One write a line, so that lines of several writers do not mix; what a broken stderr does not take is lost.
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
}

void WriteLog(Severity severity, absl::string_view text) {
  LogEvent event;
  event.unix_ms = UnixMilliseconds();
  event.severity = severity;
  event.text = std::string(text);
  WriteLog(event);
}

}  // namespace dpvrrp
