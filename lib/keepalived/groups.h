// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "keepalived/instances.h"

namespace dpvrrp::keepalived {

// The [[group]] tables. Thread: one.
std::vector<TomlTable> GroupTables(const Context& context, const Instances& instances, Programs& programs,
                                   Tracks& tracks);

// [garp], empty if it has no keys: in keepalived these are settings of each instance. Thread: one.
TomlTable GarpTable(const Context& context, const Instances& instances);

}  // namespace dpvrrp::keepalived
