// SPDX-License-Identifier: BSD-3-Clause
#include "io/privileges.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

using Capabilities = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

int SetCapabilities(const Capabilities& wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return static_cast<int>(syscall(SYS_capset, &header, wanted.data()));
}

// Those of `kept` that the calling thread has now.
Capabilities Permitted(std::span<const int> kept) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Capabilities now{};
  Capabilities wanted{};
  if (syscall(SYS_capget, &header, now.data()) != 0) return wanted;
  for (const int capability : kept) {
    const auto word = static_cast<size_t>(capability / 32);
    wanted[word].permitted |= now[word].permitted & 1u << capability % 32;
    wanted[word].effective = wanted[word].permitted;
  }
  return wanted;
}

std::atomic<int> answered{0};
std::atomic<int> refused{0};

// By capability number, for each thread. Constant-initialised, so that a signal handler may read it.
thread_local uint64_t kept_by_thread = 0;

Capabilities KeptByThread() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Capabilities now{};
  Capabilities kept{};
  if (kept_by_thread == 0 || syscall(SYS_capget, &header, now.data()) != 0) return kept;
  for (size_t word = 0; word < 2; ++word) {
    kept[word].permitted = now[word].permitted & static_cast<uint32_t>(kept_by_thread >> word * 32);
    kept[word].effective = kept[word].permitted;
  }
  return kept;
}

// Runs in every thread except the caller of DropPrivileges().
void DropAll(int) {
  const int before = errno;
  if (SetCapabilities(KeptByThread()) != 0) refused.fetch_add(1);
  answered.fetch_add(1);
  errno = before;
}

std::set<pid_t> Threads() {
  std::set<pid_t> threads;
  DIR* folder = opendir("/proc/self/task");
  if (folder == nullptr) return threads;
  while (const dirent* entry = readdir(folder)) {
    if (const pid_t thread = std::atoi(entry->d_name); thread > 0) threads.insert(thread);
  }
  closedir(folder);
  return threads;
}

// A thread that starts meanwhile has its maker's capabilities, so we repeat until there is no new thread.
absl::Status DropInOtherThreads() {
  struct sigaction drop {};
  struct sigaction before {};
  drop.sa_handler = DropAll;
  drop.sa_flags = SA_RESTART;
  if (sigaction(SIGRTMAX, &drop, &before) != 0) return absl::ErrnoToStatus(errno, "sigaction");
  answered = refused = 0;
  std::set<pid_t> asked = {gettid()};
  int signals = 0;
  bool again = true;
  for (int wait_ms = 0; (again || answered < signals) && wait_ms < 2000; ++wait_ms) {
    again = false;
    for (const pid_t thread : Threads()) {
      if (!asked.insert(thread).second) continue;
      again = true;
      if (syscall(SYS_tgkill, getpid(), thread, SIGRTMAX) == 0) ++signals;  // otherwise the thread has ended
    }
    const timespec millisecond{0, 1'000'000};
    nanosleep(&millisecond, nullptr);
  }
  if (answered < signals) {  // the handler stays, because a late signal would otherwise end the process
    return absl::InternalError(absl::StrCat(signals - answered, " threads did not give up their capabilities"));
  }
  sigaction(SIGRTMAX, &before, nullptr);
  return refused == 0 ? absl::OkStatus() : absl::InternalError("a thread could not give up its capabilities");
}

// glibc changes the ids in all threads. Threads without PR_SET_KEEPCAPS, all but this one, lose their capabilities.
absl::Status Become(const UserAccount& user) {
  uid_t real = 0, effective = 0, saved = 0;
  getresuid(&real, &effective, &saved);
  if (real == user.uid && effective == user.uid && saved == user.uid) return absl::OkStatus();
  if (effective != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("user '", user.name, "': only root can become another user, this process has uid ", effective));
  }
  if (initgroups(user.name.c_str(), user.gid) != 0 || setresgid(user.gid, user.gid, user.gid) != 0 ||
      prctl(PR_SET_KEEPCAPS, 1) != 0 || setresuid(user.uid, user.uid, user.uid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot become user '", user.name, "'"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UserAccount> FindUser(const std::string& name) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  const int error = getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return UserAccount{name, found->pw_uid, found->pw_gid};
  return error != 0 ? absl::ErrnoToStatus(error, absl::StrCat("user '", name, "'"))
                    : absl::NotFoundError(absl::StrCat("user '", name, "': there is no such user on this system"));
}

std::string FindUserName(uid_t user) {
  FILE* file = fopen("/etc/passwd", "re");
  if (file == nullptr) return user == 0 ? "root" : "";
  std::string name;
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  while (name.empty() && fgetpwent_r(file, &entry, buffer.data(), buffer.size(), &found) == 0) {
    if (entry.pw_uid == user) name = entry.pw_name;
  }
  fclose(file);
  return name;
}

absl::StatusOr<gid_t> FindGroup(const std::string& name) {
  std::vector<char> buffer(65536);
  group entry{};
  group* found = nullptr;
  const int error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  return error != 0 ? absl::ErrnoToStatus(error, absl::StrCat("group '", name, "'"))
                    : absl::NotFoundError(absl::StrCat("group '", name, "': there is no such group on this system"));
}

absl::Status ForbidDumps() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return absl::ErrnoToStatus(errno, "RLIMIT_CORE");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return absl::ErrnoToStatus(errno, "PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return absl::ErrnoToStatus(errno, "PR_SET_NO_NEW_PRIVS");
  return absl::OkStatus();
}

absl::Status DropPrivileges(const UserAccount* user, std::span<const int> kept) {
  const Capabilities wanted = Permitted(kept);
  if (user != nullptr) {
    DPVRRP_RETURN_IF_ERROR(Become(*user));
  }
  if (SetCapabilities(wanted) != 0) return absl::ErrnoToStatus(errno, "cannot drop capabilities");
  // After a change of user this value is that of fs.suid_dumpable.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return absl::ErrnoToStatus(errno, "PR_SET_DUMPABLE");
  return DropInOtherThreads();
}

void KeepCapabilities(std::span<const int> kept) {
  kept_by_thread = 0;
  for (const int capability : kept) kept_by_thread |= uint64_t{1} << capability;
  // Otherwise the change of user drops them; glibc changes the user in every thread.
  if (!kept.empty()) prctl(PR_SET_KEEPCAPS, 1);
}

bool RaiseLockLimit() {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0) return true;
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

absl::Status LockMemory() {
  // With a limit, later mappings would fail once they exceed it.
  rlimit now{};
  if (getrlimit(RLIMIT_MEMLOCK, &now) != 0 || now.rlim_cur != RLIM_INFINITY) {
    return absl::FailedPreconditionError(
        absl::StrCat("memory is not locked: RLIMIT_MEMLOCK is ", now.rlim_cur, " bytes, must be unlimited"));
  }
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return absl::ErrnoToStatus(errno, "memory is not locked");
  return absl::OkStatus();
}

}  // namespace dpvrrp
