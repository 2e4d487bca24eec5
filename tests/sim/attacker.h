// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "sim/node.h"
#include "sim/prng.h"
#include "sim/scenario.h"

namespace dpvrrp::sim {

// A host on the LAN that hears every frame, keeps the frames as long as the seed lasts, and has no key.
class Attacker {
 public:
  Attacker(const Scenario& scenario, Prng prng);

  void Overhear(const PacketPtr& packet);

  struct Shot {
    PacketPtr packet;
    int only = -1;  // to this node alone; -1: to all
  };
  // One frame: forged, replayed, rewritten, echoed or malformed.
  Shot Next();
  // A frame of a flood: another random number or sender each time.
  PacketPtr Forge(int router);

 private:
  const VirtualRouterPlan& PlanOf(int router) const { return scenario_.routers[static_cast<size_t>(router)]; }
  Packet Copy(const Packet& of) const;
  PacketPtr Replay(int router);
  PacketPtr Rewrite(int router);
  PacketPtr Malform(int router);
  PacketPtr MalformV3(int router);

  // Recorded of each virtual router: everything of late, and the old treasures.
  struct Record {
    std::vector<PacketPtr> ring;
    size_t next = 0;
    std::vector<PacketPtr> releases;
  };
  const Scenario& scenario_;
  Prng prng_;
  std::vector<Record> records_;
};

}  // namespace dpvrrp::sim
