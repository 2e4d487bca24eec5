// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/authenticate.h"

#include <cstring>

#include "pipeline/deliver.h"

namespace dpvrrp {
namespace {

constexpr size_t kShortIcv = 12;  // HMAC-MD5-96, HMAC-SHA1-96
constexpr size_t kLongIcv = 16;   // HMAC-SHA256-128
static_assert(kLongIcv <= kMaxIcvBytes);

DropReason CheckPlain(const Candidate& c) {
  const VirtualRouterConfig& config = c.router->config;
  const auto& header = *reinterpret_cast<const VrrpV2Header*>(c.message.data());
  const DropReason reason = CheckAuthType(header.auth_type, config.auth);
  if (reason != DropReason::kNone) return reason;
  if (config.auth == AuthKind::kAh) return DropReason::kAuthTypeMismatch;  // says AH, brings none
  if (config.auth == AuthKind::kSimple &&
      !EqualInConstantTime(c.message.last<kAuthDataBytes>().data(), config.password.data(), kAuthDataBytes)) {
    return DropReason::kBadPassword;
  }
  return DropReason::kNone;
}

// The length is a constant to the compiler, so that this is a load and two stores.
template <size_t kBytes>
void MoveIcv(uint8_t* icv, IcvJob& job) {
  std::memcpy(job.icv, icv, kBytes);
  std::memset(icv, 0, kBytes);
}

void MakeIcvInput(const Candidate& c, const Inbound& inbound, IcvJob& job) {
  job.key = inbound.key;
  job.data = reinterpret_cast<const uint8_t*>(c.ip);
  job.length = static_cast<uint32_t>(c.message.data() + c.message.size() - job.data);
  uint8_t* icv = reinterpret_cast<uint8_t*>(c.ah + 1);
  inbound.icv_bytes == kShortIcv ? MoveIcv<kShortIcv>(icv, job) : MoveIcv<kLongIcv>(icv, job);
  c.ip->tos = 0;
  c.ip->flags_fragment = Be16(0);
  c.ip->checksum = Be16(0);
  if (inbound.icv_rule == IcvRule::kRfc4302) c.ip->ttl = 0;
}

}  // namespace

DropReason BeginAuthentication(const Candidate& c, size_t& unlikely_allowed, IcvJob& job) {
  if (c.ah == nullptr) return CheckPlain(c);
  const Inbound& inbound = c.router->inbound;
  if (inbound.auth != AuthKind::kAh) return DropReason::kAuthTypeMismatch;
  if (c.ah->payload_len != inbound.ah_payload_len) return DropReason::kAhLength;
  if (c.ah->spi == Be32(0) || c.ah->spi != c.ip->source) return DropReason::kBadSpi;  // AH-06, AH-32
  const DropReason reason = c.router->senders.Check(c.source(), c.sequence);
  if (reason != DropReason::kNone) return reason;
  if (!c.router->senders.IsLikely(c.source(), c.sequence)) {
    if (unlikely_allowed == 0) return DropReason::kUnverified;
    --unlikely_allowed;
  }
  MakeIcvInput(c, inbound, job);
  return DropReason::kNone;
}

DropReason FinishAuthentication(const Candidate& c, const IcvJob& job, Instant now) {
  if (!job.match) return DropReason::kBadIcv;
  return c.router->senders.Commit(c.source(), c.sequence, now);
}

}  // namespace dpvrrp
