// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/figures.h"

namespace dpvrrp {

void SegmentFigures::Add(const ManagedInstance& instance, const InstanceCounts& counts) {
  ++instances;
  ++states[static_cast<size_t>(instance.state)];
  AddCounts(counts);
}

void SegmentFigures::AddCounts(const InstanceCounts& counts) {
  received += counts.adverts_received;
  sent += counts.adverts_sent;
  dropped += counts.dropped();
  became_master += counts.became_master;
  other_masters += counts.other_masters;
  oversleeps += counts.oversleeps;
}

void SegmentFigures::AddNotStarted() {
  ++instances;
  ++states[static_cast<size_t>(State::kInitialize)];
}

void KernelFigures::AddAddresses(View& view, InstanceId id) {
  for (const VipReconciler::Vip& vip : view.addresses.vips().vips(id)) {
    if (vip.presence == VipReconciler::Presence::kPresent) ++programmed;
    if (vip.presence == VipReconciler::Presence::kForeign) ++foreign;
    if (vip.presence == VipReconciler::Presence::kAbsent && vip.wanted) ++missing;
  }
}

void KernelFigures::AddRoutes(View& view, InstanceId id) {
  for (const Routes::Entry& entry : view.routes.EntriesOf(id)) {
    if (entry.presence == Routes::Presence::kPresent) ++programmed;
    if (entry.presence == Routes::Presence::kForeign) ++foreign;
    if (entry.presence == Routes::Presence::kAbsent && entry.wanted) ++missing;
  }
}

}  // namespace dpvrrp
