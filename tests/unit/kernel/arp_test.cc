// SPDX-License-Identifier: BSD-3-Clause
//
// What a host on the LAN receives from a master with a virtual-MAC device. The host is another namespace:
//
//   router namespace                                   peer namespace
//     vrrp.N.7  00:00:5e:00:01:07, 10.0.0.100/24
//     veth0     its own MAC, 10.0.0.1/24  <---------->  veth1  10.0.0.2/24   <- a packet socket sees every ARP frame
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "peer_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// An ARP frame's sender, "10.0.0.100 is 00:00:5e:00:01:07".
std::string SenderOf(const uint8_t* frame) {
  MacAddress mac;
  std::copy_n(frame + 22, 6, mac.bytes.begin());
  const uint32_t ip = static_cast<uint32_t>(frame[28]) << 24 | static_cast<uint32_t>(frame[29]) << 16 |
                      static_cast<uint32_t>(frame[30]) << 8 | frame[31];
  return absl::StrCat(ToString(IpAddress::V4(ip)), " is ", ToString(mac));
}

class VirtualMacArpTest : public PeerFixture {
 protected:
  void SetUp() override {
    PeerFixture::SetUp();
    if (IsSkipped()) return;
    InPeer([&] {
      Shell("ip link set veth1 up && ip addr add 10.0.0.2/24 dev veth1");
      peer_mac_ = NetlinkHost::Open().value()->FindLink("veth1")->mac;
      listener_ = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ARP));
      sockaddr_ll self{};
      self.sll_family = AF_PACKET;
      self.sll_protocol = htons(ETH_P_ARP);
      self.sll_ifindex = static_cast<int>(if_nametoindex("veth1"));
      ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&self), sizeof self), 0);
    });

    // The strict check is what many distributions turn on everywhere.
    WriteSysctl("ipv4/conf/all/rp_filter", 1);
    Shell("ip addr add 10.0.0.1/24 dev veth0");
    parent_ = "10.0.0.1 is " + ToString(host_->FindLink("veth0")->mac);
    device_ = host_->EnsureVirtualMacDevice("veth0", Family::kIpv4, Vrid(7)).value();
    ASSERT_TRUE(Ask(HostOp::kAddAddress, device_, "10.0.0.100/24").ok());
    ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device_).ok());
    AwaitCarrier(device_);
  }

  void TearDown() override {
    if (listener_ >= 0) close(listener_);
    PeerFixture::TearDown();
  }

  void WhoHas(const char* target) {
    uint8_t frame[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
    std::copy_n(peer_mac_.bytes.begin(), 6, frame + 6);
    std::copy_n(peer_mac_.bytes.begin(), 6, frame + 22);
    inet_pton(AF_INET, "10.0.0.2", frame + 28);
    inet_pton(AF_INET, target, frame + 38);
    ASSERT_EQ(send(listener_, frame, sizeof frame, 0), static_cast<ssize_t>(sizeof frame));
  }

  // Senders of the ARP frames that came from the router, until there are `count`; all that there are for 0.
  std::vector<std::string> Heard(size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    std::vector<std::string> senders;
    while (true) {
      uint8_t frame[128];
      sockaddr_ll from{};
      socklen_t from_size = sizeof from;
      const ssize_t size = recvfrom(listener_, frame, sizeof frame, 0, reinterpret_cast<sockaddr*>(&from), &from_size);
      if (size >= 42) {
        if (from.sll_pkttype != PACKET_OUTGOING) senders.push_back(SenderOf(frame));
        continue;
      }
      if (senders.size() >= count || !WaitReadable(listener_, deadline)) return senders;
    }
  }

  const std::string virtual_ = "10.0.0.100 is 00:00:5e:00:01:07";
  std::string parent_, device_;
  MacAddress peer_mac_;
  int listener_ = -1;
};

// RFC 3768 8.2: "the master MUST respond to an ARP request for a virtual IP address with the virtual MAC address". The
// parent answers at once and the macvlan from a queue. So the last answer proves that no other follows.
TEST_F(VirtualMacArpTest, EachAddressIsAnsweredForOnceWithItsOwnMac) {
  WhoHas("10.0.0.100");
  WhoHas("10.0.0.1");
  WhoHas("10.0.0.100");
  EXPECT_THAT(Heard(3), UnorderedElementsAre(virtual_, parent_, virtual_));
}

TEST_F(VirtualMacArpTest, PeerReachesTheAddressAndLearnsTheVirtualMac) {
  InPeer([] {
    Shell("ping -q -c 1 -W 5 10.0.0.100 >/dev/null");
    Shell("ip neigh show 10.0.0.100 | grep -q 00:00:5e:00:01:07");
  });
}

// Answering, the router must find the peer's MAC, and must not ask in the virtual address's name with its own MAC.
TEST_F(VirtualMacArpTest, ParentNeverSpeaksForTheVirtualAddress) {
  Shell("ip neigh flush all");
  InPeer([] { Shell("ping -q -c 1 -W 5 10.0.0.100 >/dev/null"); });
  EXPECT_THAT(Heard(2), UnorderedElementsAre(virtual_, parent_));
}

TEST_F(VirtualMacArpTest, DeviceNeverSpeaksForTheParentsAddress) {
  Shell(absl::StrCat("ping -q -c 1 -W 0.1 -I 10.0.0.1 -I ", device_, " 10.0.0.2 >/dev/null || true"));
  const std::vector<std::string> heard = Heard(1);
  EXPECT_THAT(heard, Contains(virtual_));
  EXPECT_THAT(heard, Each(Not("10.0.0.1 is 00:00:5e:00:01:07")));
}

// A backup keeps the device down: frames for the virtual MAC are not its own (RFC 3768 6.4.2).
TEST_F(VirtualMacArpTest, DeviceThatIsDownAnswersNothing) {
  ASSERT_TRUE(Ask(HostOp::kSetLinkDown, device_).ok());
  WhoHas("10.0.0.100");
  WhoHas("10.0.0.1");
  EXPECT_THAT(Heard(1), UnorderedElementsAre(parent_));
}

}  // namespace
}  // namespace dpvrrp
