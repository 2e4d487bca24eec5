// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "dataplane/dataplane.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// Makes the port receive these groups, by the narrowest filter that the driver has. Said again, it replaces what was
// said before. An error names the device.
//
// Thread: control, while the port runs. As slow as the driver.
absl::StatusOr<MulticastFilter> ReceiveGroups(PortId port, absl::string_view device,
                                              std::span<const MacAddress> groups);

// What the virtual routers of a port want it to receive besides its own address and broadcast. Each is counted, so that
// it stays as long as one of them wants it:
//
//   groups        224.0.0.18 always; the instance's group, unless it is unicast; with the responder the groups that
//                 queries for members go to and, over IPv6, its addresses' solicited-node groups
//   unicast       the virtual MAC, of an instance that has it as source (V3-85), and while it moves to another VRID
//                 those of both; the port's own is received anyhow
//
// Thread: control.
class WantedFrames {
 public:
  void Add(const VirtualRouterConfig& config) { Count(config, 1); }
  void Remove(const VirtualRouterConfig& config) { Count(config, -1); }
  void Remove(const VirtualRouter& router);  // with the MACs that a move has left it
  void AddMac(const MacAddress& mac) { CountMac(mac, 1); }
  void RemoveMac(const MacAddress& mac) { CountMac(mac, -1); }

  std::vector<MacAddress> groups() const;  // 224.0.0.18's first
  std::vector<MacAddress> virtual_macs() const;
  // Whether they may have changed since the last call.
  bool TakeGroupsChanged() { return std::exchange(groups_changed_, false); }
  bool TakeMacsChanged() { return std::exchange(macs_changed_, false); }

 private:
  using Users = std::map<MacAddress, int>;

  void Count(const VirtualRouterConfig& config, int by);
  void CountMac(const MacAddress& mac, int by);  // zero: none

  Users groups_;
  Users virtual_macs_;
  bool groups_changed_ = false;
  bool macs_changed_ = false;
};

}  // namespace dpvrrp
