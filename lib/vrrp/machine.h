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
#include "vrrp/hold.h"
#include "vrrp/timers.h"

namespace dpvrrp {

// kFault is Initialize with a cause that control knows (vrrp/hold.h): the router neither sends nor hears adverts.
enum class State : uint8_t { kInitialize, kBackup, kMaster, kFault };
inline constexpr size_t kStateCount = 4;
absl::string_view ToString(State state);  // "Initialize", "Backup", "Master", "Fault"

// Whether a router in this state takes part in the election.
constexpr bool IsActive(State state) { return state == State::kBackup || state == State::kMaster; }

// Why the state last changed. The names are those of RFC 8347's events and RFC 6527's NewMasterReason, and two of our
// own for orders of an operator.
enum class Reason : uint8_t {
  kNone,
  kStartup,           // -> Backup
  kOwnerStartup,      // -> Master: priority 255
  kMasterTimeout,     // -> Master: no advert was received for Master_Down_Interval
  kMasterResigned,    // -> Master: Skew_Time after an advert of priority 0
  kPreempted,         // -> Master: lower-priority adverts were heard all the time (we preempt)
  kHigherPriority,    // -> Backup: a higher priority was heard
  kHigherAddress,     // -> Backup: equal priority, greater address
  kOperatorTakeover,  // -> Master: `takeover`
  kOperatorResign,    // -> Backup: `resign`
  kShutdown,          // -> Initialize
  kPortDown,          // -> Initialize
  kAddressLost,       // -> Backup or Fault: the kernel cannot hold a virtual address
  kTrackFault,        // -> Fault: a track is down
  kGroupFault,        // -> Fault: another member of the group is in Fault or has no link
  kFaultEnded,        // Fault -> Backup or, with priority 255, Master
  kGroup,             // -> Master or Backup: with the other members of the group, or with the leader
  kPortStopped,       // -> Fault: `stop`, `port stop`
  kHandover,          // -> Initialize, and in the next run -> Master: the daemon was restarted by `handover`
};
absl::string_view ToString(Reason reason);  // "master-timeout"

// The part of the configuration that the machine needs.
struct MachineConfig {
  Nanoseconds advertisement_interval = std::chrono::seconds(1);
  VrrpVersion version = VrrpVersion::kV2;
  Priority priority = kPriorityDefault;
  bool preempt = true;
  bool answer_lower = false;     // master: advertise at once when a lower priority is heard (RFC 9568 6.4.3, V3-91)
  bool answer_higher = false;    // master: send one more advert before giving way to a higher priority
  uint8_t down_adverts = 3;      // number of intervals in Master_Down_Interval, 1..255
  Nanoseconds preempt_delay{0};  // how long a lower priority must have been heard until it is preempted
  Nanoseconds startup_delay{0};  // in Initialize, after a start and after the port came up
  // VRRPv3: the upper limit of the interval learned from a master (it may announce 40.95 s and fall silent). 0: no
  // limit.
  Nanoseconds longest_learned{0};
  IpAddress source;  // our primary address: decides between equal priorities
};

// The state of the machine, in one cache line. Zero value: Initialize.
struct Machine {
  State state = State::kInitialize;
  Reason reason = Reason::kNone;  // of the last change of state
  // Backup: a lower priority was heard and discarded since the timer was last set to its full length. Master: an advert
  // answered a lower priority at once, since the last regular advert. A second such answer is not sent, so that two
  // masters cannot provoke a storm of adverts (V3-93).
  bool lower_heard : 1 = false;
  bool release_heard : 1 = false;  // Backup: the timer runs for Skew_Time after a priority 0
  // A member of a group whose members are master together: its Master_Down_Timer makes it ready, and when all members
  // are, JoinMaster makes them master.
  bool in_group : 1 = false;
  bool ready : 1 = false;        // Backup, with in_group: the timer has expired since an advert was obeyed last
  bool leads : 1 = false;        // followers do what this router does
  bool follows : 1 = false;      // neither sends nor hears adverts; JoinMaster and LeaveMaster move it
  bool hold_backup : 1 = false;  // after `resign`: do not preempt until the master is lost or the operator orders it

  // The router last heard as master (Backup), or heard while we are master; unset until the first is heard.
  Priority master_priority{};
  // VRRPv3's Active_Adver_Interval in centiseconds, learned from that router; 0: our own.
  uint16_t master_interval = 0;
  IpAddress master_address;  // unspecified: none
  Instant master_heard{};

  // Master_Down_Timer in Backup, Adver_Timer in Master, kNever in Initialize and Fault. The caller sends TimerExpired
  // at this time; an early one is ignored.
  Instant deadline = kNever;
  Instant timer_started{};  // Backup: when Master_Down_Timer was last set
  Instant since{};          // of the last change of state
  Instant preempt_at{};     // with lower_heard in Backup, if there is a preempt delay: its end

  bool knows_master() const { return !master_address.IsUnspecified(); }
};
static_assert(sizeof(Machine) <= 64);

struct Startup {
  // -> Master at once, without a start-up delay: the last run handed over, and the backups still wait for its adverts.
  bool resumes = false;
};
struct Shutdown {
  // kPortDown: nothing can be sent, and nothing is sent. kHandover: a master sends an advert with its priority, so that
  // the backups wait for the next run.
  Reason reason = Reason::kShutdown;
};
struct TimerExpired {};
struct AdvertReceived {  // passed every check of RFC 3768 7.1, RFC 9568 7.1
  Priority priority;
  IpAddress source;
  Nanoseconds interval{0};  // the sender's; VRRPv2: not used
};
// The configuration was replaced; Step gets the new one. Version and ownership (priority 255) are the same in both. The
// state never changes by this event, and no timer starts afresh. A running Master_Down_Timer keeps its start and takes
// the new length; an Adver_Timer is at most one new interval away.
struct Reconfigured {
  MachineConfig before;
  bool advertise = false;  // a master sends an advert at once, because its announced data has changed
};
struct OperatorResign {};    // Master -> Backup with a priority-0 advert
struct OperatorTakeover {};  // Backup -> Master now
struct GiveWay {};           // like OperatorResign, because the kernel cannot hold a virtual address
struct HoldEnded {};         // a backup that resigned or gave way may preempt again
struct Held {                // -> Fault; a master resigns
  Hold hold;
};
struct JoinMaster {};  // Backup -> Master: all members of the group are ready, or the leader is master
// Master -> Backup with a priority-0 advert: a member of the group, or the leader, is no longer master
struct LeaveMaster {};
struct Released {        // Fault -> Backup or Master, without a start-up delay
  bool resumes = false;  // as in Startup
};
using Event = std::variant<Startup, Shutdown, TimerExpired, AdvertReceived, Reconfigured, OperatorResign,
                           OperatorTakeover, GiveWay, HoldEnded, Held, Released, JoinMaster, LeaveMaster>;

// What the caller must do, in this order.
struct Actions {
  std::optional<Priority> send_advert;  // with this priority, now
  struct StateChange {
    State from;
    State to;  // -> kMaster: take the addresses and announce them; kMaster ->: release them
  };
  std::optional<StateChange> state_change;
};

// Advances the machine. `now` never decreases between calls. Reads no clock, does no I/O.
//
// Thread: the lcore that owns the instance.
Actions Step(const MachineConfig& config, Machine& machine, const Event& event, Instant now);
// The same for the two most frequent events. Their values are passed in registers.
Actions OnAdvert(const MachineConfig& config, Machine& machine, const AdvertReceived& advert, Instant now);
Actions OnTimer(const MachineConfig& config, Machine& machine, Instant now);

// The intervals by which a backup judges its master. VRRPv3: the learned ones (RFC 9568 6.1).
Nanoseconds MasterInterval(const MachineConfig& config, const Machine& machine);
Nanoseconds SkewTime(const MachineConfig& config, const Machine& machine);
Nanoseconds MasterDownInterval(const MachineConfig& config, const Machine& machine);

}  // namespace dpvrrp
