// SPDX-License-Identifier: BSD-3-Clause
#include "sim/shard_node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ah/continuity.h"
#include "base/check.h"
#include "io/state_image.h"
#include "sim/invariants.h"

namespace dpvrrp::sim {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kTick{1 << TimerWheel::kTickShift};
constexpr PortId kPort{0};

// The wall clock, which all nodes share.
int64_t UnixSeconds(SimTime now) { return 1'700'000'000 + now / 1s; }

}  // namespace

ShardNode::ShardNode(Hub& hub, const Scenario& scenario, int number, IcvEngine& engine, Prng prng)
    : Node(hub, scenario, number),
      engine_(engine),
      prng_(prng),
      instances_(scenario.routers.size()),
      vip_(scenario.routers.size()),
      buffers_(kMaxBurst, Bytes(kMaxFrameBytes)) {
  for (Instance& instance : instances_) {
    instance.memory.believed.resize(scenario.nodes.size());
    instance.written_back = instance.memory;
  }
}

ShardNode::~ShardNode() { shard_.reset(); }

VirtualRouterConfig ShardNode::ConfigOf(size_t i, InstanceId id) {
  const VirtualRouterPlan& plan = PlanOf(i);
  VirtualRouterConfig config;
  config.id = id;
  config.port = kPort;
  config.vrid = plan.vrid;
  config.machine.version = plan.version;
  config.machine.priority = settings_[i].priority;
  config.machine.preempt = settings_[i].preempt;
  config.machine.advertisement_interval = settings_[i].interval;
  config.machine.source = plan_.source(plan.family);
  config.machine.answer_lower = plan.answer_lower;
  config.machine.answer_higher = plan.answer_higher;
  config.machine.longest_learned = plan.longest_learned;
  config.source_mac = plan_.mac;
  config.addresses = plan.addresses;
  config.checksum = plan.members[static_cast<size_t>(number_)].checksum;
  config.v2_coexistence = plan.v2_coexistence;
  config.auth = plan.auth;
  config.password = plan.password;
  config.icv_rule = plan.icv_rule;
  if (plan.auth == AuthKind::kAh) {
    config.keys = OneKey(*MacKey::Create(plan.algorithm, plan.key));
    config.record = &instances_[i].memory.record;
  }
  return config;
}

// A timer may be late by the wheel's tick, and that of the timer which began the rhythm; and by as long as the node
// takes to look. The node's clock runs up to 0.03 % faster than the world's.
Nanoseconds ShardNode::TimerAllowance() const { return plan_.poll + plan_.poll / 1000 + 2 * kTick + 1us; }

Nanoseconds ShardNode::Learned(size_t i) const {
  return instances_[i].learned > 0ns ? instances_[i].learned : settings_[i].interval;
}

Nanoseconds ShardNode::Skew(size_t i) const { return RuleSkew(PlanOf(i).version, settings_[i].priority, Learned(i)); }

// ---- What happens to the node ----

void ShardNode::Start(SimTime now, StateFile file) {
  if (running_) return;
  running_ = true;
  shard_ = std::make_unique<Shard>(engine_, clock_.ToLocal(now));
  host_changes_.clear();
  reservations_.clear();
  for (size_t i = 0; i < instances_.size(); ++i) {
    Instance& instance = instances_[i];
    if (file == StateFile::kOld) {
      instance.memory = instance.written_back;
      instance.memory.record.sent = dpvrrp::internal::MovedAhead(instance.memory.record);
    } else if (file == StateFile::kLost) {
      instance.memory = {};
      instance.memory.believed.resize(scenario_.nodes.size());
      instance.sequence.StateLost();
    }
    for (Believed& sender : instance.memory.believed) sender.Restarted();
    vip_[i] = false;  // control removes the address that a former run left
  }
  if (!link_) shard_->Apply(command::PortDown{kPort}, clock_.ToLocal(now));
  for (size_t i = 0; i < instances_.size(); ++i) Add(i, now);
}

void ShardNode::Crash(SimTime now) {
  if (!running_) return;
  running_ = false;
  stalled_until_ = {};
  shard_.reset();  // before what its lists run through
  replacements_.clear();
  ring_.clear();
  host_changes_.clear();
  reservations_.clear();
  for (size_t i = 0; i < instances_.size(); ++i) {
    instances_[i].memory.record.left_at = static_cast<uint32_t>(UnixSeconds(now));
    instances_[i].router.reset();
    SeeState(i, now);
  }
}

void ShardNode::Stop(SimTime now) {
  if (!running_) return;
  for (size_t i = 0; i < instances_.size(); ++i) Remove(i, now);
  WriteBack(now);
  Crash(now);
}

void ShardNode::WriteBack(SimTime now) {
  for (Instance& instance : instances_) {
    instance.written_back = instance.memory;
    if (running_) instance.written_back.record.left_at = static_cast<uint32_t>(UnixSeconds(now));
  }
}

void ShardNode::SetLink(SimTime now, bool up) {
  if (link_ == up) return;
  link_ = up;
  ring_.clear();
  if (!running_) return;
  shard_->Apply(up ? ShardCommand(command::PortUp{kPort}) : command::PortDown{kPort}, clock_.ToLocal(now));
  for (size_t i = 0; i < instances_.size(); ++i) SeeState(i, now);
}

// Until it runs again and has looked once, nothing can be on time.
void ShardNode::Excuse(Instant until) {
  for (Instance& instance : instances_) {
    if (instance.judges == nullptr) continue;
    instance.judges->takeover.Excuse(until);
    instance.judges->on_time.Excuse(until);
    instance.judges->vip.Excuse(until);
  }
}

void ShardNode::Stall(SimTime now, Nanoseconds time) {
  Node::Stall(now, time);
  Excuse(clock_.ToLocal(stalled_until_));
}

void ShardNode::Jump(SimTime now, Nanoseconds by) {
  Node::Jump(now, by);
  Excuse(clock_.ToLocal(std::max(now, stalled_until_)));
}

void ShardNode::SetRate(SimTime now, int64_t ppm) {
  Node::SetRate(now, ppm);
  if (stalled(now)) Excuse(clock_.ToLocal(stalled_until_));
}

// ---- Orders of the operator ----

void ShardNode::Command(const ShardCommand& command, size_t i, SimTime now) {
  shard_->Apply(command, clock_.ToLocal(now));
  SeeState(i, now);
}

// A reload: the running router gets the settings as they are now, and keeps its state.
void ShardNode::Reconfigure(size_t i, SimTime now) {
  Instance& instance = instances_[i];
  VirtualRouterConfig config = ConfigOf(i, InstanceId(instance.last_id));
  config.record_in_use = config.record != nullptr;
  replacements_.push_back(std::make_unique<VirtualRouter>(std::move(config)));
  const Instant local = clock_.ToLocal(now);
  shard_->Apply(command::Replace{instance.router.get(), replacements_.back().get()}, local);
  if (instance.router->machine.state != instance.state) {
    hub_.Fail(number_, static_cast<int>(i), "reload: the state has changed");
  }
  instance.storm.Allowed(local);  // its announced data may have changed
  instance.judges->takeover.Lengths(local, Down(i), Skew(i));
}

void ShardNode::Add(size_t i, SimTime now) {
  Instance& instance = instances_[i];
  ResumeNumbers(i, now);
  instance.last_id = ++next_id_;
  instance.router = std::make_unique<VirtualRouter>(ConfigOf(i, InstanceId(instance.last_id)));
  instance.judges = std::make_unique<Judges>(TimerAllowance(), plan_.control + TimerAllowance());
  instance.judges->vip.Excuse(clock_.ToLocal(now));  // left by a former run, or still being removed
  Command(command::Add{instance.router.get()}, i, now);
}

void ShardNode::Remove(size_t i, SimTime now) {
  Command(command::Remove{instances_[i].router.get()}, i, now);
  Transmit(now);
  TakeEvents(now);
  if (instances_[i].router != nullptr) hub_.Fail(number_, static_cast<int>(i), "removal: the router did not come back");
}

void ShardNode::SetPriority(SimTime now, int router, Priority priority) {
  const auto i = static_cast<size_t>(router);
  if (settings_[i].priority == kPriorityOwner) return;
  settings_[i].priority = priority;
  if (!running_) return;
  Reconfigure(i, now);
}

void ShardNode::SetInterval(SimTime now, int router, Nanoseconds interval) {
  const auto i = static_cast<size_t>(router);
  const bool differs = std::exchange(settings_[i].interval, interval) != interval;
  instances_[i].storm = {};  // the last second went by the old one
  if (!running_) return;
  Reconfigure(i, now);
  // The new interval is announced at once: the next advert is not later than a new interval from now.
  if (differs) instances_[i].judges->on_time.Expect(clock_.ToLocal(now));
}

void ShardNode::SetPreempt(SimTime now, int router, bool preempt) {
  const auto i = static_cast<size_t>(router);
  settings_[i].preempt = preempt;
  if (!running_) return;
  Instance& instance = instances_[i];
  // The lower priority that was discarded last is a master now (RFC 9568 6.4.2, Preempt_Mode).
  if (!preempt && instance.discarded.has_value()) instance.judges->takeover.Armed(*instance.discarded, Down(i));
  instance.discarded.reset();
  Reconfigure(i, now);
}

void ShardNode::Readd(SimTime now, int router) {
  if (!running_) return;
  const auto i = static_cast<size_t>(router);
  Remove(i, now);
  for (Believed& sender : instances_[i].memory.believed) sender.Restarted();
  instances_[i].memory.record.left_at = static_cast<uint32_t>(UnixSeconds(now));
  Add(i, now);
}

void ShardNode::Resign(SimTime now, int router) {
  const auto i = static_cast<size_t>(router);
  if (running_) Command(command::Resign{instances_[i].router.get()}, i, now);
}

void ShardNode::TakeOver(SimTime now, int router) {
  const auto i = static_cast<size_t>(router);
  if (running_) Command(command::Takeover{instances_[i].router.get()}, i, now);
}

// ---- The control model ----

void ShardNode::TakeEvents(SimTime now) {
  std::array<ShardEvent, 16> events;
  while (const size_t count = shard_->TakeEvents(events)) {
    for (const ShardEvent& event : std::span(events).first(count)) {
      for (size_t i = 0; i < instances_.size(); ++i) {
        Instance& instance = instances_[i];
        const InstanceId id(instance.last_id);
        const auto* replaced = std::get_if<event::Replaced>(&event);
        if (replaced != nullptr) {
          std::erase_if(replacements_, [&](const auto& r) { return r.get() == replaced->router; });
        }
        const auto* retired = std::get_if<event::Retired>(&event);
        if (retired != nullptr && retired->router == instance.router.get()) {
          instance.router.reset();
          SeeState(i, now);
        }
        const auto* wanted = std::get_if<event::NumbersWanted>(&event);
        if (wanted != nullptr && wanted->instance == id) {
          const SimTime at = now + prng_.Between(plan_.control / 4, plan_.control);
          reservations_.push_back({at, instance.last_id, wanted->number});
          instance.judges->on_time.Excuse(clock_.ToLocal(at) + 2 * TimerAllowance());
        }
        const auto* moved = std::get_if<event::Transition>(&event);
        if (moved != nullptr && moved->instance == id) {
          const SimTime at = now + prng_.Between(plan_.control / 4, plan_.control);
          host_changes_.push_back({std::max(at, host_changes_.empty() ? at : host_changes_.back().at),
                                   static_cast<int>(i), moved->to == State::kMaster});
        }
      }
    }
  }
}

void ShardNode::ApplyHostChanges(SimTime now) {
  for (; !host_changes_.empty() && host_changes_.front().at <= now; host_changes_.pop_front()) {
    vip_[static_cast<size_t>(host_changes_.front().router)] = host_changes_.front().present;
  }
}

// As control does (control/numbers/numbers.cc), but that it looks at no numbers on its own: so lcores wait
// more often.
void ShardNode::ResumeNumbers(size_t i, SimTime now) {
  const VirtualRouterPlan& plan = PlanOf(i);
  if (plan.auth != AuthKind::kAh) return;
  SequenceRecord& record = instances_[i].memory.record;
  const bool follows = plan.icv_rule == IcvRule::kKeepalived;
  if (follows && settings_[i].priority == kPriorityOwner) {
    CatchUpWithGroup(record, UnixSeconds(now), settings_[i].interval);
  }
  record.left_at = 0;
  Reserve(i, Reached(record, follows), now);
}

// The file is flushed whole.
void ShardNode::Reserve(size_t i, uint64_t reached, SimTime now) {
  SequenceRecord& record = instances_[i].memory.record;
  ReserveAhead(record, reached);
  WriteBack(now);
  Reserved(record, record.wanted);
}

void ShardNode::AnswerReservations(SimTime now) {
  for (auto it = reservations_.begin(); it != reservations_.end();) {
    if (it->at > now) {
      ++it;
      continue;
    }
    for (size_t i = 0; i < instances_.size(); ++i) {
      if (instances_[i].last_id != it->id || instances_[i].router == nullptr) continue;
      Reserve(i, it->reached, now);
      const command::AllowNumbers allow{instances_[i].router.get(), instances_[i].memory.record.reserved};
      shard_->Apply(allow, clock_.ToLocal(now));
    }
    it = reservations_.erase(it);
  }
}

bool ShardNode::IsMaster(int router) const { return instances_[static_cast<size_t>(router)].state == State::kMaster; }

SimTime ShardNode::NextWake() const {
  if (!running_) return SimTime::max();
  const Instant deadline = shard_->NextDeadline();
  SimTime wake = deadline == kNever ? SimTime::max() : deadline == Instant::min() ? SimTime{} : clock_.ToSim(deadline);
  if (!host_changes_.empty()) wake = std::min(wake, host_changes_.front().at);
  for (const Reservation& reservation : reservations_) wake = std::min(wake, reservation.at);
  return wake;
}

void ShardNode::Audit(SimTime now) {
  if (!running_ || stalled(now)) return;
  const Instant local = clock_.ToLocal(now);
  for (size_t i = 0; i < instances_.size(); ++i) {
    Instance& instance = instances_[i];
    Report(i, instance.judges->takeover.Check(local));
    Report(i, instance.judges->on_time.Check(local));
    Report(i, instance.judges->vip.Check(local, instance.state == State::kMaster, vip_[i]));
  }
}

// Compares the state with the last one, and reports a change to the judges.
void ShardNode::SeeState(size_t i, SimTime now) {
  Instance& instance = instances_[i];
  const State state = instance.router != nullptr ? instance.router->machine.state : State::kInitialize;
  if (state == instance.state) return;
  const State before = std::exchange(instance.state, state);
  const Instant local = clock_.ToLocal(now);
  const Reason reason = instance.router != nullptr ? instance.router->machine.reason : Reason::kShutdown;
  if (hub_.tracing()) {
    hub_.Trace(number_, absl::StrCat("VRID ", int{PlanOf(i).vrid.value()}, " ", ToString(before), " -> ",
                                     ToString(state), ", ", ToString(reason)));
  }
  instance.storm.Allowed(local);
  Judges& judges = *instance.judges;
  instance.discarded.reset();
  if (state == State::kMaster) {
    ++hub_.counts.takeovers;
    const bool by_timer = reason != Reason::kOwnerStartup && reason != Reason::kOperatorTakeover;
    if (by_timer) Report(i, judges.takeover.BecameMaster(local));
    judges.takeover.NotBackup();
    judges.on_time.BecameMaster(local);
  } else {
    judges.on_time.NotMaster();
    judges.takeover.NotBackup();
    instance.learned = 0ns;  // the advert that made it give way may have another, see Accepted
    if (state == State::kBackup) judges.takeover.Armed(local, Down(i));
  }
  if (before == State::kMaster || state == State::kMaster) {
    hub_.MastershipChanged(number_, static_cast<int>(i), state == State::kMaster);
  }
}

}  // namespace dpvrrp::sim
