// SPDX-License-Identifier: BSD-3-Clause
//
// Group membership, over IPv4. The bytes of reports are tested in unit/wire; here it is when and which.
#include "pipeline/membership.h"

#include <gtest/gtest.h>

#include "host_testing.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Nanoseconds kMaxDelay = 10s;

class MembershipTest : public testing::Test {
 protected:
  struct Seen {
    Nanoseconds after;
    std::string what;  // "v3 4 e0000012": version, record type, group
  };

  static std::string What(const Bytes& frame) {
    const std::string hex = ToHex(frame);
    if (hex.substr(24, 4) != "0800" || hex.substr(28 + 18, 2) != "02") return "";
    EXPECT_EQ(frame[22], 1) << "TTL";
    EXPECT_EQ(hex.substr(12, 12), Hex(kPortMac)) << "a backup must not be heard with the virtual MAC";
    const std::string message = hex.substr(28 + 48);
    if (message.substr(0, 2) == "22") return "v3 " + message.substr(17, 1) + " " + message.substr(24, 8);
    return "v2 " + message.substr(0, 2) + " " + message.substr(8, 8);
  }
  std::vector<Seen> Reports(Nanoseconds time) {
    std::vector<Seen> out;
    for (const Sent& sent : t_.RunFor(time)) {
      const std::string what = What(sent.frame);
      if (!what.empty()) out.push_back({sent.after(), what});
    }
    return out;
  }
  std::vector<std::string> Words(Nanoseconds time) {
    std::vector<std::string> out;
    for (const Seen& seen : Reports(time)) out.push_back(seen.what);
    return out;
  }
  VirtualRouter& Add(uint8_t vrid, const char* group = nullptr) {
    VirtualRouterConfig config = ResponderConfig();
    config.id = InstanceId(vrid);
    config.vrid = Vrid(vrid);
    config.addresses = {IpAddress::V4(0x0a640000u + vrid)};
    if (group != nullptr) config.group = Ip(group);
    return t_.Add(std::move(config));
  }
  void Query(const std::string& message, const char* to = "224.0.0.1") {
    t_.ReceiveBurst({FromHex(Ethernet(MacAddress{{0x01, 0, 0x5e, 0, 0, 1}}, kHostMac, "0800") +
                             Ipv4("10.99.0.10", to, 2, Summed(message, 1), 1))});
  }
  void QueryV3(const std::string& group = "00000000") { Query("11640000" + group + "027d0000"); }
  void QueryV2(const std::string& group = "00000000") { Query("11640000" + group); }

  TestShard t_;
};

TEST_F(MembershipTest, AJoinIsReportedTwice) {
  Add(51);
  const std::vector<Seen> reports = Reports(10s);
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[0].what, "v3 4 e0000012");
  EXPECT_EQ(reports[0].after, 0s);
  EXPECT_EQ(reports[1].what, "v3 4 e0000012");
  EXPECT_GT(reports[1].after, 0s);
  EXPECT_LE(reports[1].after, Membership::kUnsolicitedInterval + kTimerTick);
}

TEST_F(MembershipTest, AGroupIsJoinedByTheFirstAndLeftByTheLast) {
  VirtualRouter& first = Add(51);
  Words(2s);
  VirtualRouter& second = Add(52);
  EXPECT_THAT(Words(2s), IsEmpty());
  t_.Apply(ShardCommand::Kind::kRemove, first);
  EXPECT_THAT(Words(2s), IsEmpty());
  QueryV3();
  EXPECT_THAT(Words(kMaxDelay + 1ms), ElementsAre("v3 2 e0000012")) << "the second answers now";
  t_.Apply(ShardCommand::Kind::kRemove, second);
  EXPECT_THAT(Words(2s), ElementsAre("v3 3 e0000012"));
}

// The first goes before it has said everything: the second says the rest.
TEST_F(MembershipTest, WhatTheFirstHadToSayTheSecondSays) {
  VirtualRouter& first = Add(51);
  Add(52);
  EXPECT_THAT(Words(0s), SizeIs(1));
  t_.Apply(ShardCommand::Kind::kRemove, first);
  EXPECT_THAT(Words(2s), ElementsAre("v3 4 e0000012"));
}

TEST_F(MembershipTest, AQueryIsAnsweredWithinItsTime) {
  Add(51);
  Add(52, "239.1.2.3");
  Words(2s);
  const Nanoseconds asked = t_.now - kTestStart;
  QueryV3();
  const std::vector<Seen> reports = Reports(20s);
  ASSERT_THAT(reports, SizeIs(2));
  for (const Seen& seen : reports) {
    EXPECT_THAT(seen.what, testing::AnyOf("v3 2 e0000012", "v3 2 ef010203"));
    EXPECT_LE(seen.after - asked, kMaxDelay + kTimerTick);
    EXPECT_GT(seen.after, asked);
  }
  EXPECT_NE(reports[0].what, reports[1].what);
  EXPECT_NE(reports[0].after, reports[1].after) << "spread";
}

TEST_F(MembershipTest, AQueryForAGroupIsAnsweredByItsMembers) {
  Add(51);
  Add(52, "239.1.2.3");
  Words(2s);
  QueryV3("ef010203");
  EXPECT_THAT(Words(20s), ElementsAre("v3 2 ef010203"));
  QueryV3("ef010204");
  EXPECT_THAT(Words(20s), IsEmpty());
}

TEST_F(MembershipTest, TwoQueriesAreAnsweredOnce) {
  Add(51);
  Words(2s);
  QueryV3();
  QueryV3("e0000012");
  EXPECT_THAT(Words(20s), SizeIs(1));
}

// Whoever asks for answers at once, over and over, must not make a storm of them.
TEST_F(MembershipTest, AFloodOfQueriesIsNotAnsweredByOne) {
  Add(51);
  Words(2s);
  size_t answers = 0;
  for (int i = 0; i < 100; ++i) {
    Query("1100000000000000027d0000");
    answers += Words(10ms).size();
  }
  EXPECT_GE(answers, 9u);
  EXPECT_LE(answers, 11u);
}

// RFC 3376 7.2.1, 8.12.
TEST_F(MembershipTest, AnIgmpV2QuerierHearsIgmpV2ForAWhile) {
  VirtualRouter& router = Add(51);
  Words(2s);
  QueryV2();
  EXPECT_THAT(Words(20s), ElementsAre("v2 16 e0000012"));
  Add(52, "239.1.2.3");
  EXPECT_THAT(Words(2s), ElementsAre("v2 16 ef010203", "v2 16 ef010203")) << "new groups too";
  QueryV3();
  EXPECT_THAT(Words(20s), testing::UnorderedElementsAre("v2 16 e0000012", "v2 16 ef010203"));
  t_.Apply(ShardCommand::Kind::kRemove, router);
  EXPECT_THAT(Words(0s), ElementsAre("v2 17 e0000012"));
  Words(Membership::kOlderQuerierPresent);
  QueryV3();
  EXPECT_THAT(Words(20s), ElementsAre("v3 2 ef010203"));
}

TEST_F(MembershipTest, APortThatComesBackJoinsAgain) {
  Add(51);
  Words(2s);
  t_.SetPort(ShardCommand::Kind::kPortDown, PortId(0));
  EXPECT_THAT(Words(2s), IsEmpty()) << "nothing can be sent";
  t_.SetPort(ShardCommand::Kind::kPortUp, PortId(0));
  EXPECT_THAT(Words(2s), ElementsAre("v3 4 e0000012", "v3 4 e0000012"));
}

// Each may concern every instance of the segment.
TEST_F(MembershipTest, AFloodOfQueriesIsNotLookedAt) {
  Add(51);
  Words(2s);
  for (int i = 0; i < 1000; ++i) QueryV3("ef010204");
  EXPECT_EQ(t_.shard->counters().responder.limited.value(), 1000u - kQueriesPerSecond / 10);
  t_.now += 100ms;
  QueryV3();
  EXPECT_THAT(Words(20s), SizeIs(1));
}

TEST_F(MembershipTest, SegmentsAreApart) {
  Add(51);
  VirtualRouterConfig config = ResponderConfig();
  config.id = InstanceId(2);
  config.port = PortId(1);
  t_.Add(std::move(config));
  EXPECT_THAT(Words(2s), SizeIs(4));
  QueryV3();  // on port 0
  EXPECT_THAT(Words(20s), SizeIs(1));
}

TEST_F(MembershipTest, UnicastInstancesAndThoseOfAKernelsPortJoinNothing) {
  VirtualRouterConfig config = ResponderConfig();
  config.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
  t_.Add(std::move(config));
  config = BackupConfig();
  config.id = InstanceId(2);
  config.vrid = Vrid(52);
  t_.Add(std::move(config));
  EXPECT_THAT(Words(5s), IsEmpty());
}

TEST_F(MembershipTest, MastershipChangesNothing) {
  VirtualRouter& router = Add(51);
  Words(2s);
  t_.Apply(ShardCommand::Kind::kTakeover, router);
  EXPECT_THAT(Words(2s), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
