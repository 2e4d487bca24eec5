// SPDX-License-Identifier: BSD-3-Clause
//
// The faults and warnings of one file, and how a message shows a value.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/document.h"
#include "config/load.h"

namespace dpvrrp::config_internal {

// Collects the faults of one file, wherever a check finds them.
//
// Thread: control.
class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}

  void Error(Position at, std::string message);
  void Warning(Position at, std::string message);

  size_t errors() const { return errors_.size(); }

  // In the order of the file. Empties the collection.
  std::vector<ConfigFault> TakeErrors();
  std::vector<ConfigFault> TakeWarnings();

 private:
  std::string file_;
  std::vector<ConfigFault> errors_;
  std::vector<ConfigFault> warnings_;
};

// A value from the file for a message: quoted, shortened, its control characters escaped. Never use it for a secret.
std::string Quoted(absl::string_view value);
std::string Quoted(int64_t value);

}  // namespace dpvrrp::config_internal
