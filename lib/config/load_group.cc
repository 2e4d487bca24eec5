// SPDX-License-Identifier: BSD-3-Clause
//
// [[group]]. Its members are known when all instances are: FillGroups() looks for them.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/glob.h"
#include "config/draft.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxPatternBytes = 63;  // as a name

constexpr Choice<GroupKind> kGroupKinds[] = {{"together", GroupKind::kTogether}, {"follow", GroupKind::kFollow}};

bool IsPatternCharacter(char c) { return absl::ascii_isalnum(c) || absl::StrContains("._-*?", c); }

void ReadMembers(const TableReader& reader, GroupDraft* group) {
  const Node* list = reader.Find("members");
  group->pattern = reader.Find("pattern");
  if (reader.Has("members") && reader.Has("pattern")) {
    reader.faults().Error(reader.at(), "[[group]]: members and pattern are not allowed together: choose one");
    return;
  }
  if (!reader.Has("members") && !reader.Has("pattern")) {
    reader.faults().Error(reader.at(), "[[group]]: needs members or pattern");
  }
  for (const Node* item : reader.Items("members", kString, "a list of strings")) {
    group->members.push_back(item);
    group->config.members.push_back(item->text());
  }
  if (list != nullptr && list->items().empty()) reader.faults().Error(list->at, "members: must name an instance");
  if (group->pattern == nullptr) return;
  const std::string& pattern = group->pattern->text();
  if (!pattern.empty() && pattern.size() <= kMaxPatternBytes &&
      std::all_of(pattern.begin(), pattern.end(), IsPatternCharacter))
    return;
  reader.Refuse("pattern", *group->pattern, "must be 1..63 of the characters A-Z a-z 0-9 . _ - * ?");
  group->pattern = nullptr;
}

void ReadLeader(const TableReader& reader, GroupDraft* group) {
  const bool follows = group->config.kind == GroupKind::kFollow;
  const Node* leader = reader.Find("leader");
  if (follows && !reader.Has("leader")) {
    reader.faults().Error(reader.at(), "[[group]]: kind = \"follow\" needs leader, the name of the instance to follow");
  }
  if (leader == nullptr) return;
  if (!follows) {
    reader.faults().Error(leader->at, "leader: allowed only with kind = \"follow\"");
  } else if (leader->text().empty()) {
    reader.Refuse("leader", *leader, "must be the name of an instance");
  } else {
    group->leader = leader;
    group->config.leader = leader->text();
  }
}

// The instances by name, so that a pattern looks only at names with its own beginning.
class InstancesByName {
 public:
  explicit InstancesByName(const std::vector<InstanceDraft>& instances) : instances_(instances) {
    order_.reserve(instances.size());
    for (size_t i = 0; i < instances.size(); ++i) {
      if (instances[i].name != nullptr) order_.push_back(i);
    }
    std::sort(order_.begin(), order_.end(), [&](size_t a, size_t b) { return NameOf(a) < NameOf(b); });
  }

  // In the order of the file.
  std::vector<std::string> Matches(absl::string_view pattern) const {
    const absl::string_view begin = pattern.substr(0, pattern.find_first_of("*?"));
    auto at = std::lower_bound(order_.begin(), order_.end(), begin,
                               [&](size_t index, absl::string_view text) { return NameOf(index) < text; });
    std::vector<size_t> found;
    for (; at != order_.end() && absl::StartsWith(NameOf(*at), begin); ++at) {
      if (GlobMatches(pattern, NameOf(*at))) found.push_back(*at);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const size_t index : found) names.push_back(instances_[index].config.name);
    return names;
  }

 private:
  absl::string_view NameOf(size_t index) const { return instances_[index].config.name; }

  const std::vector<InstanceDraft>& instances_;
  std::vector<size_t> order_;
};

// Tells each follower its leader.
void SetLeaders(Draft& draft) {
  absl::flat_hash_map<absl::string_view, const std::string*> leaders;
  for (const GroupDraft& group : draft.groups) {
    if (group.leader == nullptr) continue;
    for (const std::string& member : group.config.members) leaders.emplace(member, &group.config.leader);
  }
  if (leaders.empty()) return;
  for (InstanceDraft& instance : draft.instances) {
    const auto leader = leaders.find(instance.config.name);
    if (leader != leaders.end()) instance.config.leader = *leader->second;
  }
}

}  // namespace

GroupDraft ReadGroup(const Node& table, const ReadContext& context) {
  const TableReader reader(table, kGroupRule, context.faults);
  GroupDraft group;
  group.at = reader.at();
  group.name = ReadName(reader, &group.config.name);
  group.config.kind = reader.Choose("kind", kGroupKinds).value_or(GroupKind::kTogether);
  ReadLeader(reader, &group);
  ReadMembers(reader, &group);
  ReadTrackUses(reader, &group.config.tracks, &group.tracks);
  if (group.config.kind == GroupKind::kFollow && !group.tracks.empty()) {
    reader.faults().Error(group.tracks.front()->at,
                          "track: not allowed with kind = \"follow\": the members follow the tracks of the leader");
  }
  group.config.notify = ReadNotify(reader, context);
  return group;
}

void FillGroups(Draft& draft) {
  if (draft.groups.empty()) return;
  const InstancesByName instances(draft.instances);
  for (GroupDraft& group : draft.groups) {
    if (group.pattern == nullptr) continue;
    group.config.members = instances.Matches(group.pattern->text());
    std::erase(group.config.members, group.config.leader);
  }
  SetLeaders(draft);
}

}  // namespace dpvrrp::config_internal
