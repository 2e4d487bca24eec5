// SPDX-License-Identifier: BSD-3-Clause
//
// The world the fuzzers and the robustness tests throw frames at.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "support/test_shard.h"

namespace dpvrrp {

// One shard with an instance of each kind: the AH ones of the captures with their keys (VRID 51 and 52), a password
// (54), none (55), and AH with SHA-256 (60). All at 10.99.0.2, so that whatever was captured comes from somebody else.
class ShardWorld {
 public:
  ShardWorld();
  ~ShardWorld();

  DropReason Receive(const Bytes& frame) { return shard_->Receive(frame); }
  // Of all instances; see StateOf.
  std::string State() const;
  // The same of those with AH, which nobody without a key may change.
  std::string AuthenticatedState() const;
  TestShard& shard() { return *shard_; }

 private:
  std::array<SequenceRecord, 3> records_;
  std::unique_ptr<TestShard> shard_;
};

// One input of the fuzzer: frames, each behind a length of two bytes (little endian, modulo 2048) and a byte that says
// how far the clock goes on first (n * 20 ms). Aborts if a frame is not counted exactly once, if an accepted or sent
// advert is not well formed, or if the loop would spin. Frames for instances with AH are random bytes to them: the key
// is not in the input.
void RunShardInput(std::span<const uint8_t> input);

}  // namespace dpvrrp
