// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/outlets.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "config/subnet.h"

namespace dpvrrp {
namespace {

bool IsOfSegment(const std::string& device, const PortBinding& port, const VlanStack& vlan) {
  const std::string tags = vlan == VlanStack{} ? "" : absl::StrCat(".", ToString(vlan));
  return std::ranges::any_of(port.interfaces, [&](const std::string& name) { return device == name + tags; });
}

// Whether an address on a port without a kernel interface can be of the port's segment. If the device of the address is
// on the same segment and announced too, the switch would learn a virtual MAC at two of its ports in turn.
bool CanBeOfSegment(const IpPrefix& prefix, const IpAddress& source) {
  return !source.is_v4() || config_internal::InSubnet(source, prefix);
}

}  // namespace

Outlets OutletsOf(const InstanceConfig& config, const PortBinding& port,
                  const std::function<bool(const std::string& device)>& has_neighbours) {
  Outlets outlets(config.virtual_addresses.size());
  bool is_port_enough = true;
  for (size_t i = 0; i < outlets.size(); ++i) {
    const std::string& device = config.virtual_addresses[i].device;
    if (device.empty() || IsOfSegment(device, port, config.vlan) || !has_neighbours(device)) continue;
    if (port.interfaces.empty() && CanBeOfSegment(config.virtual_addresses[i].prefix, config.source_address)) continue;
    outlets[i] = {port.interfaces.empty(), device};
    is_port_enough = false;
  }
  return is_port_enough ? Outlets{} : outlets;
}

}  // namespace dpvrrp
