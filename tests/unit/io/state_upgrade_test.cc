// SPDX-License-Identifier: BSD-3-Clause
//
// State files of older releases: version 1, whose numbers had 32 bits, and version 2, which the daemon mapped.
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "io/state_image.h"
#include "unit/io/temp_folder.h"
#include "unit/io/test_state.h"

namespace dpvrrp {
namespace {

struct OldHeader {
  std::array<char, 8> magic = {'D', 'P', 'V', 'R', 'R', 'P', 'S', 'Q'};
  uint32_t version = 0;
  uint32_t slot_bytes = 0;
  uint64_t slot_count = 4;
  std::array<char, 40> boot_id = {'b', 'o', 'o', 't', '-', '1'};
  uint64_t checksum = 0;
};

struct SenderV1 {
  std::array<uint8_t, 16> address{};
  uint32_t highest = 0;
  uint32_t family = 0;
};

void Put(std::string& file, size_t at, const void* value, size_t bytes) { std::memcpy(&file[at], value, bytes); }

template <typename Value>
void PutValue(std::string& file, size_t at, const Value& value) {
  Put(file, at, &value, sizeof(value));
}

// Four slots; the second is "lan/0.0/4/51". A slot is the key's length, the key, its checksum at 120, a record at 128.
std::string FileOf(uint32_t version) {
  const size_t slot_bytes = version == 1 ? 384 : 448;
  std::string file(4096 + 4 * slot_bytes, '\0');
  OldHeader header;
  header.version = version;
  header.slot_bytes = static_cast<uint32_t>(slot_bytes);
  header.checksum = internal::Fnv1a(&header, offsetof(OldHeader, checksum));
  PutValue(file, 0, header);
  const size_t slot = 4096 + slot_bytes;
  const std::string key = "lan/0.0/4/51";
  file[slot] = static_cast<char>(key.size());
  Put(file, slot + 1, key.data(), key.size());
  PutValue(file, slot + 120, internal::Fnv1a(&file[slot], 120));
  const size_t record = slot + 128;
  if (version == 1) {
    PutValue(file, record, uint32_t{4711});
    PutValue(file, record + 8, SenderV1{{10, 99, 0, 1}, 815, 4});
    PutValue(file, record + 8 + 7 * 24,
             SenderV1{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, 0xffff'ffff, 6});
    return file;
  }
  PutValue(file, record, uint64_t{4711});
  PutValue(file, record + 8, uint32_t{900'000});  // reserved
  using Sender = SequenceRecord::Sender;
  PutValue(file, record + 16, Sender{{10, 99, 0, 1}, 815, 4});
  PutValue(file, record + 16 + 7 * 32, Sender{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, 0xffff'ffff, 6});
  std::memset(&file[record + 272], 0x55, 48);   // padding
  PutValue(file, 512, int64_t{1'700'000'000});  // when it was last in use
  return file;
}

class StateUpgradeTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  StateUpgradeTest() {
    static_cast<void>(Open());  // makes the folder
    WriteBytes(path_, FileOf(GetParam()));
  }

  absl::StatusOr<std::unique_ptr<TestState>> Open(const std::string& boot_id = "boot-1", size_t instances = 2) {
    return TestState::Open(directory_, {.instances = instances, .boot_id = boot_id}, &report_);
  }

  static size_t SlotBytes() { return GetParam() == 1 ? 384 : 448; }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  std::string path_ = directory_ + "/sequences";
  StateReport report_;
};

TEST_P(StateUpgradeTest, EveryNumberIsKept) {
  for (const bool again : {false, true}) {
    const absl::StatusOr<std::unique_ptr<TestState>> state = Open();
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(report_.converted, !again);
    EXPECT_FALSE(report_.created || report_.grown || report_.moved_ahead);
    EXPECT_EQ((*state)->used(), 1u);
    EXPECT_EQ((*state)->capacity(), 4u);
    const SequenceRecord& record = **(*state)->Acquire("lan/0.0/4/51");
    EXPECT_EQ(record.sent, 4711u);
    EXPECT_EQ(record.reserved, GetParam() == 1 ? 0u : 900'000u);
    EXPECT_EQ(record.left_at, GetParam() == 1 ? 0u : 1'700'000'000u);
    EXPECT_EQ(record.senders[0].address[3], 1);
    EXPECT_EQ(record.senders[0].highest, 815u);
    EXPECT_EQ(record.senders[0].family, 4u);
    EXPECT_EQ(record.senders[7].address[15], 7);
    EXPECT_EQ(record.senders[7].highest, 0xffff'ffffu);
    EXPECT_EQ(record.senders[7].family, 6u);
    for (size_t i = 1; i < 7; ++i) EXPECT_EQ(record.senders[i].family, 0u);
  }
}

TEST_P(StateUpgradeTest, ItTakesMoreRoomAndAPowerLossWithIt) {
  const absl::StatusOr<std::unique_ptr<TestState>> state = Open("boot-2", 20);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(report_.converted && report_.grown && report_.moved_ahead);
  EXPECT_EQ((*(*state)->Acquire("lan/0.0/4/51"))->sent, 4711u + kPowerLossGap);
}

TEST_P(StateUpgradeTest, ADamagedOneIsLeftAlone) {
  std::string bytes = FileOf(GetParam());
  bytes[4096 + SlotBytes() + 3] ^= 1;
  WriteBytes(path_, bytes);
  EXPECT_TRUE(absl::IsDataLoss(Open().status()));
  bytes = FileOf(GetParam());
  bytes.resize(bytes.size() - SlotBytes());
  WriteBytes(path_, bytes);
  EXPECT_TRUE(absl::IsDataLoss(Open().status()));
  EXPECT_EQ(ReadBytes(path_), bytes);
}

TEST_P(StateUpgradeTest, NumbersOf64BitsAreKept) {
  (*(*Open())->Acquire("lan/hmac"))->sent = 0x6b02'c7dd'fde9'0000;
  EXPECT_EQ((*(*Open("boot-2"))->Acquire("lan/hmac"))->sent, 0x6b02'c7dd'fde9'0000u) << "the clock moves it ahead";
}

INSTANTIATE_TEST_SUITE_P(Versions, StateUpgradeTest, ::testing::Values(1u, 2u));

}  // namespace
}  // namespace dpvrrp
