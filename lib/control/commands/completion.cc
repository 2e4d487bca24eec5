// SPDX-License-Identifier: BSD-3-Clause
#include "absl/strings/str_cat.h"
#include "control/commands/command.h"

namespace dpvrrp {

std::vector<std::string> CompleteCommand(View& view, absl::string_view line) {
  return Complete(AllCommands(), line, [&](absl::string_view parameter) {
    std::vector<std::string> values;
    if (parameter == "NAME") {
      for (const auto& [name, instance] : view.registry.instances()) values.push_back(name);
      for (const auto& [name, entry] : view.apply.not_started().entries()) values.push_back(name);
    } else if (parameter == "PORT") {
      for (const PortBinding& port : view.registry.ports()) values.push_back(port.name);
    } else if (parameter == "SWITCH") {
      values = {"on", "off"};
    } else if (parameter == "VLAN") {
      for (const auto& [name, instance] : view.registry.instances()) values.push_back(ToString(instance.config.vlan));
    } else if (parameter == "RING") {
      for (const auto& [name, ring] : view.keys.rings().entries()) values.push_back(name);
    } else if (parameter == "ID") {
      for (const auto& [name, ring] : view.keys.rings().entries()) {
        for (const KeyConfig& key : ring.whole->keys) values.push_back(absl::StrCat(key.id));
      }
    } else if (parameter == "SENDER") {
      for (const std::optional<SenderBlock>& block : view.senders.blocks()) {
        if (!block.has_value()) continue;
        const BlockConfig& sender = block->sender;
        values.push_back(sender.address.IsUnspecified() ? ToString(sender.mac) : ToString(sender.address));
      }
    } else if (parameter == "LEVEL") {
      for (const Severity level : {Severity::kError, Severity::kWarning, Severity::kNotice, Severity::kInfo})
        values.emplace_back(ToString(level));
    } else if (parameter == "STATE") {
      for (const State state : {State::kInitialize, State::kBackup, State::kMaster, State::kFault})
        values.emplace_back(ToString(state));
    }
    return values;
  });
}

}  // namespace dpvrrp
