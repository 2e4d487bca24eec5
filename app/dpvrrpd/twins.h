// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/model.h"
#include "control/port_keeper.h"
#include "dataplane/dataplane.h"
#include "kernel/netlink_host.h"

namespace dpvrrp {

// Ports and their twins follow each other: the twin has carrier while its port has a link, and the port has the MAC,
// the MTU and the promiscuous mode of the twin. If the twin is deleted or renamed, it is made again under its name.
//
// Thread: control.
class Twins {
 public:
  // All must outlive this object. `ports` in the order of dataplane.ports().
  Twins(std::span<const PortConfig> ports, Dataplane& dataplane, NetlinkHost& host, const PortKeeper& keeper);

  // Whether the name of a twin is free, or belongs to a TAP device that no program uses. An empty name is. The message
  // names the interface and the remedy.
  static absl::Status CheckFree(const std::string& name, NetlinkHost& host);

  // Call it when a link may have changed. Some changes of promiscuous modes have no notification, so call it also at
  // intervals. Returns messages about what cannot be followed, each once.
  std::vector<std::string> Follow();

 private:
  struct Pair {
    PortId port;
    std::string name;  // of the twin
    std::optional<bool> carrier{};
    std::string failure{};  // the latest message, which is not repeated
  };

  void FollowOne(Pair& pair, std::vector<std::string>& messages);
  absl::StatusOr<HostLink> Find(Pair& pair, std::vector<std::string>& messages);

  Dataplane& dataplane_;
  NetlinkHost& host_;
  const PortKeeper& keeper_;
  std::vector<Pair> pairs_;
};

}  // namespace dpvrrp
