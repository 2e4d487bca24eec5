// SPDX-License-Identifier: BSD-3-Clause
//
// The world the fuzzers and the robustness tests throw frames at.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/test_shard.h"

namespace dpvrrp {

// One shard with an instance of each kind: the AH ones of the captures with their keys (VRID 51 and 52), a password
// (54), none (55), VRRPv3 over IPv4 (56) and IPv6 (57), and AH with SHA-256 (60). All at 10.99.0.2 or fe80::2, so that
// whatever was captured comes from somebody else.
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

// Adds what the fuzzer wants beside them: an owner (58), unicast peers without AH (59) and over IPv6 (62), responders
// of both families (63), another group (64), two tags and VRRPv2 beside VRRPv3 (65). IPv6 instances are at fe80::2.
void AddVariety(TestShard& shard);

}  // namespace dpvrrp
