// SPDX-License-Identifier: BSD-3-Clause
//
// Tracks: what is observed, by kind.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/instances/registry.h"
#include "control/journal/journal.h"
#include "control/outbox.h"
#include "control/services.h"
#include "control/tracks/kept_value.h"
#include "control/tracks/tracks.h"

namespace dpvrrp {
namespace {

// The agent answers after the timeout of a program at the latest. If it does not, the program counts as bad.
constexpr Nanoseconds kPatience = std::chrono::seconds(2);

}  // namespace

void Tracks::Observe(size_t i, bool good, std::string what, ControlTime t) {
  if (tracks_[i]->state.Observe(good, std::move(what), t)) OnChanged(i, t);
  Plan(i);
}

// What can be observed at once. The interfaces follow in ReadInterfaces().
void Tracks::LookAtFirst(size_t i, ControlTime t) {
  const TrackConfig& config = tracks_[i]->state.config();
  if (config.kind == TrackKind::kPort) {
    const PortBinding* port = context_.registry.FindPort(config.port);
    OnPortLink(config.port, port != nullptr && port->up, t);
  } else if (config.kind == TrackKind::kInstance) {
    const ManagedInstance* instance = context_.registry.Find(config.instance);
    OnState(config.instance, instance == nullptr ? State::kInitialize : instance->state, t);
  } else if (config.kind == TrackKind::kManual) {
    Recall(i, t);
  }
  Plan(i);
}

// ---- Interfaces ----

void Tracks::ReadInterfaces(ControlTime t) {
  absl::StatusOr<std::vector<HostAddress>> addresses = std::vector<HostAddress>();
  bool asked = false;
  for (const auto& [interface, followers] : by_interface_) {
    const bool is_up = context_.services.LinkIsUp(interface);
    for (const size_t i : followers) {
      Track& track = *tracks_[i];
      track.is_up = is_up;
      const TrackConfig& config = track.state.config();
      if (config.address.has_value()) {
        if (!std::exchange(asked, true)) addresses = context_.services.ListAddresses();
        track.has_address = addresses.ok() && std::any_of(addresses->begin(), addresses->end(), [&](const auto& a) {
                              return a.device == config.interface && a.prefix.address == *config.address;
                            });
      }
      JudgeInterface(i, t);
    }
  }
}

void Tracks::JudgeInterface(size_t i, ControlTime t) {
  const Track& track = *tracks_[i];
  const TrackConfig& config = track.state.config();
  if (!track.is_up) {
    Observe(i, false, absl::StrCat("interface ", config.interface, " is missing, down or without carrier"), t);
  } else if (config.address.has_value() && !track.has_address) {
    Observe(i, false, absl::StrCat("interface ", config.interface, " does not have ", ToString(*config.address)), t);
  } else {
    Observe(i, true, absl::StrCat("interface ", config.interface, " is up"), t);
  }
}

void Tracks::OnHostEvent(const HostEvent& event, ControlTime t) {
  using Kind = HostEvent::Kind;
  if (event.kind == Kind::kOverrun) return ReadInterfaces(t);
  const auto followers = by_interface_.find(event.device);
  if (followers == by_interface_.end()) return;
  for (const size_t i : followers->second) {
    Track& track = *tracks_[i];
    const bool is_wanted = track.state.config().address == event.prefix.address;
    if (event.kind == Kind::kLinkUp) track.is_up = true;
    if (event.kind == Kind::kLinkDown) track.is_up = false;
    if (event.kind == Kind::kAddressAdded && is_wanted) track.has_address = true;
    if (event.kind == Kind::kAddressRemoved && is_wanted) track.has_address = false;
    JudgeInterface(i, t);
  }
}

// ---- Ports and instances ----

void Tracks::OnPortLink(absl::string_view port, bool up, ControlTime t) {
  const auto followers = by_port_.find(port);
  if (followers == by_port_.end()) return;
  for (const size_t i : followers->second) Observe(i, up, absl::StrCat("port ", port, up ? " is up" : " is down"), t);
}

void Tracks::OnState(absl::string_view instance, State state, ControlTime t) {
  const auto followers = by_instance_.find(instance);
  if (followers == by_instance_.end()) return;
  for (const size_t i : followers->second) {
    const bool good = tracks_[i]->state.config().must_be_master ? state == State::kMaster : IsActive(state);
    Observe(i, good, absl::StrCat("instance ", instance, " is ", ToString(state)), t);
  }
}

// ---- Scripts ----

void Tracks::RunIfDue(size_t i, ControlTime t) {
  Track& track = *tracks_[i];
  const TrackConfig& config = track.state.config();
  if (config.kind != TrackKind::kScript) return;
  if (track.request != 0) {
    if (t.now < track.answer_by) return;
    requests_.erase(std::exchange(track.request, 0));  // its late answer is ignored
    Observe(i, false, "no answer", t);
  }
  if (t.now < track.run_at) return;
  track.request = ++last_request_;
  track.answer_by = t.now + config.timeout + kPatience;
  track.run_at = std::max(track.run_at + config.interval, t.now);
  requests_[track.request] = i;
  const std::string& user = config.user.empty() ? context_.registry.config().scripts.user : config.user;
  context_.outbox.programs.push_back(ProgramRequest{track.request, config.command, user, config.timeout, ""});
}

void Tracks::OnProgramReply(const ProgramReply& reply, ControlTime t) {
  const auto request = requests_.find(reply.id);
  if (request == requests_.end()) return;
  const size_t i = request->second;
  requests_.erase(request);
  Track& track = *tracks_[i];
  track.request = 0;
  if (reply.outcome == ProgramReply::Outcome::kLost) return Plan(i);  // the value stays
  const bool good = reply.outcome == ProgramReply::Outcome::kExited && reply.status == 0;
  Observe(i, good, TextOf(reply), t);
}

// ---- Manual ----

// The value that was set before the start.
void Tracks::Recall(size_t i, ControlTime t) {
  Track& track = *tracks_[i];
  const std::string& name = track.state.config().name;
  absl::StatusOr<SequenceRecord*> record = context_.services.AcquireRecord(absl::StrCat("track/", name));
  if (!record.ok()) {
    context_.journal.Record(occurrence::TrackNotKept{name, std::string(record.status().message())}, t.unix_ms);
    return;
  }
  track.kept = *record;
  const std::optional<TrackValue> kept = KeptValue(**record);
  if (kept.has_value() && track.state.Set(*kept, "set before the start", t)) OnChanged(i, t);
}

absl::Status Tracks::Set(absl::string_view name, const TrackValue& value, ControlTime t) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return absl::NotFoundError(absl::StrCat("there is no track '", name, "'"));
  const size_t i = found->second;
  TrackState& state = tracks_[i]->state;
  if (state.config().kind != TrackKind::kManual) {
    return absl::FailedPreconditionError(absl::StrCat("track ", name, " is of kind ", ToString(state.config().kind),
                                                      "; only a manual track can be set"));
  }
  if (tracks_[i]->kept != nullptr) KeepValue(*tracks_[i]->kept, value);
  if (state.Set(value, absl::StrCat("set to ", ToString(value)), t)) OnChanged(i, t);
  Plan(i);
  return absl::OkStatus();
}

}  // namespace dpvrrp
