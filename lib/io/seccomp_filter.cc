// SPDX-License-Identifier: BSD-3-Clause
#include "io/seccomp_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kMachine = 0;
#endif

// The system calls that the labs of tests/lab use after start-up, with the related ones: with vfio, net_af_packet,
// net_af_xdp, net_tap, net_memif and net_pcap, in every idle mode, through reloads and until the end.
constexpr int kAllowed[] = {
    // files: configuration, keys, /proc/sys/net, /sys, files removed at the end
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_openat,
    SYS_close,
    SYS_lseek,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    SYS_fcntl,
    SYS_dup,
    SYS_dup3,
    SYS_flock,
    SYS_unlinkat,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync_file_range,
    SYS_renameat2,
    SYS_ioctl,
    // memory
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_brk,
    SYS_msync,
    SYS_mlock,
    SYS_mlock2,
    SYS_munlock,
    SYS_mlockall,
    SYS_mbind,
    SYS_get_mempolicy,
    SYS_set_mempolicy,
    SYS_memfd_create,
    // waiting and time
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_ppoll,
    SYS_pselect6,
    SYS_eventfd2,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_signalfd4,
    SYS_pipe2,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_restart_syscall,
    // sockets: control, netlink, telemetry, the drivers'
    SYS_socket,
    SYS_socketpair,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_connect,
    SYS_shutdown,
    SYS_getsockname,
    SYS_getpeername,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    // threads and signals
    SYS_futex,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_sched_setscheduler,
    SYS_getcpu,
    SYS_membarrier,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigtimedwait,
    SYS_sigaltstack,
    SYS_tgkill,
    SYS_gettid,
    SYS_exit,
    SYS_exit_group,
    // information about the process itself
    SYS_getpid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getrandom,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrusage,
    SYS_prctl,
    SYS_prlimit64,
#ifdef SYS_open  // the names on older machines
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_unlink,
    SYS_rmdir,
    SYS_dup2,
    SYS_poll,
    SYS_select,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_pipe,
    SYS_eventfd,
    SYS_time,
    SYS_arch_prctl,
#endif
#ifdef SYS_epoll_pwait2
    SYS_epoll_pwait2,
#endif
};

constexpr sock_filter LoadWord(size_t at) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(at)); }
constexpr sock_filter Return(uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
// Continues after the next `skip` instructions unless equal.
constexpr sock_filter Equal(uint32_t value, uint8_t skip) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

std::vector<sock_filter> Program(std::span<const int> more) {
  constexpr uint32_t kDenied = SECCOMP_RET_ERRNO | EPERM;
  std::vector<sock_filter> program = {
      LoadWord(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0),
      Return(SECCOMP_RET_KILL_PROCESS),  // calls of another ABI have other numbers
      LoadWord(offsetof(seccomp_data, nr)),
  };
  for (const std::span<const int> numbers : {std::span<const int>(kAllowed), more}) {
    for (const int number : numbers) {
      program.push_back(Equal(static_cast<uint32_t>(number), 1));
      program.push_back(Return(SECCOMP_RET_ALLOW));
    }
  }
  // A thread, not a process. The flags of clone3 are in memory, which a filter cannot read. glibc then uses clone.
  program.push_back(Equal(SYS_clone3, 1));
  program.push_back(Return(SECCOMP_RET_ERRNO | ENOSYS));
  program.push_back(Equal(SYS_clone, 3));
  program.push_back(LoadWord(offsetof(seccomp_data, args)));  // the low half: both machines are little endian
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
  program.push_back(Return(SECCOMP_RET_ALLOW));
  program.push_back(Return(kDenied));
  return program;
}

}  // namespace

absl::Status InstallSeccompFilter(std::span<const int> more) {
  if (kMachine == 0) return absl::UnimplementedError("no seccomp filter: no table for this machine");
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
    return absl::FailedPreconditionError("no seccomp filter without PR_SET_NO_NEW_PRIVS");
  }
  std::vector<sock_filter> instructions = Program(more);
  const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
  const long result =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG, &program);
  if (result > 0) return absl::InternalError(absl::StrCat("no seccomp filter: thread ", result, " has another filter"));
  if (result == 0) return absl::OkStatus();
  return errno == ENOSYS || errno == EINVAL
             ? absl::UnimplementedError("no seccomp filter: the kernel does not support it")
             : absl::ErrnoToStatus(errno, "no seccomp filter");
}

}  // namespace dpvrrp
