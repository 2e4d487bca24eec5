// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "dataplane/dataplane.h"
#include "dataplane/handoff.h"

struct rte_mempool;

namespace dpvrrp {

// Descriptors asked for; a driver may round them or have fewer. At 25 GbE line rate of the smallest adverts 1024 frames
// are 33 us: what the worker may spend elsewhere before the port drops.
inline constexpr uint16_t kRxDescriptors = 1024;
inline constexpr uint16_t kTxDescriptors = 512;

// Buffers that a worker can have out at once, so that its pool never runs dry: every descriptor of every port, a
// received burst, a burst of spare transmit buffers and one being sent, what waits in the rings to the other workers or
// has just been taken from them, and what sits in the pool's caches, of which the main lcore has one and each worker.
inline constexpr uint32_t kPoolCache = 256;
constexpr uint32_t PoolBuffers(size_t ports, size_t workers) {
  const size_t caches = (workers + 1) * (kPoolCache * 3 / 2);
  const size_t handed_over = (workers - 1) * kHandoffKinds * (kHandoffDepth + kMaxBurst);
  return static_cast<uint32_t>(ports * (kRxDescriptors + kTxDescriptors) + 3 * kMaxBurst + caches + handed_over);
}

// The DPDK port of a device that EAL has probed. NotFound: there is none; FailedPrecondition: several, or its number is
// kMaxPorts or higher.
absl::StatusOr<PortId> FindPort(absl::string_view device);

// Configures the port with a queue each way for each of its workers, as far as it has so many; starts it, and makes it
// receive 224.0.0.18. `port` comes with id, device and workers, and leaves with the rest; `lcores` and `pools`
// are those of its workers, in the same order. If that fails the port is left stopped; ClosePort() it.
absl::Status StartPort(PortInfo& port, std::span<const uint32_t> lcores, std::span<rte_mempool* const> pools,
                       bool with_interrupts);

void ClosePort(PortId port);  // stops it too

// Thread of all: control.
}  // namespace dpvrrp
