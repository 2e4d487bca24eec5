// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: what the lcores report.
#include <memory>

#include "base/check.h"
#include "control/controller.h"

namespace dpvrrp {
namespace {

occurrence::NoticedFrame Noticed(const event::FrameOrigin& frame, uint64_t count) {
  return {frame.peer, frame.peer_mac, frame.sequence, count};
}

// Whether only the instance itself can be the cause, and not its leader, its port or the daemon.
bool IsOwnFault(Reason reason) {
  return reason == Reason::kTrackFault || reason == Reason::kAddressLost || reason == Reason::kFaultEnded;
}

}  // namespace

void Controller::OnShardEvent(const ShardEvent& event, ControlTime t) {
  std::visit([&](const auto& e) { On(e, t); }, event);
  Settle(t);
}

// An event of an instance, unless the instance has been removed.
template <typename Kind>
void Controller::On(const Kind& event, ControlTime t) {
  if (ManagedInstance* instance = parts_.registry.FindById(event.instance)) OnInstance(*instance, event, t);
}

void Controller::On(const event::Answered& event, ControlTime t) {
  parts_.questions.OnAnswered(event.query, t.now);
  desk_.Turn(t);
}

void Controller::On(const event::Watched& event, ControlTime t) {
  parts_.questions.OnWatched(event.query, t.now);
  desk_.Turn(t);
}

void Controller::On(const event::Retired& event, ControlTime t) {
  const std::unique_ptr<VirtualRouter> router(event.router);  // freed here, by the thread that made it
  ManagedInstance* instance = parts_.registry.FindById(event.instance);
  DPVRRP_CHECK(instance != nullptr && instance->removing);
  parts_.tally.OnRetired(*instance);
  instance->router = nullptr;
  parts_.numbers.OnRetired(*instance, t);
  parts_.journal.Record(instance->config, occurrence::InstanceRemoved{}, t.unix_ms);
  lifecycle_.ForgetIfRemoved(event.instance, t);
}

void Controller::On(const event::Replaced& event, ControlTime) {
  const std::unique_ptr<VirtualRouter> former(event.router);  // freed here, by the thread that made it
  parts_.keys.OnReturned(former->config.keys);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Transition& event, ControlTime t) {
  ++parts_.transitions;
  instance.state = event.to;
  instance.reason = event.reason;
  instance.since_unix_ms = t.UnixMsAt(event.at);
  instance.since = event.at;
  // The moves of followers with their leader have one event together (Groups).
  if (instance.config.leader.empty() || IsOwnFault(event.reason)) {
    parts_.journal.Record(instance.config,
                          occurrence::Transitioned{event.from, event.to, event.reason, event.peer, event.peer_priority},
                          instance.since_unix_ms);
  }
  parts_.handover.EndClaim(instance.id);
  const bool is_leaving = parts_.handover.IsLeaving() && event.to == State::kInitialize;
  if (is_leaving && event.reason == Reason::kHandover) return parts_.handover.OnLeft(instance, event.at);
  parts_.addresses.OnTransition(instance, t);
  lifecycle_.FollowAddresses(instance.id);
  if (is_leaving) return;  // the next run continues: no track, group or program sees a change
  parts_.tracks.OnState(instance.config.name, event.to, t);
  parts_.groups.OnTransition(instance, event);
  parts_.followers.OnTransition(instance);
  parts_.notifier.OnState(instance);
  if (event.to != State::kMaster) parts_.moves.ForgetLeft(instance);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Ready& event, ControlTime) {
  parts_.groups.OnReady(instance, event.ready);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Rejected& event, ControlTime t) {
  parts_.rogues.LookSoon(t);
  parts_.journal.Notice(instance.config, occurrence::FrameRejected{event.drop, Noticed(event.frame, event.count)},
                        t.UnixMsAt(event.at), t);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Remarked& event, ControlTime t) {
  parts_.rogues.LookSoon(t);
  parts_.journal.Notice(instance.config, occurrence::FrameRemarked{event.remark, Noticed(event.frame, event.count)},
                        t.UnixMsAt(event.at), t);
}

void Controller::OnInstance(ManagedInstance& instance, const event::NumbersLow& event, ControlTime t) {
  parts_.numbers.OnNumbersLow(instance, event.left, t.UnixMsAt(event.at));
}

void Controller::OnInstance(ManagedInstance& instance, const event::NumbersWanted& event, ControlTime) {
  if (!instance.removing) parts_.numbers.OnNumbersWanted(instance, event.number);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Conflict& event, ControlTime t) {
  const Addresses::Claim claim{event.peer, event.peer_mac, event.count, event.at};
  if (parts_.addresses.OnConflict(instance, claim, t)) parts_.rogues.LookSoon(t);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Probed& event, ControlTime t) {
  parts_.addresses.OnProbed(instance, {event.peer, event.peer_mac, event.count, event.at}, t);
}

// Followers hear no adverts and have no timer, so they do not notice that another gateway may have announced.
void Controller::AnnounceFollowersOf(const ManagedInstance& leader, ControlTime t) {
  for (const ManagedInstance* follower : parts_.groups.FollowersOf(leader)) {
    parts_.addresses.AnnounceWithLeader(*follower, t);
  }
}

void Controller::OnInstance(ManagedInstance& instance, const event::OtherMaster& event, ControlTime t) {
  if (instance.removing) return;
  parts_.addresses.OnOtherMaster(instance, {event.peer, event.peer_mac, event.peer_priority}, t);
  AnnounceFollowersOf(instance, t);
}

void Controller::OnInstance(ManagedInstance& instance, const event::Overslept& event, ControlTime t) {
  if (instance.removing) return;
  parts_.addresses.OnOverslept(instance, event.late, t);
  AnnounceFollowersOf(instance, t);
}

void Controller::OnRequesterGone(RequesterId requester) {
  parts_.journal.Unfollow(requester);
  parts_.monitor.Unfollow(requester);
}

}  // namespace dpvrrp
