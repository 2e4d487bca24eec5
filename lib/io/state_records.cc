// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_records.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

using internal::StateSlot;

// A clock with an earlier time was never set.
constexpr int64_t kEarliestTime = 1'577'836'800;  // 2020-01-01, seconds

template <typename Word>
std::atomic_ref<Word> Shared(Word& word) {
  return std::atomic_ref<Word>(word);
}

}  // namespace

StateRecords::StateRecords(const StateMemory& memory) : memory_(memory) {
  const size_t pages = Shared(memory_.header().pages).load();
  const size_t looked_at = std::min(memory_.slots(), pages * internal::kSlotsOfPage);
  for (size_t i = memory_.slots(); i-- > looked_at;) free_.push_back(i);  // not touched, because that would use memory
  for (size_t i = looked_at; i-- > 0;) {
    const StateSlot& slot = memory_.slot(i);
    if (!internal::IsUsed(slot) || !index_.emplace(std::string(slot.key.data(), slot.key_bytes), i).second) {
      free_.push_back(i);
    }
  }
}

absl::StatusOr<SequenceRecord*> StateRecords::Acquire(absl::string_view key) {
  if (key.empty() || key.size() > kMaxStateKey) {
    return absl::InvalidArgumentError(absl::StrCat("state key '", key, "': must be 1..", kMaxStateKey, " bytes"));
  }
  const auto known = index_.find(key);
  if (known != index_.end()) return &memory_.slot(known->second).record;
  if (free_.empty()) {
    return absl::ResourceExhaustedError(absl::StrCat(memory_.header().directory.data(), ": all ", capacity(),
                                                     " slots are used; restart the daemon to get more"));
  }
  const size_t slot = free_.back();
  free_.pop_back();
  internal::FillStateSlot(memory_.slot(slot), key);
  index_.emplace(std::string(key), slot);
  const uint64_t pages = slot / internal::kSlotsOfPage + 1;
  if (pages > memory_.header().pages) Shared(memory_.header().pages).store(pages, std::memory_order_release);
  return &memory_.slot(slot).record;
}

uint32_t StateRecords::HighestSent() const {
  uint32_t highest = 0;
  for (const auto& [key, slot] : index_) {
    const uint64_t sent = Shared(memory_.slot(slot).record.sent).load(std::memory_order_relaxed);
    if (sent <= UINT32_MAX) highest = std::max(highest, static_cast<uint32_t>(sent));
  }
  return highest;
}

absl::Status StateRecords::Move(absl::string_view from, absl::string_view to) {
  const auto source = index_.find(from);
  if (source == index_.end()) return absl::NotFoundError(absl::StrCat("no record of key '", from, "'"));
  const size_t live = source->second;  // Acquire() may move the index
  // A copy replaces the slot while its name changes, because the slot counts as free during that time.
  DPVRRP_RETURN_IF_ERROR(Acquire(to).status());
  const size_t stand_in = index_.find(to)->second;
  StateSlot copy;
  internal::CopyLive(memory_.slot(live), copy);
  copy.record.sent += kMoveGap;
  memory_.slot(stand_in).record = copy.record;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  internal::RenameStateSlot(memory_.slot(live), to);
  index_.erase(from);
  index_[std::string(to)] = live;
  to_free_.emplace_back(Shared(memory_.header().wanted).load() + 1, stand_in);
  return absl::OkStatus();
}

void StateRecords::NoteTime(int64_t unix_ms) {
  if (unix_ms / 1000 >= kEarliestTime) Shared(memory_.header().unix_seconds).store(unix_ms / 1000);
}

void StateRecords::Want(uint64_t generation) {
  Shared(memory_.header().wanted).store(generation, std::memory_order_release);
}

void StateRecords::OnWritten(uint64_t generation) {
  std::erase_if(to_free_, [&](const std::pair<uint64_t, size_t>& entry) {
    if (entry.first > generation) return false;
    internal::FreeStateSlot(memory_.slot(entry.second));
    free_.push_back(entry.second);
    return true;
  });
}

}  // namespace dpvrrp
