// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "base/time.h"
#include "base/types.h"
#include "sim/local_clock.h"
#include "sim/scenario.h"
#include "support/bytes.h"

namespace dpvrrp::sim {

// A frame on the LAN, with the data that its maker knows, so that the judges need not parse the frames that they judge.
struct Packet {
  Bytes bytes;
  int sender = -1;  // node that sent it, or that the attacker claims to be; -1: a stranger
  int router = -1;  // virtual router; -1: not an existing one
  Priority priority{};
  Nanoseconds interval{};
  uint32_t sequence = 0;   // AH
  bool authentic = true;   // every byte that authentication covers is as its sender made it
  bool acceptable = true;  // false: a receiver must refuse it whatever it has heard before
  bool hostile = false;    // the attacker put it on the wire
};
using PacketPtr = std::shared_ptr<const Packet>;

// The reports of nodes to the world.
class Hub {
 public:
  virtual ~Hub() = default;
  virtual void Send(int node, PacketPtr packet) = 0;
  // A node has become master of a virtual router, or is not master any more.
  virtual void MastershipChanged(int node, int router, bool master) = 0;
  // An event after which the virtual router may have to settle anew.
  virtual void Disturb(int router) = 0;
  virtual void Fail(int node, int router, absl::string_view what) = 0;
  virtual bool tracing() const = 0;
  virtual void Trace(int node, const std::string& text) = 0;

  struct Counts {
    uint64_t adverts = 0;
    uint64_t takeovers = 0;
    uint64_t hostile_refused = 0;
    uint64_t copies_refused = 0;
    uint64_t starts = 0;

    void Add(const Counts& other) {
      adverts += other.adverts;
      takeovers += other.takeovers;
      hostile_refused += other.hostile_refused;
      copies_refused += other.copies_refused;
      starts += other.starts;
    }
  };
  Counts counts;
};

// A machine on the LAN. The world calls it with the world's time, which never decreases.
class Node {
 public:
  Node(Hub& hub, const Scenario& scenario, int number);
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  bool running() const { return running_; }
  bool link() const { return link_; }
  bool stalled(SimTime now) const { return now < stalled_until_; }
  SimTime stalled_until() const { return stalled_until_; }
  const NodePlan& plan() const { return plan_; }
  bool Listens() const { return running_ && link_; }

  // The network card: a ring of 1,024 frames, whether or not the node reads it.
  void Arrive(PacketPtr packet);

  virtual void Start(SimTime now, StateFile file) = 0;
  virtual void Crash(SimTime now) = 0;
  virtual void Stop(SimTime now) = 0;
  virtual void WriteBack(SimTime /*now*/) {}
  virtual void SetLink(SimTime now, bool up) = 0;
  virtual void Stall(SimTime now, Nanoseconds time) {
    if (running_) stalled_until_ = std::max(stalled_until_, now + time);
  }
  virtual void Jump(SimTime now, Nanoseconds by) { clock_.JumpAhead(now, by); }
  virtual void SetRate(SimTime now, int64_t ppm) { clock_.SetRate(now, ppm); }
  virtual void SetPriority(SimTime now, int router, Priority priority) = 0;
  virtual void SetInterval(SimTime now, int router, Nanoseconds interval) = 0;
  virtual void SetPreempt(SimTime now, int router, bool preempt) = 0;
  virtual void Readd(SimTime now, int router) = 0;
  virtual void Resign(SimTime, int /*router*/) {}
  virtual void TakeOver(SimTime, int /*router*/) {}

  // Receives arrived frames, runs due timers, sends.
  virtual void Poll(SimTime now) = 0;
  // When something is due, if nothing arrives before; SimTime::max(): never.
  virtual SimTime NextWake() const = 0;
  // Runs the judges that need no event.
  virtual void Audit(SimTime /*now*/) {}

  virtual bool IsMaster(int router) const = 0;
  // Master_Down_Interval, if the master's is that.
  Nanoseconds DownInterval(int router, Nanoseconds interval) const;
  Nanoseconds interval(int router) const { return settings_[static_cast<size_t>(router)].interval; }

 protected:
  struct Settings {
    Priority priority;
    bool preempt = true;
    Nanoseconds interval{};
  };

  Hub& hub_;
  const Scenario& scenario_;
  const int number_;
  const NodePlan& plan_;
  LocalClock clock_;
  bool running_ = false;
  bool link_ = true;
  SimTime stalled_until_{};
  std::deque<PacketPtr> ring_;
  std::vector<Settings> settings_;  // its configuration file, one for each virtual router
};

}  // namespace dpvrrp::sim
