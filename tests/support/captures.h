// SPDX-License-Identifier: BSD-3-Clause
//
// The frames of tests/captures.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "base/time.h"
#include "support/bytes.h"

namespace dpvrrp {

struct CapturedFrame {
  Nanoseconds at;  // since the first frame
  Bytes bytes;     // Ethernet, without FCS
};

// A classic pcap file (microseconds, this machine's byte order, Ethernet) of tests/captures; aborts if it is not one.
std::vector<CapturedFrame> ReadCapture(absl::string_view file);

// One vector of tests/captures/vectors.txt by its heading, "AH multicast, 1 VIP", and number, 1.
Bytes ReadVector(absl::string_view heading, int number);

// True for IPv4 of protocol 112 or 51.
bool IsVrrpFrame(const Bytes& frame);

}  // namespace dpvrrp
