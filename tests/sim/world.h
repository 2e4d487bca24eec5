// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <queue>
#include <string>
#include <vector>

#include "crypto/icv_engine.h"
#include "sim/attacker.h"
#include "sim/invariants.h"
#include "sim/lan.h"
#include "sim/node.h"
#include "sim/prng.h"
#include "sim/scenario.h"

namespace dpvrrp::sim {

struct Outcome {
  uint64_t seed = 0;
  std::string violation;  // the first; empty: none
  SimTime simulated{};
  Hub::Counts counts;
  uint64_t digest = 0;  // of every frame sent and when: equal if and only if the run was
};

// One seed, event by event. Same seed, same build: same outcome.
//
// Thread: one.
class World : public Hub {
 public:
  // `trace`: the log of every frame and change, or null. The caller owns the engine, which may serve many worlds.
  World(Scenario scenario, IcvEngine& engine, std::ostream* trace);
  World(uint64_t seed, IcvEngine& engine, std::ostream* trace) : World(MakeScenario(seed), engine, trace) {}
  Outcome Run();
  bool IsMaster(int node, int router) const { return nodes_[static_cast<size_t>(node)]->IsMaster(router); }

  void Send(int node, PacketPtr packet) override;
  void MastershipChanged(int node, int router, bool master) override;
  void Disturb(int router) override { Groups(router).one_master.Disturbed(now_); }
  void Fail(int node, int router, absl::string_view what) override;
  bool tracing() const override { return trace_ != nullptr; }
  void Trace(int node, const std::string& text) override;

 private:
  struct Event {
    enum class Kind : uint8_t { kArrival, kWake, kAction, kAudit, kAttack, kFlood };
    SimTime at;
    uint64_t order;  // of two at once, the one that was planned first
    Kind kind;
    int node = 0;
    size_t index = 0;  // of the action; kAttack: which campaign; kFlood: bursts left
    PacketPtr packet;

    bool operator<(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  // All nodes of one virtual router.
  struct Group {
    OneMaster one_master;
    std::vector<bool> masters;
    bool changed = false;
    Nanoseconds longest{};  // longest interval so far: in VRRPv3 a backup may still use it
  };

  Group& Groups(int router) { return groups_[static_cast<size_t>(router)]; }
  Node& NodeAt(int node) { return *nodes_[static_cast<size_t>(node)]; }
  void Plan(SimTime at, Event::Kind kind, int node = 0, size_t index = 0, PacketPtr packet = nullptr);
  void PlanWake(int node, SimTime at);
  void Handle(Event& event);
  void Carry(size_t index);
  bool MustWait(const Action& action) const;
  void Operate(const Action& action);
  void Attack(size_t campaign);
  void Flood(int node, size_t left);
  void DisturbAll(SimTime until);
  void CheckMasters(int router);

  const Scenario scenario_;
  Prng prng_;
  Lan lan_;
  Attacker attacker_;
  std::ostream* trace_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<SimTime> wake_;  // when each node is polled next
  std::vector<Group> groups_;
  std::priority_queue<Event> events_;
  uint64_t order_ = 0;
  SimTime now_{};
  bool whole_ = true;
  Nanoseconds attack_gap_{};
  size_t campaign_ = 0;
  Outcome outcome_;
};

}  // namespace dpvrrp::sim
