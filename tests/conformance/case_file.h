// SPDX-License-Identifier: BSD-3-Clause
//
// A conformance case in the form of its file. README.md describes the language.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/time.h"

namespace dpvrrp {

// "priority=150 from=10.99.0.1" as name -> value.
using Words = std::map<std::string, std::string>;

struct CaseStep {
  int line = 0;
  Nanoseconds at{};                   // since the start
  std::string verb{};                 // "recv", "send", "do", "state", "count", "end"
  std::vector<std::string> plain{};   // words without "=", in order, the verb not among them
  Words named{};                      // words with "="
  std::vector<std::string> result{};  // words behind "=>"
};

struct CaseInstance {
  std::string name;
  Words named;
};

struct Case {
  std::string title;
  std::vector<std::string> ids;
  std::string clause;
  std::vector<CaseInstance> instances;
  std::vector<CaseStep> steps;
};

// InvalidArgument with the line and its fault.
absl::StatusOr<Case> ReadCase(const std::filesystem::path& file);

// "1609.375ms", "2s", "0". Exact: no floating point.
absl::StatusOr<Nanoseconds> ParseCaseTime(absl::string_view text);

}  // namespace dpvrrp
