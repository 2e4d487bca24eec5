// SPDX-License-Identifier: BSD-3-Clause
//
// What a diagnosis that found nothing has looked at. "Nothing suspicious" is only worth something if the operator sees
// that this gateway is neither alone nor deaf.
//
// Thread: any (pure).
#pragma once

#include <functional>
#include <string>

#include "control/rogues/diagnose.h"

namespace dpvrrp::diagnosis {

// Lines of text: what is heard and since when, which segments are silent, what our ports and workers do. `is_wanted`
// picks the instances that were asked for; `time` writes a time of day.
std::string LookedAt(const Observed& observed, const std::function<bool(const WatchedInstance&)>& is_wanted,
                     const std::function<std::string(Instant)>& time);

}  // namespace dpvrrp::diagnosis
