// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "config/model.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// The key of an instance's sequence numbers: what identifies it for its peers, "lan/0.0/4/51" (port, VLANs, address
// family 4 or 6, VRID). If the instance is renamed or gets another authentication key, its numbers continue. It is also
// the instance's place.
std::string SequenceKey(const InstanceConfig& config);
std::string SequenceKey(const InstanceConfig& config, Vrid vrid);  // the same of another VRID

// The key of the instance's SequenceRecord; empty: it needs none. The auth_hmac trailer has other numbers than AH.
std::string RecordKey(const InstanceConfig& config);
std::string RecordKey(const InstanceConfig& config, Vrid vrid);

// Whether its AH numbers continue above those that others send (keepalived.md 1.6).
inline bool FollowsGroup(const InstanceConfig& config) { return config.auth.icv_rule == IcvRule::kKeepalived; }

// Whether it has a GMAC key, with which no sequence number may be used twice (docs/decisions/0010).
inline bool UsesGmac(const AuthConfig& auth) {
  return auth.kind == AuthKind::kAh && IsGmac(auth.algorithm) && auth.keyring != nullptr;
}

// What the state machine needs of it.
MachineConfig MachineConfigOf(const InstanceConfig& config);

// The set of keys: the signing key first, then the others of its ring. Requires HasKeys(auth.kind).
absl::StatusOr<std::unique_ptr<const KeySet>> BuildKeys(const AuthConfig& auth);

// At most kMaxAllowedSenders.
AllowedSenders AllowedSendersOf(const std::vector<IpAddress>& addresses);

// What a virtual router needs beside its configuration.
struct RouterParts {
  InstanceId id;
  PortId port;
  MacAddress port_mac;
  SequenceRecord* record = nullptr;              // may be null if RecordKey() is empty
  bool record_in_use = false;                    // by the router that it is to replace
  bool reports_group = false;                    // the data plane reports its group to switches; no kernel does
  std::shared_ptr<const KeySet> keys = nullptr;  // null: made of the configuration, if it has keys
};

// The virtual router that a shard gets for this configuration.
//
// Thread: control.
absl::StatusOr<std::unique_ptr<VirtualRouter>> BuildRouter(const InstanceConfig& config, RouterParts parts);

}  // namespace dpvrrp
