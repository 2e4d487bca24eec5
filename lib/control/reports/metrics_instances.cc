// SPDX-License-Identifier: BSD-3-Clause
//
// The metrics of each instance, track and group.
#include <array>

#include "absl/strings/str_cat.h"
#include "control/reports/metrics.h"
#include "control/reports/report_cells.h"

namespace dpvrrp {
namespace {

using enum MetricType;

// As in vrrpv3OperationsStatus of RFC 6527 for the first three.
constexpr int64_t NumberOf(State state) { return static_cast<int64_t>(state) + 1; }
static_assert(NumberOf(State::kInitialize) == 1 && NumberOf(State::kBackup) == 2 && NumberOf(State::kMaster) == 3);

MetricLabel NameOf(const ManagedInstance& instance) { return {"vrrp_instance", instance.config.name}; }

void WriteInfo(const ManagedInstance& instance, MetricsText& to) {
  const InstanceConfig& config = instance.config;
  const std::string vlan = ToString(config.vlan);
  const std::string vrid = absl::StrCat(config.vrid.value());
  const std::string version = absl::StrCat(static_cast<int>(config.version));
  to.Sample({NameOf(instance),
             {"port", config.port},
             {"vlan", vlan},
             {"vrid", vrid},
             {"version", version},
             {"family", ToString(config.source_address.family())},
             {"auth", ToString(config.auth.kind)}},
            int64_t{1});
}

void WriteState(const ManagedInstance& instance, MetricsText& to) {
  to.Sample({NameOf(instance)}, NumberOf(instance.state));
}

void WritePriority(const ManagedInstance& instance, MetricsText& to) {
  to.Sample({NameOf(instance)}, int64_t{instance.priority.value()});
}

void WriteSince(const ManagedInstance& instance, MetricsText& to) {
  if (instance.reason == Reason::kNone) return;  // before the first transition
  to.Sample({NameOf(instance)}, static_cast<double>(instance.since_unix_ms) / 1e3);
}

template <auto kCounterOf>
void InstanceCount(const ManagedInstance& instance, MetricsText& to) {
  to.Sample({NameOf(instance)}, uint64_t{(instance.router->counters.*kCounterOf).value()});
}

void WriteInstanceDrops(const ManagedInstance& instance, MetricsText& to) {
  to.Sample({NameOf(instance)}, Tally::CountsSinceStart(instance).dropped());
}

constexpr auto kInstanceMetrics = std::to_array<InstanceMetric>({
    {{"dpvrrp_instance", kInfo, "What the virtual router is; join its labels by `vrrp_instance`."},
     "vrrp_instance, port, vlan, vrid, version, family, auth",
     WriteInfo},
    {{"dpvrrp_instance_state", kGauge, "1 initialize, 2 backup, 3 master, 4 fault."}, "vrrp_instance", WriteState},
    {{"dpvrrp_instance_priority", kGauge, "The priority in force."}, "vrrp_instance", WritePriority},
    {{"dpvrrp_instance_last_transition_seconds", kGauge, "When the state last changed, as Unix time.", "seconds"},
     "vrrp_instance",
     WriteSince},
    {{"dpvrrp_instance_adverts_received", kCounter, "Adverts accepted."},
     "vrrp_instance",
     InstanceCount<&VirtualRouterCounters::adverts_received>},
    {{"dpvrrp_instance_adverts_sent", kCounter, "Adverts sent."},
     "vrrp_instance",
     InstanceCount<&VirtualRouterCounters::adverts_sent>},
    {{"dpvrrp_instance_frames_dropped", kCounter, "Frames for the virtual router that were not accepted."},
     "vrrp_instance",
     WriteInstanceDrops},
    {{"dpvrrp_instance_became_master", kCounter, "Transitions to master."},
     "vrrp_instance",
     InstanceCount<&VirtualRouterCounters::became_master>},
});

// ---- Tracks and groups ----

void WriteTrackValues(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  for (size_t i = 0; i < view.tracks.size(); ++i) {
    const TrackState& track = view.tracks.at(i);
    const TrackValue& value = track.value();
    if (value.kind == TrackValue::Kind::kUnknown) continue;
    const bool is_number = value.kind == TrackValue::Kind::kNumber;
    to.Sample({{"track", track.config().name}, {"kind", ToString(track.config().kind)}},
              is_number ? int64_t{value.number} : int64_t{value.kind == TrackValue::Kind::kUp});
  }
}

void WriteTrackChanges(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  for (size_t i = 0; i < view.tracks.size(); ++i) {
    const TrackState& track = view.tracks.at(i);
    to.Sample({{"track", track.config().name}, {"kind", ToString(track.config().kind)}}, track.changes());
  }
}

void WriteGroupStates(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  for (const GroupConfig& group : view.registry.config().groups) {
    const std::optional<State> state = view.groups.SummaryOf(group).state;
    to.Sample({{"group", group.name}}, state.has_value() ? NumberOf(*state) : int64_t{0});
  }
}

constexpr auto kTrackMetrics = std::to_array<DaemonMetric>({
    {{"dpvrrp_track_value", kGauge, "1 up, 0 down, or the number; no sample while it is unknown."},
     "track, kind",
     WriteTrackValues},
    {{"dpvrrp_track_changes", kCounter, "Changes of the value."}, "track, kind", WriteTrackChanges},
    {{"dpvrrp_group_state", kGauge, "0 moving, 1 initialize, 2 backup, 3 master, 4 fault."}, "group", WriteGroupStates},
});

}  // namespace

std::span<const InstanceMetric> InstanceMetrics() { return kInstanceMetrics; }
std::span<const DaemonMetric> TrackMetrics() { return kTrackMetrics; }

}  // namespace dpvrrp
