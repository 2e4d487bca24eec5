// SPDX-License-Identifier: BSD-3-Clause
#include "control/router_builder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dpvrrp {

std::string SequenceKey(const InstanceConfig& config) {
  return absl::StrCat(config.port, "/", config.vlan.outer, ".", config.vlan.inner, "/4/", config.vrid.value());
}

absl::StatusOr<std::unique_ptr<VirtualRouter>> BuildRouter(const InstanceConfig& config, InstanceId id, PortId port,
                                                           const MacAddress& port_mac, SequenceRecord* record) {
  VirtualRouterConfig out;
  out.id = id;
  out.port = port;
  out.vlan = config.vlan;
  out.vrid = config.vrid;
  out.machine.version = config.version;
  out.machine.priority = config.priority;
  out.machine.advertisement_interval = config.advertisement_interval;
  out.machine.preempt = config.preempt;
  out.machine.source = config.source_address;
  out.source_mac = config.source_mac == SourceMac::kVirtual ? VirtualMac(Family::kIpv4, config.vrid) : port_mac;
  for (const VirtualAddress& address : config.virtual_addresses) out.addresses.push_back(address.prefix.address);
  out.auth = config.auth.kind;
  out.icv_rule = config.auth.icv_rule;
  const std::vector<uint8_t>& secret = config.auth.key.bytes;
  if (config.auth.kind == AuthKind::kSimple) {
    std::copy_n(secret.begin(), std::min(secret.size(), out.password.size()), out.password.begin());
  }
  if (config.auth.kind == AuthKind::kAh) {
    absl::StatusOr<std::unique_ptr<const MacKey>> key = MacKey::Create(config.auth.algorithm, secret);
    if (!key.ok()) return key.status();
    out.key = *std::move(key);
    out.record = record;
  }
  return std::make_unique<VirtualRouter>(std::move(out));
}

}  // namespace dpvrrp
