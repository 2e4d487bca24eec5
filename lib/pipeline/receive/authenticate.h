// SPDX-License-Identifier: BSD-3-Clause
//
// Stage 2: is the frame from a sender with the key, and is it new? Two halves with the burst's ICVs between them
// (RFC 4302 3.4.3: look first, verify, only then believe the number).
//
// Thread: owning lcore. Allocates nothing.
#pragma once

#include <cstring>

#include "base/drop_reason.h"
#include "base/time.h"
#include "crypto/icv_engine.h"
#include "pipeline/receive/classify.h"
#include "pipeline/receive/flood_order.h"

namespace dpvrrp {

// Copies an ICV of so many bytes, a MAC algorithm's. The lengths are constants to the compiler: loads and stores, where
// a length it does not know would be a call.
inline void CopyIcv(size_t bytes, const uint8_t* from, uint8_t* to) {
  switch (bytes) {
    case 12:  // HMAC-MD5-96, HMAC-SHA1-96, AES-128-CMAC-96
      std::memcpy(to, from, 12);
      return;
    case 16:  // HMAC-SHA256-128
      std::memcpy(to, from, 16);
      return;
    case 24:  // HMAC-SHA384-192, AES-GMAC
      std::memcpy(to, from, 24);
      return;
    default:  // HMAC-SHA512-256
      std::memcpy(to, from, kMaxIcvBytes);
  }
}

namespace internal {

// A backup that has not heard a master yet: until its timer expires any sender may be the one.
inline bool AwaitsItsMaster(const VirtualRouter& router) {
  return router.machine.state == State::kBackup && !router.machine.knows_master();
}

// In a flood: whether the ICV of an advert to this router is to be computed (flood_order.h). Takes its part of the
// share.
template <typename IsLikely>
inline bool MayVerify(VirtualRouter& router, FloodShare& share, const IsLikely& is_likely) {
  Inbound& inbound = router.inbound;
  if (inbound.flood_burst != share.burst) {
    inbound.flood_burst = share.burst;
    inbound.flood_verified = 0;
  }
  if (inbound.flood_verified < FloodOrder::kLikelyOfAnInstance && (is_likely() || AwaitsItsMaster(router))) {
    ++inbound.flood_verified;
    return true;
  }
  if (share.unlikely_left == 0) return false;
  --share.unlikely_left;
  return true;
}

}  // namespace internal

// Our profile's IV of AES-GMAC (docs/decisions/0010): no two adverts under one key have the same.
inline void MakeGmacIv(const uint8_t* source_last4, Be32 sequence, uint8_t* iv) {
  std::memcpy(iv, source_last4, 4);
  std::memcpy(iv + 4, &sequence, 4);
}

// The last four bytes of the source address of an IP header.
inline const uint8_t* SourceLast4(const Ipv4Header& ip) { return reinterpret_cast<const uint8_t*>(&ip.source); }
inline const uint8_t* SourceLast4(const Ipv6Header& ip) { return ip.source.data() + 12; }

// What AES-GMAC's ICV begins with is not the sender's choice. True of all other algorithms.
inline bool IsIvRight(const Candidate& c, const Inbound& inbound) {
  if (inbound.icv_bytes != 24 || !IsGmac(inbound.key->algorithm())) return true;
  uint8_t iv[kGmacIvBytes];
  MakeGmacIv(c.is_v4 ? SourceLast4(*c.ip) : SourceLast4(*c.ip6), c.ah->sequence_number, iv);
  return std::memcmp(iv, c.ah + 1, sizeof iv) == 0;
}

// AH-06, AH-32.
inline bool IsSpiRight(const Candidate& c, const Inbound& inbound) {
  if (inbound.spi_is_set) return c.ah->spi == Be32(c.router->config.spi);
  return c.is_v4 && c.ah->spi != Be32(0) && c.ah->spi == c.ip->source;
}

// The frame becomes the input of its ICV, which moves into the job.
[[gnu::always_inline]] inline void MakeIcvInput(const Candidate& c, const Inbound& inbound, IcvJob& job) {
  static constexpr uint8_t kZeros[kMaxIcvBytes] = {};
  job.key = inbound.key;
  job.data = reinterpret_cast<const uint8_t*>(c.ip);
  job.length = static_cast<uint32_t>(c.message.data() + c.message.size() - job.data);
  uint8_t* icv = reinterpret_cast<uint8_t*>(c.ah + 1);
  CopyIcv(inbound.icv_bytes, icv, job.icv);
  CopyIcv(inbound.icv_bytes, kZeros, icv);
  if (!c.is_v4) {  // RFC 4302 3.3.3.1.2 (AH-22)
    c.ip6->version_class = 0x60;
    c.ip6->class_flow = 0;
    c.ip6->flow = Be16(0);
    c.ip6->hop_limit = 0;
    return;
  }
  c.ip->tos = 0;
  c.ip->flags_fragment = Be16(0);
  c.ip->checksum = Be16(0);
  if (inbound.icv_rule == IcvRule::kRfc4302) c.ip->ttl = 0;
}

// Puts the received ICV back into a frame that MakeIcvInput() changed, for the watch, which may keep a copy of it.
inline void RestoreIcv(const Candidate& c, const IcvJob& job) {
  CopyIcv(c.router->inbound.icv_bytes, job.icv, reinterpret_cast<uint8_t*>(c.ah + 1));
}

// Without AH and trailer: whether that may be, type field and password. Changes nothing.
DropReason CheckPlain(const Candidate& candidate);

// With AH, before the ICV: the kind of authentication, its lengths, SPI, sequence number. Changes nothing but, when it
// answers kNone, `job` and the frame: the received ICV moves into the job and the fields it does not cover become zero
// in the frame, which then is the ICV input (RFC 4302 3.3.3.1; conformance AH-19, AH-20, AH-22, AH-23).
//
// In a flood it takes its part of `share`; there is none: kUnverified.
[[gnu::always_inline]] inline DropReason BeginAuthentication(const Candidate& c, FloodShare& share, IcvJob& job) {
  const Inbound& inbound = c.router->inbound;
  if (inbound.auth != AuthKind::kAh) return DropReason::kAuthTypeMismatch;
  if (c.ah->payload_len != inbound.ah_payload_len) return DropReason::kAhLength;
  if (!IsSpiRight(c, inbound)) return DropReason::kBadSpi;
  const DropReason reason = c.router->senders.Check(c.source(), c.sequence);
  if (reason != DropReason::kNone) return reason;
  if (!IsIvRight(c, inbound)) return DropReason::kBadIcv;
  const auto is_likely = [&] { return c.router->senders.IsLikely(c.source(), c.sequence); };
  if (share.engaged && !internal::MayVerify(*c.router, share, is_likely)) return DropReason::kUnverified;
  MakeIcvInput(c, inbound, job);
  return DropReason::kNone;
}

// The ICV of a job that did not match is to be computed again, with the instance's key at this place in its KeySet.
// False: it has no more keys.
inline bool TryAnotherKey(const Candidate& c, size_t place, IcvJob& job) {
  if (place > c.router->inbound.other_keys) return false;
  job.key = c.router->config.keys->keys[place].mac.get();
  return true;
}

// The last number of the candidate's sender, if it was heard in former times with the VRID that the router moves to;
// else 0.
inline uint64_t HeardInFormerTimes(const Candidate& c) {
  const VirtualRouter& router = *c.router;
  if (!router.inbound.is_moving || c.vrid != router.next_vrid || router.next_record == nullptr) return 0;
  return HighestOf(*router.next_record, c.source());
}

// With AH, after the ICV: takes the sequence number if `job` matched.
inline DropReason FinishAuthentication(const Candidate& c, const IcvJob& job, Instant now) {
  if (!job.match) return DropReason::kBadIcv;
  if (const uint64_t former = HeardInFormerTimes(c); former != 0 && c.sequence <= former) return DropReason::kStale;
  SenderTable& senders = c.router->senders;
  const DropReason reason = senders.Commit(c.source(), c.sequence, now);
  if (reason == DropReason::kNone && c.router->inbound.shared_counter) senders.RaiseGroup(c.sequence);
  return reason;
}

}  // namespace dpvrrp
