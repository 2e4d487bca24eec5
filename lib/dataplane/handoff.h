// SPDX-License-Identifier: BSD-3-Clause
//
// The exchange of frames between workers: a received frame goes to the worker that owns its segment, a frame to send to
// the worker that has a queue of its port.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/limits.h"
#include "dataplane/dataplane.h"

struct rte_mbuf;
struct rte_ring;

namespace dpvrrp {

class Waker;

// Frames in the ring of each pair of workers, direction and kind. Full: a received frame is dropped and counted; a
// frame to send waits.
inline constexpr size_t kHandoffDepth = 512;

// Why a frame is passed from one worker to another.
enum class HandoffKind : uint8_t {
  kReceived,  // the other worker owns its segment
  kToSend,    // only the other worker has a transmit queue of its port, mbuf->port
};
inline constexpr size_t kHandoffKinds = 2;

// A worker's ends of the rings to and from one other worker; each has one producer and one consumer.
struct HandoffRings {
  std::array<rte_ring*, kHandoffKinds> to{};  // by HandoffKind
  std::array<rte_ring*, kHandoffKinds> from{};
  Waker* waker = nullptr;  // of the other worker, if it may sleep
};

// The frames that one worker passes to the others and receives from them.
//
// Thread: the worker's lcore.
class Handoff {
 public:
  // `neighbours` by worker. The worker's own entry has no rings and is not used. Empty: there are no other workers.
  Handoff(std::vector<HandoffRings> neighbours, WorkerCounters& counters);
  Handoff(const Handoff&) = delete;
  Handoff& operator=(const Handoff&) = delete;

  bool alone() const { return lanes_.empty(); }

  // Passes the frame with the next Flush(). Flush() must be called before kMaxBurst more frames of its kind.
  void Pass(HandoffKind kind, size_t worker, rte_mbuf* frame);
  // Afterwards there is room for kMaxBurst frames again, unless frames to send had to wait. Then IsStuck() is true
  // until another call succeeds.
  void Flush(HandoffKind kind);
  bool IsStuck() const { return stuck_; }
  // Fills `out` from the front with frames of the other workers, in turns, and returns their number.
  size_t Take(HandoffKind kind, std::span<rte_mbuf*> out);

 private:
  // Frames for one worker, not yet in the ring.
  struct Lane {
    std::array<rte_mbuf*, kMaxBurst> frames;
    size_t count = 0;
  };

  std::vector<HandoffRings> neighbours_;
  WorkerCounters& counters_;
  std::vector<std::array<Lane, kHandoffKinds>> lanes_;  // by worker
  bool stuck_ = false;
  size_t first_ = 0;  // the worker whose ring is read first, so that none starves
};

}  // namespace dpvrrp
