// SPDX-License-Identifier: BSD-3-Clause
//
// What a host receives when an address is announced on a kernel device. The host listens on veth1 of its own namespace.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "peer_fixture.h"
#include "wire/arp.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

using Bytes = std::vector<uint8_t>;

Bytes ArpOf(const char* mac, const char* address) {
  Bytes frame(kMaxArpFrameBytes);
  frame.resize(WriteGratuitousArp(ParseMacAddress(mac).value(), {}, ParseIpAddress(address).value(), frame.data()));
  return frame;
}

Bytes NaOf(const char* mac, const char* address) {
  Bytes frame(kMaxNdFrameBytes);
  frame.resize(WriteUnsolicitedNa(ParseMacAddress(mac).value(), {}, ParseIpAddress(address).value(), frame.data()));
  return frame;
}

class AnnouncementTest : public PeerFixture {
 protected:
  void SetUp() override {
    PeerFixture::SetUp();
    if (IsSkipped()) return;
    Shell("ip link set veth0 address 02:00:00:00:00:0a");
    InPeer([&] {
      Shell("ip link set veth1 up");
      listener_ = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
      sockaddr_ll self{};
      self.sll_family = AF_PACKET;
      self.sll_protocol = htons(ETH_P_ALL);
      self.sll_ifindex = static_cast<int>(if_nametoindex("veth1"));
      ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&self), sizeof self), 0);
    });
    AwaitCarrier("veth0");
  }

  void TearDown() override {
    if (listener_ >= 0) close(listener_);
    PeerFixture::TearDown();
  }

  // What has been received until this frame. The kernels of both ends send frames of their own.
  std::vector<Bytes> HeardUntil(const Bytes& last) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    std::vector<Bytes> frames;
    do {
      Bytes frame(2048);
      for (ssize_t size; (size = recv(listener_, frame.data(), frame.size(), 0)) > 0; frame.resize(2048)) {
        frame.resize(static_cast<size_t>(size));
        frames.push_back(frame);
        if (frame == last) return frames;
      }
    } while (WaitReadable(listener_, deadline));
    return frames;
  }

  int listener_ = -1;
};

TEST_F(AnnouncementTest, Ipv4IsTheGratuitousArpOfThePorts) {
  ASSERT_EQ(Ask(HostOp::kAnnounce, "veth0", "10.0.0.100/24"), absl::OkStatus());
  const Bytes frame = ArpOf("02:00:00:00:00:0a", "10.0.0.100");
  EXPECT_EQ(frame.size(), 42u);
  EXPECT_THAT(HeardUntil(frame), Contains(frame));
}

TEST_F(AnnouncementTest, Ipv6IsTheNeighbourAdvertisementOfThePorts) {
  ASSERT_EQ(Ask(HostOp::kAnnounce, "veth0", "2001:db8::100/64"), absl::OkStatus());
  const Bytes frame = NaOf("02:00:00:00:00:0a", "2001:db8::100");
  EXPECT_THAT(HeardUntil(frame), Contains(frame));
}

TEST_F(AnnouncementTest, TheMacIsTheDevicesAtThatMoment) {
  Shell("ip link set veth0 address 02:00:00:00:00:0b");
  ASSERT_EQ(Ask(HostOp::kAnnounce, "veth0", "10.0.0.100/24"), absl::OkStatus());
  const Bytes frame = ArpOf("02:00:00:00:00:0b", "10.0.0.100");
  EXPECT_THAT(HeardUntil(frame), Contains(frame));
  EXPECT_TRUE(WaitForEvent(HostEvent::Kind::kMacChanged, "veth0"));
}

TEST_F(AnnouncementTest, AVirtualMacDeviceHasTheVirtualMac) {
  const std::string device = host_->EnsureVirtualMacDevice("veth0", Family::kIpv4, Vrid(7)).value();
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device).ok());
  AwaitCarrier(device);
  ASSERT_EQ(Ask(HostOp::kAnnounce, device, "10.0.0.100/24"), absl::OkStatus());
  const Bytes frame = ArpOf("00:00:5e:00:01:07", "10.0.0.100");
  EXPECT_THAT(HeardUntil(frame), Contains(frame));
}

TEST_F(AnnouncementTest, AnswersStandBesideThoseOfOtherRequests) {
  EXPECT_THAT(Ask({{0, HostOp::kAddAddress, "veth0", Prefix("10.0.0.100/24")},
                   {0, HostOp::kAnnounce, "veth0", Prefix("10.0.0.100/24")},
                   {0, HostOp::kRemoveAddress, "veth0", Prefix("10.0.0.100/24")}}),
              ::testing::Each(absl::OkStatus()));
}

TEST_F(AnnouncementTest, AMissingDeviceAndOneThatIsDownAreNamed) {
  const absl::Status missing = Ask(HostOp::kAnnounce, "nowhere", "10.0.0.100/24");
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("cannot announce 10.0.0.100/24 on nowhere: No such device"));
  Shell("ip link set veth0 down");
  EXPECT_TRUE(absl::IsUnavailable(Ask(HostOp::kAnnounce, "veth0", "10.0.0.100/24")));
}

TEST_F(AnnouncementTest, TheLoopbackHasNoNeighbours) {
  EXPECT_FALSE(host_->FindLink("lo")->has_neighbours);
  EXPECT_TRUE(host_->FindLink("veth0")->has_neighbours);
  Shell("ip link set lo up");
  EXPECT_EQ(Ask(HostOp::kAnnounce, "lo", "10.0.0.100/24"), absl::OkStatus());
}

}  // namespace
}  // namespace dpvrrp
