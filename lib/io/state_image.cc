// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_image.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ah/keep_numbers.h"
#include "base/status_macros.h"

namespace dpvrrp::internal {
namespace {

// ---- Versions 1 and 2: a header of one page, then slots ----

constexpr size_t kOldHeaderBytes = 4096;
constexpr size_t kOldClockAt = 512;  // int64_t seconds since 1970; no checksum covers it

struct OldHeader {
  std::array<char, 8> magic{};
  uint32_t version = 0;
  uint32_t slot_bytes = 0;
  uint64_t slot_count = 0;
  std::array<char, 40> boot_id{};
  uint64_t checksum = 0;
};
static_assert(sizeof(OldHeader) == 72);

struct RecordV1 {
  struct Sender {
    std::array<uint8_t, 16> address{};
    uint32_t highest = 0;
    uint32_t family = 0;
  };
  uint32_t sent = 0;
  uint32_t reserved = 0;
  std::array<Sender, 8> senders{};
};
struct alignas(64) SlotV1 {
  uint8_t key_bytes = 0;
  std::array<char, kMaxStateKey> key{};
  uint64_t key_checksum = 0;
  RecordV1 record;
};
static_assert(sizeof(SlotV1) == 384 && offsetof(SlotV1, record) == 128);

constexpr size_t OldSlotBytes(uint32_t version) { return version == 1 ? sizeof(SlotV1) : sizeof(StateSlot); }

StateSlot FromVersion1(const uint8_t* at) {
  SlotV1 old;
  std::memcpy(&old, at, sizeof(old));
  StateSlot out;
  out.key_bytes = old.key_bytes;
  out.key = old.key;
  out.key_checksum = old.key_checksum;
  out.record.sent = old.record.sent;
  static_assert(kMaxSenders >= old.record.senders.size());
  for (size_t i = 0; i < old.record.senders.size(); ++i) {
    const RecordV1::Sender& sender = old.record.senders[i];
    out.record.senders[i] = {sender.address, sender.highest, sender.family};
  }
  return out;
}

// After the record there was padding.
StateSlot FromVersion2(const uint8_t* at) {
  StateSlot out;
  std::memcpy(&out, at, sizeof(out));
  out.record.wanted = out.record.unused = 0;
  out.unused = {};
  return out;
}

// ---- All versions ----

template <typename Block>
uint64_t ChecksumOf(const Block& block);

// Each step maps different states to different states, so every flipped bit changes the result.
uint64_t Mix(const uint8_t* at, size_t bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, at + i, sizeof(word));
    hash = std::rotl(hash ^ word, 23) * 0x9e3779b97f4a7c15;
  }
  return hash;
}

template <>
uint64_t ChecksumOf(const StateHeader& header) {
  return Mix(reinterpret_cast<const uint8_t*>(&header), offsetof(StateHeader, checksum));
}

template <>
uint64_t ChecksumOf(const StatePage& page) {
  constexpr size_t kFrom = offsetof(StatePage, generation);
  return Mix(reinterpret_cast<const uint8_t*>(&page) + kFrom, sizeof(page) - kFrom);
}

uint64_t KeyChecksum(const StateSlot& slot) { return Fnv1a(&slot, offsetof(StateSlot, key_checksum)); }

absl::Status Truncated(uint64_t bytes, uint64_t wanted) {
  return absl::DataLossError(
      absl::StrCat(bytes < wanted ? "truncated: " : "damaged: ", bytes, " bytes, its header says ", wanted));
}

// Collects used slots, each key once.
class Slots {
 public:
  explicit Slots(std::vector<StateSlot>& slots) : slots_(slots) {}
  // False: the slot's key is damaged.
  bool Add(const StateSlot& slot) {
    if (slot.key_bytes == 0) return true;
    if (slot.key_bytes > kMaxStateKey || slot.key_checksum != KeyChecksum(slot)) return false;
    const auto [entry, is_new] = index_.emplace(std::string(slot.key.data(), slot.key_bytes), slots_.size());
    if (is_new) {
      slots_.push_back(slot);
    } else {
      Merge(slot.record, slots_[entry->second].record);
    }
    return true;
  }

 private:
  static void Merge(SequenceRecord other, SequenceRecord& kept) {
    KeepNumbers(other, kept, 0);
    kept.reserved = std::max(kept.reserved, other.reserved);
    kept.wanted = std::max(kept.wanted, other.wanted);
  }

  std::vector<StateSlot>& slots_;
  absl::flat_hash_map<std::string, size_t> index_;
};

absl::StatusOr<StateContents> ReadOld(uint64_t file_bytes, const std::array<uint8_t, kStateBlock>& first,
                                      const StateReader& read) {
  OldHeader old;
  std::memcpy(&old, first.data(), sizeof(old));
  if (old.checksum != Fnv1a(&old, offsetof(OldHeader, checksum))) {
    return absl::DataLossError("damaged: header checksum is wrong");
  }
  const size_t slot_bytes = OldSlotBytes(old.version);
  if (old.slot_bytes != slot_bytes || old.slot_count > kMaxStateSlots) {
    return absl::DataLossError(absl::StrCat("damaged: ", old.slot_count, " slots of ", old.slot_bytes, " bytes"));
  }
  const uint64_t wanted = kOldHeaderBytes + old.slot_count * slot_bytes;
  if (file_bytes != wanted) return Truncated(file_bytes, wanted);
  StateContents contents;
  contents.header.version = old.version;
  contents.header.slot_count = old.slot_count;
  contents.header.boot_id = old.boot_id;
  std::memcpy(&contents.header.unix_seconds, first.data() + kOldClockAt, sizeof(int64_t));
  Slots slots(contents.slots);
  std::array<uint8_t, sizeof(StateSlot)> bytes{};
  for (size_t i = 0; i < old.slot_count; ++i) {
    DPVRRP_RETURN_IF_ERROR(read(kOldHeaderBytes + i * slot_bytes, {bytes.data(), slot_bytes}));
    if (!slots.Add(old.version == 1 ? FromVersion1(bytes.data()) : FromVersion2(bytes.data()))) {
      return absl::DataLossError(absl::StrCat("damaged: key checksum of slot ", i, " is wrong"));
    }
  }
  return contents;
}

// No counter reaches this value, so the next generation is never zero.
constexpr uint64_t kEndOfGenerations = uint64_t{1} << 63;

// A copy of a block as read: valid, never written, or damaged.
enum class Copy { kValid, kUnwritten, kDamaged };

Copy Judge(const StatePage& page, uint64_t identity, size_t number) {
  const bool is_it = page.identity == identity && page.number == number && page.generation != 0;
  if (is_it && page.generation < kEndOfGenerations && page.checksum == ChecksumOf(page)) return Copy::kValid;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&page);
  return std::all_of(bytes, bytes + sizeof(page), [](uint8_t byte) { return byte == 0; }) ? Copy::kUnwritten
                                                                                          : Copy::kDamaged;
}

// The newer valid header of the two.
std::optional<StateHeader> ReadHeader(const StateReader& read, size_t& damaged) {
  std::optional<StateHeader> newer;
  for (size_t copy = 0; copy < 2; ++copy) {
    StateHeader header;
    std::array<uint8_t, sizeof(header)> bytes{};
    if (!read(copy * kStateBlock, bytes).ok()) continue;
    std::memcpy(&header, bytes.data(), sizeof(header));
    const bool valid = header.magic == kStateMagic && header.version == kStateVersion &&
                       header.checksum == ChecksumOf(header) && header.slot_bytes == sizeof(StateSlot) &&
                       header.slot_count <= kMaxStateSlots && header.identity != 0 &&
                       header.generation < kEndOfGenerations;
    if (!valid) {
      ++damaged;
    } else if (!newer || header.generation > newer->generation) {
      newer = header;
    }
  }
  return newer;
}

absl::Status ReadPage(const StateReader& read, size_t number, StateContents& contents, Slots& slots) {
  std::array<StatePage, 2> copies;
  std::array<Copy, 2> found{};
  for (size_t i = 0; i < 2; ++i) {
    const std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(&copies[i]), sizeof(StatePage));
    DPVRRP_RETURN_IF_ERROR(read((2 + 2 * number + i) * kStateBlock, bytes));
    found[i] = Judge(copies[i], contents.header.identity, number);
  }
  const bool has_damage = found[0] == Copy::kDamaged || found[1] == Copy::kDamaged;
  const bool has_valid = found[0] == Copy::kValid || found[1] == Copy::kValid;
  if (!has_valid) {
    if (number >= contents.header.pages) {
      contents.torn |= has_damage;
      return absl::OkStatus();
    }
    return absl::DataLossError(absl::StrCat("damaged: no copy of page ", number, " is right"));
  }
  if (has_damage) ++contents.damaged;
  size_t newer = found[0] == Copy::kValid ? 0 : 1;
  if (newer == 0 && found[1] == Copy::kValid && copies[1].generation > copies[0].generation) newer = 1;
  contents.generations[number] = copies[newer].generation;
  for (const StateSlot& slot : copies[newer].slots) {
    if (!slots.Add(slot)) return absl::DataLossError(absl::StrCat("damaged: a key checksum of page ", number));
  }
  return absl::OkStatus();
}

absl::StatusOr<StateContents> ReadPages(uint64_t file_bytes, const StateReader& read) {
  StateContents contents;
  const std::optional<StateHeader> header = ReadHeader(read, contents.damaged);
  if (!header) return absl::DataLossError("damaged: header checksum is wrong");
  contents.header = *header;
  if (file_bytes != StateFileBytes(header->slot_count))
    return Truncated(file_bytes, StateFileBytes(header->slot_count));
  contents.generations.resize(PagesFor(header->slot_count));
  Slots slots(contents.slots);
  for (size_t page = 0; page < contents.generations.size(); ++page) {
    DPVRRP_RETURN_IF_ERROR(ReadPage(read, page, contents, slots));
  }
  return contents;
}

}  // namespace

// The first copy of version 3's header may be the damaged one. So an unknown version counts only if the second copy
// does not have a known one.
absl::StatusOr<StateContents> ReadState(uint64_t file_bytes, const StateReader& read) {
  if (file_bytes < kOldHeaderBytes) {
    return absl::DataLossError(absl::StrCat("truncated: ", file_bytes, " bytes, less than a header"));
  }
  std::array<uint8_t, kStateBlock> first{};
  DPVRRP_RETURN_IF_ERROR(read(0, first));
  OldHeader header;
  std::memcpy(&header, first.data(), sizeof(header));
  const bool is_ours = header.magic == kStateMagic;
  if (is_ours && (header.version == 1 || header.version == 2)) {
    absl::StatusOr<StateContents> old = ReadOld(file_bytes, first, read);
    if (old.ok()) return old;
    absl::StatusOr<StateContents> pages = ReadPages(file_bytes, read);
    return pages.ok() ? pages : old;
  }
  absl::StatusOr<StateContents> pages = ReadPages(file_bytes, read);
  if (pages.ok() || (is_ours && header.version == kStateVersion)) return pages;
  if (!is_ours) return absl::FailedPreconditionError("not a dpvrrp state file");
  return absl::FailedPreconditionError(absl::StrCat("written by another release of dpvrrp: format version ",
                                                    header.version, ", this one knows 1..", kStateVersion));
}

void Seal(StateHeader& header) { header.checksum = ChecksumOf(header); }
void Seal(StatePage& page) { page.checksum = ChecksumOf(page); }

void FillStateSlot(StateSlot& slot, absl::string_view key) {
  FreeStateSlot(slot);
  slot.record = SequenceRecord{};
  RenameStateSlot(slot, key);
}

// The release orders the length after the key for the copier; the fence keeps this order if the process is killed.
void RenameStateSlot(StateSlot& slot, absl::string_view key) {
  FreeStateSlot(slot);
  StateSlot named;
  named.key_bytes = static_cast<uint8_t>(key.size());
  std::copy(key.begin(), key.end(), named.key.begin());
  slot.key = named.key;
  slot.key_checksum = KeyChecksum(named);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::atomic_ref<uint8_t>(slot.key_bytes).store(named.key_bytes, std::memory_order_release);
}

void FreeStateSlot(StateSlot& slot) {
  std::atomic_ref<uint8_t>(slot.key_bytes).store(0, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

bool IsUsed(const StateSlot& slot) {
  return slot.key_bytes != 0 && slot.key_bytes <= kMaxStateKey && slot.key_checksum == KeyChecksum(slot);
}

// Writers store in order, numbers only increase, and we read in that order. If two readings agree, they are a true
// state between them.
void CopyLive(const StateSlot& live, StateSlot& copy) {
  using Word __attribute__((may_alias)) = uint64_t;
  constexpr size_t kWords = sizeof(StateSlot) / sizeof(Word);
  constexpr int kTries = 1000;  // if a record is written faster than it can be read, the last reading is used
  const auto* from = reinterpret_cast<const Word*>(&live);
  std::array<uint64_t, kWords> words{};
  const auto read = [&] {
    bool same = true;
    for (size_t i = 0; i < kWords; ++i) {
      const uint64_t word = __atomic_load_n(from + i, __ATOMIC_ACQUIRE);
      same = same && word == words[i];
      words[i] = word;
    }
    return same;
  };
  read();
  for (int i = 0; i < kTries && !read(); ++i) continue;
  copy = std::bit_cast<StateSlot>(words);
}

uint64_t MovedAhead(const SequenceRecord& record) {
  if (record.sent >= kMaxMovedSent) return record.sent;
  const uint64_t reserved = std::max(record.reserved, record.wanted);
  return std::min<uint64_t>(std::max<uint64_t>(record.sent + kPowerLossGap, reserved), kMaxMovedSent);
}

uint64_t Fnv1a(const void* data, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ at[i]) * 0x100000001b3;
  return hash;
}

}  // namespace dpvrrp::internal
