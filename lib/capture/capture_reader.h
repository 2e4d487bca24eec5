// SPDX-License-Identifier: BSD-3-Clause
//
// Reads capture files of Ethernet frames: pcap (microseconds or nanoseconds) and pcapng, in both byte orders
// (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
//
// Thread: any (pure).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace dpvrrp {

struct CapturePacket {
  Nanoseconds at{};              // since 1970-01-01 UTC
  uint32_t interface = 0;        // of Capture::interfaces
  uint32_t original_length = 0;  // bytes on the wire, without FCS; more than `bytes` if the capture cut the frame
  std::span<const uint8_t> bytes;
};

struct Capture {
  std::vector<std::string> interfaces;  // names; empty: the file has none (pcap)
  std::vector<CapturePacket> packets;   // by time; those of one time in the order of the file
};

// The frames point into `file`. InvalidArgument: the file is damaged, or of another kind; the message names the byte.
// A last record that is cut short, as after a full disk, is an error too.
absl::StatusOr<Capture> ParseCapture(std::span<const uint8_t> file);

}  // namespace dpvrrp
