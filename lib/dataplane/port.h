// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "dataplane/dataplane.h"

struct rte_mempool;

namespace dpvrrp {

// Descriptors asked for; a driver may round them or have fewer. At 25 GbE line rate of the smallest adverts 1024 frames
// are 33 us: what the worker may spend elsewhere before the port drops.
inline constexpr uint16_t kRxDescriptors = 1024;
inline constexpr uint16_t kTxDescriptors = 512;

inline constexpr uint16_t kQueue = 0;  // one receive and one transmit queue a port today

// Buffers that a worker with so many ports can have out at once, so that its pool never runs dry: every descriptor of
// every port, a received burst, a burst of spare transmit buffers and one being sent, and what sits in the pool's
// cache.
inline constexpr uint32_t kPoolCache = 256;
constexpr uint32_t PoolBuffers(size_t ports) {
  return static_cast<uint32_t>(ports * (kRxDescriptors + kTxDescriptors) + 3 * kMaxBurst + 2 * kPoolCache);
}

// The DPDK port of a device that EAL has probed. NotFound: there is none; FailedPrecondition: several, or its number is
// kMaxPorts or higher.
absl::StatusOr<PortId> FindPort(absl::string_view device);

// Configures the port with one queue each way, starts it, and makes it receive 224.0.0.18. If that fails the port is
// left stopped; ClosePort() it.
absl::StatusOr<PortInfo> StartPort(PortId port, absl::string_view device, rte_mempool& pool);

void ClosePort(PortId port);  // stops it too

// Thread of all: control.
}  // namespace dpvrrp
