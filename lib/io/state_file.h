// SPDX-License-Identifier: BSD-3-Clause
//
// What must outlive the daemon: every instance's sequence numbers, in the memory-mapped file <directory>/sequences. An
// lcore saves by storing into its SequenceRecord, without a system call; the pages are the kernel's, so SIGKILL or a
// crash of the daemon loses nothing.
//
//   offset 0      header: magic, version, slot size, slot count, boot id, checksum | time       one page
//   offset 4096   slot 0: key length, key, checksum | SequenceRecord                            448 bytes each
//                 slot 1: ...
//
// Checksums (FNV-1a, against accidents, not attackers) cover the header and each slot's key. They do not cover the
// SequenceRecord: the lcore would have to compute one per advert, and SIGKILL between the two stores would make a good
// number look broken. A record's own 64-bit stores cannot tear.
//
// Power loss is the one thing that loses stores: the disk then holds records as old as the last writeback. So AH
// numbers are reserved: SequenceRecord::reserved is raised far ahead and on the disk (Flush()) before an lcore uses one
// of them (ah/continuity.h). The header names the kernel's boot; when the file is opened under another boot, every used
// slot's `sent` is moved above what was reserved, and by kPowerLossGap at least, before anything else happens, and that
// is on the disk before Open() returns: so a power loss does not repeat a number, however many come in a row. (An
// orderly reboot costs the gap too; 2^32 numbers are room for 4,000 of them.) What is left is a disk that says it has
// written what it has not. Of an AH record without a reservation, an older release's, the gap is all there is. The
// auth_hmac trailer's numbers are the time, so they stay as they are; only a clock that has lost the time as well could
// make a monotonic sender repeat the last seconds'. Inbound high-water marks cannot be moved, or honest peers would be
// refused: frames of the last seconds before a power loss could be replayed once.
//
// Time. Sync() notes the time; what was in use up to a crash gets it as SequenceRecord::left_at when the file is next
// opened. After a power loss it is as old as the last writeback: then who asks how long it was away hears too much.
//
// An lcore's first store into a page after each writeback takes a minor page fault; Sync() too often costs latency
// there.
//
// The file is only ever changed in two ways: a slot is filled in place (its key length is stored last), or a whole new
// file is written aside, flushed, and renamed over the old one, at Open(). Nothing is ever written over a file that
// does not check out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ah/sequence_record.h"
#include "base/limits.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// Linux writes a dirty page back within 35 s by default, Sync() sooner. At the fastest advert interval, 10 ms, that is
// 3,500 numbers; a million is for records without a reservation, and for disks that lie.
inline constexpr uint32_t kPowerLossGap = 1'000'000;
// `sent` is never moved beyond this: the last number must stay usable to tell the peers (RFC 4302 3.3.2: no wrap).
inline constexpr uint32_t kMaxMovedSent = 0xffff'fffe;
inline constexpr uint32_t kMoveGap = 1000;
inline constexpr size_t kMaxStateKey = 119;                  // bytes
inline constexpr size_t kMaxStateSlots = 4 * kMaxInstances;  // 940 MB, reserved on the disk; Open() refuses more
inline constexpr size_t kDefaultStateInstances = 512;

struct StateFileOptions {
  // Instances to be served. Open() sees to it that so many slots are free, whatever old keys the file still holds: a
  // new file has twice as many slots, an old one that is too full is doubled until it fits.
  size_t instances = kDefaultStateInstances;
  std::string boot_id;  // empty: /proc/sys/kernel/random/boot_id; tests pass their own
};

struct StateFileReport {
  std::string path;
  bool created = false;     // there was no file: sequence numbers begin at zero
  bool grown = false;       // rewritten with more slots
  bool converted = false;   // rewritten: it was of an older release
  bool other_boot = false;  // opened under another kernel boot: `sent` was moved ahead by kPowerLossGap
  size_t used = 0;          // slots in use
  size_t capacity = 0;      // slots
};

// One line for the log: "/var/lib/dpvrrp/sequences: 12 of 1024 slots used; the system was restarted since ..."
std::string ToString(const StateFileReport& report);

// Thread: control. A record returned by Acquire() may be handed to one lcore.
class StateFile {
 public:
  // Makes the directory (0700) and the file (0600) if absent. `report` may be null.
  //   FailedPrecondition   another daemon has it open; not our file; of a newer version; directory writable by others
  //   DataLoss             truncated or damaged; the message says what to do about it
  //   ResourceExhausted    more than kMaxStateSlots wanted
  static absl::StatusOr<std::unique_ptr<StateFile>> Open(const std::string& directory, const StateFileOptions& options,
                                                         StateFileReport* report);
  // Unmaps: no lcore may hold a record any more. Also gives up the lock.
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  // The record of `key`, found or made (all zero). The address is stable until destruction. A key is never given up: an
  // instance that is configured again next year still may not reuse a number.
  //   InvalidArgument      the key is empty or longer than kMaxStateKey
  //   ResourceExhausted    full; a restart makes room, because Open() grows the file
  absl::StatusOr<SequenceRecord*> Acquire(absl::string_view key);

  // The highest AH number that any record says was sent, of instances that are served no more, too. The trailer's
  // numbers, the time in more than 32 bits, are not counted. Reads every used slot.
  uint32_t HighestSent() const;

  // From now on the record of `from`, which is there, is that of `to`; what `to` had is forgotten. The address stays,
  // and an lcore may go on writing meanwhile. Killed in between, the one or the other has the numbers, ours moved ahead
  // by kMoveGap.
  absl::Status Move(absl::string_view from, absl::string_view to);

  // Notes the time, milliseconds since 1970 UTC, and starts writing dirty pages to the disk without waiting for it.
  // Call every second.
  void Sync(int64_t unix_ms);
  // Waits until everything is on the disk. Call once after the Acquire()s of a configuration, so that the slots
  // themselves survive a power loss, and whenever a reservation has grown, before an lcore may use it.
  absl::Status Flush();

  size_t used() const { return index_.size(); }
  size_t capacity() const { return capacity_; }
  const std::string& path() const { return path_; }

 private:
  StateFile() = default;
  void FindFreeSlots();
  void NoteLeaving(int64_t unix_seconds);

  std::string path_;
  UniqueFd lock_;  // <directory>/lock, flock()ed
  UniqueFd file_;
  uint8_t* base_ = nullptr;  // the mapping
  size_t bytes_ = 0;
  size_t capacity_ = 0;
  absl::flat_hash_map<std::string, size_t> index_;  // key -> slot
  std::vector<size_t> free_;                        // slots; the next to be filled last
};

}  // namespace dpvrrp
