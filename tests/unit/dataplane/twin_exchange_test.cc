// SPDX-License-Identifier: BSD-3-Clause
//
// Frames on their way up to a twin. A socket that keeps messages apart stands for the TAP device. The frames are mbufs
// with a second reference, so that freeing one only counts down, and EAL is not needed.
#include "dataplane/twin_exchange.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "dataplane/worker_loop.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PortId kTwinned{1}, kOther{2};

struct UpFrame {
  explicit UpFrame(PortId port, uint8_t mark, size_t length = 60) : bytes(length, mark) {
    mbuf->buf_addr = bytes.data();
    mbuf->data_len = static_cast<uint16_t>(length);
    mbuf->pkt_len = static_cast<uint32_t>(length);
    mbuf->nb_segs = 1;
    mbuf->refcnt = 2;
    mbuf->port = port.value();
  }
  bool is_free() const { return mbuf->refcnt == 1; }

  std::vector<uint8_t> bytes;
  std::unique_ptr<rte_mbuf> mbuf = std::make_unique<rte_mbuf>();  // all zero
};

class TwinExchangeTest : public testing::Test {
 protected:
  TwinExchangeTest() {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends_), 0);
    exchange_.AddTwin(kTwinned, ends_[0]);
  }
  ~TwinExchangeTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }

  // The frames that are left for the loop to free.
  size_t Take(std::vector<UpFrame>& frames, uint64_t strangers) {
    std::vector<rte_mbuf*> burst;
    for (UpFrame& frame : frames) burst.push_back(frame.mbuf.get());
    return exchange_.Take(burst, strangers).size();
  }
  std::vector<UpFrame> Frames(size_t count, PortId port = kTwinned) {
    std::vector<UpFrame> frames;
    for (size_t i = 0; i < count; ++i) frames.emplace_back(port, static_cast<uint8_t>(i));
    return frames;
  }
  std::optional<std::vector<uint8_t>> Arrived() {
    std::vector<uint8_t> bytes(4096);
    const ssize_t size = recv(ends_[1], bytes.data(), bytes.size(), 0);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<size_t>(size));
    return bytes;
  }
  std::vector<int> ArrivedMarks() {
    std::vector<int> marks;
    while (const auto frame = Arrived()) marks.push_back(frame->back());
    return marks;
  }

  int ends_[2] = {-1, -1};
  alignas(64) uint8_t pool_memory_[64] = {};  // nothing is read in these tests
  TwinExchange exchange_{reinterpret_cast<rte_mempool&>(pool_memory_)};
};

TEST_F(TwinExchangeTest, OnlyStrangersOfAPortWithATwinArrive) {
  std::vector<UpFrame> frames = Frames(4);
  frames[1].mbuf->port = kOther.value();
  EXPECT_EQ(Take(frames, 0b1011), 2u) << "the one of another port, and the one that is ours";
  EXPECT_EQ(exchange_.WriteUp(WorkerNow()), 2u);
  EXPECT_THAT(ArrivedMarks(), ElementsAre(0, 3));
  EXPECT_TRUE(frames[0].is_free() && frames[3].is_free());
  EXPECT_FALSE(frames[1].is_free() || frames[2].is_free()) << "the loop frees them";
  EXPECT_EQ(exchange_.counters(kTwinned).up.value(), 2u);
}

TEST_F(TwinExchangeTest, WhatFindsNoRoomIsDroppedAndCounted) {
  std::vector<UpFrame> frames = Frames(kTwinDepth);
  for (size_t i = 0; i < kTwinDepth; i += kMaxBurst) {
    std::vector<rte_mbuf*> burst;
    for (size_t j = i; j < i + kMaxBurst; ++j) burst.push_back(frames[j].mbuf.get());
    EXPECT_THAT(exchange_.Take(burst, UINT64_MAX), IsEmpty());
  }
  std::vector<UpFrame> more = Frames(3);
  EXPECT_EQ(Take(more, 0b111), 3u);
  EXPECT_EQ(exchange_.counters(kTwinned).up_dropped.value(), 3u);
  EXPECT_LE(exchange_.WriteUp(WorkerNow()), kMaxBurst) << "a turn's share";
  exchange_.FreeAll();
  for (const UpFrame& frame : frames) EXPECT_TRUE(frame.is_free());
}

TEST_F(TwinExchangeTest, AShareEndsWithItsTime) {
  std::vector<UpFrame> frames = Frames(kMaxBurst);
  Take(frames, UINT64_MAX);
  EXPECT_EQ(exchange_.WriteUp(WorkerNow() - kLongestTwinShare), 8u) << "the clock is read after so many frames";
  exchange_.FreeAll();
}

TEST_F(TwinExchangeTest, AFrameThatTheKernelRefusesIsCounted) {
  const int refuses = open("/dev/null", O_RDONLY);
  exchange_.AddTwin(kTwinned, refuses);
  std::vector<UpFrame> frames = Frames(1);
  Take(frames, 1);
  exchange_.WriteUp(WorkerNow());
  EXPECT_EQ(exchange_.counters(kTwinned).up_refused.value(), 1u);
  EXPECT_EQ(exchange_.counters(kTwinned).up.value(), 0u);
  EXPECT_TRUE(frames[0].is_free());
  close(refuses);
}

TEST_F(TwinExchangeTest, StrippedTagsArePutBack) {
  std::vector<UpFrame> frames = Frames(2);
  for (UpFrame& frame : frames) {
    frame.mbuf->ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    frame.mbuf->vlan_tci = 0xe007;
  }
  frames[1].mbuf->ol_flags |= RTE_MBUF_F_RX_QINQ | RTE_MBUF_F_RX_QINQ_STRIPPED;
  frames[1].mbuf->vlan_tci_outer = 0x0064;
  Take(frames, 0b11);
  exchange_.WriteUp(WorkerNow());
  std::vector<uint8_t> once = frames[0].bytes, twice = frames[1].bytes;
  const std::vector<uint8_t> inner = {0x81, 0x00, 0xe0, 0x07}, outer = {0x88, 0xa8, 0x00, 0x64};
  once.insert(once.begin() + 12, inner.begin(), inner.end());
  twice.insert(twice.begin() + 12, inner.begin(), inner.end());
  twice.insert(twice.begin() + 12, outer.begin(), outer.end());
  EXPECT_EQ(Arrived(), once);
  EXPECT_EQ(Arrived(), twice);
}

}  // namespace
}  // namespace dpvrrp
