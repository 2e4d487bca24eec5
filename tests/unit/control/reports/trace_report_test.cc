// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/trace_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

class TraceTest : public testing::Test {
 protected:
  TraceTest() : gw_(desk_.Add(AhInstance(), State::kBackup)) {}

  // The rows by stage.
  Json Trace(Bytes frame, const Disposition& how, PortId port = PortId(0)) {
    const FrameCopy copy({frame.data(), static_cast<uint16_t>(frame.size()), port, {}}, how, kTestStart);
    Json rows;
    for (const Json& row : Json::parse(TraceAs(copy, "lan", desk_.registry, 1'700'000'000'123, true, 0))) {
      rows[row["stage"].get<std::string>()] = row;
    }
    return rows;
  }
  static Bytes Advert(uint8_t vrid = 51, uint8_t priority = 150) {
    AdvertFrame frame{.key = KeepalivedKey("s3cr3t"), .sequence = 7, .priority = priority};
    frame.vrid = vrid;
    return frame.Build();
  }

  PartDesk desk_;
  ManagedInstance& gw_;
};

TEST_F(TraceTest, AnAcceptedAdvertPassesEveryStage) {
  const Json rows = Trace(Advert(), {.icv = IcvVerdict::kRight});
  for (const char* stage : {"ethernet", "ip", "message", "instance", "authentication", "number", "icv", "agreement"}) {
    EXPECT_EQ(rows[stage]["result"], "ok") << stage;
  }
  EXPECT_EQ(rows["ip"]["detail"], "10.99.0.1 to 224.0.0.18, TTL 255");
  EXPECT_EQ(rows["message"]["detail"], "VRRPv2, VRID 51, priority 150, interval 1 s, addresses 10.99.0.100");
  EXPECT_THAT(rows["instance"]["detail"].get<std::string>(), StartsWith("gw: Backup, VRRPv2"));
  EXPECT_EQ(rows["number"]["detail"], "number 7");
  EXPECT_EQ(rows["icv"]["detail"], "key right");
  EXPECT_EQ(rows["state"]["detail"], "Backup: the Master_Down_Timer starts again");
}

TEST_F(TraceTest, ARefusalEndsAtItsStage) {
  const Json rows = Trace(Advert(), {.end = DropReason::kReplayed, .icv = IcvVerdict::kRight});
  EXPECT_EQ(rows["authentication"]["result"], "ok");
  EXPECT_EQ(rows["number"]["result"], "refused");
  EXPECT_EQ(rows["number"]["detail"], "replayed: sequence number already seen (RFC 4302 3.4.3); number 7");
  EXPECT_EQ(rows["icv"]["result"], "not reached");
  EXPECT_EQ(rows["icv"]["detail"], "key right, which does not decide");
  EXPECT_EQ(rows["state"]["detail"], "no timer changes");
}

TEST_F(TraceTest, EveryReasonIsRefusedAtExactlyOneStage) {
  for (const DropReasonInfo& info : AllDropReasons()) {
    const Json rows = Trace(Advert(), {.end = info.reason});
    size_t refused = 0;
    for (const Json& row : rows) refused += row["result"] == "refused" ? 1 : 0;
    EXPECT_EQ(refused, info.reason == DropReason::kNone ? 0u : 1u) << info.name;
  }
}

// The reasons are in the order of the checks.
TEST_F(TraceTest, TheStagesAreInTheOrderOfTheChecks) {
  for (const bool trailer : {false, true}) {  // a frame has AH or the trailer
    TraceStage before = TraceStage::kEthernet;
    for (const DropReasonInfo& info : AllDropReasons()) {
      const bool of_trailer = absl::StartsWith(info.name, "auth-ext"),
                 of_ah = info.reason >= DropReason::kAhLength && info.reason <= DropReason::kBehindGroup;
      if (info.reason == DropReason::kNone || (trailer ? of_ah : of_trailer)) continue;
      EXPECT_GE(StageOf(info.reason), before) << info.name;
      before = StageOf(info.reason);
    }
  }
  EXPECT_EQ(StageOf(DropReason::kNone), TraceStage::kAgreement);
}

TEST_F(TraceTest, WhatTheInstanceDoesFollowsFromStateAndPriority) {
  const auto state = [&](uint8_t priority) { return Trace(Advert(51, priority), {})["state"]["detail"]; };
  EXPECT_EQ(state(0), "Backup: its master resigns: the first such advert sets the Master_Down_Timer to Skew_Time");
  EXPECT_EQ(state(90),
            "Backup: its priority is lower than ours: the Master_Down_Timer goes on, unless we have resigned");
  gw_.config.preempt_delay = std::chrono::seconds(3);
  EXPECT_THAT(state(90).get<std::string>(), HasSubstr("starts again until preempt_delay is over"));
  gw_.config.preempt = false;
  EXPECT_EQ(state(90), "Backup: the Master_Down_Timer starts again, because preempt is off");
  gw_.state = State::kMaster;
  EXPECT_EQ(state(0), "Master: another master resigns: we advertise at once");
  EXPECT_EQ(state(150), "Master: its priority or address is higher than ours: we become Backup");
  EXPECT_EQ(state(90), "Master: its priority or address is lower than ours: we stay Master");
}

TEST_F(TraceTest, AFrameWithoutAnInstanceOrAnAdvertIsReadAsFarAsItGoes) {
  const Json unknown = Trace(Advert(9), {.end = DropReason::kUnknownVrid});
  EXPECT_THAT(unknown["instance"]["detail"].get<std::string>(), HasSubstr("none of ours has this VRID"));
  const Json cut = Trace(Bytes(10), {.end = DropReason::kTruncated});
  EXPECT_EQ(cut["ethernet"]["result"], "refused");
  EXPECT_EQ(cut["message"]["detail"], "");
}

TEST_F(TraceTest, AnAdvertWithoutAuthenticationHasNoNumberAndNoIcv) {
  const Json rows = Trace(AdvertFrame{}.Build(), {});
  EXPECT_TRUE(rows["number"]["result"].is_null());
  EXPECT_TRUE(rows["icv"]["result"].is_null());
  EXPECT_EQ(rows["agreement"]["result"], "ok");
}

TEST_F(TraceTest, FitsAScreen) {
  const Bytes frame = Advert();
  Bytes copy_of = frame;
  const FrameCopy copy({copy_of.data(), static_cast<uint16_t>(copy_of.size()), PortId(0), {}}, {}, kTestStart);
  const std::string text = TraceAs(copy, "lan", desk_.registry, 1'700'000'000'123, false, 80);
  EXPECT_THAT(text, HasSubstr("STAGE"));
  EXPECT_THAT(text, HasSubstr("2023-11-14T22:13:20.123Z on lan"));
}

TEST(TraceCommandTest, ContinuesUntilAFrameIsReceived) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  EXPECT_EQ(gateway.Ask("trace vrid 51").status, Answer::Status::kMore);
  gateway.controller.OnRequesterGone(RequesterId(7));
}

}  // namespace
}  // namespace dpvrrp
