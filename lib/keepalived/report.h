// SPDX-License-Identifier: BSD-3-Clause
//
// What an import did with each statement of a keepalived.conf.
//
// Thread: any (values).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp::keepalived {

enum class Verdict : uint8_t {
  kTaken,        // means the same here
  kChanged,      // has the same effect by other means, or the value that keepalived itself uses
  kDropped,      // has no effect in keepalived either, or dpvrrp always does it
  kDecide,       // a person must choose; the file has the safest choice
  kUnsupported,  // dpvrrp does not do it
};
inline constexpr size_t kVerdicts = 5;
absl::string_view ToString(Verdict verdict);  // "taken", "changed", "dropped", "decide", "unsupported"

struct ReportLine {
  std::string file;
  uint32_t line = 0;  // 1-based
  Verdict verdict = Verdict::kTaken;
  std::string words;  // of the statement; a password is shown as ***
  std::string what;   // the outcome
};

struct Report {
  std::vector<ReportLine> lines;  // in the order of the file

  std::array<size_t, kVerdicts> Counts() const;  // by Verdict
  // The exit status of the command: 0; 3 if something must be decided; 4 if something is not supported.
  int ExitStatus() const;
  // "FILE:LINE: taken  priority 100  -> priority = 100", one line for each statement, and a line of counts.
  std::string Text() const;
  // One JSON object: "statements", a list of objects with file, line, verdict, words and what; and "counts".
  std::string Json() const;
};

}  // namespace dpvrrp::keepalived
