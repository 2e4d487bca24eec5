// SPDX-License-Identifier: BSD-3-Clause
//
// Warnings about tracks and groups that are legal but have no effect.
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/instance_warnings.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kOwnersPriority =
    ": weight has no effect on an owner, whose priority is always 255 (RFC 9568 5.2.4)";

void AdviseUnused(const Draft& draft, Faults& faults) {
  absl::flat_hash_set<absl::string_view> used;
  for (const InstanceDraft& instance : draft.instances) {
    for (const TrackUse& use : instance.config.tracks) used.insert(use.track);
  }
  for (const GroupDraft& group : draft.groups) {
    for (const TrackUse& use : group.config.tracks) used.insert(use.track);
  }
  for (const TrackDraft& track : draft.tracks) {
    if (used.contains(track.config.name)) continue;
    faults.Warning(track.name->at,
                   absl::StrCat("track ", Quoted(track.config.name), ": no instance and no group uses it"));
  }
}

void AdviseOwners(const Draft& draft, Faults& faults) {
  InstanceWarnings warnings(faults);
  absl::flat_hash_set<absl::string_view> owners;
  for (const InstanceDraft& instance : draft.instances) {
    if (instance.config.priority != kPriorityOwner) continue;
    owners.insert(instance.config.name);
    for (size_t i = 0; i < instance.config.tracks.size(); ++i) {
      const TrackUse& use = instance.config.tracks[i];
      if (!use.weight) continue;
      warnings.Warn(instance, *instance.tracks[i], "owner", absl::StrCat("track ", Quoted(use.track), kOwnersPriority));
    }
  }
  if (owners.empty()) return;
  for (const GroupDraft& group : draft.groups) {
    const GroupConfig& config = group.config;
    // All members of a group are owners, or none is.
    if (config.kind != GroupKind::kTogether || !owners.contains(config.members.front())) continue;
    for (size_t i = 0; i < config.tracks.size(); ++i) {
      if (!config.tracks[i].weight) continue;
      faults.Warning(group.tracks[i]->at, absl::StrCat("track ", Quoted(config.tracks[i].track), kOwnersPriority));
    }
  }
}

void AdviseGroups(const Draft& draft, Faults& faults) {
  for (const GroupDraft& group : draft.groups) {
    if (group.config.kind != GroupKind::kTogether || group.config.members.size() != 1) continue;
    faults.Warning(group.name->at, absl::StrCat("group ", Quoted(group.config.name), ": has one member, ",
                                                Quoted(group.config.members.front()),
                                                ", so it has no effect beside its track and its notify keys"));
  }
}

}  // namespace

void AdviseTracks(const Draft& draft, Faults& faults) {
  AdviseUnused(draft, faults);
  AdviseOwners(draft, faults);
  AdviseGroups(draft, faults);
}

}  // namespace dpvrrp::config_internal
