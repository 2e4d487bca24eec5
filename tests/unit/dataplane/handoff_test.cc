// SPDX-License-Identifier: BSD-3-Clause
//
// The ends of three workers in one thread. The rings are in ordinary memory, so EAL is not needed. The frames are mbufs
// whose contents are not read, with a second reference so that freeing one only counts down.
#include "dataplane/handoff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstdlib>
#include <memory>

#include "pipeline/segment_owner.h"

namespace dpvrrp {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(SegmentOwnerTest, SpreadsBySumOfVids) {
  EXPECT_EQ(SegmentOwner({}, 3), 0u);  // untagged
  EXPECT_EQ(SegmentOwner({1, 0}, 3), 1u);
  EXPECT_EQ(SegmentOwner({2, 0}, 3), 2u);
  EXPECT_EQ(SegmentOwner({3, 0}, 3), 0u);
  EXPECT_EQ(SegmentOwner({100, 1}, 3), 2u);
  EXPECT_EQ(SegmentOwner({4094, 4094}, 2), 0u);
  EXPECT_EQ(SegmentOwner({4094, 4094}, 1), 0u);
}

// 4094 VLANs, and 100 customers in a service VLAN.
TEST(SegmentOwnerTest, GivesEveryWorkerTheSameShare) {
  for (size_t workers = 1; workers <= 16; ++workers) {
    std::vector<size_t> single(workers), twice(workers);
    for (uint16_t vid = 1; vid <= 4094; ++vid) ++single[SegmentOwner({vid, 0}, workers)];
    for (uint16_t vid = 1; vid <= 100; ++vid) ++twice[SegmentOwner({1000, vid}, workers)];
    for (const auto& [shares, all] : {std::pair(single, 4094), std::pair(twice, 100)}) {
      const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
      EXPECT_LE(*most - *least, 1u) << all << " segments, " << workers << " workers";
    }
  }
}

constexpr size_t kWorkers = 3;

class HandoffTest : public testing::Test {
 protected:
  struct Free {
    void operator()(rte_ring* ring) const { std::free(ring); }
  };

  HandoffTest() : frames_(2 * kHandoffDepth) {
    for (rte_mbuf& frame : frames_) frame.refcnt = 2, frame.nb_segs = 1;
    std::vector<std::vector<HandoffRings>> ends(kWorkers, std::vector<HandoffRings>(kWorkers));
    for (size_t from = 0; from < kWorkers; ++from) {
      for (size_t to = 0; to < kWorkers; ++to) {
        for (size_t kind = 0; kind < kHandoffKinds && from != to; ++kind) {
          rte_ring* ring = NewRing();
          ends[from][to].to[kind] = ring;
          ends[to][from].from[kind] = ring;
        }
      }
    }
    for (size_t i = 0; i < kWorkers; ++i) workers_[i] = std::make_unique<Handoff>(ends[i], counters_[i]);
  }

  rte_ring* NewRing() {
    constexpr unsigned kFlags = RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ;
    const size_t bytes = static_cast<size_t>(rte_ring_get_memsize(2 * kHandoffDepth));  // EXACT_SZ rounds up
    rings_.emplace_back(static_cast<rte_ring*>(std::aligned_alloc(64, bytes)));
    EXPECT_EQ(rte_ring_init(rings_.back().get(), "handoff", kHandoffDepth, kFlags), 0);
    return rings_.back().get();
  }

  std::vector<rte_mbuf*> Take(size_t worker, HandoffKind kind, size_t room = kMaxBurst) {
    std::vector<rte_mbuf*> out(room);
    out.resize(workers_[worker]->Take(kind, out));
    return out;
  }

  std::vector<rte_mbuf> frames_;
  std::vector<std::unique_ptr<rte_ring, Free>> rings_;
  WorkerCounters counters_[kWorkers];
  std::unique_ptr<Handoff> workers_[kWorkers];
};

TEST_F(HandoffTest, FramesReachTheirWorkerInOrder) {
  workers_[0]->Pass(HandoffKind::kReceived, 1, &frames_[0]);
  workers_[0]->Pass(HandoffKind::kReceived, 2, &frames_[1]);
  workers_[0]->Pass(HandoffKind::kReceived, 1, &frames_[2]);
  workers_[0]->Pass(HandoffKind::kToSend, 1, &frames_[3]);
  workers_[0]->Flush(HandoffKind::kReceived);
  EXPECT_THAT(Take(1, HandoffKind::kToSend), ElementsAre());  // not flushed yet
  workers_[0]->Flush(HandoffKind::kToSend);
  EXPECT_THAT(Take(1, HandoffKind::kReceived), ElementsAre(&frames_[0], &frames_[2]));
  EXPECT_THAT(Take(2, HandoffKind::kReceived), ElementsAre(&frames_[1]));
  EXPECT_THAT(Take(1, HandoffKind::kToSend), ElementsAre(&frames_[3]));
  EXPECT_THAT(Take(0, HandoffKind::kReceived), ElementsAre());
  EXPECT_EQ(counters_[0].handed_over.value(), 4u);
}

TEST_F(HandoffTest, WhatAFullRingDoesNotTakeIsFreedAndCounted) {
  constexpr size_t kPassed = kHandoffDepth + kMaxBurst / 2;
  for (size_t i = 0; i < kPassed; ++i) {
    workers_[0]->Pass(HandoffKind::kReceived, 1, &frames_[i]);
    if ((i + 1) % kMaxBurst == 0) workers_[0]->Flush(HandoffKind::kReceived);
  }
  workers_[0]->Flush(HandoffKind::kReceived);
  EXPECT_EQ(counters_[0].handed_over.value(), kHandoffDepth);
  EXPECT_EQ(counters_[0].handoff_dropped.value(), kPassed - kHandoffDepth);
  for (size_t i = 0; i < kPassed; ++i) EXPECT_EQ(frames_[i].refcnt, i < kHandoffDepth ? 2 : 1) << i;
}

// An advert of ours is not lost because another worker sleeps.
TEST_F(HandoffTest, FramesToSendWaitForRoom) {
  for (size_t i = 0; i < kHandoffDepth + 10; ++i) {
    workers_[0]->Pass(HandoffKind::kToSend, 1, &frames_[i]);
    if ((i + 1) % kMaxBurst == 0) workers_[0]->Flush(HandoffKind::kToSend);
    EXPECT_FALSE(workers_[0]->IsStuck());
  }
  workers_[0]->Flush(HandoffKind::kToSend);
  EXPECT_TRUE(workers_[0]->IsStuck());
  workers_[0]->Flush(HandoffKind::kToSend);
  EXPECT_TRUE(workers_[0]->IsStuck());
  EXPECT_EQ(counters_[0].handoff_dropped.value(), 0u);

  EXPECT_THAT(Take(1, HandoffKind::kToSend, 1), ElementsAre(&frames_[0]));
  workers_[0]->Flush(HandoffKind::kToSend);
  EXPECT_TRUE(workers_[0]->IsStuck());  // nine are left
  std::vector<rte_mbuf*> all = Take(1, HandoffKind::kToSend, kHandoffDepth);
  workers_[0]->Flush(HandoffKind::kToSend);
  EXPECT_FALSE(workers_[0]->IsStuck());
  const std::vector<rte_mbuf*> last = Take(1, HandoffKind::kToSend);
  all.insert(all.end(), last.begin(), last.end());
  ASSERT_EQ(all.size(), kHandoffDepth + 9);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], &frames_[i + 1]);
}

TEST_F(HandoffTest, NoNeighbourStarves) {
  for (size_t i = 0; i < kMaxBurst; ++i) {
    workers_[0]->Pass(HandoffKind::kReceived, 2, &frames_[i]);
    workers_[1]->Pass(HandoffKind::kReceived, 2, &frames_[kMaxBurst + i]);
  }
  workers_[0]->Flush(HandoffKind::kReceived);
  workers_[1]->Flush(HandoffKind::kReceived);
  size_t first = 0, second = 0;
  for (int turn = 0; turn < 3; ++turn) {
    for (rte_mbuf* frame : Take(2, HandoffKind::kReceived, 8)) ++(frame < &frames_[kMaxBurst] ? first : second);
  }
  EXPECT_GE(first, 8u);
  EXPECT_GE(second, 8u);
}

TEST(HandoffAloneTest, HasNothingToTake) {
  WorkerCounters counters;
  Handoff handoff({}, counters);
  EXPECT_TRUE(handoff.alone());
  handoff.Flush(HandoffKind::kToSend);
  rte_mbuf* out = nullptr;
  EXPECT_EQ(handoff.Take(HandoffKind::kReceived, {&out, 1}), 0u);
}

}  // namespace
}  // namespace dpvrrp
