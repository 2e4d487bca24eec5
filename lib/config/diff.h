// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "config/instance_change.h"
#include "config/model.h"
#include "config/tracking_change.h"

namespace dpvrrp {

// The tables of one kind that differ, by name.
struct NamedChanges {
  struct Change {
    std::string name;
    std::vector<std::string> what;  // "interval 1000 ms -> 2000 ms"

    friend bool operator==(const Change&, const Change&) = default;
  };
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<Change> changed;

  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};

// What a reload must change. Thread: any (values, pure functions).
struct ConfigDiff {
  std::vector<std::string> added;       // instances, by name
  std::vector<std::string> removed;     // likewise
  std::vector<InstanceChange> changed;  // instances of both; those not in place are removed and added
  bool blocks_differ = false;
  std::vector<std::string> scripts;  // settings of [scripts] that differ: "user root -> nobody"
  NamedChanges tracks;
  NamedChanges groups;
  std::vector<std::string> needs_restart;  // keys that a running daemon cannot change: "daemon.lcores", "port lan", …

  bool empty() const;
};

ConfigDiff Diff(const Config& running, const Config& wanted);

}  // namespace dpvrrp
