// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

#include "keepalived/context.h"
#include "keepalived/programs.h"

namespace dpvrrp::keepalived {

// The [[track]] tables, and what instances and groups name of them.
//
// Thread: one.
class Tracks {
 public:
  Tracks(const Context& context, Programs& programs) : context_(context), programs_(programs) {}

  // How a list is used.
  struct Owner {
    std::string interface;       // of the instance; empty: a group
    bool in_sync_group = false;  // whose members have no weights
  };
  // The entries of `track`.
  std::vector<TomlItem> Uses(const TrackLists& lists, const Owner& owner);
  // A track of an address on an interface (track_src_ip).
  TomlItem UseAddress(absl::string_view wanted_name, const std::string& interface, const IpAddress& address,
                      const Statement& from);

  // The tables of all tracks that are used. Says that the others are dropped.
  std::vector<TomlTable> Tables();

 private:
  struct Interface {
    std::string name;
    std::string address;  // empty: none
    const Statement* from = nullptr;
  };

  void UseScripts(const std::vector<TrackedBy>& list, const Owner& owner, std::vector<TomlItem>* out);
  void UseProcesses(const std::vector<TrackedBy>& list, const Owner& owner, std::vector<TomlItem>* out);
  void UseInterfaces(const std::vector<TrackedBy>& list, const Owner& owner, std::vector<TomlItem>* out);
  void Add(const std::string& name, int weight, bool reverse, const Statement& from, std::vector<TomlItem>* out);
  TomlTable ScriptTable(const ScriptOf& script, const std::string& name);
  TomlTable ProcessTable(const ProcessOf& process, const std::string& name);
  TomlTable InterfaceTable(const std::string& interface, const Interface& track);

  const Context& context_;
  Programs& programs_;
  Names taken_;
  std::map<std::string, std::string> scripts_, processes_;     // name here, by name there
  std::vector<std::pair<std::string, Interface>> interfaces_;  // by interface
  std::vector<std::string> in_list_;                           // of the list that is being made
};

}  // namespace dpvrrp::keepalived
