// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sim/advert_codec.h"
#include "sim/keepalived_node.h"
#include "sim/shard_node.h"

namespace dpvrrp::sim {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kAuditInterval = 100ms;
constexpr Nanoseconds kFloodInterval = 50us;  // of 64 frames: about 10 GbE
constexpr Nanoseconds kShotDelay = 20us;

}  // namespace

World::World(Scenario scenario, IcvEngine& engine, std::ostream* trace)
    : scenario_(std::move(scenario)),
      prng_(~scenario_.seed),
      lan_(scenario_.nodes.size(), prng_.Split()),
      attacker_(scenario_, prng_.Split()),
      trace_(trace),
      groups_(scenario_.routers.size()) {
  outcome_.seed = scenario_.seed;
  for (int i = 0; i < static_cast<int>(scenario_.nodes.size()); ++i) {
    Prng own = prng_.Split();
    if (scenario_.nodes[static_cast<size_t>(i)].keepalived) {
      nodes_.push_back(std::make_unique<KeepalivedNode>(*this, scenario_, i));
    } else {
      nodes_.push_back(std::make_unique<ShardNode>(*this, scenario_, i, engine, own));
    }
  }
  wake_.resize(nodes_.size(), SimTime::max());
  for (size_t i = 0; i < groups_.size(); ++i) {
    groups_[i].masters.resize(nodes_.size());
    groups_[i].longest = scenario_.routers[i].interval;
  }
  for (size_t i = 0; i < scenario_.actions.size(); ++i) Plan(scenario_.actions[i].at, Event::Kind::kAction, 0, i);
  Plan(kAuditInterval, Event::Kind::kAudit);
}

Outcome World::Run() {
  if (trace_ != nullptr) *trace_ << Describe(scenario_);
  while (!events_.empty() && outcome_.violation.empty()) {
    Event event = events_.top();
    events_.pop();
    if (event.at > scenario_.end) break;
    now_ = event.at;
    Handle(event);
    for (int router = 0; router < static_cast<int>(groups_.size()); ++router) {
      if (std::exchange(Groups(router).changed, false)) CheckMasters(router);
    }
  }
  outcome_.simulated = now_;
  outcome_.counts = counts;
  return outcome_;
}

void World::Plan(SimTime at, Event::Kind kind, int node, size_t index, PacketPtr packet) {
  events_.push({at, order_++, kind, node, index, std::move(packet)});
}

void World::PlanWake(int node, SimTime at) {
  SimTime& wake = wake_[static_cast<size_t>(node)];
  if (at >= wake) return;
  wake = at;
  Plan(at, Event::Kind::kWake, node);
}

void World::Handle(Event& event) {
  switch (event.kind) {
    case Event::Kind::kArrival: {
      Node& node = NodeAt(event.node);
      node.Arrive(std::move(event.packet));
      if (node.Listens())
        PlanWake(event.node, std::max(node.stalled_until(), now_) + prng_.Between(0ns, node.plan().poll));
      return;
    }
    case Event::Kind::kWake: {
      SimTime& wake = wake_[static_cast<size_t>(event.node)];
      if (wake != event.at) return;  // it was called earlier, and planned anew
      wake = SimTime::max();
      Node& node = NodeAt(event.node);
      node.Poll(now_);
      const SimTime next = std::max({node.NextWake(), node.stalled_until(), now_ + 1us});
      if (node.NextWake() != SimTime::max()) PlanWake(event.node, next + prng_.Between(0ns, node.plan().poll));
      return;
    }
    case Event::Kind::kAction:
      return Carry(event.index);
    case Event::Kind::kAudit:
      for (const auto& node : nodes_) node->Audit(now_);
      for (int router = 0; router < static_cast<int>(groups_.size()); ++router) CheckMasters(router);
      return Plan(now_ + kAuditInterval, Event::Kind::kAudit);
    case Event::Kind::kAttack:
      return Attack(event.index);
    case Event::Kind::kFlood:
      return Flood(event.node, event.index);
  }
}

// ---- Reports of nodes ----

void World::Send(int node, PacketPtr packet) {
  if (trace_ != nullptr) Trace(node, "sends " + Words(packet->bytes));
  const auto mix = [&](uint64_t value) { outcome_.digest = (outcome_.digest ^ value) * 0x100000001b3; };
  mix(static_cast<uint64_t>(now_.count()));
  for (const uint8_t byte : packet->bytes) mix(byte);
  if (!NodeAt(node).link()) return;
  attacker_.Overhear(packet);
  for (int to = 0; to < static_cast<int>(nodes_.size()); ++to) {
    if (to == node) continue;
    for (const Nanoseconds delay : lan_.Delays(node, to)) Plan(now_ + delay, Event::Kind::kArrival, to, 0, packet);
  }
}

void World::MastershipChanged(int node, int router, bool master) {
  Groups(router).masters[static_cast<size_t>(node)] = master;
  Groups(router).changed = true;
}

void World::Fail(int node, int router, absl::string_view what) {
  if (!outcome_.violation.empty()) return;
  outcome_.violation = absl::StrFormat("at %.6f s%s, VRID %d: %s", static_cast<double>(now_.count()) / 1e9,
                                       node < 0 ? "" : " node " + scenario_.nodes[static_cast<size_t>(node)].name,
                                       scenario_.routers[static_cast<size_t>(router)].vrid.value(), what);
  if (trace_ != nullptr) Trace(node, absl::StrCat("VIOLATION ", what));
}

void World::Trace(int node, const std::string& text) {
  *trace_ << absl::StrFormat("%12.6f %s %s\n", static_cast<double>(now_.count()) / 1e9,
                             node < 0 ? "-" : scenario_.nodes[static_cast<size_t>(node)].name, text);
}

void World::CheckMasters(int router) {
  if (!whole_) return;
  Group& group = Groups(router);
  std::vector<std::string> masters;
  Nanoseconds slowest{};
  Nanoseconds interval{};
  bool keepalived = false;
  bool ours = false;  // of the masters, one at least
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = *nodes_[i];
    if (!node.Listens()) continue;
    const bool learns = scenario_.routers[static_cast<size_t>(router)].version == VrrpVersion::kV3;
    interval = std::max({interval, node.interval(router), learns ? group.longest : 0ns});
    slowest = std::max(slowest, node.DownInterval(router, interval));
    keepalived |= node.plan().keepalived;
    if (!group.masters[i]) continue;
    masters.push_back(node.plan().name);
    ours |= !node.plan().keepalived;
  }
  if (slowest == 0ns) return;  // no node is up
  // Two keepalived masters can keep each other silent for good, each refusing the other's numbers; that is theirs.
  if (masters.size() > 1 && !ours) return;
  const Finding finding = group.one_master.Check(now_, SettleTime(slowest, interval, keepalived), masters);
  if (finding.has_value()) Fail(-1, router, *finding);
}

void World::DisturbAll(SimTime until) {
  for (Group& group : groups_) group.one_master.Disturbed(until);
}

// ---- What befalls them ----

// What asks something of a program waits until it runs.
bool World::MustWait(const Action& action) const {
  using Kind = Action::Kind;
  switch (action.kind) {
    case Kind::kStop:
    case Kind::kLinkDown:
    case Kind::kLinkUp:
    case Kind::kPriority:
    case Kind::kInterval:
    case Kind::kPreempt:
    case Kind::kReadd:
    case Kind::kResign:
    case Kind::kTakeover:
      return nodes_[static_cast<size_t>(action.node)]->stalled(now_);
    default:
      return false;
  }
}

void World::Carry(size_t index) {
  using Kind = Action::Kind;
  const Action& action = scenario_.actions[index];
  if (MustWait(action)) return Plan(NodeAt(action.node).stalled_until(), Event::Kind::kAction, 0, index);
  if (trace_ != nullptr) Trace(-1, Describe(action));
  switch (action.kind) {
    case Kind::kQuality:
      lan_.SetQuality(action);
      whole_ = false;
      return;
    case Kind::kCutOneWay:
      lan_.CutOneWay(action.node, action.other);
      whole_ = false;
      return;
    case Kind::kPartition:
      lan_.Partition(action.mask);
      whole_ = false;
      return;
    case Kind::kHeal:
      DisturbAll(now_ + lan_.Heal());
      whole_ = true;
      return;
    case Kind::kAttack:
      attack_gap_ = action.time;
      ++campaign_;
      if (attack_gap_ > 0ns) Plan(now_, Event::Kind::kAttack, 0, campaign_);
      return;
    case Kind::kFlood:
      return Flood(action.node, static_cast<size_t>(action.value));
    default:
      Operate(action);
  }
}

void World::Operate(const Action& action) {
  using Kind = Action::Kind;
  Node& node = NodeAt(action.node);
  DisturbAll(now_);
  switch (action.kind) {
    case Kind::kCrash:
      node.Crash(now_);
      break;
    case Kind::kStop:
      node.Stop(now_);
      break;
    case Kind::kStart:
      counts.starts += node.running() ? 0 : 1;
      node.Start(now_, action.file);
      break;
    case Kind::kSnapshot:
      node.WriteBack(now_);
      break;
    case Kind::kLinkDown:
    case Kind::kLinkUp:
      node.SetLink(now_, action.kind == Kind::kLinkUp);
      break;
    case Kind::kStall:
      node.Stall(now_, action.time);
      DisturbAll(node.stalled_until());
      break;
    case Kind::kJump:
      node.Jump(now_, action.time);
      break;
    case Kind::kRate:
      node.SetRate(now_, action.value);
      break;
    case Kind::kPriority:
      node.SetPriority(now_, action.router, Priority(static_cast<uint8_t>(action.value)));
      break;
    case Kind::kInterval:
      node.SetInterval(now_, action.router, action.time);
      Groups(action.router).longest = std::max(Groups(action.router).longest, action.time);
      break;
    case Kind::kPreempt:
      node.SetPreempt(now_, action.router, action.value != 0);
      break;
    case Kind::kReadd:
      node.Readd(now_, action.router);
      break;
    case Kind::kResign:
      node.Resign(now_, action.router);
      break;
    case Kind::kTakeover:
      node.TakeOver(now_, action.router);
      break;
    default:
      break;
  }
  // Its deadlines may have moved: it looks at once, or as soon as it can.
  if (node.running()) PlanWake(action.node, std::max(now_, node.stalled_until()));
}

void World::Attack(size_t campaign) {
  if (campaign != campaign_) return;
  const Attacker::Shot shot = attacker_.Next();
  if (trace_ != nullptr) {
    Trace(-1, absl::StrCat("! the attacker sends ", Words(shot.packet->bytes), shot.only < 0 ? "" : " back to it"));
  }
  for (int to = 0; to < static_cast<int>(nodes_.size()); ++to) {
    if (shot.only < 0 || shot.only == to) Plan(now_ + kShotDelay, Event::Kind::kArrival, to, 0, shot.packet);
  }
  Plan(now_ + prng_.Between(1ns, 2 * attack_gap_), Event::Kind::kAttack, 0, campaign);
}

// Frames that the ring cannot hold are lost, also the neighbours' adverts. So a flood disturbs.
void World::Flood(int node, size_t left) {
  DisturbAll(now_ + 1s);
  const auto router = static_cast<int>(left % groups_.size());
  for (size_t i = 0; i < kMaxBurst; ++i) NodeAt(node).Arrive(attacker_.Forge(router));
  PlanWake(node, std::max(NodeAt(node).stalled_until(), now_) + prng_.Between(0ns, NodeAt(node).plan().poll));
  if (left > 1) Plan(now_ + kFloodInterval, Event::Kind::kFlood, node, left - 1);
}

}  // namespace dpvrrp::sim
