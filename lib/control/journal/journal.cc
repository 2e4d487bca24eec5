// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/journal.h"

#include <utility>

#include "control/journal/event_text.h"

namespace dpvrrp {

void Journal::Record(const InstanceConfig* instance, const Occurrence& what, int64_t unix_ms) {
  LogEvent event;
  event.unix_ms = unix_ms;
  event.severity = SeverityOf(what);
  if (instance != nullptr) {
    event.instance = instance->name;
    event.port = instance->port;
    event.vlan = ToString(instance->vlan);
  }
  event.kind = std::string(InfoOf(what).kind);
  event.text = TextOf(what);
  const LogEvent& logged = events_.Add(std::move(event));
  outbox_.log.push_back(logged);
  outbox_.log.back().cause = CauseOf(what);
  for (const auto& [follower, json] : followers_) {
    outbox_.answers.push_back({follower, Answer::Status::kMore, json ? EventAsJson(logged) : EventAsText(logged)});
  }
}

void Journal::Notice(const InstanceConfig& instance, const Occurrence& what, int64_t unix_ms, ControlTime t) {
  if (TakeNotice(t)) Record(instance, what, unix_ms);
}

void Journal::RepeatedNotice(InstanceId id, const InstanceConfig& instance, const Occurrence& what, ControlTime t) {
  const auto before = repeated_at_.find(id);
  if (before != repeated_at_.end() && t.now - before->second < kRepeatWindow) return;
  if (!TakeNotice(t)) return;
  repeated_at_[id] = t.now;
  Record(instance, what, t.unix_ms);
}

bool Journal::TakeNotice(ControlTime t) {
  OnTime(t);
  if (notices_ == 0) window_began_ = t.now;
  if (notices_ < kMaxNotices) {
    ++notices_;
    return true;
  }
  ++left_out_;
  return false;
}

void Journal::OnTime(ControlTime t) {
  if (notices_ == 0 || t.now - window_began_ < kNoticeWindow) return;
  notices_ = 0;
  if (left_out_ != 0) Record(occurrence::NoticesLeftOut{std::exchange(left_out_, 0), kNoticeWindow}, t.unix_ms);
}

Instant Journal::NextDeadline() const { return left_out_ == 0 ? kNever : window_began_ + kNoticeWindow; }

}  // namespace dpvrrp
