// SPDX-License-Identifier: BSD-3-Clause
//
// [[block]]: a sender whose adverts are dropped.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/instance_rules.h"

namespace dpvrrp::config_internal {

BlockDraft ReadBlock(const Node& table, Faults& faults) {
  const TableReader reader(table, kBlockRule, faults);
  const size_t errors = faults.errors();
  BlockDraft block;
  block.at = reader.at();
  block.address = reader.Find("address");
  block.port = reader.Find("port");
  if (!reader.Has("address") && !reader.Has("mac")) {
    faults.Error(reader.at(), "[[block]]: needs address, mac, or both");
  }
  if (block.address != nullptr) {
    const absl::StatusOr<IpAddress> address = ParseIpAddress(block.address->text());
    const absl::string_view fault = address.ok() ? HostAddressFault(*address) : kSourceAddressForm;
    if (!fault.empty()) reader.Refuse("address", *block.address, fault);
    if (address.ok()) block.config.address = *address;
  }
  if (const Node* node = reader.Find("mac")) {
    const absl::StatusOr<MacAddress> mac = ParseMacAddress(node->text());
    if (!mac.ok()) {
      reader.Refuse("mac", *node, "must be six pairs of hex digits such as 02:00:0a:63:00:01");
    } else if (!IsStation(*mac)) {
      reader.Refuse("mac", *node, "must be a unicast MAC address other than zero");
    } else if (IsVirtualMac(*mac) && !reader.Has("address")) {
      reader.Refuse("mac", *node,
                    "is a virtual MAC address, from which every master of the VRID sends: give the address too");
    } else {
      block.config.mac = *mac;
    }
  }
  if (block.port != nullptr) block.config.port = block.port->text();
  block.good = faults.errors() == errors;
  return block;
}

void CheckBlocks(const Draft& draft, Faults& faults) {
  if (draft.blocks.size() > kMaxBlockedSenders) {
    faults.Error(draft.blocks[kMaxBlockedSenders].at,
                 absl::StrCat("[[block]]: at most ", kMaxBlockedSenders, " are supported, got ", draft.blocks.size()));
    return;
  }
  for (auto block = draft.blocks.begin(); block != draft.blocks.end(); ++block) {
    if (!block->good) continue;
    const BlockConfig& config = block->config;
    if (block->port != nullptr && std::none_of(draft.ports.begin(), draft.ports.end(), [&](const PortDraft& port) {
          return port.config.name == config.port;
        })) {
      faults.Error(block->port->at, absl::StrCat("port ", ValueText(*block->port), ": no [[port]] has this name"));
    }
    for (const InstanceDraft& instance : draft.instances) {
      if (block->address == nullptr || instance.config.source_address != config.address) continue;
      faults.Error(block->address->at,
                   absl::StrCat("address ", ValueText(*block->address), ": is our own, source_address of instance '",
                                instance.config.name, "'"));
      break;
    }
    const auto first = std::find_if(draft.blocks.begin(), block,
                                    [&](const BlockDraft& other) { return other.good && other.config == config; });
    if (first != block) {
      faults.Error(block->at, absl::StrCat("[[block]]: is already given in line ", first->at.line));
    }
  }
}

}  // namespace dpvrrp::config_internal
