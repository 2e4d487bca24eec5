// SPDX-License-Identifier: BSD-3-Clause
//
// Finds, starts and closes a DPDK port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "dataplane/dataplane.h"
#include "dataplane/handoff.h"
#include "dataplane/twin_exchange.h"

struct rte_mempool;

namespace dpvrrp {

// Requested descriptors; a driver may round them or have fewer. At 25 GbE line rate of the smallest adverts 1024 frames
// take 33 us. The worker may do other work for this time before the port drops frames.
inline constexpr uint16_t kRxDescriptors = 1024;
inline constexpr uint16_t kTxDescriptors = 512;

// The greatest number of buffers in use by a worker at once, so that its pool never runs empty: every descriptor of
// every port, a received burst, a burst of spare transmit buffers and one being sent, the frames in the rings to the
// other workers or just taken from them, those that wait for the twins and are read from them, and the pool's caches,
// one for the main lcore and one for each worker.
inline constexpr uint32_t kPoolCache = 256;
constexpr uint32_t PoolBuffers(size_t ports, size_t workers, size_t twins = 0) {
  const size_t caches = (workers + 1) * (kPoolCache * 3 / 2);
  const size_t handed_over = (workers - 1) * kHandoffKinds * (kHandoffDepth + kMaxBurst);
  const size_t of_twins = twins == 0 ? 0 : kTwinDepth + 2 * kTwinBurst;
  return static_cast<uint32_t>(ports * (kRxDescriptors + kTxDescriptors) + 3 * kMaxBurst + caches + handed_over +
                               of_twins);
}

// The DPDK port of a device that EAL has probed. NotFound: none; FailedPrecondition: several.
absl::StatusOr<DpdkPort> FindPort(absl::string_view device);

// Configures the port with a queue each way for each of its workers, if it has enough queues; starts it, and makes it
// receive 224.0.0.18. The caller sets id, dpdk, device and workers of `port`; this function sets the other fields
// except `open`. `lcores` and `pools` are those of its workers, in the same order. If it fails, the port is left
// stopped; call ClosePort().
absl::Status StartPort(PortInfo& port, std::span<const uint32_t> lcores, std::span<rte_mempool* const> pools,
                       bool with_interrupts);

void ClosePort(DpdkPort port);  // stops it too

// Thread of all functions: control.
}  // namespace dpvrrp
