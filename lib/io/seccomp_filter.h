// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/status.h"

namespace dpvrrp {

// Leaves all threads of the process, and those they make, the system calls of the table in seccomp_filter.cc: what the
// daemon and DPDK's drivers use once everything is open. Any other fails with EPERM and is logged by the kernel (audit,
// type 1326, with the number): no program can be started, no process be made, traced or signalled by way of a foreign
// memory, no module or BPF program be loaded, no file system be mounted. There is no way back.
//
// seccomp(2), in cBPF; the kernel answers an allowed call from a bitmap (since Linux 5.11).
//   FailedPrecondition   without PR_SET_NO_NEW_PRIVS (io/privileges.h)
//   Unimplemented        a kernel without seccomp, or a machine that the table does not know
//
// Thread: control.
absl::Status InstallSeccompFilter();

}  // namespace dpvrrp
