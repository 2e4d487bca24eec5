// SPDX-License-Identifier: BSD-3-Clause
//
// Tracks and groups for configurations of tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/model.h"

namespace dpvrrp {

inline TrackConfig MakeTrack(std::string name, TrackKind kind, std::string interface = "") {
  TrackConfig track;
  track.name = std::move(name);
  track.kind = kind;
  track.interface = std::move(interface);
  return track;
}

inline GroupConfig MakeGroup(std::string name, std::vector<std::string> members, std::vector<TrackUse> tracks = {},
                             Shared<NotifyConfig> notify = {}) {
  GroupConfig group;
  group.name = std::move(name);
  group.members = std::move(members);
  group.tracks = std::move(tracks);
  group.notify = std::move(notify);
  return group;
}

}  // namespace dpvrrp
