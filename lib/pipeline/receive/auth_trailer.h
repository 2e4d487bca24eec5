// SPDX-License-Identifier: BSD-3-Clause
//
// Stage 2 for adverts with an auth_hmac trailer (wire/auth_trailer.h), in and out. Its HMAC does not cover the frame as
// it stands, so the input is put together in a burst's scratch, and the ICV engine does the rest.
//
// The order is keepalived.md 2.5's, but that a number which is not above the sender's last is refused before its HMAC
// is computed, as AH's are.
//
// Thread: owning lcore. Allocates nothing.
#pragma once

#include <array>

#include "base/check.h"
#include "base/drop_reason.h"
#include "base/limits.h"
#include "base/time.h"
#include "crypto/icv_engine.h"
#include "pipeline/receive/classify.h"
#include "pipeline/receive/flood_order.h"
#include "wire/auth_trailer.h"

namespace dpvrrp {

// The HMAC inputs of a burst, and when it is.
class TrailerBurst {
 public:
  void Begin(uint64_t clock) {
    clock_ = clock;
    used_ = 0;
  }
  uint64_t clock() const { return clock_; }  // TrailerNumberAt() now; 0: UTC is not known yet
  uint8_t* Take(size_t bytes) {
    DPVRRP_CHECK(bytes <= bytes_.size() - used_);
    uint8_t* const taken = bytes_.data() + used_;
    used_ += bytes;
    return taken;
  }

 private:
  uint64_t clock_ = 0;
  size_t used_ = 0;
  std::array<uint8_t, kMaxBurst * kMaxFrameBytes> bytes_;
};

// Whether the router's own adverts carry a trailer, and how many bytes it adds.
inline bool SendsTrailer(const VirtualRouterConfig& config) {
  return config.auth == AuthKind::kAuthHmac && config.trailer.mode != TrailerMode::kReceiveOnly;
}
inline size_t SentTrailerBytes(const VirtualRouterConfig& config) {
  return SendsTrailer(config) ? sizeof(AuthTrailer) : 0;
}

// ---- In. All require candidate.has_trailer. ----

// Before the HMAC. Changes nothing but, when it answers kNone, `job` and the burst's scratch. In a flood it takes its
// part of `share`; there is none: kUnverified.
DropReason BeginTrailer(const Candidate& candidate, FloodShare& share, TrailerBurst& burst, IcvJob& job);

// The HMAC's computing. False: no key has this id.
bool MakeTrailerJob(const Candidate& candidate, TrailerBurst& burst, IcvJob& job);

// After the HMAC: takes the number if `job` matched.
DropReason FinishTrailer(const Candidate& candidate, const IcvJob& job, uint64_t clock, Instant now);

// Whether the clocks differ by more than half of what is tolerated.
bool ClockDiffers(const Candidate& candidate, uint64_t clock);

// ---- Out. All require SendsTrailer(). ----

// The number of the next advert, recorded before it is used.
void TakeTrailerNumber(VirtualRouter& router, uint64_t clock);

// Fills in the trailer at the end of a message that is complete but for its checksum, and makes the job that signs it.
void WriteTrailer(const VirtualRouter& router, std::span<uint8_t> message, TrailerBurst& burst, IcvJob& job);

// Puts the HMAC in, and over IPv6 the trailer into the message's checksum, which does not cover it yet.
void SealTrailer(const IcvJob& job, Family family, std::span<uint8_t> message);

}  // namespace dpvrrp
