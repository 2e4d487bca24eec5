// SPDX-License-Identifier: BSD-3-Clause
#include "agent/worker_notes.h"

#include <signal.h>
#include <sys/mman.h>

#include <cerrno>
#include <new>

namespace dpvrrp {

absl::StatusOr<WorkerNotes*> WorkerNotes::Create() {
  void* memory = mmap(nullptr, sizeof(WorkerNotes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, "mmap");
  return new (memory) WorkerNotes();
}

void WorkerNotes::AddGroup(pid_t group) {
  for (std::atomic<pid_t>& place : groups) {
    pid_t free = 0;
    if (place.compare_exchange_strong(free, group)) return;
  }
}

bool WorkerNotes::RemoveGroup(pid_t group) {
  for (std::atomic<pid_t>& place : groups) {
    pid_t found = group;
    if (place.compare_exchange_strong(found, 0)) return true;
  }
  return false;
}

void WorkerNotes::KillGroups() {
  for (std::atomic<pid_t>& place : groups) {
    if (const pid_t group = place.exchange(0); group > 0) kill(-group, SIGKILL);
  }
}

}  // namespace dpvrrp
