// SPDX-License-Identifier: BSD-3-Clause
//
// Makes the instances of a [[template]]: one for each VLAN and VRID that it names. Names and devices are patterns, and
// addresses step with the numbers. The results must meet the rules of an [[instance]]. The first instance that breaks a
// rule ends the template.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/number_set.h"
#include "config/stepping_address.h"
#include "config/subnet.h"
#include "config/template_pattern.h"
#include "config/template_routing.h"

namespace dpvrrp::config_internal {
namespace {

// An entry of virtual_addresses or excluded_addresses.
struct TemplateAddress {
  SteppingAddress address;
  TemplatePattern device;
  TemplatePattern label;
  std::optional<uint8_t> scope;
};

struct Template {
  InstanceDraft prototype;  // what all its instances share
  TemplatePattern name;
  std::vector<uint16_t> outer{0};  // 0: no tag
  std::vector<uint16_t> inner{0};
  std::vector<uint16_t> vrids;
  SteppingAddress source;
  std::vector<TemplateAddress> virtual_addresses;
  std::string twin;                     // TwinFor()
  std::vector<TemplatePattern> tracks;  // the names of the prototype's tracks
  RoutingSteps routing;

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

// The fault of the first instance's address. The others are checked when they are made.
absl::string_view FormFault(absl::string_view text, bool is_source, const absl::StatusOr<IpPrefix>& prefix) {
  if (!is_source) return prefix.ok() && prefix->length > 0 ? "" : kVirtualAddressForm;
  return prefix.ok() && text.find('/') == absl::string_view::npos ? "" : kSourceAddressForm;
}

// Reads the address and its steps. A plain string is the same address for all instances.
SteppingAddress ReadAddress(const TableReader& reader, absl::string_view key, const AddressValue& value, size_t tags) {
  SteppingAddress address{key, value.at, {}, {}};
  if (value.at == nullptr) return address;
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(value.at->text());
  const absl::string_view fault = FormFault(value.at->text(), key == "source_address", prefix);
  if (!fault.empty()) {
    reader.Refuse(key, *value.at, fault);
    return address;
  }
  address.first = *prefix;
  ReadSteps(value, tags, &address);
  return address;
}

TemplateAddress ReadVirtualAddress(const TableReader& reader, const AddressEntry& entry, size_t tags) {
  const AddressValue value = OpenAddress(*entry.node, reader.faults());
  TemplateAddress out;
  if (value.table) {
    out.device = ReadPattern(*value.table, "device", value.table->Find("device"), tags);
    out.label = ReadPattern(*value.table, "label", value.table->Find("label"), tags);
    ReadScope(*value.table, &out.scope);
  }
  out.address = ReadAddress(reader, entry.key, value, tags);
  if (value.table) CheckLabelFamily(*value.table, out.address.first.address.family());
  return out;
}

SteppingAddress ReadSource(const TableReader& reader, const Node& node, size_t tags) {
  const AddressValue value = OpenAddress(node, reader.faults());
  RefuseDeviceKeys(value, "source_address");
  return ReadAddress(reader, "source_address", value, tags);
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
  out.routing = ReadTemplateRouting(reader, out.tags(), &prototype);
  if (const Node* source = reader.Find("source_address")) {
    out.source = ReadSource(reader, *source, out.tags());
  }
  out.twin = TwinFor(prototype.config, context);
  bool has_device = !out.twin.empty() && out.tags() == 0;
  for (const AddressEntry& entry : VirtualAddressEntries(reader)) {
    out.virtual_addresses.push_back(ReadVirtualAddress(reader, entry, out.tags()));
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
  for (const TemplateAddress& entry : out.virtual_addresses) prototype.virtual_addresses.push_back(entry.address.at);
  return out;
}

// Makes one instance and reports its faults.
class Maker {
 public:
  Maker(const Template& from, const TemplatePoint& point, Faults& faults)
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
    for (const TemplateAddress& from : from_.virtual_addresses) MakeVirtualAddress(from);
    const auto check = [this](absl::string_view key, const Node& node, absl::string_view value,
                              absl::string_view fault) { Check(key, node, value, fault); };
    MakeRouting(from_.routing, point_, check, &config);
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

  void MakeVirtualAddress(const TemplateAddress& from) {
    const absl::string_view key = from.address.key;
    const Node& at = *from.address.at;
    std::vector<VirtualAddress>& made = draft_.config.virtual_addresses;
    VirtualAddress address{PlaceOf(from.address), "", key == kExcludedAddresses};
    const IpAddress& ip = address.prefix.address;
    const std::string text = ToString(address.prefix);
    if (from.device.at != nullptr) {
      address.device = from.device.Fill(point_);
      Check("device", *from.device.at, address.device, InterfaceNameFault(address.device));
    } else if (draft_.config.vlan == VlanStack{}) {
      address.device = from_.twin;
    }
    address.scope = from.scope;
    if (from.label.at != nullptr) {
      address.label = from.label.Fill(point_);
      Check("label", *from.label.at, address.label, LabelFault(address.label, address.device));
    }
    const absl::string_view fault = AddressFamilyFault(draft_.config, address);
    Check(key, at, text, fault.empty() && made.empty() ? FirstAddressFault(draft_.config.strict, ip) : fault);
    if (std::any_of(made.begin(), made.end(),
                    [&](const VirtualAddress& other) { return other.prefix.address == ip; })) {
      Check(key, at, text, "is already in the list");
    }
    made.push_back(std::move(address));
  }

  // The address after the steps.
  IpPrefix PlaceOf(const SteppingAddress& from) {
    const std::optional<IpAddress> address = from.At(point_);
    if (!address) {
      Check(from.key, *from.at, from.at->text(), from.RangeFault());
      return from.first;
    }
    const IpPrefix prefix{*address, from.first.length};
    const std::string text = from.key == "source_address" ? ToString(prefix.address) : ToString(prefix);
    Check(from.key, *from.at, text, HostAddressFault(prefix.address));
    // Otherwise an address could be in another VLAN's subnet, if there are too many VRIDs for the prefix length.
    TemplatePoint first_vrid = point_;
    first_vrid.vrid_distance = 0;
    const std::optional<IpAddress> of_first_vrid = from.At(first_vrid);
    if (!of_first_vrid || !(IsHostRoute(prefix) || InSubnet(*address, {*of_first_vrid, prefix.length}))) {
      Check(from.key, *from.at, text, "per_vrid leaves the subnet of the first VRID's address");
    }
    return prefix;
  }

  const Template& from_;
  const TemplatePoint& point_;
  Faults& faults_;
  InstanceDraft draft_;
  bool good_ = true;
};

void Expand(const Template& from, Faults& faults, std::vector<InstanceDraft>* instances) {
  instances->reserve(instances->size() + from.outer.size() * from.inner.size() * from.vrids.size());
  for (const uint16_t outer : from.outer) {
    for (const uint16_t inner : from.inner) {
      for (const uint16_t vrid : from.vrids) {
        const TemplatePoint point{{outer, inner},
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
