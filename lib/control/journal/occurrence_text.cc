// SPDX-License-Identifier: BSD-3-Clause
//
// The line for people of each occurrence.
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/count_text.h"
#include "control/journal/event_log.h"
#include "control/journal/occurrences.h"

namespace dpvrrp::occurrence {
namespace {

// "bad-icv from 10.99.0.1 (02:00:0a:63:00:01), sequence 7: ICV mismatch …; 3 in all".
std::string FrameText(const NoticedFrame& frame, absl::string_view name, absl::string_view meaning) {
  std::string text = absl::StrCat(name, " from ", ToString(frame.sender), " (", ToString(frame.mac), ")");
  if (frame.sequence != 0) absl::StrAppend(&text, ", sequence ", frame.sequence);
  absl::StrAppend(&text, ": ", meaning, "; ", frame.count, " in all");
  return text;
}

std::string WithAnnouncement(std::string text, bool announced) {
  return absl::StrCat(text, announced ? ": announcing its addresses again" : "");
}

std::string OfPort(absl::string_view port, absl::string_view text) { return absl::StrCat("port ", port, ": ", text); }

}  // namespace

// ---- A virtual router ----

std::string Transitioned::Text() const {
  std::string text = Cause();
  if (!peer.IsUnspecified()) {
    absl::StrAppend(&text, ", last heard ", ToString(peer), " priority ", peer_priority.value());
  }
  return text;
}

std::string Transitioned::Cause() const {
  return absl::StrCat(ToString(from), " -> ", ToString(to), " (", ToString(reason), ")");
}

std::string InstanceNotStarted::Text() const { return absl::StrCat(Cause(), ": ", why); }
std::string InstanceNotStarted::Cause() const { return "not started, retrying"; }

std::string PriorityChanged::Text() const {
  const std::string by_tracks = tracks == 0 ? "" : absl::StrCat(" (tracks ", tracks > 0 ? "+" : "", tracks, ")");
  return absl::StrCat("priority ", from.value(), " -> ", to.value(), by_tracks);
}

// ---- Frames ----

Severity FrameRejected::OwnSeverity() const {
  switch (reason) {
    case DropReason::kInstanceInactive:  // the port is down, or the instance is just starting
    case DropReason::kOwnerIgnores:
      return Severity::kInfo;
    default:
      return Severity::kWarning;
  }
}

std::string FrameRejected::Text() const {
  const DropReasonInfo& info = AllDropReasons()[static_cast<size_t>(reason)];
  return FrameText(frame, info.name, info.meaning);
}

std::string FrameRemarked::Text() const {
  const RemarkInfo& info = AllRemarks()[static_cast<size_t>(remark)];
  return FrameText(frame, info.name, info.meaning);
}

std::string NoticesLeftOut::Text() const {
  return absl::StrCat(CountText(count, "more notice"), " of frames left out in ", window / std::chrono::seconds(1),
                      " s; see show drops, diagnose");
}

// ---- Addresses ----

std::string AddressAdded::Text() const { return absl::StrCat("added ", address); }
std::string AddressRemoved::Text() const { return absl::StrCat("removed ", address); }
std::string AddressFailed::Text() const { return absl::StrCat("cannot change ", address, "; retrying"); }
std::string AnnouncementFailed::Text() const {
  return absl::StrCat(why, "; hosts may keep another MAC until the next announcement");
}

std::string AddressForeign::Text() const {
  return absl::StrCat(address, " already exists and is not ours: it will not be removed");
}

std::string AddressPutBack::Text() const {
  return absl::StrCat(address, " was removed by another program: adding it again");
}

std::string AddressPutBehind::Text() const {
  return absl::StrCat(address,
                      " is this host's own and was added later: the virtual address was moved behind it, so that it is "
                      "no source address");
}

std::string AddressUnreachable::Text() const {
  return absl::StrCat(address, " serves no host: its device is down, or another host has it");
}

std::string AddressReachable::Text() const { return absl::StrCat(address, " serves hosts again"); }

std::string AddressLeftOver::Text() const {
  return absl::StrCat(ToString(prefix), " on ", device, " is left over from an earlier run: removed");
}

std::string AddressesNotListed::Text() const { return absl::StrCat("cannot list addresses, retrying: ", why); }

std::string KernelNewsLost::Text() const { return "the kernel dropped notifications; listing all addresses again"; }

std::string AddressesMissing::Text() const {
  return absl::StrCat("cannot hold ", addresses, ": stays master, ",
                      as_configured ? "as configured by address_loss" : "no other router is known that can serve it");
}

std::string GaveWay::Text() const { return absl::StrCat("cannot hold ", addresses, ": gives way"); }
std::string HoldIsOver::Text() const { return "may become master again: its addresses can be added, or are retried"; }
std::string AddressesHeldAgain::Text() const { return "holds all its addresses again"; }

std::string DeviceRestored::Text() const {
  return absl::StrCat(device, " was removed by another program: created again",
                      made_as == device ? "" : absl::StrCat(" as ", made_as));
}

std::string DeviceNotRestored::Text() const { return absl::StrCat(device, " was removed by another program: ", why); }

// ---- Routes and rules ----

std::string RoutingAdded::Text() const { return absl::StrCat("added ", entry); }
std::string RoutingRemoved::Text() const { return absl::StrCat("removed ", entry); }
std::string RoutingFailed::Text() const { return absl::StrCat("cannot change ", entry, "; retrying"); }
std::string RoutingForeign::Text() const {
  return absl::StrCat(entry, ": the kernel has one in this place that is not ours: it is kept, and retrying");
}
std::string RoutingPutBack::Text() const { return absl::StrCat(entry, " was removed: adding it again"); }
std::string RoutingLeftOver::Text() const {
  return absl::StrCat(entry, " has our mark and no instance needs it: removed");
}
std::string RoutingNotListed::Text() const { return absl::StrCat("retrying: ", why); }

// ---- What hosts may have learned ----

std::string OtherMasterHeard::Text() const {
  const std::string does = priority == kPriorityRelease ? "and resigned" : absl::StrCat("priority ", priority.value());
  return WithAnnouncement(absl::StrCat(ToString(address), " (", ToString(mac), ") was master at the same time, ", does),
                          announced);
}

std::string AdvertLate::Text() const {
  const auto ms = std::chrono::round<std::chrono::milliseconds>(late);
  return WithAnnouncement(
      absl::StrCat("an advert is ", ms.count(), " ms late, another router may have been master meanwhile"), announced);
}

std::string MachineSuspended::Text() const {
  return WithAnnouncement("the machine may have been suspended, another router may have been master", announced);
}

std::string AddressClaimed::Text() const {
  return absl::StrCat(ToString(mac), " claims ", ToString(address), ", while we are master; ", count, " in all",
                      announced ? "; announcing our addresses again" : "");
}

std::string AddressProbed::Text() const {
  return absl::StrCat(ToString(mac), " asks whether ", ToString(address), " is free, while we are master; ", count,
                      " in all");
}

// ---- The configuration ----

std::string DaemonStarted::Text() const {
  return absl::StrCat("started with ", CountText(started, "instance"),
                      failed == 0 ? "" : absl::StrCat("; ", failed, " could not be started, retrying"));
}

std::string HandoverBegan::Text() const {
  return absl::StrCat("handing over: ", CountText(masters, "master"), ", whose addresses stay for the next start");
}

std::string HandoverTaken::Text() const {
  std::string text = absl::StrCat("continues as master of ", CountText(resumed, "instance"), " of the last run");
  if (late > 0) absl::StrAppend(&text, "; too late for ", late);
  if (different > 0) absl::StrAppend(&text, "; ", different, " with another configuration");
  return text;
}

std::string FollowersMoved::Text() const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(after).count();
  return absl::StrCat("group ", group, ": ", CountText(followers, "follower"), " of ", leader,
                      to_master ? " became master" : " became backup", " within ", ms, " ms of its transition");
}

std::string HandoverIgnored::Text() const { return absl::StrCat("the hand-over is ignored: ", why); }

std::string OperatorCommand::Text() const {
  if (user.empty()) return absl::StrCat("a client: ", line);
  return absl::StrCat(user, pid == 0 ? "" : absl::StrCat(" (pid ", pid, ")"), ": ", line);
}

std::string Drained::Text() const {
  if (no_peer + owners == 0) return "drained: no instance is master";
  std::vector<std::string> why;
  if (no_peer > 0) why.push_back(absl::StrCat("no peer takes over ", CountText(no_peer, "instance")));
  if (owners > 0) why.push_back(absl::StrCat(CountText(owners, "owner"), " cannot resign"));
  return absl::StrCat("drained, but some are still master: ", absl::StrJoin(why, ", "), "; see show drain");
}

std::string DaemonStopping::Text() const { return "stopping: masters resign, addresses are removed"; }

std::string ReloadRefused::Text() const { return absl::StrCat("refused, ", why); }

std::string ChangedInPlace::Text() const {
  if (what.empty()) return "priority and allowed senders are set to those of the file";
  return absl::StrCat("changed in place: ", absl::StrJoin(what, "; "));
}

std::string RingChanged::Text() const {
  return absl::StrCat("keyring ", ring, ": ", what, ", ", CountText(instances, "instance"), " re-keyed");
}

std::string KeyAcceptance::Text() const {
  return absl::StrCat("keyring ", ring, ": key ", key, " is ",
                      accepted ? "accepted now" : "not accepted now: it is outside its validity period");
}

std::string KeySignsOutOfTime::Text() const {
  return absl::StrCat("keyring ", ring, ": key ", key, " signs, although ",
                      expired ? "its not_after is past" : "its not_before is in the future",
                      ": sign with another key, or change its validity period");
}

std::string SenderBlocked::Text() const {
  return absl::StrCat("blocked ", sender, configured ? ", by the configuration" : ", by command, until the restart");
}

std::string SenderUnblocked::Text() const {
  return absl::StrCat("unblocked ", sender, "; ", CountText(frames, "frame"), " dropped");
}

std::string SenderNotBlocked::Text() const { return absl::StrCat("not blocked: ", why); }

std::string AllowListChanged::Text() const {
  if (senders.empty()) return "accepts every sender";
  const auto text = [](std::string* out, const IpAddress& address) { absl::StrAppend(out, ToString(address)); };
  return absl::StrCat("accepts only ", absl::StrJoin(senders, ", ", text));
}

std::string VridMoveBegan::Text() const {
  return absl::StrCat("moving from VRID ", from.value(), " to ", to.value(), ": uses both");
}

std::string VridMoved::Text() const { return absl::StrCat("moved from VRID ", from.value(), " to ", to.value()); }

std::string VridMoveAborted::Text() const {
  return absl::StrCat("keeps VRID ", stays.value(), "; the move to VRID ", not_to.value(), " is cancelled");
}

// ---- Sequence numbers ----

std::string ClockBehindRecord::Text() const {
  return absl::StrCat("the clock is ", seconds,
                      " s behind the time of our last run: the advance of the group's numbers is unknown");
}

std::string NumbersCaughtUp::Text() const {
  return absl::StrCat("AH sequence numbers advance by ", numbers, ": the group may have used these in ", absent_seconds,
                      " s without us");
}

std::string NumbersLow::Text() const {
  return absl::StrCat(
      "AH sequence numbers are nearly used up: ", left, " are left, ", days,
      " days of adverts; after the last one no advert is sent. Move the virtual router to another VRID, whose numbers "
      "begin at 1 (docs/operations.md)");
}

// ---- This machine ----

std::string ClockSet::Text() const {
  return absl::StrCat("the wall clock was set ", seconds < 0 ? "back" : "forward", " by ",
                      seconds < 0 ? -seconds : seconds, " s");
}

std::string PortStopped::Text() const { return OfPort(port, "stopped by an operator, its masters resign"); }
std::string PortStarted::Text() const { return OfPort(port, "started again by an operator"); }
std::string PortUp::Text() const { return OfPort(port, "link up"); }
std::string TrackNotKept::Text() const {
  return absl::StrCat("track ", track, ": its value will not be kept over a restart: ", why);
}

std::string ProgramFailed::Text() const { return absl::StrCat(program, ": ", how); }

std::string TrackChanged::Text() const {
  return absl::StrCat("track ", track, " is ", value, ": ", observed, "; used by ", CountText(users, "instance"));
}
std::string PortDown::Text() const { return OfPort(port, why); }
std::string PortOpened::Text() const { return OfPort(port, how); }
std::string PortNotOpened::Text() const { return OfPort(port, absl::StrCat(why, "; retrying")); }

std::string PortMacChanged::Text() const {
  return OfPort(port, absl::StrCat("MAC address ", ToString(from), " -> ", ToString(to)));
}

std::string WorkerStalled::Text() const {
  return absl::StrCat("lcore ", lcore, " has not run since ", FormatTime(since_unix_ms), ": ", why,
                      "; its virtual routers neither send nor hear adverts");
}

std::string WorkerRunsAgain::Text() const {
  const auto ms = std::chrono::round<std::chrono::milliseconds>(after);
  return absl::StrCat("lcore ", lcore, " runs again after ", ms.count(), " ms");
}

// ---- What the rogue watch found ----

std::string VerdictFound::Text() const { return absl::StrCat(verdict, ": ", sentence, "; see diagnose"); }

std::string VerdictOver::Text() const {
  std::string text = absl::StrCat(verdict, ": over");
  if (sender.has_value()) {
    absl::StrAppend(&text, ", ", ToString(*sender), " has not been seen at it for ", unseen / std::chrono::seconds(1),
                    " s");
  }
  return text;
}

std::string RoguesLeftOut::Text() const { return absl::StrCat("and ", count, " more; see show rogues"); }

}  // namespace dpvrrp::occurrence
