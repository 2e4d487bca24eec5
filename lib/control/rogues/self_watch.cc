// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/self_watch.h"

#include <algorithm>

namespace dpvrrp {

void SelfWatch::Look(const std::vector<PortStatus>& ports, const std::vector<WorkerStatus>& workers, Instant now) {
  for (const PortStatus& status : ports) {
    Port& port = ports_[status.id];
    const bool is_new = port.own.name.empty();
    const OwnPort before = port.own;
    port.own.id = status.id;
    port.own.name = status.name;
    port.own.mac = status.mac;
    port.own.up = status.up;
    port.own.down_reason = status.down_reason;
    port.own.received = status.received;
    port.own.sent = status.sent;
    port.own.send_errors = status.send_errors;
    if (is_new || status.heard != port.heard) port.own.receiving_at = now;
    port.heard = status.heard;
    if (!status.up && (is_new || before.up)) port.own.down_since = now;
    if (is_new) port.errors_before = status.send_errors;
    if (now - port.own.failed_at > kDiagnosedFor) port.errors_before = is_new ? status.send_errors : before.send_errors;
    if (!is_new && status.send_errors > before.send_errors) port.own.failed_at = now;
    port.own.failed_lately = status.send_errors - std::min(status.send_errors, port.errors_before);
  }
  for (const WorkerStatus& status : workers) {
    Worker& worker = workers_[status.lcore];
    worker.own.lcore = status.lcore;
    worker.own.why = status.why;
    worker.own.stalled_since = status.state == WorkerStatus::State::kStalled ? status.since : Instant{};
    if (now - worker.own.late_at > kDiagnosedFor) worker.own.late = Nanoseconds(0);
    // The worker keeps the longest of its run: what was not longer than one before does not show.
    const uint64_t latest_us = std::max(status.longest_turn_us, status.latest_wake_us);
    if (worker.is_known && latest_us > worker.latest_us) {
      worker.own.late = std::max(worker.own.late, Nanoseconds(std::chrono::microseconds(latest_us)));
      worker.own.late_at = now;
    }
    worker.latest_us = latest_us;
    worker.is_known = true;
  }
}

std::vector<OwnPort> SelfWatch::Ports() const {
  std::vector<OwnPort> out;
  for (const auto& [id, port] : ports_) out.push_back(port.own);
  return out;
}

std::vector<OwnWorker> SelfWatch::Workers() const {
  std::vector<OwnWorker> out;
  for (const auto& [lcore, worker] : workers_) out.push_back(worker.own);
  return out;
}

}  // namespace dpvrrp
