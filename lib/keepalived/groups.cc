// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/groups.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace dpvrrp::keepalived {
namespace {

using std::chrono::seconds;

constexpr Nanoseconds kUsualDelay = seconds(5);  // keepalived's garp_master_delay
constexpr Nanoseconds kMostDelay = seconds(600);
constexpr size_t kMostRepeats = 16;

// The members that exist here, each in its first group only.
std::vector<TomlItem> Members(const Context& context, const GroupOf& group, const Instances& instances,
                              std::set<std::string>* grouped) {
  std::vector<TomlItem> items;
  for (const auto& [member, from] : group.members) {
    const std::string name = instances.NameOf(member);
    if (name.empty()) {
      context.notes.Say(*from, Verdict::kDecide, "there is no such instance here; it is left out");
    } else if (!grouped->insert(member).second) {
      context.notes.Say(*from, Verdict::kDecide, "the instance is in a group already; it is left out");
    } else {
      items.push_back(ItemOf(TomlString(name), from));
    }
  }
  return items;
}

}  // namespace

std::vector<TomlTable> GroupTables(const Context& context, const Instances& instances, Programs& programs,
                                   Tracks& tracks) {
  std::vector<TomlTable> tables;
  Names taken;
  std::set<std::string> grouped;
  for (const GroupOf& group : context.model.groups) {
    std::vector<TomlItem> members = Members(context, group, instances, &grouped);
    if (members.empty()) {
      context.notes.Add(*group.from, Verdict::kDecide, "it has no member; it is left out");
      continue;
    }
    if (members.size() == 1) context.notes.Add(*group.from, Verdict::kTaken, "with one member it moves nothing else");
    TomlTable table("[[group]]");
    const std::string name = taken.Take(group.name);
    SayName(context.notes, *group.from, group.name, name);
    table.SetText("name", name);
    table.SetList("members", std::move(members));
    for (const auto& member : group.members) table.Placed(member.second);
    std::vector<TomlItem> uses = tracks.Uses(group.tracks, {"", false});
    for (const auto* list : {&group.tracks.scripts, &group.tracks.processes, &group.tracks.interfaces}) {
      for (const TrackedBy& use : *list) table.Placed(use.from);
    }
    if (!uses.empty()) table.SetList("track", std::move(uses));
    programs.PutNotify(&table, group.notify);
    table.Keep(*group.from);
    tables.push_back(std::move(table));
  }
  return tables;
}

TomlTable GarpTable(const Context& context, const Instances& instances) {
  const GlobalsOf& globals = context.model.globals;
  TomlTable table("[garp]");
  if (globals.garp_interval && globals.garp_interval.value != Nanoseconds(0)) {
    table.SetText("interval", DurationText(globals.garp_interval.value), globals.garp_interval.from);
  }
  // The times of all instances together: one more announcement does no harm, one that is missing may.
  const Statement* says = globals.garp_master_delay.from;
  const Nanoseconds usual = globals.min_garp.value ? Nanoseconds(0) : globals.garp_master_delay.value_or(kUsualDelay);
  std::set<Nanoseconds> delays;
  Nanoseconds refresh{0};
  const Statement* refreshes = globals.garp_master_refresh.from;
  const auto add = [&](const Given<Nanoseconds>& own, Nanoseconds otherwise, std::set<Nanoseconds>* out) {
    const Nanoseconds delay = own ? own.value : otherwise;
    if (delay > Nanoseconds(0) && out->size() < kMostRepeats) out->insert(std::min(delay, kMostDelay));
  };
  std::set<Nanoseconds> periods;
  for (const InstanceOf& instance : context.model.instances) {
    if (instances.NameOf(instance.name).empty()) continue;
    add(instance.garp_master_delay, usual, &delays);
    add(instance.garp_master_refresh, globals.garp_master_refresh.value, &periods);
    if (instance.garp_master_delay && says == nullptr) says = instance.garp_master_delay.from;
    if (instance.garp_master_refresh && refreshes == nullptr) refreshes = instance.garp_master_refresh.from;
    for (const Given<Nanoseconds>* given : {&instance.garp_master_delay, &instance.garp_master_refresh}) {
      if (*given && context.model.instances.size() > 1) {
        context.notes.Say(*given->from, Verdict::kChanged,
                          absl::StrCat(given == &instance.garp_master_delay ? "repeats" : "refresh",
                                       " in [garp], for all instances"));
      }
    }
  }
  if (!periods.empty()) refresh = std::max<Nanoseconds>(*periods.begin(), seconds(1));
  if (says != nullptr || globals.min_garp.value) {
    std::vector<TomlItem> items;
    for (const Nanoseconds delay : delays)
      items.push_back(ItemOf(absl::StrCat("\"", DurationText(delay), "\""), nullptr));
    table.SetList("repeats", std::move(items));
  }
  if (refreshes != nullptr && refresh != Nanoseconds(0)) table.SetText("refresh", DurationText(refresh));
  return table;
}

}  // namespace dpvrrp::keepalived
