// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/counter.h"
#include "base/time.h"
#include "pipeline/stand_in/address_book.h"
#include "pipeline/stand_in/frame_queue.h"
#include "pipeline/timer_wheel.h"
#include "pipeline/virtual_router.h"
#include "wire/igmp.h"

namespace dpvrrp {

// Tells snooping switches and multicast routers which groups the port is to be sent, as no kernel does it: VRRP's group
// or another while a router is not in Initialize, and while it is master the solicited-node groups of its IPv6
// addresses (V3-81). IGMPv3 and MLDv2; IGMPv2 for as long as a querier of that version is about (RFC 3376 7.2.1).
//
// A group of a segment is reported once however many routers there want it, twice when the first joins (RFC 3376 6.1:
// robustness 2), within the maximum response time after a query, and left when the last goes. Delays are spread by a
// hash of who and what, so the same run has the same times. Reports come from the port's MAC: a backup must not be
// heard with the virtual one.
//
// Thread: owning lcore.
class Membership {
 public:
  static constexpr Nanoseconds kUnsolicitedInterval = std::chrono::seconds(1);  // RFC 3376 8.11
  static constexpr uint8_t kRobustness = 2;
  // A group is reported no sooner again, whatever queries ask for: IGMP's unit of time, so a querier can wait as long.
  static constexpr Nanoseconds kAnswerAgain = std::chrono::milliseconds(100);
  static constexpr Nanoseconds kOlderQuerierPresent = std::chrono::seconds(260);  // RFC 3376 8.12, of its defaults

  Membership(AddressBook& book, FrameQueue& queue, TimerWheel& wheel, Counter& reports)
      : book_(book), queue_(queue), wheel_(wheel), reports_(reports) {}

  // Its state has changed. In Initialize, and before it goes, it is in no group and has no timer.
  void OnStateChange(VirtualRouter& router, Instant now);
  // A router's host side is replaced, by `next` if it has one afterwards: memberships that both have go over, the
  // others end. The entries of `next` name the router already.
  void HandOver(HostSide& former, HostSide* next, Instant now);
  void OnQuery(PortId port, const VlanStack& vlan, const GroupQuery& query, Instant now);
  // Its timer has fired.
  void Report(GroupMember& member, Instant now);

 private:
  void Join(GroupMember& member, Instant now);
  void Leave(GroupMember& member, Instant now);
  GroupMember* OtherMember(const GroupMember& member) const;
  bool Write(const GroupMember& member, GroupRecord record, Instant now);

  AddressBook& book_;
  FrameQueue& queue_;
  TimerWheel& wheel_;
  Counter& reports_;
};

}  // namespace dpvrrp
