// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: addresses that live on another device than the port's, and are announced there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/addresses/addresses.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OtherDevicesTest : public testing::Test {
 protected:
  OtherDevicesTest() { config_.virtual_addresses = {{*ParseIpPrefix("10.98.0.100/24"), "eth1"}}; }

  ManagedInstance& Start() {
    ManagedInstance& instance = desk_.Add(config_);
    addresses_.Add(instance.id, config_, *addresses_.Acquire(config_, config_.vrid));
    return instance;
  }
  void Become(ManagedInstance& instance, State state) {
    instance.state = state;
    addresses_.OnTransition(instance, desk_.Time());
    Settle();
  }
  // Carries out requests until none is left.
  void Settle() {
    for (bool busy = true; busy;) {
      addresses_.Settle(desk_.Time());
      addresses_.SendRequests();
      const std::vector<HostRequest> requests = std::exchange(desk_.outbox.host, {});
      busy = !requests.empty();
      for (const HostRequest& request : requests) {
        addresses_.OnHostReply(desk_.services.Answer(request), desk_.Time());
      }
    }
  }
  void Pass(Nanoseconds time) {
    for (const Instant end = desk_.now + time; desk_.now < end; desk_.now += 10ms) {
      addresses_.OnTime(desk_.Time());
      Settle();
    }
  }
  void Tell(HostEvent::Kind kind, const std::string& device) {
    addresses_.OnHostEvent({kind, device, {}}, desk_.Time());
    Settle();
  }
  std::vector<std::string> Announced() { return std::exchange(desk_.services.announced, {}); }

  PartDesk desk_;
  Addresses addresses_{desk_.Context()};
  InstanceConfig config_ = AhInstance();
};

TEST_F(OtherDevicesTest, AnAddressIsAnnouncedOnItsDeviceAndNotOnThePort) {
  ManagedInstance& instance = Start();
  Become(instance, State::kMaster);
  EXPECT_TRUE(desk_.services.Has("10.98.0.100/24", "eth1"));
  EXPECT_THAT(Announced(), ElementsAre("10.98.0.100 on eth1"));
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
}

TEST_F(OtherDevicesTest, ItWaitsUntilTheKernelHasTheAddress) {
  ManagedInstance& instance = Start();
  desk_.services.refuse = absl::UnavailableError("no memory");
  Become(instance, State::kMaster);
  EXPECT_THAT(Announced(), IsEmpty());
  desk_.services.refuse = absl::OkStatus();
  Pass(1s);
  EXPECT_THAT(Announced(), testing::AllOf(testing::Not(IsEmpty()), Each("10.98.0.100 on eth1")));
  EXPECT_TRUE(desk_.services.Has("10.98.0.100/24", "eth1"));
}

TEST_F(OtherDevicesTest, ItIsRepeatedWhileMasterOnly) {
  ManagedInstance& instance = Start();
  Become(instance, State::kMaster);
  Pass(10s);
  EXPECT_THAT(Announced(), SizeIs(5));  // at once, and after 0.25, 1, 2 and 5 s
  Become(instance, State::kBackup);
  Become(instance, State::kMaster);
  Become(instance, State::kBackup);
  Announced();
  Pass(10s);
  EXPECT_THAT(Announced(), IsEmpty());
}

TEST_F(OtherDevicesTest, AVirtualMacIsAnnouncedOnTheDeviceThatHasIt) {
  config_.source_mac = SourceMac::kVirtual;
  Become(Start(), State::kMaster);
  EXPECT_THAT(Announced(), ElementsAre("10.98.0.100 on vrrp.2.51"));
}

TEST_F(OtherDevicesTest, BesideANicOfDpdkThePortAnnouncesToo) {
  config_.port = "wan";
  Become(Start(), State::kMaster);
  EXPECT_THAT(Announced(), ElementsAre("10.98.0.100 on eth1"));
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Announce>()));
}

TEST_F(OtherDevicesTest, ALoopbackIsLeftToThePort) {
  config_.virtual_addresses[0].device = "lo";
  desk_.services.without_neighbours = {"lo"};
  Become(Start(), State::kMaster);
  EXPECT_THAT(Announced(), IsEmpty());
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Announce>()));
}

TEST_F(OtherDevicesTest, AnotherMacOfTheDeviceIsAnnouncedByAMasterAtOnce) {
  ManagedInstance& instance = Start();
  Tell(HostEvent::Kind::kMacChanged, "eth1");
  Become(instance, State::kMaster);
  Announced();
  desk_.now += 1ms;
  Tell(HostEvent::Kind::kMacChanged, "eth0");
  EXPECT_THAT(Announced(), IsEmpty());
  Tell(HostEvent::Kind::kMacChanged, "eth1");
  EXPECT_THAT(Announced(), ElementsAre("10.98.0.100 on eth1"));
}

TEST_F(OtherDevicesTest, ADeviceThatIsUpAgainAnnounces) {
  ManagedInstance& instance = Start();
  Become(instance, State::kMaster);
  Announced();
  Tell(HostEvent::Kind::kLinkDown, "eth1");
  Tell(HostEvent::Kind::kMacChanged, "eth1");
  EXPECT_THAT(Announced(), IsEmpty());
  desk_.now += 1ms;
  Tell(HostEvent::Kind::kLinkUp, "eth1");
  EXPECT_THAT(Announced(), ElementsAre("10.98.0.100 on eth1"));
}

TEST_F(OtherDevicesTest, AFailureIsToldOnceAndAgainByANewMaster) {
  ManagedInstance& instance = Start();
  desk_.services.refuse_announcing = absl::UnavailableError("cannot announce 10.98.0.100/24 on eth1: no buffers");
  const auto failures = [&] {
    std::vector<std::string> texts = desk_.Recorded("address");
    std::erase_if(texts, [](const std::string& text) { return text.find("cannot announce") == std::string::npos; });
    return texts;
  };
  Become(instance, State::kMaster);
  Pass(10s);
  EXPECT_THAT(failures(), ElementsAre(HasSubstr("10.98.0.100/24 on eth1: no buffers")));
  EXPECT_TRUE(addresses_.IsResynced());  // nothing is unknown of the addresses
  Become(instance, State::kBackup);
  Become(instance, State::kMaster);
  EXPECT_THAT(failures(), SizeIs(2));
}

TEST_F(OtherDevicesTest, AReloadThatMovesAnAddressToAnotherDeviceAnnouncesItThere) {
  ManagedInstance& instance = Start();
  Become(instance, State::kMaster);
  Announced();
  const InstanceConfig before = instance.config;
  instance.config.virtual_addresses[0].device = "eth0";
  addresses_.OnConfiguration(instance, before, *addresses_.Acquire(instance.config, Vrid(51)), desk_.Time());
  desk_.now += 1ms;
  Settle();
  EXPECT_THAT(Announced(), IsEmpty());
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::Announce>()));
}

}  // namespace
}  // namespace dpvrrp
