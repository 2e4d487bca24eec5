// SPDX-License-Identifier: BSD-3-Clause
//
// The program by which the kernel selects frames for the packet sockets of a port that it shares: classic BPF, as
// setsockopt(SO_ATTACH_FILTER) takes it (docs/decisions/0028). Pure.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"

namespace dpvrrp {

// The form in which the program compares an address: an IPv4 address, or the last four bytes of an IPv6 address. So a
// program may select frames of another IPv6 address that ends alike, and the shard drops those.
uint32_t FilterWord(const IpAddress& address);

// The frames of one family that a port's virtual routers need besides VRRP. Lists contain FilterWord()s without
// duplicates, in any order.
struct FamilySelection {
  std::vector<uint32_t> ah;     // destinations of AH
  std::vector<uint32_t> hosts;  // ARP and neighbour discovery about these addresses, as sender or as target
  std::vector<uint32_t> echo;   // destinations of echo requests
  bool queries = false;         // of IGMP or MLD

  friend bool operator==(const FamilySelection&, const FamilySelection&) = default;
};

struct TrafficSelection {
  FamilySelection v4;
  FamilySelection v6;

  friend bool operator==(const TrafficSelection&, const TrafficSelection&) = default;
};

struct TrafficFilter {
  std::vector<sock_filter> program;
  // Lists that are too long for a program, so that it selects every frame of the kind: "ARP", "IPv6 AH". Empty: none.
  std::vector<std::string> widened;
};

// The longest list that is compared address by address.
inline constexpr size_t kMaxListed = 256;
// The longest program. The kernel limits the memory of a socket's filters to net.core.optmem_max, 20480 bytes by
// default on older kernels. A comparison takes 8 bytes there, or 16 with an address above 127.255.255.255.
inline constexpr size_t kMaxInstructions = 1000;

// Selects, untagged or behind up to two VLAN tags in the frame (the kernel strips the outermost tag before a filter
// sees the frame, and a frame with or without it is read correctly):
//
//   IPv4     protocol 112, whatever the destination, options or fragment; AH to `ah`; echo requests to `echo`; IGMP
//            queries if `queries`
//   IPv6     next header 112; every packet to ff02::12; AH to the groups and link-local addresses of `ah`; neighbour
//            solicitations and advertisements about `hosts`; echo requests to `echo`; MLD queries if `queries`, with or
//            without a hop-by-hop header
//   ARP      about `hosts`
//
// A frame that is too short for these fields is not selected. A list that is longer than kMaxListed, and the longest
// lists of a program that would be longer than kMaxInstructions, select every frame of the kind.
//
// Thread: any.
TrafficFilter BuildTrafficFilter(const TrafficSelection& selection);

}  // namespace dpvrrp
