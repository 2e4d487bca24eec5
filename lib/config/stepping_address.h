// SPDX-License-Identifier: BSD-3-Clause
//
// Addresses of a [[template]] that change by a fixed step from instance to instance.
//
// Thread: control.
#pragma once

#include <optional>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "config/document.h"
#include "config/table_reader.h"
#include "config/template_point.h"

namespace dpvrrp::config_internal {

struct SteppingAddress {
  absl::string_view key;     // for messages
  const Node* at = nullptr;  // the address, which may be faulty and reported; null: there is none
  IpPrefix first;            // the address of the first VLAN and VRID
  Steps<absl::int128> steps;

  // The address of one instance. Nothing if the steps exceed the addresses of the family.
  std::optional<IpAddress> At(const TemplatePoint& point) const;
  // The rule that is broken if At() is nothing.
  absl::string_view RangeFault() const;
};

// The value of a key that is an address: a string, or a table with the address and its steps.
struct AddressValue {
  const Node* at = nullptr;          // the string; null: absent, or faulty and reported
  std::optional<TableReader> table;  // nothing: a plain string
};
AddressValue OpenAddress(const Node& value, Faults& faults);
// Refuses the keys of `value` that only a virtual address has. `key` is the key of the value.
void RefuseDeviceKeys(const AddressValue& value, absl::string_view key);

// Refuses each step of `value` with this rule.
void RefuseSteps(const AddressValue& value, absl::string_view rule);

// Reads the steps of `value`. `address->first` is set. `tags`: how many VLAN tags the template has.
void ReadSteps(const AddressValue& value, size_t tags, SteppingAddress* address);

}  // namespace dpvrrp::config_internal
