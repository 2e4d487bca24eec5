// SPDX-License-Identifier: BSD-3-Clause
//
// The senders that no instance accepts adverts from. The configuration blocks some, and an operator blocks others until
// the restart. An lcore drops their frames and counts them by place.
//
// Thread: control.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/model.h"
#include "control/part.h"
#include "pipeline/shard.h"

namespace dpvrrp {

struct SenderBlock {
  BlockConfig sender;
  bool configured = false;  // by the configuration; else by command, until the restart
  int64_t since_unix_ms = 0;
  uint64_t counted_before = 0;  // frames that earlier blocks in this place have counted
};
using SenderBlocks = std::array<std::optional<SenderBlock>, kMaxBlockedSenders>;

class Senders final : public Part {
 public:
  // `shards` are the counters of all workers.
  Senders(const PartContext& context, const std::vector<const ShardCounters*>& shards)
      : context_(context), shards_(shards) {}

  const SenderBlocks& blocks() const { return blocks_; }  // by place, as the lcores have them
  uint64_t BlockedFrames(size_t place) const;             // frames since the sender was blocked

  // InvalidArgument, NotFound, AlreadyExists, ResourceExhausted: the sender cannot be blocked, and nothing has changed.
  absl::Status Block(const BlockConfig& sender, bool configured, ControlTime t);
  bool Unblock(const BlockConfig& sender, ControlTime t);  // false: it was not blocked
  // The registry has another configuration. Its blocks come into force; blocks by command stay. Returns why some of its
  // senders cannot be blocked.
  std::vector<std::string> OnConfiguration(ControlTime t);

 private:
  PartContext context_;
  const std::vector<const ShardCounters*>& shards_;
  SenderBlocks blocks_;
};

}  // namespace dpvrrp
