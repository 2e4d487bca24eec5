// SPDX-License-Identifier: BSD-3-Clause
#include <sys/socket.h>

#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NetlinkHostAddressTest : public KernelFixture {
 protected:
  static std::vector<HostRequest> Thousand(HostOp op) {
    std::vector<HostRequest> requests;
    for (uint32_t i = 0; i < 1000; ++i) {
      requests.push_back({0, op, "veth0", {IpAddress::V4(0x0a010000 + i + 1), 32}});
    }
    return requests;
  }
};

TEST_F(NetlinkHostAddressTest, AddedAddressIsListedAsOurs) {
  EXPECT_EQ(Ask(HostOp::kAddAddress, "veth0", "10.0.0.100/24"), absl::OkStatus());
  EXPECT_EQ(Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64"), absl::OkStatus());
  EXPECT_THAT(AddressesOf("veth0"), ElementsAre("10.0.0.100/24 ours", "2001:db8::100/64 ours"));
}

TEST_F(NetlinkHostAddressTest, RemovedAddressIsGone) {
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "10.0.0.100/24").ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64").ok());
  EXPECT_EQ(Ask(HostOp::kRemoveAddress, "veth0", "10.0.0.100/24"), absl::OkStatus());
  EXPECT_EQ(Ask(HostOp::kRemoveAddress, "veth0", "2001:db8::100/64"), absl::OkStatus());
  EXPECT_THAT(AddressesOf("veth0"), IsEmpty());
}

TEST_F(NetlinkHostAddressTest, OperatorsAddressIsTheirsAndIsNotTakenOver) {
  Shell("ip addr add 10.0.0.100/24 dev veth0 && ip addr add 2001:db8::100/64 dev veth0");
  for (const char* prefix : {"10.0.0.100/24", "2001:db8::100/64"}) {
    const absl::Status status = Ask(HostOp::kAddAddress, "veth0", prefix);
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("veth0"), HasSubstr(prefix), HasSubstr("File exists")));
  }
  EXPECT_THAT(AddressesOf("veth0"), ElementsAre("10.0.0.100/24 theirs", "2001:db8::100/64 theirs"));
}

TEST_F(NetlinkHostAddressTest, OurMarkSurvivesACrashAndTheAddressIsTakenBack) {
  for (const char* prefix : {"10.0.0.100/24", "2001:db8::100/64"}) {
    ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", prefix).ok());
  }
  host_ = NetlinkHost::Open().value();
  EXPECT_THAT(AddressesOf("veth0"), ElementsAre("10.0.0.100/24 ours", "2001:db8::100/64 ours"));
  for (const char* prefix : {"10.0.0.100/24", "2001:db8::100/64"}) {
    EXPECT_EQ(Ask(HostOp::kAddAddress, "veth0", prefix), absl::OkStatus());
  }
}

TEST_F(NetlinkHostAddressTest, RemovingAnAbsentAddressIsNotFound) {
  for (const char* prefix : {"10.0.0.100/24", "2001:db8::100/64"}) {
    const absl::Status status = Ask(HostOp::kRemoveAddress, "veth0", prefix);
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("veth0"), HasSubstr(prefix)));
  }
}

TEST_F(NetlinkHostAddressTest, UnknownDeviceIsNotFoundWithItsName) {
  for (const char* device : {"nowhere", "", "a-name-longer-than-a-device-can-have"}) {
    for (const HostOp op : {HostOp::kAddAddress, HostOp::kRemoveAddress, HostOp::kSetLinkUp, HostOp::kSetLinkDown}) {
      for (const char* prefix : {"10.0.0.100/24", "2001:db8::100/64"}) {
        const absl::Status status = Ask(op, device, prefix);
        EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
        EXPECT_THAT(std::string(status.message()), HasSubstr(device));
      }
    }
  }
}

TEST_F(NetlinkHostAddressTest, KernelsReasonIsInTheMessage) {
  const absl::Status status = Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64");
  ASSERT_TRUE(status.ok());
  WriteSysctl("ipv6/conf/veth0/disable_ipv6", 1);
  EXPECT_THAT(std::string(Ask(HostOp::kAddAddress, "veth0", "2001:db8::101/64").message()),
              HasSubstr("IPv6 is disabled on this device"));
}

TEST_F(NetlinkHostAddressTest, ThousandAtOnceAreAllAnswered) {
  EXPECT_THAT(Ask(Thousand(HostOp::kAddAddress)), AllOf(SizeIs(1000), Each(absl::OkStatus())));
  EXPECT_THAT(AddressesOf("veth0"), SizeIs(1000));
  EXPECT_THAT(Ask(Thousand(HostOp::kRemoveAddress)), AllOf(SizeIs(1000), Each(absl::OkStatus())));
  EXPECT_THAT(AddressesOf("veth0"), IsEmpty());
}

TEST_F(NetlinkHostAddressTest, OneBadRequestDoesNotSpoilItsBatch) {
  EXPECT_THAT(Ask({{0, HostOp::kAddAddress, "veth0", Prefix("10.0.0.1/24")},
                   {0, HostOp::kAddAddress, "nowhere", Prefix("10.0.0.2/24")},
                   {0, HostOp::kAddAddress, "veth0", Prefix("10.0.0.3/24")}}),
              ElementsAre(absl::OkStatus(), ::testing::Property(&absl::Status::code, absl::StatusCode::kNotFound),
                          absl::OkStatus()));
}

TEST_F(NetlinkHostAddressTest, LostAcksAreAnsweredUnavailableAndTheRetrySucceeds) {
  const int tiny = 0;  // the kernel makes it its minimum: room for a few acks
  ASSERT_EQ(setsockopt(host_->request_fd(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny), 0);
  const std::vector<absl::Status> first = Ask(Thousand(HostOp::kAddAddress));
  size_t unavailable = 0;
  for (const absl::Status& status : first) {
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
    unavailable += absl::IsUnavailable(status);
  }
  EXPECT_GT(unavailable, 0u);

  const int ample = 1 << 21;
  ASSERT_EQ(setsockopt(host_->request_fd(), SOL_SOCKET, SO_RCVBUFFORCE, &ample, sizeof ample), 0);
  EXPECT_THAT(Ask(Thousand(HostOp::kAddAddress)), Each(absl::OkStatus()));
}

TEST_F(NetlinkHostAddressTest, PreparedDeviceKeepsTheOthersWhenOneIsRemoved) {
  WriteSysctl("ipv4/conf/veth0/promote_secondaries", 0);
  ASSERT_TRUE(host_->PrepareDevice("veth0").ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "10.0.0.100/24").ok());
  Shell("ip addr add 10.0.0.1/24 dev veth0");
  ASSERT_TRUE(Ask(HostOp::kRemoveAddress, "veth0", "10.0.0.100/24").ok());
  EXPECT_THAT(AddressesOf("veth0"), ElementsAre("10.0.0.1/24 theirs"));

  EXPECT_EQ(host_->PrepareDevice("nowhere").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(host_->PrepareDevice("all").code(), absl::StatusCode::kNotFound);
}

TEST_F(NetlinkHostAddressTest, Ipv6AddressIsUsableAtOnce) {  // conformance V3-132
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64").ok());
  Shell("ip -6 addr show dev veth0 to 2001:db8::100 | grep -q nodad");
  Shell("! ip -6 addr show dev veth0 to 2001:db8::100 | grep -q tentative");
}

TEST_F(NetlinkHostAddressTest, AnAddressHasItsLabelAndItsScope) {
  EXPECT_EQ(Ask({{.op = HostOp::kAddAddress,
                  .device = "veth0",
                  .prefix = Prefix("10.99.0.100/24"),
                  .label = "veth0:vip",
                  .scope = 253}}),
            std::vector{absl::OkStatus()});
  Shell("ip addr show dev veth0 | grep -q '10.99.0.100/24 scope link proto 0x70 veth0:vip\\|scope link .*veth0:vip'");
  EXPECT_EQ(Ask(HostOp::kRemoveAddress, "veth0", "10.99.0.100/24"), absl::OkStatus());
}

}  // namespace
}  // namespace dpvrrp
