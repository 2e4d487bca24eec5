// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/authenticate.h"

#include <cstring>

namespace dpvrrp {
namespace {

DropReason CheckAuthType(uint8_t type, AuthKind wanted) {
  if (type > static_cast<uint8_t>(AuthKind::kAh)) return DropReason::kInvalidAuthType;
  return type == static_cast<uint8_t>(wanted) ? DropReason::kNone : DropReason::kAuthTypeMismatch;
}

DropReason CheckPlain(const Candidate& c) {
  const VirtualRouterConfig& config = c.router->config;
  const DropReason reason = CheckAuthType(c.advert.header->auth_type, config.auth);
  if (reason != DropReason::kNone) return reason;
  if (config.auth == AuthKind::kAh) return DropReason::kAuthTypeMismatch;  // says AH, brings none
  if (config.auth == AuthKind::kSimple &&
      !EqualInConstantTime(c.advert.auth_data, config.password.data(), kAuthDataBytes)) {
    return DropReason::kBadPassword;
  }
  return DropReason::kNone;
}

void MakeIcvInput(const Candidate& c, IcvJob& job) {
  const VirtualRouterConfig& config = c.router->config;
  uint8_t* icv = reinterpret_cast<uint8_t*>(c.ah + 1);
  const size_t icv_bytes = config.key->icv_bytes();
  job.key = config.key.get();
  job.data = reinterpret_cast<const uint8_t*>(c.ip);
  job.length = c.ip->total_length.host();
  std::memcpy(job.icv, icv, icv_bytes);
  std::memset(icv, 0, icv_bytes);
  c.ip->tos = 0;
  c.ip->flags_fragment = Be16(0);
  c.ip->checksum = Be16(0);
  if (config.icv_rule == IcvRule::kRfc4302) c.ip->ttl = 0;
}

}  // namespace

DropReason BeginAuthentication(Candidate& c, IcvJob& job) {
  if (c.ah == nullptr) return CheckPlain(c);
  const VirtualRouter& router = *c.router;
  if (router.config.auth != AuthKind::kAh) return DropReason::kAuthTypeMismatch;
  if (c.ah->payload_len != AhPayloadLen(router.config.key->icv_bytes())) return DropReason::kAhLength;
  const uint32_t spi = c.ah->spi.host();
  if (spi == 0 || spi != c.source.v4()) return DropReason::kBadSpi;  // AH-06, AH-32
  const DropReason reason = router.senders.Check(c.source, c.sequence);
  if (reason != DropReason::kNone) return reason;
  MakeIcvInput(c, job);
  return DropReason::kNone;
}

DropReason FinishAuthentication(Candidate& c, const IcvJob& job, Instant now) {
  if (!job.match) return DropReason::kBadIcv;
  const DropReason reason = c.router->senders.Commit(c.source, c.sequence, now);
  if (reason != DropReason::kNone) return reason;
  const DropReason parsed = ParseVrrpV2(c.message, c.advert);
  if (parsed != DropReason::kNone) return parsed;
  return CheckAuthType(c.advert.header->auth_type, AuthKind::kAh);
}

}  // namespace dpvrrp
