// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxInterfaceNameBytes = 15;  // Linux: IFNAMSIZ less the final zero

constexpr Choice<SourceMac> kSourceMacs[] = {{"port", SourceMac::kPort}, {"virtual", SourceMac::kVirtual}};

// What Linux takes for the name of a network interface.
bool IsInterfaceName(absl::string_view name) {
  const auto is_bad = [](char c) { return c == '/' || c == ':' || absl::ascii_isspace(c) || absl::ascii_iscntrl(c); };
  return !name.empty() && name.size() <= kMaxInterfaceNameBytes && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), is_bad);
}

// Could be a host's address on a LAN.
bool IsUnicast(const IpAddress& address) {
  if (address.IsUnspecified() || address.IsMulticast()) return false;
  return !address.is_v4() || (address.v4() != 0xffffffff && address.v4() >> 24 != 127);
}

// VRRPv2 is IPv4 only.
bool CheckAddress(const TableReader& reader, absl::string_view key, const Node& node, const IpAddress& address) {
  if (!address.is_v4()) {
    reader.Refuse(key, node, "must be IPv4, VRRPv2 knows nothing else (RFC 3768 1.2)");
    return false;
  }
  if (IsUnicast(address)) return true;
  reader.Refuse(key, node, "must be a unicast address");
  return false;
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
      if (!IsInterfaceName(out->device)) {
        table->Refuse("device", *device, "must be an interface name: 1..15 bytes without '/', ':' or white space");
      }
    }
    if (text == nullptr) return nullptr;
  }
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text->text());
  if (!prefix.ok() || prefix->length == 0) {
    instance.Refuse("virtual_addresses", *text, "must be an address and a prefix length 1..32, such as 10.99.0.100/24");
    return nullptr;
  }
  out->prefix = *prefix;
  return CheckAddress(instance, "virtual_addresses", *text, prefix->address) ? text : nullptr;
}

void ReadVirtualAddresses(const TableReader& reader, std::vector<VirtualAddress>* addresses) {
  const Node* list = reader.Find("virtual_addresses");
  if (list == nullptr) return;
  const size_t count = list->items().size();
  if (count == 0 || count > kMaxVirtualAddresses) {
    reader.faults().Error(list->at, absl::StrCat("virtual_addresses: must be 1..", kMaxVirtualAddresses,
                                                 " addresses, got ", count, " (RFC 3768 5.3.5)"));
  }
  absl::flat_hash_map<IpAddress, const Node*> seen;
  for (const Node* entry : reader.Items("virtual_addresses", kAddressEntry, "a list of strings or tables")) {
    VirtualAddress address;
    const Node* text = ReadVirtualAddress(reader, *entry, &address);
    if (text != nullptr) {
      const auto [first, is_new] = seen.emplace(address.prefix.address, text);
      if (!is_new) {
        reader.Refuse("virtual_addresses", *text, absl::StrCat("is there already, in line ", first->second->at.line));
      }
    }
    addresses->push_back(std::move(address));
  }
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

// Conformance V3-01: a virtual address speaks only when its owner does.
void CheckSourceIsReal(const TableReader& reader, const InstanceConfig& config) {
  if (config.priority == kPriorityOwner) return;
  const auto& addresses = config.virtual_addresses;
  if (std::none_of(addresses.begin(), addresses.end(),
                   [&](const VirtualAddress& a) { return a.prefix.address == config.source_address; })) {
    return;
  }
  reader.Refuse("source_address", *reader.Find("source_address"),
                "is a virtual address, which only the owner, priority 255, may send from (RFC 3768 5.2.1)");
}

}  // namespace

InstanceDraft ReadInstance(const Node& table, const ReadContext& context) {
  const TableReader reader(table, kInstanceRule, context.faults);
  InstanceDraft instance;
  InstanceConfig& config = instance.config;
  instance.name = ReadName(reader, &config.name);
  instance.port = reader.Find("port");
  if (instance.port != nullptr) config.port = instance.port->text();
  if (const Node* vlan = reader.Find("vlan"); vlan != nullptr && !vlan->items().empty()) {
    context.faults.Error(vlan->at, "vlan: 802.1Q segments are not supported yet, must be []");
  }
  ReadVersion(reader);
  if (const auto vrid = reader.Integer("vrid", {1, 255, " (RFC 3768 5.3.3)"})) {
    config.vrid = Vrid(static_cast<uint8_t>(*vrid));
    instance.vrid = reader.Find("vrid");
  }
  const bool priority_good = ReadPriority(reader, &config.priority);
  ReadInterval(reader, &config.advertisement_interval);
  if (const Node* preempt = reader.Find("preempt")) config.preempt = preempt->boolean();
  const bool source_good = ReadSourceAddress(reader, &config.source_address);
  if (const auto mac = reader.Choose("source_mac", kSourceMacs)) config.source_mac = *mac;
  ReadVirtualAddresses(reader, &config.virtual_addresses);
  if (priority_good && source_good) CheckSourceIsReal(reader, config);
  if (const Node* auth = reader.Find("authentication")) config.auth = ReadAuthentication(*auth, context);
  return instance;
}

}  // namespace dpvrrp::config_internal
