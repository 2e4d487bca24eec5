// SPDX-License-Identifier: BSD-3-Clause
//
// The steps of LoadConfig: each table is read by itself into drafts, a [[template]] into many, then the drafts are
// checked against each other.
//
// Thread: control.
#pragma once

#include <string>
#include <vector>

#include "config/document.h"
#include "config/faults.h"
#include "config/load.h"
#include "config/model.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {

inline constexpr uint16_t kMaxVid = 4094;  // IEEE 802.1Q 9.6: 0 is no VLAN, 4095 is reserved
inline constexpr absl::string_view kVirtualAddressForm =
    "must be an address and a prefix length 1..32, such as 10.99.0.100/24";

// A draft points at the values that the cross-checks speak of. Null: absent or faulty, and reported already.
struct PortDraft {
  PortConfig config;
  const Node* name = nullptr;
  const Node* device = nullptr;
  const Node* lcores = nullptr;
};

struct InstanceDraft {
  InstanceConfig config;
  const Node* name = nullptr;
  const Node* port = nullptr;
  const Node* segment = nullptr;  // the VLANs where they are given, else the port
  bool segment_good = false;
  const Node* vrid = nullptr;
  std::vector<const Node*> virtual_addresses;  // one for each of config's
  // Made by a [[template]], and the nodes are the template's: messages must name the instance, and what is wrong with
  // thousands of them in one way is said once.
  bool generated = false;
};

struct Draft {
  DaemonConfig daemon;
  GarpConfig garp;
  std::vector<PortDraft> ports;
  std::vector<InstanceDraft> instances;
};

struct ReadContext {
  Faults& faults;
  const SecretReader& read_secret;
  std::string folder;  // of the configuration file, with its '/'; empty: the working directory
};

DaemonConfig ReadDaemon(const Node& table, Faults& faults);
GarpConfig ReadGarp(const Node& table, Faults& faults);
PortDraft ReadPort(const Node& table, Faults& faults);
InstanceDraft ReadInstance(const Node& table, const ReadContext& context);
// Appends the template's instances, but never more than kMaxInstances in all. Nothing if the template is faulty.
void ReadTemplate(const Node& table, const ReadContext& context, std::vector<InstanceDraft>* instances);
AuthConfig ReadAuthentication(const Node& table, const TableRule& rule, const ReadContext& context);

// `name` as it is in the file; the result is null unless it is a good name.
const Node* ReadName(const TableReader& reader, std::string* name);

// What an [[instance]] and a [[template]] read alike: port, version, priority, advertisement_interval, preempt,
// source_mac, authentication (held to its rule). False: the priority is faulty and reported.
bool ReadSharedKeys(const TableReader& reader, const TableRule& authentication, const ReadContext& context,
                    InstanceDraft* instance);
std::vector<const Node*> VirtualAddressEntries(const TableReader& reader);  // their number and types are checked
bool CheckVlanDepth(const Node& list, Faults& faults);                      // at most two tags

void CrossCheck(const Draft& draft, Faults& faults);
void CheckPortLcores(const Draft& draft, Faults& faults);  // its part about [daemon] and [[port]]

}  // namespace dpvrrp::config_internal
