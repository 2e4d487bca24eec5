// SPDX-License-Identifier: BSD-3-Clause
//
// The bytes of the state file (see io/state_file.h): layout, checks, and making the next image from the last. Knows no
// file descriptors.
//
// Thread: any (pure functions on the caller's memory).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ah/sequence_record.h"
#include "io/state_file.h"

namespace dpvrrp::internal {

inline constexpr uint32_t kStateVersion = 1;
inline constexpr size_t kStateHeaderBytes = 4096;
inline constexpr std::array<char, 8> kStateMagic = {'D', 'P', 'V', 'R', 'R', 'P', 'S', 'Q'};

// Host byte order throughout: the file is of one machine.
struct StateHeader {
  std::array<char, 8> magic = kStateMagic;
  uint32_t version = kStateVersion;
  uint32_t slot_bytes = 0;
  uint64_t slot_count = 0;
  std::array<char, 40> boot_id{};  // text, zero-filled
  uint64_t checksum = 0;           // FNV-1a of everything above
};
static_assert(sizeof(StateHeader) == 72);

// Cache lines are not shared between slots, because neighbours may belong to different lcores. The key's half lies
// within one disk sector.
struct alignas(64) StateSlot {
  uint8_t key_bytes = 0;  // 0: free. Stored last when a slot is filled, so a kill in between leaves it free
  std::array<char, kMaxStateKey> key{};  // zero-filled
  uint64_t key_checksum = 0;             // FNV-1a of the two above
  SequenceRecord record;
};
static_assert(sizeof(StateSlot) == 384 && offsetof(StateSlot, record) == 128);

constexpr size_t StateFileBytes(size_t slots) { return kStateHeaderBytes + slots * sizeof(StateSlot); }

// Checks a whole file and lists its keys. Messages name no file; the caller puts it in front.
struct StateImage {
  size_t slot_count = 0;
  std::string boot_id;
  absl::flat_hash_map<std::string, size_t> index;  // key -> slot
  bool has_twins = false;                          // a slot has a key that is another's
};
// A key that stands there twice was left so by a kill in the middle of StateFile::Move(): the one that sent more
// counts.
absl::StatusOr<StateImage> CheckStateImage(std::span<const uint8_t> bytes);

// The header of a file with `slots` slots.
StateHeader MakeStateHeader(size_t slots, absl::string_view boot_id);

// Fills a free slot. The record becomes all zero; the slot counts as used only from the very last store on.
void FillStateSlot(StateSlot& slot, absl::string_view key);

// Gives a used slot another key; its record is not touched. In between it counts as free.
void RenameStateSlot(StateSlot& slot, absl::string_view key);
void FreeStateSlot(StateSlot& slot);

// Copies a record that an lcore may be writing, its `sent` moved ahead by `gap`.
void CopyRecord(SequenceRecord& live, SequenceRecord& copy, uint32_t gap);

// `sent` after a power loss: ahead by kPowerLossGap, never beyond kMaxMovedSent, never back.
uint32_t MovedAhead(uint32_t sent);

}  // namespace dpvrrp::internal
