// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "base/address.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// Makes the kernel a member of multicast groups on one interface. The kernel then reports the groups to snooping
// switches and multicast routers (IGMP, MLD), answers their queries, and lets the groups through the NIC's filter.
// These sockets never receive anything.
//
// Thread: control.
class GroupSockets {
 public:
  // The number of groups of one socket: net.ipv4.igmp_max_memberships is 20 by default.
  static constexpr size_t kGroupsOfSocket = 16;

  // Joins the missing ones of `groups` on the interface and leaves the others. If the interface differs from the last
  // call's (0: none), joins all again. Returns the first error, which names the group. A group that could not be joined
  // is tried again by the next call.
  absl::Status Set(uint32_t ifindex, const std::set<IpAddress>& groups);

  size_t size() const { return joined_.size(); }  // number of joined groups

 private:
  struct Socket {
    UniqueFd fd;
    Family family{};
    size_t groups = 0;
  };

  absl::Status Join(const IpAddress& group);
  absl::Status Open(Family family);

  uint32_t ifindex_ = 0;
  std::vector<Socket> sockets_;
  std::map<IpAddress, size_t> joined_;  // -> place in sockets_
};

}  // namespace dpvrrp
