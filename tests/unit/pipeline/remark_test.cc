// SPDX-License-Identifier: BSD-3-Clause
//
// Every remark: the advert is obeyed, and the remark is counted and reported.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

struct Remarkable {
  Remark remark;
  const char* name;
  void (*frame)(AdvertFrame&);  // the unusual property of the advert of 10.99.0.1 or fe80::1
  void (*router)(VirtualRouterConfig&) = nullptr;
  Family family = Family::kIpv4;

  friend void PrintTo(const Remarkable& r, std::ostream* out) { *out << ToString(r.remark) << ": " << r.name; }
};

#define WITH(statement) [](AdvertFrame& f) { statement; }
#define ROUTER(statement) [](VirtualRouterConfig& c) { statement; }

const std::vector<Remarkable>& AllRemarkables() {
  using R = Remark;
  static const std::vector<Remarkable> kAll = {
      {R::kIntervalDiffers, "50 cs", WITH(f.interval = 50)},
      {R::kIntervalDiffers, "4095 cs, IPv6", WITH(f.interval = 4095), nullptr, Family::kIpv6},
      {R::kAddressesDiffer, "another", WITH((f.addresses = {Ip("10.99.0.101")}))},
      {R::kAddressesDiffer, "one more", WITH(f.addresses.push_back(Ip("10.99.0.101")))},
      {R::kAddressesDiffer, "one less, IPv6", WITH(f.addresses.pop_back()), nullptr, Family::kIpv6},
      {R::kOtherChecksumRule, "RFC 9568's", WITH(f.checksum_rule = ChecksumRule::kRfc9568)},
      {R::kOtherChecksumRule, "RFC 5798's", WITH((void)f), ROUTER(c.checksum = ChecksumRule::kRfc9568)},
      {R::kEqualPriority, "100", WITH(f.priority = 100)},
      {R::kEqualPriority, "VRRPv2", WITH(f.priority = 100; f.version = 2),
       ROUTER(c.machine.version = VrrpVersion::kV2)},
      {R::kRivalOfOwner, "200", WITH(f.priority = 200), ROUTER(c.machine.priority = kPriorityOwner)},
  };
  return kAll;
}

AdvertFrame GoodFrame(Family family) {
  AdvertFrame frame{.version = 3};
  if (family == Family::kIpv4) return frame;
  frame.source = Ip("fe80::1");
  frame.addresses = {Ip("fe80::100"), Ip("2001:db8::100")};
  return frame;
}

class RemarkTest : public testing::TestWithParam<Remarkable> {
 protected:
  RemarkTest() {
    VirtualRouterConfig config = V3Config(GetParam().family);
    if (GetParam().router != nullptr) GetParam().router(config);
    router_ = &t_.Add(std::move(config));
    t_.RunFor(100ms);
    t_.Events();
  }

  DropReason ReceiveIt() {
    AdvertFrame frame = GoodFrame(GetParam().family);
    GetParam().frame(frame);
    return t_.Receive(frame.Build());
  }

  TestShard t_;
  VirtualRouter* router_;
};

// V3-104, V3-105: to be logged, not to be dropped.
TEST_P(RemarkTest, TheAdvertIsObeyedAndTheRemarkCounted) {
  const uint64_t received = router_->counters.adverts_received.value();
  EXPECT_EQ(ReceiveIt(), DropReason::kNone);
  EXPECT_EQ(router_->counters.adverts_received.value(), received + 1);
  EXPECT_EQ(router_->machine.master_heard, t_.now);
  for (const RemarkInfo& row : AllRemarks()) {
    EXPECT_EQ(RemarksOf(*router_, row.remark), row.remark == GetParam().remark ? 1u : 0u) << row.name;
  }
}

// Conditions of this kind last, so control is notified once an hour.
TEST_P(RemarkTest, ControlIsNotifiedOnceAnHour) {
  for (int i = 0; i < 3; ++i) ReceiveIt();
  std::vector<event::Remarked> events = Only<event::Remarked>(t_.Events());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].remark, GetParam().remark);
  EXPECT_EQ(events[0].frame.peer, GoodFrame(GetParam().family).source);
  EXPECT_EQ(events[0].frame.peer_mac, AdvertFrame{}.source_mac);
  EXPECT_EQ(events[0].count, 1u);
  t_.now += kRemarkInterval;
  ReceiveIt();
  events = Only<event::Remarked>(t_.Events());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].count, 4u);
}

INSTANTIATE_TEST_SUITE_P(All, RemarkTest, testing::ValuesIn(AllRemarkables()));

// Design 7: each remark needs a frame that causes it.
TEST(RemarkCoverageTest, EveryRemarkHasAFrameThatCausesIt) {
  for (const RemarkInfo& info : AllRemarks()) {
    if (info.remark == Remark::kClockDiffers) continue;  // needs a clock: auth_trailer_test.cc
    if (info.remark == Remark::kReadmitted) continue;    // needs a silence: readmission_test.cc
    const bool found = std::any_of(AllRemarkables().begin(), AllRemarkables().end(),
                                   [&](const Remarkable& r) { return r.remark == info.remark; });
    EXPECT_TRUE(found) << "no frame in this file causes " << info.name;
  }
}

TEST(RemarkCoverageTest, AnAdvertThatAgreesCausesNone) {
  for (Family family : {Family::kIpv4, Family::kIpv6}) {
    TestShard t;
    const VirtualRouter& router = t.Add(V3Config(family));
    EXPECT_EQ(t.Receive(GoodFrame(family).Build()), DropReason::kNone);
    for (const RemarkInfo& row : AllRemarks()) EXPECT_EQ(RemarksOf(router, row.remark), 0u) << row.name;
  }
}

}  // namespace
}  // namespace dpvrrp
