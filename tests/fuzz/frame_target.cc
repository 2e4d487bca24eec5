// SPDX-License-Identifier: BSD-3-Clause
#include "base/check.h"
#include "fuzz/frame_script.h"
#include "fuzz/shard_world.h"
#include "fuzz/targets.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

// Frames that ended, one way or the other.
uint64_t Ended(const ShardCounters& counters) {
  uint64_t sum = counters.adverts_accepted.value();
  for (const Counter& drops : counters.drops) sum += drops.value();
  return sum;
}

}  // namespace

void RunFrame(std::span<const uint8_t> input) {
  ShardWorld world;
  TestShard& t = world.shard();
  AddVariety(t);
  while (std::optional<ScriptStep> step = TakeStep(input)) {
    for (const Sent& sent : t.RunFor(step->pause)) CheckFrame(IsWellFormed(sent.frame), "sent", sent.frame);
    if (step->Has(ScriptStep::kCommand)) {
      Command(t, *step);
    } else {
      if (step->Has(ScriptStep::kRepair)) RepairChecksums(step->bytes);
      const uint64_t before = Ended(t.shard->counters());
      t.ReceiveBurst({step->bytes});
      DPVRRP_CHECK(Ended(t.shard->counters()) == before + 1);
    }
    t.Events();
  }
  for (const Sent& sent : t.Transmit()) CheckFrame(IsWellFormed(sent.frame), "sent", sent.frame);
}

}  // namespace dpvrrp
