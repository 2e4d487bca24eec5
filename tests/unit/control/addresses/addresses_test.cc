// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: devices, the kernel's answers, announcements, and claims of other hosts.
#include "control/addresses/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AddressesTest : public testing::Test {
 protected:
  ManagedInstance& Start(const InstanceConfig& config = AhInstance()) {
    ManagedInstance& instance = desk_.Add(config);
    addresses_.Add(instance.id, config, *addresses_.Acquire(config, config.vrid));
    return instance;
  }
  void Become(ManagedInstance& instance, State state) {
    instance.state = state;
    addresses_.OnTransition(instance, desk_.Time());
    Settle();
  }
  // Carries out requests to the kernel until none is left.
  std::vector<InstanceId> Settle() {
    std::vector<InstanceId> touched;
    for (bool busy = true; busy;) {
      for (const InstanceId id : addresses_.Settle(desk_.Time())) touched.push_back(id);
      addresses_.SendRequests();
      const std::vector<HostRequest> requests = std::exchange(desk_.outbox.host, {});
      busy = !requests.empty();
      for (const HostRequest& request : requests) {
        addresses_.OnHostReply(desk_.services.Answer(request), desk_.Time());
      }
    }
    return touched;
  }

  PartDesk desk_;
  Addresses addresses_{desk_.Context()};
};

TEST_F(AddressesTest, AMastersAddressIsProgrammedThenAnnounced) {
  ManagedInstance& instance = Start();
  EXPECT_FALSE(desk_.services.Has("10.99.0.100/24"));
  Become(instance, State::kMaster);
  EXPECT_TRUE(desk_.services.Has("10.99.0.100/24"));
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Announce>()));
  EXPECT_THAT(desk_.Recorded("address"), ElementsAre("added 10.99.0.100/24 on eth0"));
  Become(instance, State::kBackup);
  EXPECT_FALSE(desk_.services.Has("10.99.0.100/24"));
}

TEST_F(AddressesTest, IfADeviceIsMissingNoneIsAcquired) {
  InstanceConfig config = AhInstance();
  config.virtual_addresses.push_back({*ParseIpPrefix("10.99.1.100/24"), "missing"});
  EXPECT_FALSE(addresses_.Acquire(config, config.vrid).ok());
  EXPECT_THAT(desk_.services.acquired, IsEmpty());
}

TEST_F(AddressesTest, AForgottenInstanceReleasesItsDevices) {
  const InstanceId id = Start().id;
  EXPECT_THAT(desk_.services.acquired, SizeIs(1));
  EXPECT_TRUE(addresses_.IsSettled(id));
  addresses_.Forget(id);
  EXPECT_THAT(desk_.services.acquired, IsEmpty());
  EXPECT_THAT(addresses_.vips().vips(id), IsEmpty());
}

TEST_F(AddressesTest, AMoveToAnotherVirtualMacKeepsTheOldDeviceUntilItIsReleased) {
  InstanceConfig config = AhInstance();
  config.source_mac = SourceMac::kVirtual;
  ManagedInstance& instance = Start(config);
  Become(instance, State::kMaster);
  ASSERT_TRUE(addresses_.AcquireNext(instance, Vrid(61)).ok());
  addresses_.MoveToNext(instance.id);
  Settle();
  EXPECT_TRUE(desk_.services.Has("10.99.0.100/24", "vrrp.2.61"));
  EXPECT_FALSE(desk_.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_THAT(desk_.services.acquired, ElementsAre("vrrp.2.51", "vrrp.2.61"));
  addresses_.ReleaseLeft(instance.id);
  EXPECT_THAT(desk_.services.acquired, ElementsAre("vrrp.2.61"));
}

TEST_F(AddressesTest, AnotherListReleasesTheFormerDevicesWhenTheirAddressesAreRemoved) {
  ManagedInstance& instance = Start();
  Become(instance, State::kMaster);
  const InstanceConfig before = instance.config;
  instance.config.virtual_addresses = {{*ParseIpPrefix("10.99.1.100/24"), "eth1"}};
  addresses_.OnConfiguration(instance, before, *addresses_.Acquire(instance.config, Vrid(51)), desk_.Time());
  EXPECT_THAT(desk_.services.acquired, SizeIs(2));
  Settle();
  EXPECT_TRUE(desk_.services.Has("10.99.1.100/24", "eth1"));
  EXPECT_FALSE(desk_.services.Has("10.99.0.100/24", "eth0"));
  EXPECT_THAT(desk_.services.acquired, ElementsAre("eth1"));
}

TEST_F(AddressesTest, AClaimOfAnotherHostIsKeptAndAnswered) {
  ManagedInstance& instance = Start();
  Become(instance, State::kMaster);
  desk_.TakeCommands();
  desk_.now += std::chrono::minutes(5);
  addresses_.OnTime(desk_.Time());
  Settle();
  desk_.TakeCommands();
  const MacAddress mac{{2, 0, 0, 0, 0, 0x66}};
  const Addresses::Claim claim{IpAddress::V4(0x0a630064), mac, 1, desk_.now};
  EXPECT_TRUE(addresses_.OnConflict(instance, claim, desk_.Time()));
  EXPECT_EQ(addresses_.ConflictOf(instance.id).mac, mac);
  EXPECT_THAT(desk_.Recorded("conflict"), ElementsAre(HasSubstr("announcing our addresses again")));
}

TEST_F(AddressesTest, OurOwnKernelIsNoConflict) {
  ManagedInstance& instance = Start();
  const MacAddress mac{{2, 0, 0, 0, 0, 0x0b}};
  desk_.services.own_macs.insert(mac);
  EXPECT_FALSE(addresses_.OnConflict(instance, {IpAddress::V4(0x0a630064), mac, 1, desk_.now}, desk_.Time()));
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::OurMac>()));
  EXPECT_EQ(addresses_.ConflictOf(instance.id).at, Instant{});
}

TEST_F(AddressesTest, AnAddressOfAnEarlierRunIsRemoved) {
  Start();
  desk_.services.addresses.push_back({"eth0", *ParseIpPrefix("10.99.0.100/24"), true});
  addresses_.Resync(desk_.Time());
  Settle();
  EXPECT_FALSE(desk_.services.Has("10.99.0.100/24"));
  EXPECT_THAT(desk_.Recorded("address"), testing::Contains(HasSubstr("left over from an earlier run")));
  EXPECT_TRUE(addresses_.IsResynced());
}

TEST_F(AddressesTest, AMasterThatCannotHoldItsAddressGivesWayInTime) {
  ManagedInstance& instance = Start();
  desk_.services.refuse = absl::PermissionDeniedError("not permitted");
  Become(instance, State::kMaster);
  addresses_.OnOtherMaster(instance, {IpAddress::V4(0x0a630003), MacAddress{{2, 0, 0, 0, 0, 9}}, Priority(90)},
                           desk_.Time());
  std::vector<ShardCommand> commands;
  for (int i = 0; i < 100 && addresses_.NextDeadline() <= Instant{} + std::chrono::hours(2); ++i) {
    desk_.now = std::max(desk_.now, addresses_.NextDeadline());
    addresses_.OnTime(desk_.Time());
    Settle();
    for (const ShardCommand& command : desk_.TakeCommands()) commands.push_back(command);
    if (!commands.empty() && Is<command::GiveWay>(commands.back())) break;
  }
  ASSERT_FALSE(commands.empty());
  EXPECT_TRUE(Is<command::GiveWay>(commands.back()));
  EXPECT_EQ(addresses_.HoldingOf(instance.id), AddressGuard::Phase::kAway);
}

}  // namespace
}  // namespace dpvrrp
