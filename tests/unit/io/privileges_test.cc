// SPDX-License-Identifier: BSD-3-Clause
#include "io/privileges.h"

#include <gmock/gmock.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "unit/io/child.h"

namespace dpvrrp {
namespace {

using testing::HasSubstr;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#else
constexpr bool kAddressSanitizer = false;
#endif

// Fields of a /proc status file, without leading blanks.
std::map<std::string, std::string> StatusOf(const std::filesystem::path& folder) {
  std::map<std::string, std::string> fields;
  std::ifstream in(folder / "status");
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(':');
    const size_t value = line.find_first_not_of(" \t", colon + 1);
    if (value != std::string::npos) fields[line.substr(0, colon)] = line.substr(value);
  }
  return fields;
}

// How many threads of this process do not have these ids and, the calling one apart, a capability left.
int ThreadsWithMore(const std::string& uids, uint64_t of_caller) {
  int more = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::map<std::string, std::string> status = StatusOf(entry.path());
    const uint64_t allowed = entry.path().filename() == std::to_string(gettid()) ? of_caller : 0;
    const auto is_allowed = [&](const char* set) { return std::stoull(status[set], nullptr, 16) == allowed; };
    if (status["Uid"] != uids || !is_allowed("CapPrm") || !is_allowed("CapEff")) ++more;
  }
  return more;
}

// A process with two more threads that changes its user or keeps it.
int ThreadsWithMoreAfterDrop(const UserAccount* user, const std::string& uids) {
  return InAChild([&] {
    std::atomic<bool> end{false};
    const auto wait = [&end] {
      while (!end) std::this_thread::yield();
    };
    std::thread one(wait), two(wait);
    const int kept[] = {CAP_NET_ADMIN};
    const absl::Status status = DropPrivileges(user, kept);
    const int more = status.ok() ? ThreadsWithMore(uids, 1u << CAP_NET_ADMIN) : 99;
    end = true;
    one.join();
    two.join();
    return more;
  });
}

TEST(PrivilegesTest, AllThreadsBecomeTheUserAndOneKeepsACapability) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const absl::StatusOr<UserAccount> nobody = FindUser("nobody");
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  const std::string uid = std::to_string(nobody->uid);
  EXPECT_EQ(ThreadsWithMoreAfterDrop(&*nobody, uid + "\t" + uid + "\t" + uid + "\t" + uid), 0);
}

TEST(PrivilegesTest, ThreadsLoseTheirCapabilitiesWithoutAnotherUserToo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(ThreadsWithMoreAfterDrop(nullptr, "0\t0\t0\t0"), 0);
}

TEST(PrivilegesTest, ThereIsNoWayBack) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const UserAccount nobody = *FindUser("nobody");
  EXPECT_EQ(InAChild([&] {
              if (!DropPrivileges(&nobody, {}).ok()) return 1;
              if (setuid(0) == 0 || setgid(0) == 0) return 2;
              return DropPrivileges(&nobody, {}).ok() ? 0 : 3;  // already is
            }),
            0);
  EXPECT_EQ(InAChild([&] {
              DropPrivileges(&nobody, {}).IgnoreError();
              const UserAccount root{"root", 0, 0};
              return absl::IsPermissionDenied(DropPrivileges(&root, {})) ? 0 : 1;
            }),
            0);
}

TEST(PrivilegesTest, NamesThatTheSystemDoesNotHave) {
  EXPECT_EQ(FindUser("root")->uid, 0u);
  EXPECT_EQ(*FindGroup("root"), 0u);
  EXPECT_TRUE(absl::IsNotFound(FindUser("no-such-user-here").status()));
  EXPECT_THAT(FindGroup("no-such-group").status().message(), HasSubstr("'no-such-group'"));
}

TEST(PrivilegesTest, NoCoreAndNoTracing) {
  EXPECT_EQ(
      InAChild([] {
        rlimit core{1, 1};
        if (!ForbidDumps().ok() || getrlimit(RLIMIT_CORE, &core) != 0) return 1;
        return core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 2;
      }),
      0);
}

TEST(PrivilegesTest, LockedMemoryIsNotTouched) {
  const auto may_raise = [] {
    RaiseLockLimit();
    rlimit limit{};
    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY ? 0 : 1;
  };
  if (InAChild(may_raise) != 0 || kAddressSanitizer) {
    GTEST_SKIP() << "needs RLIMIT_MEMLOCK unlimited, or CAP_SYS_RESOURCE; AddressSanitizer locks nothing";
  }
  EXPECT_EQ(InAChild([] {
              RaiseLockLimit();
              if (!LockMemory().ok()) return 1;
              constexpr size_t kMiB = 1 << 20;
              const auto kib = [](const char* key) { return std::stoul(StatusOf("/proc/self")[key]); };
              const size_t before = kib("VmRSS");
              auto* mapped = static_cast<char*>(
                  mmap(nullptr, 64 * kMiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
              if (mapped == MAP_FAILED || kib("VmLck") < 64 * 1024) return 2;
              return kib("VmRSS") - before < 1024 ? 0 : 3;
            }),
            0);
}

TEST(PrivilegesTest, WithALimitNothingIsLocked) {
  EXPECT_EQ(InAChild([] {
              const rlimit limit{65536, 65536};
              if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 1;
              return absl::IsFailedPrecondition(LockMemory()) ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace dpvrrp
