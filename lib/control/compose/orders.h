// SPDX-License-Identifier: BSD-3-Clause
//
// The changes that an operator's commands make. Commands change nothing in another way.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "control/compose/lifecycle.h"
#include "control/compose/parts.h"

namespace dpvrrp {

class Orders {
 public:
  Orders(Parts& parts, Lifecycle& lifecycle) : parts_(parts), lifecycle_(lifecycle) {}

  void SetPriority(const ManagedInstance& instance, Priority priority, ControlTime t);  // 1..254
  // `track set`; the errors of Tracks::Set.
  absl::Status SetTrack(absl::string_view name, const TrackValue& value, ControlTime t) {
    return parts_.tracks.Set(name, value, t);
  }
  // The groups of the instances move with them.
  using Instances = std::vector<const ManagedInstance*>;
  void Resign(const Instances& instances, ControlTime t);
  void Takeover(const Instances& instances, ControlTime t);
  // At most kMaxAllowedSenders, none of them a fault.
  void SetAllowedSenders(const ManagedInstance& instance, std::vector<IpAddress> senders, ControlTime t);

  // The port's masters resign, and its instances stay in Fault until it is started again or the daemon restarts. False:
  // it was stopped, or started, already.
  bool StopPort(PortId port, bool stop, ControlTime t);
  // `show port stats` counts from these counts on.
  void ClearPortCounts(PortId port, const PortCounts& now) { parts_.registry.PortOf(port).cleared = now; }
  absl::Status SetPromiscuous(PortId port, bool on) { return parts_.services.SetPromiscuous(port, on); }
  // Returns the number of masters that are to resign. `rate`: masters a second.
  size_t BeginDrain(int rate, ControlTime t) { return parts_.drain.Begin(rate, t); }
  // Returns the number of instances that may preempt again.
  size_t EndDrain(ControlTime t) { return parts_.drain.End(t); }
  // Sends what the drain has decided.
  void FollowDrain(ControlTime t);

  void ClearCounters(ControlTime t) { parts_.tally.Clear(t); }

  // The daemon stops and leaves its masters to the next run, which is to start within `time`. Returns their number.
  size_t HandOver(Nanoseconds time, ControlTime t);

  // From now on the client receives each selected frame that the ports receive.
  void Monitor(RequesterId client, const FrameSelection& wanted, FrameRendering as, ControlTime t) {
    parts_.monitor.Follow(client, wanted, as, t);
  }

  // FailedPrecondition, AlreadyExists: the instance cannot move there, and nothing has changed.
  absl::Status MigrateVrid(const ManagedInstance& instance, Vrid vrid, ControlTime t);
  // The instance must be moving, and its lcore must have begun (Numbers::HasBegunNext).
  void FinishVrid(const ManagedInstance& instance, ControlTime t);
  void AbortVrid(const ManagedInstance& instance, ControlTime t);  // the instance must be moving

  // Replaces the ring of the same name. Returns how many instances got its keys.
  size_t ChangeRing(KeyringConfig ring, absl::string_view what, ControlTime t);
  // InvalidArgument, NotFound, AlreadyExists, ResourceExhausted: the sender cannot be blocked.
  absl::Status BlockSender(const BlockConfig& sender, ControlTime t) { return parts_.senders.Block(sender, false, t); }
  bool UnblockSender(const BlockConfig& sender, ControlTime t) { return parts_.senders.Unblock(sender, t); }

 private:
  Instances WithTheirGroups(const Instances& instances) const;
  void EndResignation(const ManagedInstance& instance);
  ManagedInstance& Mutable(const ManagedInstance& instance) { return *parts_.registry.FindById(instance.id); }

  Parts& parts_;
  Lifecycle& lifecycle_;
};

}  // namespace dpvrrp
