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

inline constexpr uint32_t kStateVersion = 2;  // 1: numbers of 32 bits; read, and rewritten at Open()
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

// In the header's page, a sector of its own since it is written every second; no checksum covers it. Releases that do
// not know it leave it zero, and lose it when they rewrite the file.
struct StateClock {
  int64_t unix_seconds = 0;  // when the file was last in use; 0: nobody knows
};
inline constexpr size_t kStateClockAt = 512;

// Cache lines are not shared between slots, because neighbours may belong to different lcores. The key's half lies
// within one disk sector.
struct alignas(64) StateSlot {
  uint8_t key_bytes = 0;  // 0: free. Stored last when a slot is filled, so a kill in between leaves it free
  std::array<char, kMaxStateKey> key{};  // zero-filled
  uint64_t key_checksum = 0;             // FNV-1a of the two above
  SequenceRecord record;
};
static_assert(sizeof(StateSlot) == 448 && offsetof(StateSlot, record) == 128);

// What version 1 had behind the same key: numbers of 32 bits.
struct SequenceRecordV1 {
  struct Sender {
    std::array<uint8_t, 16> address{};
    uint32_t highest = 0;
    uint32_t family = 0;
  };
  uint32_t sent = 0;
  uint32_t reserved = 0;
  std::array<Sender, 8> senders{};
};
struct alignas(64) StateSlotV1 {
  uint8_t key_bytes = 0;
  std::array<char, kMaxStateKey> key{};
  uint64_t key_checksum = 0;
  SequenceRecordV1 record;
};
static_assert(sizeof(StateSlotV1) == 384 && offsetof(StateSlotV1, record) == 128);

constexpr size_t StateFileBytes(size_t slots) { return kStateHeaderBytes + slots * sizeof(StateSlot); }

// Checks a whole file and lists its keys. Messages name no file; the caller puts it in front.
struct StateImage {
  uint32_t version = kStateVersion;
  size_t slot_count = 0;
  std::string boot_id;
  absl::flat_hash_map<std::string, size_t> index;  // key -> slot
  bool has_twins = false;                          // a slot has a key that is another's
};
// A key that stands there twice was left so by a kill in the middle of StateFile::Move(): the one that sent more
// counts.
absl::StatusOr<StateImage> CheckStateImage(std::span<const uint8_t> bytes);

// A slot of a checked image, of whatever version it is, as this version has it.
StateSlot ReadStateSlot(std::span<const uint8_t> bytes, uint32_t version, size_t slot);

// The header of a file with `slots` slots.
StateHeader MakeStateHeader(size_t slots, absl::string_view boot_id);

// Fills a free slot. The record becomes all zero; the slot counts as used only from the very last store on.
void FillStateSlot(StateSlot& slot, absl::string_view key);

// Gives a used slot another key; its record is not touched. In between it counts as free.
void RenameStateSlot(StateSlot& slot, absl::string_view key);
void FreeStateSlot(StateSlot& slot);

// Copies a record that an lcore may be writing, its `sent` moved ahead by `gap`.
void CopyRecord(SequenceRecord& live, SequenceRecord& copy, uint64_t gap);

// `sent` after a power loss: above all that was reserved, and ahead by kPowerLossGap at least; never beyond
// kMaxMovedSent, never back. The trailer's numbers are beyond that already, and made of the time: they stay.
uint64_t MovedAhead(const SequenceRecord& record);

}  // namespace dpvrrp::internal
