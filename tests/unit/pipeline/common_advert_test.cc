// SPDX-License-Identifier: BSD-3-Clause
//
// The short path for the common frame has the same result as the general parser, whatever the frame's fault.
#include "pipeline/receive/common_advert.h"

#include <gtest/gtest.h>

#include <random>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

class CommonAdvertTest : public testing::Test {
 protected:
  CommonAdvertTest() {
    for (const VlanStack& vlan : {VlanStack{}, VlanStack{7, 0}, VlanStack{7, 8}}) {
      VirtualRouterConfig config = AhConfig(record_);
      config.vlan = vlan;
      routers_.push_back(std::make_unique<VirtualRouter>(std::move(config)));
      segments_.Insert(*routers_.back());
    }
  }

  // True if the frame takes the short path.
  bool ExpectAgreement(const Bytes& bytes, VlanStack stripped = {}) {
    Bytes copy(bytes);
    const Frame frame{copy.data(), static_cast<uint16_t>(copy.size()), PortId(0), stripped};
    Candidate common{};
    Candidate any{};
    VlanStack vlan;
    const bool is_common = IsCommonAdvert(frame, vlan, common);
    const DropReason reason = Classify(frame, segments_, common);
    EXPECT_EQ(reason, ClassifyAny(frame, segments_, any)) << ToHex(bytes);
    if (reason == DropReason::kNone) {
      EXPECT_EQ(common.place, any.place);
      EXPECT_EQ(common.ip, any.ip);
      EXPECT_EQ(common.ah, any.ah);
      EXPECT_EQ(common.message.data(), any.message.data());
      EXPECT_EQ(common.message.size(), any.message.size());
      EXPECT_EQ(common.vrid, any.vrid);
      EXPECT_TRUE(common.ah == nullptr || common.sequence == any.sequence);
    }
    return is_common;
  }

  SequenceRecord record_;
  SegmentTable segments_;
  std::vector<std::unique_ptr<VirtualRouter>> routers_;
};

TEST_F(CommonAdvertTest, UntaggedAndSingleTaggedAdvertsAreCommon) {
  EXPECT_TRUE(ExpectAgreement(AdvertFrame{.key = KeepalivedKey("s3cr3t")}.Build()));
  EXPECT_TRUE(ExpectAgreement(AdvertFrame{.vlan_tags = {7}, .key = KeepalivedKey("s3cr3t")}.Build()));
  EXPECT_TRUE(ExpectAgreement(AdvertFrame{.vlan_tags = {0xe000}, .key = KeepalivedKey("s3cr3t")}.Build()));
  EXPECT_FALSE(ExpectAgreement(AdvertFrame{.vlan_tags = {7, 8}, .key = KeepalivedKey("s3cr3t")}.Build()));
  EXPECT_FALSE(ExpectAgreement(AdvertFrame{.key = KeepalivedKey("s3cr3t")}.Build(), VlanStack{7, 0}));
  EXPECT_FALSE(ExpectAgreement(AdvertFrame{}.Build()));
}

TEST_F(CommonAdvertTest, EveryByteChangedAndEveryLengthAgree) {
  for (const std::vector<uint16_t>& tags : {std::vector<uint16_t>{}, {7}, {0}, {9}, {7, 8}}) {
    const Bytes whole = AdvertFrame{.vlan_tags = tags, .key = KeepalivedKey("s3cr3t"), .padding = Bytes(6, 0)}.Build();
    for (size_t at = 0; at < whole.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        Bytes changed = whole;
        changed[at] = static_cast<uint8_t>(value);
        ExpectAgreement(changed);
      }
      ExpectAgreement(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(at)));
    }
  }
}

// Several wrong fields at once. The IP checksum is corrected, so that later checks are reached.
TEST_F(CommonAdvertTest, RandomHeadersAgree) {
  std::mt19937 random(5);
  const auto pick = [&](std::initializer_list<uint32_t> values) { return values.begin()[random() % values.size()]; };
  for (int i = 0; i < 20000; ++i) {
    AdvertFrame frame{.key = KeepalivedKey("s3cr3t")};
    if (random() % 2 == 0) frame.vlan_tags = {static_cast<uint16_t>(pick({0, 7, 8, 0xe007}))};
    if (random() % 4 == 0) frame.flags_fragment = static_cast<uint16_t>(pick({0x4000, 0x8000, 0x2000, 1}));
    if (random() % 4 == 0) frame.ttl = static_cast<uint8_t>(pick({254, 255, 0}));
    if (random() % 4 == 0) frame.protocol = static_cast<uint8_t>(pick({51, 112, 17}));
    if (random() % 4 == 0) frame.source = IpAddress::V4(pick({0, 1, 0xdfffffff, 0xe0000000, 0xf0000001, 0xffffffff}));
    if (random() % 4 == 0) frame.destination = IpAddress::V4(pick({0xe0000012, 0xe0000013, 0x0a630002}));
    if (random() % 4 == 0) frame.total_length = static_cast<uint16_t>(pick({0, 19, 20, 32, 40, 52, 63, 64, 65, 9000}));
    if (random() % 4 == 0) frame.ah_payload_len = static_cast<uint8_t>(pick({0, 1, 2, 4, 5, 8, 255}));
    if (random() % 4 == 0) frame.ah_next_header = static_cast<uint8_t>(pick({112, 17}));
    if (random() % 4 == 0) frame.vrid = static_cast<uint8_t>(pick({51, 52, 0}));
    if (random() % 4 == 0) frame.padding = Bytes(random() % 20, 0);
    if (random() % 100 == 0) frame.padding = Bytes(kMaxFrameBytes, 0);
    ExpectAgreement(frame.Build());
  }
}

}  // namespace
}  // namespace dpvrrp
