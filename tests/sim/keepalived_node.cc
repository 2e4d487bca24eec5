// SPDX-License-Identifier: BSD-3-Clause
#include "sim/keepalived_node.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/advert_codec.h"
#include "sim/invariants.h"
#include "support/reference.h"

namespace dpvrrp::sim {

KeepalivedNode::KeepalivedNode(Hub& hub, const Scenario& scenario, int number)
    : Node(hub, scenario, number), instances_(scenario.routers.size()) {}

Nanoseconds KeepalivedNode::Learned(size_t i) const {
  return instances_[i].learned.count() > 0 ? instances_[i].learned : settings_[i].interval;
}

Nanoseconds KeepalivedNode::Skew(size_t i) const {
  return RuleSkew(PlanOf(i).version, settings_[i].priority, Learned(i));
}

void KeepalivedNode::Start(SimTime now, StateFile) {
  if (running_) return;
  running_ = true;
  for (size_t i = 0; i < instances_.size(); ++i) {
    instances_[i] = {};
    if (link_) Become(i, State::kBackup, now);
  }
}

void KeepalivedNode::Crash(SimTime now) {
  running_ = false;
  stalled_until_ = {};
  ring_.clear();
  for (size_t i = 0; i < instances_.size(); ++i) Become(i, State::kInitialize, now);
}

void KeepalivedNode::Stop(SimTime now) {
  for (size_t i = 0; i < instances_.size(); ++i) {
    if (instances_[i].state == State::kMaster) SendAdvert(i, kPriorityRelease, now);
  }
  Crash(now);
}

void KeepalivedNode::SetLink(SimTime now, bool up) {
  if (link_ == up) return;
  link_ = up;
  ring_.clear();
  if (!running_) return;
  for (size_t i = 0; i < instances_.size(); ++i) Become(i, up ? State::kBackup : State::kInitialize, now);
}

void KeepalivedNode::SetPriority(SimTime now, int router, Priority priority) {
  const auto i = static_cast<size_t>(router);
  settings_[i].priority = priority;
  if (instances_[i].state == State::kBackup) instances_[i].timer = clock_.ToLocal(now) + Down(i);
}

void KeepalivedNode::SetInterval(SimTime now, int router, Nanoseconds interval) {
  const auto i = static_cast<size_t>(router);
  settings_[i].interval = interval;
  if (instances_[i].state == State::kBackup) instances_[i].timer = clock_.ToLocal(now) + Down(i);
}

void KeepalivedNode::Become(size_t i, State state, SimTime now) {
  Instance& instance = instances_[i];
  const State before = std::exchange(instance.state, state);
  const Instant local = clock_.ToLocal(now);
  instance.timer = state == State::kInitialize ? kNever
                   : state == State::kBackup   ? local + Down(i)
                                               : local + settings_[i].interval;
  if (before == state) return;
  if (hub_.tracing()) {
    hub_.Trace(number_,
               absl::StrCat("VRID ", int{PlanOf(i).vrid.value()}, " ", ToString(before), " -> ", ToString(state)));
  }
  if (state == State::kMaster) SendAdvert(i, settings_[i].priority, now);
  if (before == State::kMaster || state == State::kMaster) {
    hub_.MastershipChanged(number_, static_cast<int>(i), state == State::kMaster);
  }
}

void KeepalivedNode::Poll(SimTime now) {
  if (!running_ || stalled(now)) return;
  for (; !ring_.empty(); ring_.pop_front()) Receive(*ring_.front(), now);
  const Instant local = clock_.ToLocal(now);
  for (size_t i = 0; i < instances_.size(); ++i) {
    Instance& instance = instances_[i];
    if (instance.timer > local) continue;
    if (instance.state == State::kBackup) {
      Become(i, State::kMaster, now);
    } else {
      SendAdvert(i, settings_[i].priority, now);
      instance.timer = local + settings_[i].interval;
    }
  }
}

SimTime KeepalivedNode::NextWake() const {
  if (!running_) return SimTime::max();
  Instant first = kNever;
  for (const Instance& instance : instances_) first = std::min(first, instance.timer);
  return first == kNever ? SimTime::max() : clock_.ToSim(first);
}

void KeepalivedNode::Receive(const Packet& packet, SimTime now) {
  if (packet.router < 0) return;  // a VRID it does not have
  const auto i = static_cast<size_t>(packet.router);
  Instance& instance = instances_[i];
  if (instance.state == State::kInitialize) return;
  if (packet.hostile) hub_.Disturb(packet.router);
  const std::optional<Heard> heard = Check(i, packet);
  if (heard.has_value()) Obey(i, *heard, now);
  // Whatever it was, and whether or not it was believed.
  if (instance.state == State::kMaster) instance.timer = clock_.ToLocal(now) + settings_[i].interval;
}

// The order is 2.2.7's: the number is used up before interval and addresses are looked at.
std::optional<KeepalivedNode::Heard> KeepalivedNode::Check(size_t i, const Packet& packet) {
  const VirtualRouterPlan& plan = PlanOf(i);
  Instance& instance = instances_[i];
  const std::optional<Sight> seen = See(packet.bytes);
  if (!seen.has_value() || seen->ttl != 255 || seen->version != plan.version) return std::nullopt;
  if (plan.version == VrrpVersion::kV3) {
    if (seen->addresses != plan.addresses) return std::nullopt;
    return Heard{Priority(seen->priority), seen->source, seen->interval};
  }
  if (seen->auth_type != static_cast<uint8_t>(plan.auth)) return std::nullopt;
  if (seen->sequence.has_value() != (plan.auth == AuthKind::kAh)) return std::nullopt;
  if (plan.auth == AuthKind::kAh) {
    const auto ip = std::span(packet.bytes).subspan(kEthernetBytes);
    if (seen->icv.size() != 12 || ReferenceIcv(ip, plan.key, plan.algorithm, plan.icv_rule) != seen->icv) {
      return std::nullopt;
    }
    if (IpAddress::V4(seen->spi) != seen->source || *seen->sequence <= instance.counter) return std::nullopt;
    instance.counter = *seen->sequence;
  }
  if (plan.auth == AuthKind::kSimple &&
      !std::equal(plan.password.begin(), plan.password.end(), seen->auth_data.begin(), seen->auth_data.end())) {
    return std::nullopt;
  }
  if (seen->interval != settings_[i].interval) return std::nullopt;
  if (seen->addresses != plan.addresses) return std::nullopt;
  return Heard{Priority(seen->priority), seen->source, seen->interval};
}

void KeepalivedNode::Obey(size_t i, const Heard& heard, SimTime now) {
  Instance& instance = instances_[i];
  const Settings& own = settings_[i];
  const Instant local = clock_.ToLocal(now);
  if (instance.state == State::kBackup) {
    if (heard.priority == kPriorityRelease) {
      instance.timer = local + Skew(i);
    } else if (!own.preempt || heard.priority >= own.priority) {
      if (PlanOf(i).version == VrrpVersion::kV3) instance.learned = heard.interval;
      instance.timer = local + Down(i);
    }
    return;
  }
  if (heard.priority == kPriorityRelease) {
    SendAdvert(i, own.priority, now);
  } else if (heard.priority > own.priority ||
             (heard.priority == own.priority && heard.source > plan_.source(PlanOf(i).family))) {
    if (PlanOf(i).version == VrrpVersion::kV3) instance.learned = heard.interval;
    Become(i, State::kBackup, now);
  } else {
    ++instance.counter;  // rx + 1, and the answer is rx + 2
    SendAdvert(i, own.priority, now);
  }
}

void KeepalivedNode::SendAdvert(size_t i, Priority priority, SimTime) {
  const VirtualRouterPlan& plan = PlanOf(i);
  Instance& instance = instances_[i];
  auto packet = std::make_shared<Packet>();
  packet->sender = number_;
  packet->router = static_cast<int>(i);
  packet->priority = priority;
  packet->interval = settings_[i].interval;
  AdvertFrame advert = AdvertOf(plan, settings_[i].interval);
  advert.source_mac = plan_.mac;
  advert.ip_id = ++instance.ip_id;
  advert.source = plan_.source(plan.family);
  advert.key = plan.key;
  advert.priority = priority.value();
  advert.auth_data.assign(plan.password.begin(), plan.password.end());
  if (plan.auth == AuthKind::kAh) advert.sequence = ++instance.counter;

  packet->bytes = advert.Build();
  packet->sequence = plan.auth == AuthKind::kAh ? advert.sequence : 0;
  ++hub_.counts.adverts;
  hub_.Send(number_, std::move(packet));
}

}  // namespace dpvrrp::sim
