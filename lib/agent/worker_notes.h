// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"

namespace dpvrrp {

inline constexpr size_t kMaxAtOnce = 256;  // programs that run at the same time

// What the supervisor must know about a worker that was killed. It is memory that both processes share.
//
// Thread: the agent's worker writes; the supervisor reads after the worker has ended.
struct WorkerNotes {
  std::atomic<uint64_t> taken{0};                       // the number of the last order that was taken from the socket
  std::array<std::atomic<pid_t>, kMaxAtOnce> groups{};  // process groups of running programs; 0: none

  // Shared by this process and its later children.
  static absl::StatusOr<WorkerNotes*> Create();

  void AddGroup(pid_t group);
  // Returns whether it was there. Call it before the leader is reaped: afterwards its number may be another process's.
  bool RemoveGroup(pid_t group);
  // Sends SIGKILL to all groups, and removes them.
  void KillGroups();
};

}  // namespace dpvrrp
