// SPDX-License-Identifier: BSD-3-Clause
//
// Brings a configuration into force: at the start, and when the file is read again (docs/decisions/0019).
//
// Thread: control.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/diff.h"
#include "config/model.h"
#include "control/apply/reload_plan.h"
#include "control/compose/lifecycle.h"
#include "control/compose/orders.h"
#include "control/compose/parts.h"

namespace dpvrrp {

class Configurator {
 public:
  Configurator(Parts& parts, Lifecycle& lifecycle, Orders& orders)
      : parts_(parts), lifecycle_(lifecycle), orders_(orders) {}

  // Starts every instance. An instance that cannot be set up (no such device, no room for its sequence numbers) is
  // recorded, shown and tried again; the others start. Also removes the addresses that a crashed run left.
  void Start(Config config, ControlTime t);
  // What a reload would do now. An error says why it would be refused.
  absl::StatusOr<ReloadPlan> Plan() const;
  // Brings the differences of the file into force, and tries again what could not be set up before. If the file has
  // faults, nothing changes. The text says what was done. FailedPrecondition: something could not be set up; the rest
  // was done.
  absl::StatusOr<std::string> Reload(ControlTime t);

 private:
  void Configure(Config config, ControlTime t);
  void JudgeChanges(ConfigDiff& diff) const;
  void RemoveOld(const ConfigDiff& diff);
  std::vector<std::string> FollowInstances(size_t& in_place, ControlTime t);
  // The running instance gets the settings `wanted`. If it cannot have all of them now, `wanted` becomes what it has.
  // False: it had them.
  absl::StatusOr<bool> Follow(ManagedInstance& instance, InstanceConfig& wanted, ControlTime t);

  Parts& parts_;
  Lifecycle& lifecycle_;
  Orders& orders_;
};

}  // namespace dpvrrp
