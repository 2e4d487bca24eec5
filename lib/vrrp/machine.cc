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
  m.ready = false;
  return actions;
}

// 6.4.2 (200)-(230): advert first, then the addresses and their announcement (the caller's order), then the timer.
Actions BecomeMaster(const MachineConfig& c, Machine& m, Reason reason, Instant now) {
  Actions actions = Change(m, State::kMaster, reason, now);
  m.deadline = kNever;
  if (!m.follows) {
    actions.send_advert = c.priority;
    m.deadline = now + c.advertisement_interval;
  }
  m.hold_backup = false;
  m.lower_heard = false;
  return actions;
}

void WaitForMasterDown(const MachineConfig& c, Machine& m, Instant now) {
  m.timer_started = now;
  m.deadline = m.follows ? kNever : now + MasterDownInterval(c, m);
  m.lower_heard = false;
  m.release_heard = false;
  m.ready = false;
}

// The group decides when it becomes master.
void BeReady(Machine& m) {
  m.ready = true;
  m.deadline = kNever;
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

// RFC 9568 6.4.2 (445): Active_Adver_Interval becomes the interval of the advert. VRRPv2 has only its own interval.
void LearnInterval(const MachineConfig& c, Machine& m, const AdvertReceived& advert) {
  if (c.version == VrrpVersion::kV2) return;
  const Nanoseconds believed =
      c.longest_learned.count() > 0 ? std::min(advert.interval, c.longest_learned) : advert.interval;
  m.master_interval = static_cast<uint16_t>(std::chrono::duration_cast<Centiseconds>(believed).count());
}

// 6.4.1 Initialize, after the start-up delay.
Actions Start(const MachineConfig& c, Machine& m, Instant now, bool resumes = false) {
  const bool fault_ended = m.state == State::kFault;
  const bool is_owner = c.priority == kPriorityOwner && !m.follows;
  m.master_interval = 0;
  if (resumes) return BecomeMaster(c, m, Reason::kHandover, now);
  if (is_owner && !m.in_group) {
    return BecomeMaster(c, m, fault_ended ? Reason::kFaultEnded : Reason::kOwnerStartup, now);
  }
  Actions actions = BecomeBackup(c, m, fault_ended ? Reason::kFaultEnded : Reason::kStartup, now);
  if (is_owner) BeReady(m);
  return actions;
}

Actions OnStartup(const MachineConfig& c, Machine& m, const Startup& startup, Instant now) {
  if (m.state != State::kInitialize) return {};
  if (startup.resumes || m.follows || c.startup_delay.count() == 0) return Start(c, m, now, startup.resumes);
  m.deadline = now + c.startup_delay;
  return {};
}

// -> Initialize or Fault. Only a master sends an advert, of priority 0 unless it hands over.
Actions Stop(const MachineConfig& c, Machine& m, State to, Reason reason, Instant now) {
  m.deadline = kNever;
  if (m.state == to) return {};
  const bool goodbye = m.state == State::kMaster && !m.follows && reason != Reason::kPortDown;
  Actions actions = Change(m, to, reason, now);
  if (goodbye) actions.send_advert = reason == Reason::kHandover ? c.priority : kPriorityRelease;
  m.master_address = IpAddress();
  m.hold_backup = false;
  return actions;
}

Reason ReasonOf(Hold hold) {
  switch (hold) {
    case Hold::kTrack:
      return Reason::kTrackFault;
    case Hold::kGroup:
      return Reason::kGroupFault;
    case Hold::kStopped:
      return Reason::kPortStopped;
    case Hold::kNoAddress:
    case Hold::kUnknown:
      break;
  }
  return Reason::kAddressLost;
}

// A lower priority that is to be preempted, but only after the delay. Until then its adverts are obeyed like a
// master's, so that its silence is noticed in time.
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
  const bool obeys = !c.preempt || m.hold_backup || advert.priority >= c.priority;
  if (m.ready && (!obeys || advert.priority == kPriorityRelease)) return {};
  if (advert.priority == kPriorityRelease) {
    // Only the first priority-0 advert sets the timer: a peer that repeats it must not delay us without end.
    if (m.release_heard) return {};
    m.release_heard = true;
    m.timer_started = now;
    m.deadline = now + SkewTime(c, m);
    return {};
  }
  if (obeys) {
    LearnInterval(c, m, advert);
    WaitForMasterDown(c, m, now);
  } else if (c.preempt_delay.count() > 0) {
    DelayPreemption(c, m, advert, now);
  } else {
    m.lower_heard = true;  // the advert is discarded: the timer keeps running
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
  } else if (c.answer_lower && !m.lower_heard) {  // VRRPv2 discards without an answer unless configured (V2-17)
    m.lower_heard = true;
    actions.send_advert = c.priority;  // the regular adverts keep their times
  }
  return actions;
}

Actions ReconfigureMaster(const MachineConfig& c, Machine& m, const Reconfigured& change, Instant now) {
  Actions actions;
  if (change.advertise) {
    actions.send_advert = c.priority;
    m.deadline = now + c.advertisement_interval;
  }
  // Backups wait for the interval that was announced last. So a longer interval starts with the advert that announces
  // it.
  m.deadline = std::min(m.deadline, now + c.advertisement_interval);
  return actions;
}

// The running timer keeps its start and takes the new length (V3-44).
void ReconfigureBackup(const MachineConfig& c, Machine& m, const Reconfigured& change, Instant now) {
  if (c.longest_learned.count() > 0 && m.master_interval != 0) {
    const auto longest = std::chrono::duration_cast<Centiseconds>(c.longest_learned);
    m.master_interval = static_cast<uint16_t>(std::min<int64_t>(m.master_interval, longest.count()));
  }
  if (m.ready) return;
  if (!c.preempt && m.lower_heard) {  // from now on the lower priority heard last is obeyed as master
    m.lower_heard = m.release_heard = false;
    m.timer_started = m.master_heard;
  }
  // The delay starts with the next advert of the lower priority.
  if (c.preempt_delay != change.before.preempt_delay) m.lower_heard = false;
  const Nanoseconds length = m.release_heard ? SkewTime(c, m) : MasterDownInterval(c, m);
  m.deadline = std::max(now, m.timer_started + length);
  if (m.lower_heard && c.preempt_delay.count() > 0) m.deadline = std::min(m.deadline, std::max(now, m.preempt_at));
}

Actions OnReconfigured(const MachineConfig& c, Machine& m, const Reconfigured& change, Instant now) {
  if (c.priority != change.before.priority) m.hold_backup = false;
  if (m.follows) return {};
  if (m.state == State::kMaster) return ReconfigureMaster(c, m, change, now);
  if (m.state == State::kBackup) ReconfigureBackup(c, m, change, now);
  return {};
}

Actions Resign(const MachineConfig& c, Machine& m, Reason reason, Instant now) {
  if (m.state != State::kMaster) return {};
  m.master_interval = 0;
  m.master_address = IpAddress();
  Actions actions = BecomeBackup(c, m, reason, now);
  if (!m.follows) actions.send_advert = kPriorityRelease;
  return actions;
}

Actions OnResign(const MachineConfig& c, Machine& m, Reason reason, Instant now) {
  const bool was_master = m.state == State::kMaster;
  Actions actions = Resign(c, m, reason, now);
  if (was_master) m.hold_backup = true;
  return actions;
}

// Why a backup becomes master whose Master_Down_Timer has expired.
Reason TimeoutReason(const MachineConfig& c, const Machine& m, Instant now) {
  if (m.release_heard) return Reason::kMasterResigned;
  const bool preempts = m.lower_heard && (c.preempt_delay.count() == 0 || now >= m.preempt_at);
  return preempts ? Reason::kPreempted : Reason::kMasterTimeout;
}

}  // namespace

absl::string_view ToString(State state) {
  static constexpr std::array<absl::string_view, kStateCount> kNames = {"Initialize", "Backup", "Master", "Fault"};
  return kNames[static_cast<size_t>(state)];
}

absl::string_view ToString(Reason reason) {
  static constexpr std::array<absl::string_view, 19> kNames = {
      "none",        "startup",         "owner-startup",  "master-timeout",    "master-resigned",
      "preempted",   "higher-priority", "higher-address", "operator-takeover", "operator-resign",
      "shutdown",    "port-down",       "address-lost",   "track-fault",       "group-fault",
      "fault-ended", "group",           "port-stopped",   "handover"};
  return kNames[static_cast<size_t>(reason)];
}

Actions OnTimer(const MachineConfig& c, Machine& m, Instant now) {
  if (now < m.deadline) return {};
  if (!IsActive(m.state)) return Start(c, m, now);
  if (m.state == State::kBackup) {
    if (!m.in_group) return BecomeMaster(c, m, TimeoutReason(c, m, now), now);
    BeReady(m);
    return {};
  }
  m.lower_heard = false;
  Actions actions;
  actions.send_advert = c.priority;
  // From the deadline, not from now, so that lateness does not add up (V3-88). After a pause the missed adverts are not
  // sent in a burst.
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
  if (m.follows) return {};
  if (m.state == State::kBackup) return OnAdvertAsBackup(c, m, advert, now);
  if (m.state == State::kMaster) return OnAdvertAsMaster(c, m, advert, now);
  return {};  // V3-54: Initialize and Fault ignore adverts
}

Actions Step(const MachineConfig& config, Machine& machine, const Event& event, Instant now) {
  struct Visitor {
    const MachineConfig& c;
    Machine& m;
    Instant now;

    Actions operator()(const Startup& e) const { return OnStartup(c, m, e, now); }
    // 6.4.2 and 6.4.3
    Actions operator()(const Shutdown& e) const { return Stop(c, m, State::kInitialize, e.reason, now); }
    Actions operator()(const Held& e) const { return Stop(c, m, State::kFault, ReasonOf(e.hold), now); }
    Actions operator()(const Released& e) const {
      return m.state == State::kFault ? Start(c, m, now, e.resumes) : Actions{};
    }
    Actions operator()(const TimerExpired&) const { return OnTimer(c, m, now); }
    Actions operator()(const AdvertReceived& e) const { return OnAdvert(c, m, e, now); }
    Actions operator()(const Reconfigured& e) const { return OnReconfigured(c, m, e, now); }
    Actions operator()(const OperatorResign&) const { return OnResign(c, m, Reason::kOperatorResign, now); }
    Actions operator()(const HoldEnded&) const {
      m.hold_backup = false;
      return {};
    }
    Actions operator()(const GiveWay&) const { return OnResign(c, m, Reason::kAddressLost, now); }
    Actions operator()(const JoinMaster&) const {
      if (m.state != State::kBackup) return {};
      return BecomeMaster(c, m, m.ready ? TimeoutReason(c, m, now) : Reason::kGroup, now);
    }
    Actions operator()(const LeaveMaster&) const { return Resign(c, m, Reason::kGroup, now); }
    Actions operator()(const OperatorTakeover&) const {
      if (m.state != State::kBackup) return {};
      return BecomeMaster(c, m, Reason::kOperatorTakeover, now);
    }
  };
  return std::visit(Visitor{config, machine, now}, event);
}

}  // namespace dpvrrp
