// SPDX-License-Identifier: BSD-3-Clause
//
// A [[template]] into its instances: one for each VLAN and VRID it names. Names and devices are patterns, addresses
// step with the numbers; what comes out is held to the rules of an [[instance]], and the first instance that breaks one
// ends the template.
#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/number_set.h"

namespace dpvrrp::config_internal {
namespace {

// One instance of a template, and how far its numbers are from the first ones written.
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

// An address that steps: `first` belongs to the first VLAN and VRID.
struct SteppingAddress {
  absl::string_view key;     // for messages
  const Node* at = nullptr;  // the address
  IpPrefix first;
  uint32_t per_vlan = 0, per_inner_vlan = 0, per_vrid = 0;
  Pattern device;

  int64_t ValueAt(const Point& point, bool with_vrid) const {
    return int64_t{first.address.v4()} + point.outer_distance * per_vlan + point.inner_distance * per_inner_vlan +
           (with_vrid ? point.vrid_distance * per_vrid : 0);
  }
};

struct Template {
  InstanceDraft prototype;  // what all its instances have alike
  bool priority_good = false;
  Pattern name;
  std::vector<uint16_t> outer{0};  // 0: no tag
  std::vector<uint16_t> inner{0};
  std::vector<uint16_t> vrids;
  SteppingAddress source;
  std::vector<SteppingAddress> virtual_addresses;

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

// False: faulty and reported, and how many tags there are is not known.
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

// Placeholders are known and mean something with so many tags.
Pattern ReadPattern(const TableReader& reader, absl::string_view key, size_t tags) {
  Pattern pattern{reader.Find(key), true};
  if (pattern.at == nullptr) return pattern;
  const absl::string_view text = pattern.at->text();
  for (size_t open = text.find('{'); open != absl::string_view::npos; open = text.find('{', open + 1)) {
    const absl::string_view word = text.substr(open, text.find('}', open) - open + 1);
    const size_t needs = word == "{inner}" ? 2 : word == "{vlan}" || word == "{outer}" ? 1 : 0;
    if (needs == 0 && word != "{vrid}") {
      reader.Refuse(key, *pattern.at,
                    absl::StrCat("knows only {vlan}, {outer}, {inner} and {vrid}, got ", Quoted(word)));
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

uint32_t ReadStep(const TableReader& table, absl::string_view key, bool means_something) {
  const Node* node = table.Find(key);
  if (node == nullptr) return 0;
  const absl::StatusOr<IpAddress> step = ParseIpAddress(node->text());
  if (!step.ok() || !step->is_v4()) {
    table.Refuse(key, *node, "must be a distance written as an IPv4 address, such as 0.0.1.0");
    return 0;
  }
  if (!means_something) table.Refuse(key, *node, "there is no such tag in vlan");
  return step->v4();
}

// A plain string is the same for all instances.
SteppingAddress ReadAddress(const TableReader& reader, absl::string_view key, const Node& entry, size_t tags) {
  const bool is_source = key == "source_address";
  SteppingAddress address;
  address.key = key;
  address.at = &entry;
  if (TypeOf(entry) == kTable) {
    const TableReader table(entry, kTemplateAddressRule, reader.faults());
    address.at = table.Find("address");
    address.per_vlan = ReadStep(table, "per_vlan", tags > 0);
    address.per_inner_vlan = ReadStep(table, "per_inner_vlan", tags > 1);
    address.per_vrid = ReadStep(table, "per_vrid", true);
    address.device = ReadPattern(table, "device", tags);
    if (is_source && address.device.at != nullptr) {
      table.Refuse("device", *address.device.at, "means nothing for source_address");
    }
    if (address.at == nullptr) return address;
  }
  const std::string& text = address.at->text();
  const bool has_length = text.find('/') != std::string::npos;
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text);
  if (is_source && (!prefix.ok() || has_length)) {
    reader.Refuse(key, *address.at, "must be an IPv4 address, without a prefix length");
  } else if (!prefix.ok() || prefix->length == 0) {
    reader.Refuse(key, *address.at, kVirtualAddressForm);
  } else if (!prefix->address.is_v4()) {
    reader.Refuse(key, *address.at, HostAddressFault(prefix->address));
  } else {
    address.first = *prefix;
  }
  return address;
}

Template ReadKeys(const TableReader& reader, const ReadContext& context) {
  Template out;
  InstanceDraft& prototype = out.prototype;
  out.priority_good = ReadSharedKeys(reader, kTemplateAuthenticationRule, context, &prototype);
  const bool tags_known = ReadVlans(reader, &out);
  if (const Node* vrid = reader.Find("vrid")) out.vrids = ReadNumbers(reader, "vrid", *vrid, 255);
  if (!tags_known) return out;
  out.name = ReadPattern(reader, "name", out.tags());
  if (const Node* source = reader.Find("source_address")) {
    out.source = ReadAddress(reader, "source_address", *source, out.tags());
  }
  for (const Node* entry : VirtualAddressEntries(reader)) {
    out.virtual_addresses.push_back(ReadAddress(reader, "virtual_addresses", *entry, out.tags()));
  }
  prototype.generated = true;
  prototype.name = out.name.at;
  prototype.segment = reader.Find("vlan") != nullptr ? reader.Find("vlan") : prototype.port;
  prototype.segment_good = prototype.port != nullptr;
  prototype.vrid = reader.Find("vrid");
  for (const SteppingAddress& address : out.virtual_addresses) prototype.virtual_addresses.push_back(address.at);
  return out;
}

// Makes one instance and says what is wrong with it.
class Maker {
 public:
  Maker(const Template& from, const Point& point, Faults& faults)
      : from_(from), point_(point), faults_(faults), draft_(from.prototype) {}

  // False: faulty and reported.
  bool Make() {
    InstanceConfig& config = draft_.config;
    config.name = from_.name.Fill(point_);
    config.vlan = point_.vlan;
    config.vrid = point_.vrid;
    Check("name", *from_.name.at, config.name, NameFault(config.name));
    config.source_address = AddressOf(from_.source).address;
    for (const SteppingAddress& from : from_.virtual_addresses) {
      VirtualAddress address{AddressOf(from), ""};
      if (from.device.at != nullptr) {
        address.device = from.device.Fill(point_);
        Check("device", *from.device.at, address.device, InterfaceNameFault(address.device));
      }
      CheckIsNew(from, address.prefix);
      config.virtual_addresses.push_back(std::move(address));
    }
    if (from_.priority_good && good_) {
      Check("source_address", *from_.source.at, ToString(config.source_address), SourceFault(config));
    }
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

  IpPrefix AddressOf(const SteppingAddress& from) {
    const int64_t value = from.ValueAt(point_, true);
    if (value < 0 || value > std::numeric_limits<uint32_t>::max()) {
      Check(from.key, *from.at, from.at->text(), "its steps lead out of the IPv4 addresses");
      return from.first;
    }
    const IpPrefix prefix{IpAddress::V4(static_cast<uint32_t>(value)), from.first.length};
    const std::string text = from.key == "source_address" ? ToString(prefix.address) : ToString(prefix);
    Check(from.key, *from.at, text, HostAddressFault(prefix.address));
    // Else an address would be on another VLAN's subnet: too many VRIDs for the prefix length.
    const int64_t subnet_bytes = int64_t{1} << (32 - prefix.length);
    if (prefix.length < 32 && value / subnet_bytes != from.ValueAt(point_, false) / subnet_bytes) {
      Check(from.key, *from.at, text, "per_vrid leads out of the subnet that the first VRID's address is in");
    }
    return prefix;
  }

  void CheckIsNew(const SteppingAddress& from, const IpPrefix& prefix) {
    const auto& others = draft_.config.virtual_addresses;
    if (std::any_of(others.begin(), others.end(),
                    [&](const VirtualAddress& other) { return other.prefix.address == prefix.address; })) {
      Check(from.key, *from.at, ToString(prefix), "is there already");
    }
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
  const Template from = ReadKeys(reader, context);
  if (context.faults.errors() != errors) return;
  const size_t count = from.outer.size() * from.inner.size() * from.vrids.size();
  if (instances->size() + count > kMaxInstances) {
    context.faults.Error(table.at, absl::StrCat("template: makes ", count, " instances beside ", instances->size(),
                                                " others, at most ", kMaxInstances, " are supported"));
    return;
  }
  Expand(from, context.faults, instances);
}

}  // namespace dpvrrp::config_internal
