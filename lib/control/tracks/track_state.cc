// SPDX-License-Identifier: BSD-3-Clause
#include "control/tracks/track_state.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

DampingRules RulesOf(const TrackConfig& config) {
  return {config.rise, config.fall, config.up_delay, config.down_delay};
}

}  // namespace

TrackState::TrackState(TrackConfig config)
    : config_(std::move(config)),
      damper_(RulesOf(config_), config_.initial),
      // Until an operator sets it, a manual track is up.
      wanted_(TrackValue::Of(config_.kind == TrackKind::kManual ? config_.initial.value_or(true) : config_.initial)),
      value_(wanted_) {}

void TrackState::Reconfigure(TrackConfig config) {
  config_ = std::move(config);
  damper_.SetRules(RulesOf(config_));
}

bool TrackState::Observe(bool good, std::string what, ControlTime t) {
  what_ = std::move(what);
  return damper_.Observe(good, t.now) && Follow(TrackValue::Of(damper_.is_up()), t);
}

bool TrackState::Set(const TrackValue& value, std::string what, ControlTime t) {
  what_ = std::move(what);
  return value != wanted_ && Follow(value, t);
}

bool TrackState::OnTime(ControlTime t) {
  if (damper_.OnTime(t.now)) return Follow(TrackValue::Of(damper_.is_up()), t);
  return retry_at_ <= t.now && Follow(wanted_, t);
}

// The first value is not limited: instances wait for it.
bool TrackState::Follow(const TrackValue& wanted, ControlTime t) {
  wanted_ = wanted;
  if (wanted_ == value_) {  // a change that was not seen is undone
    ++suppressed_;
    retry_at_ = kNever;
    return false;
  }
  const bool is_first = value_.kind == TrackValue::Kind::kUnknown;
  if (!is_first && !limit_.Take(t.now)) {
    if (retry_at_ == kNever) ++suppressed_;
    retry_at_ = limit_.NextFree();
    return false;
  }
  retry_at_ = kNever;
  value_ = wanted_;
  since_unix_ms_ = t.unix_ms;
  if (!is_first) ++changes_;
  return true;
}

std::string ToString(const TrackValue& value) {
  switch (value.kind) {
    case TrackValue::Kind::kUnknown:
      return "unknown";
    case TrackValue::Kind::kDown:
      return "down";
    case TrackValue::Kind::kUp:
      return "up";
    case TrackValue::Kind::kNumber:
      break;
  }
  return absl::StrCat(value.number);
}

}  // namespace dpvrrp
