// SPDX-License-Identifier: BSD-3-Clause
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

// Frames, each pair of workers, direction and kind. Full: a received frame is dropped, counted; one to send waits.
inline constexpr size_t kHandoffDepth = 512;

// Why a frame goes from one worker to another.
enum class HandoffKind : uint8_t {
  kReceived,  // it is of a segment that the other owns
  kToSend,    // it leaves by a port on which only the other has a transmit queue; mbuf->port says which
};
inline constexpr size_t kHandoffKinds = 2;

// A worker's ends of the rings to and from one other worker; each has one producer and one consumer.
struct HandoffRings {
  std::array<rte_ring*, kHandoffKinds> to{};  // by HandoffKind
  std::array<rte_ring*, kHandoffKinds> from{};
  Waker* waker = nullptr;  // the other's, if it may be asleep
};

// What one worker passes to the others and gets from them.
//
// Thread: the worker's lcore.
class Handoff {
 public:
  // `neighbours` by worker; the worker's own entry has no rings and is not used. Empty: there are no others.
  Handoff(std::vector<HandoffRings> neighbours, WorkerCounters& counters);
  Handoff(const Handoff&) = delete;
  Handoff& operator=(const Handoff&) = delete;

  bool alone() const { return lanes_.empty(); }

  // Gives the frame away with the next Flush(), which must come before kMaxBurst more of its kind.
  void Pass(HandoffKind kind, size_t worker, rte_mbuf* frame);
  // Afterwards there is room for kMaxBurst again, unless frames to send had to wait: then IsStuck(), until another
  // call.
  void Flush(HandoffKind kind);
  bool IsStuck() const { return stuck_; }
  // Fills `out` from the front with what the others have passed, in turns; returns how many.
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
  size_t first_ = 0;  // whose ring is looked at first: none is left to starve
};

}  // namespace dpvrrp
