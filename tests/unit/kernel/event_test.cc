// SPDX-License-Identifier: BSD-3-Clause
#include <sys/socket.h>

#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using Kind = HostEvent::Kind;

class NetlinkHostEventTest : public KernelFixture {
 protected:
  void SetUp() override {
    KernelFixture::SetUp();
    if (IsSkipped()) return;
    // The carrier of the fixture's pair may be reported after Open(): start from a known state.
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    do {
      host_->ReceiveEvents(events_);
    } while (!host_->FindLink("veth0")->running && WaitReadable(host_->event_fd(), deadline));
    host_ = NetlinkHost::Open().value();
    events_.clear();
  }
};

TEST_F(NetlinkHostEventTest, NothingHappenedNothingIsReported) {
  host_->ReceiveEvents(events_);
  for (const HostEvent& e : events_) EXPECT_TRUE(e.kind == Kind::kAddressAdded) << e.device;  // the kernel's fe80::
}

TEST_F(NetlinkHostEventTest, ARemovalByAnotherProgramIsSeen) {
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "10.0.0.100/24").ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64").ok());
  EXPECT_TRUE(WaitForEvent(Kind::kAddressAdded, "veth0", Prefix("10.0.0.100/24")));  // our own changes are reported too
  Shell("ip addr del 10.0.0.100/24 dev veth0 && ip addr del 2001:db8::100/64 dev veth0");
  EXPECT_TRUE(WaitForEvent(Kind::kAddressRemoved, "veth0", Prefix("10.0.0.100/24")));
  EXPECT_TRUE(WaitForEvent(Kind::kAddressRemoved, "veth0", Prefix("2001:db8::100/64")));
}

TEST_F(NetlinkHostEventTest, LinkGoesDownAndUp) {
  ASSERT_TRUE(Ask(HostOp::kSetLinkDown, "veth0").ok());
  EXPECT_TRUE(WaitForEvent(Kind::kLinkDown, "veth0"));
  EXPECT_FALSE(host_->FindLink("veth0")->up);
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, "veth0").ok());
  EXPECT_TRUE(WaitForEvent(Kind::kLinkUp, "veth0"));
  EXPECT_TRUE(host_->FindLink("veth0")->up);
}

TEST_F(NetlinkHostEventTest, LostCarrierIsDown) {
  Shell("ip link set veth1 down");
  EXPECT_TRUE(WaitForEvent(Kind::kLinkDown, "veth0"));
  const HostLink link = host_->FindLink("veth0").value();
  EXPECT_TRUE(link.up);
  EXPECT_FALSE(link.running);
}

TEST_F(NetlinkHostEventTest, DeletedDeviceIsDownAndItsAddressesAreGone) {
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "10.0.0.100/24").ok());
  Shell("ip link del veth0");
  EXPECT_TRUE(WaitForEvent(Kind::kAddressRemoved, "veth0", Prefix("10.0.0.100/24")));
  host_ = NetlinkHost::Open().value();
  EXPECT_EQ(host_->FindLink("veth0").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(NetlinkHostEventTest, LaterDeviceIsSeenAndUsableUnderItsNewName) {
  Shell("ip link add late0 type veth peer name late1 && ip link set late1 up && ip link set late0 up");
  EXPECT_TRUE(WaitForEvent(Kind::kLinkUp, "late0"));
  EXPECT_TRUE(Ask(HostOp::kAddAddress, "late0", "10.0.0.100/24").ok());
  Shell("ip link set late0 down && ip link set late0 name early0 && ip link set early0 up");
  EXPECT_TRUE(WaitForEvent(Kind::kLinkDown, "late0"));
  EXPECT_TRUE(WaitForEvent(Kind::kLinkUp, "early0"));
  EXPECT_TRUE(Ask(HostOp::kRemoveAddress, "early0", "10.0.0.100/24").ok());
  EXPECT_TRUE(WaitForEvent(Kind::kAddressRemoved, "early0", Prefix("10.0.0.100/24")));
}

// A bridge reports a port that leaves it as a deleted link of family AF_BRIDGE, in the same multicast group.
TEST_F(NetlinkHostEventTest, LeavingABridgeIsNotDown) {
  Shell("ip link add br0 type bridge && ip link set veth0 master br0 && ip link set veth0 nomaster");
  Shell("ip addr add 10.9.9.9/32 dev veth0");
  EXPECT_TRUE(WaitForEvent(Kind::kAddressAdded, "veth0", Prefix("10.9.9.9/32")));  // so all before it has been read
  for (const HostEvent& e : events_) EXPECT_NE(e.kind, Kind::kLinkDown) << e.device;
}

TEST_F(NetlinkHostEventTest, OverrunIsReportedAndLinksAreLookedAtAgain) {
  const int tiny = 0;
  ASSERT_EQ(setsockopt(host_->event_fd(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny), 0);
  std::vector<HostRequest> many;
  for (uint32_t i = 1; i <= 100; ++i)
    many.push_back({0, HostOp::kAddAddress, "veth0", {IpAddress::V4(i << 8 | 10), 32}});
  Ask(many);
  Shell("ip link set veth0 down");  // the notification is lost with the others
  EXPECT_TRUE(WaitForEvent(Kind::kOverrun, ""));
  EXPECT_TRUE(WaitForEvent(Kind::kLinkDown, "veth0"));

  const int ample = 1 << 21;
  ASSERT_EQ(setsockopt(host_->event_fd(), SOL_SOCKET, SO_RCVBUFFORCE, &ample, sizeof ample), 0);
  Shell("ip addr add 10.9.9.9/32 dev veth0");
  EXPECT_TRUE(WaitForEvent(Kind::kAddressAdded, "veth0", Prefix("10.9.9.9/32")));  // and it continues
}

}  // namespace
}  // namespace dpvrrp
