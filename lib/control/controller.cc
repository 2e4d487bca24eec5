// SPDX-License-Identifier: BSD-3-Clause
#include "control/controller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/count_text.h"

namespace dpvrrp {
namespace {

// How far the UTC of the lcores may differ from ours. More than the jitter of reading two clocks, much less than 1 s.
constexpr Nanoseconds kClockTolerance = std::chrono::milliseconds(10);

}  // namespace

Controller::Controller(Services& services, std::vector<PortBinding> ports, std::vector<const ShardCounters*> shards,
                       std::string icv_engine, ControlTime start)
    : parts_(services, std::move(ports), std::move(shards), std::move(icv_engine), start) {
  const absl::StatusOr<SequenceRecord*> last_event = services.AcquireRecord("events/last");
  if (last_event.ok()) parts_.journal.ContinueIn(**last_event);
}

Controller::~Controller() { lifecycle_.Abandon(); }

void Controller::Start(Config config, ControlTime t) {
  configurator_.Start(std::move(config), t);
  parts_.notifier.OnDaemonStarted();
  Settle(t);
}

absl::StatusOr<std::string> Controller::Reload(ControlTime t) {
  absl::StatusOr<std::string> result = configurator_.Reload(t);
  Settle(t);
  return result;
}

void Controller::Shutdown(ControlTime t) {
  if (!parts_.apply.BeginShutdown()) return;
  parts_.journal.Record(occurrence::DaemonStopping{}, t.unix_ms);
  parts_.notifier.OnDaemonStopping();
  for (auto& [name, instance] : parts_.registry.instances()) lifecycle_.Remove(instance);
  Settle(t);
}

// False while an address, a route or a rule may have been left behind.
bool Controller::Finished() const {
  return parts_.apply.IsShuttingDown() && parts_.registry.instances().empty() && parts_.addresses.IsResynced() &&
         parts_.routes.IsResynced();
}

void Controller::OnCommand(RequesterId from, const std::string& line, ControlTime t) {
  desk_.OnLine(from, line, t);
  Settle(t);
}

void Controller::OnHostReply(const HostReply& reply, ControlTime t) {
  if (!parts_.routes.OnHostReply(reply, t)) parts_.addresses.OnHostReply(reply, t);
  Settle(t);
}

void Controller::OnHostEvent(const HostEvent& event, ControlTime t) {
  parts_.apply.OnHostEvent(event, t);
  parts_.addresses.OnHostEvent(event, t);
  parts_.routes.OnHostEvent(event, t);
  parts_.tracks.OnHostEvent(event, t);
  Settle(t);
}

void Controller::OnProgramReply(const ProgramReply& reply, ControlTime t) {
  parts_.tracks.OnProgramReply(reply, t);
  parts_.notifier.OnProgramReply(reply, t);
  Settle(t);
}

void Controller::OnAgentNews(const AgentNews& news, ControlTime t) {
  using Kind = AgentNews::Kind;
  const auto troubled = [&](std::string what) {
    parts_.journal.Record(occurrence::AgentTroubled{std::move(what)}, t.unix_ms);
  };
  const auto well = [&](std::string what) { parts_.journal.Record(occurrence::AgentWell{std::move(what)}, t.unix_ms); };
  switch (news.kind) {
    case Kind::kEnded:
      return troubled("the agent ended: programs that ran are lost, and script tracks keep their values");
    case Kind::kRestarted:
      return well("the agent runs again");
    case Kind::kFifoFull:
      return troubled(absl::StrCat("FIFO ", news.text, " is full: further lines are lost until it is read"));
    case Kind::kFifoLost:
      return well(absl::StrCat("FIFO ", news.text, " is read again: ", CountText(news.count, "line"), " lost"));
    case Kind::kFifoFault:
      return troubled(news.text);
  }
}

void Controller::OnRecordsWritten(uint64_t generation) { parts_.numbers.OnRecordsWritten(generation); }

void Controller::OnStateNews(bool bad, std::string text, ControlTime t) {
  if (bad) {
    parts_.journal.Record(occurrence::StateFailed{std::move(text)}, t.unix_ms);
  } else {
    parts_.journal.Record(occurrence::StateRecovered{std::move(text)}, t.unix_ms);
  }
}

void Controller::OnTime(ControlTime t) {
  parts_.all.OnTime(t);
  desk_.Turn(t);
  Settle(t);
}

Instant Controller::NextDeadline() const { return parts_.all.NextDeadline(); }

void Controller::Settle(ControlTime t) {
  lifecycle_.EndAdoptions();
  for (const InstanceConfig& config : parts_.apply.TakeDue()) lifecycle_.Try(config, t).IgnoreError();  // recorded
  lifecycle_.ApplyKeys(t);
  lifecycle_.FollowTracks(t);
  orders_.FollowDrain(t);
  for (const InstanceId id : parts_.moves.TakeForgotten()) parts_.addresses.ReleaseLeft(id);
  for (const InstanceId id : parts_.addresses.Settle(t)) {
    lifecycle_.FollowAddresses(id);
    lifecycle_.ForgetIfRemoved(id, t);
  }
  for (const InstanceId id : parts_.routes.TakeTouched()) lifecycle_.ForgetIfRemoved(id, t);
  for (const InstanceId id : parts_.addresses.TakeHoldsChanged()) {
    if (const ManagedInstance* instance = parts_.registry.FindById(id)) parts_.groups.OnChanged(*instance);
  }
  for (const Groups::Summary& group : parts_.groups.Settle(t)) {
    if (parts_.handover.IsLeaving()) continue;  // the next run continues
    if (group.has_ended) {
      parts_.notifier.OnGroupStopped(*group.config);
    } else if (group.state.has_value() && !parts_.apply.IsShuttingDown()) {
      parts_.notifier.OnGroup(*group.config, *group.state);
    }
  }
  parts_.routes.SendRemovals();
  parts_.addresses.SendRequests();
  parts_.routes.SendAdditions();
}

void Controller::OnClock(ControlTime t) {
  parts_.tally.Sample(t);
  const std::vector<bool> stalled = parts_.workers.Sample(t);
  for (size_t i = 0; i < stalled.size(); ++i) parts_.questions.SetStalled(i, stalled[i]);
  has_stalled_worker_ = std::find(stalled.begin(), stalled.end(), true) != stalled.end();
  const Nanoseconds offset = std::chrono::milliseconds(t.unix_ms) - t.now.time_since_epoch();
  if (utc_offset_.has_value() && std::chrono::abs(offset - *utc_offset_) < kClockTolerance) return;
  if (utc_offset_.has_value() && std::chrono::abs(offset - *utc_offset_) >= std::chrono::seconds(1)) {
    const auto seconds = std::chrono::round<std::chrono::seconds>(offset - *utc_offset_);
    parts_.journal.Record(occurrence::ClockSet{seconds.count()}, t.unix_ms);
    parts_.addresses.OnClockAhead(offset - *utc_offset_, t);
  }
  utc_offset_ = offset;
  parts_.Send(command::Clock{offset});
}

}  // namespace dpvrrp
