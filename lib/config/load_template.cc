// SPDX-License-Identifier: BSD-3-Clause
//
// Makes the instances of a [[template]]: one for each VLAN and VRID that it names. Names and devices are patterns, and
// addresses step with the numbers. The results must meet the rules of an [[instance]]. The first instance that breaks a
// rule ends the template.
#include <algorithm>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/count_text.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/number_set.h"

namespace dpvrrp::config_internal {
namespace {

// One instance of a template: the distances of its numbers from the first numbers of the file.
struct Point {
  VlanStack vlan;
  Vrid vrid;
  int64_t outer_distance = 0;
  int64_t inner_distance = 0;
  int64_t vrid_distance = 0;
};

// "eth0.{vlan}".
struct Pattern {
  const Node* at = nullptr;  // null: there is none
  bool fixed = true;         // no placeholder in it

  std::string Fill(const Point& point) const {
    if (fixed) return at->text();
    return absl::StrReplaceAll(at->text(), {{"{vlan}", ToString(point.vlan)},
                                            {"{outer}", absl::StrCat(point.vlan.outer)},
                                            {"{inner}", absl::StrCat(point.vlan.inner)},
                                            {"{vrid}", absl::StrCat(point.vrid.value())}});
  }
};

// An address as a number, of 32 bits or 128.
absl::uint128 NumberOf(const IpAddress& address) {
  if (address.is_v4()) return address.v4();
  absl::uint128 number = 0;
  for (const uint8_t byte : address.bytes()) number = number << 8 | byte;
  return number;
}

IpAddress AddressOf(Family family, absl::uint128 number) {
  if (family == Family::kIpv4) return IpAddress::V4(static_cast<uint32_t>(number));
  IpAddress::Bytes bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(number >> (120 - 8 * i));
  return IpAddress::V6(bytes);
}

// An address that steps. `first` is the address for the first VLAN and VRID.
struct SteppingAddress {
  absl::string_view key;     // for messages
  const Node* at = nullptr;  // the address
  IpPrefix first;
  absl::int128 per_vlan = 0, per_inner_vlan = 0, per_vrid = 0;  // below kStepBound
  Pattern device;
  Pattern label;
  std::optional<uint8_t> scope;

  // Nothing if the steps exceed the addresses of the family.
  std::optional<IpAddress> At(const Point& point, bool with_vrid) const {
    const absl::int128 way = point.outer_distance * per_vlan + point.inner_distance * per_inner_vlan +
                             (with_vrid ? point.vrid_distance * per_vrid : 0);
    const absl::uint128 from = NumberOf(first.address);
    const absl::uint128 last = first.address.is_v4() ? absl::uint128(0xffffffff) : absl::Uint128Max();
    const absl::uint128 distance(way < 0 ? -way : way);
    if (distance > (way < 0 ? from : last - from)) return std::nullopt;
    return AddressOf(first.address.family(), way < 0 ? from - distance : from + distance);
  }
};
// The sum of three steps, each times a distance of VLANs or VRIDs, stays far below 2^127.
constexpr absl::int128 kStepBound = absl::int128(1) << 112;

// Whether the first `length` bits of both are equal.
bool InOneSubnet(const IpAddress& a, const IpAddress& b, uint8_t length) {
  const int host_bits = (a.is_v4() ? 32 : 128) - length;
  return host_bits == 0 || (NumberOf(a) >> host_bits) == (NumberOf(b) >> host_bits);
}

struct Template {
  InstanceDraft prototype;  // what all its instances share
  Pattern name;
  std::vector<uint16_t> outer{0};  // 0: no tag
  std::vector<uint16_t> inner{0};
  std::vector<uint16_t> vrids;
  SteppingAddress source;
  std::vector<SteppingAddress> virtual_addresses;
  std::vector<Pattern> tracks;  // the names of the prototype's tracks
  std::vector<Pattern> route_devices;
  std::vector<Pattern> rule_interfaces;

  size_t tags() const { return inner.front() != 0 ? 2 : outer.front() != 0 ? 1 : 0; }
};

// An integer or "100-163,200".
std::vector<uint16_t> ReadNumbers(const TableReader& reader, absl::string_view key, const Node& node, uint16_t high) {
  const std::string text = TypeOf(node) == kString ? node.text() : absl::StrCat(node.integer());
  absl::StatusOr<std::vector<uint16_t>> numbers = ParseNumberSet(text, 1, high);
  if (numbers.ok()) return *std::move(numbers);
  reader.Refuse(key, node, numbers.status().message());
  return {};
}

// False: faulty, and that is reported. The number of tags is then unknown.
bool ReadVlans(const TableReader& reader, Template* out) {
  const Node* list = reader.Find("vlan");
  if (list == nullptr) return !reader.Has("vlan");
  if (!CheckVlanDepth(*list, reader.faults())) return false;
  const auto tags = reader.Items("vlan", kNumbers, "a list of integers and ranges");
  for (size_t i = 0; i < tags.size(); ++i) {
    (i == 0 ? out->outer : out->inner) = ReadNumbers(reader, "vlan", *tags[i], kMaxVid);
  }
  return tags.size() == list->items().size() && !out->outer.empty() && !out->inner.empty();
}

// Checks that the placeholders exist, and that they are valid with this number of tags.
Pattern ReadPattern(const TableReader& reader, absl::string_view key, const Node* at, size_t tags) {
  Pattern pattern{at, true};
  if (at == nullptr) return pattern;
  const absl::string_view text = pattern.at->text();
  for (size_t open = text.find('{'); open != absl::string_view::npos; open = text.find('{', open + 1)) {
    const absl::string_view word = text.substr(open, text.find('}', open) - open + 1);
    const size_t needs = word == "{inner}" ? 2 : word == "{vlan}" || word == "{outer}" ? 1 : 0;
    if (needs == 0 && word != "{vrid}") {
      reader.Refuse(key, *pattern.at,
                    absl::StrCat("the placeholders are {vlan}, {outer}, {inner} and {vrid}, got ", Quoted(word)));
      break;
    }
    if (needs > tags) {
      reader.Refuse(key, *pattern.at, absl::StrCat(word, " needs ", needs, needs == 1 ? " tag" : " tags", " in vlan"));
      break;
    }
    pattern.fixed = false;
  }
  return pattern;
}

absl::int128 ReadStep(const TableReader& table, absl::string_view key, Family family, bool means_something) {
  const Node* node = table.Find(key);
  if (node == nullptr) return 0;
  const absl::StatusOr<IpAddress> step = ParseIpAddress(node->text());
  if (!step.ok() || step->family() != family) {
    table.Refuse(key, *node,
                 family == Family::kIpv4 ? "must be a step written as an IPv4 address, such as 0.0.1.0"
                                         : "must be a step written as an IPv6 address, such as 0:0:0:1::");
    return 0;
  }
  const absl::int128 distance(NumberOf(*step));
  if (distance < 0 || distance >= kStepBound) {
    table.Refuse(key, *node, "must be less than 1::");
    return 0;
  }
  if (!means_something) table.Refuse(key, *node, "vlan has no such tag");
  return distance;
}

// The fault of the first instance's address. The others are checked when they are made.
absl::string_view FormFault(absl::string_view text, bool is_source, const absl::StatusOr<IpPrefix>& prefix) {
  if (!is_source) return prefix.ok() && prefix->length > 0 ? "" : kVirtualAddressForm;
  return prefix.ok() && text.find('/') == absl::string_view::npos ? "" : kSourceAddressForm;
}

// A plain string is the same address for all instances.
SteppingAddress ReadAddress(const TableReader& reader, const AddressEntry& entry, size_t tags) {
  const bool is_source = entry.key == "source_address";
  SteppingAddress address;
  address.key = entry.key;
  address.at = entry.node;
  std::optional<TableReader> table;
  if (TypeOf(*entry.node) == kTable) {
    table.emplace(*entry.node, kTemplateAddressRule, reader.faults());
    address.at = table->Find("address");
    address.device = ReadPattern(*table, "device", table->Find("device"), tags);
    address.label = ReadPattern(*table, "label", table->Find("label"), tags);
    for (const absl::string_view key : {"device", "label", "scope"}) {
      const Node* node = is_source ? table->Find(key) : nullptr;
      if (node != nullptr) table->Refuse(key, *node, "is not allowed for source_address");
    }
    if (!is_source) ReadScope(*table, &address.scope);
    if (address.at == nullptr) return address;
  }
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(address.at->text());
  const absl::string_view fault = FormFault(address.at->text(), is_source, prefix);
  if (!fault.empty()) {
    reader.Refuse(entry.key, *address.at, fault);
    return address;
  }
  address.first = *prefix;
  if (!table) return address;
  const Family family = prefix->address.family();
  if (!is_source) CheckLabelFamily(*table, family);
  address.per_vlan = ReadStep(*table, "per_vlan", family, tags > 0);
  address.per_inner_vlan = ReadStep(*table, "per_inner_vlan", family, tags > 1);
  address.per_vrid = ReadStep(*table, "per_vrid", family, true);
  return address;
}

Template ReadKeys(const TableReader& reader, const ReadContext& context) {
  Template out;
  InstanceDraft& prototype = out.prototype;
  ReadSharedKeys(reader, kTemplateAuthenticationRule, context, &prototype);
  const bool tags_known = ReadVlans(reader, &out);
  if (const Node* vrid = reader.Find("vrid")) out.vrids = ReadNumbers(reader, "vrid", *vrid, 255);
  if (!tags_known) return out;
  out.name = ReadPattern(reader, "name", reader.Find("name"), out.tags());
  for (const Node* name : prototype.tracks) out.tracks.push_back(ReadPattern(reader, "track", name, out.tags()));
  ReadRouting(reader, true, &prototype);
  for (const RoutingNodes& route : prototype.virtual_routes) {
    out.route_devices.push_back(ReadPattern(reader, "device", route.device, out.tags()));
  }
  for (const RoutingNodes& rule : prototype.virtual_rules) {
    out.rule_interfaces.push_back(ReadPattern(reader, "iif", rule.device, out.tags()));
  }
  if (const Node* source = reader.Find("source_address")) {
    out.source = ReadAddress(reader, {"source_address", source}, out.tags());
  }
  bool has_device = false;
  for (const AddressEntry& entry : VirtualAddressEntries(reader)) {
    out.virtual_addresses.push_back(ReadAddress(reader, entry, out.tags()));
    has_device = has_device || out.virtual_addresses.back().device.at != nullptr;
  }
  const IpAddress& source = out.source.first.address;
  if (prototype.version_good && !source.IsUnspecified()) {
    const absl::string_view fault = SourceFault(prototype.config.version, source);
    if (!fault.empty()) reader.Refuse("source_address", *out.source.at, fault);
    if (fault.empty()) FitSharedKeys(reader, source.family(), has_device, &prototype);
  }
  prototype.generated = true;
  prototype.name = out.name.at;
  prototype.segment = reader.Find("vlan") != nullptr ? reader.Find("vlan") : prototype.port;
  prototype.segment_good = prototype.port != nullptr;
  prototype.vrid = reader.Find("vrid");
  for (const SteppingAddress& address : out.virtual_addresses) prototype.virtual_addresses.push_back(address.at);
  return out;
}

// Makes one instance and reports its faults.
class Maker {
 public:
  Maker(const Template& from, const Point& point, Faults& faults)
      : from_(from), point_(point), faults_(faults), draft_(from.prototype) {}

  // False: faulty, and that is reported.
  bool Make() {
    InstanceConfig& config = draft_.config;
    config.name = from_.name.Fill(point_);
    config.vlan = point_.vlan;
    config.vrid = point_.vrid;
    Check("name", *from_.name.at, config.name, NameFault(config.name));
    config.source_address = PlaceOf(from_.source).address;
    Check("source_address", *from_.source.at, ToString(config.source_address),
          SourceFault(config.version, config.source_address));
    for (const SteppingAddress& from : from_.virtual_addresses) MakeVirtualAddress(from);
    MakeRouting();
    for (size_t i = 0; i < from_.tracks.size(); ++i) {
      if (!from_.tracks[i].fixed) config.tracks[i].track = from_.tracks[i].Fill(point_);
    }
    for (size_t i = 0; i < config.unicast_peers.size(); ++i) {
      const UnicastPeer& peer = config.unicast_peers[i];
      Check("unicast_peers", *draft_.unicast_peers[i], ToString(peer.address),
            UnicastPeerFault(config.source_address, peer));
    }
    for (size_t i = 0; i < config.allowed_senders.size(); ++i) {
      const IpAddress& sender = config.allowed_senders[i];
      Check("allowed_senders", *draft_.allowed_senders[i], ToString(sender),
            AllowedSenderFault(config.source_address, sender));
    }
    if (good_) Check("source_address", *from_.source.at, ToString(config.source_address), OwnerFault(config));
    return good_;
  }

  InstanceDraft Take() { return std::move(draft_); }

 private:
  void Check(absl::string_view key, const Node& node, absl::string_view value, absl::string_view fault) {
    if (fault.empty()) return;
    good_ = false;
    faults_.Error(node.at,
                  absl::StrCat("instance ", Quoted(draft_.config.name), ": ", key, " ", Quoted(value), ": ", fault));
  }

  void MakeVirtualAddress(const SteppingAddress& from) {
    std::vector<VirtualAddress>& made = draft_.config.virtual_addresses;
    VirtualAddress address{PlaceOf(from), "", from.key == kExcludedAddresses};
    const IpAddress& ip = address.prefix.address;
    const std::string text = ToString(address.prefix);
    if (from.device.at != nullptr) {
      address.device = from.device.Fill(point_);
      Check("device", *from.device.at, address.device, InterfaceNameFault(address.device));
    }
    address.scope = from.scope;
    if (from.label.at != nullptr) {
      address.label = from.label.Fill(point_);
      Check("label", *from.label.at, address.label, LabelFault(address.label, address.device));
    }
    const absl::string_view fault = FamilyFault(draft_.config.source_address, ip);
    Check(from.key, *from.at, text, fault.empty() && made.empty() ? FirstAddressFault(ip) : fault);
    if (std::any_of(made.begin(), made.end(),
                    [&](const VirtualAddress& other) { return other.prefix.address == ip; })) {
      Check(from.key, *from.at, text, "is already in the list");
    }
    made.push_back(std::move(address));
  }

  void MakeRouting() {
    const auto fill = [&](absl::string_view key, const Pattern& pattern, std::string* device) {
      if (pattern.at == nullptr) return;
      *device = pattern.Fill(point_);
      Check(key, *pattern.at, *device, InterfaceNameFault(*device));
    };
    InstanceConfig& config = draft_.config;
    for (size_t i = 0; i < from_.route_devices.size(); ++i) {
      fill("device", from_.route_devices[i], &config.virtual_routes[i].device);
    }
    for (size_t i = 0; i < from_.rule_interfaces.size(); ++i) {
      fill("iif", from_.rule_interfaces[i], &config.virtual_rules[i].iif);
    }
  }

  // The address after the steps.
  IpPrefix PlaceOf(const SteppingAddress& from) {
    const std::optional<IpAddress> address = from.At(point_, true);
    if (!address) {
      Check(from.key, *from.at, from.at->text(),
            from.first.address.is_v4() ? "its steps exceed the range of IPv4 addresses"
                                       : "its steps exceed the range of IPv6 addresses");
      return from.first;
    }
    const IpPrefix prefix{*address, from.first.length};
    const std::string text = from.key == "source_address" ? ToString(prefix.address) : ToString(prefix);
    Check(from.key, *from.at, text, HostAddressFault(prefix.address));
    // Otherwise an address could be in another VLAN's subnet, if there are too many VRIDs for the prefix length.
    const std::optional<IpAddress> of_first_vrid = from.At(point_, false);
    if (!of_first_vrid || !InOneSubnet(*address, *of_first_vrid, prefix.length)) {
      Check(from.key, *from.at, text, "per_vrid leaves the subnet of the first VRID's address");
    }
    return prefix;
  }

  const Template& from_;
  const Point& point_;
  Faults& faults_;
  InstanceDraft draft_;
  bool good_ = true;
};

void Expand(const Template& from, Faults& faults, std::vector<InstanceDraft>* instances) {
  instances->reserve(instances->size() + from.outer.size() * from.inner.size() * from.vrids.size());
  for (const uint16_t outer : from.outer) {
    for (const uint16_t inner : from.inner) {
      for (const uint16_t vrid : from.vrids) {
        const Point point{{outer, inner},
                          Vrid(static_cast<uint8_t>(vrid)),
                          outer - from.outer.front(),
                          inner - from.inner.front(),
                          vrid - from.vrids.front()};
        Maker maker(from, point, faults);
        if (!maker.Make()) return;
        instances->push_back(maker.Take());
      }
    }
  }
}

}  // namespace

void ReadTemplate(const Node& table, const ReadContext& context, std::vector<InstanceDraft>* instances) {
  const size_t errors = context.faults.errors();
  const TableReader reader(table, kTemplateRule, context.faults);
  Template from = ReadKeys(reader, context);
  from.prototype.table = &table;
  if (context.faults.errors() != errors) return;
  const size_t count = from.outer.size() * from.inner.size() * from.vrids.size();
  if (instances->size() + count > kMaxInstances) {
    context.faults.Error(table.at,
                         absl::StrCat("template: makes ", CountText(count, "instance"), " beside ", instances->size(),
                                      " others, at most ", kMaxInstances, " are supported"));
    return;
  }
  Expand(from, context.faults, instances);
}

}  // namespace dpvrrp::config_internal
