// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/types.h"
#include "config/model.h"

namespace dpvrrp {

// For which segments of a port the data plane itself reports VRRP's groups to snooping switches.
enum class GroupReports : uint8_t {
  kNone,    // for instances with the responder only
  kTagged,  // for segments with VLAN tags: the port's kernel joins the groups on the untagged segment
  kAll,     // no kernel receives what the port receives
};

// What a port has counted, as far as its driver has the counts.
struct PortCounts {
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_missed = 0;  // its ring was full
  uint64_t rx_errors = 0;
  uint64_t rx_no_mbuf = 0;  // the driver found no buffer
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;
};

// A port that was started for a `[[port]]` of the configuration.
struct PortBinding {
  std::string name;
  PortId id;
  MacAddress mac;
  std::vector<size_t> workers = {0};  // that serve the port; SegmentOwner() says which one owns a segment
  GroupReports reports = GroupReports::kNone;
  bool up = true;        // as the lcores know it
  bool stopped = false;  // by an operator: its instances are in Fault
  PortCounts cleared{};  // its counts at the last `clear port stats`
  // The kernel interfaces on which its device stands (base/port_interface.h), or its twin. None: a NIC that DPDK drives
  // alone.
  std::vector<std::string> interfaces = {};
};

// Whether the data plane reports the group of an instance with this configuration.
inline bool ReportsGroup(const PortBinding& port, const InstanceConfig& config) {
  return port.reports == GroupReports::kAll || (port.reports == GroupReports::kTagged && config.vlan != VlanStack{});
}

}  // namespace dpvrrp
