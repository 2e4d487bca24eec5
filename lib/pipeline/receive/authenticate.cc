// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/receive/authenticate.h"

#include <cstring>

#include "pipeline/receive/deliver.h"

namespace dpvrrp {

DropReason CheckPlain(const Candidate& c) {
  const VirtualRouterConfig& config = c.router->config;
  if (config.auth == AuthKind::kAuthHmac && config.trailer.mode == TrailerMode::kEnforce) {
    return DropReason::kExtMissing;
  }
  const auto& header = *reinterpret_cast<const VrrpV2Header*>(c.message.data());
  if (header.version() != 2) {  // VRRPv3 has no authentication of its own
    return WireAuthType(config.auth) == 0 ? DropReason::kNone : DropReason::kAuthTypeMismatch;
  }
  const DropReason reason = CheckAuthType(header.auth_type, config.auth);
  if (reason != DropReason::kNone) return reason;
  if (config.auth == AuthKind::kAh) return DropReason::kAuthTypeMismatch;  // says AH, brings none
  if (config.auth == AuthKind::kSimple &&
      !EqualInConstantTime(c.message.last<kAuthDataBytes>().data(), config.password.data(), kAuthDataBytes)) {
    return DropReason::kBadPassword;
  }
  return DropReason::kNone;
}

}  // namespace dpvrrp
