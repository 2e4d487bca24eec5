// SPDX-License-Identifier: BSD-3-Clause
#include "control/compose/observe.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

// The kernel is given this long to take a new master's addresses.
constexpr Nanoseconds kAddressesTake = std::chrono::seconds(2);

// `gave_way`: the instance is no master because it could not hold them.
void NoteAddressFaults(const std::vector<VipReconciler::Vip>& vips, bool gave_way, Instant now,
                       WatchedInstance& watched) {
  for (const VipReconciler::Vip& vip : vips) {
    if (gave_way && !vip.error.empty()) {
      watched.missing_addresses.push_back(
          absl::StrCat(ToString(vip.prefix), " on ", vip.device, " (", vip.error, "; gave way)"));
    }
    if (!vip.wanted) continue;
    const auto text = [&] { return absl::StrCat(ToString(vip.prefix), " on ", vip.device); };
    if (vip.presence == VipReconciler::Presence::kForeign) watched.foreign_addresses.push_back(text());
    const bool overdue = !vip.error.empty() || now - watched.since > kAddressesTake;
    if (vip.presence != VipReconciler::Presence::kAbsent || !overdue) continue;
    watched.missing_addresses.push_back(vip.error.empty() ? text() : absl::StrCat(text(), " (", vip.error, ")"));
  }
}

// The first of its tracks, or the member of its group, that keeps an instance from being master.
// `culprits`: of the groups that were asked for before.
using Culprits = absl::flat_hash_map<const GroupConfig*, std::string>;
std::string HeldBy(View& view, const ManagedInstance& instance, Culprits& culprits) {
  if (instance.state == State::kMaster) return "";
  const PortBinding& port = view.registry.PortOf(instance.port);
  if (port.stopped) return absl::StrCat("port ", port.name, " is stopped; port start ", port.name, " starts it again");
  for (const TrackInUse& use : view.tracks.UsedBy(instance.id)) {
    if (!use.effect.fault && use.effect.weight >= 0) continue;
    return absl::StrCat("track ", use.use->track, " is ", ToString(use.track->value()), " (", use.track->what(), ")");
  }
  const GroupConfig* group = view.groups.GroupOf(instance.config.name);
  if (!instance.holds.Has(Hold::kGroup) || group == nullptr) return "";
  const auto [culprit, is_new] = culprits.try_emplace(group);
  if (is_new) culprit->second = view.groups.CulpritOf(*group);
  return absl::StrCat("member ", culprit->second, " of group ", group->name, " is in Fault or has no link");
}

WatchedInstance Watched(View& view, const ManagedInstance& instance, Culprits& culprits, Instant now) {
  WatchedInstance watched;
  watched.config = &instance.config;
  watched.port = instance.port;
  watched.next_vrid = view.moves.MoveOf(instance.id).next;
  watched.left_vrid = view.moves.MoveOf(instance.id).left;
  watched.priority = instance.priority;
  watched.state = instance.state;
  watched.reason = instance.reason;
  watched.since = instance.since;
  watched.held_by = HeldBy(view, instance, culprits);
  watched.port_mac = view.registry.PortOf(instance.port).mac;
  const Addresses::Conflict conflict = view.addresses.ConflictOf(instance.id);
  watched.conflict_at = conflict.at;
  watched.conflict_address = conflict.address;
  watched.conflict_mac = conflict.mac;
  const SequenceRecord* record = view.numbers.RecordOf(instance.id);
  if (instance.config.auth.kind == AuthKind::kAh && record != nullptr) {
    watched.numbers_left = UINT32_MAX - std::min<uint64_t>(record->sent, UINT32_MAX);
  }
  watched.numbers_of = view.numbers.NumbersOf(instance.id);
  const bool gave_way = view.addresses.HoldingOf(instance.id) == AddressGuard::Phase::kAway;
  NoteAddressFaults(view.addresses.vips().vips(instance.id), gave_way, now, watched);
  return watched;
}

}  // namespace

Observed Observe(View& view, std::vector<Speaker> speakers, ControlTime t) {
  Observed observed;
  observed.speakers = std::move(speakers);
  observed.crowded_out = view.questions.crowded_out();
  observed.started = view.started.now;
  observed.now = t.now;
  observed.unix_ms = t.unix_ms;
  observed.own_ports = view.rogues.ourselves().Ports();
  observed.own_workers = view.rogues.ourselves().Workers();
  for (const auto& [name, ring] : view.keys.rings().entries()) observed.keyrings[name] = ring.whole;
  for (const PortBinding& port : view.registry.ports()) observed.ports[port.id] = port.name;
  Culprits culprits;
  for (const auto& [name, instance] : view.registry.instances()) {
    if (!instance.removing) observed.instances.push_back(Watched(view, instance, culprits, t.now));
  }
  return observed;
}

std::vector<Finding> FindingsOf(View& view, const Observed& observed) {
  std::vector<SilentWorker> silent;
  for (size_t worker = 0; worker < view.shards.size(); ++worker) {
    if (view.questions.silent_since(worker).has_value()) silent.push_back({worker, view.questions.watched_at(worker)});
  }
  return view.rogues.Judge(observed, silent);
}

}  // namespace dpvrrp
