// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {
namespace {

bool ReadSourceAddress(const TableReader& reader, InstanceDraft* instance) {
  const Node* node = reader.Find("source_address");
  if (node == nullptr) return false;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(node->text());
  absl::string_view fault = kSourceAddressForm;
  if (address.ok()) {
    instance->config.source_address = *address;
    fault = HostAddressFault(*address);
    if (fault.empty() && instance->version_good) fault = SourceFault(instance->config.version, *address);
  }
  if (!fault.empty()) reader.Refuse("source_address", *node, fault);
  return fault.empty();
}

constexpr Choice<uint8_t> kScopes[] = {{"global", 0}, {"site", 200}, {"link", 253}, {"host", 254}};  // RT_SCOPE_*
constexpr uint8_t kHighestScope = 254;

void ReadLabel(const TableReader& entry, VirtualAddress* out) {
  const Node* label = entry.Find("label");
  if (label == nullptr) return;
  out->label = label->text();
  const std::string fault = LabelFault(out->label, out->device);
  if (!fault.empty()) entry.Refuse("label", *label, fault);
}

// Reads one entry: the address as a string, or a table that also names its device. Null: faulty, and that is reported.
const Node* ReadVirtualAddress(const TableReader& instance, const AddressEntry& entry, VirtualAddress* out) {
  const Node* text = entry.node;
  std::optional<TableReader> table;
  if (TypeOf(*entry.node) == kTable) {
    table.emplace(*entry.node, kVirtualAddressRule, instance.faults());
    text = table->Find("address");
    if (const Node* device = table->Find("device")) {
      out->device = device->text();
      const absl::string_view fault = InterfaceNameFault(out->device);
      if (!fault.empty()) table->Refuse("device", *device, fault);
    }
    ReadLabel(*table, out);
    ReadScope(*table, &out->scope);
    if (text == nullptr) return nullptr;
  }
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text->text());
  const bool well_formed = prefix.ok() && prefix->length > 0;
  const absl::string_view fault = well_formed ? HostAddressFault(prefix->address) : kVirtualAddressForm;
  if (!fault.empty()) {
    instance.Refuse(entry.key, *text, fault);
    return nullptr;
  }
  out->prefix = *prefix;
  if (table) CheckLabelFamily(*table, prefix->address.family());
  return text;
}

void ReadVirtualAddresses(const TableReader& reader, InstanceDraft* instance) {
  absl::flat_hash_map<IpAddress, const Node*> seen;
  for (const AddressEntry& entry : VirtualAddressEntries(reader)) {
    VirtualAddress address;
    address.excluded = entry.key == kExcludedAddresses;
    const Node* text = ReadVirtualAddress(reader, entry, &address);
    if (text != nullptr) {
      const auto [first, is_new] = seen.emplace(address.prefix.address, text);
      if (!is_new) reader.Refuse(entry.key, *text, absl::StrCat("is already given in line ", first->second->at.line));
    }
    instance->virtual_addresses.push_back(text);
    instance->config.virtual_addresses.push_back(std::move(address));
  }
}

// Checks the other keys against the source address, which is valid.
void CheckAgainstSource(const TableReader& reader, const InstanceDraft& instance) {
  const InstanceConfig& config = instance.config;
  const IpAddress& source = config.source_address;
  for (size_t i = 0; i < config.virtual_addresses.size(); ++i) {
    const VirtualAddress& address = config.virtual_addresses[i];
    if (instance.virtual_addresses[i] == nullptr) continue;
    absl::string_view fault = AddressFamilyFault(config, address);
    if (fault.empty() && i == 0) fault = FirstAddressFault(config.strict, address.prefix.address);
    if (!fault.empty()) reader.Refuse(KeyOf(address), *instance.virtual_addresses[i], fault);
  }
  for (size_t i = 0; i < config.unicast_peers.size(); ++i) {
    const absl::string_view fault = UnicastPeerFault(source, config.unicast_peers[i]);
    if (!fault.empty()) reader.Refuse("unicast_peers", *instance.unicast_peers[i], fault);
  }
  for (size_t i = 0; i < config.allowed_senders.size(); ++i) {
    const absl::string_view fault = AllowedSenderFault(source, config.allowed_senders[i]);
    if (!fault.empty()) reader.Refuse("allowed_senders", *instance.allowed_senders[i], fault);
  }
  const absl::string_view fault = instance.priority_good ? OwnerFault(config) : "";
  if (!fault.empty()) reader.Refuse("source_address", *reader.Find("source_address"), fault);
}

// IEEE 802.1Q 9.6. False: faulty, and that is reported.
bool ReadVlan(const TableReader& reader, VlanStack* vlan) {
  const Node* list = reader.Find("vlan");
  if (list == nullptr) return !reader.Has("vlan");
  if (!CheckVlanDepth(*list, reader.faults())) return false;
  const std::vector<const Node*> tags = reader.Items("vlan", kInteger, "a list of integers");
  bool good = tags.size() == list->items().size();
  for (size_t i = 0; i < tags.size(); ++i) {
    const int64_t vid = tags[i]->integer();
    if (vid < 1 || vid > kMaxVid) {
      reader.Refuse("vlan", *tags[i], absl::StrCat("must be 1..", kMaxVid, " (IEEE 802.1Q 9.6)"));
      good = false;
    } else {
      (i == 0 ? vlan->outer : vlan->inner) = static_cast<uint16_t>(vid);
    }
  }
  return good;
}

}  // namespace

std::vector<AddressEntry> VirtualAddressEntries(const TableReader& reader) {
  std::vector<AddressEntry> entries;
  size_t count = 0;
  const auto append = [&](absl::string_view key) {
    if (const Node* list = reader.Find(key)) count += list->items().size();
    for (const Node* entry : reader.Items(key, kAddressEntry, "a list of strings or tables")) {
      entries.push_back({key, entry});
    }
  };
  append(kVirtualAddresses);
  const Node* list = reader.Find(kVirtualAddresses);
  if (list != nullptr && (count == 0 || count > kMaxVirtualAddresses)) {
    reader.faults().Error(list->at, absl::StrCat("virtual_addresses: must be 1..", kMaxVirtualAddresses,
                                                 " addresses, got ", count, " (RFC 3768 5.3.5)"));
  }
  const size_t advertised = count;
  append(kExcludedAddresses);
  if (advertised <= kMaxVirtualAddresses && count > kMaxVirtualAddresses) {
    reader.faults().Error(reader.Find(kExcludedAddresses)->at,
                          absl::StrCat("excluded_addresses: must be at most ", kMaxVirtualAddresses,
                                       " together with virtual_addresses, got ", count));
  }
  return entries;
}

void ReadScope(const TableReader& entry, std::optional<uint8_t>* scope) {
  const Node* node = entry.Find("scope");
  if (node == nullptr) return;
  if (!entry.Has("device")) return entry.Refuse("scope", *node, "needs a device");
  if (TypeOf(*node) == kString) {
    *scope = entry.Choose("scope", kScopes);
  } else if (const auto number = entry.Integer("scope", {0, kHighestScope})) {
    *scope = static_cast<uint8_t>(*number);
  }
}

void CheckLabelFamily(const TableReader& entry, Family family) {
  if (family == Family::kIpv4) return;
  for (const absl::string_view key : {"label", "scope"}) {
    if (const Node* node = entry.Find(key)) {
      entry.Refuse(key, *node, "is for IPv4 addresses only, the kernel has none of IPv6");
    }
  }
}

bool CheckVlanDepth(const Node& list, Faults& faults) {
  if (list.items().size() <= 2) return true;
  faults.Error(list.at, absl::StrCat("vlan: must be at most two tags, outermost first, got ", list.items().size()));
  return false;
}

std::string TwinFor(const InstanceConfig& instance, const ReadContext& context) {
  if (instance.responder) return "";
  const auto& ports = context.ports;
  const auto port = std::find_if(ports.begin(), ports.end(),
                                 [&](const PortDraft& draft) { return draft.config.name == instance.port; });
  return port == ports.end() ? "" : port->config.twin;
}

InstanceDraft ReadInstance(const Node& table, const ReadContext& context) {
  const TableReader reader(table, kInstanceRule, context.faults);
  InstanceDraft instance;
  instance.table = &table;
  InstanceConfig& config = instance.config;
  ReadSharedKeys(reader, kAuthenticationRule, context, &instance);
  instance.name = ReadName(reader, &config.name);
  instance.segment_good = ReadVlan(reader, &config.vlan) && instance.port != nullptr;
  instance.segment = reader.Find("vlan") != nullptr ? reader.Find("vlan") : instance.port;
  if (const auto vrid = reader.Integer("vrid", {1, 255, " (RFC 3768 5.3.3)"})) {
    config.vrid = Vrid(static_cast<uint8_t>(*vrid));
    instance.vrid = reader.Find("vrid");
  }
  const bool source_good = ReadSourceAddress(reader, &instance);
  ReadVirtualAddresses(reader, &instance);
  if (config.vlan == VlanStack{}) {
    for (VirtualAddress& address : config.virtual_addresses) {
      if (address.device.empty()) address.device = TwinFor(config, context);
    }
  }
  ReadRouting(reader, &instance);
  if (source_good && instance.version_good) {
    CheckAgainstSource(reader, instance);
    const auto& addresses = config.virtual_addresses;
    const bool has_device = std::any_of(addresses.begin(), addresses.end(),
                                        [](const VirtualAddress& address) { return !address.device.empty(); });
    FitSharedKeys(reader, config.source_address.family(), has_device, &instance);
  }
  return instance;
}

}  // namespace dpvrrp::config_internal
