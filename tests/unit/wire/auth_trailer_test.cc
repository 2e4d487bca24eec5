// SPDX-License-Identifier: BSD-3-Clause
#include "wire/auth_trailer.h"

#include <gtest/gtest.h>

#include <vector>

namespace dpvrrp {
namespace {

using std::chrono::seconds;

constexpr uint64_t At(uint32_t second, uint16_t fraction = 0, uint16_t counter = 0) {
  return uint64_t{second} << 32 | uint64_t{fraction} << 16 | counter;
}

// VRRPv3 with `addresses` of the family, and so many bytes behind.
std::vector<uint8_t> Payload(uint8_t version, uint8_t addresses, size_t bytes) {
  std::vector<uint8_t> payload(bytes);
  payload[0] = static_cast<uint8_t>(version << 4 | 1);
  payload[3] = addresses;
  return payload;
}

TEST(AuthTrailerTest, IsKnownByTheLengthAlone) {
  EXPECT_TRUE(HasAuthTrailer(Family::kIpv4, Payload(3, 1, 12 + 28)));
  EXPECT_TRUE(HasAuthTrailer(Family::kIpv4, Payload(2, 1, 20 + 28)));
  EXPECT_TRUE(HasAuthTrailer(Family::kIpv6, Payload(3, 2, 40 + 28)));
  for (const size_t bytes : {12u, 12u + 27, 12u + 29, 12u + 56, 20u + 28}) {
    EXPECT_FALSE(HasAuthTrailer(Family::kIpv4, Payload(3, 1, bytes))) << bytes;
  }
  EXPECT_FALSE(HasAuthTrailer(Family::kIpv6, Payload(2, 2, 48 + 28))) << "VRRPv2 has no IPv6";
  EXPECT_FALSE(HasAuthTrailer(Family::kIpv4, Payload(4, 1, 12 + 28)));
  EXPECT_FALSE(HasAuthTrailer(Family::kIpv4, std::vector<uint8_t>{0x31, 1, 1})) << "too short to tell";
}

TEST(AuthTrailerTest, TheNumberIsTimeAndCounter) {
  AuthTrailer trailer{};
  trailer.set_number(0x6b02'c7dd'fde9'0003);
  EXPECT_EQ(trailer.seconds.host(), 0x6b02c7ddu);
  EXPECT_EQ(trailer.fraction.host(), 0xfde9);
  EXPECT_EQ(trailer.counter.host(), 3);
  EXPECT_EQ(trailer.number(), 0x6b02'c7dd'fde9'0003u);
}

TEST(AuthTrailerTest, TheClockIsCutToFractionsOf65536) {
  EXPECT_EQ(TrailerNumberAt(seconds(1'795'344'349)), At(1'795'344'349));
  EXPECT_EQ(TrailerNumberAt(seconds(5) + Nanoseconds(500'000'000)), At(5, 0x8000));
  EXPECT_EQ(TrailerNumberAt(seconds(5) + Nanoseconds(15'258)), At(5, 0));
  EXPECT_EQ(TrailerNumberAt(seconds(5) + Nanoseconds(15'259)), At(5, 1));
  EXPECT_EQ(TrailerNumberAt(seconds(5) + Nanoseconds(999'999'999)), At(5, 0xffff));
  EXPECT_EQ(TrailerNumberAt(seconds((int64_t{1} << 32) + 7)), At(7)) << "the low 32 bits";
  EXPECT_NE(TrailerNumberAt(seconds(0)), 0u);
}

TEST(AuthTrailerTest, TheOrderGoesRoundIn2106) {
  EXPECT_TRUE(IsLater(At(5, 0, 1), At(5)));
  EXPECT_FALSE(IsLater(At(5), At(5)));
  EXPECT_FALSE(IsLater(At(4, 0xffff, 0xffff), At(5)));
  EXPECT_TRUE(IsLater(At(3), At(0xffff'fffe)));
  EXPECT_FALSE(IsLater(At(0xffff'fffe), At(3)));
}

TEST(AuthTrailerTest, ADistanceHasNoDirection) {
  EXPECT_EQ(SecondsApart(At(10, 0xffff), At(5)), 5u);
  EXPECT_EQ(SecondsApart(At(5), At(10, 0xffff)), 5u);
  EXPECT_EQ(SecondsApart(At(2), At(0xffff'ffff)), 3u);
  EXPECT_EQ(SecondsApart(At(0xffff'ffff), At(2)), 3u);
}

TEST(NextTrailerNumberTest, FollowsTheClock) {
  EXPECT_EQ(NextTrailerNumber(0, At(100), 5), At(100));
  EXPECT_EQ(NextTrailerNumber(At(99, 5, 7), At(100), 5), At(100));
  EXPECT_EQ(NextTrailerNumber(At(0xffff'ffff), At(1), 5), At(1));
}

TEST(NextTrailerNumberTest, CountsWhereTheClockHasNotMoved) {
  EXPECT_EQ(NextTrailerNumber(At(100), At(100), 5), At(100, 0, 1));
  EXPECT_EQ(NextTrailerNumber(At(100, 3, 0xffff), At(100, 3), 5), At(100, 4, 0)) << "and carries into the time";
  EXPECT_EQ(NextTrailerNumber(At(100, 0xffff, 0xffff), At(100, 3), 5), At(101));
}

// keepalived.md 2.4: the number continues as long as peers would not refuse it as stale.
TEST(NextTrailerNumberTest, AClockThatIsPutBackFarIsFollowedInTimeMode) {
  EXPECT_EQ(NextTrailerNumber(At(105), At(100), 5), At(105, 0, 1));
  EXPECT_EQ(NextTrailerNumber(At(106), At(100), 5), At(100));
  EXPECT_EQ(NextTrailerNumber(At(106), At(100), 0), At(106, 0, 1)) << "monotonic: never back";
}

TEST(NextTrailerNumberTest, GoesOnWithoutAClock) {
  EXPECT_EQ(NextTrailerNumber(At(106), 0, 5), At(106, 0, 1));
  EXPECT_EQ(NextTrailerNumber(0, 0, 5), 1u);
  EXPECT_EQ(NextTrailerNumber(~uint64_t{0}, 0, 0), 1u) << "0 is none";
}

}  // namespace
}  // namespace dpvrrp
