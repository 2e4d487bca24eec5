// SPDX-License-Identifier: BSD-3-Clause
#include "io/thread_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A procfs with the files that are read.
class ThreadStateTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(folder_.path()) / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  // proc(5): 52 fields; those that nothing reads are 0.
  static std::string Stat(int pid, const std::string& name, char state, int ticks, int threads, int cpu) {
    std::string text = absl::StrCat(pid, " (", name, ") ", std::string(1, state));
    for (int field = 4; field <= 52; ++field) {
      absl::StrAppend(&text, " ", field == 14 ? ticks : field == 20 ? threads : field == 39 ? cpu : 0);
    }
    return text + "\n";
  }
  std::string proc() const { return folder_.path(); }

  TempFolder folder_;
};

TEST_F(ThreadStateTest, ReadsStateCpuAndWaitingTime) {
  Write("self/task/17/stat", Stat(17, "dpdk-worker1", 'R', 5, 4, 3));
  Write("self/task/17/schedstat", "1000 2500000000 7\n");
  const std::optional<ThreadState> state = ReadThreadState(17, proc());
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->state, 'R');
  EXPECT_EQ(state->cpu, 3u);
  EXPECT_EQ(state->waited_ns, 2'500'000'000u);
}

TEST_F(ThreadStateTest, AKernelWithoutScheduleStatisticsSaysNoWaitingTime) {
  Write("self/task/17/stat", Stat(17, "dpdk-worker1", 'D', 5, 4, 0));
  ASSERT_TRUE(ReadThreadState(17, proc()).has_value());
  EXPECT_EQ(ReadThreadState(17, proc())->waited_ns, 0u);
}

TEST_F(ThreadStateTest, AThreadThatIsNotThereHasNoState) {
  EXPECT_FALSE(ReadThreadState(17, proc()).has_value());
  Write("self/task/17/stat", "17 (cut");
  EXPECT_FALSE(ReadThreadState(17, proc()).has_value());
}

TEST_F(ThreadStateTest, ThisThreadRuns) {
  const std::optional<ThreadState> state = ReadThreadState(gettid());
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->state, 'R');
}

TEST_F(ThreadStateTest, NamesThreadsOfOthersOnTheCpuTheBusiestFirst) {
  Write("10/stat", Stat(10, "cc1plus", 'R', 40, 1, 1));
  Write("11/stat", Stat(11, "stress (a) b", 'R', 900, 1, 1));
  Write("12/stat", Stat(12, "elsewhere", 'R', 900, 1, 0));
  Write("13/stat", Stat(13, "sleeper", 'S', 900, 1, 1));
  Write("14/stat", Stat(14, "java", 'S', 100, 2, 0));
  Write("14/task/14/stat", Stat(14, "java", 'S', 1, 2, 0));
  Write("14/task/15/stat", Stat(15, "C2 Compiler", 'R', 99, 2, 1));
  Write(absl::StrCat(getpid(), "/stat"), Stat(getpid(), "ourselves", 'R', 9999, 1, 1));
  Write("not-a-process/stat", Stat(1, "file", 'R', 1, 1, 1));
  EXPECT_THAT(ThreadsThatWant(1, proc()),
              ElementsAre("stress (a) b (pid 11)", "C2 Compiler (pid 14)", "cc1plus (pid 10)"));
  EXPECT_THAT(ThreadsThatWant(7, proc()), IsEmpty());
}

// A process may have any name, and the name is printed on a terminal.
TEST_F(ThreadStateTest, ANameHasNoControlCharacters) {
  Write("10/stat", Stat(10, "a\x1b[2Jb", 'R', 1, 1, 1));
  EXPECT_THAT(ThreadsThatWant(1, proc()), ElementsAre("a?[2Jb (pid 10)"));
}

}  // namespace
}  // namespace dpvrrp
