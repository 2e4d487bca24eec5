// SPDX-License-Identifier: BSD-3-Clause
//
// The format of a profile as tables, and options of the command line as nodes of the same format.
//
// Thread: any (constants, pure functions).
#pragma once

#include <vector>

#include "config/document.h"
#include "config/faults.h"
#include "config/schema.h"
#include "gen/profile.h"

namespace dpvrrp::gen_internal {

extern const config_internal::TableRule kGenRootRule;
extern const config_internal::TableRule kGeneratorRule;
extern const config_internal::TableRule kStreamRule;
extern const config_internal::TableRule kGenAuthenticationRule;

// Puts the options into `root`, a table. Those of [generator] replace its values. Those of a stream make a [[stream]];
// if `root` has one already, that is a fault. Positions of options have line 0 and their place as column.
void AddOptions(const std::vector<GenOption>& options, config_internal::Node& root, config_internal::Faults& faults);

// Gives each [stream.authentication] with an own key `allow_weak_keys`: the generator takes the keys of its lab.
void AllowWeakKeys(config_internal::Node& root);

}  // namespace dpvrrp::gen_internal
