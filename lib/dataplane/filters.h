// SPDX-License-Identifier: BSD-3-Clause
//
// The receive filter of a port: which groups and MAC addresses its routers need, and how the port is made to receive
// them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "dataplane/dataplane.h"
#include "dataplane/traffic_filter.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// Makes the port receive these groups, by the narrowest filter of the driver. Another call replaces the groups of the
// former one. `all`: it must receive every group. An error names the device.
//
// Thread: control, while the port runs. Takes as long as the driver does.
absl::StatusOr<MulticastFilter> ReceiveGroups(DpdkPort port, absl::string_view device,
                                              std::span<const MacAddress> groups, bool all = false);

// The frames that a port's virtual routers need besides those to its own address and broadcast. Each address is
// counted, so that it stays as long as one router needs it:
//
//   groups        224.0.0.18 always; the instance's group, unless it is unicast; if the data plane reports groups, the
//                 groups of queries for members; with the responder over IPv6, its addresses' solicited-node groups
//   by a kernel   of the groups above, those that a kernel must join, because the instance does not report them itself
//   unicast       the virtual MAC of an instance that has it as source (V3-85); during a move to another VRID, those of
//                 both VRIDs. The port's own address is always received
//   of traffic    on a port that shares its frames with the kernel, the frames that the kernel delivers (selection())
//
// Thread: control.
class WantedFrames {
 public:
  void Add(const VirtualRouterConfig& config) { Count(config, 1); }
  void Remove(const VirtualRouterConfig& config) { Count(config, -1); }
  void Remove(const VirtualRouter& router);  // including the MACs that a move has added
  void AddMac(const MacAddress& mac) { CountMac(mac, 1); }
  void RemoveMac(const MacAddress& mac) { CountMac(mac, -1); }

  std::vector<MacAddress> groups() const;  // 224.0.0.18's first
  std::vector<IpAddress> kernel_groups() const;
  std::vector<MacAddress> virtual_macs() const;
  // What the kernel selects for the port:
  //
  //   AH        to 224.0.0.18 always; to the group of an instance, or to its source address if it is unicast. If the
  //             list has room, also to the source addresses of the others: a router that sends unicast to a multicast
  //             instance is then seen, and `diagnose` names it
  //   hosts     the virtual addresses, which another host may claim; the next hops of unicast peers, which answer; with
  //             unicast peers and the responder the source address, for which it answers
  //   echo      with the responder, to the virtual addresses
  //   queries   if the data plane reports groups
  TrafficSelection selection() const;
  // Whether they may have changed since the last call.
  bool TakeGroupsChanged() { return std::exchange(groups_changed_, false); }
  bool TakeMacsChanged() { return std::exchange(macs_changed_, false); }
  bool TakeSelectionChanged() { return std::exchange(selection_changed_, false); }
  void ProgramAgain() { groups_changed_ = macs_changed_ = selection_changed_ = true; }  // the port has lost them

 private:
  using Users = std::map<MacAddress, int>;
  using WordUsers = absl::flat_hash_map<uint32_t, int>;  // by FilterWord(): there may be thousands
  struct FamilyUsers {
    WordUsers ah;
    WordUsers sources;  // of instances that are not unicast
    WordUsers hosts;
    WordUsers echo;
    int queries = 0;
  };

  static FamilySelection SelectionOf(const FamilyUsers& users);
  void CountGroups(const VirtualRouterConfig& config, int by);
  void CountTraffic(const VirtualRouterConfig& config, int by);

  void Count(const VirtualRouterConfig& config, int by);
  void CountMac(const MacAddress& mac, int by);  // zero: none

  Users groups_;
  Users virtual_macs_;
  std::map<IpAddress, int> kernel_groups_;
  FamilyUsers traffic_v4_;
  FamilyUsers traffic_v6_;
  bool groups_changed_ = false;
  bool macs_changed_ = false;
  bool selection_changed_ = false;
};

}  // namespace dpvrrp
