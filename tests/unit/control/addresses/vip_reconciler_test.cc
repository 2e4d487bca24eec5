// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/vip_reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/addresses/one_instance.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Presence = VipReconciler::Presence;

VipReconciler WithVips(int count) {
  VipReconciler reconciler;
  for (int i = 0; i < count; ++i) {
    VipReconciler::Vip vip;
    vip.instance = kId;
    vip.index = static_cast<uint16_t>(i);
    vip.device = "eth0";
    vip.prefix = IpPrefix{IpAddress::V4(0x0a630064 + static_cast<uint32_t>(i)), 24};
    reconciler.Add(vip);
  }
  return reconciler;
}

std::vector<HostOp> Ops(const std::vector<HostRequest>& requests) {
  std::vector<HostOp> ops;
  for (const HostRequest& request : requests) ops.push_back(request.op);
  return ops;
}

TEST(VipReconcilerTest, RequestsEachWantedAddressOnce) {
  VipReconciler reconciler = WithVips(3);
  reconciler.Want(kId, true);
  reconciler.Want(kId, true);
  EXPECT_THAT(Ops(reconciler.TakeRequests()),
              ElementsAre(HostOp::kAddAddress, HostOp::kAddAddress, HostOp::kAddAddress));
}

// If mastership is lost while the kernel adds the address, it is removed as soon as it has been added.
TEST(VipReconcilerTest, AnOppositeRequestWaitsForTheAnswer) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  const std::vector<HostRequest> add = reconciler.TakeRequests();
  reconciler.Want(kId, false);
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  reconciler.OnReply({add[0].id, absl::OkStatus()}, kNow);
  EXPECT_THAT(Ops(reconciler.TakeRequests()), ElementsAre(HostOp::kRemoveAddress));
  for (const VipReconciler::Report& report : reconciler.TakeReports()) {
    EXPECT_NE(report.kind, VipReconciler::Report::Kind::kProgrammed);  // nothing to announce
  }
}

TEST(VipReconcilerTest, BackOffDoublesUpToItsLimit) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  Instant now = kNow;
  Nanoseconds expected = VipReconciler::kFirstBackoff;
  for (int i = 0; i < 10; ++i) {
    const std::vector<HostRequest> asked = reconciler.TakeRequests();
    ASSERT_THAT(asked, SizeIs(1)) << i;
    reconciler.OnReply({asked[0].id, absl::UnavailableError("ENOBUFS")}, now);
    EXPECT_EQ(reconciler.NextDeadline() - now, expected) << i;
    reconciler.OnTime(reconciler.NextDeadline() - 1ns);
    EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
    now = reconciler.NextDeadline();
    reconciler.OnTime(now);
    expected = std::min(expected * 2, VipReconciler::kLongestBackoff);
  }
  EXPECT_THAT(reconciler.TakeReports(), SizeIs(1));
}

TEST(VipReconcilerTest, ALostMastershipEndsTheRetries) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::UnavailableError("ENOBUFS")}, kNow);
  reconciler.Want(kId, false);
  EXPECT_EQ(reconciler.NextDeadline(), kNever);
  EXPECT_TRUE(reconciler.Settled(kId));
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
}

TEST(VipReconcilerTest, AForeignAddressIsUsedButNeverRemoved) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::AlreadyExistsError("File exists")}, kNow);
  EXPECT_EQ(reconciler.vips(kId)[0].presence, Presence::kForeign);
  reconciler.Want(kId, false);
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
}

TEST(VipReconcilerTest, AnAddressThatDoesNotExistCountsAsRemoved) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
  reconciler.Want(kId, false);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::NotFoundError("gone")}, kNow);
  EXPECT_EQ(reconciler.vips(kId)[0].presence, Presence::kAbsent);
  EXPECT_TRUE(reconciler.Settled(kId));
}

TEST(VipReconcilerTest, AfterAnOverrunMissingAddressesAreAddedAgain) {
  VipReconciler reconciler = WithVips(2);
  reconciler.Want(kId, true);
  for (const HostRequest& request : reconciler.TakeRequests()) reconciler.OnReply({request.id, absl::OkStatus()}, kNow);
  EXPECT_THAT(reconciler.OnAddresses({{"eth0", *ParseIpPrefix("10.99.0.100/24"), true}}), IsEmpty());
  const std::vector<HostRequest> asked = reconciler.TakeRequests();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(ToString(asked[0].prefix), "10.99.0.101/24");
}

HostEvent Removed() { return {HostEvent::Kind::kAddressRemoved, "eth0", *ParseIpPrefix("10.99.0.100/24")}; }

// The kernel's answers overtake its notifications: master, backup and master again before the first is read.
TEST(VipReconcilerTest, ALateNotificationOfOurOwnRemovalIsRecognised) {
  VipReconciler reconciler = WithVips(1);
  for (const bool wanted : {true, false, true, false, true}) {
    reconciler.Want(kId, wanted);
    reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
  }
  reconciler.TakeReports();
  reconciler.OnEvent(Removed(), kNow);
  reconciler.OnEvent(Removed(), kNow);
  EXPECT_THAT(reconciler.TakeReports(), IsEmpty());
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  reconciler.OnEvent(Removed(), kNow);  // a third removal is not ours
  EXPECT_THAT(reconciler.TakeReports(), SizeIs(1));
  EXPECT_THAT(Ops(reconciler.TakeRequests()), ElementsAre(HostOp::kAddAddress));
}

TEST(VipReconcilerTest, ANotificationBeforeTheAnswerIsNotAwaitedAgain) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
  reconciler.Want(kId, false);
  const std::vector<HostRequest> asked = reconciler.TakeRequests();
  reconciler.OnEvent(Removed(), kNow);  // before the answer
  reconciler.OnReply({asked[0].id, absl::OkStatus()}, kNow);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
  reconciler.OnEvent(Removed(), kNow);
  EXPECT_THAT(Ops(reconciler.TakeRequests()), ElementsAre(HostOp::kAddAddress));
}

// A missing notification (the device was removed) must not hide later removals without end.
TEST(VipReconcilerTest, ALateNotificationIsAwaitedForAShortTimeOnly) {
  for (const bool overrun : {false, true}) {
    VipReconciler reconciler = WithVips(1);
    for (const bool wanted : {true, false, true}) {
      reconciler.Want(kId, wanted);
      reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
    }
    if (overrun) reconciler.OnEvent({HostEvent::Kind::kOverrun, "", {}}, kNow);
    reconciler.OnEvent(Removed(), overrun ? kNow : kNow + VipReconciler::kLongestLateness);
    EXPECT_THAT(Ops(reconciler.TakeRequests()), ElementsAre(HostOp::kAddAddress)) << overrun;
  }
}

// Nor a removal shortly after one of ours whose notification was received.
TEST(VipReconcilerTest, AMissingNotificationIsNotAwaitedAfterTheNextRemoval) {
  VipReconciler reconciler = WithVips(1);
  Instant now = kNow;
  const auto want = [&](bool wanted) {
    reconciler.Want(kId, wanted);
    reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, now);
  };
  want(true);
  want(false);  // its notification is never received
  now += VipReconciler::kLongestLateness;
  want(true);
  want(false);
  want(true);
  reconciler.OnEvent(Removed(), now);  // the second
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  reconciler.OnEvent(Removed(), now);  // by another program
  EXPECT_THAT(Ops(reconciler.TakeRequests()), ElementsAre(HostOp::kAddAddress));
}

TEST(VipReconcilerTest, RepliesForAForgottenInstanceAreIgnored) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  const std::vector<HostRequest> asked = reconciler.TakeRequests();
  reconciler.Forget(kId);
  reconciler.OnReply({asked[0].id, absl::OkStatus()}, kNow);
  EXPECT_THAT(reconciler.vips(kId), IsEmpty());
}

// The kernel may report the removal of a link before or after that of its addresses.
TEST(VipReconcilerTest, AVirtualMacDeviceThatIsSetDownIsSetUpAgain) {
  VipReconciler reconciler;
  VipReconciler::Vip vip;
  vip.instance = kId;
  vip.device = "vrrp6.2.51";
  vip.prefix = *ParseIpPrefix("fe80::100/64");
  vip.device_follows = true;
  reconciler.Add(vip);
  const HostEvent down{.kind = HostEvent::Kind::kLinkDown, .device = vip.device};
  const HostEvent removed{.kind = HostEvent::Kind::kAddressRemoved, .device = vip.device, .prefix = vip.prefix};
  const auto answer = [&] {
    std::vector<HostOp> asked;
    for (std::vector<HostRequest> r; !(r = reconciler.TakeRequests()).empty();) {
      for (const HostRequest& request : r) {
        asked.push_back(request.op);
        reconciler.OnReply({request.id, absl::OkStatus()}, kNow);
      }
    }
    return asked;
  };
  reconciler.OnEvent(down, kNow);
  EXPECT_THAT(answer(), IsEmpty()) << "it is to be down";
  reconciler.Want(kId, true);
  EXPECT_THAT(answer(), ElementsAre(HostOp::kSetLinkUp, HostOp::kAddAddress));
  reconciler.OnEvent(down, kNow);
  reconciler.OnEvent(removed, kNow);
  EXPECT_THAT(answer(), ElementsAre(HostOp::kSetLinkUp, HostOp::kAddAddress));
  reconciler.OnEvent(removed, kNow);
  reconciler.OnEvent(down, kNow);
  EXPECT_THAT(answer(), ElementsAre(HostOp::kAddAddress, HostOp::kSetLinkUp));
  reconciler.Want(kId, false);
  EXPECT_THAT(answer(), ElementsAre(HostOp::kRemoveAddress, HostOp::kSetLinkDown));
  reconciler.OnEvent(down, kNow);
  reconciler.Forget(kId);
  reconciler.OnEvent(down, kNow);
  EXPECT_THAT(answer(), IsEmpty());
}

std::vector<std::string> Asked(const std::vector<HostRequest>& requests) {
  std::vector<std::string> out;
  for (const HostRequest& r : requests) {
    out.push_back((r.op == HostOp::kAddAddress      ? "add on "
                   : r.op == HostOp::kRemoveAddress ? "remove on "
                                                    : "up ") +
                  r.device);
  }
  return out;
}

// The address is added on the new device before it is removed from the old one, because hosts use it.
TEST(VipReconcilerTest, AWantedAddressMovesToAnotherDeviceWithoutAGap) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
  reconciler.TakeReports();
  reconciler.Rehome(kId, {"eth1"});
  EXPECT_FALSE(reconciler.Settled(kId));
  const std::vector<HostRequest> add = reconciler.TakeRequests();
  ASSERT_THAT(Asked(add), ElementsAre("add on eth1"));
  reconciler.OnReply({add[0].id, absl::OkStatus()}, kNow);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth0"));
  const auto reports = reconciler.TakeReports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].kind, VipReconciler::Report::Kind::kProgrammed);
  EXPECT_EQ(reports[0].text, "10.99.0.100/24 on eth1");
  // A removal of ours.
  reconciler.OnEvent({HostEvent::Kind::kAddressRemoved, "eth0", reconciler.vips(kId)[0].prefix}, kNow);
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  reconciler.Want(kId, false);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth1"));
}

TEST(VipReconcilerTest, AnAnswerForTheFormerDeviceIsNotUsedForTheNewOne) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  const std::vector<HostRequest> late = reconciler.TakeRequests();
  reconciler.Rehome(kId, {"eth1"});
  const std::vector<HostRequest> add = reconciler.TakeRequests();
  reconciler.OnReply({late[0].id, absl::OkStatus()}, kNow);
  EXPECT_EQ(reconciler.vips(kId)[0].presence, VipReconciler::Presence::kAbsent);
  reconciler.Want(kId, false);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth0"));  // it may exist by now
  reconciler.OnReply({add[0].id, absl::OkStatus()}, kNow);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth1"));
}

TEST(VipReconcilerTest, AnUnwantedAddressChangesItsDeviceWithoutARequest) {
  VipReconciler reconciler = WithVips(2);
  reconciler.Rehome(kId, {"eth1", "eth2"});
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  EXPECT_TRUE(reconciler.Settled(kId));
  reconciler.Want(kId, true);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("add on eth1", "add on eth2"));
}

// ---- Behind the host's own addresses ----

HostEvent Added(const char* prefix, bool is_secondary = false, bool ours = false) {
  return {HostEvent::Kind::kAddressAdded, "eth0", *ParseIpPrefix(prefix), ours, is_secondary};
}

class VipOrderTest : public ::testing::Test {
 protected:
  // The address exists, and the kernel has reported it.
  void SetUp() override {
    reconciler_.Want(kId, true);
    reconciler_.OnReply({reconciler_.TakeRequests()[0].id, absl::OkStatus()}, kNow);
    reconciler_.OnEvent(Added("10.99.0.100/24", false, true), kNow);
    reconciler_.TakeReports();
  }
  std::vector<std::string> Requests() {
    std::vector<std::string> out;
    asked_ = reconciler_.TakeRequests();
    for (const HostRequest& r : asked_) {
      out.push_back((r.op == HostOp::kAddAddress ? "add " : "remove ") + ToString(r.prefix) +
                    (r.brings_route ? "" : " without a route"));
    }
    return out;
  }
  void AnswerAll() {
    for (const HostRequest& r : std::exchange(asked_, {})) reconciler_.OnReply({r.id, absl::OkStatus()}, kNow);
  }
  VipReconciler reconciler_ = WithVips(1);
  std::vector<HostRequest> asked_;
};

// The host's own address was flushed and added again.
TEST_F(VipOrderTest, AVirtualAddressInFrontIsMovedBehindTheHostsOwn) {
  reconciler_.OnEvent(Added("10.99.0.1/24", true), kNow);
  EXPECT_THAT(Requests(), ElementsAre("add 10.99.0.100/32", "remove 10.99.0.100/24", "add 10.99.0.100/24",
                                      "remove 10.99.0.100/32"));
  const auto reports = reconciler_.TakeReports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].kind, VipReconciler::Report::Kind::kPutBehind);
  AnswerAll();
  // The kernel's notifications, in its order.
  reconciler_.OnEvent(Added("10.99.0.100/32", false, true), kNow);
  reconciler_.OnEvent(Removed(), kNow);
  reconciler_.OnEvent(Added("10.99.0.1/24"), kNow);
  reconciler_.OnEvent(Added("10.99.0.100/24", true, true), kNow);
  reconciler_.OnEvent({HostEvent::Kind::kAddressRemoved, "eth0", *ParseIpPrefix("10.99.0.100/32")}, kNow);
  EXPECT_THAT(Requests(), IsEmpty());
  EXPECT_THAT(reconciler_.TakeReports(), IsEmpty()) << "neither lost nor announced";
  EXPECT_EQ(reconciler_.vips(kId)[0].presence, Presence::kPresent);
  reconciler_.OnEvent(Added("10.99.0.1/24"), kNow);  // a lifetime is renewed
  EXPECT_THAT(Requests(), IsEmpty());
}

TEST_F(VipOrderTest, AVirtualAddressOfAnotherSubnetIsMovedBehindToo) {
  reconciler_.OnEvent(Added("10.50.0.1/24"), kNow);  // another subnet: behind us in the device's list
  EXPECT_THAT(Requests(), SizeIs(4));
  AnswerAll();
  reconciler_.OnEvent(Added("10.99.0.100/24", false, true), kNow);  // still the first of its own subnet
  reconciler_.OnEvent(Added("10.50.0.1/24"), kNow);
  EXPECT_THAT(Requests(), IsEmpty()) << "no news";
}

TEST_F(VipOrderTest, OtherDevicesAndFamiliesDoNotMatter) {
  HostEvent elsewhere = Added("10.99.0.1/24");
  elsewhere.device = "eth1";
  reconciler_.OnEvent(elsewhere, kNow);
  reconciler_.OnEvent(Added("2001:db8::1/64"), kNow);
  EXPECT_THAT(Requests(), IsEmpty());
}

TEST_F(VipOrderTest, ASecondaryAddressIsInOrder) {
  reconciler_.OnEvent(Added("10.99.0.100/24", true, true), kNow);
  reconciler_.OnEvent(Added("10.99.0.1/24"), kNow);
  EXPECT_THAT(Requests(), IsEmpty());
}

// The order of the two in the kernel is not known.
TEST_F(VipOrderTest, AnAddressThatIsBeingAddedIsMovedBehindAfterwards) {
  reconciler_.Want(kId, false);
  Requests();
  AnswerAll();
  reconciler_.Want(kId, true);
  EXPECT_THAT(Requests(), ElementsAre("add 10.99.0.100/24"));
  reconciler_.OnEvent(Added("10.99.0.1/24", true), kNow);
  EXPECT_THAT(reconciler_.TakeRequests(), IsEmpty());
  AnswerAll();
  EXPECT_THAT(Requests(), SizeIs(4));
}

TEST_F(VipOrderTest, MastershipMayBeLostMeanwhile) {
  reconciler_.OnEvent(Added("10.99.0.1/24", true), kNow);
  Requests();
  reconciler_.Want(kId, false);
  EXPECT_THAT(reconciler_.TakeRequests(), IsEmpty());
  AnswerAll();
  EXPECT_THAT(Requests(), ElementsAre("remove 10.99.0.100/24"));
}

TEST_F(VipOrderTest, AfterAnOverrunTheOrderIsCheckedToo) {
  reconciler_.OnAddresses(
      {{"eth0", *ParseIpPrefix("10.99.0.100/24"), true, false}, {"eth0", *ParseIpPrefix("10.99.0.1/24"), false, true}});
  EXPECT_THAT(Requests(), SizeIs(4));
}

TEST(VipOrderOfASourceTest, AnAddressThatMayBeASourceStaysWhereItIs) {
  VipReconciler reconciler;
  VipReconciler::Vip vip;
  vip.instance = kId;
  vip.device = "eth0";
  vip.prefix = *ParseIpPrefix("10.99.0.100/24");
  vip.may_be_source = true;
  reconciler.Add(vip);
  reconciler.Want(kId, true);
  const std::vector<HostRequest> asked = reconciler.TakeRequests();
  EXPECT_TRUE(asked[0].may_be_source);
  reconciler.OnReply({asked[0].id, absl::OkStatus()}, kNow);
  reconciler.OnEvent(Added("10.99.0.100/24", false, true), kNow);
  reconciler.OnEvent(Added("10.99.0.1/24", true), kNow);
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
}

// A route of its own would be the longer match, with the virtual address as source.
TEST(VipOrderOfANarrowSubnetTest, TheHostsOwnRouteIsUsedWhileItExists) {
  VipReconciler reconciler;
  VipReconciler::Vip vip;
  vip.instance = kId;
  vip.device = "eth0";
  vip.prefix = *ParseIpPrefix("10.99.0.100/25");
  reconciler.Add(vip);
  reconciler.OnEvent(Added("10.99.0.1/24"), kNow);
  reconciler.Want(kId, true);
  std::vector<HostRequest> asked = reconciler.TakeRequests();
  EXPECT_FALSE(asked[0].brings_route);
  reconciler.OnReply({asked[0].id, absl::OkStatus()}, kNow);
  reconciler.OnEvent({HostEvent::Kind::kAddressRemoved, "eth0", *ParseIpPrefix("10.99.0.1/24")}, kNow);
  asked = reconciler.TakeRequests();
  ASSERT_THAT(asked, SizeIs(4));
  EXPECT_TRUE(asked[2].brings_route) << "otherwise no route to the subnet is left";
}

}  // namespace
}  // namespace dpvrrp
