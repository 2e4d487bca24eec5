// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    instance_.name = "gw";
    instance_.port = "lan";
    instance_.vlan = {100};
  }
  ControlTime Time() const { return {now_, 1'700'000'000'000 + (now_ - Instant{}) / 1ms}; }
  void Notice() { journal_.Notice(instance_, rejected_, Time().unix_ms, Time()); }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const LogEvent& event : journal_.events().events()) texts.push_back(event.text);
    return texts;
  }

  Instant now_ = Instant{} + 1h;
  Outbox outbox_;
  Journal journal_{outbox_};
  InstanceConfig instance_;
  const occurrence::FrameRejected rejected_ = {DropReason::kBadIcv, {IpAddress::V4(0x0a630009), {}, 0, 1}};
};

TEST_F(JournalTest, AnOccurrenceIsAnEventWithItsPlace) {
  journal_.Record(instance_, occurrence::InstanceRemoved{}, 42);
  ASSERT_THAT(journal_.events().events(), SizeIs(1));
  EXPECT_THAT(
      journal_.events().events().front(),
      AllOf(Field(&LogEvent::number, 1u), Field(&LogEvent::unix_ms, 42), Field(&LogEvent::severity, Severity::kInfo),
            Field(&LogEvent::instance, "gw"), Field(&LogEvent::port, "lan"), Field(&LogEvent::vlan, "100"),
            Field(&LogEvent::kind, "instance"), Field(&LogEvent::text, "removed"), Field(&LogEvent::cause, "")));
}

TEST_F(JournalTest, TheLogGetsTheCause) {
  journal_.Record(instance_, occurrence::InstanceNotStarted{"no device"}, 42);
  EXPECT_THAT(outbox_.log, ElementsAre(Field(&LogEvent::cause, "not started, retrying")));
}

TEST_F(JournalTest, AnEventOfTheDaemonHasNoPlace) {
  journal_.Record(occurrence::DaemonStopping{}, 42);
  EXPECT_THAT(journal_.events().events(), ElementsAre(AllOf(Field(&LogEvent::instance, ""), Field(&LogEvent::port, ""),
                                                            Field(&LogEvent::vlan, ""))));
}

TEST_F(JournalTest, FollowersReceiveEachEventUntilTheyDisconnect) {
  journal_.Follow(RequesterId(1), true);
  journal_.Follow(RequesterId(2), false);
  journal_.Record(instance_, occurrence::InstanceRemoved{}, 0);
  ASSERT_THAT(outbox_.answers, SizeIs(2));
  EXPECT_EQ(outbox_.answers[0].status, Answer::Status::kMore);
  EXPECT_EQ(outbox_.answers[0].body,
            R"({"number":1,"time":"1970-01-01T00:00:00.000Z","severity":"info","instance":"gw","port":"lan",)"
            R"("vlan":"100","kind":"instance","text":"removed"})"
            "\n");
  EXPECT_EQ(outbox_.answers[1].body, "1  1970-01-01T00:00:00.000Z  info  gw  lan  100  instance  removed\n");

  journal_.Unfollow(RequesterId(1));
  journal_.Record(occurrence::DaemonStopping{}, 0);
  ASSERT_THAT(outbox_.answers, SizeIs(3));
  EXPECT_EQ(outbox_.answers[2].body,
            "2  1970-01-01T00:00:00.000Z  notice  -  -  -  daemon  stopping: masters resign, addresses are removed\n");
}

TEST_F(JournalTest, MoreNoticesThanTheWindowAllowsAreCounted) {
  for (size_t i = 0; i < Journal::kMaxNotices; ++i) Notice();
  EXPECT_EQ(journal_.NextDeadline(), kNever);
  Notice();
  Notice();
  EXPECT_THAT(journal_.events().events(), SizeIs(Journal::kMaxNotices));
  EXPECT_EQ(journal_.NextDeadline(), now_ + Journal::kNoticeWindow);

  now_ = journal_.NextDeadline();
  journal_.OnTime(Time());
  EXPECT_EQ(Texts().back(), "2 more notices of frames left out in 10 s; see show drops, diagnose");
  EXPECT_EQ(journal_.NextDeadline(), kNever);
  Notice();
  EXPECT_EQ(Texts().size(), Journal::kMaxNotices + 2);
}

TEST_F(JournalTest, AWindowThatLeftNothingOutEndsSilently) {
  Notice();
  now_ += Journal::kNoticeWindow;
  journal_.OnTime(Time());
  EXPECT_THAT(Texts(), SizeIs(1));
}

TEST_F(JournalTest, ARepeatedNoticeOfAnInstanceIsRecordedOnceInItsWindow) {
  const auto repeat = [&](uint32_t id) {
    journal_.RepeatedNotice(InstanceId(id), instance_, occurrence::MachineSuspended{}, Time());
  };
  repeat(1);
  now_ += Journal::kRepeatWindow - 1ms;
  repeat(1);
  EXPECT_THAT(Texts(), SizeIs(1));
  repeat(2);
  EXPECT_THAT(Texts(), SizeIs(2));
  now_ += 1ms;
  repeat(1);
  EXPECT_THAT(Texts(), SizeIs(3));
}

TEST_F(JournalTest, AnInstanceThatIsForgottenHasNoWindow) {
  journal_.RepeatedNotice(InstanceId(1), instance_, occurrence::MachineSuspended{}, Time());
  journal_.Forget(InstanceId(1));
  journal_.RepeatedNotice(InstanceId(1), instance_, occurrence::MachineSuspended{}, Time());
  EXPECT_THAT(Texts(), SizeIs(2));
}

TEST_F(JournalTest, NothingIsRecordedWithoutAnOccurrence) {
  journal_.OnTime(Time());
  EXPECT_THAT(journal_.events().events(), IsEmpty());
  EXPECT_THAT(outbox_.log, IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
