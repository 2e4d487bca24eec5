// SPDX-License-Identifier: BSD-3-Clause
//
// What the configuration file wants and what is not in force yet: the plan of a reload, the instances that wait for a
// name or a place, the instances that could not be set up, and whether the daemon stops.
//
// Thread: control.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "control/apply/not_started.h"
#include "control/apply/reload_plan.h"
#include "control/instances/registry.h"
#include "control/part.h"
#include "host/host.h"

namespace dpvrrp {

class Apply final : public Part {
 public:
  explicit Apply(const PartContext& context) : context_(context) {}

  // Reads the file and compares it with the configuration in force. An error says why a reload would be refused.
  absl::StatusOr<ReloadPlan> Plan();

  // ---- Instances that wait until a predecessor of the same name or in the same place is removed ----

  void Await(const InstanceConfig& config);
  bool IsAwaited(const std::string& place) const { return name_by_place_.contains(place); }
  // The name of the instance that waits for this place; empty: none does.
  std::string AwaitedIn(const std::string& place) const;
  // The waiting instance of this name, if there is one and its name and its place are free. It does not wait any more.
  std::optional<InstanceConfig> TakeIfFree(const std::string& name);

  // ---- Instances that could not be set up ----

  const NotStarted& not_started() const { return not_started_; }
  // Setting up the instance has had this result. A failure is recorded, and the instance is tried again later. Returns
  // the result with the instance's name.
  absl::Status OnTried(const InstanceConfig& config, const absl::Status& status, ControlTime t);
  void OnHostEvent(const HostEvent& event, ControlTime t);
  // The instances that are to be tried now.
  std::vector<InstanceConfig> TakeDue() { return std::exchange(due_, {}); }

  // No instance waits any more, and none is tried again.
  void ForgetAll();

  // ---- The end ----

  // False: it had begun before.
  bool BeginShutdown();
  bool IsShuttingDown() const { return is_shutting_down_; }

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return not_started_.NextDeadline(); }

 private:
  PartContext context_;
  // Thousands of instances may be replaced at once, so a successor is found without a search.
  absl::flat_hash_map<std::string, InstanceConfig> waiting_;  // by name
  absl::flat_hash_map<std::string, std::string> name_by_place_;
  NotStarted not_started_;
  std::vector<InstanceConfig> due_;
  bool is_shutting_down_ = false;
};

}  // namespace dpvrrp
