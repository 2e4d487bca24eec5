// SPDX-License-Identifier: BSD-3-Clause
//
// The life of an instance, for which several parts act together: it is set up, gets other settings, is removed.
//
// Thread: control.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "control/compose/parts.h"

namespace dpvrrp {

class Lifecycle {
 public:
  explicit Lifecycle(Parts& parts) : parts_(parts) {}

  // Sets up an instance. If that is not possible, the failure is recorded, and the instance is tried again later.
  absl::Status Try(const InstanceConfig& config, ControlTime t);
  // Sets up the waiting instance of this name, if there is one and its name and its place are free.
  absl::Status TryIfFree(const std::string& name, ControlTime t);
  // Sets up the instance that waits for this place, if there is one.
  void FillPlace(const std::string& place, ControlTime t);

  // The running instance gets this configuration and keeps its state (docs/decisions/0019). What an operator has set is
  // replaced by what `next` says. On an error nothing has changed.
  absl::Status Reconfigure(ManagedInstance& instance, InstanceConfig next, ControlTime t);
  // Sends the lcore the instance's settings as they are now.
  void Replace(const ManagedInstance& instance, ControlTime t, bool with_other_keys = false);
  // Brings the changed effects of tracks into force.
  void FollowTracks(ControlTime t);
  // The instance is in Fault while its port is stopped.
  void FollowPort(ManagedInstance& instance) {
    SetHold(instance, Hold::kStopped, parts_.registry.PortOf(instance.port).stopped);
  }
  // The instance has this effective priority from now on.
  void UsePriority(ManagedInstance& instance, Priority priority, ControlTime t);
  // Sends the keys that have changed to their users.
  void ApplyKeys(ControlTime t);

  // Routes and rules are wanted while the instance is master, from the time on when the kernel has answered for its
  // addresses. Call it after either may have changed.
  void FollowAddresses(InstanceId id);

  // Instances that were to continue as master (control/handover), and did not in time, lose their addresses.
  void EndAdoptions();

  void Remove(ManagedInstance& instance);
  // A master's backups wait for `time` for the next run, as far as its version permits. Others are removed as usual.
  void HandOver(ManagedInstance& instance, Nanoseconds time, ControlTime t);
  // If the lcore has handed the router back and the kernel has removed addresses, routes and rules, the instance is
  // forgotten, and the instances that wait for its name or place are set up.
  void ForgetIfRemoved(InstanceId id, ControlTime t);
  // Releases what no lcore has received yet, and every device. What an lcore has stays there.
  void Abandon();

 private:
  absl::Status Add(InstanceConfig config, ControlTime t);
  void Adopt(InstanceId id);
  void EndAdoption(InstanceId id);
  Priority Weigh(InstanceId id, const TracksEffect& effect);
  void HoldByTracks(ManagedInstance& instance, const TracksEffect& effect);
  void SetHold(ManagedInstance& instance, Hold hold, bool on);

  Parts& parts_;
};

}  // namespace dpvrrp
