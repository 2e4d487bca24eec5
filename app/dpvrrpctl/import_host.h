// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "keepalived/import.h"

namespace dpvrrp {

// What an import asks about this machine. Thread: one.
keepalived::HostKnowledge ThisHost();

// The first part of the host's name: what keepalived compares @-conditions with. Thread: any.
std::string HostName();

}  // namespace dpvrrp
