// SPDX-License-Identifier: BSD-3-Clause
//
// The bytes of the state: slots with a key and a SequenceRecord, in memory and in the file <state_directory>/sequences.
// Layout, checks, and copies; no file descriptors.
//
// The file, format version 3, consists of blocks of 4096 bytes:
//
//   block 0, 1      header, two copies
//   block 2, 3      page 0, two copies: 9 slots of 448 bytes after a block header of 64
//   block 4, 5      page 1, ...
//
// A block has a generation and a checksum of all its bytes. Generation g is written to copy g mod 2. The other copy is
// not written until the disk has this one. So if a power loss damages a block that is being written, the older copy is
// complete. A reader takes the valid copy with the higher generation. A page that was never written before is counted
// only by the next header; so a torn first copy is distinguished from a damaged one. The checksum (against accidents,
// not attackers) is computed by the copier, never by an lcore.
//
// Reservations. Only a power loss loses stores: the disk then has records that are some seconds old. So AH numbers are
// reserved. SequenceRecord::wanted is raised far ahead, and is on the disk before an lcore uses one of the numbers
// (ah/continuity.h). If a file was not closed cleanly, or was used under another boot of the kernel, the next start
// raises every record's `sent` above the reserved numbers, and by at least kPowerLossGap. The raised value is on the
// disk before the daemon gets the records. So no power loss repeats a number, however many follow each other: 2^32
// numbers are enough for 4,000 of them. The remaining risk is a disk that reports a write that it has not made. A
// record of an older release without a reservation has only the gap. The numbers of the auth_hmac trailer are the time,
// so they stay unchanged. Inbound numbers cannot be raised, because honest peers would be refused. So adverts of the
// last seconds before a power loss could be replayed once.
//
// Thread: any (pure functions on the caller's memory).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ah/sequence_record.h"
#include "base/limits.h"

namespace dpvrrp {

// At the fastest advert interval, 10 ms, an hour of lost writes is 360,000 numbers. A million covers records without a
// reservation, and disks that report false writes.
inline constexpr uint32_t kPowerLossGap = 1'000'000;
// `sent` is never raised beyond this: the last number must stay usable to notify the peers (RFC 4302 3.3.2: no wrap).
inline constexpr uint32_t kMaxMovedSent = 0xffff'fffe;
inline constexpr size_t kMaxStateKey = 119;                  // bytes
inline constexpr size_t kMaxStateSlots = 4 * kMaxInstances;  // 1.9 GB on the disk; more are refused

namespace internal {

inline constexpr uint32_t kStateVersion = 3;  // 1: numbers of 32 bits; 2: one copy of each slot, mapped by the daemon
inline constexpr size_t kStateBlock = 4096;
inline constexpr std::array<char, 8> kStateMagic = {'D', 'P', 'V', 'R', 'R', 'P', 'S', 'Q'};

// Slots share no cache line, because neighbouring slots may belong to different lcores.
struct alignas(64) StateSlot {
  uint8_t key_bytes = 0;  // 0: free. Stored last when a slot is filled, so a kill before that leaves it free
  std::array<char, kMaxStateKey> key{};  // zero-filled
  uint64_t key_checksum = 0;             // FNV-1a of the two above
  SequenceRecord record;
  std::array<uint8_t, 40> unused{};
};
static_assert(sizeof(StateSlot) == 448 && offsetof(StateSlot, record) == 128);

inline constexpr size_t kSlotsOfPage = 9;

// Memory uses only the slots.
struct StatePage {
  uint64_t checksum = 0;  // of all bytes after it
  uint64_t generation = 0;
  uint64_t identity = 0;  // the file's
  uint64_t number = 0;
  std::array<uint8_t, 32> unused{};
  std::array<StateSlot, kSlotsOfPage> slots{};
};
static_assert(sizeof(StatePage) == kStateBlock);

// The beginning is the same as in versions 1 and 2, so that older releases recognise a newer format.
struct StateHeader {
  std::array<char, 8> magic = kStateMagic;
  uint32_t version = kStateVersion;
  uint32_t slot_bytes = sizeof(StateSlot);
  uint64_t slot_count = 0;
  std::array<char, 40> boot_id{};  // text, zero-filled
  uint64_t identity = 0;           // random, of this file and its memory
  uint64_t generation = 0;
  int64_t unix_seconds = 0;  // when the file was last in use; 0: not known
  uint32_t closed = 0;       // 1: the last run ended, and the file is complete
  uint32_t pages = 0;        // number of pages that were on the disk before this header was written
  uint64_t checksum = 0;     // of everything above
};
static_assert(sizeof(StateHeader) == 104);

constexpr size_t PagesFor(size_t slots) { return (slots + kSlotsOfPage - 1) / kSlotsOfPage; }
constexpr size_t HeaderBlock(uint64_t generation) { return generation % 2; }
constexpr size_t PageBlock(size_t page, uint64_t generation) { return 2 + 2 * page + generation % 2; }
constexpr uint64_t StateFileBytes(size_t slots) { return kStateBlock * (2 + 2 * uint64_t{PagesFor(slots)}); }

// Reads `into.size()` bytes of a file from `offset` on.
using StateReader = std::function<absl::Status(uint64_t offset, std::span<uint8_t> into)>;

// The contents of a file of any version.
struct StateContents {
  StateHeader header;            // in this version's format; identity 0: none yet
  std::vector<StateSlot> slots;  // the slots in use, each key once
  // Version 3: by page, the generation of its newer copy; 0: never written.
  std::vector<uint64_t> generations;
  size_t damaged = 0;  // blocks of which only the older copy was valid
  bool torn = false;   // an unused page is neither empty nor valid: its first write was interrupted
};
// Messages name no file; the caller adds the name. If a key exists twice, a kill or a power loss after
// StateRecords::Move() caused that: the higher number of each sender counts.
//   DataLoss             truncated or damaged
//   FailedPrecondition   not our file, or of a newer version
absl::StatusOr<StateContents> ReadState(uint64_t file_bytes, const StateReader& read);

// Sets the checksums of blocks that are ready to be written.
void Seal(StateHeader& header);
void Seal(StatePage& page);

// Fills a free slot. The record becomes all zero. The slot counts as used only from the last store on.
void FillStateSlot(StateSlot& slot, absl::string_view key);
// Gives a used slot another key, without a change of its record. In between, the slot counts as free.
void RenameStateSlot(StateSlot& slot, absl::string_view key);
void FreeStateSlot(StateSlot& slot);
// Whether a slot of shared memory, which another process may have damaged, is in use and valid.
bool IsUsed(const StateSlot& slot);

// Copies a slot that an lcore may be writing, in its state at one moment between two stores.
void CopyLive(const StateSlot& live, StateSlot& copy);

// `sent` after a power loss: above all reserved numbers, and raised by at least kPowerLossGap; never beyond
// kMaxMovedSent, and never lower. The trailer's numbers are higher already and made of the time, so they stay.
uint64_t MovedAhead(const SequenceRecord& record);

// FNV-1a, 64 bits (draft-eastlake-fnv).
uint64_t Fnv1a(const void* data, size_t bytes);

}  // namespace internal
}  // namespace dpvrrp
