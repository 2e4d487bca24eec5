// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/diff.h"
#include "config/load.h"

namespace dpvrrp {

// What a reload does.
struct ReloadPlan {
  LoadResult loaded;
  ConfigDiff diff;  // between the configuration in force and `loaded`
};

// One line. `in_place`: how many instances were changed in place, including those that got back what the file says
// instead of an operator's setting. The numbers of instances are always there; tracks, groups and settings of [scripts]
// are counted only if some differ.
std::string SummaryOf(const ReloadPlan& plan, size_t in_place);
// Of the file, and of the changes of instances.
std::vector<std::string> WarningsOf(const ReloadPlan& plan);

}  // namespace dpvrrp
