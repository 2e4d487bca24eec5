// SPDX-License-Identifier: BSD-3-Clause
//
// Whether the kernel sees the traffic of a port, as its DPDK device name shows.
//
// Thread: any (pure).
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/model.h"

namespace dpvrrp::config_internal {

enum class KernelView : uint8_t {
  kSees,   // the kernel also receives the frames, on an interface: net_af_packet, net_pcap, net_tap, vhost-net, a twin
  kBlind,  // the kernel receives none: a PCI NIC, net_af_xdp, net_memif
  kUnknown,  // another device, or net_pcap on files
};
KernelView KernelViewOf(const PortConfig& port);

bool IsPciDeviceName(absl::string_view device);  // with or without arguments
// "0000:3b:00.0", "net_af_packet0": without arguments.
absl::string_view DeviceNameOf(absl::string_view device);
// The kernel interfaces that must exist before the device is opened (base/port_interface.h): iface= and the like.
std::vector<std::string> InterfacesOf(absl::string_view device);

}  // namespace dpvrrp::config_internal
