// SPDX-License-Identifier: BSD-3-Clause
#include "vrrp/machine.h"

#include <algorithm>
#include <array>

namespace dpvrrp {
namespace {

Nanoseconds DownInterval(const MachineConfig& c) {
  return MasterDownInterval(c.version, c.priority, c.advertisement_interval);
}

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
  return actions;
}

void WaitForMasterDown(const MachineConfig& c, Machine& m, Instant now) {
  m.timer_started = now;
  m.deadline = now + DownInterval(c);
  m.lower_heard = false;
  m.release_heard = false;
}

Actions BecomeBackup(const MachineConfig& c, Machine& m, Reason reason, Instant now) {
  Actions actions = Change(m, State::kBackup, reason, now);
  WaitForMasterDown(c, m, now);
  return actions;
}

void RememberMaster(Machine& m, Priority priority, IpAddress source, Instant now) {
  m.master_address = source;
  m.master_priority = priority;
  m.master_heard = now;
}

// 6.4.1 Initialize.
Actions OnStartup(const MachineConfig& c, Machine& m, Instant now) {
  if (m.state != State::kInitialize) return {};
  if (c.priority == kPriorityOwner) return BecomeMaster(c, m, Reason::kOwnerStartup, now);
  return BecomeBackup(c, m, Reason::kStartup, now);
}

// 6.4.2 and 6.4.3, the Shutdown event: only a master says goodbye.
Actions OnShutdown(Machine& m, const Shutdown& shutdown, Instant now) {
  if (m.state == State::kInitialize) return {};
  const bool goodbye = m.state == State::kMaster && shutdown.reason != Reason::kPortDown;
  Actions actions = Change(m, State::kInitialize, shutdown.reason, now);
  if (goodbye) actions.send_advert = kPriorityRelease;
  m.deadline = kNever;
  m.master_address.reset();
  m.hold_backup = false;
  return actions;
}

// 6.4.2 Backup.
Actions OnAdvertAsBackup(const MachineConfig& c, Machine& m, Priority priority, IpAddress source, Instant now) {
  RememberMaster(m, priority, source, now);
  if (priority == kPriorityRelease) {
    // Only the first goodbye sets the timer: a peer that says it over and over must not hold us off for ever.
    if (m.release_heard) return {};
    m.release_heard = true;
    m.timer_started = now;
    m.deadline = now + SkewTime(c.version, c.priority, c.advertisement_interval);
    return {};
  }
  const bool obeys = !c.preempt || m.hold_backup || priority >= c.priority;
  if (obeys) {
    WaitForMasterDown(c, m, now);
  } else {
    m.lower_heard = true;  // discarded: the timer keeps running
  }
  return {};
}

// 6.4.3 Master.
Actions OnAdvertAsMaster(const MachineConfig& c, Machine& m, Priority priority, IpAddress source, Instant now) {
  RememberMaster(m, priority, source, now);
  if (priority == kPriorityRelease) {
    Actions actions;
    actions.send_advert = c.priority;
    m.deadline = now + c.advertisement_interval;
    return actions;
  }
  if (priority > c.priority) return BecomeBackup(c, m, Reason::kHigherPriority, now);
  if (priority == c.priority && source > c.source) {
    return BecomeBackup(c, m, Reason::kHigherAddress, now);
  }
  return {};  // discarded in silence: VRRPv2 has no immediate advert (V2-17)
}

// A running Master_Down_Timer keeps its start and takes the new length (V3-44).
Actions OnPriorityChanged(const MachineConfig& c, Machine& m, Instant now) {
  m.hold_backup = false;
  if (m.state != State::kBackup) return {};
  const Nanoseconds length =
      m.release_heard ? SkewTime(c.version, c.priority, c.advertisement_interval) : DownInterval(c);
  m.deadline = std::max(now, m.timer_started + length);
  return {};
}

Actions OnResign(const MachineConfig& c, Machine& m, Instant now) {
  if (m.state != State::kMaster) return {};
  Actions actions = BecomeBackup(c, m, Reason::kOperatorResign, now);
  actions.send_advert = kPriorityRelease;
  m.master_address.reset();
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
  if (m.state == State::kBackup) {
    const Reason reason = m.release_heard ? Reason::kMasterResigned
                          : m.lower_heard ? Reason::kPreempted
                                          : Reason::kMasterTimeout;
    return BecomeMaster(c, m, reason, now);
  }
  if (m.state != State::kMaster) return {};
  Actions actions;
  actions.send_advert = c.priority;
  // From the deadline, not from now, so that lateness does not add up (V3-88); but after a pause no burst of arrears.
  m.deadline = std::max(m.deadline + c.advertisement_interval, now + c.advertisement_interval / 2);
  return actions;
}

Actions OnAdvert(const MachineConfig& c, Machine& m, Priority priority, IpAddress source, Instant now) {
  if (m.state == State::kBackup) return OnAdvertAsBackup(c, m, priority, source, now);
  if (m.state == State::kMaster) return OnAdvertAsMaster(c, m, priority, source, now);
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
    Actions operator()(const AdvertReceived& e) const { return OnAdvert(c, m, e.priority, e.source, now); }
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
