// SPDX-License-Identifier: BSD-3-Clause
//
// Group membership, over IPv4. unit/wire tests the bytes of reports; this file tests when which report is sent.
#include "pipeline/stand_in/membership.h"

#include <gtest/gtest.h>

#include "host_testing.h"
#include "traffic/host_frames.h"

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
    EXPECT_EQ(hex.substr(12, 12), Hex(kPortMac)) << "a backup must not send from the virtual MAC";
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
  void Query(uint8_t version, const char* group = "0.0.0.0", Nanoseconds max_response = 10s) {
    t_.ReceiveBurst({MembershipQuery({kHostMac, Ip("10.99.0.10")}, {version, Ip(group), max_response})});
  }

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
  t_.Apply(command::Remove{&first});
  EXPECT_THAT(Words(2s), IsEmpty());
  Query(3);
  EXPECT_THAT(Words(kMaxDelay + 1ms), ElementsAre("v3 2 e0000012")) << "the second instance answers now";
  t_.Apply(command::Remove{&second});
  EXPECT_THAT(Words(2s), ElementsAre("v3 3 e0000012"));
}

// The first instance is removed before it has sent all its reports. The second sends the rest.
TEST_F(MembershipTest, PendingReportsOfTheFirstMemberAreSentByTheSecond) {
  VirtualRouter& first = Add(51);
  Add(52);
  EXPECT_THAT(Words(0s), SizeIs(1));
  t_.Apply(command::Remove{&first});
  EXPECT_THAT(Words(2s), ElementsAre("v3 4 e0000012"));
}

TEST_F(MembershipTest, AQueryIsAnsweredWithinItsTime) {
  Add(51);
  Add(52, "239.1.2.3");
  Words(2s);
  const Nanoseconds asked = t_.now - kTestStart;
  Query(3);
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
  Query(3, "239.1.2.3");
  EXPECT_THAT(Words(20s), ElementsAre("v3 2 ef010203"));
  Query(3, "239.1.2.4");
  EXPECT_THAT(Words(20s), IsEmpty());
}

TEST_F(MembershipTest, TwoQueriesAreAnsweredOnce) {
  Add(51);
  Words(2s);
  Query(3);
  Query(3, "224.0.0.18");
  EXPECT_THAT(Words(20s), SizeIs(1));
}

// Repeated queries for immediate answers must not cause a storm of reports.
TEST_F(MembershipTest, AFloodOfQueriesCausesNoFloodOfReports) {
  Add(51);
  Words(2s);
  size_t answers = 0;
  for (int i = 0; i < 100; ++i) {
    Query(3, "0.0.0.0", 0s);
    answers += Words(10ms).size();
  }
  EXPECT_GE(answers, 9u);
  EXPECT_LE(answers, 11u);
}

// RFC 3376 7.2.1, 8.12.
TEST_F(MembershipTest, AnIgmpV2QuerierHearsIgmpV2ForAWhile) {
  VirtualRouter& router = Add(51);
  Words(2s);
  Query(2);
  EXPECT_THAT(Words(20s), ElementsAre("v2 16 e0000012"));
  Add(52, "239.1.2.3");
  EXPECT_THAT(Words(2s), ElementsAre("v2 16 ef010203", "v2 16 ef010203")) << "new groups too";
  Query(3);
  EXPECT_THAT(Words(20s), testing::UnorderedElementsAre("v2 16 e0000012", "v2 16 ef010203"));
  t_.Apply(command::Remove{&router});
  EXPECT_THAT(Words(0s), ElementsAre("v2 17 e0000012"));
  Words(Membership::kOlderQuerierPresent);
  Query(3);
  EXPECT_THAT(Words(20s), ElementsAre("v3 2 ef010203"));
}

TEST_F(MembershipTest, APortThatIsUpAgainJoinsAgain) {
  Add(51);
  Words(2s);
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_THAT(Words(2s), IsEmpty()) << "the port cannot send";
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_THAT(Words(2s), ElementsAre("v3 4 e0000012", "v3 4 e0000012"));
}

// Each query may concern every instance of the segment.
TEST_F(MembershipTest, QueriesBeyondTheLimitAreNotParsed) {
  Add(51);
  Words(2s);
  for (int i = 0; i < 1000; ++i) Query(3, "239.1.2.4");
  EXPECT_EQ(t_.shard->counters().responder.limited.value(), 1000u - kQueriesPerSecond / 10);
  t_.now += 100ms;
  Query(3);
  EXPECT_THAT(Words(20s), SizeIs(1));
}

TEST_F(MembershipTest, EachSegmentHasItsOwnMembership) {
  Add(51);
  VirtualRouterConfig config = ResponderConfig();
  config.id = InstanceId(2);
  config.port = PortId(1);
  t_.Add(std::move(config));
  EXPECT_THAT(Words(2s), SizeIs(4));
  Query(3);  // on port 0
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
  t_.Apply(command::Takeover{&router});
  EXPECT_THAT(Words(2s), IsEmpty());
}

// Without a responder only the VRRP group is reported, on a port for which no kernel joins it.
class ReportsGroupTest : public MembershipTest {
 protected:
  VirtualRouter& AddReporter(bool reports = true) {
    VirtualRouterConfig config = ResponderConfig();
    config.responder = false;
    config.reports_group = reports;
    return t_.Add(std::move(config));
  }
};

TEST_F(ReportsGroupTest, ItIsReportedAndQueriesAreAnswered) {
  AddReporter();
  EXPECT_THAT(Words(60s), ElementsAre("v3 4 e0000012", "v3 4 e0000012"));
  Query(3);
  EXPECT_THAT(Words(11s), ElementsAre("v3 2 e0000012"));
}

TEST_F(ReportsGroupTest, NothingIsReportedIfTheKernelReports) {
  AddReporter(false);
  Query(3);
  EXPECT_THAT(Words(60s), IsEmpty());
}

TEST_F(ReportsGroupTest, HostsAreNotAnsweredNorCounted) {
  VirtualRouter& router = AddReporter();
  t_.Apply(command::Takeover{&router});
  t_.RunFor(5s);
  const uint64_t not_ours = t_.shard->counters().responder.not_ours.value();
  t_.ReceiveBurst({Arp(kBroadcastMac, 1, kHostMac, "10.99.0.10", MacAddress{}, "10.99.0.100")});
  EXPECT_EQ(t_.shard->counters().responder.arp_replies.value(), 0u);
  EXPECT_EQ(t_.shard->counters().responder.not_ours.value(), not_ours);
}

}  // namespace
}  // namespace dpvrrp
