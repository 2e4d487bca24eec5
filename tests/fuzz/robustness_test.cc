// SPDX-License-Identifier: BSD-3-Clause
//
// Frames that no host sends. Each lies in a buffer of exactly its length, so AddressSanitizer detects a read beyond it.
// No frame may change an instance with AH unless it is authentic.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "fuzz/shard_world.h"
#include "support/captures.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

// One frame of each length and instance of every capture: adverts, resignations, and the other frames on the wire.
std::vector<Bytes> Seeds() {
  std::vector<Bytes> seeds;
  std::set<std::pair<size_t, int>> seen;
  for (const char* file : {"ah-mcast-1vip.pcap", "ah-mcast-20vip.pcap", "ah-vmac.pcap", "pass.pcap", "v2-noauth.pcap",
                           "prio0-shutdown-and-takeover.pcap", "ah-owner-restart.pcap"}) {
    for (const CapturedFrame& frame : ReadCapture(file)) {
      const int ether_and_protocol = frame.bytes[12] << 8 | frame.bytes[23];
      if (seen.insert({frame.bytes.size(), ether_and_protocol}).second) seeds.push_back(frame.bytes);
    }
  }
  return seeds;
}

// AH adverts that would be accepted unchanged, each authentic once.
std::vector<Bytes> AuthenticSeeds() {
  std::vector<Bytes> seeds;
  for (const Bytes& seed : Seeds()) {
    if (IsVrrpFrame(seed) && seed[23] == 51) seeds.push_back(seed);
  }
  AdvertFrame sha{
      .key = Bytes(32, 0x5a), .algorithm = MacAlgorithm::kHmacSha256_128, .rule = IcvRule::kRfc4302, .vrid = 60};
  sha.addresses = {Ip("10.99.0.160")};
  seeds.push_back(sha.Build());
  return seeds;
}

// Where a changed bit changes nothing that is covered, or where it makes another frame of it: see AH-19.
bool MayStayAuthentic(size_t byte) {
  return byte < 14 ||     // Ethernet: MAC addresses
         byte == 14 + 1;  // DSCP and ECN
}

TEST(RobustnessTest, EveryLengthOfNoise) {
  std::mt19937 random(7);
  ShardWorld world;
  const std::string before = world.State();
  for (int round = 0; round < 20; ++round) {
    for (size_t length = 0; length <= 200; ++length) {
      Bytes frame(length);
      for (uint8_t& byte : frame) byte = static_cast<uint8_t>(random());
      if (round % 2 == 1 && length >= 14) frame[12] = 0x08, frame[13] = 0x00;
      EXPECT_NE(world.Receive(frame), DropReason::kNone);
    }
  }
  EXPECT_EQ(world.State(), before);
}

TEST(RobustnessTest, EveryLengthOfEveryCapturedFrame) {
  for (const Bytes& seed : Seeds()) {
    ShardWorld world;
    const std::string before = world.State();
    for (size_t length = 0; length < seed.size(); ++length) {
      const Bytes cut(seed.begin(), seed.begin() + static_cast<ptrdiff_t>(length));
      ASSERT_NE(world.Receive(cut), DropReason::kNone) << length;
    }
    ASSERT_EQ(world.State(), before);
    Bytes longer = seed;
    for (size_t extra = 1; extra <= 200 && IsVrrpFrame(seed); ++extra) {
      longer.push_back(0xa5);  // padding: the first is taken, with AH the rest are replays
      const DropReason reason = world.Receive(longer);
      const bool ah = seed[23] == 51;
      ASSERT_EQ(reason, ah && extra > 1 ? DropReason::kReplayed : DropReason::kNone)
          << extra << " " << ToString(reason);
    }
  }
}

// An IPv4 header checksum is not covered by the ICV but must be right, so a single flipped bit anywhere in IPv4 is
// found.
TEST(RobustnessTest, EverySingleBitOfAuthenticFrames) {
  for (const Bytes& seed : AuthenticSeeds()) {
    ShardWorld world;
    const std::string before = world.State();
    for (size_t bit = 14 * 8; bit < seed.size() * 8; ++bit) {
      Bytes frame = seed;
      frame[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      ASSERT_NE(world.Receive(frame), DropReason::kNone) << "bit " << bit << " of " << ToHex(seed);
      ASSERT_EQ(world.State(), before) << "bit " << bit << " of " << ToHex(seed);
    }
  }
}

// The same with the header checksum put right behind the damage, so that it reaches the AH and the ICV.
TEST(RobustnessTest, EverySingleBitWithTheHeaderChecksumRepaired) {
  for (const Bytes& seed : AuthenticSeeds()) {
    ShardWorld world;
    const std::string before = world.State();
    for (size_t bit = 14 * 8; bit < seed.size() * 8; ++bit) {
      const size_t byte = bit / 8;
      if (MayStayAuthentic(byte) || byte == 24 || byte == 25) continue;
      if (byte == 20 && bit % 8 >= 6) continue;  // reserved flag and "don't fragment": mutable
      Bytes frame = seed;
      frame[byte] ^= static_cast<uint8_t>(1 << bit % 8);
      RepairIpChecksum(frame);
      ASSERT_NE(world.Receive(frame), DropReason::kNone) << "bit " << bit << " of " << ToHex(seed);
      ASSERT_EQ(world.State(), before) << "bit " << bit << " of " << ToHex(seed);
    }
    EXPECT_EQ(world.Receive(seed), DropReason::kNone);  // it was good all the time
  }
}

TEST(RobustnessTest, TwoHundredThousandDamagedFrames) {
  std::mt19937 random(11);
  const std::vector<Bytes> seeds = Seeds();
  ShardWorld world;
  std::string before = world.AuthenticatedState();
  for (int i = 0; i < 200000; ++i) {
    Bytes frame = seeds[random() % seeds.size()];
    const size_t damages = 1 + random() % 8;
    for (size_t d = 0; d < damages; ++d) {
      switch (random() % 4) {
        case 0:
          frame.resize(random() % (frame.size() + 60));
          break;
        case 1:
          if (!frame.empty()) frame[random() % frame.size()] = static_cast<uint8_t>(random());
          break;
        default:
          if (frame.size() > 14) frame[14 + random() % (frame.size() - 14)] ^= static_cast<uint8_t>(1u << random() % 8);
          break;
      }
      if (frame.empty()) frame.resize(1);
    }
    if (frame.size() >= 34 && random() % 2 == 0) RepairIpChecksum(frame);  // lets it pass the header checksum
    const bool accepted = world.Receive(frame) == DropReason::kNone;
    const bool compare = accepted || i % 64 == 0;
    if (!compare) continue;
    const std::string after = world.AuthenticatedState();
    if (after != before) {  // then the ICV must have been right
      ASSERT_TRUE(accepted);
      ASSERT_EQ(frame[23], 51);
      const size_t length = static_cast<size_t>(frame[16] << 8 | frame[17]);
      const Bytes packet(frame.begin() + 14, frame.begin() + 14 + static_cast<ptrdiff_t>(length));
      const Bytes key = packet[20 + 24 + 1] == 51 ? KeepalivedKey("s3cr3t") : KeepalivedKey("longerthan8chars");
      ASSERT_EQ(ToHex(std::span(packet).subspan(32, 12)),
                ToHex(ReferenceIcv(packet, key, MacAlgorithm::kHmacMd5_96, IcvRule::kKeepalived)));
      before = after;
    }
  }
  EXPECT_GT(world.shard().drops(DropReason::kBadIcv), 1000u);  // the damage did reach it
  EXPECT_GT(world.shard().drops(DropReason::kBadLength), 100u);
  EXPECT_GT(world.shard().drops(DropReason::kTruncated), 1000u);
}

}  // namespace
}  // namespace dpvrrp
