// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/receive/auth_trailer.h"

#include <algorithm>
#include <bit>

#include "pipeline/receive/authenticate.h"
#include "wire/checksum.h"

namespace dpvrrp {
namespace {

// How far above the last number of a sender one is likely: an hour.
constexpr uint64_t kLikelyAhead = uint64_t{3600} << 32;

uint32_t WindowOf(const TrailerRules& rules) { return rules.anti_replay == AntiReplay::kTime ? rules.time_window : 0; }

// Not acceptable in time mode: too far from our clock, or we have none yet.
bool IsOutOfTime(const TrailerRules& rules, uint64_t number, uint64_t clock) {
  return rules.anti_replay == AntiReplay::kTime && (clock == 0 || SecondsApart(number, clock) > rules.time_window);
}

// The sender's last number; 0: nothing to compare with. In time mode one that is out of time by now says nothing: it
// can only be so far ahead if a clock has been put back (keepalived.md 2.5).
uint64_t MarkOf(const Candidate& c, uint64_t clock) {
  const uint64_t last = std::max(c.router->senders.LastOf(c.source()), HeardInFormerTimes(c));
  return last == 0 || IsOutOfTime(c.router->config.trailer, last, clock) ? 0 : last;
}

bool IsReplay(const Candidate& c, uint64_t clock) {
  const uint64_t mark = MarkOf(c, clock);
  return c.trailer().number() == 0 || (mark != 0 && !IsLater(c.trailer().number(), mark));
}

bool IsLikely(const Candidate& c) {
  const uint64_t last = c.router->senders.LastOf(c.source());
  return last != 0 && c.trailer().number() - last < kLikelyAhead;
}

}  // namespace

bool MakeTrailerJob(const Candidate& c, TrailerBurst& burst, IcvJob& job) {
  const std::vector<KeySet::Key>& keys = c.router->config.keys->keys;
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const KeySet::Key& k) { return k.id == c.trailer().key_id; });
  if (key == keys.end()) return false;
  const std::span<const uint8_t> message(c.message.data(), c.message.size() + sizeof(AuthTrailer));
  const size_t bytes = kTrailerPseudoBytes + message.size();
  uint8_t* const input = burst.Take(bytes);
  WriteTrailerInput(c.source(), message, input);
  job.key = key->mac.get();
  job.data = input;
  job.length = static_cast<uint32_t>(bytes);
  std::memcpy(job.icv, c.trailer().hmac, kTrailerHmacBytes);
  return true;
}

DropReason BeginTrailer(const Candidate& c, FloodShare& share, TrailerBurst& burst, IcvJob& job) {
  const AuthTrailer& trailer = c.trailer();
  if (!trailer.well_formed()) return DropReason::kExtMalformed;
  if (IsOutOfTime(c.router->config.trailer, trailer.number(), burst.clock())) return DropReason::kExtStale;
  if (IsReplay(c, burst.clock())) return DropReason::kExtReplay;
  if (share.engaged && !internal::MayVerify(*c.router, share, [&] { return IsLikely(c); })) {
    return DropReason::kUnverified;
  }
  return MakeTrailerJob(c, burst, job) ? DropReason::kNone : DropReason::kExtUnknownKey;
}

DropReason FinishTrailer(const Candidate& c, const IcvJob& job, uint64_t clock, Instant now) {
  if (!job.match) return DropReason::kExtInvalidHmac;
  if (IsReplay(c, clock)) return DropReason::kExtReplay;  // a burst may hold it twice
  c.router->senders.Take(c.source(), c.trailer().number(), now);
  return DropReason::kNone;
}

bool ClockDiffers(const Candidate& c, uint64_t clock) {
  const TrailerRules& rules = c.router->config.trailer;
  return rules.anti_replay == AntiReplay::kTime && 2 * SecondsApart(c.trailer().number(), clock) > rules.time_window;
}

void TakeTrailerNumber(VirtualRouter& router, uint64_t clock) {
  router.sequence.Take(NextTrailerNumber(router.sequence.sent(), clock, WindowOf(router.config.trailer)));
}

void WriteTrailer(const VirtualRouter& router, std::span<uint8_t> message, TrailerBurst& burst, IcvJob& job) {
  auto& trailer = *reinterpret_cast<AuthTrailer*>(message.data() + message.size() - sizeof(AuthTrailer));
  trailer.type = kTrailerTypeHmac;
  trailer.key_id = router.config.keys->keys.front().id;
  trailer.set_number(router.sequence.sent());
  const size_t bytes = kTrailerPseudoBytes + message.size();
  uint8_t* const input = burst.Take(bytes);
  WriteTrailerInput(router.config.machine.source, message, input);
  job.key = router.inbound.key;
  job.data = input;
  job.length = static_cast<uint32_t>(bytes);
}

void SealTrailer(const IcvJob& job, Family family, std::span<uint8_t> message) {
  auto& trailer = *reinterpret_cast<AuthTrailer*>(message.data() + message.size() - sizeof(AuthTrailer));
  std::memcpy(trailer.hmac, job.icv, kTrailerHmacBytes);
  if (family == Family::kIpv4) return;
  auto& vrrp = *reinterpret_cast<VrrpV2Header*>(message.data());  // where VRRPv3's has the same field
  const auto sum = static_cast<uint16_t>(~std::bit_cast<uint16_t>(vrrp.checksum));
  vrrp.checksum = ChecksumOf(OnesComplementSum(reinterpret_cast<const uint8_t*>(&trailer), sizeof trailer, sum));
}

}  // namespace dpvrrp
