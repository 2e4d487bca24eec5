// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/virtual_router.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "pipeline/receive/deliver.h"
#include "pipeline/send/advert_writer.h"

namespace dpvrrp {

static_assert(sizeof(Inbound) == 40);  // and with the 24 bytes in front of SenderTable's first sender one cache line

VirtualRouter::VirtualRouter(std::unique_ptr<SequenceRecord> stand_in, VirtualRouterConfig&& c)
    : senders(stand_in == nullptr ? *c.record : *stand_in, c.replay_window,
              c.restart_policy == RestartPolicy::kRefuse),  // who may begin again is behind by then
      config(std::move(c)),
      sequence(stand_in == nullptr ? *config.record : *stand_in),
      unrecorded(std::move(stand_in)),
      port(config.port),
      vlan(config.vlan) {
  DPVRRP_CHECK(config.auth != AuthKind::kAh || (config.record != nullptr && config.keys != nullptr));
  DPVRRP_CHECK(config.auth != AuthKind::kAuthHmac || (config.record != nullptr && config.keys != nullptr));
  DPVRRP_CHECK(config.auth != AuthKind::kAh || config.spi != 0 || config.family() == Family::kIpv4);
  DPVRRP_CHECK(!config.addresses.empty() && config.addresses.size() <= kMaxVirtualAddresses);
  if (config.advertised == 0) config.advertised = config.addresses.size();
  if (config.group.IsUnspecified()) config.group = VrrpGroup(config.family());
  sorted_addresses.assign(config.addresses.begin(),
                          config.addresses.begin() + static_cast<ptrdiff_t>(config.advertised));
  std::sort(sorted_addresses.begin(), sorted_addresses.end());
  timer.router = this;
  machine.follows = config.follows;
  PrepareAdvertTemplates(*this);
  PrepareInbound(*this);
  PrepareHostSide(*this);
}

}  // namespace dpvrrp
