// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dpvrrp {

// A thread in the view of the kernel's scheduler, from /proc (proc(5)).
struct ThreadState {
  char state = '?';        // R is runnable, S sleeps, D waits in the kernel, T is stopped ...
  uint32_t cpu = 0;        // the CPU on which it last ran
  uint64_t waited_ns = 0;  // total time in which it was runnable without a CPU; 0: not known to the kernel
};

// The thread `thread` of this process. Nothing: no such thread, or /proc is not readable.
//
// `proc` is the path of procfs; a test passes its own directory. Thread: any.
std::optional<ThreadState> ReadThreadState(pid_t thread, const std::string& proc = "/proc");

// The threads of other processes that are runnable on this CPU at this moment, as "name (pid 4711)", in descending
// order of used CPU time. Reads at most kMaxThreadsRead threads, because a machine may have many.
//
// Thread: control. Takes some milliseconds, more if the machine's CPUs are busy.
inline constexpr size_t kMaxThreadsRead = 4096;
std::vector<std::string> ThreadsThatWant(uint32_t cpu, const std::string& proc = "/proc");

}  // namespace dpvrrp
