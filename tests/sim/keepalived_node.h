// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "sim/node.h"
#include "vrrp/machine.h"

namespace dpvrrp::sim {

// keepalived 2.2.7 as measured, faults included: one AH counter for all senders of a virtual router, strictly rising,
// zero after a restart; a master's advert timer that any frame of its VRID sets anew, a refused one too; an advert at
// once in answer to a lower priority. Not judged: it is the company our routers keep.
class KeepalivedNode : public Node {
 public:
  KeepalivedNode(Hub& hub, const Scenario& scenario, int number);

  void Start(SimTime now, StateFile file) override;
  void Crash(SimTime now) override;
  void Stop(SimTime now) override;
  void SetLink(SimTime now, bool up) override;
  void SetPriority(SimTime now, int router, Priority priority) override;
  void SetInterval(SimTime now, int router, Nanoseconds interval) override;  // a reload: counter and state stay
  void SetPreempt(SimTime, int, bool) override {}
  void Readd(SimTime, int) override {}
  void Poll(SimTime now) override;
  SimTime NextWake() const override;
  bool IsMaster(int router) const override { return instances_[static_cast<size_t>(router)].state == State::kMaster; }

 private:
  struct Instance {
    State state = State::kInitialize;  // kInitialize: not running, or FAULT
    Instant timer = kNever;
    uint32_t counter = 0;
    uint16_t ip_id = 0;
    Nanoseconds learned{};  // VRRPv3; 0: our own interval
  };

  const VirtualRouterPlan& PlanOf(size_t i) const { return scenario_.routers[i]; }
  Nanoseconds Learned(size_t i) const;
  Nanoseconds Down(size_t i) const { return DownInterval(static_cast<int>(i), Learned(i)); }
  Nanoseconds Skew(size_t i) const;
  void Become(size_t i, State state, SimTime now);
  void Receive(const Packet& packet, SimTime now);
  // The priority and source, if it gets as far as the state machine.
  struct Heard {
    Priority priority;
    IpAddress source;
    Nanoseconds interval;
  };
  std::optional<Heard> Check(size_t i, const Packet& packet);
  void Obey(size_t i, const Heard& heard, SimTime now);
  void SendAdvert(size_t i, Priority priority, SimTime now);

  std::vector<Instance> instances_;
};

}  // namespace dpvrrp::sim
