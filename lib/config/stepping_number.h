// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "config/document.h"
#include "config/table_reader.h"
#include "config/template_point.h"

namespace dpvrrp::config_internal {

// A number of a [[template]] that changes by a fixed step from instance to instance. Thread: control.
struct SteppingNumber {
  absl::string_view key;     // for messages
  const Node* at = nullptr;  // the number; null: there is none, or it is faulty and reported
  int64_t first = 0;         // the number of the first VLAN and VRID, 0..2^32-1
  Steps<int64_t> steps;      // each 0..2^32-1

  // The number of one instance. It may be outside of the range that the key has.
  int64_t At(const TemplatePoint& point) const { return first + steps.To(point); }
};

// Reads the value of `key`: an integer, or a table with the integer and its steps. `fault` returns the rule that a
// number breaks; a number above 2^32-1 breaks it. `tags`: how many VLAN tags the template has.
SteppingNumber ReadNumber(const TableReader& reader, absl::string_view key, absl::string_view (*fault)(int64_t),
                          size_t tags);

}  // namespace dpvrrp::config_internal
