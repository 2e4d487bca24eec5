// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "keepalived/context.h"

namespace dpvrrp::keepalived {

// What an instance is before its table is written: its family, its addresses, and its place.
struct Prepared {
  const InstanceOf* from = nullptr;
  std::string name;
  std::string interface;  // valid, where the addresses without a device are
  std::string port;
  std::vector<int> vlan;
  Family family = Family::kIpv4;
  int version = 2;
  bool strict = false;
  bool no_interface = false;  // the file names no valid one, and a placeholder stands for it
  std::vector<const AddressOf*> addresses, excluded;
  std::vector<const PeerOf*> peers;
  IpAddress source;
  std::string marked_source;  // why the source must be decided; empty: it need not
  std::string missing;        // why the instance cannot be written; empty: it can
  Verdict missing_verdict = Verdict::kUnsupported;
};

// The family that keepalived gives the instance, by the first statement that shows one. `from`, if not null: that
// statement; null there if there is none.
Family FamilyOf(const InstanceOf& instance, const Statement** from = nullptr);

// Fills the addresses, without those that keepalived ignores or dpvrrp cannot hold. `held`: address and device of the
// instances before it.
void ChooseAddresses(const Context& context, std::set<std::pair<IpAddress, std::string>>* held, Prepared* instance);
// Fills source and peers.
void ChooseSource(const Context& context, Prepared* instance);
void ChoosePeers(const Context& context, Prepared* instance);
// Takes the chosen source out of the peers, where lists of all routers have it. A list without peers must be decided.
void DropOwnPeers(const Context& context, Prepared* instance);

TomlItem AddressItem(const Context& context, const AddressOf& address, const Prepared& instance);
TomlItem PeerItem(const PeerOf& peer, const Prepared& instance);

// virtual_routes and virtual_rules. `taken`: the routes and rules of the file so far.
std::vector<TomlItem> RouteItems(const Context& context, const Prepared& instance, std::set<std::string>* taken);
std::vector<TomlItem> RuleItems(const Context& context, const Prepared& instance, std::set<std::string>* taken);

}  // namespace dpvrrp::keepalived
