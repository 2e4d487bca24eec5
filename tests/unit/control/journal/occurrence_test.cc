// SPDX-License-Identifier: BSD-3-Clause
//
// Each occurrence, with its kind, severity, text and cause. The kinds are an interface: scripts select events by them.
#include "control/journal/occurrence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"

namespace dpvrrp::occurrence {
namespace {

using namespace std::chrono_literals;

struct Example {
  Occurrence what;
  absl::string_view kind;
  Severity severity;
  std::string text;
  absl::string_view cause = "";
};

const IpAddress kPeer = IpAddress::V4(0x0a630009);
const MacAddress kMac = {{0x02, 0, 0x0a, 0x63, 0, 0x09}};
const NoticedFrame kFrame = {kPeer, kMac, 7, 3};
absl::string_view MeaningOf(DropReason reason) { return AllDropReasons()[static_cast<size_t>(reason)].meaning; }
absl::string_view MeaningOf(Remark remark) { return AllRemarks()[static_cast<size_t>(remark)].meaning; }

constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;
constexpr Severity kNotice = Severity::kNotice;
constexpr Severity kInfo = Severity::kInfo;

std::vector<Example> OfRouters() {
  return {
      {Transitioned{State::kBackup, State::kMaster, Reason::kMasterTimeout, kPeer, Priority(90)}, "transition", kNotice,
       "Backup -> Master (master-timeout), last heard 10.99.0.9 priority 90", "Backup -> Master (master-timeout)"},
      {InstanceStarted{}, "instance", kNotice, "started", "started"},
      {InstanceNotStarted{"no such device"}, "instance", kError, "not started, retrying: no such device",
       "not started, retrying"},
      {InstanceRemoved{}, "instance", kInfo, "removed", "removed"},
      {PriorityChanged{Priority(100), Priority(150)}, "priority", kNotice, "priority 100 -> 150",
       "priority 100 -> 150"},
      {PriorityChanged{Priority(100), Priority(70), -30}, "priority", kNotice, "priority 100 -> 70 (tracks -30)",
       "priority 100 -> 70 (tracks -30)"},
      {OrderedToResign{}, "operator", kNotice, "ordered to resign"},
      {OperatorCommand{"alice", 4711, "resign gw"}, "operator", kNotice, "alice (pid 4711): resign gw"},
      {Drained{}, "drain", kNotice, "drained: no instance is master"},
      {Drained{2, 1}, "drain", kWarning,
       "drained, but some are still master: no peer takes over 2 instances, 1 owner cannot resign; see show drain"},
      {OrderedToTakeOver{}, "operator", kNotice, "ordered to take over"},
      {FrameRejected{DropReason::kBadIcv, kFrame}, "rejected", kWarning,
       absl::StrCat("bad-icv from 10.99.0.9 (02:00:0a:63:00:09), sequence 7: ", MeaningOf(DropReason::kBadIcv),
                    "; 3 in all"),
       "bad-icv"},
      {FrameRemarked{Remark::kReadmitted, {kPeer, kMac, 0, 1}}, "remark", kWarning,
       absl::StrCat("readmitted from 10.99.0.9 (02:00:0a:63:00:09): ", MeaningOf(Remark::kReadmitted), "; 1 in all"),
       "readmitted"},
      {NoticesLeftOut{2, std::chrono::seconds(10)}, "rejected", kWarning,
       "2 more notices of frames left out in 10 s; see show drops, diagnose"},
  };
}

std::vector<Example> OfRoutes() {
  const std::string route = "route 10.50.0.0/16 via 10.99.0.254";
  return {
      {RoutingAdded{route}, "route", kInfo, "added route 10.50.0.0/16 via 10.99.0.254", "added"},
      {RoutingRemoved{route}, "route", kInfo, "removed route 10.50.0.0/16 via 10.99.0.254", "removed"},
      {RoutingFailed{route + ": EPERM"}, "route", kError,
       "cannot change route 10.50.0.0/16 via 10.99.0.254: EPERM; retrying", "cannot be changed"},
      {RoutingForeign{route}, "route", kWarning,
       "route 10.50.0.0/16 via 10.99.0.254: the kernel has one in this place that is not ours: it is kept, and "
       "retrying",
       "foreign"},
      {RoutingPutBack{route}, "route", kWarning, "route 10.50.0.0/16 via 10.99.0.254 was removed: adding it again",
       "put back"},
      {RoutingLeftOver{route}, "route", kWarning,
       "route 10.50.0.0/16 via 10.99.0.254 has our mark and no instance needs it: removed",
       "left over from an earlier run"},
      {RoutingNotListed{"cannot list routes and rules: EBUSY"}, "route", kError,
       "retrying: cannot list routes and rules: EBUSY"},
  };
}

std::vector<Example> OfAddresses() {
  const std::string address = "10.99.0.100/24 on eth0";
  return {
      {AddressAdded{address}, "address", kInfo, "added 10.99.0.100/24 on eth0", "added"},
      {AddressRemoved{address}, "address", kInfo, "removed 10.99.0.100/24 on eth0", "removed"},
      {AddressFailed{address + ": EPERM"}, "address", kError, "cannot change 10.99.0.100/24 on eth0: EPERM; retrying",
       "cannot be changed"},
      {AnnouncementFailed{"cannot announce 10.98.0.100/24 on eth1: EPERM"}, "address", kError,
       "cannot announce 10.98.0.100/24 on eth1: EPERM; hosts may keep another MAC until the next announcement",
       "cannot be announced"},
      {AddressForeign{address}, "address", kWarning,
       "10.99.0.100/24 on eth0 already exists and is not ours: it will not be removed", "foreign"},
      {AddressPutBack{address}, "address", kWarning,
       "10.99.0.100/24 on eth0 was removed by another program: adding it again", "put back"},
      {AddressPutBehind{address}, "address", kInfo,
       "10.99.0.100/24 on eth0 is this host's own and was added later: the virtual address was moved behind it, so "
       "that it is "
       "no source address",
       "moved behind the host's own"},
      {AddressUnreachable{address}, "address", kWarning,
       "10.99.0.100/24 on eth0 serves no host: its device is down, or another host has it", "serves no host"},
      {AddressReachable{address}, "address", kNotice, "10.99.0.100/24 on eth0 serves hosts again",
       "serves hosts again"},
      {AddressLeftOver{IpPrefix{kPeer, 24}, "eth0"}, "address", kWarning,
       "10.99.0.9/24 on eth0 is left over from an earlier run: removed", "left over from an earlier run"},
      {AddressesNotListed{"EBUSY"}, "address", kError, "cannot list addresses, retrying: EBUSY"},
      {KernelNewsLost{}, "address", kWarning, "the kernel dropped notifications; listing all addresses again"},
      {AddressesMissing{address, true}, "address", kError,
       "cannot hold 10.99.0.100/24 on eth0: stays master, as configured by address_loss"},
      {AddressesMissing{address, false}, "address", kError,
       "cannot hold 10.99.0.100/24 on eth0: stays master, no other router is known that can serve it"},
      {GaveWay{address}, "address", kError, "cannot hold 10.99.0.100/24 on eth0: gives way"},
      {HoldIsOver{}, "address", kNotice, "may become master again: its addresses can be added, or are retried"},
      {AddressesHeldAgain{}, "address", kNotice, "holds all its addresses again"},
      {DeviceRestored{"vrrp.2.51", "vrrp.2.51"}, "address", kWarning,
       "vrrp.2.51 was removed by another program: created again"},
      {DeviceRestored{"vrrp.2.51", "vrrp.3.51"}, "address", kWarning,
       "vrrp.2.51 was removed by another program: created again as vrrp.3.51"},
      {DeviceNotRestored{"vrrp.2.51", "EPERM"}, "address", kError, "vrrp.2.51 was removed by another program: EPERM"},
      {DeviceNotPrepared{"eth0: EPERM"}, "address", kWarning, "eth0: EPERM"},
      {OtherMasterHeard{kPeer, kMac, Priority(90), true}, "announce", kWarning,
       "10.99.0.9 (02:00:0a:63:00:09) was master at the same time, priority 90: announcing its addresses again"},
      {OtherMasterHeard{kPeer, kMac, Priority(0), false}, "announce", kWarning,
       "10.99.0.9 (02:00:0a:63:00:09) was master at the same time, and resigned"},
      {AdvertLate{std::chrono::milliseconds(1500), false}, "announce", kWarning,
       "an advert is 1500 ms late, another router may have been master meanwhile"},
      {MachineSuspended{true}, "announce", kWarning,
       "the machine may have been suspended, another router may have been master: announcing its addresses again"},
      {AddressClaimed{kPeer, kMac, 2, true}, "conflict", kWarning,
       "02:00:0a:63:00:09 claims 10.99.0.9, while we are master; 2 in all; announcing our addresses again"},
      {AddressProbed{kPeer, kMac, 1}, "probe", kInfo,
       "02:00:0a:63:00:09 asks whether 10.99.0.9 is free, while we are master; 1 in all"},
  };
}

std::vector<Example> OfTheConfiguration() {
  return {
      {DaemonStarted{1, 0}, "daemon", kNotice, "started with 1 instance"},
      {DaemonStarted{2, 1}, "daemon", kWarning, "started with 2 instances; 1 could not be started, retrying"},
      {DaemonStopping{}, "daemon", kNotice, "stopping: masters resign, addresses are removed"},
      {HandoverBegan{2}, "daemon", kNotice, "handing over: 2 masters, whose addresses stay for the next start"},
      {HandoverTaken{2, 0, 0}, "daemon", kNotice, "continues as master of 2 instances of the last run"},
      {HandoverTaken{1, 2, 3}, "daemon", kWarning,
       "continues as master of 1 instance of the last run; too late for 2; 3 with another configuration"},
      {HandoverIgnored{"the file is damaged"}, "daemon", kWarning, "the hand-over is ignored: the file is damaged"},
      {FollowersMoved{"subscribers", "gw", 100000, true, 612ms}, "group", kNotice,
       "group subscribers: 100000 followers of gw became master within 612 ms of its transition"},
      {FollowersMoved{"subscribers", "gw", 1, false, 2ms}, "group", kNotice,
       "group subscribers: 1 follower of gw became backup within 2 ms of its transition"},
      {Reloaded{"1 added"}, "reload", kNotice, "1 added"},
      {ReloadRefused{"nothing changed: fault"}, "reload", kError, "refused, nothing changed: fault"},
      {ChangedInPlace{{"interval", "priority"}}, "reload", kNotice, "changed in place: interval; priority"},
      {ChangedInPlace{}, "reload", kNotice, "priority and allowed senders are set to those of the file"},
      {NotReplaced{"no memory"}, "reload", kError, "no memory"},
      {RingChanged{"lan", "key 5 added", 2}, "keys", kNotice, "keyring lan: key 5 added, 2 instances re-keyed"},
      {KeyAcceptance{"lan", 5, true}, "keys", kNotice, "keyring lan: key 5 is accepted now"},
      {KeyAcceptance{"lan", 5, false}, "keys", kNotice,
       "keyring lan: key 5 is not accepted now: it is outside its validity period"},
      {KeySignsOutOfTime{"lan", 5, true}, "keys", kWarning,
       "keyring lan: key 5 signs, although its not_after is past: sign with another key, or change its validity "
       "period"},
      {KeySignsOutOfTime{"lan", 5, false}, "keys", kWarning,
       "keyring lan: key 5 signs, although its not_before is in the future: sign with another key, or change its "
       "validity "
       "period"},
      {SenderBlocked{"10.99.0.9", true}, "sender", kNotice, "blocked 10.99.0.9, by the configuration"},
      {SenderBlocked{"10.99.0.9", false}, "sender", kNotice, "blocked 10.99.0.9, by command, until the restart"},
      {SenderUnblocked{"10.99.0.9", 1}, "sender", kNotice, "unblocked 10.99.0.9; 1 frame dropped"},
      {SenderNotBlocked{"full"}, "sender", kError, "not blocked: full"},
      {AllowListChanged{{kPeer}}, "sender", kNotice, "accepts only 10.99.0.9"},
      {AllowListChanged{}, "sender", kNotice, "accepts every sender"},
      {VridMoveBegan{Vrid(51), Vrid(52)}, "vrid", kNotice, "moving from VRID 51 to 52: uses both"},
      {VridMoved{Vrid(51), Vrid(52)}, "vrid", kNotice, "moved from VRID 51 to 52"},
      {VridMoveAborted{Vrid(51), Vrid(52)}, "vrid", kNotice, "keeps VRID 51; the move to VRID 52 is cancelled"},
      {VridNumbersNotKept{"full"}, "vrid", kError, "full"},
      {ClockBehindRecord{60}, "sequence", kWarning,
       "the clock is 60 s behind the time of our last run: the advance of the group's numbers is unknown"},
      {NumbersCaughtUp{100, 60}, "sequence", kInfo,
       "AH sequence numbers advance by 100: the group may have used these in 60 s without us"},
      {NumbersLow{8640, 1}, "sequence", kWarning,
       "AH sequence numbers are nearly used up: 8640 are left, 1 days of adverts; after the last one no advert is "
       "sent. Move the virtual router to "
       "another VRID, whose numbers begin at 1 (docs/operations.md)"},
      {StateFailed{"not written"}, "state", kError, "not written"},
      {StateRecovered{"written"}, "state", kNotice, "written"},
  };
}

std::vector<Example> OfThisMachine() {
  return {
      {ClockSet{-5}, "clock", kWarning, "the wall clock was set back by 5 s"},
      {ClockSet{5}, "clock", kWarning, "the wall clock was set forward by 5 s"},
      {PortStopped{"lan"}, "port", kWarning, "port lan: stopped by an operator, its masters resign"},
      {PortStarted{"lan"}, "port", kNotice, "port lan: started again by an operator"},
      {PortUp{"lan"}, "port", kNotice, "port lan: link up"},
      {PortDown{"lan", "no carrier"}, "port", kWarning, "port lan: no carrier"},
      {PortOpened{"lan", "opened on eth0"}, "port", kNotice, "port lan: opened on eth0"},
      {PortNotOpened{"lan", "EBUSY"}, "port", kError, "port lan: EBUSY; retrying"},
      {PortMacChanged{"lan", kMac, MacAddress{{2, 0, 0, 0, 0, 1}}}, "port", kNotice,
       "port lan: MAC address 02:00:0a:63:00:09 -> 02:00:00:00:00:01"},
      {TrackNotKept{"bfd", "no room"}, "track", kError,
       "track bfd: its value will not be kept over a restart: no room"},
      {ProgramFailed{"INSTANCE gw: /etc/n.sh", "exit status 1"}, "notify", kWarning,
       "INSTANCE gw: /etc/n.sh: exit status 1", "a notify program failed"},
      {AgentTroubled{"the agent ended"}, "agent", kError, "the agent ended"},
      {AgentWell{"the agent runs again"}, "agent", kNotice, "the agent runs again"},
      {TrackChanged{"haproxy", "down", "exit status 1", 2}, "track", kWarning,
       "track haproxy is down: exit status 1; used by 2 instances"},
      {TrackChanged{"haproxy", "up", "exit status 0", 1}, "track", kNotice,
       "track haproxy is up: exit status 0; used by 1 instance"},
      {WorkerStalled{2, 1'700'000'000'007, "stopped"}, "worker", kError,
       "lcore 2 has not run since 2023-11-14T22:13:20.007Z: stopped; its virtual routers neither send nor hear "
       "adverts"},
      {WorkerRunsAgain{2, std::chrono::milliseconds(1500)}, "worker", kWarning, "lcore 2 runs again after 1500 ms"},
      {RogueFound{{"wrong-key", "10.99.0.9 signs with another key"}}, "rogue", kWarning,
       "wrong-key: 10.99.0.9 signs with another key; see diagnose"},
      {RogueOver{{"wrong-key", kPeer, std::chrono::seconds(60)}}, "rogue", kNotice,
       "wrong-key: over, 10.99.0.9 has not been seen at it for 60 s"},
      {RoguesLeftOut{3}, "rogue", kWarning, "and 3 more; see show rogues"},
      {FaultFound{{"port-down", "port lan is down"}}, "diagnosis", kWarning,
       "port-down: port lan is down; see diagnose"},
      {FaultOver{{"port-down", std::nullopt, std::chrono::seconds(60)}}, "diagnosis", kNotice, "port-down: over"},
  };
}

std::vector<Example> AllExamples() {
  std::vector<Example> all = OfRouters();
  for (const auto& more : {OfAddresses(), OfRoutes(), OfTheConfiguration(), OfThisMachine()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

TEST(OccurrenceTest, EachIsRenderedAsItsExample) {
  for (const Example& example : AllExamples()) {
    SCOPED_TRACE(std::string(InfoOf(example.what).name));
    EXPECT_EQ(InfoOf(example.what).kind, example.kind);
    EXPECT_EQ(SeverityOf(example.what), example.severity);
    EXPECT_EQ(TextOf(example.what), example.text);
    EXPECT_EQ(CauseOf(example.what), example.cause);
  }
}

TEST(OccurrenceTest, EachRowHasAnExampleAndAMeaning) {
  std::set<size_t> shown;
  for (const Example& example : AllExamples()) shown.insert(example.what.index());
  for (size_t row = 0; row < kOccurrenceCount; ++row) {
    EXPECT_TRUE(shown.contains(row)) << "no example of " << AllOccurrences()[row].name;
    EXPECT_FALSE(AllOccurrences()[row].meaning.empty());
  }
}

TEST(OccurrenceTest, FramesOfInactiveInstancesAndOwnersAreNoWarnings) {
  EXPECT_EQ(SeverityOf(FrameRejected{DropReason::kInstanceInactive, kFrame}), kInfo);
  EXPECT_EQ(SeverityOf(FrameRejected{DropReason::kOwnerIgnores, kFrame}), kInfo);
  EXPECT_EQ(SeverityOf(FrameRejected{DropReason::kReplayed, kFrame}), kWarning);
}

}  // namespace
}  // namespace dpvrrp::occurrence
