// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/frame_copier.h"

#include <rte_ring.h>

namespace dpvrrp {

static_assert(sizeof(FrameCopy) % 4 == 0);  // a rule of rings with elements

void FrameCopier::Saw(const Frame& frame, const Disposition& how, Instant now) {
  if (!wanted_.Selects(frame, how)) return;
  const FrameCopy copy(frame, how, now);
  if (rte_ring_sp_enqueue_bulk_elem(&ring_, &copy, sizeof copy, 1, nullptr) == 0) lost_.Add();
}

size_t FrameCopier::Take(std::span<FrameCopy> out) {
  return rte_ring_sc_dequeue_burst_elem(&ring_, out.data(), sizeof(FrameCopy), static_cast<unsigned>(out.size()),
                                        nullptr);
}

}  // namespace dpvrrp
