// SPDX-License-Identifier: BSD-3-Clause
#include "config/instance_change.h"

#include "config/comparison.h"

namespace dpvrrp {
namespace {

using config_internal::Comparison;

void CompareAuthentication(const AuthConfig& a, const AuthConfig& b, std::vector<std::string>& what) {
  Comparison compare(what);
  compare.Setting("authentication.type", a.kind, b.kind);
  compare.Setting("authentication.algorithm", a.algorithm, b.algorithm);
  compare.Setting("authentication.icv_rule", a.icv_rule, b.icv_rule);
  compare.Setting("authentication.spi", a.spi, b.spi);
  compare.Setting("authentication.replay_window", a.replay_window, b.replay_window);
  compare.Setting("authentication.restart_policy", a.restart_policy, b.restart_policy);
  if (a.trailer != b.trailer) what.push_back("authentication: rules of the trailer");
  if (a.password != b.password) what.push_back("authentication: password");
  const bool same_keys =
      a.keyring == b.keyring || (a.keyring != nullptr && b.keyring != nullptr && *a.keyring == *b.keyring);
  if (!same_keys) what.push_back("authentication: keys");
}

void CompareProtocol(const InstanceConfig& a, const InstanceConfig& b, InstanceChange& change) {
  Comparison compare(change.what);
  compare.Setting("priority", a.priority, b.priority);
  if (compare.Setting("advertisement_interval", a.advertisement_interval, b.advertisement_interval) &&
      b.version == VrrpVersion::kV2) {
    change.warnings.push_back(
        "VRRPv2 routers drop adverts whose interval differs from their own: change it on all gateways of the group");
  }
  compare.Setting("preempt", a.preempt, b.preempt);
  compare.Setting("preempt_delay", a.preempt_delay, b.preempt_delay);
  compare.Setting("startup_delay", a.startup_delay, b.startup_delay);
  compare.Setting("down_timer_adverts", a.down_timer_adverts, b.down_timer_adverts);
  compare.Setting("max_learned_interval", a.max_learned_interval, b.max_learned_interval);
  compare.Setting("lower_prio_no_advert", a.lower_prio_no_advert, b.lower_prio_no_advert);
  compare.Setting("higher_prio_send_advert", a.higher_prio_send_advert, b.higher_prio_send_advert);
  compare.Setting("checksum", a.checksum, b.checksum);
  compare.Setting("v2_coexistence", a.v2_coexistence, b.v2_coexistence);
  compare.Setting("strict", a.strict, b.strict);
  compare.Setting("source_mac", a.source_mac, b.source_mac);
  compare.Setting("group", a.group, b.group);
  compare.List("unicast_peers", a.unicast_peers, b.unicast_peers);
  compare.Setting("unicast_ttl", a.unicast_ttl, b.unicast_ttl);
  compare.List("allowed_senders", a.allowed_senders, b.allowed_senders);
  compare.Setting("responder", a.responder, b.responder);
  compare.Setting("accept", a.accept, b.accept);
  compare.Setting("address_loss", a.address_loss, b.address_loss);
}

// Whether an address that both have on one device gets another label or scope. The kernel cannot change these.
bool RelabelsAddress(const InstanceConfig& running, const InstanceConfig& wanted) {
  for (const VirtualAddress& before : running.virtual_addresses) {
    for (const VirtualAddress& after : wanted.virtual_addresses) {
      const bool same = before.prefix == after.prefix && before.device == after.device;
      if (same && (before.label != after.label || before.scope != after.scope)) return true;
    }
  }
  return false;
}

}  // namespace

InstanceChange ChangeOf(const InstanceConfig& running, const InstanceConfig& wanted) {
  InstanceChange change;
  change.name = wanted.name;
  if (running == wanted) return change;
  Comparison compare(change.what);
  bool another = compare.Setting("port", running.port, wanted.port);
  another |= compare.Setting("vlan", running.vlan, wanted.vlan);
  another |= compare.Setting("version", running.version, wanted.version);
  another |= compare.Setting("vrid", running.vrid, wanted.vrid);
  compare.Setting("source_address", running.source_address, wanted.source_address);
  another |= running.source_address.family() != wanted.source_address.family();
  another |= (running.priority == kPriorityOwner) != (wanted.priority == kPriorityOwner);
  compare.Setting("leader", running.leader, wanted.leader);
  another |= running.leader.empty() != wanted.leader.empty();
  another |= compare.Setting("use_as_source", running.use_as_source, wanted.use_as_source);
  another |= running.virtual_addresses != wanted.virtual_addresses && RelabelsAddress(running, wanted);
  change.in_place = !another;
  CompareProtocol(running, wanted, change);
  compare.List("virtual_addresses", running.virtual_addresses, wanted.virtual_addresses);
  compare.List("virtual_routes", running.virtual_routes, wanted.virtual_routes);
  compare.List("virtual_rules", running.virtual_rules, wanted.virtual_rules);
  CompareAuthentication(running.auth, wanted.auth, change.what);
  compare.List("track", running.tracks, wanted.tracks);
  compare.Programs(running.notify.get(), wanted.notify.get());
  if (change.what.empty()) change.what.push_back("other settings");
  return change;
}

}  // namespace dpvrrp
