// SPDX-License-Identifier: BSD-3-Clause
#include "control/instances/router_builder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {

MachineConfig MachineConfigOf(const InstanceConfig& config) {
  MachineConfig out;
  out.advertisement_interval = config.advertisement_interval;
  out.version = config.version;
  out.priority = config.priority;
  out.preempt = config.preempt;
  out.answer_lower = !config.lower_prio_no_advert;
  out.answer_higher = config.higher_prio_send_advert;
  out.down_adverts = config.down_timer_adverts;
  out.preempt_delay = config.preempt_delay;
  out.startup_delay = config.startup_delay;
  out.longest_learned = config.max_learned_interval;
  out.source = config.source_address;
  return out;
}

std::string SequenceKey(const InstanceConfig& config) { return SequenceKey(config, config.vrid); }

std::string SequenceKey(const InstanceConfig& config, Vrid vrid) {
  return absl::StrCat(config.port, "/", config.vlan.outer, ".", config.vlan.inner, "/",
                      static_cast<int>(config.source_address.family()), "/", vrid.value());
}

std::string RecordKey(const InstanceConfig& config) { return RecordKey(config, config.vrid); }

std::string RecordKey(const InstanceConfig& config, Vrid vrid) {
  if (config.auth.kind == AuthKind::kAh) return SequenceKey(config, vrid);
  return config.auth.kind == AuthKind::kAuthHmac ? absl::StrCat(SequenceKey(config, vrid), "/hmac") : "";
}

AllowedSenders AllowedSendersOf(const std::vector<IpAddress>& addresses) {
  AllowedSenders out;
  for (const IpAddress& address : addresses) out.addresses[out.count++] = address;
  return out;
}

absl::StatusOr<std::unique_ptr<const KeySet>> BuildKeys(const AuthConfig& auth) {
  auto set = std::make_unique<KeySet>();
  set->ring = auth.keyring->name;
  for (const KeyConfig& key : auth.keyring->keys) {
    DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<const MacKey> mac, MacKey::Create(auth.algorithm, key.secret.bytes));
    const bool signs = key.id == auth.keyring->sign;
    set->keys.insert(signs ? set->keys.begin() : set->keys.end(), {key.id, std::move(mac)});
  }
  return set;
}

absl::StatusOr<std::unique_ptr<VirtualRouter>> BuildRouter(const InstanceConfig& config, RouterParts parts) {
  VirtualRouterConfig out;
  out.id = parts.id;
  out.port = parts.port;
  out.vlan = config.vlan;
  out.vrid = config.vrid;
  out.machine = MachineConfigOf(config);
  out.source_mac = config.source_mac == SourceMac::kVirtual ? VirtualMac(config.source_address.family(), config.vrid)
                                                            : parts.port_mac;
  out.port_mac = parts.port_mac;
  for (const VirtualAddress& address : config.virtual_addresses) {
    out.addresses.push_back(address.prefix.address);
    if (!address.excluded) ++out.advertised;
  }
  out.group = config.group;
  out.unicast_peers = config.unicast_peers;
  out.unicast_ttl = config.unicast_ttl;
  out.allowed_senders = AllowedSendersOf(config.allowed_senders);
  out.checksum = config.checksum;
  out.v2_coexistence = config.v2_coexistence;
  out.strict = config.strict;
  out.follows = !config.leader.empty();
  out.responder = config.responder;
  out.reports_group = parts.reports_group && !out.follows;
  out.accept = config.accept || config.priority == kPriorityOwner;  // V3-86
  out.auth = config.auth.kind;
  out.icv_rule = config.auth.icv_rule;
  out.spi = config.auth.spi;
  out.trailer = config.auth.trailer;
  out.replay_window = config.auth.replay_window;
  out.restart_policy = config.auth.restart_policy;
  if (config.auth.kind == AuthKind::kSimple) {
    const std::vector<uint8_t>& secret = config.auth.password.bytes;
    std::copy_n(secret.begin(), std::min(secret.size(), out.password.size()), out.password.begin());
  }
  if (HasKeys(config.auth.kind)) {
    if (parts.keys == nullptr) {
      DPVRRP_ASSIGN_OR_RETURN(parts.keys, BuildKeys(config.auth));
    }
    out.keys = std::move(parts.keys);
    out.record = parts.record;
    out.record_in_use = parts.record_in_use;
  }
  return std::make_unique<VirtualRouter>(std::move(out));
}

}  // namespace dpvrrp
