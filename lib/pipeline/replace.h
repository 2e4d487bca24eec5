// SPDX-License-Identifier: BSD-3-Clause
//
// The one way to change a running virtual router (docs/decisions/0019). Control builds a whole VirtualRouter of the new
// configuration and sends it in command::Replace. The running router takes over everything that was made of that
// configuration and stays where it is: pointers to it, its links and its timer hold.
//
// Thread: owning lcore. Nothing here allocates or frees.
#pragma once

#include "pipeline/virtual_router.h"

namespace dpvrrp {

// Whether the adverts of `wanted` differ from those of `router` in more than the priority, or go to other receivers.
bool AdvertisesOtherwise(const VirtualRouter& router, const VirtualRouter& wanted);

// Gives `router` the configuration of `wanted` and what was made of it; `wanted` has the former one afterwards. These
// stay with `router`: the machine with its timer, counters, queue links, a VRID move, the IP id; if both have the same
// sequence record, the numbers and the windows of the senders. An announcement that waits for an address which both
// have still waits. The host side (pipeline/stand_in/host_side.h) is the responder's to exchange.
void ExchangeConfiguration(VirtualRouter& router, VirtualRouter& wanted);

}  // namespace dpvrrp
