// SPDX-License-Identifier: BSD-3-Clause
//
// Watches the worker lcores: records when one does not run, why, and when it runs again.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <vector>

#include "control/part.h"
#include "control/rogues/worker_health.h"
#include "control/services.h"

namespace dpvrrp {

class WorkerWatch final : public Part {
 public:
  explicit WorkerWatch(const PartContext& context) : context_(context) {}

  // The workers as the data plane has them, with state, since and why.
  std::vector<WorkerStatus> Workers() const;
  // Takes a sample of each worker. Call it about once a second. Returns for each worker whether it is stalled.
  std::vector<bool> Sample(ControlTime t);

 private:
  void RecordChange(const WorkerStatus& before, const WorkerStatus& now, ControlTime t);

  PartContext context_;
  WorkerHealth health_;
};

}  // namespace dpvrrp
