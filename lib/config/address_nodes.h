// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "config/document.h"

namespace dpvrrp::config_internal {

// The value of a key of `table`, as the file has it. Null if the key is absent. Thread: any (pure).
const Node* MemberOf(const Node& table, absl::string_view key);

// The places in the file of an address of an [[instance]] or [[template]].
struct AddressNodes {
  const Node* address;
  const Node* device;  // null: none is given
};
// The entries of virtual_addresses, then of excluded_addresses: the order of InstanceConfig::virtual_addresses. `table`
// has no faults.
std::vector<AddressNodes> AddressNodesOf(const Node& table);

}  // namespace dpvrrp::config_internal
