// SPDX-License-Identifier: BSD-3-Clause
#include "config/stepping_number.h"

#include <optional>

namespace dpvrrp::config_internal {
namespace {

int64_t ReadNumberStep(const TableReader& table, absl::string_view key, bool means_something) {
  const std::optional<int64_t> step = table.Integer(key, {0, UINT32_MAX});
  if (!step) return 0;
  if (!means_something) table.Refuse(key, *table.Find(key), "vlan has no such tag");
  return *step;
}

}  // namespace

SteppingNumber ReadNumber(const TableReader& reader, absl::string_view key, absl::string_view (*fault)(int64_t),
                          size_t tags) {
  SteppingNumber number;
  number.key = key;
  const Node* node = reader.Find(key);
  if (node == nullptr) return number;
  if (TypeOf(*node) == kTable) {
    const TableReader table(*node, kTemplateNumberRule, reader.faults());
    number.steps.per_vlan = ReadNumberStep(table, "per_vlan", tags > 0);
    number.steps.per_inner_vlan = ReadNumberStep(table, "per_inner_vlan", tags > 1);
    number.steps.per_vrid = ReadNumberStep(table, "per_vrid", true);
    node = table.Find("number");
    if (node == nullptr) return number;
  }
  const absl::string_view broken = fault(node->integer());
  if (!broken.empty()) {
    reader.Refuse(key, *node, broken);
    return number;
  }
  number.at = node;
  number.first = node->integer();
  return number;
}

}  // namespace dpvrrp::config_internal
