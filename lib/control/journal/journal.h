// SPDX-License-Identifier: BSD-3-Clause
//
// The journal of the control thread. Every part records its occurrences here (occurrence.h). The journal keeps the last
// ones in a ring for `show events`, passes each to the clients that follow, and passes each to the program's log.
//
// Adverts of an attacker can cause occurrences without limit. Such an occurrence is recorded as a notice: a limited
// number in ten seconds, and one line with the number of the notices that were left out.
//
// Pure: time is an argument. Thread: control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "base/types.h"
#include "config/model.h"
#include "control/control_time.h"
#include "control/journal/event_log.h"
#include "control/journal/occurrence.h"
#include "control/outbox.h"
#include "control/part.h"

namespace dpvrrp {

class Journal final : public Part {
 public:
  // All instances together have at most kMaxNotices notices in kNoticeWindow. There may be thousands of instances.
  static constexpr Nanoseconds kNoticeWindow = std::chrono::seconds(10);
  static constexpr size_t kMaxNotices = 100;
  // A repeated notice of one instance is recorded at most once in this time.
  static constexpr Nanoseconds kRepeatWindow = std::chrono::seconds(10);

  // `outbox` receives the answers to followers and the lines for the log.
  explicit Journal(Outbox& outbox) : outbox_(outbox) {}

  // Records an occurrence of the daemon, or of an instance. A null instance means the daemon.
  void Record(const Occurrence& what, int64_t unix_ms) { Record(nullptr, what, unix_ms); }
  void Record(const InstanceConfig& instance, const Occurrence& what, int64_t unix_ms) {
    Record(&instance, what, unix_ms);
  }
  void Record(const InstanceConfig* instance, const Occurrence& what, int64_t unix_ms);

  // Records a notice. If there are too many, it is counted instead.
  void Notice(const InstanceConfig& instance, const Occurrence& what, int64_t unix_ms, ControlTime t);
  // Records a notice that its cause repeats. If the instance had one within kRepeatWindow, nothing happens.
  void RepeatedNotice(InstanceId id, const InstanceConfig& instance, const Occurrence& what, ControlTime t);
  // The instance does not exist any more.
  void Forget(InstanceId id) override { repeated_at_.erase(id); }

  // Records how many notices were left out, when their window is over.
  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override;

  // From now on the client receives each event, as JSON or as text.
  void Follow(RequesterId client, bool json) { followers_[client] = json; }
  void Unfollow(RequesterId client) { followers_.erase(client); }

  void ContinueIn(SequenceRecord& record) { events_.ContinueIn(record); }
  void SetCapacity(size_t events) { events_.SetCapacity(events); }
  const EventLog& events() const { return events_; }

 private:
  bool TakeNotice(ControlTime t);

  Outbox& outbox_;
  EventLog events_;
  std::map<RequesterId, bool> followers_;  // true: as JSON
  size_t notices_ = 0;                     // in this window
  size_t left_out_ = 0;
  Instant window_began_{};
  absl::flat_hash_map<InstanceId, Instant> repeated_at_;  // the last repeated notice
};

}  // namespace dpvrrp
