// SPDX-License-Identifier: BSD-3-Clause
#include "agent/fifo_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = AgentNews::Kind;

class FifoWriterTest : public ::testing::Test {
 protected:
  void Write(const std::string& line) {
    writer_.Add(line);
    Work();
  }
  void Work() {
    writer_.Work(now_);
    for (AgentNews& news : writer_.TakeNews()) news_.push_back(std::move(news));
  }
  void ASecondLater() {
    now_ += FifoWriter::kLookEvery;
    Work();
  }
  // What the FIFO has now.
  std::string Read() {
    if (!reader_.valid()) reader_.Reset(open(path_.c_str(), O_RDONLY | O_NONBLOCK));
    std::string text;
    char buffer[65536];
    ssize_t got = 0;
    while ((got = read(reader_.get(), buffer, sizeof(buffer))) > 0) text.append(buffer, static_cast<size_t>(got));
    return text;
  }
  std::vector<Kind> Kinds() const {
    std::vector<Kind> kinds;
    for (const AgentNews& news : news_) kinds.push_back(news.kind);
    return kinds;
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "fifo";
  FifoWriter writer_{path_};
  UniqueFd reader_;
  Instant now_{std::chrono::hours(1)};
  std::vector<AgentNews> news_;
};

TEST_F(FifoWriterTest, MakesAMissingFifoAndKeepsLinesForALaterReader) {
  Write("one");
  Write("two");
  EXPECT_TRUE(std::filesystem::is_fifo(path_));
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(Read(), "one\ntwo\n");
  EXPECT_THAT(news_, IsEmpty());
  EXPECT_EQ(writer_.next_look(), kNever);
}

TEST_F(FifoWriterTest, UsesAnExistingFifoUnchanged) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0640), 0);
  Write("one");
  EXPECT_EQ(ModeOf(path_), 0640u);
  EXPECT_EQ(Read(), "one\n");
}

TEST_F(FifoWriterTest, WithoutAReaderTheNewestLinesAreLostAndCounted) {
  const size_t lines = 3000;
  for (size_t i = 0; i < lines; ++i) Write(absl::StrCat(i, " ", std::string(1000, 'x')));
  EXPECT_THAT(Kinds(), ElementsAre(Kind::kFifoFull));
  EXPECT_EQ(news_[0].text, path_);
  EXPECT_TRUE(writer_.waits());

  std::string text;
  while (writer_.waits()) {
    text += Read();
    Work();
  }
  text += Read();
  ASSERT_THAT(Kinds(), ElementsAre(Kind::kFifoFull, Kind::kFifoLost));
  EXPECT_EQ(news_[1].text, path_);
  const auto written = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  EXPECT_GT(written, FifoWriter::kMaxWaiting / 1010);
  EXPECT_EQ(written + news_[1].count, lines);
  EXPECT_THAT(text, HasSubstr(absl::StrCat("\n", written - 1, " x"))) << "the oldest are written";

  Write("again");
  EXPECT_EQ(Read(), "again\n");
  EXPECT_EQ(news_.size(), 2u);
}

TEST_F(FifoWriterTest, IsFullAgainAfterItRecovered) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2000; ++i) Write(std::string(1000, 'x'));
    while (writer_.waits()) {
      Read();
      Work();
    }
    Read();
  }
  EXPECT_THAT(Kinds(), ElementsAre(Kind::kFifoFull, Kind::kFifoLost, Kind::kFifoFull, Kind::kFifoLost));
}

TEST_F(FifoWriterTest, ALongLineIsWrittenInParts) {
  const std::string line(60'000, 'x');
  Write(line);
  Write(line);
  EXPECT_TRUE(writer_.waits()) << "a pipe has 65,536 bytes";
  std::string text;
  while (writer_.waits()) {
    text += Read();
    Work();
  }
  text += Read();
  EXPECT_EQ(text, line + "\n" + line + "\n");
}

TEST_F(FifoWriterTest, ARegularFileIsRefusedOnceAndNotTouched) {
  WriteBytes(path_, "text");
  Write("one");
  Write("two");
  ASecondLater();
  ASSERT_THAT(Kinds(), ElementsAre(Kind::kFifoFault));
  EXPECT_EQ(news_[0].text, path_ + " is no FIFO; remove it");
  EXPECT_EQ(ReadBytes(path_), "text");
  EXPECT_EQ(writer_.next_look(), now_ + FifoWriter::kLookEvery);

  std::filesystem::remove(path_);
  ASecondLater();
  EXPECT_EQ(Read(), "one\ntwo\n");
  EXPECT_EQ(news_.size(), 1u);
}

TEST_F(FifoWriterTest, ALinkIsRefused) {
  ASSERT_EQ(mkfifo((folder_ / "target").c_str(), 0600), 0);
  ASSERT_EQ(symlink("target", path_.c_str()), 0);
  Write("one");
  EXPECT_THAT(Kinds(), ElementsAre(Kind::kFifoFault));
}

TEST_F(FifoWriterTest, AMissingFolderIsReportedOnce) {
  FifoWriter writer(folder_ / "no/fifo");
  writer.Add("one");
  for (int second = 0; second < 3; ++second) writer.Work(now_ + std::chrono::seconds(second));
  const std::vector<AgentNews> news = writer.TakeNews();
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].kind, Kind::kFifoFault);
  EXPECT_THAT(news[0].text, HasSubstr("no/fifo: No such file or directory"));
}

TEST_F(FifoWriterTest, LinesLostDuringAFaultAreCountedAfterIt) {
  WriteBytes(path_, "");
  const size_t lines = 1200;
  for (size_t i = 0; i < lines; ++i) Write(std::string(999, 'x'));
  EXPECT_THAT(Kinds(), ElementsAre(Kind::kFifoFault));
  std::filesystem::remove(path_);
  ASecondLater();
  while (writer_.waits()) {
    Read();
    Work();
  }
  ASSERT_THAT(Kinds(), ElementsAre(Kind::kFifoFault, Kind::kFifoLost));
  EXPECT_EQ(news_[1].count, lines - FifoWriter::kMaxWaiting / 1000);
}

TEST_F(FifoWriterTest, ARemovedFifoIsMadeAgainForTheNextLine) {
  Write("one");
  std::filesystem::remove(path_);
  Write("two");
  EXPECT_EQ(Read(), "two\n");
  EXPECT_THAT(news_, IsEmpty());
}

TEST_F(FifoWriterTest, AReplacedFifoGetsTheWaitingLinesWithinASecond) {
  for (int i = 0; i < 80; ++i) Write(std::string(999, 'x'));
  ASSERT_TRUE(writer_.waits());
  std::filesystem::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  ASecondLater();
  EXPECT_FALSE(writer_.waits());
  const std::string text = Read();
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text.size() % 1000, 0u) << "whole lines";
}

TEST_F(FifoWriterTest, AFifoReplacedByARegularFileIsReported) {
  Write("one");
  std::filesystem::remove(path_);
  WriteBytes(path_, "text");
  Write("two");
  EXPECT_THAT(Kinds(), ElementsAre(Kind::kFifoFault));
  EXPECT_EQ(ReadBytes(path_), "text");
}

TEST(FifoWritersTest, AFifoTooManyIsReportedOnce) {
  const TempFolder folder;
  FifoWriters writers;
  const Instant now{std::chrono::hours(1)};
  for (size_t i = 0; i < FifoWriters::kMaxFifos + 2; ++i) writers.Add({folder / absl::StrCat(i), "line"}, now);
  EXPECT_TRUE(writers.idle());
  const std::vector<AgentNews> news = writers.TakeNews();
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].kind, Kind::kFifoFault);
  EXPECT_THAT(news[0].text, HasSubstr("at most 256 FIFOs"));
}

}  // namespace
}  // namespace dpvrrp
