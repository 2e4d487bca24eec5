// SPDX-License-Identifier: BSD-3-Clause
#include "control/port_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PortId kLan{0};
constexpr MacAddress kKeptMac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kOtherMac{{2, 0, 0, 0, 0, 2}};

// Devices and links in memory.
class World : public PortDevices {
 public:
  bool HasLink(PortId) override { return driver_link; }
  void Quiesce(PortId) override { calls.push_back("quiesce"); }
  bool IsQuiet(PortId) override { return quiet; }
  void Close(PortId) override { calls.push_back("close"); }
  absl::StatusOr<Opened> Open(PortId) override {
    calls.push_back("open");
    if (!refuse.ok()) return refuse;
    const auto link = links.find("eth0");
    return Opened{link == links.end() ? kKeptMac : link->second.link.mac,
                  link == links.end() ? 0 : link->second.link.index};
  }

  // A new device of this name.
  void Make(const std::string& name, uint32_t index, const MacAddress& mac = kKeptMac) {
    links[name] = {{name, index, mac, true, true}, ++appearances};
  }
  HostLink& link(const std::string& name = "eth0") { return links.at(name).link; }

  std::map<std::string, KnownLink> links;
  uint64_t appearances = 0;
  bool driver_link = true;
  bool quiet = true;
  absl::Status refuse = absl::OkStatus();
  std::vector<std::string> calls;
};

class PortKeeperTest : public testing::Test {
 protected:
  PortKeeperTest() { world_.Make("eth0", 2); }

  PortKeeper Keep(absl::string_view device, bool open = true, const std::string& twin = "") {
    PortKeeper::Port port{kLan, PortInterfacesOf(device), std::nullopt, twin};
    if (open) port.opened = PortDevices::Opened{kKeptMac, port.interfaces.empty() ? 0 : 2u};
    return PortKeeper(world_,
                      [this](absl::string_view name) {
                        const auto found = world_.links.find(std::string(name));
                        return found == world_.links.end() ? nullptr : &found->second;
                      },
                      {port});
  }
  PortKeeper Keep() { return Keep("net_af_packet0,iface=eth0"); }

  // News as text, after `later`.
  std::vector<std::string> Look(PortKeeper& keeper, Nanoseconds later = Nanoseconds(0)) {
    now_ += later;
    std::vector<std::string> out;
    for (const PortNews& news : keeper.Look(now_)) {
      EXPECT_EQ(news.port, kLan);
      switch (news.kind) {
        case PortNews::Kind::kUp:
          out.push_back("up");
          break;
        case PortNews::Kind::kDown:
          out.push_back(absl::StrCat("down: ", news.text));
          break;
        case PortNews::Kind::kMacChanged:
          out.push_back(absl::StrCat("mac ", ToString(news.mac)));
          break;
        case PortNews::Kind::kOpened:
          out.push_back(news.text);
          break;
        case PortNews::Kind::kCannotOpen:
          out.push_back(absl::StrCat("cannot open: ", news.text));
          break;
      }
    }
    return out;
  }

  World world_;
  Instant now_{std::chrono::seconds(1000)};
};

TEST_F(PortKeeperTest, ReportsNothingOfAnUnchangedPort) {
  PortKeeper keeper = Keep();
  EXPECT_THAT(Look(keeper), IsEmpty());
  EXPECT_TRUE(keeper.status(kLan).up);
  EXPECT_EQ(keeper.status(kLan).mac, kKeptMac);
  EXPECT_EQ(keeper.NextLook(), kNever);
}

TEST_F(PortKeeperTest, FollowsTheCarrierAndSaysWhy) {
  PortKeeper keeper = Keep();
  world_.link().running = false;
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 has no carrier"));
  EXPECT_EQ(keeper.status(kLan).reason, "interface eth0 has no carrier");
  world_.link().running = true;
  EXPECT_THAT(Look(keeper), ElementsAre("up"));
  EXPECT_EQ(keeper.status(kLan).reason, "");
  EXPECT_THAT(world_.calls, IsEmpty());  // the sockets live on
}

// Frames that wait in a packet socket's ring would leave later.
TEST_F(PortKeeperTest, ClosesAPacketSocketWhileItsInterfaceIsSetDown) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.link().up = world_.link().running = false;
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 is administratively down"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close"));
  EXPECT_THAT(Look(keeper, PortKeeper::kOpenAgain), IsEmpty());
  world_.link().up = true;
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0", "down: interface eth0 has no carrier"));
  world_.link().running = true;
  EXPECT_THAT(Look(keeper), ElementsAre("up"));
}

// It could not open it again.
TEST_F(PortKeeperTest, LeavesAnXdpSocketOpenWhileItsInterfaceIsSetDown) {
  PortKeeper keeper = Keep("net_af_xdp0,iface=eth0");
  Look(keeper);
  world_.link().up = world_.link().running = false;
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 is administratively down"));
  EXPECT_THAT(world_.calls, IsEmpty());
}

TEST_F(PortKeeperTest, IsUpOnlyIfTheDriverSaysSoToo) {
  world_.driver_link = false;
  PortKeeper keeper = Keep();
  EXPECT_THAT(Look(keeper), ElementsAre("down: no link"));
  world_.driver_link = true;
  EXPECT_THAT(Look(keeper), ElementsAre("up"));
}

TEST_F(PortKeeperTest, FollowsTheDriverAloneWhereThereIsNoInterface) {
  PortKeeper keeper = Keep("0000:3b:00.0");
  EXPECT_THAT(Look(keeper), IsEmpty());
  world_.driver_link = false;
  EXPECT_THAT(Look(keeper), ElementsAre("down: no link"));
  EXPECT_THAT(world_.calls, IsEmpty());
}

TEST_F(PortKeeperTest, OpensThePortAgainWhenItsInterfaceReturns) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.links.clear();
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 was removed"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close"));
  EXPECT_FALSE(keeper.status(kLan).open);
  EXPECT_EQ(keeper.NextLook(), kNever);  // netlink reports changes

  world_.Make("eth0", 9);
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0", "up"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
  EXPECT_TRUE(keeper.status(kLan).open);
  EXPECT_THAT(Look(keeper), IsEmpty());
}

// Both between two looks: the name is there all the time.
TEST_F(PortKeeperTest, NoticesAnotherInterfaceOfTheSameName) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.Make("eth0", 9, kOtherMac);
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0", "mac 02:00:00:00:00:02"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
}

// Moved to another network namespace and back, it keeps its number.
TEST_F(PortKeeperTest, NoticesThatTheInterfaceWasAway) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.Make("eth0", 2);
  Look(keeper);
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
}

TEST_F(PortKeeperTest, NoticesThatTheInterfaceWasReplacedBeforeTheFirstLook) {
  PortKeeper keeper = Keep();
  world_.Make("eth0", 3);
  Look(keeper);
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
}

TEST_F(PortKeeperTest, FollowsTheNameWhenTheInterfaceIsRenamed) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.links["old"] = world_.links.at("eth0");
  world_.links.erase("eth0");
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 was removed"));
  world_.Make("eth0", 4);
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0", "up"));
}

TEST_F(PortKeeperTest, ClosesNoPortThatAWorkerStillUses) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.quiet = false;
  world_.Make("eth0", 9);
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 was replaced, opening the port again"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce"));
  EXPECT_EQ(keeper.NextLook(), now_ + PortKeeper::kQuietCheck);
  EXPECT_THAT(Look(keeper, PortKeeper::kQuietCheck), IsEmpty());
  world_.quiet = true;
  EXPECT_THAT(Look(keeper, PortKeeper::kQuietCheck), ElementsAre("opened again on interface eth0", "up"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
}

TEST_F(PortKeeperTest, RetriesAPortThatCannotBeOpenedAndReportsItOnce) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.refuse = absl::UnavailableError("out of memory");
  world_.Make("eth0", 9);
  EXPECT_THAT(Look(keeper),
              ElementsAre("cannot open: out of memory", "down: interface eth0 exists, but the port cannot be opened"));
  EXPECT_EQ(keeper.NextLook(), now_ + PortKeeper::kOpenAgain);
  EXPECT_THAT(Look(keeper, milliseconds(10)), IsEmpty());  // not yet
  EXPECT_THAT(Look(keeper, PortKeeper::kOpenAgain), IsEmpty());
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open", "open"));
  EXPECT_EQ(keeper.NextLook(), now_ + 2 * PortKeeper::kOpenAgain);  // a driver may say why each time, on stderr
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Look(keeper, PortKeeper::kLongestOpenAgain), IsEmpty());
  EXPECT_EQ(keeper.NextLook(), now_ + PortKeeper::kLongestOpenAgain);
  world_.refuse = absl::OkStatus();
  EXPECT_THAT(Look(keeper, PortKeeper::kLongestOpenAgain), ElementsAre("opened again on interface eth0", "up"));
}

TEST_F(PortKeeperTest, OpensAPortWhoseInterfaceWasMissingAtTheStart) {
  world_.links.clear();
  PortKeeper keeper = Keep("net_af_packet0,iface=eth0", false);
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth0 does not exist"));
  EXPECT_THAT(world_.calls, IsEmpty());
  world_.Make("eth0", 5, kOtherMac);
  EXPECT_THAT(Look(keeper), ElementsAre("opened on interface eth0", "mac 02:00:00:00:00:02", "up"));
}

TEST_F(PortKeeperTest, WaitsForCarrierAfterOpening) {
  PortKeeper keeper = Keep();
  Look(keeper);
  world_.links.clear();
  Look(keeper);
  world_.Make("eth0", 9);
  world_.link().running = false;
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0", "down: interface eth0 has no carrier"));
  world_.link().running = true;
  EXPECT_THAT(Look(keeper), ElementsAre("up"));
}

TEST_F(PortKeeperTest, FollowsTheMacOfAnInterfaceThatLendsIt) {
  PortKeeper keeper = Keep();
  world_.link().mac = kOtherMac;
  EXPECT_THAT(Look(keeper), ElementsAre("mac 02:00:00:00:00:02"));
  EXPECT_EQ(keeper.status(kLan).mac, kOtherMac);
  EXPECT_THAT(Look(keeper), IsEmpty());
}

TEST_F(PortKeeperTest, FollowsTheMacOfItsTwin) {
  world_.Make("gw0", 3);
  PortKeeper keeper = Keep("0000:3b:00.0", true, "gw0");
  EXPECT_THAT(Look(keeper), IsEmpty());
  world_.link("gw0").mac = kOtherMac;
  world_.link("gw0").up = false;  // which is no matter for the port
  EXPECT_THAT(Look(keeper), ElementsAre(absl::StrCat("mac ", ToString(kOtherMac))));
  world_.links.erase("gw0");
  EXPECT_THAT(Look(keeper), ElementsAre(absl::StrCat("mac ", ToString(kKeptMac)))) << "the driver's";
}

TEST_F(PortKeeperTest, KeepsTheMacOfItsOwnOtherwise) {
  PortKeeper keeper = Keep("net_pcap0,iface=eth0");
  world_.link().mac = kOtherMac;
  EXPECT_THAT(Look(keeper), IsEmpty());
}

// The driver creates the interface, so no other program would create it again.
TEST_F(PortKeeperTest, MakesTheDriverCreateItsInterfaceAgain) {
  PortKeeper keeper = Keep("net_tap0,iface=eth0");
  Look(keeper);
  world_.links.clear();
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0", "down: interface eth0 was removed"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
  EXPECT_THAT(Look(keeper), IsEmpty());  // the kernel has not announced it yet
  world_.Make("eth0", 12);
  EXPECT_THAT(Look(keeper), ElementsAre("up"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close", "open"));
}

TEST_F(PortKeeperTest, NeedsEveryInterfaceOfTheDevice) {
  world_.Make("eth1", 3);
  PortKeeper keeper = Keep("net_pcap0,rx_iface=eth0,tx_iface=eth1");
  EXPECT_THAT(Look(keeper), IsEmpty());
  world_.link("eth1").up = false;
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth1 is administratively down"));
  EXPECT_THAT(world_.calls, ElementsAre("quiesce", "close"));
  world_.links.erase("eth1");
  EXPECT_THAT(Look(keeper), ElementsAre("down: interface eth1 was removed"));
  world_.Make("eth1", 4);
  EXPECT_THAT(Look(keeper), ElementsAre("opened again on interface eth0 and eth1", "up"));
}

}  // namespace
}  // namespace dpvrrp
