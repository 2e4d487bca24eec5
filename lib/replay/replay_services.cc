// SPDX-License-Identifier: BSD-3-Clause
#include "replay/replay_services.h"

#include <algorithm>
#include <cstdint>

namespace dpvrrp {

std::vector<WorkerStatus> ReplayServices::Workers() {
  WorkerStatus worker;
  worker.turns = ++turns_;
  return {worker};
}

absl::Status ReplayServices::MoveRecord(absl::string_view from, absl::string_view to) {
  auto record = records_.extract(std::string(from));
  if (record.empty()) return absl::NotFoundError("no such record");
  records_.erase(std::string(to));
  record.key() = std::string(to);
  records_.insert(std::move(record));
  return absl::OkStatus();
}

uint32_t ReplayServices::HighestSent() {
  uint32_t highest = 0;
  for (const auto& [key, record] : records_) {
    if (record.sent <= UINT32_MAX) highest = std::max(highest, static_cast<uint32_t>(record.sent));
  }
  return highest;
}

}  // namespace dpvrrp
