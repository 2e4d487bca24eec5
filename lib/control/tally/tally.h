// SPDX-License-Identifier: BSD-3-Clause
//
// The counters as operators see them: since the start, or since `clear counters`. The lcores' own counters never go
// back; clearing remembers their values, and the reports subtract them. So DPDK's telemetry and metrics are unaffected.
// Also the rates, from samples that are taken every second.
//
// Thread: control.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "control/control_time.h"
#include "control/instances/registry.h"
#include "control/part.h"
#include "pipeline/shard.h"

namespace dpvrrp {

// Of all workers.
struct Totals {
  uint64_t received = 0;      // frames
  uint64_t accepted = 0;      // adverts
  uint64_t sent = 0;          // adverts
  uint64_t not_accepted = 0;  // frames; the sum of `drops`
  uint64_t transitions = 0;   // of all instances
  std::array<uint64_t, kDropReasonCount> drops{};
};

// Of one instance: VirtualRouterCounters as plain numbers.
struct InstanceCounts {
  uint64_t adverts_received = 0, adverts_sent = 0, priority_zero_received = 0, priority_zero_sent = 0;
  uint64_t became_master = 0, sequence_exhausted = 0, peer_unresolved = 0;
  uint64_t conflicts = 0, probes = 0, other_masters = 0, oversleeps = 0;
  std::array<uint64_t, kDropReasonCount> drops{};
  std::array<uint64_t, kRemarkCount> remarks{};

  uint64_t dropped() const;
  void Add(const InstanceCounts& other);
  friend bool operator==(const InstanceCounts&, const InstanceCounts&) = default;
};

using SegmentName = std::pair<std::string, VlanStack>;  // port and tags

// A second.
struct Rates {
  double received = 0, accepted = 0, sent = 0, not_accepted = 0, transitions = 0;
  std::array<double, kDropReasonCount> drops{};
};

class Tally final : public Part {
 public:
  static constexpr size_t kRateSamples = 5;  // a rate is the mean of about as many seconds

  // All must outlive this object. `shards` are the counters of all workers.
  Tally(const PartContext& context, const std::vector<const ShardCounters*>& shards, const uint64_t& transitions)
      : context_(context), shards_(shards), transitions_(transitions) {}

  Totals TotalsNow() const;
  InstanceCounts CountsOf(const ManagedInstance& instance) const;
  // The same since the start, for telemetry and metrics: a clearing does not change them.
  Totals TotalsSinceStart() const;
  static InstanceCounts CountsSinceStart(const ManagedInstance& instance);
  // Call it when the lcore has handed back the router of an instance that is being removed, while its counters are
  // there.
  void OnRetired(const ManagedInstance& instance);
  // The sums of the instances that were removed since the start. So a segment's counters do not fall when an instance
  // is removed. Null: none was.
  const InstanceCounts* RetiredOf(const SegmentName& segment) const;
  size_t retired() const { return retired_; }  // number of those instances
  // Zero until there are two samples. A clearing does not change them.
  Rates RatesNow() const;

  // Call it about once a second.
  void Sample(ControlTime t);

  // From now on, every count begins at 0.
  void Clear(ControlTime t);
  std::optional<int64_t> cleared_unix_ms() const { return cleared_unix_ms_; }

  void Forget(InstanceId id) override { cleared_.erase(id); }

 private:
  struct TimedTotals {
    Instant at;
    Totals totals;
  };

  PartContext context_;
  const std::vector<const ShardCounters*>& shards_;
  const uint64_t& transitions_;
  std::deque<TimedTotals> samples_;
  std::optional<int64_t> cleared_unix_ms_;
  Totals cleared_totals_;
  absl::flat_hash_map<InstanceId, std::unique_ptr<const InstanceCounts>> cleared_;  // those that were not all 0
  std::map<SegmentName, InstanceCounts> retired_counts_;  // at most one entry for each segment there ever was
  size_t retired_ = 0;
};

}  // namespace dpvrrp
