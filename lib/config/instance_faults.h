// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/faults.h"

namespace dpvrrp::config_internal {

// Reports a fault of an instance at `node`. For the instances of a template, a node is reported once, with the first
// instance's name.
//
// Thread: control.
class InstanceFaults {
 public:
  explicit InstanceFaults(Faults& faults) : faults_(faults) {}

  void Error(const InstanceDraft& instance, const Node& node, absl::string_view message) {
    if (!instance.generated) return faults_.Error(node.at, std::string(message));
    if (!told_.insert(&node).second) return;
    faults_.Error(node.at, absl::StrCat("instance ", Quoted(instance.config.name), ": ", message));
  }

 private:
  Faults& faults_;
  absl::flat_hash_set<const Node*> told_;
};

}  // namespace dpvrrp::config_internal
