// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/address_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/addresses/one_instance.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using Order = AddressGuard::Order;
using Phase = AddressGuard::Phase;

// A master with two addresses, of which `missing` cannot be held.
AddressGuard::Holding Master(size_t missing, AddressLoss policy = AddressLoss::kAuto) {
  return {.policy = policy, .is_master = true, .addresses = 2, .held = 2 - missing, .missing = missing};
}
AddressGuard::Holding Backup(bool devices_are_up, AddressLoss policy = AddressLoss::kAuto) {
  return {.policy = policy, .addresses = 2, .devices_are_up = devices_are_up};
}

class AddressGuardTest : public ::testing::Test {
 protected:
  std::optional<Order> Update(const AddressGuard::Holding& holding, Nanoseconds at) {
    return guard_.Update(kId, holding, kNow + at);
  }
  // A master without an address for the configured time; returns its order.
  std::optional<Order> Lose(const AddressGuard::Holding& holding, Nanoseconds at = 0s) {
    EXPECT_EQ(Update(holding, at), std::nullopt);
    EXPECT_EQ(guard_.NextDeadline(), kNow + at + AddressGuard::kPatience);
    return Update(holding, at + AddressGuard::kPatience);
  }
  AddressGuard guard_;
};

TEST_F(AddressGuardTest, AMasterThatHoldsAllAddressesIsNotWatched) {
  EXPECT_EQ(Update(Master(0), 0s), std::nullopt);
  EXPECT_EQ(guard_.NextDeadline(), kNever);
  EXPECT_EQ(guard_.PhaseOf(kId), Phase::kHeld);
}

TEST_F(AddressGuardTest, AnAddressThatIsAddedAgainInTimeHasNoEffect) {
  EXPECT_EQ(Update(Master(2), 0s), std::nullopt);
  EXPECT_EQ(guard_.PhaseOf(kId), Phase::kMissing);
  EXPECT_EQ(Update(Master(0), AddressGuard::kPatience - 1ms), std::nullopt);
  EXPECT_EQ(guard_.NextDeadline(), kNever);
  EXPECT_EQ(Lose(Master(2), 10s), Order::kGiveWay) << "the time begins again";
}

TEST_F(AddressGuardTest, ThePolicyDecidesWhatAMasterDoes) {
  EXPECT_EQ(Lose(Master(2, AddressLoss::kKeep)), Order::kKeep);
  guard_.Forget(kId);
  EXPECT_EQ(Lose(Master(1, AddressLoss::kResign)), Order::kHoldDown);
  guard_.Forget(kId);
  EXPECT_EQ(Lose(Master(2)), Order::kGiveWay) << "it serves no address at all";
  guard_.Forget(kId);
  EXPECT_EQ(Lose(Master(1)), Order::kKeep) << "it serves the other address, and no other router is known";
  guard_.Forget(kId);
  AddressGuard::Holding beside_peer = Master(1);
  beside_peer.knows_peer = true;
  EXPECT_EQ(Lose(beside_peer), Order::kGiveWay);
}

TEST_F(AddressGuardTest, AnInstanceReturnsWithItsDevice) {
  AddressGuard::Holding lost = Master(2);
  lost.devices_are_up = false;
  EXPECT_EQ(Lose(lost), Order::kGiveWay);
  EXPECT_EQ(Update(Backup(false), 4s), std::nullopt);
  EXPECT_EQ(guard_.NextDeadline(), kNever) << "no retry before the device returns";
  EXPECT_EQ(Update(Backup(true), 1h), Order::kEndHold);
  EXPECT_EQ(Update(Backup(true), 1h), std::nullopt) << "once";
  EXPECT_EQ(Update(Master(0), 2h), Order::kHeldAgain);
  EXPECT_EQ(guard_.PhaseOf(kId), Phase::kHeld);
}

// The device exists, and the kernel refuses the address: no event will report a change.
TEST_F(AddressGuardTest, ARefusedAddressIsRetriedAtGrowingIntervals) {
  Nanoseconds at = 0s;
  Nanoseconds expected = AddressGuard::kFirstRetry;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Lose(Master(2), at), Order::kGiveWay) << i;
    at += AddressGuard::kPatience;
    EXPECT_EQ(guard_.NextDeadline(), kNow + at + expected) << i;
    at += expected;
    EXPECT_EQ(Update(Backup(true), at - 1ns), std::nullopt);
    EXPECT_EQ(Update(Backup(true), at), Order::kEndHold);
    expected = std::min(expected * 2, AddressGuard::kLongestRetry);
    at += 10s;
  }
}

// If neither gateway can hold the address, they must not pass it back and forth.
TEST_F(AddressGuardTest, AMasterWithoutAnotherRouterStays) {
  EXPECT_EQ(Lose(Master(2)), Order::kGiveWay);
  EXPECT_EQ(Update(Backup(true), 4s), std::nullopt);
  EXPECT_EQ(Update(Master(2), 7s), Order::kKeep) << "the other router resigned, or there is none";
  EXPECT_EQ(guard_.NextDeadline(), kNever);
  EXPECT_EQ(Update(Master(2), 1h), std::nullopt);
  AddressGuard::Holding one_held = Master(1);
  EXPECT_EQ(Update(one_held, 1h), std::nullopt);
  EXPECT_EQ(Update(Master(0), 1h), Order::kHeldAgain);
}

TEST_F(AddressGuardTest, ADueInstanceIsNamed) {
  Update(Master(2), 0s);
  EXPECT_THAT(guard_.TakeDue(kNow + AddressGuard::kPatience - 1ns), ::testing::IsEmpty());
  EXPECT_THAT(guard_.TakeDue(kNow + AddressGuard::kPatience), ::testing::ElementsAre(kId));
  guard_.Forget(kId);
  EXPECT_THAT(guard_.TakeDue(kNow + 1h), ::testing::IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
