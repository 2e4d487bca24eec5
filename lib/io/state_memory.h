// SPDX-License-Identifier: BSD-3-Clause
//
// The memory in which lcores keep sequence numbers. It belongs to no file system, so a frozen or full disk cannot block
// a store. It cannot be shortened, so no access can fail with SIGBUS. It is a System V shared memory segment: the
// kernel keeps it when processes are killed, even all at once, until it is removed or the system restarts. The next
// start finds it by the path of the state directory. If the kernel gives us no such segment, it is a sealed memfd,
// which lasts as long as the daemon or its copier.
//
// Thread: that of its user. Processes share the fields of the header: use std::atomic_ref.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/state_image.h"
#include "io/unique_fd.h"

namespace dpvrrp {

class StateMemory {
 public:
  struct Header {
    std::array<char, 8> magic{};
    uint64_t slots = 0;
    uint64_t identity = 0;  // of its file
    // Written by control, read by the copier.
    uint64_t pages = 0;        // number of pages that may have used slots
    int64_t unix_seconds = 0;  // now, or when the daemon was last alive; 0: not known
    uint64_t wanted = 0;       // the generation as which the current records must be written to the disk
    // Written by the copier, read by the next start: the file was lost or damaged, and could not be repaired.
    uint64_t file_lost = 0;
    std::array<char, 2048> directory{};  // zero-terminated
  };
  static_assert(sizeof(Header) <= internal::kStateBlock);

  // The handle by which another process attaches it: one of the two.
  struct Handle {
    int segment = -1;
    int fd = -1;
  };

  // All slots are free. `why_private`, if not null, gets the reason why the memory will not outlive the processes;
  // empty if it will.
  static absl::StatusOr<StateMemory> Create(const std::string& directory, uint64_t identity, size_t slots,
                                            std::string* why_private);
  // The memory that a run left for this directory when it was killed with its copier; none if there is none.
  static std::optional<StateMemory> Find(const std::string& directory);
  static absl::StatusOr<StateMemory> Attach(Handle handle, size_t slots);

  StateMemory(StateMemory&& other) noexcept { *this = std::move(other); }
  StateMemory& operator=(StateMemory&& other) noexcept;
  ~StateMemory();

  // Removes the segment. The kernel deletes it when the last process has detached it.
  void Remove();
  // The number of other processes that have it attached. A daemon and its copier are two processes.
  size_t Others() const;
  // Whether it has been removed, by ipcrm(1) for example. Then it will not outlive the processes.
  bool IsRemoved() const;

  Handle handle() const { return {segment_, fd_.get()}; }
  Header& header() const { return *reinterpret_cast<Header*>(base_); }
  size_t slots() const { return slots_; }
  internal::StatePage& page(size_t i) const {
    return *reinterpret_cast<internal::StatePage*>(base_ + internal::kStateBlock * (1 + i));
  }
  internal::StateSlot& slot(size_t i) const {
    return page(i / internal::kSlotsOfPage).slots[i % internal::kSlotsOfPage];
  }

 private:
  StateMemory() = default;

  int segment_ = -1;
  UniqueFd fd_;
  uint8_t* base_ = nullptr;
  size_t slots_ = 0;
};

}  // namespace dpvrrp
