// SPDX-License-Identifier: BSD-3-Clause
//
// A state file of format version 1, whose numbers had 32 bits.
#include <gtest/gtest.h>

#include <cstring>

#include "io/state_file.h"
#include "io/state_image.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using internal::StateHeader;
using internal::StateSlotV1;

uint64_t Fnv1a(const void* data, size_t bytes) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ static_cast<const uint8_t*>(data)[i]) * 1099511628211u;
  return hash;
}

void Put(std::string& file, size_t at, const void* value, size_t bytes) { std::memcpy(&file[at], value, bytes); }

// Four slots; the second is "lan/0.0/4/51".
std::string FileOfVersion1() {
  std::string file(4096 + 4 * 384, '\0');
  StateHeader header;
  header.version = 1;
  header.slot_bytes = 384;
  header.slot_count = 4;
  std::strncpy(header.boot_id.data(), "boot-1", header.boot_id.size());
  header.checksum = Fnv1a(&header, offsetof(StateHeader, checksum));
  Put(file, 0, &header, 72);
  StateSlotV1 slot;
  const std::string key = "lan/0.0/4/51";
  slot.key_bytes = static_cast<uint8_t>(key.size());
  std::memcpy(slot.key.data(), key.data(), key.size());
  slot.key_checksum = Fnv1a(&slot, offsetof(StateSlotV1, key_checksum));
  slot.record.sent = 4711;
  slot.record.senders[0] = {{10, 99, 0, 1}, 815, 4};
  slot.record.senders[7] = {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, 0xffff'ffff, 6};
  Put(file, 4096 + 384, &slot, sizeof(slot));
  return file;
}

class StateUpgradeTest : public ::testing::Test {
 protected:
  StateUpgradeTest() {
    static_cast<void>(Open());  // makes the folder
    WriteBytes(path_, FileOfVersion1());
  }

  absl::StatusOr<std::unique_ptr<StateFile>> Open(const std::string& boot_id = "boot-1", size_t instances = 2) {
    return StateFile::Open(directory_, {.instances = instances, .boot_id = boot_id}, &report_);
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  std::string path_ = directory_ + "/sequences";
  StateFileReport report_;
};

TEST_F(StateUpgradeTest, EveryNumberIsKept) {
  for (const bool again : {false, true}) {
    const absl::StatusOr<std::unique_ptr<StateFile>> state = Open();
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(report_.converted, !again);
    EXPECT_FALSE(report_.created || report_.grown || report_.other_boot);
    EXPECT_EQ((*state)->used(), 1u);
    EXPECT_EQ((*state)->capacity(), 4u);
    const SequenceRecord& record = **(*state)->Acquire("lan/0.0/4/51");
    EXPECT_EQ(record.sent, 4711u);
    EXPECT_EQ(record.senders[0].address[3], 1);
    EXPECT_EQ(record.senders[0].highest, 815u);
    EXPECT_EQ(record.senders[0].family, 4u);
    EXPECT_EQ(record.senders[7].address[15], 7);
    EXPECT_EQ(record.senders[7].highest, 0xffff'ffffu);
    EXPECT_EQ(record.senders[7].family, 6u);
    for (size_t i = 1; i < 7; ++i) EXPECT_EQ(record.senders[i].family, 0u);
  }
}

TEST_F(StateUpgradeTest, ItTakesMoreRoomAndAPowerLossWithIt) {
  const absl::StatusOr<std::unique_ptr<StateFile>> state = Open("boot-2", 20);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(report_.converted && report_.grown && report_.other_boot);
  EXPECT_EQ((*(*state)->Acquire("lan/0.0/4/51"))->sent, 4711u + kPowerLossGap);
}

TEST_F(StateUpgradeTest, ADamagedOneIsLeftAlone) {
  std::string bytes = FileOfVersion1();
  bytes[4096 + 384 + 3] ^= 1;
  WriteBytes(path_, bytes);
  EXPECT_TRUE(absl::IsDataLoss(Open().status()));
  bytes = FileOfVersion1();
  bytes.resize(bytes.size() - 384);
  WriteBytes(path_, bytes);
  EXPECT_TRUE(absl::IsDataLoss(Open().status()));
  EXPECT_EQ(ReadBytes(path_), bytes);
}

TEST_F(StateUpgradeTest, NumbersOf64BitsAreKept) {
  (*(*Open())->Acquire("lan/hmac"))->sent = 0x6b02'c7dd'fde9'0000;
  EXPECT_EQ((*(*Open("boot-2"))->Acquire("lan/hmac"))->sent, 0x6b02'c7dd'fde9'0000u) << "the clock moves it ahead";
}

}  // namespace
}  // namespace dpvrrp
