// SPDX-License-Identifier: BSD-3-Clause
//
// The daemon's figures as metrics. docs/monitoring/README.md lists them; a test compares it with AllMetrics().
//
// A scrape is written in slices, because 16,000 instances take tens of milliseconds and the control thread has other
// work. Each slice has the values of its own time. Instances may start and end between two slices.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/control_time.h"
#include "control/reports/figures.h"
#include "observe/metrics_text.h"

namespace dpvrrp {

// kSegment: a sample for each segment, or several. kInstance: for each instance, track or group; only if the
// configuration asks for it.
enum class MetricScope : uint8_t { kDaemon, kSegment, kInstance };

struct MetricInfo {
  MetricFamily family;
  MetricScope scope;
  absl::string_view labels;  // "port, vlan"; empty: none
};
std::vector<MetricInfo> AllMetrics();

// What a scrape has summed up before it writes the first sample.
struct ScrapeFigures {
  struct Segment {
    SegmentFigures figures;
    KernelFigures addresses;
    KernelFigures routes;
  };
  std::map<SegmentName, Segment> segments;
  std::array<int64_t, kStateCount> states{};
  int64_t followers = 0;
};

struct DaemonMetric {
  MetricFamily family;
  absl::string_view labels;
  void (*write)(View& view, const ScrapeFigures& figures, ControlTime t, MetricsText& to);
};
struct SegmentMetric {
  MetricFamily family;
  absl::string_view labels;
  void (*write)(const MetricLabel& port, const MetricLabel& vlan, const ScrapeFigures::Segment& segment,
                MetricsText& to);
};
struct InstanceMetric {
  MetricFamily family;
  absl::string_view labels;
  void (*write)(const ManagedInstance& instance, MetricsText& to);
};
std::span<const DaemonMetric> DaemonMetrics();
std::span<const DaemonMetric> TrackMetrics();  // of each track and group: with `per_instance`
std::span<const SegmentMetric> SegmentMetrics();
std::span<const InstanceMetric> InstanceMetrics();

class MetricsScrape {
 public:
  // `view` must outlive this object. `per_instance`: also those of kInstance.
  MetricsScrape(View& view, MetricsFormat format, bool per_instance, ControlTime t);

  // Appends the next part: at most about 16 KiB, often nothing. False: that was the last part.
  bool Next(std::string& out);

 private:
  enum class Phase : uint8_t { kSumInstances, kSumNotStarted, kDaemon, kSegments, kTracks, kInstances, kDone };

  bool SumInstances();  // each returns whether it has finished
  bool SumSomeInstances();
  bool SumNotStarted();
  bool WriteDaemon(std::span<const DaemonMetric> table);
  bool WriteSegments();
  bool WriteInstances();
  void Step();

  View& view_;
  ControlTime t_;
  bool per_instance_;
  MetricsText text_;
  Phase phase_ = Phase::kSumInstances;
  ScrapeFigures figures_;
  size_t retired_ = 0;                        // Tally::retired() when the summing began
  size_t repeats_ = 0;                        // of the summing
  size_t row_ = 0;                            // of the table that is being written
  bool begun_ = false;                        // the row's family
  std::optional<std::string> after_;          // the last instance that was visited
  std::optional<SegmentName> after_segment_;  // the last segment that was written
};

}  // namespace dpvrrp
