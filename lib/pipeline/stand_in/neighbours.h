// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/counter.h"
#include "base/time.h"
#include "pipeline/stand_in/frame_queue.h"
#include "pipeline/timer_wheel.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// The Ethernet addresses of unicast peers, or of the gateways to them: asked for by ARP or neighbour solicitation while
// the router is not in Initialize, once a second until one answers, and again when nothing has been heard of it for
// kPeerFresh. A known address stays until another answer replaces it.
//
// Who asks: the router's own address, at the port's MAC. (The virtual MAC is the master's, and switches learn from
// whatever has it as source.) An owner whose own address is a virtual one asks at the virtual MAC, and only as master:
// hosts learn from questions too (V3-122).
//
// Thread: owning lcore.
class Neighbours {
 public:
  static constexpr Nanoseconds kPeerFresh = std::chrono::seconds(30);
  static constexpr Nanoseconds kAskAgain = std::chrono::seconds(1);

  Neighbours(FrameQueue& queue, TimerWheel& wheel, Counter& asked) : queue_(queue), wheel_(wheel), asked_(asked) {}

  // Its state has changed. In Initialize, and before it goes, it has no timer.
  void OnStateChange(VirtualRouter& router, Instant now);
  // Its ask_timer has fired.
  void Ask(VirtualRouter& router, Instant now);
  // The peer's next hop has said that this is its address.
  void Learn(VirtualRouter& router, size_t peer, const MacAddress& mac, Instant now);

 private:
  FrameQueue& queue_;
  TimerWheel& wheel_;
  Counter& asked_;
};

}  // namespace dpvrrp
