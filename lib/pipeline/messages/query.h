// SPDX-License-Identifier: BSD-3-Clause
//
// Questions of control about routers and about the watch. A question travels to the lcore, which fills it in, and back.
// Control allocates all its memory and keeps owning it.
//
// Thread: control, except between the command that carries the question and the event that brings it back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ah/sender_table.h"
#include "base/time.h"
#include "base/types.h"
#include "pipeline/watch.h"
#include "vrrp/machine.h"

namespace dpvrrp {

class VirtualRouter;

inline constexpr size_t kMaxQueries = 16;       // questions under way at once
inline constexpr size_t kMaxQueryRouters = 64;  // the lcore copies them in one turn, and adverts wait for it

// One virtual router at one moment.
struct InstanceSnapshot {
  InstanceId id;
  Machine machine;
  Priority priority;
  uint64_t sequence_sent = 0;
  uint64_t sequence_heard = 0;  // the highest authenticated number of all senders
  uint64_t evictions = 0;
  bool next_vrid_heard = false;  // during a VRID move: an advert with the next VRID was accepted
  size_t sender_count = 0;
  std::array<Sender, kMaxSenders> senders{};
};

struct InstanceQuery {
  explicit InstanceQuery(std::vector<VirtualRouter*> routers) : wanted(std::move(routers)), found(wanted.size()) {}

  std::vector<VirtualRouter*> wanted;   // at most kMaxQueryRouters, all of one shard
  std::vector<InstanceSnapshot> found;  // one for each, same order
  Instant at{};
};

// About a slice of what a worker's watch has seen.
struct WatchQuery {
  static constexpr size_t kSlice = 64;  // places; adverts wait meanwhile

  size_t worker = 0;
  size_t first = 0;  // place
  std::array<Speaker, kSlice> found;
  size_t count = 0;  // of them
  uint64_t crowded_out = 0;
  Instant at{};
};

}  // namespace dpvrrp
