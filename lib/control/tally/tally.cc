// SPDX-License-Identifier: BSD-3-Clause
#include "control/tally/tally.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace dpvrrp {
namespace {

constexpr Nanoseconds kShortestSample = std::chrono::milliseconds(500);

InstanceCounts ToPlain(const VirtualRouterCounters& n) {
  InstanceCounts counts{.adverts_received = n.adverts_received.value(),
                        .adverts_sent = n.adverts_sent.value(),
                        .priority_zero_received = n.priority_zero_received.value(),
                        .priority_zero_sent = n.priority_zero_sent.value(),
                        .became_master = n.became_master.value(),
                        .sequence_exhausted = n.sequence_exhausted.value(),
                        .peer_unresolved = n.peer_unresolved.value(),
                        .conflicts = n.conflicts.value(),
                        .probes = n.probes.value(),
                        .other_masters = n.other_masters.value(),
                        .oversleeps = n.oversleeps.value(),
                        .drops = {},
                        .remarks = {}};
  for (size_t i = 0; i < counts.drops.size(); ++i) counts.drops[i] = n.drops[i].value();
  for (size_t i = 0; i < counts.remarks.size(); ++i) counts.remarks[i] = n.remarks[i].value();
  return counts;
}

template <size_t kSize>
void Subtract(std::array<uint64_t, kSize>& from, const std::array<uint64_t, kSize>& what) {
  for (size_t i = 0; i < kSize; ++i) from[i] -= what[i];
}

// Sets each count of `counts` to `combine(it, the same of other)`.
template <typename Combine>
void CombineEach(InstanceCounts& counts, const InstanceCounts& other, Combine combine) {
  using C = InstanceCounts;
  for (uint64_t C::*field :
       {&C::adverts_received, &C::adverts_sent, &C::priority_zero_received, &C::priority_zero_sent, &C::became_master,
        &C::sequence_exhausted, &C::peer_unresolved, &C::conflicts, &C::probes, &C::other_masters, &C::oversleeps}) {
    counts.*field = combine(counts.*field, other.*field);
  }
  std::ranges::transform(counts.drops, other.drops, counts.drops.begin(), combine);
  std::ranges::transform(counts.remarks, other.remarks, counts.remarks.begin(), combine);
}

}  // namespace

uint64_t InstanceCounts::dropped() const { return std::accumulate(drops.begin(), drops.end(), uint64_t{0}); }

void InstanceCounts::Add(const InstanceCounts& other) { CombineEach(*this, other, std::plus<>()); }

Totals Tally::TotalsSinceStart() const {
  Totals totals;
  totals.transitions = transitions_;
  for (const ShardCounters* shard : shards_) {
    totals.received += shard->frames_received.value();
    totals.accepted += shard->adverts_accepted.value();
    totals.sent += shard->adverts_sent.value();
    for (size_t i = 0; i < totals.drops.size(); ++i) totals.drops[i] += shard->drops[i].value();
  }
  totals.not_accepted = std::accumulate(totals.drops.begin(), totals.drops.end(), uint64_t{0});
  return totals;
}

Totals Tally::TotalsNow() const {
  Totals totals = TotalsSinceStart();
  totals.received -= cleared_totals_.received;
  totals.accepted -= cleared_totals_.accepted;
  totals.sent -= cleared_totals_.sent;
  totals.not_accepted -= cleared_totals_.not_accepted;
  totals.transitions -= cleared_totals_.transitions;
  Subtract(totals.drops, cleared_totals_.drops);
  return totals;
}

// The counters live on if an instance gets other settings (docs/decisions/0019), so they never fall below those that
// were cleared.
InstanceCounts Tally::CountsOf(const ManagedInstance& instance) const {
  InstanceCounts counts = CountsSinceStart(instance);
  if (const auto cleared = cleared_.find(instance.id); cleared != cleared_.end())
    CombineEach(counts, *cleared->second, std::minus<>());
  return counts;
}

InstanceCounts Tally::CountsSinceStart(const ManagedInstance& instance) {
  return instance.router == nullptr ? InstanceCounts{} : ToPlain(instance.router->counters);
}

void Tally::OnRetired(const ManagedInstance& instance) {
  retired_counts_[{instance.config.port, instance.config.vlan}].Add(CountsSinceStart(instance));
  ++retired_;
}

const InstanceCounts* Tally::RetiredOf(const SegmentName& segment) const {
  const auto found = retired_counts_.find(segment);
  return found == retired_counts_.end() ? nullptr : &found->second;
}

Rates Tally::RatesNow() const {
  Rates rates;
  if (samples_.size() < 2) return rates;
  const Totals& from = samples_.front().totals;
  const Totals& to = samples_.back().totals;
  const double seconds = std::chrono::duration<double>(samples_.back().at - samples_.front().at).count();
  const auto rate = [&](uint64_t before, uint64_t now) { return static_cast<double>(now - before) / seconds; };
  rates.received = rate(from.received, to.received);
  rates.accepted = rate(from.accepted, to.accepted);
  rates.sent = rate(from.sent, to.sent);
  rates.not_accepted = rate(from.not_accepted, to.not_accepted);
  rates.transitions = rate(from.transitions, to.transitions);
  for (size_t i = 0; i < rates.drops.size(); ++i) rates.drops[i] = rate(from.drops[i], to.drops[i]);
  return rates;
}

// A step of the clock causes samples between the seconds, which would be too short to divide by.
void Tally::Sample(ControlTime t) {
  if (!samples_.empty() && t.now - samples_.back().at < kShortestSample) return;
  samples_.push_back({t.now, TotalsSinceStart()});
  if (samples_.size() > kRateSamples + 1) samples_.pop_front();
}

void Tally::Clear(ControlTime t) {
  cleared_unix_ms_ = t.unix_ms;
  cleared_totals_ = TotalsSinceStart();
  cleared_.clear();
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.router == nullptr || instance.removing) continue;
    InstanceCounts counts = ToPlain(instance.router->counters);
    if (counts != InstanceCounts{}) {
      cleared_.emplace(instance.id, std::make_unique<const InstanceCounts>(std::move(counts)));
    }
  }
}

}  // namespace dpvrrp
