// SPDX-License-Identifier: BSD-3-Clause
//
// What must hold of an instance's values, whether they are written in an [[instance]] or made by a [[template]]. Each
// answers with the rule that is broken, or with nothing.
//
// Thread: any (pure).
#pragma once

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "config/model.h"

namespace dpvrrp::config_internal {

absl::string_view NameFault(absl::string_view name);           // of an instance or port
absl::string_view InterfaceNameFault(absl::string_view name);  // as Linux takes it
absl::string_view HostAddressFault(const IpAddress& address);  // could it be a host's, and does VRRPv2 know it

// Conformance V3-01: a virtual address speaks only when its owner does.
absl::string_view SourceFault(const InstanceConfig& config);

}  // namespace dpvrrp::config_internal
