// SPDX-License-Identifier: BSD-3-Clause
//
// The steps of LoadConfig. Each table is read by itself into a draft, and a [[template]] into many drafts. Then the
// drafts are checked against each other.
//
// Thread: control.
#pragma once

#include <string>
#include <vector>

#include "config/document.h"
#include "config/faults.h"
#include "config/host_facts.h"
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

// A draft points at the values that the cross-checks report. Null: the value is absent, or it is faulty and already
// reported.
struct PortDraft {
  PortConfig config;
  const Node* name = nullptr;
  const Node* device = nullptr;
  const Node* lcores = nullptr;
  const Node* twin = nullptr;
};

// A route or a rule. Null: faulty and reported.
struct RoutingNodes {
  const Node* at = nullptr;      // what a message is about
  const Node* device = nullptr;  // `device` or `iif`; also null if there is none
};

struct InstanceDraft {
  InstanceConfig config;
  const Node* table = nullptr;  // the [[instance]] or [[template]]
  const Node* name = nullptr;
  const Node* port = nullptr;
  const Node* segment = nullptr;  // the VLANs if given, otherwise the port
  bool segment_good = false;
  const Node* vrid = nullptr;
  bool version_good = false;
  bool priority_good = false;
  std::vector<const Node*> virtual_addresses;  // one for each of config's
  std::vector<const Node*> unicast_peers;      // one for each of config's
  std::vector<const Node*> allowed_senders;    // likewise
  std::vector<const Node*> tracks;             // likewise
  std::vector<RoutingNodes> virtual_routes;    // likewise
  std::vector<RoutingNodes> virtual_rules;     // likewise
  // Made by a [[template]], and the nodes are the template's. Messages must therefore name the instance, and a fault
  // that thousands of instances share is reported once.
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

struct TrackDraft {
  TrackConfig config;
  Position at;
  const Node* name = nullptr;
  const Node* command = nullptr;
  const Node* interface = nullptr;
  const Node* user = nullptr;
  const Node* port = nullptr;
  const Node* instance = nullptr;
};

struct GroupDraft {
  GroupConfig config;
  Position at;
  const Node* name = nullptr;
  const Node* leader = nullptr;
  const Node* pattern = nullptr;
  std::vector<const Node*> members;  // one for each of config's; empty with a pattern
  std::vector<const Node*> tracks;   // one for each of config's
};

// A program that the file names.
struct CommandDraft {
  absl::string_view key;
  const Node* at;       // the string or the list
  std::string program;  // its path
};

struct Draft {
  DaemonConfig daemon;
  const Node* daemon_table = nullptr;  // null: there is none
  GarpConfig garp;
  MetricsConfig metrics;
  std::vector<PortDraft> ports;
  std::vector<KeyringDraft> keyrings;
  std::vector<BlockDraft> blocks;
  std::vector<InstanceDraft> instances;
  bool instances_complete = true;  // false: a template is faulty, so the names of its instances are not known
  ScriptsConfig scripts;
  const Node* scripts_table = nullptr;  // null: there is none
  std::vector<TrackDraft> tracks;
  std::vector<GroupDraft> groups;
  std::vector<CommandDraft> commands;  // of all tables
};

struct ReadContext {
  Faults& faults;
  const SecretReader& read_secret;
  std::string folder;                   // of the configuration file, with its '/'; empty: the working directory
  const std::vector<PortDraft>& ports;  // read before the instances
  std::vector<KeyringDraft>& keyrings;
  std::vector<CommandDraft>& commands;
};

DaemonConfig ReadDaemon(const Node& table, Faults& faults);
GarpConfig ReadGarp(const Node& table, Faults& faults);
MetricsConfig ReadMetrics(const Node& table, const DaemonConfig& daemon, Faults& faults);
PortDraft ReadPort(const Node& table, Faults& faults);
KeyringDraft ReadKeyring(const Node& table, const ReadContext& context);
BlockDraft ReadBlock(const Node& table, Faults& faults);
ScriptsConfig ReadScripts(const Node& table, const ReadContext& context);
TrackDraft ReadTrack(const Node& table, const ReadContext& context);
// Its members are not yet checked, and those of a pattern not yet known.
GroupDraft ReadGroup(const Node& table, const ReadContext& context);
InstanceDraft ReadInstance(const Node& table, const ReadContext& context);
// The twin of the instance's port, for addresses without a device. Empty: the port has none, or the instance has the
// responder, which answers for such addresses. The twin is the untagged segment, so it is not for instances with tags.
std::string TwinFor(const InstanceConfig& instance, const ReadContext& context);
// Appends the template's instances, but never more than kMaxInstances in all. Nothing if the template is faulty.
void ReadTemplate(const Node& table, const ReadContext& context, std::vector<InstanceDraft>* instances);
AuthConfig ReadAuthentication(const Node& table, const TableRule& rule, const ReadContext& context);

// `name` as it is in the file. The result is null unless the name is valid.
const Node* ReadName(const TableReader& reader, std::string* name);

// Reads values that several tables have. A fault is reported.
void ReadPath(const TableReader& reader, absl::string_view key, size_t max_bytes, std::string* path);
void ReadAccount(const TableReader& reader, absl::string_view key, std::string* name);
void ReadDelay(const TableReader& reader, absl::string_view key, Nanoseconds longest, Nanoseconds* value);
inline constexpr size_t kMaxSocketPathBytes = 107;  // sockaddr_un's sun_path holds 108 with its final zero
inline constexpr size_t kMaxPathBytes = 4095;       // Linux: PATH_MAX less the final zero

// A time between two runs of a program, or of one run: at most an hour.
void ReadProgramTime(const TableReader& reader, absl::string_view key, Nanoseconds shortest, Nanoseconds* time);
inline constexpr Nanoseconds kShortestTimeout = std::chrono::milliseconds(10);

// A program's path and its arguments. Empty: absent, or faulty and reported.
std::vector<std::string> ReadCommand(const TableReader& reader, absl::string_view key, const ReadContext& context);
Shared<NotifyConfig> ReadNotify(const TableReader& reader, const ReadContext& context);

// Reads `track` of an instance, template or group. `nodes` gets the place of each name.
void ReadTrackUses(const TableReader& reader, std::vector<TrackUse>* uses, std::vector<const Node*>* nodes);
inline constexpr size_t kMaxTrackUses = 64;

// Reads virtual_routes and virtual_rules of an [[instance]].
void ReadRouting(const TableReader& reader, InstanceDraft* instance);
inline constexpr size_t kMaxVirtualRoutes = 255;  // of an instance; rules too

// Reads the keys that an [[instance]] and a [[template]] share: all but name, segment, VRID, source, virtual
// addresses, routes and rules.
void ReadSharedKeys(const TableReader& reader, const TableRule& authentication, const ReadContext& context,
                    InstanceDraft* instance);
// Call this after ReadSharedKeys(), when the family of the source address and whether a virtual address has a device
// are known. The source address and the version must be good. Reports keys that cannot be combined, and sets the
// defaults that depend on other keys.
void FitSharedKeys(const TableReader& reader, Family family, bool has_device, InstanceDraft* instance);

// An entry of a list of virtual addresses, with the key of its list.
struct AddressEntry {
  absl::string_view key;
  const Node* node;
};
// The entries of virtual_addresses, then of excluded_addresses. Their number and types have been checked.
std::vector<AddressEntry> VirtualAddressEntries(const TableReader& reader);
inline absl::string_view KeyOf(const VirtualAddress& address) {
  return address.excluded ? kExcludedAddresses : kVirtualAddresses;
}
// Reads `scope` of an entry.
void ReadScope(const TableReader& entry, std::optional<uint8_t>* scope);
// Reports label and scope of an IPv6 address.
void CheckLabelFamily(const TableReader& entry, Family family);
bool CheckVlanDepth(const Node& list, Faults& faults);  // at most two tags

// Sets the members of groups with a pattern. All instances are read.
void FillGroups(Draft& draft);

void CrossCheck(const Draft& draft, Faults& faults);
// These require a draft without faults.
void Advise(const Draft& draft, Faults& faults);  // warns about legal settings that are probably not intended
void CheckHost(const Draft& draft, const HostFacts& facts, Faults& faults);
void CheckBlocks(const Draft& draft, Faults& faults);      // its part about [[block]]
void CheckPortLcores(const Draft& draft, Faults& faults);  // its part about [daemon] and [[port]]
void CheckTracks(const Draft& draft, Faults& faults);      // its part about [[track]]
void CheckTrackCycles(const Draft& draft, Faults& faults);
void CheckGroups(const Draft& draft, Faults& faults);   // its part about [[group]]
void CheckRouting(const Draft& draft, Faults& faults);  // its part about routes and rules
void AdviseTracks(const Draft& draft, Faults& faults);  // Advise's part about [[track]] and [[group]]
// CheckHost's part about programs and tracked interfaces.
void CheckPrograms(const Draft& draft, const HostFacts& facts, Faults& faults);

}  // namespace dpvrrp::config_internal
