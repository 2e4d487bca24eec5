// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_image.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace dpvrrp::internal {
namespace {

// FNV-1a, 64 bits (draft-eastlake-fnv): against accidents, not attackers.
uint64_t Fnv1a(const void* data, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ at[i]) * 0x100000001b3;
  return hash;
}

uint64_t Checksum(const StateHeader& header) { return Fnv1a(&header, offsetof(StateHeader, checksum)); }
uint64_t KeyChecksum(const StateSlot& slot) { return Fnv1a(&slot, offsetof(StateSlot, key_checksum)); }

absl::StatusOr<StateHeader> CheckHeader(std::span<const uint8_t> bytes) {
  StateHeader header;
  if (bytes.size() < kStateHeaderBytes) {
    return absl::DataLossError(absl::StrCat("truncated: ", bytes.size(), " bytes, less than a header"));
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kStateMagic) return absl::FailedPreconditionError("not a dpvrrp state file");
  if (header.version != kStateVersion) {
    return absl::FailedPreconditionError(absl::StrCat("written by another release of dpvrrp: format version ",
                                                      header.version, ", this one knows ", kStateVersion));
  }
  if (header.checksum != Checksum(header)) return absl::DataLossError("damaged: header checksum is wrong");
  if (header.slot_bytes != sizeof(StateSlot) || header.slot_count > kMaxStateSlots) {
    return absl::DataLossError(absl::StrCat("damaged: ", header.slot_count, " slots of ", header.slot_bytes, " bytes"));
  }
  if (const size_t wanted = StateFileBytes(header.slot_count); bytes.size() != wanted) {
    return absl::DataLossError(absl::StrCat(bytes.size() < wanted ? "truncated: " : "damaged: ", bytes.size(),
                                            " bytes, its header says ", wanted));
  }
  return header;
}

}  // namespace

absl::StatusOr<StateImage> CheckStateImage(std::span<const uint8_t> bytes) {
  const absl::StatusOr<StateHeader> header = CheckHeader(bytes);
  if (!header.ok()) return header.status();
  StateImage image{.slot_count = static_cast<size_t>(header->slot_count),
                   .boot_id = std::string(header->boot_id.data(), strnlen(header->boot_id.data(), 40)),
                   .index = {}};
  for (size_t i = 0; i < image.slot_count; ++i) {
    StateSlot slot;
    std::memcpy(&slot, bytes.data() + StateFileBytes(i), sizeof(slot));
    if (slot.key_bytes == 0) continue;
    if (slot.key_bytes > kMaxStateKey || slot.key_checksum != KeyChecksum(slot)) {
      return absl::DataLossError(absl::StrCat("damaged: key checksum of slot ", i, " is wrong"));
    }
    const auto [entry, is_new] = image.index.emplace(std::string(slot.key.data(), slot.key_bytes), i);
    if (is_new) continue;
    StateSlot twin;
    std::memcpy(&twin, bytes.data() + StateFileBytes(entry->second), sizeof(twin));
    if (slot.record.sent > twin.record.sent) entry->second = i;
    image.has_twins = true;
  }
  return image;
}

StateHeader MakeStateHeader(size_t slots, absl::string_view boot_id) {
  StateHeader header;
  header.slot_bytes = sizeof(StateSlot);
  header.slot_count = slots;
  std::copy_n(boot_id.begin(), std::min(boot_id.size(), header.boot_id.size()), header.boot_id.begin());
  header.checksum = Checksum(header);
  return header;
}

void FillStateSlot(StateSlot& slot, absl::string_view key) {
  slot.record = SequenceRecord{};
  RenameStateSlot(slot, key);
}

void RenameStateSlot(StateSlot& slot, absl::string_view key) {
  FreeStateSlot(slot);
  StateSlot named;
  named.key_bytes = static_cast<uint8_t>(key.size());
  std::copy(key.begin(), key.end(), named.key.begin());
  slot.key = named.key;
  slot.key_checksum = KeyChecksum(named);
  // Keeps the compiler from storing the length earlier. The page is the kernel's, so what a kill sees is our store
  // order.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot.key_bytes = named.key_bytes;
}

void FreeStateSlot(StateSlot& slot) {
  slot.key_bytes = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

void CopyRecord(SequenceRecord& live, SequenceRecord& copy, uint32_t gap) {
  const auto load = [](uint32_t& word) { return std::atomic_ref<uint32_t>(word).load(std::memory_order_relaxed); };
  for (size_t i = 0; i < live.senders.size(); ++i) {
    copy.senders[i].address = live.senders[i].address;
    copy.senders[i].highest = load(live.senders[i].highest);
    copy.senders[i].family = load(live.senders[i].family);
  }
  copy.sent = static_cast<uint32_t>(std::min<uint64_t>(uint64_t{load(live.sent)} + gap, kMaxMovedSent));
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

uint32_t MovedAhead(uint32_t sent) {
  if (sent >= kMaxMovedSent) return sent;
  return sent > kMaxMovedSent - kPowerLossGap ? kMaxMovedSent : sent + kPowerLossGap;
}

}  // namespace dpvrrp::internal
