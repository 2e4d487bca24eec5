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

constexpr Choice<SourceMac> kSourceMacs[] = {{"port", SourceMac::kPort}, {"virtual", SourceMac::kVirtual}};

bool CheckAddress(const TableReader& reader, absl::string_view key, const Node& node, const IpAddress& address) {
  const absl::string_view fault = HostAddressFault(address);
  if (!fault.empty()) reader.Refuse(key, node, fault);
  return fault.empty();
}

bool ReadSourceAddress(const TableReader& reader, IpAddress* source) {
  const Node* node = reader.Find("source_address");
  if (node == nullptr) return false;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(node->text());
  if (!address.ok()) {
    reader.Refuse("source_address", *node, "must be an IPv4 address, without a prefix length");
    return false;
  }
  *source = *address;
  return CheckAddress(reader, "source_address", *node, *address);
}

// One entry: the address as a string, or a table that says where to program it too. Null: faulty and reported.
const Node* ReadVirtualAddress(const TableReader& instance, const Node& entry, VirtualAddress* out) {
  const Node* text = &entry;
  std::optional<TableReader> table;
  if (TypeOf(entry) == kTable) {
    table.emplace(entry, kVirtualAddressRule, instance.faults());
    text = table->Find("address");
    if (const Node* device = table->Find("device")) {
      out->device = device->text();
      const absl::string_view fault = InterfaceNameFault(out->device);
      if (!fault.empty()) table->Refuse("device", *device, fault);
    }
    if (text == nullptr) return nullptr;
  }
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text->text());
  if (!prefix.ok() || prefix->length == 0) {
    instance.Refuse("virtual_addresses", *text, kVirtualAddressForm);
    return nullptr;
  }
  out->prefix = *prefix;
  return CheckAddress(instance, "virtual_addresses", *text, prefix->address) ? text : nullptr;
}

void ReadVirtualAddresses(const TableReader& reader, InstanceDraft* instance) {
  absl::flat_hash_map<IpAddress, const Node*> seen;
  for (const Node* entry : VirtualAddressEntries(reader)) {
    VirtualAddress address;
    const Node* text = ReadVirtualAddress(reader, *entry, &address);
    if (text != nullptr) {
      const auto [first, is_new] = seen.emplace(address.prefix.address, text);
      if (!is_new) {
        reader.Refuse("virtual_addresses", *text, absl::StrCat("is there already, in line ", first->second->at.line));
      }
    }
    instance->virtual_addresses.push_back(text);
    instance->config.virtual_addresses.push_back(std::move(address));
  }
}

// IEEE 802.1Q 9.6. False: faulty and reported.
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

void ReadVersion(const TableReader& reader) {
  const Node* node = reader.Find("version");
  if (node == nullptr || node->integer() == 2) return;
  reader.Refuse("version", *node,
                node->integer() == 3 ? "VRRPv3 is not supported yet, must be 2" : "must be 2 (RFC 3768 5.3.1)");
}

// Conformance V2-07.
void ReadInterval(const TableReader& reader, Nanoseconds* interval) {
  const std::optional<Nanoseconds> given = reader.Duration("advertisement_interval");
  if (!given) return;
  *interval = *given;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*given);
  if (seconds != *given || seconds.count() < 1 || seconds.count() > 255) {
    reader.Refuse("advertisement_interval", *reader.Find("advertisement_interval"),
                  "must be 1..255 whole seconds (RFC 3768 5.3.7)");
  }
}

// Conformance V3-25: 0 is never configured.
bool ReadPriority(const TableReader& reader, Priority* priority) {
  const Node* node = reader.Find("priority");
  if (node == nullptr) return true;  // the default
  if (node->integer() == 0) {
    reader.Refuse("priority", *node, "0 is for release, must be 1..255 (RFC 3768 5.3.4)");
    return false;
  }
  const auto value = reader.Integer("priority", {1, 255, " (RFC 3768 5.3.4)"});
  if (value) *priority = Priority(static_cast<uint8_t>(*value));
  return value.has_value();
}

}  // namespace

std::vector<const Node*> VirtualAddressEntries(const TableReader& reader) {
  const Node* list = reader.Find("virtual_addresses");
  if (list == nullptr) return {};
  const size_t count = list->items().size();
  if (count == 0 || count > kMaxVirtualAddresses) {
    reader.faults().Error(list->at, absl::StrCat("virtual_addresses: must be 1..", kMaxVirtualAddresses,
                                                 " addresses, got ", count, " (RFC 3768 5.3.5)"));
  }
  return reader.Items("virtual_addresses", kAddressEntry, "a list of strings or tables");
}

bool CheckVlanDepth(const Node& list, Faults& faults) {
  if (list.items().size() <= 2) return true;
  faults.Error(list.at, absl::StrCat("vlan: must be at most two tags, outermost first, got ", list.items().size()));
  return false;
}

bool ReadSharedKeys(const TableReader& reader, const TableRule& authentication, const ReadContext& context,
                    InstanceDraft* instance) {
  InstanceConfig& config = instance->config;
  instance->port = reader.Find("port");
  if (instance->port != nullptr) config.port = instance->port->text();
  ReadVersion(reader);
  const bool priority_good = ReadPriority(reader, &config.priority);
  ReadInterval(reader, &config.advertisement_interval);
  if (const Node* preempt = reader.Find("preempt")) config.preempt = preempt->boolean();
  if (const auto mac = reader.Choose("source_mac", kSourceMacs)) config.source_mac = *mac;
  if (const Node* auth = reader.Find("authentication")) {
    config.auth = ReadAuthentication(*auth, authentication, context);
  }
  return priority_good;
}

InstanceDraft ReadInstance(const Node& table, const ReadContext& context) {
  const TableReader reader(table, kInstanceRule, context.faults);
  InstanceDraft instance;
  InstanceConfig& config = instance.config;
  const bool priority_good = ReadSharedKeys(reader, kAuthenticationRule, context, &instance);
  instance.name = ReadName(reader, &config.name);
  instance.segment_good = ReadVlan(reader, &config.vlan) && instance.port != nullptr;
  instance.segment = reader.Find("vlan") != nullptr ? reader.Find("vlan") : instance.port;
  if (const auto vrid = reader.Integer("vrid", {1, 255, " (RFC 3768 5.3.3)"})) {
    config.vrid = Vrid(static_cast<uint8_t>(*vrid));
    instance.vrid = reader.Find("vrid");
  }
  const bool source_good = ReadSourceAddress(reader, &config.source_address);
  ReadVirtualAddresses(reader, &instance);
  if (priority_good && source_good) {
    const absl::string_view fault = SourceFault(config);
    if (!fault.empty()) reader.Refuse("source_address", *reader.Find("source_address"), fault);
  }
  return instance;
}

}  // namespace dpvrrp::config_internal
