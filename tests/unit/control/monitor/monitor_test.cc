// SPDX-License-Identifier: BSD-3-Clause
//
// `monitor`: the clients, what the lcores are asked for, and the lines.
#include "control/monitor/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "capture/capture_reader.h"
#include "control/reports/frame_line.h"
#include "control/reports/trace_report.h"
#include "unit/control/gateway.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kUnixMs = 1'700'000'000'123;

// A copy of this frame, as an lcore shows it.
FrameCopy CopyOf(Bytes frame, const Disposition& how, VlanStack stripped = {}, Instant at = kTestStart) {
  return {{frame.data(), static_cast<uint16_t>(frame.size()), PortId(0), stripped}, how, at};
}

std::string TextOf(const FrameCopy& copy, size_t width = 0) { return FrameAsText(copy, "trunk", kUnixMs, width); }

TEST(FrameLineTest, AnAcceptedAdvertWithAh) {
  const Bytes frame = AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 4711, .priority = 150}.Build();
  EXPECT_EQ(TextOf(CopyOf(frame, {.icv = IcvVerdict::kRight}, {100, 0})),
            "2023-11-14T22:13:20.123Z  trunk.100  VRID 51  10.99.0.1 (02:00:0a:63:00:01)  VRRPv2, priority 150, "
            "interval 1 s, addresses 10.99.0.100, AH number 4711  accepted, key right\n");
}

TEST(FrameLineTest, ARefusedAdvertSaysWhy) {
  const Bytes frame = AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 3}.Build();
  EXPECT_THAT(TextOf(CopyOf(frame, {.end = DropReason::kReplayed, .icv = IcvVerdict::kRight})),
              HasSubstr("refused, key right: replayed, sequence number already seen"));
  EXPECT_THAT(TextOf(CopyOf(frame, {.end = DropReason::kBadIcv, .icv = IcvVerdict::kWrong})),
              HasSubstr("refused, key wrong: bad-icv"));
  EXPECT_THAT(TextOf(CopyOf(frame, {.end = DropReason::kBadSpi})), HasSubstr("refused, key not checked: bad-spi"));
}

TEST(FrameLineTest, ALineThatIsTooLongForTheScreenKeepsTheResult) {
  const Bytes frame = AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 4711, .priority = 150}.Build();
  const FrameCopy accepted = CopyOf(frame, {.icv = IcvVerdict::kRight}, {100, 0});
  const std::string kept = "22:13:20.123  trunk.100  VRID 51  10.99.0.1  accepted, key right";
  EXPECT_EQ(TextOf(accepted, 80), kept + "  priority 150\n");
  EXPECT_EQ(TextOf(accepted, 120), kept + "  priority 150, interval 1 s, addresses 10.99.0.100\n");
  EXPECT_EQ(TextOf(accepted, 20), kept + "\n");  // cut by the terminal, not by us
  EXPECT_EQ(TextOf(accepted, 200), TextOf(accepted));
  EXPECT_EQ(TextOf(CopyOf(frame, {.end = DropReason::kReplayed, .icv = IcvVerdict::kRight}), 80),
            "22:13:20.123  trunk  VRID 51  10.99.0.1  refused, key right: replayed\n");
  Bytes cut = AdvertFrame{}.Build();
  cut.resize(14 + 20 + 3);
  EXPECT_EQ(TextOf(CopyOf(cut, {.end = DropReason::kTruncated}), 80),
            "22:13:20.123  trunk  10.99.0.1  refused: truncated\n");
}

TEST(FrameLineTest, RemarksFollowTheResult) {
  Disposition how;
  how.remarks.Add(Remark::kEqualPriority);
  EXPECT_THAT(TextOf(CopyOf(AdvertFrame{}.Build(), how)), HasSubstr("  accepted; equal-priority\n"));
}

TEST(FrameLineTest, AFrameThatEndsTooSoonHasNoAdvert) {
  Bytes frame = AdvertFrame{}.Build();
  frame.resize(14 + 20 + 3);
  const FrameCopy copy = CopyOf(frame, {.end = DropReason::kTruncated});
  EXPECT_THAT(TextOf(copy), HasSubstr("37 bytes without a readable advert  refused: truncated"));
  const auto json = nlohmann::json::parse(FrameAsJson(copy, "trunk", kUnixMs));
  EXPECT_TRUE(json["vrid"].is_null());
  EXPECT_EQ(json["reason"], "truncated");
  EXPECT_EQ(json["source"], "10.99.0.1");
}

TEST(FrameLineTest, Json) {
  const Bytes frame = AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 4711, .priority = 150}.Build();
  const auto json = nlohmann::json::parse(FrameAsJson(CopyOf(frame, {.icv = IcvVerdict::kRight}), "trunk", kUnixMs));
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(json["vlan"], "-");
  EXPECT_EQ(json["vrid"], 51);
  EXPECT_EQ(json["destination"], "224.0.0.18");
  EXPECT_EQ(json["interval"], 1.0);
  EXPECT_EQ(json["authentication"], "ah");
  EXPECT_EQ(json["number"], 4711);
  EXPECT_EQ(json["accepted"], true);
  EXPECT_TRUE(json["reason"].is_null());
  EXPECT_EQ(json["key"], "right");
  EXPECT_TRUE(json["remarks"].is_null());
}

class MonitorTest : public testing::Test {
 protected:
  MonitorTest() { desk_.Add(AhInstance()); }
  void Follow(uint64_t client, const FrameSelection& wanted, FrameFormat format = FrameFormat::kText) {
    monitor_.Follow(RequesterId(client), wanted, {format}, desk_.Time());
  }
  void Pass(Nanoseconds time) {
    desk_.now += time;
    monitor_.OnTime(desk_.Time());
  }
  std::vector<Answer> TakeAnswers() { return std::exchange(desk_.outbox.answers, {}); }
  // What the lcores are asked to show; nothing: no command was sent.
  std::optional<command::ShowFrames> TakeOrder() {
    const std::vector<ShardCommand> commands = desk_.TakeCommands();
    if (commands.empty()) return std::nullopt;
    EXPECT_THAT(commands, SizeIs(1));
    return std::get<command::ShowFrames>(commands[0]);
  }

  PartDesk desk_;
  Monitor monitor_{desk_.Context(), {FrameAsText, FrameAsJson, FrameResult, TraceAs}};
  const FrameSelection all_{};
  const FrameSelection vrid_7_{.vrid = Vrid(7)};
};

TEST_F(MonitorTest, LcoresSelectForOneClient) {
  EXPECT_EQ(monitor_.NextDeadline(), kNever);
  Follow(1, vrid_7_);
  const auto order = TakeOrder();
  ASSERT_TRUE(order.has_value());
  EXPECT_TRUE(order->on);
  EXPECT_EQ(order->selection, vrid_7_);
  EXPECT_EQ(monitor_.NextDeadline(), desk_.now + Monitor::kEvery);
}

TEST_F(MonitorTest, LcoresShowEverythingForClientsThatDiffer) {
  Follow(1, vrid_7_);
  Follow(2, {.vrid = Vrid(8)});
  EXPECT_EQ(desk_.TakeCommands().size(), 2u);
  monitor_.Unfollow(RequesterId(1));
  EXPECT_EQ(TakeOrder()->selection, (FrameSelection{.vrid = Vrid(8)}));
  monitor_.Unfollow(RequesterId(2));
  EXPECT_FALSE(TakeOrder()->on);
  EXPECT_EQ(monitor_.NextDeadline(), kNever);
  monitor_.Unfollow(RequesterId(2));
  EXPECT_EQ(TakeOrder(), std::nullopt);
}

TEST_F(MonitorTest, EachClientGetsWhatItHasSelected) {
  Follow(1, vrid_7_);
  Follow(2, all_, FrameFormat::kJson);
  desk_.services.frames = {CopyOf(AdvertFrame{.vrid = 7}.Build(), {}, {}, desk_.now + 10ms),
                           CopyOf(AdvertFrame{.vrid = 8}.Build(), {}, {}, desk_.now + 20ms)};
  Pass(Monitor::kEvery);
  std::map<RequesterId, std::vector<std::string>> lines;
  for (const Answer& answer : TakeAnswers()) {
    EXPECT_EQ(answer.status, Answer::Status::kMore);
    lines[answer.to].push_back(answer.body);
  }
  EXPECT_THAT(lines[RequesterId(1)], ElementsAre(HasSubstr("lan  VRID 7")));
  EXPECT_THAT(lines[RequesterId(2)], ElementsAre(HasSubstr("\"vrid\":7"), HasSubstr("\"vrid\":8")));
}

TEST_F(MonitorTest, FramesThatFoundNoRoomAreNamed) {
  desk_.services.frames_not_shown = 5;  // before
  Follow(1, all_);
  Pass(Monitor::kEvery);
  EXPECT_THAT(TakeAnswers(), IsEmpty());
  desk_.services.frames_not_shown = 7;
  Pass(Monitor::kEvery);
  const std::vector<Answer> answers = TakeAnswers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].body, "2 frames not shown: too many at once\n");
}

TEST_F(MonitorTest, ATraceEndsWithItsFrame) {
  Follow(1, vrid_7_, FrameFormat::kTrace);
  Follow(2, all_);
  desk_.services.frames = {CopyOf(AdvertFrame{.vrid = 8}.Build(), {}, {}, desk_.now + 10ms),
                           CopyOf(AdvertFrame{.vrid = 7}.Build(), {}, {}, desk_.now + 20ms),
                           CopyOf(AdvertFrame{.vrid = 7}.Build(), {}, {}, desk_.now + 30ms)};
  Pass(Monitor::kEvery);
  std::vector<Answer> traced;
  for (const Answer& answer : TakeAnswers()) {
    if (answer.to == RequesterId(1)) traced.push_back(answer);
  }
  ASSERT_THAT(traced, SizeIs(1));
  EXPECT_EQ(traced[0].status, Answer::Status::kOk);
  EXPECT_THAT(traced[0].body, HasSubstr("VRID 7"));
  monitor_.Unfollow(RequesterId(2));
  EXPECT_EQ(monitor_.NextDeadline(), kNever) << "the trace is over";
}

TEST_F(MonitorTest, AFloodIsShownInPieces) {
  Follow(1, all_);
  desk_.services.frames.assign(Monitor::kMost + 1, CopyOf(AdvertFrame{}.Build(), {}));
  Pass(Monitor::kEvery);
  EXPECT_THAT(TakeAnswers(), SizeIs(Monitor::kMost));
  Pass(Monitor::kEvery / 2);
  EXPECT_THAT(TakeAnswers(), IsEmpty());
  Pass(Monitor::kEvery / 2);
  EXPECT_THAT(TakeAnswers(), SizeIs(1));
}

// Its header fields that AH does not protect are zero when the lcore has computed the ICV.
TEST_F(MonitorTest, ACaptureIsAPcapngFileWithVerdicts) {
  Follow(1, all_, FrameFormat::kPcapng);
  const Bytes sent = AdvertFrame{.tos = 0, .key = KeepalivedKey("s3cr3t"), .sequence = 7}.Build();
  Bytes seen = sent;
  seen[14 + 8] = seen[14 + 10] = seen[14 + 11] = 0;
  const Disposition how{.end = DropReason::kReplayed, .icv = IcvVerdict::kRight};
  desk_.services.frames = {CopyOf(seen, how, {}, desk_.now + 10ms)};
  desk_.services.frames_not_shown = 1;
  Pass(Monitor::kEvery);
  std::string file;
  for (const Answer& answer : TakeAnswers()) file += answer.body;
  const auto capture = ParseCapture({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  ASSERT_TRUE(capture.ok()) << capture.status();
  EXPECT_THAT(capture->interfaces, ElementsAre("lan", "wan"));
  ASSERT_THAT(capture->packets, SizeIs(1));
  const CapturePacket& packet = capture->packets[0];
  EXPECT_EQ(Bytes(packet.bytes.begin(), packet.bytes.end()), sent);
  EXPECT_EQ(packet.at, std::chrono::milliseconds(desk_.Time().unix_ms) - 40ms);
  EXPECT_THAT(file, HasSubstr("refused, key right: replayed"));
}

TEST(MonitorCommandTest, ContinuesUntilTheClientLeaves) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  const Answer answer = gateway.Ask("monitor vrid 51 port lan --refused");
  EXPECT_EQ(answer.status, Answer::Status::kMore);
  EXPECT_THAT(answer.body, IsEmpty());
  gateway.controller.OnRequesterGone(RequesterId(7));
  EXPECT_EQ(gateway.Ask("monitor --json").body, "");
}

TEST(MonitorCommandTest, BadArguments) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  const std::map<std::string, std::string> errors = {
      {"monitor vrid 0", "vrid must be 1..255, got '0'"},
      {"monitor vrid 256", "vrid must be 1..255, got '256'"},
      {"monitor port wan", "wan"},
      {"monitor vlan 5000", "5000"},
      {"monitor sender gw", "'gw'"},
      {"capture vrid 0", "vrid must be 1..255, got '0'"},
      {"capture --json", "capture has no --json"},
  };
  for (const auto& [line, error] : errors) {
    const Answer answer = gateway.Ask(line);
    EXPECT_EQ(answer.status, Answer::Status::kError) << line;
    EXPECT_THAT(answer.body, HasSubstr(error)) << line;
  }
}

}  // namespace
}  // namespace dpvrrp
