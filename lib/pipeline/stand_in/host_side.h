// SPDX-License-Identifier: BSD-3-Clause
//
// What a virtual router keeps for its part as a host of the segment: the addresses it answers for, the peers it looks
// for, the groups it is a member of. Made with the router, of its configuration.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "pipeline/stand_in/address_book.h"
#include "pipeline/timer_wheel.h"

namespace dpvrrp {

// A timer of the responder's wheel, and whose it is.
struct Chore : TimerNode {
  enum class Kind : uint8_t { kAskForPeers, kReportGroup };
  Kind kind{};
  void* of = nullptr;  // kAskForPeers: the VirtualRouter; kReportGroup: the GroupMember
};

struct GroupMember {
  BookEntry of_group;         // in the book while it is a member
  BookEntry of_segment;       // as well, under the family's unspecified address
  bool while_master = false;  // else whenever the router is not in Initialize
  bool reporter = false;      // of the group's members on the segment the one that speaks
  uint8_t joins_left = 0;     // unsolicited reports to come (RFC 3376 8.1)
  Instant reported_at{};      // last
  Instant igmp_v2_until{};    // an IGMPv2 querier was heard; IPv4
  Chore timer;
};

struct HostSide {
  bool is_host = false;  // it answers or asks: a responder, or unicast; else it only watches its virtual addresses
  std::vector<BookEntry> addresses;
  std::vector<GroupMember> groups;
  Chore ask_timer;
};

// Fills in router.host_side; before the hand-over.
//
// Thread: control.
void PrepareHostSide(VirtualRouter& router);

}  // namespace dpvrrp
