// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "pipeline/receive/frame_copy.h"

namespace dpvrrp {

// A received frame of VRRP, decoded, and whether it was accepted. Each ends in a newline. `port` is its port's name,
// `unix_ms` the time of its arrival.
//
//   2026-11-22T13:00:40.123Z  trunk.100  VRID 7  10.0.0.3 (02:00:0a:63:00:09)  VRRPv2, priority 150, interval 1 s,
//   addresses 10.0.1.1, AH number 4711  refused, key right: replayed, sequence number already seen (RFC 4302 3.4.3)
//
// The first one is one line, too. If it is longer than `width` (0: no limit), only its time of day, segment, VRID,
// sender and result without the reason's meaning are sure, and the others follow as far as they fit:
//
//   13:00:40.123  trunk.100  VRID 7  10.0.0.3  refused, key right: replayed  priority 150
//
// The fields as JSON are described in docs/cli.md, `monitor`.
//
// Thread: any (pure).
std::string FrameAsText(const FrameCopy& copy, absl::string_view port, int64_t unix_ms, size_t width);
std::string FrameAsJson(const FrameCopy& copy, absl::string_view port, int64_t unix_ms);
// "accepted, key right", "refused, key right: replayed, sequence number already seen (RFC 4302 3.4.3)".
std::string FrameResult(const FrameCopy& copy);

}  // namespace dpvrrp
