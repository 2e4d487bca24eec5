// SPDX-License-Identifier: BSD-3-Clause
//
// The interpretation of the input by the `frame` and `ah` fuzzers: a script of frames and commands with time between
// them. Some fields of a frame are corrected, because no fuzzer guesses checksums.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "crypto/mac_algorithm.h"
#include "support/test_shard.h"

namespace dpvrrp {

// The steps follow each other. Each step is
//   2 bytes  little endian: the length in the low 11 bits, and the flags
//   1 byte   first the clock advances by this many times 20 ms
//   length   the frame, or, with kCommand, which command (its first byte) for which router (the second)
struct ScriptStep {
  static constexpr uint16_t kRepair = 1 << 11;   // checksums (traffic/repair.h)
  static constexpr uint16_t kSign = 1 << 12;     // AH: the ICV
  static constexpr uint16_t kNext = 1 << 13;     // AH: a number above all that were believed
  static constexpr uint16_t kSpi = 1 << 14;      // AH: the SPI is the source address, as keepalived has it
  static constexpr uint16_t kCommand = 1 << 15;  // no frame

  uint16_t flags = 0;
  Nanoseconds pause{};
  Bytes bytes;

  bool Has(uint16_t flag) const { return (flags & flag) != 0; }
};

// Takes a step off the front of the input; none if there is no whole head of one.
std::optional<ScriptStep> TakeStep(std::span<const uint8_t>& input);

// Carries out a kCommand step.
void Command(TestShard& shard, const ScriptStep& step);

// Where IPv4 and its AH begin; none if there is no room for an AH behind a header without options.
struct AhPlace {
  size_t ip = 0;
  size_t ah = 0;
  size_t end = 0;  // of the packet, by its own length
  uint8_t vrid = 0;
};
std::optional<AhPlace> FindAh(const Bytes& frame);

// Whether a sent frame is as a host on the segment expects it: an advert, ARP, a neighbour advertisement or
// solicitation, a report or an echo reply, lengths and checksums right.
bool IsWellFormed(const Bytes& sent);

// Shows the frame and aborts, unless `good`.
void CheckFrame(bool good, const char* rule, const Bytes& frame);

}  // namespace dpvrrp
