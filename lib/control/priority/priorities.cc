// SPDX-License-Identifier: BSD-3-Clause
#include "control/priority/priorities.h"

namespace dpvrrp {

Priority Priorities::SetConfigured(InstanceId id, Priority priority) {
  PrioritySources& sources = sources_[id];
  sources.configured = priority;
  return EffectivePriority(sources);
}

Priority Priorities::SetOrdered(InstanceId id, std::optional<Priority> priority) {
  PrioritySources& sources = sources_[id];
  sources.ordered = priority;
  return EffectivePriority(sources);
}

Priority Priorities::SetTracks(InstanceId id, int weight) {
  PrioritySources& sources = sources_[id];
  sources.tracks = weight;
  return EffectivePriority(sources);
}

Priority Priorities::SetGroup(InstanceId id, int weight) {
  PrioritySources& sources = sources_[id];
  sources.group = weight;
  return EffectivePriority(sources);
}

PrioritySources Priorities::SourcesOf(InstanceId id) const {
  const auto it = sources_.find(id);
  return it == sources_.end() ? PrioritySources{} : it->second;
}

}  // namespace dpvrrp
