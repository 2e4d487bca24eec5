// SPDX-License-Identifier: BSD-3-Clause
#include "control/numbers/after_disk.h"

#include <algorithm>

#include "ah/continuity.h"

namespace dpvrrp {
namespace {

bool BeginsMoveOf(const VirtualRouter* router, const ShardCommand& command) {
  return Is<command::SpeakNextVrid>(command) && RouterOf(command) == router;
}

}  // namespace

void AfterDisk::Hold(const ShardCommand& command, uint64_t generation, SequenceRecord* record) {
  held_.push_back({command, generation, record});
}

bool AfterDisk::HoldsMove(const VirtualRouter* router) const {
  return std::any_of(held_.begin(), held_.end(),
                     [&](const Entry& entry) { return BeginsMoveOf(router, entry.command); });
}

void AfterDisk::Drop(const VirtualRouter* router) {
  std::erase_if(held_, [router](const Entry& entry) { return RouterOf(entry.command) == router; });
}

bool AfterDisk::DropMove(const VirtualRouter* router) {
  return std::erase_if(held_, [&](const Entry& entry) { return BeginsMoveOf(router, entry.command); }) > 0;
}

std::vector<ShardCommand> AfterDisk::Release(uint64_t generation) {
  std::vector<ShardCommand> released;
  while (!held_.empty() && held_.front().generation <= generation) {
    const Entry& entry = held_.front();
    const auto* allow = std::get_if<command::AllowNumbers>(&entry.command);
    if (allow != nullptr && entry.record != nullptr) Reserved(*entry.record, static_cast<uint32_t>(allow->up_to));
    released.push_back(entry.command);
    held_.pop_front();
  }
  return released;
}

}  // namespace dpvrrp
