// SPDX-License-Identifier: BSD-3-Clause
#include "sim/node.h"

#include "sim/invariants.h"

namespace dpvrrp::sim {
namespace {

constexpr size_t kRingFrames = 1024;

}  // namespace

Node::Node(Hub& hub, const Scenario& scenario, int number)
    : hub_(hub),
      scenario_(scenario),
      number_(number),
      plan_(scenario.nodes[static_cast<size_t>(number)]),
      clock_(Instant(std::chrono::seconds(1000 + 1000 * number)), plan_.ppm) {
  for (const VirtualRouterPlan& router : scenario.routers) {
    const VirtualRouterPlan::Member& member = router.members[static_cast<size_t>(number)];
    settings_.push_back({member.priority, member.preempt, router.interval});
  }
}

void Node::Arrive(PacketPtr packet) {
  if (Listens() && ring_.size() < kRingFrames) ring_.push_back(std::move(packet));
}

Nanoseconds Node::DownInterval(int router, Nanoseconds interval) const {
  const auto i = static_cast<size_t>(router);
  return RuleDown(scenario_.routers[i].version, settings_[i].priority, interval);
}

}  // namespace dpvrrp::sim
