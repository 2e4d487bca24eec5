// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/clear_marks.h"

#include "absl/strings/str_cat.h"
#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ClearMarksTest : public KernelFixture {};

// The host of the test stays open and idle, as that of a control thread that is stuck.
TEST_F(ClearMarksTest, RemovesOnlyOurOwn) {
  Shell("ip addr add 10.99.0.1/24 dev veth0");
  const std::string device = host_->EnsureVirtualMacDevice("veth0", Family::kIpv4, Vrid(51)).value();
  EXPECT_EQ(Ask(HostOp::kAddAddress, "veth0", "10.99.0.100/24"), absl::OkStatus());
  EXPECT_EQ(Ask(HostOp::kAddAddress, "veth1", "2001:db8::100/64"), absl::OkStatus());
  EXPECT_EQ(Ask(HostOp::kAddAddress, device, "10.99.0.101/24"), absl::OkStatus());

  const ClearedMarks cleared = ClearMarks(std::chrono::seconds(10));
  EXPECT_EQ(cleared.status, absl::OkStatus());
  EXPECT_THAT(cleared.addresses, UnorderedElementsAre("10.99.0.100/24 on veth0", "2001:db8::100/64 on veth1",
                                                      absl::StrCat("10.99.0.101/24 on ", device)));
  EXPECT_THAT(cleared.devices, ElementsAre(device));
  EXPECT_THAT(host_->ListAddresses().value(), Each(Field(&HostAddress::ours, false)));
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), IsEmpty());
  Shell("ip addr show dev veth0 | grep -q 10.99.0.1/24");
}

TEST_F(ClearMarksTest, WithoutOurMarksThereIsNothingToRemove) {
  const ClearedMarks cleared = ClearMarks(std::chrono::seconds(10));
  EXPECT_EQ(cleared.status, absl::OkStatus());
  EXPECT_THAT(cleared.addresses, IsEmpty());
  EXPECT_THAT(cleared.devices, IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
