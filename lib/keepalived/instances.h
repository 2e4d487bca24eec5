// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "keepalived/addresses.h"
#include "keepalived/authentication.h"
#include "keepalived/ports.h"
#include "keepalived/programs.h"
#include "keepalived/tracks.h"

namespace dpvrrp::keepalived {

// The [[instance]] tables.
//
// Thread: one.
class Instances {
 public:
  Instances(const Context& context, Programs& programs, Tracks& tracks);

  // The tables, each [[instance]] followed by its [instance.authentication]. An instance that cannot be written is a
  // comment.
  std::vector<std::string> Texts();
  // The name here of a vrrp_instance; empty: there is none, or it cannot be written.
  std::string NameOf(const std::string& name) const;

  Ports& ports() { return ports_; }
  Authentication& authentication() { return authentication_; }

 private:
  void Prepare(const InstanceOf& from, Prepared* out);
  // Stands for the interface of the instance, whose name cannot be one. Each such name has a placeholder of its own.
  std::string Placeholder(const InstanceOf& from);
  std::string Text(const Prepared& instance);
  void PutSegment(const Prepared& instance, TomlTable* table);
  void PutPriority(const Prepared& instance, TomlTable* table);
  void PutInterval(const Prepared& instance, TomlTable* table);
  void PutPreemption(const Prepared& instance, TomlTable* table);
  void PutSwitches(const Prepared& instance, TomlTable* table);
  void PutAddressing(const Prepared& instance, TomlTable* table);
  void PutLists(const Prepared& instance, TomlTable* table);
  static bool IsOwner(const InstanceOf& from);
  // Whether keepalived starts the instance as master if it can.
  static bool StartsAsMaster(const Prepared& instance);
  const GroupOf* GroupOfMember(const std::string& name) const;

  const Context& context_;
  Programs& programs_;
  Tracks& tracks_;
  Ports ports_;
  Authentication authentication_;
  Names names_;
  std::vector<Prepared> prepared_;
  std::map<std::string, std::string> placeholders_;  // of interfaces, by what the file has
  std::set<std::pair<IpAddress, std::string>> held_;
  std::map<std::string, std::string> segments_;  // the instance with a VRID on a segment
  std::set<std::string> routing_;                // the routes and rules so far
};

}  // namespace dpvrrp::keepalived
