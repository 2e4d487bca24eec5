// SPDX-License-Identifier: BSD-3-Clause
//
// Links as rtnetlink messages (RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK, RTM_GETLINK).
//
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "host/host.h"
#include "kernel/netlink_query.h"

namespace dpvrrp {

enum class LinkState : uint8_t { kUp, kDown };

// Build the request in `buffer`. The sender completes the sequence number.
nlmsghdr* BuildSetLink(MessageBuffer& buffer, uint32_t ifindex, LinkState state);
nlmsghdr* BuildAddMacvlan(MessageBuffer& buffer, uint32_t parent, const std::string& name, const MacAddress& mac);
nlmsghdr* BuildRemoveLink(MessageBuffer& buffer, uint32_t ifindex);
nlmsghdr* BuildGetLink(MessageBuffer& buffer, uint32_t ifindex);
nlmsghdr* BuildListLinks(MessageBuffer& buffer);

// The content of an RTM_NEWLINK or RTM_DELLINK.
struct LinkInfo {
  HostLink link;
  uint32_t parent = 0;                     // IFLA_LINK; 0: none, or in another namespace
  bool bridge_macvlan = false;             // a macvlan in bridge mode
  uint64_t received_frames = 0;            // since the device was made
  uint64_t unsent_frames = 0;              // dropped instead of sent
  std::vector<std::string> other_names{};  // IFLA_ALT_IFNAME
};
// Nothing for a malformed message, and for the messages of bridges about their ports: such an RTM_DELLINK means that
// the port left the bridge, not that the device was deleted.
std::optional<LinkInfo> ParseLink(const nlmsghdr& message);

}  // namespace dpvrrp
