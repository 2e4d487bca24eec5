// SPDX-License-Identifier: BSD-3-Clause
//
// The rights of the process, and what others may see of it: users and groups, capabilities, core dumps, locked memory.
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

// NotFound: this system has no such user, or no such group.
absl::StatusOr<UserAccount> FindUser(const std::string& name);
absl::StatusOr<gid_t> FindGroup(const std::string& name);

// The user's name in /etc/passwd; empty if it has none there. Asks no other directory service, which might not answer.
std::string FindUserName(uid_t user);

// For a process that has keys in memory; call it before they are read. Only root may trace it or read its memory, it
// leaves no core dump (PR_SET_DUMPABLE, RLIMIT_CORE), and no program that it starts can gain privileges
// (PR_SET_NO_NEW_PRIVS). Later threads inherit all of this.
absl::Status ForbidDumps();

// Changes to `user`, with its groups, unless null. The calling thread keeps those of `kept` (CAP_NET_ADMIN ...) that it
// has. The other threads keep no capability, except those of KeepCapabilities(). No thread can regain one. DPDK's
// threads drop theirs too: the kernel has capabilities for each thread, so each thread is interrupted once by a signal
// (SIGRTMAX) to do it.
//   PermissionDenied    the process may not become `user`
//   Internal            the kernel refused, or a thread did not answer within 2 s
absl::Status DropPrivileges(const UserAccount* user, std::span<const int> kept);

// The calling thread keeps these capabilities, as far as it has them, when another thread calls DropPrivileges().
// Thread: any except the caller of DropPrivileges().
void KeepCapabilities(std::span<const int> kept);

// Raises RLIMIT_MEMLOCK as far as the process may, for LockMemory() and for drivers that pin memory. Call it before
// DropPrivileges(), because it needs CAP_SYS_RESOURCE. Returns whether it is unlimited now. If not, a packet socket's
// ring may need CAP_IPC_LOCK, because net_af_packet locks it.
bool RaiseLockLimit();

// From now on no touched page is swapped out. Untouched pages stay untouched (MCL_ONFAULT), so this costs no memory.
// madvise(MADV_DONTNEED) and malloc_trim() have no effect afterwards.
// FailedPrecondition: RLIMIT_MEMLOCK is not unlimited.
absl::Status LockMemory();

}  // namespace dpvrrp
