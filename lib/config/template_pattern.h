// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "config/document.h"
#include "config/table_reader.h"
#include "config/template_point.h"

namespace dpvrrp::config_internal {

// A name of a [[template]] with placeholders: "eth0.{vlan}". Thread: control.
struct TemplatePattern {
  const Node* at = nullptr;  // null: there is none
  bool fixed = true;         // no placeholder in it

  // The name in one instance. Requires `at`.
  std::string Fill(const TemplatePoint& point) const;
};

// Reads the pattern `at`, which may be null. Reports a placeholder that does not exist, or that needs more than `tags`
// VLAN tags.
TemplatePattern ReadPattern(const TableReader& reader, absl::string_view key, const Node* at, size_t tags);

}  // namespace dpvrrp::config_internal
