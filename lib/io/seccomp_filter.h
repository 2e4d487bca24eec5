// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "absl/status/status.h"

namespace dpvrrp {

// Permits all threads of the process, and later ones, only the system calls of the table in seccomp_filter.cc: those
// that the daemon and DPDK's drivers use once everything is open. Any other fails with EPERM and the kernel logs it
// (audit, type 1326, with the number). So the process cannot start a program, make a process, trace or change the
// memory of another process, load a module or BPF program, or mount a file system. The filter cannot be removed.
//
// seccomp(2), in cBPF; the kernel answers an allowed call from a bitmap (since Linux 5.11).
// `more`: numbers of system calls that are allowed as well.
//   FailedPrecondition   PR_SET_NO_NEW_PRIVS is not set (io/privileges.h)
//   Unimplemented        a kernel without seccomp, or a machine that the table does not support
//
// Thread: control.
absl::Status InstallSeccompFilter(std::span<const int> more = {});

}  // namespace dpvrrp
