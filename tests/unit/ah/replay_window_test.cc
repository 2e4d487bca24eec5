// SPDX-License-Identifier: BSD-3-Clause
#include "ah/replay_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace dpvrrp {
namespace {

constexpr DropReason kFresh = DropReason::kNone;
constexpr DropReason kReplayed = DropReason::kReplayed;
constexpr DropReason kStale = DropReason::kStale;
constexpr uint32_t kTop = 0xffffffff;

// A ledger: numbers as they arrive, all with a good ICV, and what becomes of each.
struct Entry {
  uint32_t sequence;
  DropReason expected;
};

void Play(ReplayWindow& window, const std::vector<Entry>& ledger) {
  for (const Entry& entry : ledger) {
    const DropReason got = window.Check(entry.sequence);
    EXPECT_EQ(got, entry.expected) << "sequence " << entry.sequence << ": " << ToString(got);
    if (got == kFresh) window.Commit(entry.sequence);
  }
}

bool SameBytes(const ReplayWindow& a, const ReplayWindow& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

// W-01, W-12: two blocks of 64 bits give 64 numbers, and all of them can be distinguished at once. (W-12 requires that
// the RFC's sample code is not copied: its window is one number wider, see W-06.)
TEST(ReplayWindowTest, KeepsSixtyFourNumbers) {
  static_assert(ReplayWindow::kSize == 64);
  ReplayWindow window;
  window.Commit(1000);
  for (uint32_t sequence = 937; sequence < 1000; ++sequence) Play(window, {{sequence, kFresh}});
  for (uint32_t sequence = 937; sequence <= 1000; ++sequence) Play(window, {{sequence, kReplayed}});
  Play(window, {{936, kStale}});
}

// W-02
TEST(ReplayWindowTest, ZeroIsNeverValid) {
  ReplayWindow window;
  Play(window, {{0, kReplayed}, {1, kFresh}, {0, kReplayed}, {1000, kFresh}, {0, kReplayed}});
}

// W-03
TEST(ReplayWindowTest, AJumpForwardIsAccepted) {
  ReplayWindow window;
  Play(window, {{1, kFresh}, {1000000, kFresh}, {1000000, kReplayed}, {1, kStale}, {999999, kFresh}});
  EXPECT_EQ(window.highest(), 1000000u);
}

// W-04: 5 + 128 falls on the bit that 5 had, and into the block after next.
TEST(ReplayWindowTest, NoOldBitSurvivesAJumpOverTheRing) {
  ReplayWindow window;
  Play(window, {{5, kFresh}, {5 + 128, kFresh}, {6, kStale}, {5 + 127, kFresh}, {5 + 128, kReplayed}});
  ReplayWindow full;
  for (uint32_t sequence = 1; sequence <= 128; ++sequence) Play(full, {{sequence, kFresh}});
  Play(full, {{1024, kFresh}});
  for (uint32_t sequence = 1024 - 63; sequence < 1024; ++sequence) Play(full, {{sequence, kFresh}});
}

// W-05
TEST(ReplayWindowTest, ADuplicateIsRefusedAtOnceAndLater) {
  ReplayWindow window;
  Play(window, {{10, kFresh}, {10, kReplayed}, {11, kFresh}, {10, kReplayed}, {60, kFresh}, {10, kReplayed}});
}

// W-06
TEST(ReplayWindowTest, TheLeftEdgeIsExact) {
  ReplayWindow window;
  Play(window, {{200, kFresh}, {136, kStale}, {137, kFresh}, {137, kReplayed}, {201, kFresh}, {137, kStale}});
}

// W-06 for every position of the highest number within a block.
TEST(ReplayWindowTest, TheLeftEdgeIsExactWhereverTheWindowStands) {
  for (uint32_t highest = 129; highest < 129 + 128; ++highest) {
    ReplayWindow window;
    Play(window, {{highest, kFresh}, {highest - 64, kStale}, {highest - 63, kFresh}, {highest - 1, kFresh}});
  }
}

// W-07: a sum in 32 bits would wrap here and call these stale.
TEST(ReplayWindowTest, NothingOverflowsNearTheTop) {
  ReplayWindow window;
  Play(window,
       {{kTop, kFresh}, {0xfffffff0, kFresh}, {0xffffffc0, kFresh}, {0xffffffbf, kStale}, {0xfffffff0, kReplayed}});
}

// W-08
TEST(ReplayWindowTest, NothingComesAfterTheTop) {
  ReplayWindow window;
  Play(window, {{0xfffffffe, kFresh}, {kTop, kFresh}, {kTop, kReplayed}, {0, kReplayed}, {1, kStale}, {63, kStale}});
  EXPECT_EQ(window.highest(), kTop);
}

// W-09: two frames of a burst may both pass Check before either is committed. So Commit checks again.
TEST(ReplayWindowTest, CheckTakesNothing) {
  ReplayWindow window;
  EXPECT_EQ(window.Check(7), kFresh);
  EXPECT_EQ(window.Check(7), kFresh);
  window.Commit(7);
  EXPECT_EQ(window.Check(7), kReplayed);
}

// W-09: one owner, two steps; skipping the second look is a programming error and not silently a replay.
TEST(ReplayWindowDeathTest, CommittingTwiceAborts) {
  ReplayWindow window;
  window.Commit(7);
  EXPECT_DEATH(window.Commit(7), "CHECK failed");
}

// W-10, AH-16
TEST(ReplayWindowTest, AForgedNumberChangesNothing) {
  static_assert(std::has_unique_object_representations_v<std::array<uint64_t, 2>>);
  ReplayWindow window;
  Play(window, {{70, kFresh}, {72, kFresh}});
  ReplayWindow before;
  std::memcpy(static_cast<void*>(&before), &window, sizeof window);

  for (uint32_t forged : {0u, 1u, 71u, 72u, 73u, 137u, 1000u, kTop}) static_cast<void>(window.Check(forged));

  EXPECT_TRUE(SameBytes(window, before));
  Play(window, {{71, kFresh}, {73, kFresh}});
}

// AH-13, AH-28: after a restart nothing at or below the recorded number is believed, everything above it is.
TEST(ReplayWindowTest, RestoreRefusesEverythingUpToHighest) {
  for (uint32_t highest : {1u, 5u, 62u, 63u, 64u, 65u, 127u, 128u, 1000u, kTop - 200, kTop - 1}) {
    ReplayWindow window;
    window.Restore(highest);
    EXPECT_EQ(window.highest(), highest);
    for (uint32_t back = 0; back < 200 && back < highest; ++back) {
      EXPECT_EQ(window.Check(highest - back), back < ReplayWindow::kSize ? kReplayed : kStale)
          << highest << "-" << back;
    }
    for (uint64_t ahead = 1; ahead < 200 && highest + ahead <= kTop; ++ahead) {
      EXPECT_EQ(window.Check(static_cast<uint32_t>(highest + ahead)), kFresh) << highest << "+" << ahead;
    }
  }
}

// A restored window must not have bits of later numbers. Such bits would show only after the window has moved.
TEST(ReplayWindowTest, ARestoredWindowAcceptsLateNumbersAboveHighest) {
  ReplayWindow window;
  window.Restore(100);
  Play(window, {{163, kFresh}});
  for (uint32_t sequence = 101; sequence < 163; ++sequence) Play(window, {{sequence, kFresh}});
  Play(window, {{100, kReplayed}, {99, kStale}});
}

TEST(ReplayWindowTest, RestoringNothingIsAFreshStart) {
  ReplayWindow window;
  window.Restore(0);
  Play(window, {{130, kFresh}, {129, kFresh}, {67, kFresh}, {66, kStale}});
}

// The definition: every number ever accepted, and the highest of them.
class NaiveWindow {
 public:
  explicit NaiveWindow(uint32_t restored) : floor_(restored), highest_(restored) {}

  DropReason Check(uint32_t sequence) const {
    if (sequence == 0) return kReplayed;
    if (uint64_t{sequence} + ReplayWindow::kSize <= highest_) return kStale;
    return sequence <= floor_ || seen_.contains(sequence) ? kReplayed : kFresh;
  }
  void Commit(uint32_t sequence) {
    seen_.insert(sequence);
    highest_ = std::max<uint64_t>(highest_, sequence);
  }
  uint64_t highest() const { return highest_; }

 private:
  uint64_t floor_;
  uint64_t highest_;
  std::unordered_set<uint32_t> seen_;
};

// W-11. `start` is a restored number; 0 is a new sender.
void CompareWithModel(uint32_t start, uint32_t seed, int steps) {
  SCOPED_TRACE(testing::Message() << "start " << start << ", seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](uint32_t n) { return random() % n; };
  ReplayWindow window;
  window.Restore(start);
  NaiveWindow model(start);
  int outcomes[3] = {};
  uint32_t burst = 0;

  for (int step = 0; step < steps; ++step) {
    const uint64_t highest = model.highest();
    uint64_t next = highest + 1;
    if (burst > 0) {
      --burst;
    } else {
      switch (below(8)) {
        case 0:
          burst = below(100);
          break;
        case 1:
          next = highest + 1 + below(70);
          break;
        case 2:
          next = highest + 1 + below(300);
          break;
        case 3:
          next = below(1000) == 0 ? highest + below(100000) : highest;
          break;
        default:
          next = highest - std::min<uint64_t>(highest, below(150));
          break;
      }
    }
    const uint32_t sequence = static_cast<uint32_t>(std::min<uint64_t>(next, kTop));
    const DropReason expected = model.Check(sequence);
    ASSERT_EQ(window.Check(sequence), expected) << "step " << step << ", sequence " << sequence;
    outcomes[expected == kFresh ? 0 : expected == kReplayed ? 1 : 2]++;
    const bool forged = below(10) == 0;
    if (expected != kFresh || forged) continue;
    window.Commit(sequence);
    model.Commit(sequence);
    ASSERT_EQ(window.highest(), model.highest());
  }
  // The walk has to visit every outcome often, or it has shown nothing.
  for (int count : outcomes) EXPECT_GT(count, steps / 50);
  if (start != 0) {
    EXPECT_EQ(window.highest(), kTop);
  }
}

// W-11
TEST(ReplayWindowTest, AgreesWithASetOfAllSeenNumbers) { CompareWithModel(0, 20240501, 1000000); }

// W-11, W-07, W-08: the last steps beat against 2^32-1.
TEST(ReplayWindowTest, AgreesWithASetOfAllSeenNumbersUpToTheTop) { CompareWithModel(kTop - 200000, 20240502, 200000); }

}  // namespace
}  // namespace dpvrrp
