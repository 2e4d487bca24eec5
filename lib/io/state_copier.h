// SPDX-License-Identifier: BSD-3-Clause
//
// The copier: reads the state from the disk at the start, and writes it to the disk while the daemon runs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/state_disk.h"
#include "io/state_image.h"
#include "io/state_memory.h"

namespace dpvrrp {

inline constexpr size_t kDefaultStateInstances = 512;

struct StateOptions {
  // Number of instances to serve. Afterwards there is room for this number of new keys, whatever old keys there are. A
  // new file has twice as many slots; an old file that is too full is doubled until it fits.
  size_t instances = kDefaultStateInstances;
  std::string boot_id{};  // empty: /proc/sys/kernel/random/boot_id; tests pass their own
};

struct StateReport {
  std::string path{};
  bool created = false;       // there was no file: sequence numbers begin at zero
  bool grown = false;         // rewritten with more slots
  bool converted = false;     // rewritten: it had the format of an older release
  bool moved_ahead = false;   // not closed cleanly, or another boot: `sent` was raised above the reserved numbers
  bool recovered = false;     // daemon and copier were killed together: their memory was now written to the file
  uint64_t damaged = 0;       // blocks of which only the older copy was valid
  uint64_t used = 0;          // slots in use
  uint64_t capacity = 0;      // slots
  std::string why_private{};  // not empty: the reason why the memory does not outlive daemon and copier
};

// One line for the log: "/var/lib/dpvrrp/sequences: 12 of 1024 slots used; ..."
std::string ToString(const StateReport& report);

// Reads the file into memory, and copies memory to the file: writes every page that has changed over the older of its
// two copies. Each step may wait for the disk. Nothing else waits for it.
//
// Thread: one, in its own process (io/state_process.h).
class StateCopier {
 public:
  // Afterwards all numbers of an earlier run are in memory() and on the disk.
  //   FailedPrecondition   another daemon uses the directory; not our file; of a newer version; writable by others
  //   DataLoss             truncated or damaged; the message has the remedy
  //   ResourceExhausted    more than kMaxStateSlots wanted
  //   Unavailable          the copier of an ended run still writes: try again
  static absl::StatusOr<std::unique_ptr<StateCopier>> Open(const std::string& directory, const StateOptions& options,
                                                           StateReport* report);
  // For any disk. `contents` describes the contents of the disk; `renew` means that the disk has none.
  StateCopier(StateDisk& disk, StateMemory memory, internal::StateHeader header, std::vector<uint64_t> generations);

  // The outcome of a Copy().
  struct Outcome {
    uint64_t generation = 0;  // of StateMemory::Header::wanted: stored on the disk if `status` is OK
    absl::Status found;       // the file had been changed by others; repaired if `status` is OK
    absl::Status status;      // not OK: the file could not be written
  };
  // `last`: the daemon has ended, and the file is closed cleanly.
  Outcome Copy(bool last);
  // The next Copy() writes everything to a new file.
  void Renew() { renew_ = true; }
  // Call it after Copy(true) has succeeded: nothing is left to write.
  void RemoveMemory() { memory_.Remove(); }

  const StateMemory& memory() const { return memory_; }

 private:
  struct Page {
    uint64_t generation = 0;  // the disk's
    uint64_t checksum = 0;    // of the disk's page; 0: not known
    uint64_t written = 0;     // of the page being written; 0: none
  };
  absl::Status Inspect();
  absl::Status CheckContents();
  absl::Status WritePages();
  absl::Status WriteHeader(bool last);
  bool Settle(bool written);

  std::unique_ptr<StateFolder> folder_;  // null: a test's disk
  StateDisk& disk_;
  StateMemory memory_;
  internal::StateHeader header_;
  std::vector<Page> pages_;
  bool renew_ = false;
  uint32_t copies_ = 0;  // since the file was last read
};

}  // namespace dpvrrp
