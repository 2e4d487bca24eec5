// SPDX-License-Identifier: BSD-3-Clause
//
// What a host on the LAN receives from a master with a virtual-MAC device for IPv6 (RFC 9568 8.2.2):
//
//   router namespace                                              peer namespace
//     vrrp6.N.7  00:00:5e:00:02:07, fe80::100, 2001:db8::100
//     veth0      its own MAC, fe80::1, 2001:db8::1  <---------->  veth1  fe80::2, 2001:db8::2
#include "peer_fixture.h"

namespace dpvrrp {
namespace {

class VirtualMacNdiscTest : public PeerFixture {
 protected:
  void SetUp() override {
    PeerFixture::SetUp();
    if (IsSkipped()) return;
    InPeer([] {
      WriteSysctl("ipv6/conf/veth1/accept_dad", 0);
      WriteSysctl("ipv6/conf/veth1/addr_gen_mode", 1);
      Shell("ip link set veth1 up && ip addr add fe80::2/64 dev veth1 nodad");
      Shell("ip addr add 2001:db8::2/64 dev veth1 nodad");
    });
    Shell("ip addr add fe80::1/64 dev veth0 nodad && ip addr add 2001:db8::1/64 dev veth0 nodad");
    parent_mac_ = ToString(host_->FindLink("veth0")->mac);
    device_ = host_->EnsureVirtualMacDevice("veth0", Family::kIpv6, Vrid(7)).value();
    ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device_).ok());
    ASSERT_TRUE(Ask(HostOp::kAddAddress, device_, "fe80::100/64").ok());
    ASSERT_TRUE(Ask(HostOp::kAddAddress, device_, "2001:db8::100/64").ok());
    AwaitCarrier(device_);
  }

  // The peer reaches `address`, and has it with `mac`.
  void ExpectNeighbour(const std::string& address, const std::string& mac) {
    InPeer([&] {
      // The kernel may drop what waits for a neighbour that is flushed meanwhile.
      const std::string ping = "ping -6 -q -c 1 -W 2 -I veth1 " + address + " >/dev/null 2>&1";
      Shell(ping + " || " + ping + " || " + ping);
      Shell("ip -6 neigh show " + address + " dev veth1 | grep -q 'lladdr " + mac + "'");
    });
  }

  std::string parent_mac_, device_;
};

// Conformance V3-128.
TEST_F(VirtualMacNdiscTest, EachAddressIsAnsweredForWithItsOwnMac) {
  ExpectNeighbour("2001:db8::100", "00:00:5e:00:02:07");
  ExpectNeighbour("fe80::100", "00:00:5e:00:02:07");
  ExpectNeighbour("2001:db8::1", parent_mac_);
  ExpectNeighbour("fe80::1", parent_mac_);
}

// Answering, the router must find the peer's MAC, and must not ask in the virtual address's name with its own MAC: the
// peer would take that for where the address is now (V3-129).
TEST_F(VirtualMacNdiscTest, ParentNeverSpeaksForTheVirtualAddress) {
  ExpectNeighbour("2001:db8::100", "00:00:5e:00:02:07");
  Shell("ip -6 neigh flush dev veth0");
  ExpectNeighbour("2001:db8::100", "00:00:5e:00:02:07");
}

// Two masters of one VRID, one a family, side by side (V3-15).
TEST_F(VirtualMacNdiscTest, TheIpv4RouterOfTheVridIsAnother) {
  const std::string v4 = host_->EnsureVirtualMacDevice("veth0", Family::kIpv4, Vrid(7)).value();
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, v4).ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, v4, "10.0.0.100/24").ok());
  Shell("ip addr add 10.0.0.1/24 dev veth0");
  InPeer([] {
    Shell("ip addr add 10.0.0.2/24 dev veth1");
    Shell("ping -q -c 1 -W 5 10.0.0.100 >/dev/null");
    Shell("ip neigh show 10.0.0.100 | grep -q 00:00:5e:00:01:07");
  });
  ExpectNeighbour("2001:db8::100", "00:00:5e:00:02:07");
}

}  // namespace
}  // namespace dpvrrp
