// SPDX-License-Identifier: BSD-3-Clause
#include "control/vip_reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Presence = VipReconciler::Presence;

constexpr InstanceId kId{1};
constexpr Instant kNow{100s};

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

TEST(VipReconcilerTest, AsksForEachWantedAddressOnce) {
  VipReconciler reconciler = WithVips(3);
  reconciler.Want(kId, true);
  reconciler.Want(kId, true);
  EXPECT_THAT(Ops(reconciler.TakeRequests()),
              ElementsAre(HostOp::kAddAddress, HostOp::kAddAddress, HostOp::kAddAddress));
}

// Mastership lost while the kernel is still at it: the address is removed as soon as it has been added.
TEST(VipReconcilerTest, AChangeOfMindWaitsForTheAnswer) {
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

TEST(VipReconcilerTest, AnAddressThatIsGoneAlreadyCountsAsRemoved) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, kNow);
  reconciler.Want(kId, false);
  reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::NotFoundError("gone")}, kNow);
  EXPECT_EQ(reconciler.vips(kId)[0].presence, Presence::kAbsent);
  EXPECT_TRUE(reconciler.Settled(kId));
}

TEST(VipReconcilerTest, AfterAnOverrunWhatIsMissingIsPutBack) {
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
TEST(VipReconcilerTest, OurOwnRemovalHeardOfLateIsNobodyElses) {
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
  reconciler.OnEvent(Removed(), kNow);  // a third one is not ours
  EXPECT_THAT(reconciler.TakeReports(), SizeIs(1));
  EXPECT_THAT(Ops(reconciler.TakeRequests()), ElementsAre(HostOp::kAddAddress));
}

TEST(VipReconcilerTest, ARemovalHeardOfInTimeIsNotAwaitedLater) {
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

// A notification that never came (its device had gone) must not hide a later removal for ever.
TEST(VipReconcilerTest, ALateRemovalIsAwaitedForAShortWhileOnly) {
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

// Nor one that comes shortly after a removal of ours that was heard of.
TEST(VipReconcilerTest, WhatNeverCameIsNotAwaitedBesideTheNextRemoval) {
  VipReconciler reconciler = WithVips(1);
  Instant now = kNow;
  const auto want = [&](bool wanted) {
    reconciler.Want(kId, wanted);
    reconciler.OnReply({reconciler.TakeRequests()[0].id, absl::OkStatus()}, now);
  };
  want(true);
  want(false);  // never heard of
  now += VipReconciler::kLongestLateness;
  want(true);
  want(false);
  want(true);
  reconciler.OnEvent(Removed(), now);  // the second
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  reconciler.OnEvent(Removed(), now);  // somebody else's
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

// With the orders in which the kernel tells of a link that goes, and of the addresses that go with it.
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

// On the new device before it leaves the old one: somebody uses it.
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
  // Nobody's removal but ours.
  reconciler.OnEvent({HostEvent::Kind::kAddressRemoved, "eth0", reconciler.vips(kId)[0].prefix}, kNow);
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  reconciler.Want(kId, false);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth1"));
}

TEST(VipReconcilerTest, AnAnswerOfTheFormerDeviceIsNotTakenForTheNewOnes) {
  VipReconciler reconciler = WithVips(1);
  reconciler.Want(kId, true);
  const std::vector<HostRequest> late = reconciler.TakeRequests();
  reconciler.Rehome(kId, {"eth1"});
  const std::vector<HostRequest> add = reconciler.TakeRequests();
  reconciler.OnReply({late[0].id, absl::OkStatus()}, kNow);
  EXPECT_EQ(reconciler.vips(kId)[0].presence, VipReconciler::Presence::kAbsent);
  reconciler.Want(kId, false);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth0"));  // it may be there by now
  reconciler.OnReply({add[0].id, absl::OkStatus()}, kNow);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("remove on eth1"));
}

TEST(VipReconcilerTest, AnUnwantedAddressChangesItsDeviceInSilence) {
  VipReconciler reconciler = WithVips(2);
  reconciler.Rehome(kId, {"eth1", "eth2"});
  EXPECT_THAT(reconciler.TakeRequests(), IsEmpty());
  EXPECT_TRUE(reconciler.Settled(kId));
  reconciler.Want(kId, true);
  EXPECT_THAT(Asked(reconciler.TakeRequests()), ElementsAre("add on eth1", "add on eth2"));
}

}  // namespace
}  // namespace dpvrrp
