// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/log_digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class LogDigestTest : public ::testing::Test {
 protected:
  static LogEvent Transition(const std::string& instance, const std::string& vlan = "12",
                             Severity severity = Severity::kNotice) {
    LogEvent event;
    event.severity = severity;
    event.instance = instance;
    event.port = "lan";
    event.vlan = vlan;
    event.kind = "transition";
    event.cause = "Backup -> Master (master down)";
    event.text = event.cause + ", last heard 10.99.0.1 priority 150";
    return event;
  }
  static LogEvent AboutDaemon(const std::string& text) {
    LogEvent event;
    event.kind = "daemon";
    event.text = text;
    return event;
  }
  void Add(LogEvent event) {
    event.unix_ms = now.time_since_epoch() / 1ms;
    if (std::optional<LogEvent> line = digest.Add(std::move(event), now)) written.push_back(*std::move(line));
  }
  void Wait(Nanoseconds time) {
    for (const Instant end = now + time; now < end;) {
      now = std::min(end, digest.NextDeadline());
      for (LogEvent& line : digest.OnTime(now)) written.push_back(std::move(line));
    }
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (const LogEvent& line : std::exchange(written, {})) {
      texts.push_back(line.instance.empty() ? line.text : absl::StrCat(line.instance, ": ", line.text));
    }
    return texts;
  }

  LogDigest digest;
  Instant now{1000s};
  std::vector<LogEvent> written;
};

TEST_F(LogDigestTest, AFewEventsAreWrittenAtOnce) {
  for (size_t i = 0; i < LogDigest::kSingles; ++i) Add(Transition(absl::StrCat("gw-", i)));
  EXPECT_THAT(written, SizeIs(LogDigest::kSingles));
  Wait(5s);
  EXPECT_THAT(written, SizeIs(LogDigest::kSingles));
  EXPECT_EQ(digest.NextDeadline(), kNever);
}

TEST_F(LogDigestTest, FurtherEventsOfASegmentBecomeOneLineWithinASecond) {
  for (int i = 1; i <= 250; ++i) Add(Transition(absl::StrCat("gw-", i)));
  EXPECT_THAT(Texts(), SizeIs(LogDigest::kSingles));
  Wait(LogDigest::kWindow);
  ASSERT_THAT(written, SizeIs(1));
  EXPECT_EQ(written[0].severity, Severity::kNotice);
  EXPECT_EQ(written[0].kind, "transition");
  EXPECT_THAT(Texts(), ElementsAre("port lan, VLAN 12: 250 instances: Backup -> Master (master down); for example "
                                   "gw-11; show events has each"));
  Wait(5s);
  EXPECT_THAT(written, IsEmpty());
}

TEST_F(LogDigestTest, AnUntaggedSegmentHasNoVlan) {
  for (int i = 1; i <= 250; ++i) Add(Transition(absl::StrCat("gw-", i), "-"));
  Wait(1s);
  EXPECT_THAT(Texts().back(), StartsWith("port lan: 250 instances: "));
}

TEST_F(LogDigestTest, EachSegmentAndCauseHasItsOwnLine) {
  for (int i = 1; i <= 100; ++i) {
    Add(Transition(absl::StrCat("gw-12-", i), "12"));
    Add(Transition(absl::StrCat("gw-13-", i), "13"));
    LogEvent back = Transition(absl::StrCat("gw-12-", i), "12");
    back.cause = "Master -> Backup (higher priority)";
    Add(back);
  }
  Texts();
  Wait(1s);
  EXPECT_THAT(Texts(), ElementsAre(HasSubstr("VLAN 12: 100 instances: Backup -> Master"),
                                   HasSubstr("VLAN 13: 100 instances: Backup -> Master"),
                                   HasSubstr("VLAN 12: 100 instances: Master -> Backup")));
}

// One instance for each VLAN: a line for each segment would be thousands of lines.
TEST_F(LogDigestTest, EventsOfThousandsOfSegmentsBecomeOneLineForEachPort) {
  for (int i = 1; i <= 4000; ++i) Add(Transition(absl::StrCat("gw-", i), absl::StrCat(i)));
  EXPECT_THAT(Texts(), SizeIs(LogDigest::kSinglesInAll));
  Wait(1s);
  EXPECT_THAT(Texts(), ElementsAre(StartsWith("port lan, 4000 VLANs: 4000 instances: Backup -> Master (master down)")));
}

TEST_F(LogDigestTest, AnInstanceThatFlapsIsCountedByEvents) {
  for (int i = 0; i < 60; ++i) Add(Transition(i % 2 == 0 ? "gw-1" : "gw-2"));
  Wait(1s);
  EXPECT_THAT(Texts().back(), HasSubstr("60 times in 2 instances: Backup -> Master"));
}

TEST_F(LogDigestTest, AnExampleOfAFaultIsWrittenInFull) {
  for (int i = 1; i <= 50; ++i) {
    LogEvent event = Transition(absl::StrCat("gw-", i), "12", Severity::kError);
    event.kind = "address";
    event.cause = "cannot be changed";
    event.text = absl::StrCat("cannot change 10.0.0.", i, "/32 on eth0: No buffer space available; retrying");
    Add(event);
  }
  Texts();
  Wait(1s);
  ASSERT_THAT(written, SizeIs(1));
  EXPECT_EQ(written[0].severity, Severity::kError);
  EXPECT_THAT(Texts(), ElementsAre("port lan, VLAN 12: 50 instances: cannot be changed; for example gw-11: cannot "
                                   "change 10.0.0.11/32 on eth0: No buffer space available; retrying; show events has "
                                   "each"));
}

TEST_F(LogDigestTest, EventsWithoutACauseAreSummedUpByKind) {
  for (int i = 1; i <= 50; ++i) Add(AboutDaemon(absl::StrCat("note ", i)));
  EXPECT_THAT(Texts(), SizeIs(LogDigest::kSingles));
  Wait(1s);
  EXPECT_THAT(Texts(), ElementsAre("50 times; for example note 11; show events has each"));
}

// The daemon writes some log lines that are not events.
TEST_F(LogDigestTest, ALineThatIsNoEventDoesNotReferToShowEvents) {
  for (int i = 1; i <= 50; ++i) {
    LogEvent line = AboutDaemon(absl::StrCat("device vrrp.", i, " is left over: removed"));
    line.kind.clear();
    line.cause = "device left over";
    Add(line);
  }
  Texts();
  Wait(1s);
  EXPECT_THAT(Texts(), ElementsAre("50 times: device left over; for example device vrrp.11 is left over: removed"));
}

// 100 changes a second for ten seconds: ten lines at first, then one a second.
TEST_F(LogDigestTest, ALastingStormIsOneLineASecond) {
  for (int i = 0; i < 1000; ++i) {
    Add(Transition(absl::StrCat("gw-", i % 100)));
    Wait(10ms);
  }
  Wait(2s);
  EXPECT_THAT(written, SizeIs(::testing::AllOf(::testing::Ge(LogDigest::kSingles + 10),
                                               ::testing::Le(LogDigest::kSingles + 11))));
  Add(Transition("gw-1"));  // the storm is over
  EXPECT_THAT(Texts().back(), StartsWith("gw-1: Backup -> Master (master down), last heard"));
}

TEST_F(LogDigestTest, ASingleEventAfterAStormIsWrittenUnchanged) {
  for (int i = 1; i <= 250; ++i) Add(Transition(absl::StrCat("gw-", i)));
  Wait(1s);
  Texts();
  Add(Transition("gw-9", "77"));
  EXPECT_THAT(written, IsEmpty());
  Wait(1s);
  EXPECT_THAT(Texts(), ElementsAre("gw-9: Backup -> Master (master down), last heard 10.99.0.1 priority 150"));
}

TEST_F(LogDigestTest, ASingleEventBeyondTheLimitIsWrittenUnchanged) {
  for (size_t i = 0; i <= LogDigest::kSingles; ++i) Add(Transition(absl::StrCat("gw-", i)));
  Wait(1s);
  EXPECT_THAT(written, SizeIs(LogDigest::kSingles + 1));
  EXPECT_THAT(Texts().back(), StartsWith("gw-10: Backup -> Master (master down), last heard"));
}

TEST_F(LogDigestTest, TheLastEventsAreWrittenAtTheEnd) {
  for (int i = 1; i <= 250; ++i) Add(Transition(absl::StrCat("gw-", i)));
  const std::vector<LogEvent> last = digest.Close();
  ASSERT_THAT(last, SizeIs(1));
  EXPECT_THAT(last[0].text, HasSubstr("250 instances"));
  EXPECT_THAT(digest.Close(), IsEmpty());
}

// End to end: 4,080 instances start and become masters. The ring and the follower get each event.
TEST(StartOfThousandsTest, WritesFewLogLinesAndKeepsEveryEvent) {
  Gateway gateway;
  LogDigest digest;
  std::vector<LogEvent> lines;
  const auto carry = [&] {
    for (LogEvent& event : std::exchange(gateway.logged, {})) {
      if (std::optional<LogEvent> line = digest.Add(std::move(event), gateway.Time().now)) lines.push_back(*line);
    }
    for (LogEvent& line : digest.OnTime(gateway.Time().now)) lines.push_back(std::move(line));
  };
  gateway.Start(WithInstances(ManyInstances()));
  gateway.Ask("show events --follow --json");
  size_t before = gateway.controller.events().events().size();
  gateway.answers.clear();
  for (int i = 0; i < 60; ++i) {
    gateway.RunFor(100ms);
    carry();
  }
  const std::deque<LogEvent>& ring = gateway.controller.events().events();
  EXPECT_EQ(gateway.controller.events().capacity(), 4u * 4080);
  EXPECT_EQ(ring.front().number, 1u);  // no event was evicted
  EXPECT_GE(ring.size(), 3u * 4080);   // up, master, address added
  EXPECT_EQ(gateway.answers.size(), ring.size() - before);
  EXPECT_LE(lines.size(), 250u);
  size_t masters = 0;
  for (const LogEvent& line : lines) masters += line.text.find("255 instances: Backup -> Master") != std::string::npos;
  EXPECT_EQ(masters, 16u);  // one for each port
}

}  // namespace
}  // namespace dpvrrp
