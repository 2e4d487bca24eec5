// SPDX-License-Identifier: BSD-3-Clause
//
// $NAME=value, and the heads ~SEQ(...) and ~LST(...) of keepalived.conf.
//
// Thread: any (pure).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp::keepalived {

// "$NAME=value" at the start of a line. Nothing: it is not a definition.
struct Definition {
  std::string name;
  std::string value;
};
std::optional<Definition> ParseDefinition(absl::string_view line);

class Definitions {
 public:
  void Set(const std::string& name, std::string value) { values_[name] = std::move(value); }

  // The line with its first reference replaced: "$NAME" before white space or the end, or "${NAME}". Nothing: the line
  // refers to nothing that is defined.
  std::optional<std::string> ReplaceFirst(absl::string_view line) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// The head of a line that is repeated, "~SEQ(N, 1, 3) " or "~LST({A, B}, {1, 2}, {3, 4}) ".
struct Repetition {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rounds;  // the values of the names in each round
  std::string rest;                              // of the line
};
// Nothing: the line has no such head. InvalidArgument: the rule that is broken.
absl::StatusOr<std::optional<Repetition>> ParseRepetition(absl::string_view line, size_t max_rounds);

}  // namespace dpvrrp::keepalived
