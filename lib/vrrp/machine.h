// SPDX-License-Identifier: BSD-3-Clause
//
// The VRRP state machine of one virtual router (RFC 3768 6.4, RFC 9568 6.4) as a pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "vrrp/timers.h"

namespace dpvrrp {

enum class State : uint8_t { kInitialize, kBackup, kMaster };
absl::string_view ToString(State state);  // "Initialize", "Backup", "Master"

// Why the state last changed: the field's words (RFC 8347's events and RFC 6527's NewMasterReason), and two of ours for
// what an operator ordered.
enum class Reason : uint8_t {
  kNone,
  kStartup,           // -> Backup
  kOwnerStartup,      // -> Master: priority 255
  kMasterTimeout,     // -> Master: nobody was heard for Master_Down_Interval
  kMasterResigned,    // -> Master: Skew_Time after an advert of priority 0
  kPreempted,         // -> Master: lower-priority adverts were heard all the time (we preempt)
  kHigherPriority,    // -> Backup: a higher priority was heard
  kHigherAddress,     // -> Backup: equal priority, greater address
  kOperatorTakeover,  // -> Master: `takeover`
  kOperatorResign,    // -> Backup: `resign`
  kShutdown,          // -> Initialize
  kPortDown,          // -> Initialize
};
absl::string_view ToString(Reason reason);  // "master-timeout"

// What the machine needs of the configuration.
struct MachineConfig {
  Nanoseconds advertisement_interval = std::chrono::seconds(1);
  VrrpVersion version = VrrpVersion::kV2;
  Priority priority = kPriorityDefault;
  bool preempt = true;
  bool answer_lower = false;     // master: advertise at once when a lower priority is heard (RFC 9568 6.4.3, V3-91)
  bool answer_higher = false;    // master: advertise once more before giving way to a higher priority
  uint8_t down_adverts = 3;      // the intervals in Master_Down_Interval, 1..255
  Nanoseconds preempt_delay{0};  // how long a lower priority must have been heard until it is preempted
  Nanoseconds startup_delay{0};  // in Initialize, after a start and after the port came up
  // VRRPv3: a master's interval is believed up to here (it may announce 40.95 s and fall silent). 0: as announced.
  Nanoseconds longest_learned{0};
  IpAddress source;  // our primary address: decides between equal priorities
};

// What the machine remembers, in one cache line. Zero value: Initialize.
struct Machine {
  State state = State::kInitialize;
  Reason reason = Reason::kNone;  // of the last change of state
  // Backup: since its last full length a lower priority was heard and outvoted. Master: one was answered by an advert
  // at once, since the last regular one; there is no second, lest two masters talk each other into a storm (V3-93).
  bool lower_heard = false;
  bool release_heard = false;  // Backup: the timer runs for Skew_Time after a priority 0
  bool hold_backup = false;    // after `resign`: do not preempt until the master has gone or the operator says so

  // The router last heard as master (Backup), or heard while we are master; unset until one is.
  Priority master_priority{};
  // VRRPv3's Active_Adver_Interval in centiseconds, learned from that router; 0: our own.
  uint16_t master_interval = 0;
  IpAddress master_address;  // unspecified: none
  Instant master_heard{};

  // Master_Down_Timer in Backup, Adver_Timer in Master, kNever in Initialize. The caller sends TimerExpired then; an
  // early one is ignored.
  Instant deadline = kNever;
  Instant timer_started{};  // Backup: when Master_Down_Timer was last set
  Instant since{};          // of the last change of state
  Instant preempt_at{};     // with lower_heard in Backup, if there is a preempt delay: when it is over

  bool knows_master() const { return !master_address.IsUnspecified(); }
};
static_assert(sizeof(Machine) <= 64);

struct Startup {};
struct Shutdown {
  Reason reason = Reason::kShutdown;  // or kPortDown: then nothing can be sent, and nothing is
};
struct TimerExpired {};
struct AdvertReceived {  // passed every check of RFC 3768 7.1, RFC 9568 7.1
  Priority priority;
  IpAddress source;
  Nanoseconds interval{0};  // the sender's; VRRPv2: no matter
};
struct PriorityChanged {};   // config.priority is already the new one
struct OperatorResign {};    // Master -> Backup with a priority-0 advert
struct OperatorTakeover {};  // Backup -> Master now
using Event =
    std::variant<Startup, Shutdown, TimerExpired, AdvertReceived, PriorityChanged, OperatorResign, OperatorTakeover>;

// What the caller has to do, in this order.
struct Actions {
  std::optional<Priority> send_advert;  // with this priority, now
  struct StateChange {
    State from;
    State to;  // -> kMaster: take the addresses and announce them; kMaster ->: release them
  };
  std::optional<StateChange> state_change;
};

// Advances the machine. `now` never goes back between calls. Reads no clock, does no I/O.
//
// Thread: the lcore that owns the instance.
Actions Step(const MachineConfig& config, Machine& machine, const Event& event, Instant now);
// The same for the two events that there are many of; what they bring travels in registers.
Actions OnAdvert(const MachineConfig& config, Machine& machine, const AdvertReceived& advert, Instant now);
Actions OnTimer(const MachineConfig& config, Machine& machine, Instant now);

// The intervals by which a backup judges its master: the learned ones (RFC 9568 6.1).
Nanoseconds MasterInterval(const MachineConfig& config, const Machine& machine);
Nanoseconds SkewTime(const MachineConfig& config, const Machine& machine);
Nanoseconds MasterDownInterval(const MachineConfig& config, const Machine& machine);

}  // namespace dpvrrp
