// SPDX-License-Identifier: BSD-3-Clause
//
// What the process may do, and what others may see of it: users and groups, capabilities, core dumps, locked memory.
//
// Thread: control.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dpvrrp {

struct UserAccount {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

// NotFound: there is no such user, or group, on this system.
absl::StatusOr<UserAccount> FindUser(const std::string& name);
absl::StatusOr<gid_t> FindGroup(const std::string& name);

// For a process that holds keys; call it before they are read. Nobody but root may trace it or look into its memory,
// no core of it is dumped (PR_SET_DUMPABLE, RLIMIT_CORE), and no program it started could gain privileges
// (PR_SET_NO_NEW_PRIVS). Threads made later inherit all of it.
absl::Status ForbidDumps();

// Becomes `user`, with its groups, unless null; the calling thread keeps those of `kept` (CAP_NET_ADMIN ...) that it
// has, the other threads keep no capability, and nobody can get one back. Privileges of DPDK's threads are dropped too:
// the kernel has capabilities by thread, so each is interrupted once by a signal (SIGRTMAX) to do it.
//   PermissionDenied    the process may not become `user`
//   Internal            the kernel refused, or a thread did not answer within 2 s
absl::Status DropPrivileges(const UserAccount* user, std::span<const int> kept);

// Raises RLIMIT_MEMLOCK as far as the process may, for LockMemory() and for drivers that pin memory. Before
// DropPrivileges(), as it takes CAP_SYS_RESOURCE.
void RaiseLockLimit();

// No page that has been touched leaves for swap any more; what has not been touched stays untouched (MCL_ONFAULT), so
// that it costs no memory. madvise(MADV_DONTNEED) and malloc_trim() do nothing afterwards.
// FailedPrecondition: RLIMIT_MEMLOCK is not unlimited.
absl::Status LockMemory();

}  // namespace dpvrrp
