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

inline constexpr absl::string_view kVirtualAddresses = "virtual_addresses";
inline constexpr absl::string_view kExcludedAddresses = "excluded_addresses";
inline constexpr absl::string_view kVirtualAddressForm =
    "must be an address and its prefix length, such as 10.99.0.100/24 or 2001:db8::1/64";
inline constexpr absl::string_view kSourceAddressForm = "must be an IPv4 or IPv6 address, without a prefix length";

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
  bool version_good = false;
  bool priority_good = false;
  std::vector<const Node*> virtual_addresses;  // one for each of config's
  std::vector<const Node*> unicast_peers;      // one for each of config's
  std::vector<const Node*> allowed_senders;    // likewise
  // Made by a [[template]], and the nodes are the template's: messages must name the instance, and what is wrong with
  // thousands of them in one way is said once.
  bool generated = false;
};

struct KeyringDraft {
  std::shared_ptr<const KeyringConfig> config;
  const Node* name = nullptr;
  bool good = false;
  bool used = false;
};

struct BlockDraft {
  BlockConfig config;
  Position at;
  const Node* address = nullptr;
  const Node* port = nullptr;
  bool good = false;
};

struct Draft {
  DaemonConfig daemon;
  GarpConfig garp;
  std::vector<PortDraft> ports;
  std::vector<KeyringDraft> keyrings;
  std::vector<BlockDraft> blocks;
  std::vector<InstanceDraft> instances;
};

struct ReadContext {
  Faults& faults;
  const SecretReader& read_secret;
  std::string folder;  // of the configuration file, with its '/'; empty: the working directory
  std::vector<KeyringDraft>& keyrings;
};

DaemonConfig ReadDaemon(const Node& table, Faults& faults);
GarpConfig ReadGarp(const Node& table, Faults& faults);
PortDraft ReadPort(const Node& table, Faults& faults);
KeyringDraft ReadKeyring(const Node& table, const ReadContext& context);
BlockDraft ReadBlock(const Node& table, Faults& faults);
InstanceDraft ReadInstance(const Node& table, const ReadContext& context);
// Appends the template's instances, but never more than kMaxInstances in all. Nothing if the template is faulty.
void ReadTemplate(const Node& table, const ReadContext& context, std::vector<InstanceDraft>* instances);
AuthConfig ReadAuthentication(const Node& table, const TableRule& rule, const ReadContext& context);

// `name` as it is in the file; the result is null unless it is a good name.
const Node* ReadName(const TableReader& reader, std::string* name);

// What an [[instance]] and a [[template]] read alike: everything but name, segment, VRID, source and virtual addresses.
void ReadSharedKeys(const TableReader& reader, const TableRule& authentication, const ReadContext& context,
                    InstanceDraft* instance);
// Then, once it is known what family the source address is of (which must be good, as the version must) and whether a
// virtual address has a device: what of these keys do not go together, and the defaults that depend on others.
void FitSharedKeys(const TableReader& reader, Family family, bool has_device, InstanceDraft* instance);

// An entry of a list of virtual addresses, and which of the two lists it is of.
struct AddressEntry {
  absl::string_view key;
  const Node* node;
};
// Of virtual_addresses, then of excluded_addresses. Their number and types are checked.
std::vector<AddressEntry> VirtualAddressEntries(const TableReader& reader);
inline absl::string_view KeyOf(const VirtualAddress& address) {
  return address.excluded ? kExcludedAddresses : kVirtualAddresses;
}
bool CheckVlanDepth(const Node& list, Faults& faults);  // at most two tags

void CrossCheck(const Draft& draft, Faults& faults);
void CheckBlocks(const Draft& draft, Faults& faults);      // its part about [[block]]
void CheckPortLcores(const Draft& draft, Faults& faults);  // its part about [daemon] and [[port]]

}  // namespace dpvrrp::config_internal
