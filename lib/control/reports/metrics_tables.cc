// SPDX-License-Identifier: BSD-3-Clause
//
// The metrics of the daemon, its workers and ports, and of the segments.
#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "control/reports/metrics.h"
#include "control/reports/report_cells.h"

namespace dpvrrp {
namespace {

using enum MetricType;

double SecondsOfUs(uint64_t us) { return static_cast<double>(us) / 1e6; }

constexpr std::array<absl::string_view, kStateCount> kStateLabels = {"initialize", "backup", "master", "fault"};

template <typename Write>
void ForEachWorker(View& view, Write write) {
  for (const WorkerStatus& worker : view.workers.Workers()) {
    const std::string lcore = absl::StrCat(worker.lcore);
    write(worker, MetricLabel{"lcore", lcore});
  }
}

template <uint64_t WorkerStatus::*kField>
void WorkerCount(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  ForEachWorker(view, [&](const WorkerStatus& worker, MetricLabel lcore) { to.Sample({lcore}, worker.*kField); });
}

template <uint64_t WorkerStatus::*kField>
void WorkerTime(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  ForEachWorker(
      view, [&](const WorkerStatus& worker, MetricLabel lcore) { to.Sample({lcore}, SecondsOfUs(worker.*kField)); });
}

template <uint64_t PortStatus::*kField>
void PortCount(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  for (const PortStatus& port : view.services.Ports()) to.Sample({{"port", port.name}}, port.*kField);
}

template <uint64_t Totals::*kField>
void TrafficCount(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({}, view.tally.TotalsSinceStart().*kField);
}

void WriteBuild(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({{"version", DPVRRP_VERSION}, {"icv_engine", view.icv_engine}}, int64_t{1});
}

void WriteStart(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({}, static_cast<double>(view.started.unix_ms) / 1e3);
}

void WriteInstanceStates(View&, const ScrapeFigures& figures, ControlTime, MetricsText& to) {
  for (size_t i = 0; i < kStateCount; ++i) to.Sample({{"state", kStateLabels[i]}}, figures.states[i]);
}

void WriteNotStarted(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({}, static_cast<int64_t>(view.apply.not_started().entries().size()));
}

void WriteFollowers(View&, const ScrapeFigures& figures, ControlTime, MetricsText& to) {
  to.Sample({}, figures.followers);
}

void WriteTransitions(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({}, view.transitions);
}

void WriteDrops(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  const Totals totals = view.tally.TotalsSinceStart();
  for (const DropReasonInfo& row : AllDropReasons()) {
    if (row.reason == DropReason::kNone) continue;
    to.Sample({{"reason", row.name}}, totals.drops[static_cast<size_t>(row.reason)]);
  }
}

void WriteWorkerStates(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  using enum WorkerStatus::State;
  ForEachWorker(view, [&](const WorkerStatus& worker, MetricLabel lcore) {
    for (const WorkerStatus::State state : {kRunning, kSlow, kStalled}) {
      to.Sample({lcore, {"state", ToString(state)}}, int64_t{worker.state == state});
    }
  });
}

void WritePortsUp(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  for (const PortStatus& port : view.services.Ports()) to.Sample({{"port", port.name}}, int64_t{port.up});
}

void WriteFindings(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  const std::array<int64_t, kVerdictCount> lasting = view.rogues.Lasting();
  for (const VerdictInfo& row : AllVerdicts()) {
    to.Sample({{"verdict", row.name}}, lasting[static_cast<size_t>(row.verdict)]);
  }
}

void WriteTracks(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  constexpr size_t kKinds = 4;
  static constexpr std::array<absl::string_view, kKinds> kValues = {"unknown", "down", "up", "number"};
  std::array<int64_t, kKinds> counts{};
  for (size_t i = 0; i < view.tracks.size(); ++i) ++counts[static_cast<size_t>(view.tracks.at(i).value().kind)];
  for (size_t i = 0; i < kKinds; ++i) to.Sample({{"value", kValues[i]}}, counts[i]);
}

void WriteGroups(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  std::array<int64_t, kStateCount> counts{};
  int64_t moving = 0;
  for (const GroupConfig& group : view.registry.config().groups) {
    const std::optional<State> state = view.groups.SummaryOf(group).state;
    ++(state.has_value() ? counts[static_cast<size_t>(*state)] : moving);
  }
  for (size_t i = 0; i < kStateCount; ++i) to.Sample({{"state", kStateLabels[i]}}, counts[i]);
  to.Sample({{"state", "moving"}}, moving);
}

void WriteClients(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({}, static_cast<int64_t>(view.services.Clients().size()));
}

void WriteLogLines(View& view, const ScrapeFigures&, ControlTime, MetricsText& to) {
  to.Sample({}, view.services.Process().log_lines_dropped);
}

constexpr auto kDaemonMetrics = std::to_array<DaemonMetric>({
    {{"dpvrrp_build", kInfo, "The version, and the engine that computes ICVs."}, "version, icv_engine", WriteBuild},
    {{"dpvrrp_start_time_seconds", kGauge, "When the daemon started, as Unix time.", "seconds"}, "", WriteStart},
    {{"dpvrrp_instances", kGauge, "Virtual routers by state; those not started are in initialize."},
     "state",
     WriteInstanceStates},
    {{"dpvrrp_instances_not_started", kGauge, "Virtual routers that could not be started and are tried again."},
     "",
     WriteNotStarted},
    {{"dpvrrp_followers", kGauge, "Virtual routers that follow a leader and send no adverts."}, "", WriteFollowers},
    {{"dpvrrp_transitions", kCounter, "Changes of state of all virtual routers."}, "", WriteTransitions},
    {{"dpvrrp_frames_received", kCounter, "Frames that the workers received."}, "", TrafficCount<&Totals::received>},
    {{"dpvrrp_adverts_accepted", kCounter, "Adverts received and accepted."}, "", TrafficCount<&Totals::accepted>},
    {{"dpvrrp_adverts_sent", kCounter, "Adverts sent."}, "", TrafficCount<&Totals::sent>},
    {{"dpvrrp_frames_dropped", kCounter, "Frames not accepted, by the reasons of `show drops`."}, "reason", WriteDrops},
    {{"dpvrrp_worker_state", kGauge, "1 for the state of the worker, 0 for the other states."},
     "lcore, state",
     WriteWorkerStates},
    {{"dpvrrp_worker_turns", kCounter, "Turns of the worker's loop."}, "lcore", WorkerCount<&WorkerStatus::turns>},
    {{"dpvrrp_worker_rests", kCounter, "Turns after which the worker rested."},
     "lcore",
     WorkerCount<&WorkerStatus::rests>},
    {{"dpvrrp_worker_longest_turn_seconds", kGauge, "The longest turn since the start.", "seconds"},
     "lcore",
     WorkerTime<&WorkerStatus::longest_turn_us>},
    {{"dpvrrp_worker_latest_wake_seconds", kGauge, "The longest delay of a timer since the start.", "seconds"},
     "lcore",
     WorkerTime<&WorkerStatus::latest_wake_us>},
    {{"dpvrrp_worker_frames_handed_over", kCounter, "Frames given to the worker that owns their segment."},
     "lcore",
     WorkerCount<&WorkerStatus::handed_over>},
    {{"dpvrrp_worker_frames_lost", kCounter, "Frames that no port or worker took."},
     "lcore",
     WorkerCount<&WorkerStatus::lost>},
    {{"dpvrrp_port_up", kGauge, "1 if the port has a link, otherwise 0."}, "port", WritePortsUp},
    {{"dpvrrp_port_frames_received", kCounter, "Frames that the port received."},
     "port",
     PortCount<&PortStatus::received>},
    {{"dpvrrp_port_frames_missed", kCounter, "Frames that the port dropped because there was no room."},
     "port",
     PortCount<&PortStatus::missed>},
    {{"dpvrrp_port_frames_sent", kCounter, "Frames that the port sent."}, "port", PortCount<&PortStatus::sent>},
    {{"dpvrrp_port_send_errors", kCounter, "Frames that the port did not take."},
     "port",
     PortCount<&PortStatus::send_errors>},
    {{"dpvrrp_findings", kGauge, "Faults and rogue senders that last now, by the verdicts of `diagnose`."},
     "verdict",
     WriteFindings},
    {{"dpvrrp_tracks", kGauge, "Tracks by value."}, "value", WriteTracks},
    {{"dpvrrp_groups", kGauge, "Groups by state; moving: the members do not have one state."}, "state", WriteGroups},
    {{"dpvrrp_clients", kGauge, "Clients of the control socket."}, "", WriteClients},
    {{"dpvrrp_log_lines_dropped", kCounter, "Log lines that stderr or the log file did not take."}, "", WriteLogLines},
});

// ---- Segments ----

using Segment = ScrapeFigures::Segment;

template <uint64_t SegmentFigures::*kField>
void SegmentCount(const MetricLabel& port, const MetricLabel& vlan, const Segment& segment, MetricsText& to) {
  to.Sample({port, vlan}, segment.figures.*kField);
}

void SegmentStates(const MetricLabel& port, const MetricLabel& vlan, const Segment& segment, MetricsText& to) {
  for (size_t i = 0; i < kStateCount; ++i) {
    to.Sample({port, vlan, {"state", kStateLabels[i]}}, segment.figures.states[i]);
  }
}

template <KernelFigures Segment::*kField>
void SegmentKernel(const MetricLabel& port, const MetricLabel& vlan, const Segment& segment, MetricsText& to) {
  const KernelFigures& kernel = segment.*kField;
  to.Sample({port, vlan, {"kernel", "programmed"}}, kernel.programmed);
  to.Sample({port, vlan, {"kernel", "foreign"}}, kernel.foreign);
  to.Sample({port, vlan, {"kernel", "missing"}}, kernel.missing);
}

constexpr auto kSegmentMetrics = std::to_array<SegmentMetric>({
    {{"dpvrrp_segment_instances", kGauge, "Virtual routers of the segment, by state."},
     "port, vlan, state",
     SegmentStates},
    {{"dpvrrp_segment_adverts_received", kCounter, "Adverts accepted on the segment."},
     "port, vlan",
     SegmentCount<&SegmentFigures::received>},
    {{"dpvrrp_segment_adverts_sent", kCounter, "Adverts sent on the segment."},
     "port, vlan",
     SegmentCount<&SegmentFigures::sent>},
    {{"dpvrrp_segment_frames_dropped", kCounter, "Frames for the segment's virtual routers that were not accepted."},
     "port, vlan",
     SegmentCount<&SegmentFigures::dropped>},
    {{"dpvrrp_segment_became_master", kCounter, "Transitions to master on the segment."},
     "port, vlan",
     SegmentCount<&SegmentFigures::became_master>},
    {{"dpvrrp_segment_other_masters", kCounter, "Adverts of another master while we were and stayed master."},
     "port, vlan",
     SegmentCount<&SegmentFigures::other_masters>},
    {{"dpvrrp_segment_oversleeps", kCounter, "Times that a master sent nothing for so long that a peer may take over."},
     "port, vlan",
     SegmentCount<&SegmentFigures::oversleeps>},
    {{"dpvrrp_segment_addresses", kGauge, "Virtual addresses of the segment, as the kernel has them."},
     "port, vlan, kernel",
     SegmentKernel<&Segment::addresses>},
    {{"dpvrrp_segment_routes", kGauge, "Virtual routes and rules of the segment, as the kernel has them."},
     "port, vlan, kernel",
     SegmentKernel<&Segment::routes>},
});

}  // namespace

std::span<const DaemonMetric> DaemonMetrics() { return kDaemonMetrics; }
std::span<const SegmentMetric> SegmentMetrics() { return kSegmentMetrics; }

}  // namespace dpvrrp
