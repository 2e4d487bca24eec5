// SPDX-License-Identifier: BSD-3-Clause
//
// The checks between [[track]]s, what they observe, and the lists that name them.
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/instance_faults.h"
#include "config/known_names.h"

namespace dpvrrp::config_internal {
namespace {

class TrackCheck {
 public:
  TrackCheck(const Draft& draft, Faults& faults) : draft_(draft), faults_(faults), found_(faults) {
    for (const TrackDraft& track : draft.tracks) tracks_.Add(track.config.name);
    for (const PortDraft& port : draft.ports) ports_.Add(port.config.name);
  }

  void Run() {
    CheckNamesDiffer();
    CheckObserved();
    for (const InstanceDraft& instance : draft_.instances) {
      CheckUses(instance.config.tracks, instance.tracks,
                [&](const Node& node, const std::string& message) { found_.Error(instance, node, message); });
    }
    for (const GroupDraft& group : draft_.groups) {
      CheckUses(group.config.tracks, group.tracks,
                [&](const Node& node, const std::string& message) { faults_.Error(node.at, message); });
    }
  }

 private:
  void CheckNamesDiffer() {
    absl::flat_hash_map<absl::string_view, const Node*> seen;
    for (const TrackDraft& track : draft_.tracks) {
      if (track.name == nullptr) continue;
      const auto [first, is_new] = seen.emplace(track.config.name, track.name);
      if (is_new) continue;
      faults_.Error(track.name->at, absl::StrCat("name ", Quoted(track.config.name), ": the track in line ",
                                                 first->second->at.line, " already has this name"));
    }
  }

  void CheckObserved() {
    std::optional<KnownNames> instances;  // made only if a track needs them
    for (const TrackDraft& track : draft_.tracks) {
      const TrackConfig& config = track.config;
      if (config.kind == TrackKind::kPort && track.port != nullptr && !ports_.Has(config.port)) {
        faults_.Error(track.port->at, absl::StrCat("port ", Quoted(config.port), ": no [[port]] has this name",
                                                   ports_.DidYouMean(config.port)));
      }
      if (config.kind != TrackKind::kInstance || track.instance == nullptr || !draft_.instances_complete) continue;
      if (!instances) {
        instances.emplace();
        for (const InstanceDraft& instance : draft_.instances) instances->Add(instance.config.name);
      }
      if (instances->Has(config.instance)) continue;
      faults_.Error(track.instance->at,
                    absl::StrCat("instance ", Quoted(config.instance), ": no instance has this name",
                                 instances->DidYouMean(config.instance)));
    }
  }

  template <typename Report>
  void CheckUses(const std::vector<TrackUse>& uses, const std::vector<const Node*>& nodes, Report report) {
    for (size_t i = 0; i < uses.size(); ++i) {
      const std::string& name = uses[i].track;
      if (!tracks_.Has(name)) {
        report(*nodes[i],
               absl::StrCat("track ", Quoted(name), ": no [[track]] has this name", tracks_.DidYouMean(name)));
        continue;
      }
      for (size_t before = 0; before < i; ++before) {
        if (uses[before].track != name) continue;
        report(*nodes[i], absl::StrCat("track ", Quoted(name), ": is already in the list"));
        break;
      }
    }
  }

  const Draft& draft_;
  Faults& faults_;
  InstanceFaults found_;
  KnownNames tracks_;
  KnownNames ports_;
};

}  // namespace

void CheckTracks(const Draft& draft, Faults& faults) {
  TrackCheck(draft, faults).Run();
  CheckTrackCycles(draft, faults);
}

}  // namespace dpvrrp::config_internal
