// SPDX-License-Identifier: BSD-3-Clause
//
// Stage 3: does an authentic advert agree with our configuration (RFC 3768 7.1's last checks)? Everything up to here
// has touched no timer, and a rejection here does not either.
//
// Thread: owning lcore; PrepareInbound: control, before the hand-over. Allocates nothing.
#pragma once

#include "base/drop_reason.h"
#include "base/types.h"
#include "pipeline/classify.h"

namespace dpvrrp {

// Fills in router.inbound from its configuration and advert template.
void PrepareInbound(VirtualRouter& router);

// The first reason why the advert is not to be obeyed, or kNone and its `priority`.
DropReason ReadAdvert(const Candidate& candidate, Priority& priority);

// RFC 2338 5.3.6's type field.
inline DropReason CheckAuthType(uint8_t type, AuthKind wanted) {
  if (type > static_cast<uint8_t>(AuthKind::kAh)) return DropReason::kInvalidAuthType;
  return type == static_cast<uint8_t>(wanted) ? DropReason::kNone : DropReason::kAuthTypeMismatch;
}

}  // namespace dpvrrp
