// SPDX-License-Identifier: BSD-3-Clause
//
// The state that must outlive the daemon: every instance's sequence numbers. No lcore and no control thread ever waits
// for a disk:
//
//   lcores, control  --store-->  state_memory  <--read--  copier process  --write-->  <state_directory>/sequences
//        state_records finds the records         state_copier, state_disk
//
// An lcore saves by storing into its SequenceRecord. This memory outlives the process, and no file system can block it.
// The copier's process (state_process.h) copies the memory to the disk every second, and at once if control asks.
// Control numbers its requests by generations, and is notified of the last generation that is on the disk.
//
//   SIGKILL of the daemon   the copier notices, writes the missing pages, and ends. Nothing is lost.
//   SIGKILL of both         the memory stays until the next start, which writes it. Nothing is lost, unless a container
//                           ends with them, which removes the memory: then as after a power loss.
//   power loss              the disk has the stores of a second before, older ones if it is slow. Still none of our
//                           numbers is repeated; state_image.h says why.
//   the disk stops          daemon and lcores continue, with the reserved numbers.
//   the file is damaged     the copier notices within a second (a minute, if only the contents show it) and writes the
//                           file again.
//
// docs/decisions/0015 has the reasons.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "io/state_process.h"
#include "io/state_records.h"

namespace dpvrrp {

// A message to the operator.
struct StateNews {
  bool bad = true;  // false: the fault is over
  std::string text;
};

// Thread: control. Only Open() and Close() wait for the disk, and they for a limited time.
class StateFile {
 public:
  // A start waits for the disk for this time; then it fails.
  static constexpr Nanoseconds kPatience = std::chrono::seconds(30);
  // If the copier gives no sign for this time, the disk is reported as not answering.
  static constexpr Nanoseconds kStalled = std::chrono::seconds(5);

  // While the disk does not answer, `go_on` is called ten times a second with the time waited; if it returns false, the
  // wait ends. `report` may be null. Errors are those of StateCopier::Open, and
  //   DeadlineExceeded   the disk has not answered within kPatience
  //   Cancelled          `go_on` returned false
  static absl::StatusOr<std::unique_ptr<StateFile>> Open(std::unique_ptr<StateProcess> process,
                                                         const std::string& directory, const StateOptions& options,
                                                         bool confine, StateReport* report,
                                                         const std::function<bool(Nanoseconds)>& go_on);

  StateRecords& records() { return records_; }

  // Requests that the current records be written to the disk as `generation`, higher than any before. Does not wait.
  void Write(uint64_t generation);
  // Takes the copier's notes. Call it when fd() is readable, and every second.
  void Look(Instant now);
  // The highest settled generation: the disk has it, or the write has failed and the news report it.
  uint64_t settled() const { return settled_; }
  std::vector<StateNews> TakeNews() { return std::exchange(news_, {}); }
  int fd() const { return process_->fd(); }
  bool has_ended() const { return ended_; }  // the copier; fd() has no further use
  pid_t copier() const { return process_->pid(); }

  // Call it when no lcore stores any more. Waits until the file is complete, at most `patience`; the copier continues
  // by itself. Returns whether the file is complete.
  bool Close(Nanoseconds patience);

 private:
  StateFile(std::unique_ptr<StateProcess> process, StateMemory memory, std::string path);
  void Take(const StateNote& note);

  std::unique_ptr<StateProcess> process_;
  StateMemory memory_;
  StateRecords records_;
  std::string path_;
  uint64_t wanted_ = 0;
  uint64_t settled_ = 0;
  Instant heard_at_{};  // the last note
  Instant looked_at_{};
  bool stalled_ = false;
  std::string failure_;  // not empty: the file cannot be written, and this was reported
  bool ended_ = false;
  bool closed_ = false;
  std::vector<StateNews> news_;
};

}  // namespace dpvrrp
