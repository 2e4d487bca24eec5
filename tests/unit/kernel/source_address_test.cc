// SPDX-License-Identifier: BSD-3-Clause
//
// The source address of the host's own traffic while it holds virtual addresses: the reconciler and the kernel
// together, because only the kernel decides (docs/decisions/0017-addresses-that-are-no-source.md).
#include <arpa/inet.h>
#include <sys/socket.h>

#include "control/addresses/vip_reconciler.h"
#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr InstanceId kId{1};

class SourceAddressTest : public KernelFixture {
 protected:
  void SetUp() override {
    KernelFixture::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(host_->PrepareDevice("veth0").ok());
    Shell("ip link set lo up && ip addr add 198.51.100.1/32 dev lo");  // another address of this host
  }

  void Hold(const char* prefix, const std::string& device = "veth0", bool may_be_source = false) {
    VipReconciler::Vip vip;
    vip.instance = kId;
    vip.index = static_cast<uint16_t>(reconciler_.vips(kId).size());
    vip.device = device;
    vip.below = device == "veth0" ? "" : "veth0";
    vip.device_follows = device != "veth0";
    vip.prefix = Prefix(prefix);
    vip.may_be_source = may_be_source;
    reconciler_.Add(vip);
    reconciler_.OnAddresses(host_->ListAddresses().value());
    reconciler_.Want(kId, true);
    Settle();
  }
  // Passes messages in both directions until the kernel has no more.
  void Settle() {
    do {
      std::vector<HostEvent> events;
      host_->ReceiveEvents(events);
      for (const HostEvent& event : events) reconciler_.OnEvent(event, Instant{});
      Carry();
    } while (WaitReadable(host_->event_fd(), std::chrono::steady_clock::now() + std::chrono::milliseconds(20)));
  }
  void Carry() {
    for (std::vector<HostRequest> asked; !(asked = reconciler_.TakeRequests()).empty();) {
      host_->Send(asked);
      std::vector<HostReply> replies;
      host_->ReceiveReplies(replies);
      for (const HostReply& reply : replies) reconciler_.OnReply(reply, Instant{});
    }
  }
  void Change(const std::string& command) {
    Shell(command);
    Settle();
  }

  // The source that the kernel chooses for a connection; empty: it has no route.
  static std::string SourceTowards(const char* to) {
    const bool v6 = std::string(to).find(':') != std::string::npos;
    const int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in v4{};
    sockaddr_in6 address6{};
    v4.sin_family = AF_INET;
    address6.sin6_family = AF_INET6;
    v4.sin_port = address6.sin6_port = htons(9);
    inet_pton(AF_INET, to, &v4.sin_addr);
    inet_pton(AF_INET6, to, &address6.sin6_addr);
    auto* name = v6 ? reinterpret_cast<sockaddr*>(&address6) : reinterpret_cast<sockaddr*>(&v4);
    socklen_t size = v6 ? sizeof address6 : sizeof v4;
    char text[INET6_ADDRSTRLEN] = "";
    if (connect(fd, name, size) == 0 && getsockname(fd, name, &size) == 0) {
      v6 ? inet_ntop(AF_INET6, &address6.sin6_addr, text, sizeof text)
         : inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    }
    close(fd);
    return text;
  }
  static std::string Output(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    char piece[512];
    while (fgets(piece, sizeof piece, pipe) != nullptr) out += piece;
    pclose(pipe);
    return out;
  }
  static std::string Route(const char* prefix) { return Output(std::string("ip route show ") + prefix); }

  VipReconciler reconciler_;
};

constexpr char kOwnRoute[] = "10.99.0.0/24 dev veth0 proto kernel scope link src 10.99.0.1 \n";

TEST_F(SourceAddressTest, TheHostsOwnAddressStaysTheSourceInAnyOrder) {
  for (const char* vip : {"10.99.0.100/24", "10.99.0.100/32", "10.99.0.100/25", "10.99.0.100/16"}) {
    SCOPED_TRACE(vip);
    Shell("ip addr add 10.99.0.1/24 dev veth0");
    Hold(vip);
    EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1") << "own first";
    Change("ip addr flush dev veth0");  // and the virtual address is put back at once
    Change("ip addr add 10.99.0.1/24 dev veth0 && ip route add default via 10.99.0.254");
    EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1") << "virtual first";
    EXPECT_EQ(SourceTowards("203.0.113.1"), "10.99.0.1") << "by the gateway";
    EXPECT_EQ(Route("10.99.0.0/24"), kOwnRoute);
    EXPECT_THAT(Output("ip addr show dev veth0"), HasSubstr(vip));
    Change("ip addr del 10.99.0.1/24 dev veth0");
    Change("ip addr add 10.99.0.1/24 dev veth0");
    EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1") << "own removed and back";
    Change("ip link set veth0 down");
    Change("ip link set veth0 up");
    EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1") << "after a flap";
    reconciler_.Want(kId, false);
    Settle();
    EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1");
    EXPECT_THAT(Output("ip addr show dev veth0; ip route show table all"), Not(HasSubstr("10.99.0.100")));
    EXPECT_EQ(Route("10.99.0.0/24"), kOwnRoute);
    reconciler_.Forget(kId);
    Change("ip addr flush dev veth0");
  }
}

TEST_F(SourceAddressTest, SeveralOfASubnetAllGoBehind) {
  for (const char* vip : {"10.99.0.100/24", "10.99.0.101/24", "10.99.0.102/24"}) Hold(vip);
  Change("ip addr add 10.99.0.1/24 dev veth0");
  EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1");
  EXPECT_EQ(Route("10.99.0.0/24"), kOwnRoute);
  EXPECT_THAT(AddressesOf("veth0"), ::testing::ElementsAre("10.99.0.1/24 theirs", "10.99.0.100/24 ours",
                                                           "10.99.0.101/24 ours", "10.99.0.102/24 ours"));
}

TEST_F(SourceAddressTest, ADeviceRouteDoesNotTakeTheVirtualAddress) {
  Hold("10.99.0.100/24");
  Change("ip addr add 10.50.0.1/24 dev veth0");
  Change("ip route add 203.0.113.0/24 dev veth0");
  EXPECT_EQ(SourceTowards("203.0.113.1"), "10.50.0.1");
}

// A gateway whose own addresses are in other subnets: it must still reach, and forward to, the subnet.
TEST_F(SourceAddressTest, TheOnlyAddressOfASubnetBringsItsRoute) {
  Hold("10.99.0.100/24");
  EXPECT_EQ(Route("10.99.0.0/24"), "10.99.0.0/24 dev veth0 proto kernel scope link src 10.99.0.100 \n");
  reconciler_.Want(kId, false);
  Settle();
  EXPECT_EQ(Route("10.99.0.0/24"), "");
}

TEST_F(SourceAddressTest, OneThatMayBeASourceIsAddedAsAnyOther) {
  Hold("10.99.0.100/24", "veth0", true);
  Change("ip addr add 10.99.0.1/24 dev veth0");
  EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.100");
}

TEST_F(SourceAddressTest, OverIpv6TooInAnyOrder) {
  Hold("2001:db8::100/64");
  EXPECT_EQ(SourceTowards("2001:db8::50"), "2001:db8::100") << "there is no other";
  Change("ip addr add 2001:db8::1/64 dev veth0 nodad");
  EXPECT_EQ(SourceTowards("2001:db8::50"), "2001:db8::1");
  Change("ip -6 addr flush dev veth0 scope global");
  Change("ip addr add 2001:db8::1/64 dev veth0 nodad");
  EXPECT_EQ(SourceTowards("2001:db8::50"), "2001:db8::1");
  EXPECT_THAT(Output("ip -6 addr show dev veth0"), HasSubstr("2001:db8::100/64 scope global nodad deprecated"));
  EXPECT_EQ(Output("ip -6 route show 2001:db8::/64"), "2001:db8::/64 dev veth0 proto kernel metric 256 pref medium\n");
  reconciler_.Want(kId, false);
  Settle();
  EXPECT_EQ(Output("ip -6 route show 2001:db8::/64"), "2001:db8::/64 dev veth0 proto kernel metric 256 pref medium\n");
}

TEST_F(SourceAddressTest, OnAVirtualMacDeviceToo) {
  const std::string device = host_->EnsureVirtualMacDevice("veth0", Family::kIpv4, Vrid(51)).value();
  Shell("ip addr add 10.99.0.1/24 dev veth0");
  Hold("10.99.0.100/24", device);
  EXPECT_EQ(SourceTowards("10.99.0.50"), "10.99.0.1");
  EXPECT_EQ(Route("10.99.0.0/24"), kOwnRoute);
  // What leaves by a device without an address takes one of another device's.
  Change("ip addr flush dev veth0 && ip addr del 198.51.100.1/32 dev lo && ip route add 203.0.113.0/24 dev veth1");
  EXPECT_NE(SourceTowards("203.0.113.1"), "10.99.0.100");
}

}  // namespace
}  // namespace dpvrrp
