// SPDX-License-Identifier: BSD-3-Clause
#include "gen/stream.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "traffic/advert_frame.h"
#include "unit/gen/gen_testing.h"
#include "wire/arp.h"

namespace dpvrrp {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr char kWhere[] = "source_address = \"10.99.0.1\"\nvirtual_addresses = [\"10.99.0.100\"]\n";
constexpr char kWhereV6[] = "source_address = \"fe80::1\"\nvirtual_addresses = [\"fe80::100\"]\n";

// The priority in an advert of VRRPv2 or VRRPv3 over IPv4, without AH and tags.
uint8_t PriorityOf(const Bytes& frame) { return frame.at(14 + 20 + 2); }
uint8_t VridOf(const Bytes& frame) { return frame.at(14 + 20 + 1); }

// The bytes of every copy are those that AdvertFrame writes for its number, with every algorithm.
TEST(GenStreamTest, SignsAsTheWriterOfTestFramesDoes) {
  for (const MacAlgorithmInfo& info : AllMacAlgorithms()) {
    for (const bool v4 : {true, false}) {
      std::string hex;
      for (size_t i = 0; i < info.key_bytes; ++i) absl::StrAppend(&hex, absl::Hex(i * 7 + 3, absl::kZeroPad2));
      hex.resize(2 * info.key_bytes);
      TestRun run(absl::StrCat("kind = \"valid\"\nvrid = 51\nversion = 3\nsequence = 4711\n",
                               "authentication = { type = \"ah\", algorithm = \"", info.name,
                               "\", icv_rule = \"rfc4302\", spi = 4096, key_hex = \"", hex, "\" }\n",
                               v4 ? kWhere : kWhereV6));
      const std::vector<Bytes> frames = run.At(2ms);
      ASSERT_THAT(frames, SizeIs(3)) << info.name;
      AdvertFrame expected = ValidAdvert(run.profile.streams[0], run.profile.streams[0].routers[0], kGenPortMac);
      for (uint32_t i = 0; i < frames.size(); ++i) {
        expected.sequence = 4711 + i;
        EXPECT_EQ(frames[i], expected.Build()) << info.name << " over " << (v4 ? "IPv4" : "IPv6") << ", copy " << i;
      }
    }
  }
}

TEST(GenStreamTest, SignsTrailersOfBothFamilies) {
  for (const bool v4 : {true, false}) {
    TestRun run(absl::StrCat("kind = \"valid\"\nvrid = 51\nversion = 3\n",
                             "authentication = { type = \"auth-hmac\", key = \"0123456789abcdef0123456789abcdef\" }\n",
                             v4 ? kWhere : kWhereV6));
    const std::vector<Bytes> frames = run.At(1ms);
    ASSERT_THAT(frames, SizeIs(2));
    AdvertFrame expected = ValidAdvert(run.profile.streams[0], run.profile.streams[0].routers[0], kGenPortMac);
    expected.trailer_number = TrailerNumberAt(kGenUtc + 1ms);
    EXPECT_EQ(frames[0], expected.Build());
    ++expected.trailer_number;  // the same time
    EXPECT_EQ(frames[1], expected.Build());
  }
}

TEST(GenStreamTest, MastersSpreadOverTheInterval) {
  TestRun run(absl::StrCat("kind = \"master\"\nvrid = \"1-4\"\n", kWhere));
  ASSERT_THAT(run.At(0ns), SizeIs(1));
  EXPECT_THAT(run.At(249ms), IsEmpty());
  EXPECT_EQ(run.run->NextDue(), kTestStart + 250ms);
  const std::vector<Bytes> second = run.At(250ms);
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(VridOf(second[0]), 2);
  EXPECT_THAT(run.At(999ms), SizeIs(2));
  const std::vector<Bytes> again = run.At(1s);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(VridOf(again[0]), 1);
}

TEST(GenStreamTest, FallsSilentAndResumes) {
  TestRun run(absl::StrCat("kind = \"master\"\nvrid = 1\nsilent_at = 3\nresume_at = 7\n", kWhere));
  for (int second = 0; second < 3; ++second) EXPECT_THAT(run.At(std::chrono::seconds(second)), SizeIs(1));
  EXPECT_THAT(run.At(3s), IsEmpty());
  EXPECT_EQ(run.run->NextDue(), kTestStart + 7s);
  EXPECT_THAT(run.At(6s), IsEmpty());
  EXPECT_THAT(run.At(7s), SizeIs(1));
  EXPECT_THAT(run.At(8s), SizeIs(1));
}

TEST(GenStreamTest, ResignsOnceWithPriority0) {
  TestRun run(absl::StrCat("kind = \"master\"\nvrid = \"1-2\"\nresign_at = 1\n", kWhere));
  EXPECT_THAT(run.At(0ms), SizeIs(1));
  EXPECT_THAT(run.At(500ms), SizeIs(1));
  const std::vector<Bytes> last = run.At(1s);
  ASSERT_THAT(last, SizeIs(2));
  for (const Bytes& frame : last) EXPECT_EQ(PriorityOf(frame), 0);
  EXPECT_TRUE(run.run->written()[0].resigns);
  EXPECT_THAT(run.At(2s), IsEmpty());
  EXPECT_EQ(run.run->NextDue(), kNever);
}

TEST(GenStreamTest, SendsItsRateAndEndsAfterItsFrames) {
  TestRun run(absl::StrCat("kind = \"ttl\"\nvrid = 1\nrate = 100\nframes = 15\n", kWhere));
  size_t sent = 0;
  for (int ms = 0; ms <= 90; ++ms) sent += run.At(std::chrono::milliseconds(ms)).size();
  EXPECT_EQ(sent, 10u);
  for (int ms = 91; ms <= 1000; ++ms) sent += run.At(std::chrono::milliseconds(ms)).size();
  EXPECT_EQ(sent, 15u);
  EXPECT_EQ(run.run->NextDue(), kNever);
}

TEST(GenStreamTest, LeavesOutWhatIsTooLateAfterAPause) {
  TestRun run(absl::StrCat("kind = \"ttl\"\nvrid = 1\nrate = 1000\n", kWhere));
  EXPECT_THAT(run.At(0ms), SizeIs(1));
  size_t sent = 0;
  for (int burst = 0; burst < 20; ++burst) sent += run.At(5s).size();
  EXPECT_EQ(sent + run.run->skipped(), 5000u);
  EXPECT_EQ(sent, 100 + kMaxBurst);  // of the last 100 ms, and a burst
}

TEST(GenStreamTest, FillsBurstsWithoutARate) {
  TestRun run(absl::StrCat("kind = \"ttl\"\nvrid = 1\nrate = 0\nframes = 100\n", kWhere));
  EXPECT_THAT(run.At(0ms), SizeIs(kMaxBurst));
  EXPECT_THAT(run.At(0ms), SizeIs(100 - kMaxBurst));
  EXPECT_THAT(run.At(0ms), IsEmpty());
}

TEST(GenStreamTest, AsksForEachVirtualAddress) {
  TestRun run(
      "kind = \"question\"\nvrid = 1\nrate = 1000\nsource_address = \"10.99.0.9\"\n"
      "virtual_addresses = [\"10.99.0.100\", \"10.99.0.101\"]\n");
  const std::vector<Bytes> frames = run.At(1ms);
  ASSERT_THAT(frames, SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    const ArpPacket* arp = ParseArp(std::span(frames[i]).subspan(14));
    ASSERT_NE(arp, nullptr);
    EXPECT_EQ(arp->sender(), Ip("10.99.0.9"));
    EXPECT_EQ(arp->target(), IpAddress::V4(Ip("10.99.0.100").v4() + static_cast<uint32_t>(i)));
  }
}

TEST(GenStreamTest, CountsAhNumbersFromUtcOrAsGiven) {
  const std::string ah = absl::StrCat("vrid = 1\nauthentication = { type = \"ah\", key = \"s3cr3t\" }\n", kWhere);
  const auto first_number = [](const std::string& lines) {
    TestRun run(lines);
    const Bytes frame = run.At(0ms).at(0);
    Be32 number;
    std::memcpy(&number, &frame.at(14 + 20 + 8), sizeof number);
    return number.host();
  };
  EXPECT_EQ(first_number("kind = \"valid\"\n" + ah), 0x6b000000u);
  EXPECT_EQ(first_number("kind = \"valid\"\nsequence = 9\n" + ah), 9u);
  EXPECT_EQ(first_number("kind = \"stale-gateway\"\n" + ah), 1u);
}

TEST(GenStreamTest, SourceMacIsThePortsTheVirtualOneOrAsGiven) {
  const auto mac = [](const std::string& line) {
    TestRun run(absl::StrCat("kind = \"valid\"\nvrid = 51\n", line, kWhere));
    const Bytes frame = run.At(0ms).at(0);
    return MacAddress{{frame[6], frame[7], frame[8], frame[9], frame[10], frame[11]}};
  };
  EXPECT_EQ(mac(""), kGenPortMac);
  EXPECT_EQ(mac("source_mac = \"virtual\"\n"), VirtualMac(Family::kIpv4, Vrid(51)));
  EXPECT_EQ(mac("source_mac = \"02:01:02:03:04:05\"\n"), (MacAddress{{2, 1, 2, 3, 4, 5}}));
}

}  // namespace
}  // namespace dpvrrp
