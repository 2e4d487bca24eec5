// SPDX-License-Identifier: BSD-3-Clause
//
// Every bound of the data plane in one place, with the behaviour at the bound.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace dpvrrp {

inline constexpr size_t kMaxBurst = 64;  // frames per receive or transmit burst; the others wait in the ring
inline constexpr size_t kMaxVirtualAddresses = 255;  // RFC 3768 5.3.5: one byte; refused in configuration
inline constexpr size_t kMaxUnicastPeers = 32;       // of an instance; refused in configuration
inline constexpr size_t kMaxAllowedSenders = 8;      // of an instance; refused in configuration and by command
inline constexpr size_t kMaxBlockedSenders = 64;     // of all instances; refused likewise
inline constexpr size_t kMaxSenders = 8;        // authenticated senders per instance; the one silent longest is evicted
inline constexpr size_t kMinReplayWindow = 64;  // numbers of a sender that are distinguished
inline constexpr size_t kMaxReplayWindow = 4096;  // refused in configuration
inline constexpr size_t kMaxKeys = 16;            // of a keyring; refused in configuration
inline constexpr size_t kMaxFrameBytes = 2048;    // a longer frame is dropped as truncated
inline constexpr size_t kMaxReadyFrames = 256;  // answers and queries of the responder; more are not sent, but counted
inline constexpr int64_t kResponsesPerSecond = 10000;  // to hosts; more, also for the next two rates, is only counted
inline constexpr int64_t kLessonsPerSecond = 10000;    // peers' addresses learned, one for each instance
inline constexpr int64_t kQueriesPerSecond = 1000;     // for group members
inline constexpr size_t kMaxSpeakers = 2048;      // recorded by a worker's watch; the one silent longest is evicted
inline constexpr size_t kWatchRate = 20'000;      // frames a second that the watch inspects; others are not inspected
inline constexpr size_t kWatchProbeRate = 100;    // ICVs a second computed only to find out if a key is right
inline constexpr size_t kEventQueueDepth = 4096;  // shard -> control; a transition waits, a notice is dropped, counted
#ifdef DPVRRP_FUZZ  // here each input makes a shard, and AddressSanitizer marks all its memory
inline constexpr size_t kMaxInstances = 1024;
inline constexpr size_t kMaxSegments = 64;
#else
inline constexpr size_t kMaxInstances = 524288;  // refused in configuration
inline constexpr size_t kMaxSegments = 16384;    // tagged LAN segments; refused in configuration
#endif
inline constexpr Nanoseconds kQueueRetry = std::chrono::milliseconds(10);  // for a frame that found kMaxReadyFrames

}  // namespace dpvrrp
