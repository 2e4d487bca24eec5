// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/mbuf_frame.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace dpvrrp {
namespace {

// An mbuf around a frame with these VIDs in it; EAL is not needed for that.
struct Received {
  explicit Received(const std::vector<uint16_t>& vids) : bytes(12, 0x02) {
    for (const uint16_t vid : vids) {
      const uint8_t tag[4] = {0x81, 0x00, static_cast<uint8_t>(0xe0 | vid >> 8), static_cast<uint8_t>(vid)};
      bytes.insert(bytes.end(), std::begin(tag), std::end(tag));
    }
    bytes.insert(bytes.end(), {0x08, 0x00});
    mbuf.buf_addr = bytes.data();
    mbuf.data_len = static_cast<uint16_t>(bytes.size());
    mbuf.nb_segs = 1;
    mbuf.port = 3;
  }
  std::vector<uint8_t> bytes;
  std::unique_ptr<rte_mbuf> owned = std::make_unique<rte_mbuf>();  // all zero
  rte_mbuf& mbuf = *owned;
};

TEST(MbufFrameTest, IsWhatTheMbufHolds) {
  Received received({});
  received.mbuf.data_off = 2;
  received.mbuf.data_len = 10;
  const Frame frame = FrameOf(received.mbuf);
  EXPECT_EQ(frame.data, received.bytes.data() + 2);
  EXPECT_EQ(frame.length, 10);
  EXPECT_EQ(frame.port, PortId(3));
  EXPECT_EQ(frame.stripped, VlanStack{});
}

TEST(MbufFrameTest, TagsStillInTheFrameAreNotStripped) {
  Received received({100, 7});
  received.mbuf.ol_flags = RTE_MBUF_F_RX_VLAN;  // as net_af_packet sets it
  received.mbuf.vlan_tci = 100;
  EXPECT_EQ(StrippedTags(received.mbuf), VlanStack{});
  EXPECT_EQ(SegmentTags(received.mbuf), (VlanStack{100, 7}));
}

TEST(MbufFrameTest, OneTagStripped) {
  Received received({});
  received.mbuf.ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
  received.mbuf.vlan_tci = 6 << 13 | 100;
  EXPECT_EQ(FrameOf(received.mbuf).stripped, (VlanStack{100, 0}));
  EXPECT_EQ(SegmentTags(received.mbuf), (VlanStack{100, 0}));
}

TEST(MbufFrameTest, OuterTagStrippedInnerInTheFrame) {
  for (const uint64_t flags : {RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED,
                               RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_QINQ | RTE_MBUF_F_RX_QINQ_STRIPPED}) {
    Received received({7});
    received.mbuf.ol_flags = flags;
    received.mbuf.vlan_tci = (flags & RTE_MBUF_F_RX_QINQ) != 0 ? 7 : 100;
    received.mbuf.vlan_tci_outer = 100;
    EXPECT_EQ(StrippedTags(received.mbuf), (VlanStack{100, 0}));
    EXPECT_EQ(SegmentTags(received.mbuf), (VlanStack{100, 7}));
  }
}

TEST(MbufFrameTest, BothTagsStripped) {
  Received received({});
  received.mbuf.ol_flags =
      RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_QINQ | RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ_STRIPPED;
  received.mbuf.vlan_tci = 7;
  received.mbuf.vlan_tci_outer = 100;
  EXPECT_EQ(SegmentTags(received.mbuf), (VlanStack{100, 7}));
}

TEST(MbufFrameTest, StrippedPriorityTagCountsAsNone) {
  Received received({7});
  received.mbuf.ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
  received.mbuf.vlan_tci = 6 << 13;
  EXPECT_EQ(SegmentTags(received.mbuf), (VlanStack{7, 0}));
}

TEST(MbufFrameTest, FrameInPiecesIsMovedTogetherIfItFits) {
  std::vector<uint8_t> room(64);
  Received first({});
  Received second({});
  first.mbuf.buf_addr = room.data();
  first.mbuf.buf_len = 64;
  first.mbuf.next = &second.mbuf;
  first.mbuf.nb_segs = 2;
  first.mbuf.pkt_len = first.mbuf.data_len + uint32_t{second.mbuf.data_len};
  second.mbuf.refcnt = 2;  // so that giving it back only counts down
  EXPECT_TRUE(IsUsable(&first.mbuf));
  EXPECT_EQ(first.mbuf.data_len, 28);
  EXPECT_EQ(room[14], 0x02);
  EXPECT_EQ(second.mbuf.refcnt, 1);

  Received too_long({});
  too_long.mbuf.buf_len = too_long.mbuf.data_len;
  too_long.mbuf.next = &first.mbuf;
  too_long.mbuf.nb_segs = 2;
  too_long.mbuf.pkt_len = too_long.mbuf.data_len + first.mbuf.pkt_len;
  EXPECT_FALSE(IsUsable(&too_long.mbuf));
}

}  // namespace
}  // namespace dpvrrp
