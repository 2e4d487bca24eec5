// SPDX-License-Identifier: BSD-3-Clause
#include "port_groups.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dpvrrp {

PortGroups::PortGroups(std::span<const PortConfig> ports, const Dataplane& dataplane, const NetlinkHost& host)
    : dataplane_(dataplane), host_(host) {
  for (size_t i = 0; i < ports.size(); ++i) {
    PortInterfaces interfaces = PortInterfacesOf(ports[i].device);
    if (!interfaces.shared && ports[i].twin.empty()) continue;
    Shared shared;
    shared.port = dataplane.ports()[i].id;
    shared.name = ports[i].name;
    shared.interface = ports[i].twin.empty() ? std::move(interfaces.names[0]) : ports[i].twin;
    shared_.push_back(std::move(shared));
  }
}

std::vector<std::string> PortGroups::Follow() {
  std::vector<std::string> failures;
  for (Shared& shared : shared_) {
    const KnownLink* link = host_.FindKnownLink(shared.interface);
    const std::vector<IpAddress> groups = dataplane_.KernelGroups(shared.port);
    const absl::Status status =
        shared.sockets.Set(link == nullptr ? 0 : link->link.index, std::set<IpAddress>(groups.begin(), groups.end()));
    std::string failure;
    if (!status.ok()) {
      failure = absl::StrCat("port ", shared.name, ": interface ", shared.interface, ": ", status.message(),
                             "; a snooping switch may not forward the group to this port");
      if (failure != shared.failure) failures.push_back(failure);
    }
    shared.failure = std::move(failure);
  }
  return failures;
}

}  // namespace dpvrrp
