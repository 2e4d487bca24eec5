// SPDX-License-Identifier: BSD-3-Clause
//
// IGMP for a host that joins a group for any source: parses queries (RFC 2236, RFC 3376 4.1) and writes reports. A
// snooping switch delivers a group only to ports where it has seen a report (RFC 4541 2.1).
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"

namespace dpvrrp {

inline constexpr uint8_t kProtocolIgmp = 2;
inline constexpr IpAddress kAllSystems = IpAddress::V4(0xe0000001);     // 224.0.0.1: general queries
inline constexpr IpAddress kAllRoutersV4 = IpAddress::V4(0xe0000002);   // 224.0.0.2: IGMPv2's leave messages
inline constexpr IpAddress kIgmpV3Routers = IpAddress::V4(0xe0000016);  // 224.0.0.22: IGMPv3's reports

// The content of a report about a group: IGMPv3's and MLDv2's record types (RFC 3376 4.2.12, RFC 3810 5.2.12), all with
// an empty source list.
enum class GroupRecord : uint8_t {
  kIsMember = 2,  // MODE_IS_EXCLUDE {}: in answer to a query
  kLeave = 3,     // CHANGE_TO_INCLUDE_MODE {}
  kJoin = 4,      // CHANGE_TO_EXCLUDE_MODE {}
};

struct GroupQuery {
  uint8_t version = 0;  // of IGMP: 1, 2, 3; of MLD: 1, 2
  IpAddress group;      // unspecified: all groups (a general query)
  Nanoseconds max_response{0};
};

// Parses an IGMP query. `message` is the payload by the IP length. False: another message, or a faulty one.
//
// Thread of all: any.
bool ParseIgmpQuery(std::span<const uint8_t> message, GroupQuery& out);

struct GroupReport {
  MacAddress source_mac;
  VlanStack vlan;
  IpAddress source;  // MLD: a link-local address, or :: (RFC 3810 5.2.13)
  IpAddress group;
  GroupRecord record;
};

// Room for any report of IGMP or MLD, in bytes.
inline constexpr size_t kMaxGroupReportBytes = kMaxEthernetBytes + 40 + 8 + 28;

// Write a report to `frame` (kMaxGroupReportBytes), with TTL 1 and the router alert option (RFC 2113), and return its
// length in bytes. IGMPv2 sends a report to the group, and a leave message to all routers.
size_t WriteIgmpV3Report(const GroupReport& report, uint8_t* frame);
size_t WriteIgmpV2Report(const GroupReport& report, uint8_t* frame);

}  // namespace dpvrrp
