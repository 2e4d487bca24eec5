// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/tracks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "config/instance_rules.h"

namespace dpvrrp::keepalived {
namespace {

constexpr size_t kLongestComm = 15;  // /proc/PID/comm

template <typename T>
const T* ByName(const std::vector<T>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// A word between single quotation marks, for sh and for config/command_words.h.
std::string Quoted(const std::string& word) {
  const bool plain =
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@+,") ==
      std::string::npos;
  return plain && !word.empty() ? word : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

}  // namespace

void Tracks::Add(const std::string& name, int weight, bool reverse, const Statement& from, std::vector<TomlItem>* out) {
  if (std::count(in_list_.begin(), in_list_.end(), name) != 0) {
    return context_.notes.Say(from, Verdict::kDropped, "it is in the list already");
  }
  in_list_.push_back(name);
  std::string value = TomlString(name);
  if (weight != 0 || reverse) {
    value = absl::StrCat("{ name = ", value, weight != 0 ? absl::StrCat(", weight = ", weight) : "",
                         reverse ? ", reverse = true" : "", " }");
  }
  out->push_back(ItemOf(std::move(value), &from));
}

void Tracks::UseScripts(const std::vector<TrackedBy>& list, const Owner& owner, std::vector<TomlItem>* out) {
  for (const TrackedBy& use : list) {
    const ScriptOf* script = ByName(context_.model.scripts, use.name);
    if (script == nullptr || !script->program || !Programs::CanRun(script->program.value)) {
      context_.notes.Say(*use.from, Verdict::kDecide,
                         script == nullptr ? "there is no vrrp_script of this name, and keepalived ignores it"
                                           : "the vrrp_script has no program that can be run; it is left out");
      continue;
    }
    if (script->from->entry > use.from->entry) {
      context_.notes.Say(*use.from, Verdict::kDecide, "the vrrp_script stands below, and keepalived ignores this line");
      continue;
    }
    if (const std::string why = programs_.WhyDisabled(*script); !why.empty()) {
      context_.notes.Say(*script->program.from, Verdict::kDecide, why);
      context_.notes.Say(*use.from, Verdict::kDecide, absl::StrCat(why, "; it is left out"));
      continue;
    }
    const int weight = use.weight.value_or(script->weight.value);
    if (weight != 0 && owner.in_sync_group) {
      context_.notes.Say(
          *use.from, Verdict::kDropped,
          "keepalived ignores it: members of a sync group have no weights without sync_group_tracking_weight");
      continue;
    }
    if (scripts_.count(use.name) == 0) scripts_[use.name] = taken_.Take(use.name);
    Add(scripts_[use.name], weight, use.reverse.value_or(script->reverse), *use.from, out);
  }
}

void Tracks::UseProcesses(const std::vector<TrackedBy>& list, const Owner& owner, std::vector<TomlItem>* out) {
  for (const TrackedBy& use : list) {
    const ProcessOf* process = ByName(context_.model.processes, use.name);
    if (process == nullptr || !process->process) {
      context_.notes.Say(*use.from, Verdict::kDecide,
                         "there is no vrrp_track_process of this name, and keepalived ignores it");
      continue;
    }
    if (process->from->entry > use.from->entry) {
      context_.notes.Say(*use.from, Verdict::kDecide,
                         "the vrrp_track_process stands below, and keepalived ignores this line");
      continue;
    }
    const int weight = use.weight.value_or(process->weight.value);
    if (weight != 0 && owner.in_sync_group) {
      context_.notes.Say(*use.from, Verdict::kDropped, "keepalived ignores weights of the members of a sync group");
      continue;
    }
    if (processes_.count(use.name) == 0) processes_[use.name] = taken_.Take(use.name);
    Add(processes_[use.name], weight, use.reverse.value_or(process->reverse), *use.from, out);
  }
}

void Tracks::UseInterfaces(const std::vector<TrackedBy>& list, const Owner& owner, std::vector<TomlItem>* out) {
  for (const TrackedBy& use : list) {
    if (use.name == owner.interface) {
      context_.notes.Say(*use.from, Verdict::kDropped, "an instance always follows the link of its own interface");
      continue;
    }
    if (!IsInterface(use.name)) {
      context_.notes.Say(*use.from, Verdict::kDecide, "it is no name of an interface; it is left out");
      continue;
    }
    auto known = std::find_if(interfaces_.begin(), interfaces_.end(),
                              [&](const auto& one) { return one.first == use.name && one.second.address.empty(); });
    if (known == interfaces_.end()) {
      interfaces_.push_back({use.name, {taken_.Take(use.name), "", use.from}});
      known = std::prev(interfaces_.end());
    }
    int weight = use.weight.value_or(0);
    if (weight != 0 && owner.in_sync_group) {
      context_.notes.Add(*use.from, Verdict::kChanged,
                         "without weight, as keepalived does for a member of a sync group");
      weight = 0;
    }
    Add(known->second.name, weight, use.reverse.value_or(false), *use.from, out);
  }
}

std::vector<TomlItem> Tracks::Uses(const TrackLists& lists, const Owner& owner) {
  std::vector<TomlItem> out;
  in_list_.clear();
  UseScripts(lists.scripts, owner, &out);
  UseProcesses(lists.processes, owner, &out);
  UseInterfaces(lists.interfaces, owner, &out);
  return out;
}

TomlItem Tracks::UseAddress(absl::string_view wanted_name, const std::string& interface, const IpAddress& address,
                            const Statement& from) {
  interfaces_.push_back({interface, {taken_.Take(wanted_name), ToString(address), nullptr}});
  return ItemOf(TomlString(interfaces_.back().second.name), &from);
}

TomlTable Tracks::ScriptTable(const ScriptOf& script, const std::string& name) {
  TomlTable table("[[track]]");
  table.SetText("name", name);
  SayName(context_.notes, *script.from, script.name, name);
  table.SetText("kind", "script");
  programs_.Put(&table, "command", script.program);
  if (script.interval) table.SetText("interval", DurationText(script.interval.value), script.interval.from);
  if (script.timeout) table.SetText("timeout", DurationText(script.timeout.value), script.timeout.from);
  if (script.rise) table.Set("rise", absl::StrCat(script.rise.value), script.rise.from);
  if (script.fall) table.Set("fall", absl::StrCat(script.fall.value), script.fall.from);
  if (script.user && script.user.value != programs_.user()) {
    table.SetText("user", script.user.value, script.user.from);
  } else if (script.user) {
    context_.notes.Say(*script.user.from, Verdict::kTaken, "user in [scripts]");
  }
  if (script.init_fail) table.SetText("initial", "down", script.init_fail.from);
  table.Keep(*script.from);
  return table;
}

TomlTable Tracks::ProcessTable(const ProcessOf& process, const std::string& name) {
  TomlTable table("[[track]]");
  table.SetText("name", name);
  SayName(context_.notes, *process.from, process.name, name);
  table.SetText("kind", "script");
  const std::vector<std::string>& words = process.process.value;
  const bool whole = process.full_command || words.size() > 1;
  // Without -f, pgrep compares the name that the kernel keeps of a program.
  const std::string joined = absl::StrJoin(words, " ");
  const std::string wanted = Quoted(whole ? joined : joined.substr(0, kLongestComm));
  const std::string pgrep = absl::StrCat("/usr/bin/pgrep ", whole ? "-f " : "", "-x ");
  if (process.quorum.value > 1) {
    table.SetText("command",
                  absl::StrCat("/bin/sh -c \"test $(", pgrep, "-c ", wanted, ") -ge ", process.quorum.value, "\""),
                  process.process.from);
  } else {
    table.SetText("command", absl::StrCat(pgrep, wanted), process.process.from);
  }
  if (process.fork_delay) table.SetText("up_delay", DurationText(process.fork_delay.value), process.fork_delay.from);
  if (process.terminate_delay)
    table.SetText("down_delay", DurationText(process.terminate_delay.value), process.terminate_delay.from);
  table.Keep(*process.from);
  return table;
}

TomlTable Tracks::InterfaceTable(const std::string& interface, const Interface& track) {
  TomlTable table("[[track]]");
  table.SetText("name", track.name);
  table.SetText("kind", "interface");
  table.SetText("interface", interface);
  if (!track.address.empty()) table.SetText("address", track.address);
  const auto delays = context_.model.delays.find(interface);
  if (delays != context_.model.delays.end() && track.address.empty()) {
    table.SetText("up_delay", DurationText(delays->second.up), delays->second.from);
    table.SetText("down_delay", DurationText(delays->second.down));
    context_.notes.Say(*delays->second.from, Verdict::kTaken, "up_delay and down_delay of a [[track]]");
  }
  return table;
}

std::vector<TomlTable> Tracks::Tables() {
  std::vector<TomlTable> tables;
  for (const ScriptOf& script : context_.model.scripts) {
    const auto name = scripts_.find(script.name);
    if (name != scripts_.end()) {
      tables.push_back(ScriptTable(script, name->second));
    } else {
      context_.notes.Unused(*script.from, "nothing tracks it, and keepalived does not run it");
    }
  }
  for (const ProcessOf& process : context_.model.processes) {
    const auto name = processes_.find(process.name);
    if (name != processes_.end()) {
      tables.push_back(ProcessTable(process, name->second));
    } else {
      context_.notes.Unused(*process.from, "nothing tracks it");
    }
  }
  for (const auto& [interface, track] : interfaces_) tables.push_back(InterfaceTable(interface, track));
  return tables;
}

}  // namespace dpvrrp::keepalived
