// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/metrics.h"

#include <utility>

namespace dpvrrp {
namespace {

constexpr size_t kSliceBytes = 16 * 1024;
constexpr size_t kInstancesASlice = 256;
constexpr size_t kMostRepeats = 10;  // of the summing

// Calls `visit` for the next entries of a map by name, until it returns false. Returns whether that was the last one.
template <typename Map, typename Key, typename Visit>
bool VisitAfter(const Map& map, std::optional<Key>& after, Visit visit) {
  for (auto it = after.has_value() ? map.upper_bound(*after) : map.begin(); it != map.end(); ++it) {
    if (visit(it->second, it->first)) continue;
    after = it->first;
    return false;
  }
  after.reset();
  return true;
}

}  // namespace

std::vector<MetricInfo> AllMetrics() {
  std::vector<MetricInfo> all;
  const auto add = [&all](const auto& table, MetricScope scope) {
    for (const auto& row : table) all.push_back({row.family, scope, row.labels});
  };
  add(DaemonMetrics(), MetricScope::kDaemon);
  add(SegmentMetrics(), MetricScope::kSegment);
  add(TrackMetrics(), MetricScope::kInstance);
  add(InstanceMetrics(), MetricScope::kInstance);
  return all;
}

MetricsScrape::MetricsScrape(View& view, MetricsFormat format, bool per_instance, ControlTime t)
    : view_(view), t_(t), per_instance_(per_instance), text_(format) {}

bool MetricsScrape::Next(std::string& out) {
  if (phase_ != Phase::kDone) Step();
  out += text_.Take();
  return phase_ != Phase::kDone;
}

void MetricsScrape::Step() {
  const auto next = [this](bool finished, Phase phase) {
    if (!finished) return;
    phase_ = phase;
    row_ = 0;
  };
  switch (phase_) {
    case Phase::kSumInstances:
      return next(SumInstances(), Phase::kSumNotStarted);
    case Phase::kSumNotStarted:
      return next(SumNotStarted(), Phase::kDaemon);
    case Phase::kDaemon:
      return next(WriteDaemon(DaemonMetrics()), Phase::kSegments);
    case Phase::kSegments:
      next(WriteSegments(), per_instance_ ? Phase::kTracks : Phase::kDone);
      break;
    case Phase::kTracks:
      return next(WriteDaemon(TrackMetrics()), Phase::kInstances);
    case Phase::kInstances:
      next(WriteInstances(), Phase::kDone);
      break;
    case Phase::kDone:
      return;
  }
  if (phase_ == Phase::kDone) text_.End();
}

// If an instance is retired between two slices, its counts are in no sum or in two. Then the summing begins again,
// at most kMostRepeats times; after that a sum may be wrong.
bool MetricsScrape::SumInstances() {
  if (!after_.has_value() || (retired_ != view_.tally.retired() && ++repeats_ <= kMostRepeats)) {
    figures_ = {};
    after_.reset();
    retired_ = view_.tally.retired();
  }
  if (!SumSomeInstances()) return false;
  for (auto& [name, segment] : figures_.segments) {
    if (const InstanceCounts* retired = view_.tally.RetiredOf(name)) segment.figures.AddCounts(*retired);
  }
  return true;
}

bool MetricsScrape::SumSomeInstances() {
  size_t visited = 0;
  return VisitAfter(view_.registry.instances(), after_, [&](const ManagedInstance& instance, const std::string&) {
    const SegmentName name{instance.config.port, instance.config.vlan};
    if (instance.removing && instance.router != nullptr) {
      figures_.segments[name].figures.AddCounts(Tally::CountsSinceStart(instance));
    } else if (IsShown(instance)) {
      ScrapeFigures::Segment& segment = figures_.segments[name];
      segment.figures.Add(instance, Tally::CountsSinceStart(instance));
      segment.addresses.AddAddresses(view_, instance.id);
      segment.routes.AddRoutes(view_, instance.id);
      ++figures_.states[static_cast<size_t>(instance.state)];
      if (!instance.config.leader.empty()) ++figures_.followers;
    }
    return ++visited < kInstancesASlice;
  });
}

bool MetricsScrape::SumNotStarted() {
  size_t visited = 0;
  const auto& entries = view_.apply.not_started().entries();
  return VisitAfter(entries, after_, [&](const NotStarted::Entry& entry, const std::string&) {
    figures_.segments[{entry.config.port, entry.config.vlan}].figures.AddNotStarted();
    ++figures_.states[static_cast<size_t>(State::kInitialize)];
    return ++visited < kInstancesASlice;
  });
}

bool MetricsScrape::WriteDaemon(std::span<const DaemonMetric> table) {
  const DaemonMetric& metric = table[row_];
  text_.Begin(metric.family);
  metric.write(view_, figures_, t_, text_);
  return ++row_ == table.size();
}

bool MetricsScrape::WriteSegments() {
  const SegmentMetric& metric = SegmentMetrics()[row_];
  if (!std::exchange(begun_, true)) text_.Begin(metric.family);
  const bool finished =
      VisitAfter(figures_.segments, after_segment_, [&](const auto& segment, const SegmentName& name) {
        const std::string vlan = ToString(name.second);
        metric.write({"port", name.first}, {"vlan", vlan}, segment, text_);
        return text_.size() < kSliceBytes;
      });
  if (!finished) return false;
  begun_ = false;
  return ++row_ == SegmentMetrics().size();
}

bool MetricsScrape::WriteInstances() {
  const InstanceMetric& metric = InstanceMetrics()[row_];
  if (!std::exchange(begun_, true)) text_.Begin(metric.family);
  size_t visited = 0;
  const auto& instances = view_.registry.instances();
  const bool finished = VisitAfter(instances, after_, [&](const ManagedInstance& instance, const std::string&) {
    if (IsShown(instance)) metric.write(instance, text_);
    return text_.size() < kSliceBytes && ++visited < kInstancesASlice;
  });
  if (!finished) return false;
  begun_ = false;
  return ++row_ == InstanceMetrics().size();
}

}  // namespace dpvrrp
