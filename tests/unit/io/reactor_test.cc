// SPDX-License-Identifier: BSD-3-Clause
#include "io/reactor.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

#include "io/clock.h"
#include "io/event_fd.h"

namespace dpvrrp {
namespace {

class ReactorTest : public ::testing::Test {
 protected:
  void Turn() { ASSERT_TRUE(reactor_->RunOnce(Nanoseconds(0)).ok()); }

  std::unique_ptr<Reactor> reactor_ = *Reactor::Create();
  EventFd first_ = *EventFd::Create();
  EventFd second_ = *EventFd::Create();
};

TEST_F(ReactorTest, CallsBackOnlyWhatIsReady) {
  int first_calls = 0;
  int second_calls = 0;
  ASSERT_TRUE(
      reactor_->Add(first_.fd(), EPOLLIN, [&](uint32_t) { first_calls += static_cast<int>(first_.Drain()); }).ok());
  ASSERT_TRUE(reactor_->Add(second_.fd(), EPOLLIN, [&](uint32_t) { ++second_calls; }).ok());
  Turn();
  EXPECT_EQ(first_calls, 0);
  first_.Kick();
  first_.Kick();
  Turn();
  Turn();
  EXPECT_EQ(first_calls, 2);  // two kicks merged into one call
  EXPECT_EQ(second_calls, 0);
  EXPECT_EQ(first_.Drain(), 0u);
}

TEST_F(ReactorTest, ACallbackMayRemoveItself) {
  std::string note;
  const std::string captured(100, 'x');  // must outlive the removal, the callback is still running
  ASSERT_TRUE(reactor_
                  ->Add(first_.fd(), EPOLLIN,
                        [this, &note, captured](uint32_t) {
                          reactor_->Remove(first_.fd());
                          note = captured;
                        })
                  .ok());
  first_.Kick();
  Turn();
  Turn();
  EXPECT_EQ(note, std::string(100, 'x'));
}

TEST_F(ReactorTest, ARemovedDescriptorIsNotCalledForAnEventAlreadyFetched) {
  int calls = 0;
  const auto remove_both = [&](uint32_t) {
    ++calls;
    reactor_->Remove(first_.fd());
    reactor_->Remove(second_.fd());
  };
  ASSERT_TRUE(reactor_->Add(first_.fd(), EPOLLIN, remove_both).ok());
  ASSERT_TRUE(reactor_->Add(second_.fd(), EPOLLIN, remove_both).ok());
  first_.Kick();
  second_.Kick();
  Turn();
  EXPECT_EQ(calls, 1);
}

TEST_F(ReactorTest, AReusedDescriptorNumberDoesNotInheritAnOldEvent) {
  int old_calls = 0;
  int new_calls = 0;
  const auto readd_both = [&](uint32_t) {
    ++old_calls;
    for (const int fd : {first_.fd(), second_.fd()}) {
      reactor_->Remove(fd);
      ASSERT_TRUE(reactor_->Add(fd, EPOLLIN, [&](uint32_t) { ++new_calls; }).ok());
    }
  };
  ASSERT_TRUE(reactor_->Add(first_.fd(), EPOLLIN, readd_both).ok());
  ASSERT_TRUE(reactor_->Add(second_.fd(), EPOLLIN, readd_both).ok());
  first_.Kick();
  second_.Kick();
  Turn();
  EXPECT_EQ(old_calls, 1);
  EXPECT_EQ(new_calls, 0);
  Turn();
  EXPECT_EQ(new_calls, 2);
}

TEST_F(ReactorTest, MoreEventsThanOneTurnHoldsAreNotLost) {
  std::vector<EventFd> kicked;
  int calls = 0;
  for (int i = 0; i < 3 * kMaxReactorEvents; ++i) {
    kicked.push_back(*EventFd::Create());
    const int fd = kicked.back().fd();
    ASSERT_TRUE(reactor_->Add(fd, EPOLLIN, [&, fd](uint32_t) { ++calls, reactor_->Remove(fd); }).ok());
    kicked.back().Kick();
  }
  for (int i = 0; i < 3; ++i) Turn();
  EXPECT_EQ(calls, 3 * kMaxReactorEvents);
}

TEST_F(ReactorTest, MistakesAreNamed) {
  ASSERT_TRUE(reactor_->Add(first_.fd(), EPOLLIN, [](uint32_t) {}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(reactor_->Add(first_.fd(), EPOLLIN, [](uint32_t) {})));
  EXPECT_TRUE(absl::IsNotFound(reactor_->Modify(second_.fd(), EPOLLIN)));
  reactor_->Remove(second_.fd());
  reactor_->Remove(-1);
}

TEST_F(ReactorTest, ModifyChangesTheEvents) {
  uint32_t seen = 0;
  ASSERT_TRUE(reactor_->Add(first_.fd(), EPOLLIN, [&](uint32_t events) { seen = events; }).ok());
  Turn();
  EXPECT_EQ(seen, 0u);
  ASSERT_TRUE(reactor_->Modify(first_.fd(), EPOLLOUT).ok());
  Turn();
  EXPECT_EQ(seen, static_cast<uint32_t>(EPOLLOUT));
}

TEST_F(ReactorTest, WaitsNoLongerThanAskedAndWithSubMillisecondResolution) {
  const Instant before = MonotonicNow();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(reactor_->RunOnce(std::chrono::microseconds(100)).ok());
  const Nanoseconds waited = MonotonicNow() - before;
  EXPECT_GE(waited, std::chrono::milliseconds(1));
  EXPECT_TRUE(reactor_->RunOnce(Nanoseconds(-5)).ok());
  EXPECT_GT(UnixMilliseconds(), 1'600'000'000'000);
}

}  // namespace
}  // namespace dpvrrp
