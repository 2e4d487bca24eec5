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

constexpr size_t SlotBytes(uint32_t version) { return version == 1 ? sizeof(StateSlotV1) : sizeof(StateSlot); }

absl::StatusOr<StateHeader> CheckHeader(std::span<const uint8_t> bytes) {
  StateHeader header;
  if (bytes.size() < kStateHeaderBytes) {
    return absl::DataLossError(absl::StrCat("truncated: ", bytes.size(), " bytes, less than a header"));
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kStateMagic) return absl::FailedPreconditionError("not a dpvrrp state file");
  if (header.version == 0 || header.version > kStateVersion) {
    return absl::FailedPreconditionError(absl::StrCat("written by another release of dpvrrp: format version ",
                                                      header.version, ", this one knows 1..", kStateVersion));
  }
  if (header.checksum != Checksum(header)) return absl::DataLossError("damaged: header checksum is wrong");
  if (header.slot_bytes != SlotBytes(header.version) || header.slot_count > kMaxStateSlots) {
    return absl::DataLossError(absl::StrCat("damaged: ", header.slot_count, " slots of ", header.slot_bytes, " bytes"));
  }
  const size_t wanted = kStateHeaderBytes + header.slot_count * header.slot_bytes;
  if (bytes.size() != wanted) {
    return absl::DataLossError(absl::StrCat(bytes.size() < wanted ? "truncated: " : "damaged: ", bytes.size(),
                                            " bytes, its header says ", wanted));
  }
  return header;
}

}  // namespace

absl::StatusOr<StateImage> CheckStateImage(std::span<const uint8_t> bytes) {
  const absl::StatusOr<StateHeader> header = CheckHeader(bytes);
  if (!header.ok()) return header.status();
  StateImage image{.version = header->version,
                   .slot_count = static_cast<size_t>(header->slot_count),
                   .boot_id = std::string(header->boot_id.data(), strnlen(header->boot_id.data(), 40)),
                   .index = {}};
  for (size_t i = 0; i < image.slot_count; ++i) {
    const StateSlot slot = ReadStateSlot(bytes, image.version, i);
    if (slot.key_bytes == 0) continue;
    if (slot.key_bytes > kMaxStateKey || slot.key_checksum != KeyChecksum(slot)) {
      return absl::DataLossError(absl::StrCat("damaged: key checksum of slot ", i, " is wrong"));
    }
    const auto [entry, is_new] = image.index.emplace(std::string(slot.key.data(), slot.key_bytes), i);
    if (is_new) continue;
    if (slot.record.sent > ReadStateSlot(bytes, image.version, entry->second).record.sent) entry->second = i;
    image.has_twins = true;
  }
  return image;
}

StateSlot ReadStateSlot(std::span<const uint8_t> bytes, uint32_t version, size_t slot) {
  const uint8_t* at = bytes.data() + kStateHeaderBytes + slot * SlotBytes(version);
  StateSlot out;
  if (version != 1) {
    std::memcpy(&out, at, sizeof(out));
    return out;
  }
  StateSlotV1 old;
  std::memcpy(&old, at, sizeof(old));
  out.key_bytes = old.key_bytes;
  out.key = old.key;
  out.key_checksum = old.key_checksum;
  out.record.sent = old.record.sent;
  static_assert(kMaxSenders >= old.record.senders.size());
  for (size_t i = 0; i < old.record.senders.size(); ++i) {
    const SequenceRecordV1::Sender& sender = old.record.senders[i];
    out.record.senders[i] = {sender.address, sender.highest, sender.family};
  }
  return out;
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

void CopyRecord(SequenceRecord& live, SequenceRecord& copy, uint64_t gap) {
  const auto load = [](auto& word) {
    return std::atomic_ref<std::remove_reference_t<decltype(word)>>(word).load(std::memory_order_relaxed);
  };
  for (size_t i = 0; i < live.senders.size(); ++i) {
    copy.senders[i].address = live.senders[i].address;
    copy.senders[i].highest = load(live.senders[i].highest);
    copy.senders[i].family = load(live.senders[i].family);
  }
  copy.reserved = live.reserved;
  copy.sent = load(live.sent) + gap;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

uint64_t MovedAhead(const SequenceRecord& record) {
  if (record.sent >= kMaxMovedSent) return record.sent;
  return std::min<uint64_t>(std::max<uint64_t>(record.sent + kPowerLossGap, record.reserved), kMaxMovedSent);
}

}  // namespace dpvrrp::internal
