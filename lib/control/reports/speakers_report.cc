// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/reports/report_cells.h"
#include "control/reports/seen.h"

namespace dpvrrp {
namespace {

std::string PortName(View& view, PortId id) {
  for (const PortBinding& port : view.registry.ports()) {
    if (port.id == id) return port.name;
  }
  return absl::StrCat(id.value());
}

// The instances by where adverts for them are spoken: port, VLAN tags, family, VRID.
using InstancesByPlace = std::map<std::tuple<PortId, VlanStack, bool, Vrid>, const ManagedInstance*>;

InstancesByPlace ByPlace(View& view) {
  InstancesByPlace places;
  for (const auto& [name, instance] : view.registry.instances()) {
    if (instance.removing) continue;
    const InstanceConfig& c = instance.config;
    const bool is_ipv6 = c.source_address.family() == Family::kIpv6;
    for (const Vrid vrid : {c.vrid, view.moves.NextOf(instance.id)}) {
      if (vrid != Vrid(0)) places[{instance.port, c.vlan, is_ipv6, vrid}] = &instance;
    }
  }
  return places;
}

// The instance that the speaker's adverts are for; null: none of ours.
const ManagedInstance* InstanceOf(const InstancesByPlace& places, const Speaker& s) {
  const auto it = places.find({s.key.port, s.key.vlan, s.is_ipv6, s.key.vrid});
  return it == places.end() ? nullptr : it->second;
}

std::string AuthOf(const Speaker& s) {
  if (s.has_ah) return "ah";
  if (s.has_trailer) return "auth-hmac";
  if (s.version != 2 || s.auth_type == 0) return "none";
  return s.auth_type == 1 ? "simple" : absl::StrCat("type ", s.auth_type);
}

std::string VirtualAddressesOf(const Speaker& s) {
  const size_t kept = std::min<size_t>(s.address_count, Speaker::kKeptAddresses);
  std::string text = absl::StrJoin(s.addresses.begin(), s.addresses.begin() + kept, ",",
                                   [](std::string* out, const IpAddress& a) { absl::StrAppend(out, ToString(a)); });
  if (s.address_count > kept) absl::StrAppend(&text, ",+", s.address_count - kept);
  return text;
}

// Where the AH number stands against the group's: "ahead" is what an honest advert is.
absl::string_view PositionOf(const Speaker& s) {
  if (s.sequence > s.sequence_known) return "ahead";
  return s.sequence == s.sequence_known ? "equal" : "behind";
}

// In the order of the report: by place, then by address and MAC.
std::vector<const Speaker*> Sorted(const std::vector<Speaker>& all) {
  std::vector<const Speaker*> speakers;
  for (const Speaker& s : all) speakers.push_back(&s);
  std::sort(speakers.begin(), speakers.end(), [](const Speaker* a, const Speaker* b) {
    const auto place = [](const Speaker* s) {
      return std::tuple(s->key.port, s->key.vlan, s->key.vrid, s->is_ipv6, s->key.source, s->key.mac.bytes);
    };
    return place(a) < place(b);
  });
  return speakers;
}

}  // namespace

Report SpeakersReport(const Seen& seen, const Scope& scope) {
  Table table;
  table.columns = {"port", "vlan",     "vrid",     "instance", "address",    "mac",       "version",    "auth",
                   "key",  "spi",      "priority", "interval", "vips",       "ttl",       "sequence",   "position",
                   "rate", "accepted", "refused",  "last_end", "first_seen", "last_seen", "age_seconds"};
  table.first = "address instance vrid priority key last_end last_seen vlan rate refused port mac auth version";
  const InstancesByPlace places = ByPlace(seen.view);
  for (const Speaker* s : Sorted(*seen.answers.speakers)) {
    const ManagedInstance* instance = InstanceOf(places, *s);
    const std::string port = PortName(seen.view, s->key.port);
    if (!scope.instance.empty() && (instance == nullptr || instance->config.name != scope.instance)) continue;
    if (!scope.port.empty() && port != scope.port) continue;
    if (scope.vlan && s->key.vlan != *scope.vlan) continue;
    uint64_t refused = 0;
    for (const uint32_t count : s->dropped) refused += count;
    table.rows.push_back({Text(port),
                          Text(ToString(s->key.vlan)),
                          Number(s->key.vrid.value()),
                          instance == nullptr ? Null() : Text(instance->config.name),
                          Text(ToString(s->key.source)),
                          Text(ToString(s->key.mac)),
                          Number(s->version),
                          Text(AuthOf(*s)),
                          Text(ToString(KeyOf(*s))),
                          s->has_ah ? SpiCell(s->spi) : Null(),
                          Number(s->priority.value()),
                          ExactSeconds(s->interval),
                          Text(VirtualAddressesOf(*s)),
                          s->ttl == 0 && s->has_ah ? Null() : Number(s->ttl),
                          s->has_ah ? Number(s->sequence) : Null(),
                          s->has_ah && instance != nullptr ? Text(PositionOf(*s)) : Null(),
                          Rate(s->rate()),
                          Count(s->accepted),
                          Count(refused),
                          Text(s->last_end == DropReason::kNone ? "accepted" : ToString(s->last_end)),
                          Text(seen.TimeAt(s->first_seen)),
                          Text(seen.TimeAt(s->last_seen)),
                          seen.AgeOf(s->key)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
