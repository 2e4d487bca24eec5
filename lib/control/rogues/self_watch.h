// SPDX-License-Identifier: BSD-3-Clause
//
// Follows the counts of our own ports and workers, to distinguish a present fault from one that is over.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "control/rogues/diagnose.h"
#include "control/services.h"

namespace dpvrrp {

class SelfWatch {
 public:
  // Call now and then, and before a diagnosis. `workers` with their state.
  void Look(const std::vector<PortStatus>& ports, const std::vector<WorkerStatus>& workers, Instant now);

  std::vector<OwnPort> Ports() const;
  std::vector<OwnWorker> Workers() const;

 private:
  struct Port {
    OwnPort own;
    uint64_t errors_before = 0;  // when `failed_lately` began
    uint64_t heard = 0;          // PortStatus::heard of the last look
  };
  struct Worker {
    OwnWorker own;
    uint64_t latest_us = 0;
    bool is_known = false;
  };

  std::map<PortId, Port> ports_;
  std::map<uint32_t, Worker> workers_;
};

}  // namespace dpvrrp
