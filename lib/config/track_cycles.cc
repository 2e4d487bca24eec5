// SPDX-License-Identifier: BSD-3-Clause
//
// No instance may depend on its own state: it could never settle. An instance depends on each instance that it tracks.
// The members of a group share one state, so a group counts as one, and depends on all that a member tracks.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/draft.h"
#include "config/instance_faults.h"

namespace dpvrrp::config_internal {
namespace {

class CycleCheck {
 public:
  CycleCheck(const Draft& draft, Faults& faults) : draft_(draft), faults_(faults), found_(faults) {}

  void Run() {
    for (const TrackDraft& track : draft_.tracks) {
      if (track.config.kind == TrackKind::kInstance) observed_.emplace(track.config.name, track.config.instance);
    }
    if (observed_.empty()) return;
    MakeUnits();
    MakeEdges();
    for (const Edge& edge : edges_) Search(edge.from);
  }

 private:
  // An instance by its index, or a group by its index after them.
  using Unit = size_t;
  enum class Progress : uint8_t { kNone, kOnPath, kDone };

  // `from` depends on `to`.
  struct Edge {
    Unit from;
    Unit to;
    const InstanceDraft* instance;  // that has the track; null: the group itself
    const Node* node;
    absl::string_view track;
  };
  struct Step {
    Unit unit;
    size_t next;  // in `edges_`
  };

  void MakeUnits() {
    for (Unit i = 0; i < draft_.instances.size(); ++i) unit_of_.emplace(draft_.instances[i].config.name, i);
    for (size_t g = 0; g < draft_.groups.size(); ++g) {
      if (draft_.groups[g].config.kind == GroupKind::kTogether) SetUnit(draft_.groups[g], draft_.instances.size() + g);
    }
    for (const GroupDraft& group : draft_.groups) {  // followers have the state of their leader
      const auto leader = unit_of_.find(group.config.leader);
      if (leader != unit_of_.end()) SetUnit(group, leader->second);
    }
  }

  void SetUnit(const GroupDraft& group, Unit unit) {
    for (const std::string& member : group.config.members) {
      const auto found = unit_of_.find(member);
      if (found != unit_of_.end()) found->second = unit;
    }
  }

  void MakeEdges() {
    for (const InstanceDraft& instance : draft_.instances) {
      AddEdges(instance.config.tracks, instance.tracks, &instance, instance.config.name);
    }
    for (size_t g = 0; g < draft_.groups.size(); ++g) {
      const GroupDraft& group = draft_.groups[g];
      if (group.config.members.empty()) continue;
      AddEdges(group.config.tracks, group.tracks, nullptr, group.config.members.front());
    }
    std::stable_sort(edges_.begin(), edges_.end(), [](const Edge& a, const Edge& b) { return a.from < b.from; });
  }

  void AddEdges(const std::vector<TrackUse>& uses, const std::vector<const Node*>& nodes, const InstanceDraft* instance,
                absl::string_view name) {
    const auto from = unit_of_.find(name);
    if (from == unit_of_.end()) return;
    for (size_t i = 0; i < uses.size(); ++i) {
      const auto observed = observed_.find(uses[i].track);
      if (observed == observed_.end()) continue;
      const auto to = unit_of_.find(observed->second);
      if (to == unit_of_.end()) continue;
      edges_.push_back({from->second, to->second, instance, nodes[i], uses[i].track});
    }
  }

  Step FirstStep(Unit unit) {
    progress_[unit] = Progress::kOnPath;
    const auto first =
        std::lower_bound(edges_.begin(), edges_.end(), unit, [](const Edge& edge, Unit u) { return edge.from < u; });
    return {unit, static_cast<size_t>(first - edges_.begin())};
  }

  // Depth first, without recursion: a chain may have as many instances as the file.
  void Search(Unit start) {
    if (progress_[start] != Progress::kNone) return;
    std::vector<Step> path = {FirstStep(start)};
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == edges_.size() || edges_[step.next].from != step.unit) {
        progress_[step.unit] = Progress::kDone;
        path.pop_back();
        continue;
      }
      const Edge& edge = edges_[step.next++];
      const Progress progress = progress_[edge.to];
      if (progress == Progress::kOnPath) Report(edge, path);
      if (progress == Progress::kNone) path.push_back(FirstStep(edge.to));
    }
  }

  // `last` leads back to a unit of the path.
  void Report(const Edge& last, const std::vector<Step>& path) {
    constexpr size_t kMostShown = 8;
    const auto begin = std::find_if(path.begin(), path.end(), [&](const Step& step) { return step.unit == last.to; });
    std::vector<std::string> names;
    for (auto step = begin; step != path.end(); ++step) {
      if (names.size() == kMostShown) {
        names.push_back("...");
        break;
      }
      names.push_back(NameOf(step->unit));
    }
    names.push_back(NameOf(last.to));
    const std::string message =
        absl::StrCat("track ", Quoted(last.track), ": a state would depend on itself: ", absl::StrJoin(names, " -> "));
    last.instance == nullptr ? faults_.Error(last.node->at, message)
                             : found_.Error(*last.instance, *last.node, message);
  }

  std::string NameOf(Unit unit) const {
    const size_t instances = draft_.instances.size();
    return unit < instances ? absl::StrCat("instance ", Quoted(draft_.instances[unit].config.name))
                            : absl::StrCat("group ", Quoted(draft_.groups[unit - instances].config.name));
  }

  const Draft& draft_;
  Faults& faults_;
  InstanceFaults found_;
  absl::flat_hash_map<absl::string_view, absl::string_view> observed_;  // the instance, by the track's name
  absl::flat_hash_map<absl::string_view, Unit> unit_of_;                // by the instance's name
  std::vector<Edge> edges_;                                             // by `from`
  absl::flat_hash_map<Unit, Progress> progress_;
};

}  // namespace

void CheckTrackCycles(const Draft& draft, Faults& faults) { CycleCheck(draft, faults).Run(); }

}  // namespace dpvrrp::config_internal
