// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/virtual_router.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "pipeline/advert_writer.h"
#include "pipeline/deliver.h"

namespace dpvrrp {

static_assert(sizeof(Inbound) == 40);  // and with the 24 bytes in front of SenderTable's first sender one cache line

VirtualRouter::VirtualRouter(VirtualRouterConfig c)
    : senders(c.record != nullptr ? *c.record : unrecorded),
      config(std::move(c)),
      sequence(config.record != nullptr ? *config.record : unrecorded) {
  DPVRRP_CHECK(config.auth != AuthKind::kAh || (config.record != nullptr && config.key != nullptr));
  DPVRRP_CHECK(!config.addresses.empty() && config.addresses.size() <= kMaxVirtualAddresses);
  for (const IpAddress& address : config.addresses) sorted_addresses.push_back(address.v4());
  std::sort(sorted_addresses.begin(), sorted_addresses.end());
  timer.router = this;
  PrepareAdvertTemplate(*this);
  PrepareInbound(*this);
}

}  // namespace dpvrrp
