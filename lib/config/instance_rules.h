// SPDX-License-Identifier: BSD-3-Clause
//
// The rules for an instance's values, which are written in an [[instance]] or made by a [[template]]. Each function
// returns the rule that is broken, or an empty text.
//
// Thread: any (pure).
#pragma once

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "config/model.h"

namespace dpvrrp::config_internal {

absl::string_view NameFault(absl::string_view name);           // of an instance or port
absl::string_view InterfaceNameFault(absl::string_view name);  // as Linux accepts it
// Of a virtual address on `device`; an IPv4 address, as the kernel has labels of these only.
std::string LabelFault(absl::string_view label, absl::string_view device);
absl::string_view HostAddressFault(const IpAddress& address);  // could a host have it

// Of the source address: whether the version supports the family, and the address's scope (conformance V3-07).
absl::string_view SourceFault(VrrpVersion version, const IpAddress& source);
// Whether `address` has the family of the source address (V3-35).
absl::string_view FamilyFault(const IpAddress& source, const IpAddress& address);
// An address that no advert carries may be of the other family if the kernel holds it, and answers for it.
absl::string_view AddressFamilyFault(const InstanceConfig& config, const VirtualAddress& address);
// Of the first advertised address (V3-34). Without `strict` it is only advised, because keepalived takes others.
bool IsGoodFirstAddress(const IpAddress& first);
absl::string_view FirstAddressFault(bool strict, const IpAddress& first);
absl::string_view UnicastPeerFault(const IpAddress& source, const UnicastPeer& peer);
absl::string_view AllowedSenderFault(const IpAddress& source, const IpAddress& sender);
// V3-01: only the owner of a virtual address may use it as source address.
absl::string_view OwnerFault(const InstanceConfig& config);

}  // namespace dpvrrp::config_internal
