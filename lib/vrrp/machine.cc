// SPDX-License-Identifier: BSD-3-Clause
#include "vrrp/machine.h"

#include <algorithm>
#include <array>

namespace dpvrrp {
namespace {

Actions Change(Machine& m, State to, Reason reason, Instant now) {
  Actions actions;
  actions.state_change = {m.state, to};
  m.state = to;
  m.reason = reason;
  m.since = now;
  return actions;
}

// 6.4.2 (200)-(230): advert first, then the addresses and their announcement (the caller's order), then the timer.
Actions BecomeMaster(const MachineConfig& c, Machine& m, Reason reason, Instant now) {
  Actions actions = Change(m, State::kMaster, reason, now);
  actions.send_advert = c.priority;
  m.deadline = now + c.advertisement_interval;
  m.hold_backup = false;
  m.lower_heard = false;
  return actions;
}

void WaitForMasterDown(const MachineConfig& c, Machine& m, Instant now) {
  m.timer_started = now;
  m.deadline = now + MasterDownInterval(c, m);
  m.lower_heard = false;
  m.release_heard = false;
}

Actions BecomeBackup(const MachineConfig& c, Machine& m, Reason reason, Instant now) {
  Actions actions = Change(m, State::kBackup, reason, now);
  WaitForMasterDown(c, m, now);
  return actions;
}

void RememberMaster(Machine& m, const AdvertReceived& advert, Instant now) {
  m.master_address = advert.source;
  m.master_priority = advert.priority;
  m.master_heard = now;
}

// RFC 9568 6.4.2 (445): Active_Adver_Interval becomes what the advert says. VRRPv2 has its own only.
void LearnInterval(const MachineConfig& c, Machine& m, const AdvertReceived& advert) {
  if (c.version == VrrpVersion::kV2) return;
  const Nanoseconds believed =
      c.longest_learned.count() > 0 ? std::min(advert.interval, c.longest_learned) : advert.interval;
  m.master_interval = static_cast<uint16_t>(std::chrono::duration_cast<Centiseconds>(believed).count());
}

// 6.4.1 Initialize, when the start-up delay is over.
Actions Start(const MachineConfig& c, Machine& m, Instant now) {
  m.master_interval = 0;
  if (c.priority == kPriorityOwner) return BecomeMaster(c, m, Reason::kOwnerStartup, now);
  return BecomeBackup(c, m, Reason::kStartup, now);
}

Actions OnStartup(const MachineConfig& c, Machine& m, Instant now) {
  if (m.state != State::kInitialize) return {};
  if (c.startup_delay.count() == 0) return Start(c, m, now);
  m.deadline = now + c.startup_delay;
  return {};
}

// 6.4.2 and 6.4.3, the Shutdown event: only a master says goodbye.
Actions OnShutdown(Machine& m, const Shutdown& shutdown, Instant now) {
  if (m.state == State::kInitialize) {
    m.deadline = kNever;
    return {};
  }
  const bool goodbye = m.state == State::kMaster && shutdown.reason != Reason::kPortDown;
  Actions actions = Change(m, State::kInitialize, shutdown.reason, now);
  if (goodbye) actions.send_advert = kPriorityRelease;
  m.deadline = kNever;
  m.master_address = IpAddress();
  m.hold_backup = false;
  return actions;
}

// A lower priority that is to be preempted, but not before the delay is over: until then its adverts are obeyed like a
// master's, so that silence of it is noticed in time.
void DelayPreemption(const MachineConfig& c, Machine& m, const AdvertReceived& advert, Instant now) {
  if (!m.lower_heard) m.preempt_at = std::max(now + c.preempt_delay, m.deadline);
  if (now < m.preempt_at) {
    LearnInterval(c, m, advert);
    m.timer_started = now;
    m.release_heard = false;
    m.deadline = std::min(now + MasterDownInterval(c, m), m.preempt_at);
  }
  m.lower_heard = true;
}

// 6.4.2 Backup.
Actions OnAdvertAsBackup(const MachineConfig& c, Machine& m, const AdvertReceived& advert, Instant now) {
  RememberMaster(m, advert, now);
  if (advert.priority == kPriorityRelease) {
    // Only the first goodbye sets the timer: a peer that says it over and over must not hold us off for ever.
    if (m.release_heard) return {};
    m.release_heard = true;
    m.timer_started = now;
    m.deadline = now + SkewTime(c, m);
    return {};
  }
  const bool obeys = !c.preempt || m.hold_backup || advert.priority >= c.priority;
  if (obeys) {
    LearnInterval(c, m, advert);
    WaitForMasterDown(c, m, now);
  } else if (c.preempt_delay.count() > 0) {
    DelayPreemption(c, m, advert, now);
  } else {
    m.lower_heard = true;  // discarded: the timer keeps running
  }
  return {};
}

// 6.4.3 Master.
Actions OnAdvertAsMaster(const MachineConfig& c, Machine& m, const AdvertReceived& advert, Instant now) {
  RememberMaster(m, advert, now);
  if (advert.priority == kPriorityRelease) {
    Actions actions;
    actions.send_advert = c.priority;
    m.deadline = now + c.advertisement_interval;
    return actions;
  }
  const bool higher = advert.priority > c.priority;
  Actions actions;
  if (higher || (advert.priority == c.priority && advert.source > c.source)) {
    LearnInterval(c, m, advert);
    actions = BecomeBackup(c, m, higher ? Reason::kHigherPriority : Reason::kHigherAddress, now);
    if (c.answer_higher) actions.send_advert = c.priority;
  } else if (c.answer_lower && !m.lower_heard) {  // in VRRPv2 by request only: it discards in silence (V2-17)
    m.lower_heard = true;
    actions.send_advert = c.priority;  // and the regular ones keep their time
  }
  return actions;
}

// A running Master_Down_Timer keeps its start and takes the new length (V3-44).
Actions OnPriorityChanged(const MachineConfig& c, Machine& m, Instant now) {
  m.hold_backup = false;
  if (m.state != State::kBackup) return {};
  const Nanoseconds length = m.release_heard ? SkewTime(c, m) : MasterDownInterval(c, m);
  m.deadline = std::max(now, m.timer_started + length);
  if (m.lower_heard && c.preempt_delay.count() > 0) m.deadline = std::min(m.deadline, std::max(now, m.preempt_at));
  return {};
}

Actions OnResign(const MachineConfig& c, Machine& m, Instant now) {
  if (m.state != State::kMaster) return {};
  m.master_interval = 0;
  m.master_address = IpAddress();
  Actions actions = BecomeBackup(c, m, Reason::kOperatorResign, now);
  actions.send_advert = kPriorityRelease;
  m.hold_backup = true;
  return actions;
}

}  // namespace

absl::string_view ToString(State state) {
  static constexpr std::array<absl::string_view, 3> kNames = {"Initialize", "Backup", "Master"};
  return kNames[static_cast<size_t>(state)];
}

absl::string_view ToString(Reason reason) {
  static constexpr std::array<absl::string_view, 12> kNames = {
      "none",      "startup",         "owner-startup",  "master-timeout",    "master-resigned",
      "preempted", "higher-priority", "higher-address", "operator-takeover", "operator-resign",
      "shutdown",  "port-down"};
  return kNames[static_cast<size_t>(reason)];
}

Actions OnTimer(const MachineConfig& c, Machine& m, Instant now) {
  if (now < m.deadline) return {};
  if (m.state == State::kInitialize) return Start(c, m, now);
  if (m.state == State::kBackup) {
    const bool preempts = m.lower_heard && (c.preempt_delay.count() == 0 || now >= m.preempt_at);
    const Reason reason = m.release_heard ? Reason::kMasterResigned
                          : preempts      ? Reason::kPreempted
                                          : Reason::kMasterTimeout;
    return BecomeMaster(c, m, reason, now);
  }
  m.lower_heard = false;
  Actions actions;
  actions.send_advert = c.priority;
  // From the deadline, not from now, so that lateness does not add up (V3-88); but after a pause no burst of arrears.
  m.deadline = std::max(m.deadline + c.advertisement_interval, now + c.advertisement_interval / 2);
  return actions;
}

Nanoseconds MasterInterval(const MachineConfig& c, const Machine& m) {
  return m.master_interval == 0 ? c.advertisement_interval : Nanoseconds(Centiseconds(m.master_interval));
}
Nanoseconds SkewTime(const MachineConfig& c, const Machine& m) {
  return SkewTime(c.version, c.priority, MasterInterval(c, m));
}
Nanoseconds MasterDownInterval(const MachineConfig& c, const Machine& m) {
  return MasterDownInterval(c.version, c.priority, MasterInterval(c, m), c.down_adverts);
}

Actions OnAdvert(const MachineConfig& c, Machine& m, const AdvertReceived& advert, Instant now) {
  if (m.state == State::kBackup) return OnAdvertAsBackup(c, m, advert, now);
  if (m.state == State::kMaster) return OnAdvertAsMaster(c, m, advert, now);
  return {};  // V3-54: Initialize hears nothing
}

Actions Step(const MachineConfig& config, Machine& machine, const Event& event, Instant now) {
  struct Visitor {
    const MachineConfig& c;
    Machine& m;
    Instant now;

    Actions operator()(const Startup&) const { return OnStartup(c, m, now); }
    Actions operator()(const Shutdown& e) const { return OnShutdown(m, e, now); }
    Actions operator()(const TimerExpired&) const { return OnTimer(c, m, now); }
    Actions operator()(const AdvertReceived& e) const { return OnAdvert(c, m, e, now); }
    Actions operator()(const PriorityChanged&) const { return OnPriorityChanged(c, m, now); }
    Actions operator()(const OperatorResign&) const { return OnResign(c, m, now); }
    Actions operator()(const OperatorTakeover&) const {
      if (m.state != State::kBackup) return {};
      return BecomeMaster(c, m, Reason::kOperatorTakeover, now);
    }
  };
  return std::visit(Visitor{config, machine, now}, event);
}

}  // namespace dpvrrp
