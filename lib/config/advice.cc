// SPDX-License-Identifier: BSD-3-Clause
//
// Warnings about settings that are legal but probably not intended, as far as the file alone shows them: addresses for
// which no host would answer, or two hosts would.
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "config/address_nodes.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/instance_warnings.h"
#include "config/port_kind.h"

namespace dpvrrp::config_internal {
namespace {

class Advice {
 public:
  Advice(const Draft& draft, Faults& faults) : warnings_(faults) {
    for (const PortDraft& port : draft.ports) views_[port.config.name] = KernelViewOf(port.config);
    for (const InstanceDraft& instance : draft.instances) Check(instance);
  }

 private:
  void Check(const InstanceDraft& instance) {
    const std::vector<AddressNodes>& nodes = NodesOf(*instance.table);
    const InstanceConfig& config = instance.config;
    CheckFirst(instance, nodes);
    for (size_t i = 0; i < config.virtual_addresses.size(); ++i) {
      const VirtualAddress& address = config.virtual_addresses[i];
      if (address.device.empty()) continue;
      CheckLength(instance, address, nodes[i]);
      CheckWhoAnswers(instance, address, nodes[i]);
    }
  }

  // V3-34. With `strict` it is an error.
  void CheckFirst(const InstanceDraft& instance, const std::vector<AddressNodes>& nodes) {
    if (instance.config.virtual_addresses.empty() || instance.config.strict) return;
    const VirtualAddress& first = instance.config.virtual_addresses[0];
    if (IsGoodFirstAddress(first.prefix.address)) return;
    warnings_.Warn(instance, *nodes[0].address, "first",
                   absl::StrCat(KeyOf(first), " ", Quoted(ToString(first.prefix)),
                                ": the first should be link-local, of fe80::/10 (RFC 9568 5.2.9); keepalived takes "
                                "others, and all routers of the VRID must have the same addresses"));
  }

  // `ip address add 10.99.0.100 dev eth0` does the same, and it is seldom intended there either.
  void CheckLength(const InstanceDraft& instance, const VirtualAddress& address, const AddressNodes& nodes) {
    if (nodes.address->text().find('/') != std::string::npos) return;
    warnings_.Warn(instance, *nodes.address, "length",
                   absl::StrCat(KeyOf(address), " ", Quoted(ToString(address.prefix.address)),
                                ": has no prefix length, so the kernel gets it with /", address.prefix.length,
                                " and without a route to its subnet; write the length, such as ",
                                ToString(address.prefix.address), address.prefix.address.is_v4() ? "/24" : "/64"));
  }

  void CheckWhoAnswers(const InstanceDraft& instance, const VirtualAddress& address, const AddressNodes& nodes) {
    const InstanceConfig& config = instance.config;
    const auto port = views_.find(config.port);
    if (port == views_.end()) return;
    const KernelView view = port->second;
    if (view == KernelView::kBlind && !config.responder) {
      warnings_.Warn(instance, *nodes.device, "answers",
                     absl::StrCat("device ", Quoted(address.device), ": hosts send to port ", Quoted(config.port),
                                  ", whose traffic the kernel does not see, so no host answers for ",
                                  ToString(address.prefix.address), ": remove the device and set responder = true"));
    }
    if (view == KernelView::kSees && config.responder) {
      warnings_.Warn(
          instance, *nodes.device, "answers",
          absl::StrCat("device ", Quoted(address.device), ": the kernel answers for ", ToString(address.prefix.address),
                       " there, and so does responder on port ", Quoted(config.port), ", which it shares: choose one"));
    }
  }

  const std::vector<AddressNodes>& NodesOf(const Node& table) {
    const auto [it, is_new] = nodes_.try_emplace(&table);
    if (is_new) it->second = AddressNodesOf(table);
    return it->second;
  }

  InstanceWarnings warnings_;
  absl::flat_hash_map<std::string, KernelView> views_;  // of the ports, by name
  absl::flat_hash_map<const Node*, std::vector<AddressNodes>> nodes_;
};

}  // namespace

void Advise(const Draft& draft, Faults& faults) {
  Advice(draft, faults);
  AdviseTracks(draft, faults);
}

}  // namespace dpvrrp::config_internal
