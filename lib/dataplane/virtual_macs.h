// SPDX-License-Identifier: BSD-3-Clause
//
// Makes a port receive frames to virtual MAC addresses.
#pragma once

#include <set>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// Whether a port with this driver drops received frames whose source is one of its own addresses ("source pruning",
// against loops of a switch in the NIC). If a virtual MAC were in its table, the adverts of the other routers, which
// have it as source (RFC 3768 7.3), would be lost, and there would be two masters. Known for Intel's 700 and 800 series
// (DPDK bug 648, VPP issue 3594). Some builds of DPDK have the device argument disable_source_pruning=1.
bool PrunesSource(absl::string_view driver, absl::string_view device);

// The unicast addresses that a port receives besides its own.
//
// Thread: control. The calls take as long as the driver does, but delay no lcore.
class VirtualMacs {
 public:
  // The port must run, and receive 224.0.0.18 already.
  explicit VirtualMacs(const PortInfo& port)
      : port_(port.dpdk),
        device_(port.device),
        prunes_source_(PrunesSource(port.driver, port.device)),
        always_promiscuous_(port.filter == MulticastFilter::kPromiscuous) {}

  // From now on the port receives frames to these addresses, and not to others of earlier calls. It uses its address
  // table; or promiscuous mode if the table is full or missing, or if an address in it would do harm (PrunesSource).
  absl::StatusOr<UnicastFilter> Set(std::span<const MacAddress> wanted);
  // Whether the port's groups need promiscuous mode, whatever addresses are Set() later.
  void set_always_promiscuous(bool always) { always_promiscuous_ = always; }
  // Whether an operator wants promiscuous mode.
  void set_wanted_promiscuous(bool wanted) { wanted_promiscuous_ = wanted; }
  bool wanted_promiscuous() const { return wanted_promiscuous_; }

 private:
  bool FillTable(const std::set<MacAddress>& wanted);
  void ClearTable();

  DpdkPort port_;
  std::string device_;
  bool prunes_source_;
  bool always_promiscuous_;
  bool wanted_promiscuous_ = false;
  std::set<MacAddress> in_table_;
};

}  // namespace dpvrrp
