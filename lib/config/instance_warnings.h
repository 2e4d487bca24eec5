// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/faults.h"

namespace dpvrrp::config_internal {

// Warnings about instances. If thousands of instances of one [[template]] cause the same warning, only the first is
// reported.
//
// Thread: control.
class InstanceWarnings {
 public:
  explicit InstanceWarnings(Faults& faults) : faults_(faults) {}

  // `kind` tells the warnings at one node apart.
  void Warn(const InstanceDraft& instance, const Node& at, absl::string_view kind, absl::string_view message) {
    if (!instance.generated) return faults_.Warning(at.at, std::string(message));
    if (!told_.emplace(&at, kind).second) return;
    faults_.Warning(at.at, absl::StrCat("instance ", Quoted(instance.config.name), ": ", message));
  }

 private:
  Faults& faults_;
  absl::flat_hash_set<std::pair<const Node*, absl::string_view>> told_;
};

}  // namespace dpvrrp::config_internal
