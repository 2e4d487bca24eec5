// SPDX-License-Identifier: BSD-3-Clause
//
// The invariants, each as a small judge that receives observations and returns a violation. They implement the rules of
// conformance.md and use none of the code that they judge. Times are of the judged node's own clock, except in
// OneMaster.
//
// Thread: one for each judge (the seed's).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/types.h"
#include "sim/local_clock.h"

namespace dpvrrp::sim {

// "one-master: ...": the invariant's name and the violation.
using Finding = std::optional<std::string>;

// V2-09, V3-42, V3-43, written down a second time.
Nanoseconds RuleSkew(VrrpVersion version, Priority priority, Nanoseconds interval);
Nanoseconds RuleDown(VrrpVersion version, Priority priority, Nanoseconds interval);

// one-master: exactly one master, once the network has been whole for `settle`.
class OneMaster {
 public:
  // Something happened that may cost the settled state, or is going on until `until`.
  void Disturbed(SimTime until) { whole_since_ = std::max(whole_since_, until); }
  Finding Check(SimTime now, Nanoseconds settle, const std::vector<std::string>& masters) const;
  SimTime whole_since() const { return whole_since_; }

 private:
  SimTime whole_since_{};
};

// takeover: a backup becomes master when Master_Down_Timer expires (V2-15, V3-66, V3-67), neither before nor after.
class Takeover {
 public:
  explicit Takeover(Nanoseconds allowance) : allowance_(allowance) {}

  // The timer starts anew for Master_Down_Interval; or runs for Skew_Time, after a priority 0 (only the first counts).
  void Armed(Instant at, Nanoseconds down);
  void Resigned(Instant at, Nanoseconds skew);
  // The priority has changed: the running timer keeps its start (V3-44).
  void Lengths(Instant now, Nanoseconds down, Nanoseconds skew);
  void NotBackup() { started_.reset(); }
  // The node did not run until then, or it is unknown when a timer was armed.
  void Excuse(Instant until) { excused_ = std::max(excused_, until); }

  Finding BecameMaster(Instant at);
  Finding Check(Instant now) const;

 private:
  Nanoseconds allowance_;
  std::optional<Instant> started_;
  bool resigned_ = false;
  Instant due_{};
  Instant excused_{};
};

// vip: present exactly where mastership is, but for `bound` in which control hears of a change and acts.
class VipFollowsMaster {
 public:
  explicit VipFollowsMaster(Nanoseconds bound) : bound_(bound) {}
  Finding Check(Instant now, bool master, bool vip);
  void Excuse(Instant until) { excused_ = std::max(excused_, until); }

 private:
  Nanoseconds bound_;
  bool master_ = false;
  Instant changed_{};  // when mastership last did
  Instant excused_{};
};

// sequence: no AH number twice, as long as the state file is kept (AH-24, AH-28).
class SequenceOnce {
 public:
  Finding Sent(uint32_t sequence);
  void StateLost() { sent_ = 0; }

 private:
  uint32_t sent_ = 0;  // the highest; numbers only rise
};

// advert-late: a master's next advert follows the last within its interval (V3-48, V3-88), and the first is sent at
// once (V3-66).
class AdvertOnTime {
 public:
  explicit AdvertOnTime(Nanoseconds allowance) : allowance_(allowance) {}

  void BecameMaster(Instant at) { due_ = at; }
  void NotMaster() { due_.reset(); }
  // A reload: a master's next advert is due by then at the latest.
  void Expect(Instant at) {
    if (due_.has_value()) due_ = std::min(*due_, at);
  }
  Finding Sent(Instant at, Nanoseconds interval);
  Finding Check(Instant now) const;
  void Excuse(Instant until) { excused_ = std::max(excused_, until); }

 private:
  Nanoseconds allowance_;
  std::optional<Instant> due_;
  Instant excused_{};
};

// storm: no more adverts in a second than the interval asks for and the rules allow as replies (V2-17, V3-91, V3-93).
class NoStorm {
 public:
  // An advert is allowed outside the rhythm: mastership was taken or given up, or a rule asks for a reply.
  void Allowed(Instant at) { allowed_.push_back(at); }
  // The same for the answer to a lower priority, of which one is allowed between two regular adverts and no more.
  void AnswerAllowed(Instant at) { answers_.push_back(at); }
  Finding Sent(Instant at, Nanoseconds interval);

 private:
  std::deque<Instant> sent_;
  std::deque<Instant> allowed_;
  std::deque<Instant> answers_;
};

// hostile: which AH numbers of each sender a router has believed and must refuse from now on; an own, naive ledger.
class Believed {
 public:
  static constexpr uint32_t kWindow = 64;  // what lies further back is refused unseen (W-06)

  bool MustRefuse(uint32_t sequence) const;
  void Accepted(uint32_t sequence);
  uint32_t highest() const { return highest_; }
  // A restart forgets which numbers below the highest were missing: all of them are refused.
  void Restarted() { floor_ = highest_; }

 private:
  uint32_t floor_ = 0;
  uint32_t highest_ = 0;
  std::set<uint32_t> seen_;
};

}  // namespace dpvrrp::sim
