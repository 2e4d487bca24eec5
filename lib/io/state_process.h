// SPDX-License-Identifier: BSD-3-Clause
//
// The copier's process, and its messages to the daemon.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "io/state_copier.h"
#include "io/state_memory.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// A note of the copier to the daemon.
struct StateNote {
  enum class Kind : uint8_t {
    kWritten,   // generation: the disk has it
    kRepaired,  // generation, text: how the file had been damaged; the disk has it again
    kFailed,    // generation, text: the file could not be written
    kExposed,   // another process removed the memory: it does not outlive daemon and copier now
    kClosed,    // everything is on the disk, and the copier ends
  };
  Kind kind = Kind::kWritten;
  uint64_t generation = 0;
  std::string text;
};

// The copier's process. A thread would not be enough: while a file system is frozen, a thread that waits for it can be
// neither stopped nor killed, and the process of such a thread cannot end. The copier may wait without limit and
// without harm, because the daemon only reads its notes. When the daemon ends, in any way, the copier writes the
// missing pages and ends too.
//
// Thread: control.
class StateProcess {
 public:
  // Call it before the configuration is read, so that the copier has no keys in its memory, and before there are
  // threads.
  static absl::StatusOr<std::unique_ptr<StateProcess>> Spawn();
  // Does not wait.
  ~StateProcess();
  StateProcess(const StateProcess&) = delete;
  StateProcess& operator=(const StateProcess&) = delete;

  // Makes the copier open the state (StateCopier::Open), and copy it every second from then on. `confine`: afterwards
  // the copier has no capability and few system calls.
  absl::Status BeginOpen(const std::string& directory, const StateOptions& options, bool confine);
  // Waits for the result for at most `patience`. Errors are those of StateCopier::Open.
  //   DeadlineExceeded   not yet; call again
  absl::StatusOr<StateMemory> FinishOpen(Nanoseconds patience, StateReport* report);

  // Makes the copier copy at once. Never blocks.
  void Wake();
  // Makes the copier close the file. Its last note is kClosed or kFailed.
  void BeginClose();
  // The next note, if there is one. Aborted: the copier has ended.
  absl::StatusOr<std::optional<StateNote>> Next();

  int fd() const { return socket_.get(); }  // readable when there is a note
  pid_t pid() const { return pid_; }

 private:
  StateProcess(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}

  UniqueFd socket_;
  pid_t pid_;
};

}  // namespace dpvrrp
