// SPDX-License-Identifier: BSD-3-Clause
#include "config/address_nodes.h"

#include <algorithm>

#include "config/draft.h"
#include "config/schema.h"

namespace dpvrrp::config_internal {

const Node* MemberOf(const Node& table, absl::string_view key) {
  const std::vector<Member>& members = table.table().members;
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::vector<AddressNodes> AddressNodesOf(const Node& table) {
  std::vector<AddressNodes> nodes;
  for (const absl::string_view key : {kVirtualAddresses, kExcludedAddresses}) {
    const Node* list = MemberOf(table, key);
    if (list == nullptr) continue;
    for (const Node& entry : list->items()) {
      const bool is_table = TypeOf(entry) == kTable;
      nodes.push_back({is_table ? MemberOf(entry, "address") : &entry, is_table ? MemberOf(entry, "device") : nullptr});
    }
  }
  return nodes;
}

}  // namespace dpvrrp::config_internal
