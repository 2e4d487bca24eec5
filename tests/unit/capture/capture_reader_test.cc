// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "capture_file.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class BothOrders : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(ByteOrder, BothOrders, testing::Bool());

TEST_P(BothOrders, PcapOfMicroseconds) {
  CaptureFile file(GetParam());
  file.PcapHeader().PcapFrame(100, 7, 60, 90);
  const absl::StatusOr<Capture> capture = ParseCapture(file.bytes);
  ASSERT_TRUE(capture.ok()) << capture.status();
  ASSERT_THAT(capture->packets, SizeIs(1));
  EXPECT_EQ(capture->packets[0].at, 100s + 7us);
  EXPECT_THAT(capture->packets[0].bytes, SizeIs(60));
  EXPECT_EQ(capture->packets[0].original_length, 90u);
}

TEST_P(BothOrders, PcapOfNanoseconds) {
  CaptureFile file(GetParam());
  file.PcapHeader(0xa1b23c4d).PcapFrame(100, 7, 0, 0);
  EXPECT_EQ(ParseCapture(file.bytes)->packets.at(0).at, 100s + 7ns);
}

TEST_P(BothOrders, PcapngWithResolutionAndOffset) {
  CaptureFile file(GetParam());
  file.Section().Interface().NamedInterface(9).NamedInterface(0x80 | 10);
  file.Packet(0, 0, 5'000'001, 61).Packet(1, 0, 1'000'000'001, 60).Packet(2, 0, 512, 60);
  const absl::StatusOr<Capture> capture = ParseCapture(file.bytes);
  ASSERT_TRUE(capture.ok()) << capture.status();
  EXPECT_THAT(capture->interfaces, testing::ElementsAre("", "lan", "lan"));
  ASSERT_THAT(capture->packets, SizeIs(3));
  EXPECT_EQ(capture->packets[0].at, 5s + 1us);
  EXPECT_EQ(capture->packets[1].at, 10s + 500ms);
  EXPECT_EQ(capture->packets[2].at, 11s + 1ns);
  EXPECT_EQ(capture->packets[2].interface, 1u);
}

TEST_P(BothOrders, ASecondSectionHasInterfacesOfItsOwn) {
  CaptureFile file(GetParam());
  file.Section().Interface().Packet(0, 0, 2, 60).Section().Interface().Packet(0, 0, 1, 60);
  const absl::StatusOr<Capture> capture = ParseCapture(file.bytes);
  ASSERT_TRUE(capture.ok()) << capture.status();
  EXPECT_EQ(capture->packets.at(0).interface, 1u) << "sorted by time";
  EXPECT_THAT(capture->interfaces, SizeIs(2));
}

TEST(CaptureReaderTest, EveryFaultNamesItsByte) {
  const auto pcapng = [] { return CaptureFile().Section().Interface(); };
  EXPECT_EQ(CaptureFile().Fault(), "byte 0: the file is too short for a capture");
  EXPECT_EQ(CaptureFile().Words({1, 2, 3, 4}).Fault(), "byte 0: neither pcap nor pcapng");
  EXPECT_EQ(CaptureFile().Word(0x00088b1f).Fault(), "byte 0: a compressed file: gunzip it first");
  EXPECT_EQ(CaptureFile().Word(0xa1b2c3d4).Fault(), "byte 4: the header of the pcap file is cut short");
  EXPECT_THAT(CaptureFile().PcapHeader(0xa1b2c3d4, 113).Fault(), HasSubstr("byte 20: link type 113 (a capture on"));
  EXPECT_THAT(CaptureFile().PcapHeader(0xa1b2c3d4, 101).Fault(), HasSubstr("link type 101: must be 1, Ethernet"));
  EXPECT_EQ(CaptureFile().PcapHeader().Words({1, 2, 3}).Fault(), "byte 24: the header of the last frame is cut short");
  EXPECT_EQ(CaptureFile().PcapHeader().Words({1, 2, 3, 3}).Fault(), "byte 24: the last frame is cut short");
  EXPECT_THAT(CaptureFile().PcapHeader().Words({1, 2, 262145, 3}).Fault(), HasSubstr("byte 32: a frame of 262145"));
  EXPECT_THAT(pcapng().Packet(1, 0, 0, 60).Fault(), HasSubstr("byte 56: a frame of interface 1, which"));
  EXPECT_THAT(CaptureFile().Section().Interface(113).Fault(), HasSubstr("byte 36: link type 113"));
  EXPECT_THAT(pcapng().Words({3, 16, 0, 16}).Fault(), HasSubstr("byte 48: a Simple Packet Block"));
  EXPECT_THAT(pcapng().Words({7, 13, 0}).Fault(), HasSubstr("byte 52: a block of 13 bytes"));
  EXPECT_THAT(pcapng().Words({6, 16, 0, 16}).Fault(), HasSubstr("byte 48: a packet block that is too short"));
  EXPECT_THAT(pcapng().Packet(0, UINT32_MAX, 0, 60).Fault(), HasSubstr("is not in the years 1970 to 2096"));
  EXPECT_THAT(CaptureFile().PcapHeader().PcapFrame(4'000'000'001, 0, 0, 0).Fault(),
              HasSubstr("byte 24: the time of a frame is not in the years 1970 to 2096"));
  EXPECT_THAT(CaptureFile().Section().NamedInterface(0).Packet(0, 0, 3'999'999'995, 60).Fault(),
              HasSubstr("is not in the years 1970 to 2096"));
  EXPECT_THAT(CaptureFile().Section().NamedInterface(12).Fault(), HasSubstr("a time resolution above a nanosecond"));
  EXPECT_THAT(CaptureFile().Words({0x0a0d0d0a, 28, 0x12345678, 1, 0, 0, 28}).Fault(), HasSubstr("has no byte order"));
}

// A frame whose length says more than its block holds.
TEST(CaptureReaderTest, AFrameThatIsLongerThanItsBlockIsAFault) {
  CaptureFile file;
  file.Section().Interface().Packet(0, 0, 0, 60);
  file.bytes[48 + 20] = 200;
  EXPECT_THAT(file.Fault(), HasSubstr("byte 68: a frame of 200 bytes in a block of 92"));
}

TEST(CaptureReaderTest, UnknownBlocksAreSkipped) {
  CaptureFile file;
  file.Section().Interface().Words({0xbad, 16, 1, 16}).Packet(0, 0, 0, 60);
  EXPECT_THAT(ParseCapture(file.bytes)->packets, SizeIs(1));
}

TEST(CaptureReaderTest, EveryTruncationIsAFaultOrEndsBehindABlock) {
  CaptureFile pcapng;
  pcapng.Section().NamedInterface(9).Packet(0, 0, 5, 60).Packet(0, 0, 6, 61);
  for (const std::vector<uint8_t>& whole : {FileBytes("ah-mcast-1vip.pcap"), pcapng.bytes}) {
    size_t good = 0;
    for (size_t length = 0; length <= whole.size(); ++length) {
      const std::vector<uint8_t> part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      good += ParseCapture(part).ok() ? 1 : 0;
    }
    const size_t frames = ParseCapture(whole)->packets.size();
    EXPECT_GE(good, frames + 1);
    EXPECT_LE(good, frames + 3);  // behind the headers too
  }
}

TEST(CaptureReaderTest, ChangedBytesNeverLeadOutsideTheFile) {
  CaptureFile pcapng;
  pcapng.Section().NamedInterface(9).Packet(0, 0, 5, 60).Packet(0, 0, 6, 61);
  for (const std::vector<uint8_t>& whole : {FileBytes("v3-ipv6.pcap"), pcapng.bytes}) {
    for (size_t at = 0; at < std::min<size_t>(whole.size(), 400); ++at) {
      for (const uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        std::vector<uint8_t> changed = whole;
        changed[at] = value;
        const absl::StatusOr<Capture> capture = ParseCapture(changed);
        if (!capture.ok()) continue;
        for (const CapturePacket& packet : capture->packets) {
          EXPECT_LE(packet.bytes.size(), changed.size());
          EXPECT_LT(packet.interface, capture->interfaces.size());
          EXPECT_GE(packet.at, 0ns);
        }
      }
    }
  }
}

}  // namespace
}  // namespace dpvrrp
