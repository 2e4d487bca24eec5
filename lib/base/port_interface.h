// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// How a port shares its traffic with the kernel ([[port]] kernel).
enum class KernelShare : uint8_t {
  kNone,    // the port receives every frame that its driver delivers
  kShared,  // a filter in the kernel selects the frames that the port's virtual routers need
  kTwin,    // the port receives every frame, and passes those that no virtual router needs to an interface of its own
};
absl::string_view ToString(KernelShare share);  // "none", "shared", "twin"

// The kernel interfaces on which a port's DPDK device depends. The device sends and receives through them, so it works
// only while they exist and have a link.
//
//   device                        stands on                 MAC of   made by the   kernel receives
//                                                           interf.  driver        the same frames
//   net_af_packet0,iface=eth0     eth0                      yes                    yes
//   net_af_xdp0,iface=eth0        eth0                      yes                    no: its program takes them
//   net_pcap0,iface=eth0          eth0                      phy_mac=1              yes
//   net_pcap0,rx_iface=a,tx_iface=b   a and b               no                     yes
//   net_tap0,iface=tap0           tap0 (default dtap0)      yes      yes           no: it is the other end
//   net_virtio_user0,path=/dev/vhost-net,iface=tap0   tap0  no       yes           no: it is the other end
//   a PCI device, net_memif, net_ring, ...            none
struct PortInterfaces {
  std::vector<std::string> names;  // empty: the device stands on none. No duplicates
  bool lend_mac = false;           // the port's MAC is that of names[0], and changes with it
  bool made_by_driver = false;     // they appear when the device is opened, and disappear when it is closed
  std::string remote;              // net_tap: the interface whose frames it copies. It must exist beforehand
  bool shared = false;             // the kernel receives all frames too, and can be a member of their groups
  bool takes_filter = false;       // the device receives from sockets that can have a filter (net_af_packet)

  bool empty() const { return names.empty(); }
  // Whether a port on the device can have a twin: not if the device is a kernel interface already.
  bool allows_twin() const { return !takes_filter && !made_by_driver; }
  friend bool operator==(const PortInterfaces&, const PortInterfaces&) = default;
};

// `device` as in the configuration: a PCI address, or a virtual device with arguments after commas. Recognises drivers
// by name, also by the older names that DPDK still accepts (eth_af_packet0). Pure.
//
// Thread: any.
PortInterfaces PortInterfacesOf(absl::string_view device);

}  // namespace dpvrrp
