// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "config/model.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// Under which the instance's sequence numbers are kept: what its peers know it by, "lan/0.0/4/51" (port, VLANs, address
// family 4 or 6, VRID), so that renaming it or changing its key does not start the numbers again.
std::string SequenceKey(const InstanceConfig& config);
std::string SequenceKey(const InstanceConfig& config, Vrid vrid);  // the same of another VRID

// The key of the instance's SequenceRecord; empty: it needs none. The auth_hmac trailer's numbers are others than AH's.
std::string RecordKey(const InstanceConfig& config);
std::string RecordKey(const InstanceConfig& config, Vrid vrid);

// Whether its AH numbers go on from what others send (keepalived.md 1.6).
inline bool FollowsGroup(const InstanceConfig& config) { return config.auth.icv_rule == IcvRule::kKeepalived; }

// What the state machine needs of it.
MachineConfig MachineConfigOf(const InstanceConfig& config);

// The keys made ready: the one that signs first, then the others of its ring. Requires HasKeys(auth.kind).
absl::StatusOr<std::unique_ptr<const KeySet>> BuildKeys(const AuthConfig& auth);

// At most kMaxAllowedSenders.
AllowedSenders AllowedSendersOf(const std::vector<IpAddress>& addresses);

// The virtual router that a shard gets for this configuration. `record` may be null if RecordKey() is empty.
//
// Thread: control.
absl::StatusOr<std::unique_ptr<VirtualRouter>> BuildRouter(const InstanceConfig& config, InstanceId id, PortId port,
                                                           const MacAddress& port_mac, SequenceRecord* record);

}  // namespace dpvrrp
