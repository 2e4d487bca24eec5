// SPDX-License-Identifier: BSD-3-Clause
//
// How findings name gateways, ours and others.
//
// Thread: any (pure).
#pragma once

#include <string>

#include "base/time.h"
#include "config/model.h"
#include "pipeline/watch.h"

namespace dpvrrp {

std::string Name(const Speaker& speaker);  // "10.99.0.9 (02:00:0a:63:00:09)"
std::string AddressesOf(
    const Speaker& speaker);  // what it advertises, as far as kept: "10.99.0.100 and 3 more", "none"
std::string AddressesOf(const InstanceConfig& ours);
std::string TimeText(Nanoseconds duration);  // "90 s", "15 min", "3 h"

}  // namespace dpvrrp
