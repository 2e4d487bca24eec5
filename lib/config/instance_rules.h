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
absl::string_view HostAddressFault(const IpAddress& address);  // could it be a host's

// Of the source address: whether the version knows the family, and its scope (conformance V3-07).
absl::string_view SourceFault(VrrpVersion version, const IpAddress& source);
// Whether `address` is of the family that the source address is of (V3-35).
absl::string_view FamilyFault(const IpAddress& source, const IpAddress& address);
// Of the address that is advertised first (V3-34).
absl::string_view FirstAddressFault(const IpAddress& first);
absl::string_view UnicastPeerFault(const IpAddress& source, const UnicastPeer& peer);
absl::string_view AllowedSenderFault(const IpAddress& source, const IpAddress& sender);
// V3-01: a virtual address speaks only when its owner does.
absl::string_view OwnerFault(const InstanceConfig& config);

}  // namespace dpvrrp::config_internal
