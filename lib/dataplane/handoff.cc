// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/handoff.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
#include <utility>

#include "dataplane/idle.h"

namespace dpvrrp {

Handoff::Handoff(std::vector<HandoffRings> neighbours, WorkerCounters& counters)
    : neighbours_(std::move(neighbours)), counters_(counters), lanes_(neighbours_.size()) {}

void Handoff::Pass(HandoffKind kind, size_t worker, rte_mbuf* frame) {
  Lane& lane = lanes_[worker][static_cast<size_t>(kind)];
  lane.frames[lane.count++] = frame;
}

void Handoff::Flush(HandoffKind kind) {
  const auto k = static_cast<size_t>(kind);
  if (kind == HandoffKind::kToSend) stuck_ = false;
  for (size_t worker = 0; worker < lanes_.size(); ++worker) {
    Lane& lane = lanes_[worker][k];
    if (lane.count == 0) continue;
    void** frames = reinterpret_cast<void**>(lane.frames.data());
    const unsigned put =
        rte_ring_sp_enqueue_burst(neighbours_[worker].to[k], frames, static_cast<unsigned>(lane.count), nullptr);
    counters_.handed_over.Add(put);
    lane.count -= put;
    rte_mbuf** rest = lane.frames.data() + put;
    if (kind == HandoffKind::kToSend) {
      std::copy_n(rest, lane.count, lane.frames.data());
      stuck_ |= lane.count > 0;
    } else if (lane.count > 0) {
      rte_pktmbuf_free_bulk(rest, static_cast<unsigned>(lane.count));
      counters_.handoff_dropped.Add(lane.count);
      lane.count = 0;
    }
    if (neighbours_[worker].waker != nullptr) neighbours_[worker].waker->Wake();
  }
}

size_t Handoff::Take(HandoffKind kind, std::span<rte_mbuf*> out) {
  size_t taken = 0;
  const size_t workers = neighbours_.size();
  for (size_t i = 0; i < workers && taken < out.size(); ++i) {
    rte_ring* ring = neighbours_[(first_ + i) % workers].from[static_cast<size_t>(kind)];
    if (ring == nullptr) continue;
    taken += rte_ring_sc_dequeue_burst(ring, reinterpret_cast<void**>(out.data() + taken),
                                       static_cast<unsigned>(out.size() - taken), nullptr);
  }
  if (workers > 0) first_ = (first_ + 1) % workers;
  return taken;
}

}  // namespace dpvrrp
