// SPDX-License-Identifier: BSD-3-Clause
//
// Checks programs, their users and tracked interfaces against the machine. All findings are warnings: a program may be
// installed later, and a track is down until then.
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "config/address_nodes.h"
#include "config/draft.h"
#include "config/host_facts.h"
#include "config/known_names.h"

namespace dpvrrp::config_internal {
namespace {

void CheckUser(const Node& node, const HostFacts& facts, Faults& faults) {
  if (!facts.find_user || !absl::IsNotFound(facts.find_user(node.text()))) return;
  faults.Warning(node.at, absl::StrCat("user ", ValueText(node), ": this system has no such user, so the programs do ",
                                       "not run"));
}

void CheckUsers(const Draft& draft, const HostFacts& facts, Faults& faults) {
  const Node* user = draft.scripts_table == nullptr ? nullptr : MemberOf(*draft.scripts_table, "user");
  if (user != nullptr) CheckUser(*user, facts, faults);
  for (const TrackDraft& track : draft.tracks) {
    if (track.user != nullptr) CheckUser(*track.user, facts, faults);
  }
}

void CheckCommands(const Draft& draft, const HostFacts& facts, Faults& faults) {
  if (!facts.check_program) return;
  absl::flat_hash_map<const Node*, absl::string_view> users;  // of commands that have their own
  for (const TrackDraft& track : draft.tracks) {
    if (track.user != nullptr) users.emplace(track.command, track.config.user);
  }
  for (const CommandDraft& command : draft.commands) {
    const absl::Status status = facts.check_program(command.program);
    if (status.ok()) continue;
    const auto own = users.find(command.at);
    const absl::string_view user = own == users.end() ? absl::string_view(draft.scripts.user) : own->second;
    if (absl::IsPermissionDenied(status) && user != "root") continue;
    faults.Warning(command.at->at, absl::StrCat(command.key, " ", Quoted(command.program), ": ", status.message()));
  }
}

void CheckInterfaces(const Draft& draft, const HostFacts& facts, Faults& faults) {
  if (!facts.interfaces) return;
  KnownNames interfaces;
  for (const HostFacts::Interface& interface : *facts.interfaces) interfaces.Add(interface.name);
  for (const TrackDraft& track : draft.tracks) {
    const std::string& name = track.config.interface;
    if (track.interface == nullptr || interfaces.Has(name)) continue;
    faults.Warning(track.interface->at,
                   absl::StrCat("interface ", Quoted(name), ": this machine has no such interface",
                                interfaces.DidYouMean(name), "; the track is down until the interface exists"));
  }
}

}  // namespace

void CheckPrograms(const Draft& draft, const HostFacts& facts, Faults& faults) {
  CheckUsers(draft, facts, faults);
  CheckCommands(draft, facts, faults);
  CheckInterfaces(draft, facts, faults);
}

}  // namespace dpvrrp::config_internal
