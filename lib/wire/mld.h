// SPDX-License-Identifier: BSD-3-Clause
//
// Multicast Listener Discovery for a host that joins a group for any source: parses queries (RFC 2710 3, RFC 3810 5.1)
// and writes MLDv2's reports. igmp.h defines the terms.
#pragma once

#include <cstdint>
#include <span>

#include "wire/igmp.h"
#include "wire/ipv6.h"

namespace dpvrrp {

inline constexpr IpAddress kMldV2Routers =  // ff02::16
    IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16});

// Skips the hop-by-hop options of an IPv6 header, if it begins with them, as MLD's messages do. False: truncated.
//
// Thread of all: any.
bool SkipHopByHop(uint8_t& next_header, std::span<const uint8_t>& payload);

// Parses a query. RFC 3810 6.2: it has a link-local source and hop limit 1. `message` is the ICMPv6 message by the IP
// length, after the options. False: another message, or a faulty one.
bool ParseMldQuery(const Ipv6Header& ip, std::span<const uint8_t> message, GroupQuery& out);

// Writes a report to `frame` (kMaxGroupReportBytes), with hop limit 1 and the router alert option (RFC 2711), and
// returns its length in bytes.
size_t WriteMldV2Report(const GroupReport& report, uint8_t* frame);

}  // namespace dpvrrp
