// SPDX-License-Identifier: BSD-3-Clause
//
// Multicast Listener Discovery as a host speaks it that wants a group from any source: queries in (RFC 2710 3, RFC 3810
// 5.1), MLDv2's reports out. igmp.h has the words.
#pragma once

#include <cstdint>
#include <span>

#include "wire/igmp.h"
#include "wire/ipv6.h"

namespace dpvrrp {

inline constexpr IpAddress kMldV2Routers =  // ff02::16
    IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16});

// What follows an IPv6 header's hop-by-hop options, if it begins with one, as MLD's messages do. False: it is
// truncated.
//
// Thread of all: any.
bool SkipHopByHop(uint8_t& next_header, std::span<const uint8_t>& payload);

// A query, in RFC 3810 6.2's sense: from a link-local address with hop limit 1. `message` is the ICMPv6 message by the
// IP length, options skipped. False: something else, or a bad one.
bool ParseMldQuery(const Ipv6Header& ip, std::span<const uint8_t> message, GroupQuery& out);

// Writes a report to `frame` (kMaxGroupReportBytes), with hop limit 1 and the router alert option (RFC 2711), and
// returns its length in bytes.
size_t WriteMldV2Report(const GroupReport& report, uint8_t* frame);

}  // namespace dpvrrp
