// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1000s + 12345ns};
constexpr Nanoseconds kTick{1 << TimerWheel::kTickShift};

std::vector<TimerNode*> PopAll(TimerWheel& wheel, Instant now) {
  std::vector<TimerNode*> popped;
  while (TimerNode* node = wheel.PopExpired(now)) popped.push_back(node);
  return popped;
}

TEST(TimerWheelTest, AnEmptyWheelNeverFires) {
  TimerWheel wheel(kStart);
  EXPECT_EQ(wheel.NextCheck(), kNever);
  EXPECT_EQ(wheel.PopExpired(kStart + 1000h), nullptr);
  EXPECT_EQ(wheel.armed(), 0u);
}

TEST(TimerWheelTest, FiresAtItsTimeOrAtMostOneTickLater) {
  for (Nanoseconds wait : {1ns, 16384ns, 1000000ns, 4200000ns, 1000000000ns, 3609375000ns, 280000000000ns,
                           Nanoseconds(20h), Nanoseconds(48h)}) {
    TimerWheel wheel(kStart);
    TimerNode node;
    wheel.Arm(node, kStart + wait);
    EXPECT_EQ(wheel.PopExpired(kStart + wait - 1ns), nullptr) << wait.count();
    EXPECT_TRUE(node.armed());
    EXPECT_EQ(wheel.PopExpired(kStart + wait + kTick), &node) << wait.count();
    EXPECT_FALSE(node.armed());
    EXPECT_EQ(wheel.NextCheck(), kNever);
  }
}

TEST(TimerWheelTest, ATimeThatHasPassedIsDueWithinATick) {
  TimerWheel wheel(kStart);
  TimerNode node;
  wheel.PopExpired(kStart + 5s);
  wheel.Arm(node, kStart + 1s);
  EXPECT_EQ(wheel.PopExpired(kStart + 5s), &node);
  wheel.Arm(node, kStart + 5s);
  EXPECT_LE(wheel.NextCheck(), kStart + 5s + kTick);
  EXPECT_EQ(wheel.PopExpired(kStart + 5s + kTick), &node);
}

TEST(TimerWheelTest, RearmingMovesATimerEitherWay) {
  TimerWheel wheel(kStart);
  TimerNode node;
  wheel.Arm(node, kStart + 10s);
  wheel.Arm(node, kStart + 1s);
  EXPECT_EQ(wheel.armed(), 1u);
  EXPECT_EQ(wheel.PopExpired(kStart + 2s), &node);
  wheel.Arm(node, kStart + 3s);
  wheel.Arm(node, kStart + 30s);
  EXPECT_EQ(wheel.PopExpired(kStart + 29s), nullptr);
  EXPECT_EQ(wheel.PopExpired(kStart + 31s), &node);
}

TEST(TimerWheelTest, ADisarmedTimerDoesNotFire) {
  TimerWheel wheel(kStart);
  TimerNode due, ahead, never_armed;
  wheel.Arm(due, kStart - 1s);
  wheel.Arm(ahead, kStart + 1s);
  wheel.Disarm(due);
  wheel.Disarm(ahead);
  wheel.Disarm(never_armed);
  EXPECT_EQ(wheel.armed(), 0u);
  EXPECT_EQ(wheel.PopExpired(kStart + 2s), nullptr);
  EXPECT_EQ(wheel.NextCheck(), kNever);
}

TEST(TimerWheelTest, TimersLeftInTheDueListAreStillDue) {
  TimerWheel wheel(kStart);
  TimerNode a, b;
  wheel.Arm(a, kStart + 1s);
  wheel.Arm(b, kStart + 1s);
  ASSERT_NE(wheel.PopExpired(kStart + 2s), nullptr);
  EXPECT_LE(wheel.NextCheck(), kStart + 2s);
  EXPECT_NE(wheel.PopExpired(kStart + 2s), nullptr);
}

// The top level covers 19.5 hours. Later timers go round again.
TEST(TimerWheelTest, ATimerBeyondTheTopLevelIsNotEarly) {
  TimerWheel wheel(kStart);
  TimerNode node;
  wheel.Arm(node, kStart + 1000h);
  Instant now = kStart;
  int looks = 0;
  while (node.armed()) {
    const Instant next = wheel.NextCheck();
    ASSERT_GT(next, now);
    ASSERT_LE(next, kStart + 1000h + kTick);
    now = next;
    wheel.PopExpired(now);
    ++looks;
  }
  EXPECT_GE(now, kStart + 1000h);
  EXPECT_LE(now, kStart + 1000h + kTick);
  EXPECT_LT(looks, 100);
}

TEST(TimerWheelTest, ATimerForTheEndOfTimeCanBeArmed) {
  TimerWheel wheel(kStart);
  TimerNode node;
  wheel.Arm(node, kNever - 1ns);
  EXPECT_EQ(wheel.PopExpired(kStart + 10000h), nullptr);
  wheel.Disarm(node);
}

// Waits within every level, at their borders, and beyond the last.
Nanoseconds RandomWait(std::mt19937_64& random) {
  const int bits = static_cast<int>(random() % 48);
  int64_t wait = static_cast<int64_t>(random() & ((uint64_t{1} << bits) - 1));
  if (random() % 4 == 0)
    wait = (int64_t{1} << (TimerWheel::kTickShift + 8 * (random() % 5))) + static_cast<int64_t>(random() % 3) - 1;
  return Nanoseconds(wait);
}

// A multimap of deadlines is the model. A million operations.
TEST(TimerWheelTest, AgreesWithAMultimap) {
  std::mt19937_64 random(42);
  TimerWheel wheel(kStart);
  constexpr size_t kNodes = 500;
  std::vector<TimerNode> nodes(kNodes);
  std::multimap<Instant, TimerNode*> model;
  const auto forget = [&](TimerNode* node) {
    const auto [first, last] = model.equal_range(node->at);
    const auto it = std::find_if(first, last, [&](const auto& entry) { return entry.second == node; });
    ASSERT_NE(it, last);
    model.erase(it);
  };
  Instant now = kStart;
  for (int operation = 0; operation < 1000000; ++operation) {
    TimerNode& node = nodes[random() % kNodes];
    const uint64_t kind = random() % 100;
    if (kind < 55) {
      if (node.armed()) forget(&node);
      const Instant at = now + RandomWait(random) - (random() % 16 == 0 ? 1ms : 0ms);
      wheel.Arm(node, at);
      model.emplace(at, &node);
    } else if (kind < 65) {
      if (node.armed()) forget(&node);
      wheel.Disarm(node);
    } else {
      // Small steps mostly, sometimes to the next check, sometimes far.
      const Instant next = wheel.NextCheck();
      if (!model.empty()) {
        ASSERT_LE(next, std::max(now, model.begin()->first) + kTick) << "checked later than a timer could be late";
      }
      if (kind < 96)
        now += Nanoseconds(random() % (4 * kTick.count()));
      else if (kind < 99 && next != kNever)
        now = std::max(now, next);
      else
        now += RandomWait(random);
      while (TimerNode* fired = wheel.PopExpired(now)) {
        ASSERT_LE(fired->at, now) << "early";
        forget(fired);
      }
      // The rest may be overdue by less than a tick only.
      if (!model.empty()) {
        ASSERT_GT(model.begin()->first + kTick, now) << "more than a tick late";
      }
    }
    ASSERT_EQ(wheel.armed(), model.size());
  }
}

TEST(TimerWheelTest, TimersOfOneMomentAllFire) {
  TimerWheel wheel(kStart);
  std::vector<TimerNode> nodes(10000);
  for (TimerNode& node : nodes) wheel.Arm(node, kStart + 1s);
  EXPECT_EQ(PopAll(wheel, kStart + 1s + kTick).size(), nodes.size());
}

}  // namespace
}  // namespace dpvrrp
