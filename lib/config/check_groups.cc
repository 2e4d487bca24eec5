// SPDX-License-Identifier: BSD-3-Clause
//
// The checks between [[group]]s and the instances that they name.
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/known_names.h"

namespace dpvrrp::config_internal {
namespace {

class GroupCheck {
 public:
  GroupCheck(const Draft& draft, Faults& faults) : draft_(draft), faults_(faults) {
    for (const InstanceDraft& instance : draft.instances) {
      names_.Add(instance.config.name);
      instances_.emplace(instance.config.name, &instance);
    }
  }

  void Run() {
    CheckNamesDiffer();
    for (const GroupDraft& group : draft_.groups) {
      CheckMembers(group);
      if (group.config.kind == GroupKind::kTogether) CheckOwners(group);
    }
    for (const GroupDraft& group : draft_.groups) {
      if (group.leader != nullptr) CheckFollowers(group);
    }
  }

 private:
  void CheckNamesDiffer() {
    absl::flat_hash_map<absl::string_view, const Node*> seen;
    for (const GroupDraft& group : draft_.groups) {
      if (group.name == nullptr) continue;
      const auto [first, is_new] = seen.emplace(group.config.name, group.name);
      if (is_new) continue;
      faults_.Error(group.name->at, absl::StrCat("name ", Quoted(group.config.name), ": the group in line ",
                                                 first->second->at.line, " already has this name"));
    }
  }

  // "members 'a': …" at the member, or "pattern 'gw-*': instance 'a' …" at the pattern.
  void Refuse(const GroupDraft& group, size_t member, absl::string_view rule) {
    if (group.pattern == nullptr) {
      const Node& node = *group.members[member];
      return faults_.Error(node.at, absl::StrCat("members ", ValueText(node), ": ", rule));
    }
    faults_.Error(group.pattern->at, absl::StrCat("pattern ", ValueText(*group.pattern), ": instance ",
                                                  Quoted(group.config.members[member]), " ", rule));
  }

  void CheckMembers(const GroupDraft& group) {
    const std::vector<std::string>& members = group.config.members;
    if (group.pattern != nullptr && members.empty() && draft_.instances_complete) {
      faults_.Error(group.pattern->at, absl::StrCat("pattern ", ValueText(*group.pattern), ": fits no instance"));
    }
    for (size_t i = 0; i < members.size(); ++i) {
      if (!names_.Has(members[i])) {
        if (!draft_.instances_complete) continue;  // it may be one of a template that is faulty itself
        Refuse(group, i, absl::StrCat("no instance has this name", names_.DidYouMean(members[i])));
        continue;
      }
      const auto [first, is_new] = group_of_.emplace(members[i], &group);
      if (is_new) continue;
      const GroupDraft& other = *first->second;
      Refuse(group, i,
             &other == &group
                 ? "is already in the list"
                 : absl::StrCat("is already in group ", Quoted(other.config.name), " (line ", other.at.line, ")"));
      if (group.pattern != nullptr) return;  // the other members have the same fault
    }
  }

  // V3-23, V3-58: an owner is master as long as it runs, and the others could not be backup.
  void CheckOwners(const GroupDraft& group) {
    std::optional<size_t> owner;
    const InstanceDraft* other = nullptr;
    for (size_t i = 0; i < group.config.members.size(); ++i) {
      const auto found = instances_.find(group.config.members[i]);
      if (found == instances_.end() || !found->second->priority_good) continue;
      if (found->second->config.priority != kPriorityOwner) {
        if (other == nullptr) other = found->second;
      } else if (!owner) {
        owner = i;
      }
    }
    if (!owner || other == nullptr) return;
    Refuse(group, *owner,
           absl::StrCat("is an owner (priority 255), which is always master, and ", Quoted(other->config.name),
                        " is not: they cannot move together"));
  }

  void CheckFollowers(const GroupDraft& group) {
    const std::string& leader = group.config.leader;
    const auto refuse = [&](absl::string_view rule) {
      faults_.Error(group.leader->at, absl::StrCat("leader ", ValueText(*group.leader), ": ", rule));
    };
    if (!names_.Has(leader)) {
      if (draft_.instances_complete) refuse(absl::StrCat("no instance has this name", names_.DidYouMean(leader)));
      return;
    }
    if (const auto own = group_of_.find(leader); own != group_of_.end()) {
      const GroupDraft& other = *own->second;
      if (&other == &group) return refuse("is a member of the group itself");
      if (other.leader != nullptr) {
        return refuse(absl::StrCat("follows ", Quoted(other.config.leader), " itself, by group ",
                                   Quoted(other.config.name), " (line ", other.at.line, ")"));
      }
    }
    for (size_t i = 0; i < group.config.members.size(); ++i) {
      const auto found = instances_.find(group.config.members[i]);
      if (found == instances_.end()) continue;
      const char* rule = nullptr;
      if (found->second->config.priority == kPriorityOwner) {
        rule = "is an owner (priority 255), which is always master: it cannot follow";
      } else if (!found->second->config.unicast_peers.empty()) {
        rule = "has unicast_peers, but a follower sends no adverts: remove unicast_peers";
      }
      if (rule == nullptr) continue;
      Refuse(group, i, rule);
      if (group.pattern != nullptr) return;  // the other members have the same fault
    }
  }

  const Draft& draft_;
  Faults& faults_;
  KnownNames names_;  // of instances
  absl::flat_hash_map<absl::string_view, const InstanceDraft*> instances_;
  absl::flat_hash_map<absl::string_view, const GroupDraft*> group_of_;  // by the member's name
};

}  // namespace

void CheckGroups(const Draft& draft, Faults& faults) {
  if (!draft.groups.empty()) GroupCheck(draft, faults).Run();
}

}  // namespace dpvrrp::config_internal
