// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/port_interface.h"
#include "config/model.h"
#include "dataplane/dataplane.h"
#include "io/group_sockets.h"
#include "kernel/netlink_host.h"

namespace dpvrrp {

// Makes the kernel a member of the groups that its routers receive on ports shared with the kernel, on their
// interfaces. Then switches that snoop on IGMP and MLD forward the groups to the port. If an interface was made again,
// its groups are joined again.
//
// Thread: control.
class PortGroups {
 public:
  // All must outlive this object. `ports`: the configured ports, in the order of dataplane.ports().
  PortGroups(std::span<const PortConfig> ports, const Dataplane& dataplane, const NetlinkHost& host);

  // Call it when a link may have changed, and at intervals for added or removed groups. Returns messages for the log
  // about groups that could not be joined, each once.
  std::vector<std::string> Follow();

 private:
  struct Shared {
    PortId port;
    std::string name;       // of the port
    std::string interface;  // from which it receives
    GroupSockets sockets;
    std::string failure;  // of the last call
  };

  const Dataplane& dataplane_;
  const NetlinkHost& host_;
  std::vector<Shared> shared_;
};

}  // namespace dpvrrp
