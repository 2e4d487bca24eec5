// SPDX-License-Identifier: BSD-3-Clause
#include "log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "io/clock.h"
#include "io/log_writer.h"

namespace dpvrrp {
namespace {

std::atomic<Severity> least_severity{Severity::kInfo};

constexpr int kLastWords = 2;  // syslog's "critical", the level of rte_panic() and rte_exit(), and worse levels
constexpr Nanoseconds kLongestLastWords = std::chrono::seconds(1);

std::atomic<int> log_fd{STDERR_FILENO};
std::atomic<bool> muted{false};

std::string Line(const LogEvent& event) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr && !HasLogFile();
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
  static auto* const writer = new LogWriter(log_fd, DroppedText);
  return *writer;
}

}  // namespace

void WriteLogFrom(Severity least) { least_severity.store(least, std::memory_order_relaxed); }
Severity LogLevel() { return least_severity.load(std::memory_order_relaxed); }

void WriteLog(const LogEvent& event) {
  if (event.severity <= LogLevel()) WriteLogText(Line(event));
}
void WriteLog(Severity severity, absl::string_view text) { WriteLog(EventOf(severity, text)); }

void WriteLogText(std::string line) {
  if (!muted) Writer().Write(std::move(line));
}

absl::Status OpenLogFile(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("log file '", path, "'"));
  log_fd = fd;
  return absl::OkStatus();
}

bool HasLogFile() { return log_fd != STDERR_FILENO; }
void MuteLog(bool on) { muted = on; }

void WriteEalLog(int level, absl::string_view line) {
  if (level <= kLastWords) MuteLog(false);
  WriteLog(
      static_cast<Severity>(std::clamp(level, static_cast<int>(Severity::kError), static_cast<int>(Severity::kInfo))),
      line);
  if (level <= kLastWords) FlushLog(kLongestLastWords);
}

void FlushLog(Nanoseconds longest) { Writer().Flush(longest); }
uint64_t LogLinesDropped() { return Writer().dropped(); }

}  // namespace dpvrrp
