// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/instances.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/instance_rules.h"

namespace dpvrrp::keepalived {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds kCentisecond = milliseconds(10);
constexpr Nanoseconds kMostV3 = milliseconds(40950);

// The interface of the first address, or keepalived's default.
std::string UsualInterface(const Context& context, const InstanceOf& from) {
  std::string found = context.model.globals.default_interface.value_or("eth0");
  if (!from.addresses.empty() && IsInterface(from.addresses[0].device)) {
    found = from.addresses[0].device;
  }
  context.notes.Add(*from.from, Verdict::kDecide, absl::StrCat("it has no interface; its port is ", found));
  return found;
}

template <typename T>
const Given<T>& Either(const Given<T>& own, const Given<T>& global) {
  return own ? own : global;
}

// The statement, if it stands in the instance: comments of global_defs do not stand at each instance.
template <typename T>
const Statement* Own(const Given<T>& own) {
  return own.from;
}

absl::string_view Bool(bool value) { return value ? "true" : "false"; }

}  // namespace

Instances::Instances(const Context& context, Programs& programs, Tracks& tracks)
    : context_(context), programs_(programs), tracks_(tracks), authentication_(context) {
  for (const InstanceOf& from : context.model.instances) {
    prepared_.emplace_back();
    Prepare(from, &prepared_.back());
  }
}

void Instances::Prepare(const InstanceOf& from, Prepared* out) {
  const GlobalsOf& globals = context_.model.globals;
  out->from = &from;
  out->name = names_.Take(from.name);
  SayName(context_.notes, *from.from, from.name, out->name);
  out->no_interface = from.interface && !IsInterface(from.interface.value);
  out->interface = out->no_interface ? Placeholder(from)
                   : from.interface  ? from.interface.value
                                     : UsualInterface(context_, from);
  out->family = FamilyOf(from);
  out->strict = Either(from.strict, globals.strict).value;
  out->version = out->family == Family::kIpv6 ? 3 : Either(from.version, globals.version).value_or(2);
  ChooseAddresses(context_, &held_, out);
  ChoosePeers(context_, out);
  ChooseSource(context_, out);
  DropOwnPeers(context_, out);
  if (out->missing.empty()) out->missing_verdict = Verdict::kDecide;
  if (!from.vrid) {
    out->missing = "its virtual_router_id is missing or not 1..255";
    out->missing_verdict = Verdict::kDecide;
  }
  if (out->missing.empty()) {
    const Ports::Segment segment = ports_.Of(out->interface);
    out->port = segment.port;
    out->vlan = segment.vlan;
    const std::string key = absl::StrCat(segment.port, " ", absl::StrJoin(segment.vlan, "."), " ",
                                         out->family == Family::kIpv4, " ", from.vrid.value);
    const auto [first, is_new] = segments_.emplace(key, from.name);
    if (!is_new) {
      out->missing = absl::StrCat("vrrp_instance ", first->second, " has VRID ", from.vrid.value, " on ",
                                  out->interface, " already: choose another VRID");
    }
  }
  if (out->missing.empty()) return;
  context_.notes.Unused(*from.from, "its vrrp_instance is left out");
  context_.notes.Say(*from.from, out->missing_verdict, absl::StrCat(out->missing, "; it is left out"));
}

std::string Instances::Placeholder(const InstanceOf& from) {
  const auto [known, is_new] = placeholders_.try_emplace(from.interface.value);
  if (is_new) {
    known->second = placeholders_.size() == 1 ? "interface-name" : absl::StrCat("interface-", placeholders_.size());
  }
  context_.notes.Say(*from.interface.from, Verdict::kDecide,
                     absl::StrCat("it is no name of an interface: replace ", known->second, " everywhere"));
  return known->second;
}

std::string Instances::NameOf(const std::string& name) const {
  for (const Prepared& instance : prepared_) {
    if (instance.from->name == name) return instance.missing.empty() ? instance.name : "";
  }
  return "";
}

const GroupOf* Instances::GroupOfMember(const std::string& name) const {
  for (const GroupOf& group : context_.model.groups) {
    const auto is_it = [&](const auto& member) { return member.first == name; };
    if (std::any_of(group.members.begin(), group.members.end(), is_it)) return &group;
  }
  return nullptr;
}

// Without a priority, MASTER means 255.
bool Instances::IsOwner(const InstanceOf& from) {
  return from.priority ? from.priority.value == 255 : from.master_state.value;
}

// keepalived clears the state MASTER with AH and in strict mode, unless the priority is 255.
bool Instances::StartsAsMaster(const Prepared& instance) {
  const InstanceOf& from = *instance.from;
  if (!from.master_state) return IsOwner(from);
  if (!from.master_state.value) return false;
  const bool ah = from.auth_type && from.auth_type.value == "AH" && instance.version == 2;
  return (!ah && !instance.strict) || IsOwner(from);
}

std::vector<std::string> Instances::Texts() {
  std::vector<std::string> texts;
  for (const Prepared& instance : prepared_) {
    if (instance.missing.empty()) {
      texts.push_back(Text(instance));
      continue;
    }
    TomlTable comments("");
    comments.Keep(*instance.from->from);
    comments.Below(
        {absl::StrCat("vrrp_instance ", ValidName(instance.from->name), " is left out: ", instance.missing, ".")});
    texts.push_back(comments.Comments());
  }
  return texts;
}

std::string Instances::Text(const Prepared& instance) {
  const InstanceOf& from = *instance.from;
  TomlTable table("[[instance]]");
  table.SetText("name", instance.name);
  PutSegment(instance, &table);
  PutPriority(instance, &table);
  PutInterval(instance, &table);
  PutPreemption(instance, &table);
  PutSwitches(instance, &table);
  PutAddressing(instance, &table);
  PutLists(instance, &table);
  const std::optional<TomlTable> authentication = authentication_.Table(instance);
  if (authentication) {
    for (const Statement* block : {from.authentication, from.auth_hmac}) {
      if (block == nullptr) continue;
      table.Placed(block);
      for (const Statement& line : block->block) table.Placed(&line);
    }
  }
  table.Keep(*from.from);
  return absl::StrCat(table.Text(), authentication ? absl::StrCat("\n", authentication->Text()) : "");
}

void Instances::PutSegment(const Prepared& instance, TomlTable* table) {
  const InstanceOf& from = *instance.from;
  table->SetText("port", instance.port, from.interface.from);
  if (instance.no_interface) table->Mark("decide: the file names no valid interface");
  if (!instance.vlan.empty()) table->Set("vlan", absl::StrCat("[", absl::StrJoin(instance.vlan, ", "), "]"));
  if (instance.version == 3 || from.version) table->Set("version", absl::StrCat(instance.version), from.version.from);
  if (from.version && from.version.value != instance.version) {
    context_.notes.Say(
        *from.version.from, Verdict::kUnsupported,
        "VRRPv2 over IPv6 is no standard: remove the word on the other routers, which then speak VRRPv3");
  }
  table->Set("vrid", absl::StrCat(from.vrid.value), from.vrid.from);
}

void Instances::PutPriority(const Prepared& instance, TomlTable* table) {
  const InstanceOf& from = *instance.from;
  if (!IsOwner(from)) {
    if (from.priority) table->Set("priority", absl::StrCat(from.priority.value), from.priority.from);
    return;
  }
  table->Set("priority", "254", from.priority.from);
  table->Mark("decide: 255 if the addresses are this router's own");
  context_.notes.Say(
      from.priority ? *from.priority.from : *from.master_state.from, Verdict::kDecide,
      absl::StrCat(from.priority ? "255" : "MASTER without a priority is 255, which",
                   " means that the virtual addresses are this router's own; priority = 254 is the highest of "
                   "the others"));
}

void Instances::PutInterval(const Prepared& instance, TomlTable* table) {
  const Given<Nanoseconds>& given = instance.from->advert_int;
  if (!given) return;
  Nanoseconds interval = given.value;
  if (instance.version == 2) {
    const auto half_up = (interval + milliseconds(500)) / seconds(1);
    interval = seconds(std::clamp<int64_t>(half_up, 1, 255));
  } else {
    interval =
        std::clamp<Nanoseconds>((interval + kCentisecond / 2) / kCentisecond * kCentisecond, kCentisecond, kMostV3);
  }
  table->SetText("advertisement_interval", DurationText(interval), given.from);
  if (interval != given.value) {
    context_.notes.Say(*given.from, Verdict::kChanged,
                       absl::StrCat("advertisement_interval = \"", DurationText(interval), "\": ",
                                    instance.version == 2 ? "VRRPv2 has whole seconds, and keepalived rounds"
                                                          : "VRRPv3 has steps of 10 ms up to 40.95 s"));
  }
}

void Instances::PutPreemption(const Prepared& instance, TomlTable* table) {
  const InstanceOf& from = *instance.from;
  const bool starts_as_master = StartsAsMaster(instance);
  const bool clears_nopreempt = starts_as_master || IsOwner(from);
  const std::string state = IsOwner(from) ? "priority 255" : "state MASTER";
  const bool nopreempt = from.nopreempt && !clears_nopreempt;
  if (nopreempt) table->Set("preempt", "false", from.nopreempt.from);
  if (from.nopreempt && clears_nopreempt) {
    context_.notes.Say(*from.nopreempt.from, Verdict::kDropped, absl::StrCat("keepalived ignores it with ", state));
  }
  if (!from.preempt_delay) return;
  if (nopreempt || starts_as_master || instance.strict) {
    const absl::string_view with = nopreempt          ? "nopreempt"
                                   : starts_as_master ? absl::string_view(state)
                                                      : "strict mode";
    context_.notes.Say(*from.preempt_delay.from, Verdict::kDropped, absl::StrCat("keepalived ignores it with ", with));
  } else if (from.preempt_delay.value != Nanoseconds(0)) {
    table->SetText("preempt_delay", DurationText(from.preempt_delay.value), from.preempt_delay.from);
  }
}

void Instances::PutSwitches(const Prepared& instance, TomlTable* table) {
  const InstanceOf& from = *instance.from;
  const GlobalsOf& globals = context_.model.globals;
  if (globals.startup_delay) table->SetText("startup_delay", DurationText(globals.startup_delay.value));
  if (instance.strict && from.down_timer_adverts) {
    context_.notes.Say(*from.down_timer_adverts.from, Verdict::kDropped, "keepalived uses 3 in strict mode");
  } else if (const auto& count = Either(from.down_timer_adverts, globals.down_timer_adverts);
             count && !instance.strict) {
    table->Set("down_timer_adverts", absl::StrCat(count.value), Own(from.down_timer_adverts));
  }
  if (const auto& none = Either(from.lower_prio_no_advert, globals.lower_prio_no_advert)) {
    table->Set("lower_prio_no_advert", std::string(Bool(none.value)), Own(from.lower_prio_no_advert));
  }
  if (const auto& send = Either(from.higher_prio_send_advert, globals.higher_prio_send_advert)) {
    table->Set("higher_prio_send_advert", std::string(Bool(send.value)), Own(from.higher_prio_send_advert));
  }
  const auto& checksum = Either(from.v3_checksum_as_v2, globals.v3_checksum_as_v2);
  if (checksum.value && instance.version == 3 && instance.family == Family::kIpv4) {
    table->SetText("checksum", "rfc9568", Own(from.v3_checksum_as_v2));
  } else if (from.v3_checksum_as_v2) {
    context_.notes.Say(*from.v3_checksum_as_v2.from, Verdict::kDropped, "it is for VRRPv3 over IPv4");
  }
}

void Instances::PutAddressing(const Prepared& instance, TomlTable* table) {
  const InstanceOf& from = *instance.from;
  const GlobalsOf& globals = context_.model.globals;
  const Statement* source = from.unicast_src_ip && from.unicast_src_ip.value == instance.source
                                ? from.unicast_src_ip.from
                            : from.mcast_src_ip ? from.mcast_src_ip.from
                                                : nullptr;
  table->SetText("source_address", ToString(instance.source), source);
  if (!instance.marked_source.empty()) table->Mark(absl::StrCat("decide: ", instance.marked_source));
  if (from.use_vmac) table->SetText("source_mac", "virtual", from.use_vmac.from);
  const bool unicast = !instance.peers.empty();
  const auto& group =
      Either(from.mcast_dst_ip, instance.family == Family::kIpv4 ? globals.mcast_group4 : globals.mcast_group6);
  const std::string usual = instance.family == Family::kIpv4 ? "224.0.0.18" : "ff02::12";
  if (group && !unicast && group.value.family() == instance.family) {
    if (ToString(group.value) != usual) table->SetText("group", ToString(group.value), Own(from.mcast_dst_ip));
  } else if (from.mcast_dst_ip) {
    context_.notes.Say(*from.mcast_dst_ip.from, Verdict::kDropped,
                       unicast ? "with unicast peers it has no effect" : "it is not of the family of the addresses");
  }
  if (!unicast) {
    if (from.unicast_ttl) context_.notes.Say(*from.unicast_ttl.from, Verdict::kDropped, "there is no unicast peer");
    return;
  }
  std::vector<TomlItem> peers;
  for (const PeerOf* peer : instance.peers) peers.push_back(PeerItem(*peer, instance));
  table->SetList("unicast_peers", std::move(peers), from.peers_from);
  for (const PeerOf* peer : instance.peers) table->Placed(peer->from);
  if (from.unicast_ttl) table->Set("unicast_ttl", absl::StrCat(from.unicast_ttl.value), from.unicast_ttl.from);
}

void Instances::PutLists(const Prepared& instance, TomlTable* table) {
  const InstanceOf& from = *instance.from;
  const auto put = [&](absl::string_view key, std::vector<TomlItem> items) {
    if (!items.empty()) table->SetList(key, std::move(items));
  };
  const auto addresses = [&](const std::vector<const AddressOf*>& list) {
    std::vector<TomlItem> items;
    for (const AddressOf* address : list) {
      items.push_back(AddressItem(context_, *address, instance));
      table->Placed(address->from);
    }
    return items;
  };
  put("virtual_addresses", addresses(instance.addresses));
  put("excluded_addresses", addresses(instance.excluded));
  put("virtual_routes", RouteItems(context_, instance, &routing_));
  put("virtual_rules", RuleItems(context_, instance, &routing_));
  for (const auto* list : {&from.routes, &from.rules}) {
    for (const Statement* line : *list) table->Placed(line);
  }
  const GroupOf* group = GroupOfMember(from.name);
  std::vector<TomlItem> tracks =
      tracks_.Uses(from.tracks, {instance.interface, group != nullptr && !group->tracking_weight});
  if (from.track_src_ip && instance.marked_source.empty()) {
    tracks.push_back(tracks_.UseAddress(absl::StrCat(instance.name, "-source"), instance.interface, instance.source,
                                        *from.track_src_ip.from));
  }
  for (const auto* list : {&from.tracks.scripts, &from.tracks.processes, &from.tracks.interfaces}) {
    for (const TrackedBy& use : *list) table->Placed(use.from);
  }
  if (from.track_src_ip) table->Placed(from.track_src_ip.from);
  put("track", std::move(tracks));
  programs_.PutNotify(table, from.notify);
}

}  // namespace dpvrrp::keepalived
