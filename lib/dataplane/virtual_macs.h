// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <set>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// Whether a port with this driver drops what it receives with one of its own addresses as source ("source pruning", for
// the loops of a switch in the NIC). A virtual MAC in its table would cost us the adverts of the other routers, which
// have it as source (RFC 3768 7.3), and make two masters. Known of Intel's 700 and 800 series (DPDK bug 648, VPP issue
// 3594). Some builds of DPDK have the device argument disable_source_pruning=1.
bool PrunesSource(absl::string_view driver, absl::string_view device);

// The unicast addresses that a port receives besides its own.
//
// Thread: control. The calls take as long as the driver does, but hold up no lcore.
class VirtualMacs {
 public:
  // The port runs, and has been made to receive 224.0.0.18.
  explicit VirtualMacs(const PortInfo& port)
      : port_(port.id),
        device_(port.device),
        prunes_source_(PrunesSource(port.driver, port.device)),
        always_promiscuous_(port.filter == MulticastFilter::kPromiscuous) {}

  // From now on the port receives frames to these addresses and not to others that were given before: by its table of
  // addresses, or promiscuous where that is full, the driver has none, or an address in it would do harm
  // (PrunesSource).
  absl::StatusOr<UnicastFilter> Set(std::span<const MacAddress> wanted);
  // Whether the port's groups need promiscuous mode, whatever is Set() from now on.
  void set_always_promiscuous(bool always) { always_promiscuous_ = always; }

 private:
  bool FillTable(const std::set<MacAddress>& wanted);
  void ClearTable();

  PortId port_;
  std::string device_;
  bool prunes_source_;
  bool always_promiscuous_;
  std::set<MacAddress> in_table_;
};

}  // namespace dpvrrp
