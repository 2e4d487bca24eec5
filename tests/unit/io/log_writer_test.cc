// SPDX-License-Identifier: BSD-3-Clause
#include "io/log_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/unique_fd.h"
#include "unit/io/child.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;

constexpr Nanoseconds kSoon = std::chrono::milliseconds(1);
constexpr Nanoseconds kPatience = std::chrono::seconds(60);  // ends early in every run that passes
constexpr size_t kQueue = 64 * 1024;

// A pipe as stderr, whose reader reads only on request.
class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_end_.Reset(ends[0]);
    write_end_.Reset(ends[1]);
    fcntl(write_end_.get(), F_SETPIPE_SZ, 4096);
    writer_ = std::make_unique<LogWriter>(
        write_end_.get(), [](uint64_t lines) { return absl::StrCat(lines, " dropped\n"); }, kQueue);
  }
  ~LogWriterTest() override {
    read_end_.Reset();  // ends a write that still waits
    writer_->Flush(kPatience);
  }

  // Of 1 KiB each, numbered. More than the pipe and the queue hold is dropped.
  void Write(int lines) {
    for (int i = 0; i < lines; ++i) writer_->Write(absl::StrCat(next_++, std::string(1020, '.'), "\n"));
  }

  // Reads until everything has been written and returns what each line begins with.
  std::vector<std::string> ReadAll() {
    std::string text;
    std::thread reader([&] {
      char bytes[4096];
      for (ssize_t got = 0; (got = read(read_end_.get(), bytes, sizeof(bytes))) > 0;) {
        text.append(bytes, static_cast<size_t>(got));
        if (text.find("the end") != std::string::npos) return;
      }
    });
    EXPECT_TRUE(writer_->Flush(kPatience));
    writer_->Write("the end\n");
    reader.join();
    std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
    for (std::string& line : lines) line = line.substr(0, line.find("..."));
    return lines;
  }

  UniqueFd read_end_;
  UniqueFd write_end_;
  std::unique_ptr<LogWriter> writer_;
  int next_ = 0;
};

TEST_F(LogWriterTest, LinesArriveInOrder) {
  for (const char* line : {"one\n", "two\n", "three\n"}) writer_->Write(line);
  EXPECT_THAT(ReadAll(), ElementsAre("one", "two", "three", "the end"));
  EXPECT_EQ(writer_->dropped(), 0u);
}

TEST_F(LogWriterTest, AStalledReaderBlocksNoWriterAndDroppedLinesAreCountedAndReported) {
  Write(1000);  // returns although nothing is read
  const uint64_t dropped = writer_->dropped();
  EXPECT_GT(dropped, 900u);
  EXPECT_LT(dropped, 1000u - 32);
  EXPECT_FALSE(writer_->Flush(kSoon));

  const std::vector<std::string> lines = ReadAll();
  // The first lines were kept, and the notice is where lines are missing.
  const size_t kept = 1000 - dropped;
  ASSERT_EQ(lines.size(), kept + 2);
  for (size_t i = 0; i < kept; ++i) EXPECT_EQ(lines[i], absl::StrCat(i));
  EXPECT_EQ(lines[kept], absl::StrCat(dropped, " dropped"));
  EXPECT_EQ(lines[kept + 1], "the end");
}

TEST_F(LogWriterTest, LinesAfterTheNoticeAreWrittenAgain) {
  Write(1000);
  ReadAll();
  const uint64_t dropped = writer_->dropped();
  writer_->Write("again\n");
  EXPECT_THAT(ReadAll(), ElementsAre("again", "the end"));
  EXPECT_EQ(writer_->dropped(), dropped);
}

TEST_F(LogWriterTest, ADescriptorThatOthersSetToNonBlockingLosesNothing) {
  fcntl(write_end_.get(), F_SETFL, O_NONBLOCK);
  Write(32);
  EXPECT_EQ(ReadAll().size(), 33u);
  EXPECT_EQ(writer_->dropped(), 0u);
}

TEST_F(LogWriterTest, ABrokenPipeCostsTheLinesAndNothingElse) {
  EXPECT_EQ(InAChild([] {
              signal(SIGPIPE, SIG_DFL);
              int ends[2];
              if (pipe2(ends, O_CLOEXEC) != 0) return 1;
              LogWriter writer(ends[1], [](uint64_t) { return std::string("dropped\n"); });
              close(ends[0]);
              writer.Write("one\n");
              if (!writer.Flush(kPatience)) return 2;
              writer.Write("two\n");
              if (!writer.Flush(kPatience)) return 3;
              return writer.dropped() == 2 ? 0 : 4;
            }),
            0);
}

TEST_F(LogWriterTest, AClosedDescriptorCostsTheLinesAndNothingElse) {
  LogWriter writer(-1, [](uint64_t) { return std::string("dropped\n"); });
  writer.Write("one\n");
  EXPECT_TRUE(writer.Flush(kPatience));
  EXPECT_EQ(writer.dropped(), 1u);
}

TEST_F(LogWriterTest, TheWriterCanEndWhileItsThreadWaitsForTheReader) {
  Write(100);
  writer_.reset();
  writer_ = std::make_unique<LogWriter>(-1, [](uint64_t) { return std::string(); });
}

TEST_F(LogWriterTest, ManyThreadsWriteWholeLines) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) writer_->Write("a line\n");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> lines = ReadAll();
  EXPECT_EQ(lines.size(), 401u);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "a line"), 400);
}

}  // namespace
}  // namespace dpvrrp
