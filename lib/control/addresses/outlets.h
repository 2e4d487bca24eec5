// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/model.h"
#include "control/instances/port_binding.h"

namespace dpvrrp {

// Where an address is announced: by the lcore on the instance's port, by control on a kernel device, or on both.
struct Outlet {
  bool port = true;
  std::string device;  // as configured: devices of ours on top of it share its segment and its pace. Empty: on none

  friend bool operator==(const Outlet&, const Outlet&) = default;
};

// By index in the instance's list of addresses. Empty: each address on the port only.
using Outlets = std::vector<Outlet>;

// An address is announced where hosts reach it. That is the port if its device is the port's, or on top of it:
//
//   the port stands on   device of the address                            announced on
//   -                    none                                             the port
//   eth0                 eth0, instance without tags                      the port
//   eth0                 eth0.100 or eth0.100.7, instance with these tags the port
//   eth0                 the loopback, a dummy, a tunnel: `has_neighbours` is false, and the port's kernel interface
//                        answers for it                                   the port
//   eth0                 another one: eth1, bond0, a macvlan on eth0      the device
//   no kernel interface  any, and source_address is in the subnet of the  the port
//                        address, or is IPv6: they may be one segment
//   no kernel interface  any Ethernet device, IPv4, another subnet        the port and the device
//
// With a virtual MAC the device of ours is on top of `device`, so the same holds. Names decide. A VLAN device of
// another name counts as another device: then the kernel announces, which is right too.
//
// Thread: control. Pure.
Outlets OutletsOf(const InstanceConfig& config, const PortBinding& port,
                  const std::function<bool(const std::string& device)>& has_neighbours);

}  // namespace dpvrrp
