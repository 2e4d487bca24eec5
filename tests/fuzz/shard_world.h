// SPDX-License-Identifier: BSD-3-Clause
//
// The shard to which the fuzzers and the robustness tests send frames.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/test_shard.h"

namespace dpvrrp {

// One shard with an instance of each kind: the AH instances of the captures with their keys (VRID 51 and 52), a
// password (54), none (55), VRRPv3 over IPv4 (56) and IPv6 (57), and AH with SHA-256 (60). All are at 10.99.0.2 or
// fe80::2, so that every captured frame has another source.
class ShardWorld {
 public:
  ShardWorld();
  ~ShardWorld();

  DropReason Receive(const Bytes& frame) { return shard_->Receive(frame); }
  // Of all instances; see StateOf.
  std::string State() const;
  // The same of the instances with AH, which no sender without a key may change.
  std::string AuthenticatedState() const;
  TestShard& shard() { return *shard_; }

 private:
  std::array<SequenceRecord, 3> records_;
  std::unique_ptr<TestShard> shard_;
};

// Adds the other instances for the fuzzer: an owner (58), unicast peers without AH (59) and over IPv6 (62), responders
// of both families (63), another group (64), two tags and VRRPv2 beside VRRPv3 (65). IPv6 instances are at fe80::2.
void AddVariety(TestShard& shard);

}  // namespace dpvrrp
