// SPDX-License-Identifier: BSD-3-Clause
//
// Stage 3: does an authentic advert agree with our configuration (RFC 3768 7.1's last checks)? Everything up to here
// has touched no timer, and a rejection here does not either.
//
// Thread: owning lcore; PrepareInbound: control, before the hand-over. Allocates nothing.
#pragma once

#include "base/drop_reason.h"
#include "base/remark.h"
#include "base/types.h"
#include "pipeline/receive/classify.h"

namespace dpvrrp {

// Fills in router.inbound from its configuration and advert template.
void PrepareInbound(VirtualRouter& router);
// Fills in its part about keys, anew when they have been replaced.
void AdoptKeys(VirtualRouter& router);

// What is to be obeyed of an advert.
struct Advert {
  AdvertReceived received;
  Remarks remarks;  // what is odd about it
};

// The first reason why the advert is not to be obeyed, or kNone and the `advert`.
DropReason ReadAdvert(const Candidate& candidate, Instant now, Advert& advert);

// Of a message's version field.
inline DropReason CheckVersion(const VirtualRouterConfig& config, uint8_t version) {
  const bool spoken =
      version == static_cast<uint8_t>(config.machine.version) || (config.v2_coexistence && version == 2);
  return spoken ? DropReason::kNone : DropReason::kBadVersion;
}

// RFC 2338 5.3.6's type field.
inline DropReason CheckAuthType(uint8_t type, AuthKind wanted) {
  if (type > static_cast<uint8_t>(AuthKind::kAh)) return DropReason::kInvalidAuthType;
  return type == WireAuthType(wanted) ? DropReason::kNone : DropReason::kAuthTypeMismatch;
}

}  // namespace dpvrrp
