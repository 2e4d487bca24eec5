// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace dpvrrp {

// What a reload has to do, by instance name. An instance whose priority, keys (of the same
// algorithm and rule) and allowed_senders alone differ changes in place and may be in all three lists; any other
// difference is in `replaced` (removed, then added, its sequence numbers kept).
struct ConfigDiff {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> replaced;
  std::vector<std::string> reprioritised;
  std::vector<std::string> rekeyed;
  std::vector<std::string> relisted;
  bool blocks_differ = false;
  std::vector<std::string> needs_restart;  // keys that a running daemon cannot change: "daemon.lcores", "port lan", …

  bool empty() const;
};

ConfigDiff Diff(const Config& running, const Config& wanted);

}  // namespace dpvrrp
