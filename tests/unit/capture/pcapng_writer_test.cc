// SPDX-License-Identifier: BSD-3-Clause
#include "capture/pcapng_writer.h"

#include <gmock/gmock.h>

#include "capture_file.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(PcapngWriterTest, TheReaderReadsWhatWasWritten) {
  PcapngWriter writer("a test");
  EXPECT_EQ(writer.AddInterface("lan"), 0u);
  EXPECT_EQ(writer.AddInterface(""), 1u);
  const std::vector<uint8_t> frame(61, 0x5a);
  writer.Add({.interface = 1, .at = 1'700'000'000s + 123'456'789ns, .original_length = 90, .comment = "replayed"},
             frame);
  writer.Add({.interface = 0, .at = 1'700'000'001s, .outbound = true}, {frame.data(), 60});
  EXPECT_THAT(writer.file(), HasSubstr("replayed"));
  const std::vector<uint8_t> bytes(writer.file().begin(), writer.file().end());
  const absl::StatusOr<Capture> capture = ParseCapture(bytes);
  ASSERT_TRUE(capture.ok()) << capture.status();
  EXPECT_THAT(capture->interfaces, ElementsAre("lan", ""));
  ASSERT_THAT(capture->packets, SizeIs(2));
  EXPECT_EQ(capture->packets[0].at, 1'700'000'000s + 123'456'789ns);
  EXPECT_EQ(capture->packets[0].original_length, 90u);
  EXPECT_EQ(capture->packets[0].interface, 1u);
  EXPECT_EQ(std::vector<uint8_t>(capture->packets[0].bytes.begin(), capture->packets[0].bytes.end()), frame);
  EXPECT_THAT(capture->packets[1].bytes, SizeIs(60));
}

TEST(PcapngWriterTest, ALongCommentIsCut) {
  PcapngWriter writer("a test");
  writer.AddInterface("lan");
  writer.Add({.comment = std::string(100'000, 'c')}, {});
  const std::vector<uint8_t> bytes(writer.file().begin(), writer.file().end());
  EXPECT_TRUE(ParseCapture(bytes).ok());
}

}  // namespace
}  // namespace dpvrrp
