// SPDX-License-Identifier: BSD-3-Clause
#include "config/port_kind.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/port_interface.h"

namespace dpvrrp::config_internal {
KernelView KernelViewOf(const PortConfig& port) {
  if (!port.twin.empty()) return KernelView::kSees;
  const absl::string_view device = port.device;
  if (IsPciDeviceName(device) || absl::StartsWith(device, "net_memif")) return KernelView::kBlind;
  const PortInterfaces interfaces = PortInterfacesOf(device);
  if (interfaces.empty()) return KernelView::kUnknown;
  return interfaces.shared || interfaces.made_by_driver ? KernelView::kSees : KernelView::kBlind;
}

// "0000:3b:00.0": domain, bus, device, function.
bool IsPciDeviceName(absl::string_view device) {
  constexpr absl::string_view kShape = "hhhh:hh:hh.h";
  const absl::string_view name = DeviceNameOf(device);
  return name.size() == kShape.size() && std::equal(name.begin(), name.end(), kShape.begin(), [](char c, char shape) {
           return shape == 'h' ? absl::ascii_isxdigit(c) : c == shape;
         });
}

absl::string_view DeviceNameOf(absl::string_view device) { return device.substr(0, device.find(',')); }

std::vector<std::string> InterfacesOf(absl::string_view device) {
  PortInterfaces interfaces = PortInterfacesOf(device);
  if (!interfaces.made_by_driver) return std::move(interfaces.names);
  return interfaces.remote.empty() ? std::vector<std::string>{} : std::vector<std::string>{interfaces.remote};
}

}  // namespace dpvrrp::config_internal
