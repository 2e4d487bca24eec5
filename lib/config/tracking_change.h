// SPDX-License-Identifier: BSD-3-Clause
//
// The changes that a reload makes to [scripts], and to a [[track]] or [[group]] by its name. All of them take effect
// without a restart.
//
// Thread: any (values, pure functions).
#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace dpvrrp {

// The settings that differ, as InstanceChange::what. Empty: no setting differs.
std::vector<std::string> DifferencesOf(const ScriptsConfig& running, const ScriptsConfig& wanted);
std::vector<std::string> DifferencesOf(const TrackConfig& running, const TrackConfig& wanted);
std::vector<std::string> DifferencesOf(const GroupConfig& running, const GroupConfig& wanted);

}  // namespace dpvrrp
