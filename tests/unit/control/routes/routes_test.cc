// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: routes and rules follow what is wanted, and are put back.
#include "control/routes/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

VirtualRoute RouteTo(const char* to, const char* via = "10.99.0.254") {
  return {.to = *ParseIpPrefix(to), .via = *ParseIpAddress(via), .device = ""};
}
VirtualRule RuleFrom(const char* from) {
  return {.from = *ParseIpPrefix(from), .iif = "", .table = 100, .priority = 1000};
}

class RoutesPartTest : public ::testing::Test {
 protected:
  const ManagedInstance& AddInstance() {
    InstanceConfig config = AhInstance();
    config.virtual_routes = {RouteTo("10.50.0.0/16"), RouteTo("10.60.0.0/16")};
    config.virtual_rules = {RuleFrom("10.99.0.0/24")};
    const ManagedInstance& managed = desk_.Add(config);
    routes_.Add(managed.id, managed.config);
    return managed;
  }
  // The texts of the requests, which are answered.
  std::vector<std::string> Turn() {
    std::vector<std::string> texts;
    while (true) {
      routes_.SendRemovals();
      routes_.SendAdditions();
      const std::vector<HostRequest> requests = std::exchange(desk_.outbox.host, {});
      if (requests.empty()) return texts;
      for (const HostRequest& request : requests) {
        const bool adds = request.op == HostOp::kAddRoute || request.op == HostOp::kAddRule;
        texts.push_back((adds ? "+ " : "- ") + ToString(request.entry));
        EXPECT_TRUE(routes_.OnHostReply(desk_.services.Answer(request), desk_.Time()));
      }
    }
  }
  std::vector<std::string> Kernel() const {
    std::vector<std::string> texts;
    for (const RoutingEntry& entry : desk_.services.routing) texts.push_back(ToString(entry));
    return texts;
  }
  void RunFor(Nanoseconds time) {
    const Instant end = desk_.now + time;
    while (routes_.NextDeadline() <= end) {
      desk_.now = std::max(desk_.now, routes_.NextDeadline());
      routes_.OnTime(desk_.Time());
      Turn();
    }
    desk_.now = end;
  }
  void Event(HostEvent::Kind kind) { routes_.OnHostEvent({.kind = kind, .device = "eth0"}, desk_.Time()); }
  Routes::Presence PresenceOf(InstanceId id, size_t entry) { return routes_.EntriesOf(id).at(entry).presence; }

  PartDesk desk_;
  Routes routes_{desk_.Context()};
};

TEST_F(RoutesPartTest, RoutesAreAddedBeforeRulesAndRemovedAfterThem) {
  const InstanceId id = AddInstance().id;
  EXPECT_THAT(Turn(), IsEmpty());
  routes_.Want(id, true);
  EXPECT_FALSE(routes_.IsSettled(id));
  EXPECT_THAT(Turn(), ElementsAre("+ route 10.50.0.0/16 via 10.99.0.254", "+ route 10.60.0.0/16 via 10.99.0.254",
                                  "+ rule from 10.99.0.0/24 table 100 priority 1000"));
  EXPECT_TRUE(routes_.IsSettled(id));
  EXPECT_THAT(desk_.Recorded("route"), SizeIs(3));
  routes_.Want(id, true);
  EXPECT_THAT(Turn(), IsEmpty());
  routes_.Want(id, false);
  EXPECT_THAT(Turn(), ElementsAre("- rule from 10.99.0.0/24 table 100 priority 1000",
                                  "- route 10.60.0.0/16 via 10.99.0.254", "- route 10.50.0.0/16 via 10.99.0.254"));
  EXPECT_THAT(Kernel(), IsEmpty());
  EXPECT_EQ(routes_.NextDeadline(), kNever);
}

TEST_F(RoutesPartTest, ARefusedRouteIsTriedAgainAtGrowingIntervals) {
  const InstanceId id = AddInstance().id;
  desk_.services.refuse_routing = absl::UnavailableError("Network is unreachable");
  routes_.Want(id, true);
  Turn();
  EXPECT_EQ(routes_.EntriesOf(id)[0].error, "Network is unreachable");
  EXPECT_FALSE(routes_.IsSettled(id));
  RunFor(60s);
  EXPECT_THAT(desk_.Recorded("route"), SizeIs(3));  // one for each entry, not for each try
  EXPECT_LE(routes_.NextDeadline() - desk_.now, Routes::kLongestBackoff);
  desk_.services.refuse_routing = absl::OkStatus();
  RunFor(Routes::kLongestBackoff);
  EXPECT_THAT(Kernel(), SizeIs(3));
  EXPECT_EQ(routes_.EntriesOf(id)[0].error, "");
}

TEST_F(RoutesPartTest, AfterALinkComesUpWhatFailedIsTriedAtOnce) {
  const InstanceId id = AddInstance().id;
  desk_.services.refuse_routing = absl::InternalError("Network is down");
  routes_.Want(id, true);
  Turn();
  RunFor(60s);
  desk_.services.refuse_routing = absl::OkStatus();
  Event(HostEvent::Kind::kLinkUp);
  EXPECT_THAT(Turn(), SizeIs(3));
  EXPECT_THAT(Kernel(), SizeIs(3));
}

TEST_F(RoutesPartTest, NoLongerWantedWhileItFailsItIsNotTriedAgain) {
  const InstanceId id = AddInstance().id;
  desk_.services.refuse_routing = absl::InternalError("Network is down");
  routes_.Want(id, true);
  Turn();
  routes_.Want(id, false);
  EXPECT_TRUE(routes_.IsSettled(id));
  EXPECT_THAT(Turn(), IsEmpty());
}

TEST_F(RoutesPartTest, AForeignRouteIsNeverRemoved) {
  const InstanceId id = AddInstance().id;
  desk_.services.foreign_routing = {PlaceKey(RouteTo("10.50.0.0/16"))};
  routes_.Want(id, true);
  Turn();
  EXPECT_EQ(PresenceOf(id, 0), Routes::Presence::kForeign);
  EXPECT_EQ(PresenceOf(id, 1), Routes::Presence::kPresent);
  RunFor(60s);
  EXPECT_THAT(desk_.Recorded("route"), SizeIs(3));
  routes_.Want(id, false);
  EXPECT_THAT(Turn(), SizeIs(2));  // the others
  EXPECT_TRUE(routes_.IsSettled(id));
}

TEST_F(RoutesPartTest, AfterAForeignRouteIsRemovedOursIsAdded) {
  const InstanceId id = AddInstance().id;
  desk_.services.foreign_routing = {PlaceKey(RouteTo("10.50.0.0/16"))};
  routes_.Want(id, true);
  Turn();
  desk_.services.foreign_routing.clear();
  RunFor(Routes::kLongestBackoff);
  EXPECT_EQ(PresenceOf(id, 0), Routes::Presence::kPresent);
}

TEST_F(RoutesPartTest, ARemovedRouteIsPutBack) {
  const InstanceId id = AddInstance().id;
  routes_.Want(id, true);
  Turn();
  desk_.services.routing.erase(desk_.services.routing.begin());
  Event(HostEvent::Kind::kRoutingRemoved);
  RunFor(Routes::kListAfter);
  EXPECT_THAT(Kernel(), SizeIs(3));
  EXPECT_EQ(desk_.Recorded("route").at(3), "route 10.50.0.0/16 via 10.99.0.254 was removed: adding it again");
}

TEST_F(RoutesPartTest, RoutesThatTheKernelRemovedSilentlyArePutBack) {
  const InstanceId id = AddInstance().id;
  routes_.Want(id, true);
  Turn();
  for (const auto kind : {HostEvent::Kind::kLinkDown, HostEvent::Kind::kLinkUp, HostEvent::Kind::kAddressRemoved,
                          HostEvent::Kind::kOverrun}) {
    std::erase_if(desk_.services.routing, [](const auto& e) { return std::holds_alternative<VirtualRoute>(e); });
    Event(kind);
    Turn();
    RunFor(Routes::kListSpacing);
    EXPECT_THAT(Kernel(), SizeIs(3));
  }
}

TEST_F(RoutesPartTest, ListsKeepTheirDistance) {
  const InstanceId id = AddInstance().id;
  routes_.Want(id, true);
  Turn();
  Event(HostEvent::Kind::kRoutingRemoved);
  EXPECT_EQ(routes_.NextDeadline(), desk_.now + Routes::kListAfter);
  RunFor(Routes::kListAfter);
  const Instant listed = desk_.now;
  for (int i = 0; i < 100; ++i) Event(HostEvent::Kind::kRoutingRemoved);
  EXPECT_EQ(routes_.NextDeadline(), listed + Routes::kListSpacing);
}

TEST_F(RoutesPartTest, WithoutRoutesNoEventCausesAList) {
  Event(HostEvent::Kind::kAddressRemoved);
  EXPECT_EQ(routes_.NextDeadline(), kNever);
}

TEST_F(RoutesPartTest, WhatAnEarlierRunLeftIsRemoved) {
  AddInstance();
  desk_.services.routing = {RouteTo("10.70.0.0/16"), RouteTo("10.50.0.0/16"), RuleFrom("10.1.0.0/16")};
  routes_.Resync(desk_.Time());
  Turn();
  EXPECT_THAT(Kernel(), IsEmpty());
  EXPECT_THAT(desk_.Recorded("route"), SizeIs(3));
  EXPECT_TRUE(routes_.IsResynced());
}

TEST_F(RoutesPartTest, ARouteOfOursThatDiffersIsReplaced) {
  const InstanceId id = AddInstance().id;
  routes_.Want(id, true);
  Turn();
  std::get<VirtualRoute>(desk_.services.routing[0]).via = IpAddress::V4(0x0a630001);
  routes_.Resync(desk_.Time());
  EXPECT_THAT(Turn(), ElementsAre("- route 10.50.0.0/16 via 10.99.0.1", "+ route 10.50.0.0/16 via 10.99.0.254"));
}

TEST_F(RoutesPartTest, WithoutAListItTriesAgain) {
  desk_.services.refuse_listing = absl::UnavailableError("they change too fast");
  desk_.services.routing = {RouteTo("10.70.0.0/16")};
  routes_.Resync(desk_.Time());
  EXPECT_FALSE(routes_.IsResynced());
  desk_.services.refuse_listing = absl::OkStatus();
  RunFor(1s);
  EXPECT_TRUE(routes_.IsResynced());
  EXPECT_THAT(Kernel(), IsEmpty());
}

TEST_F(RoutesPartTest, AnotherConfigurationChangesWhatDiffers) {
  const ManagedInstance& managed = AddInstance();
  routes_.Want(managed.id, true);
  Turn();
  InstanceConfig next = managed.config;
  next.virtual_routes = {RouteTo("10.60.0.0/16"), RouteTo("10.50.0.0/16", "10.99.0.253"), RouteTo("10.80.0.0/16")};
  next.virtual_rules.clear();
  routes_.OnConfiguration(managed.id, next);
  EXPECT_THAT(Turn(),
              ElementsAre("- rule from 10.99.0.0/24 table 100 priority 1000", "- route 10.50.0.0/16 via 10.99.0.254",
                          "+ route 10.50.0.0/16 via 10.99.0.253", "+ route 10.80.0.0/16 via 10.99.0.254"));
  EXPECT_THAT(routes_.EntriesOf(managed.id), SizeIs(3));
  next.virtual_routes.clear();
  routes_.OnConfiguration(managed.id, next);
  Turn();
  EXPECT_THAT(routes_.EntriesOf(managed.id), IsEmpty());
  EXPECT_THAT(Kernel(), IsEmpty());
}

TEST_F(RoutesPartTest, AnAnswerThatWasLostCausesAList) {
  const InstanceId id = AddInstance().id;
  routes_.Want(id, true);
  desk_.services.lose_answers = true;
  Turn();
  EXPECT_FALSE(routes_.IsResynced());
  routes_.Want(id, false);
  desk_.services.lose_answers = false;
  RunFor(1s);
  EXPECT_THAT(Kernel(), IsEmpty());
  EXPECT_TRUE(routes_.IsResynced());
}

TEST_F(RoutesPartTest, AnswersAboutAddressesAreOfAnotherPart) {
  EXPECT_FALSE(routes_.OnHostReply({.id = 1, .status = absl::OkStatus()}, desk_.Time()));
  EXPECT_FALSE(routes_.OnHostReply({.id = uint64_t{1} << 63, .status = absl::OkStatus()}, desk_.Time()));
}

}  // namespace
}  // namespace dpvrrp
