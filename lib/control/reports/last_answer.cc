// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/last_answer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "control/compose/parts.h"
#include "control/questions/answers.h"
#include "control/reports/report_cells.h"

namespace dpvrrp {

LastAnswer::LastAnswer(const Answers& answers, const ManagedInstance& instance, ControlTime t)
    : instance_(instance), asked_at_(answers.asked_at), t_(t) {
  const KnownInstance* known = answers.questions == nullptr ? nullptr : answers.questions->Known(instance.id);
  const bool event_is_newer = known != nullptr && known->at < instance.since;
  if (!event_is_newer) known_ = known;
  said_at_ = known_ == nullptr ? instance.since : known_->at;
}

State LastAnswer::state() const { return known_ == nullptr ? instance_.state : known_->machine.state; }

Reason LastAnswer::reason() const { return known_ == nullptr ? instance_.reason : known_->machine.reason; }

Value LastAnswer::Since() const {
  if (reason() == Reason::kNone) return Null();
  return FormatTime(known_ == nullptr ? instance_.since_unix_ms : t_.UnixMsAt(known_->machine.since));
}

Value LastAnswer::MasterAddress() const {
  if (state() == State::kMaster) return Text(ToString(instance_.config.source_address));
  if (known_ == nullptr || !known_->machine.knows_master()) return Null();
  return Text(ToString(known_->machine.master_address));
}

Value LastAnswer::MasterPriority() const {
  if (known_ == nullptr) return state() == State::kMaster ? Number(instance_.priority.value()) : Null();
  if (state() == State::kMaster) return Number(known_->priority.value());
  if (!known_->machine.knows_master()) return Null();
  return Number(known_->machine.master_priority.value());
}

Value LastAnswer::Age() const {
  if (said_at_ == Instant{}) return Null();
  return said_at_ >= asked_at_ ? Seconds(Nanoseconds(0)) : Seconds(t_.now - said_at_);
}

Value WatchAge(const Answers& answers, size_t worker, ControlTime t) {
  const Instant seen = answers.questions == nullptr ? Instant{} : answers.questions->watched_at(worker);
  if (seen == Instant{}) return Null();
  return seen >= answers.asked_at ? Seconds(Nanoseconds(0)) : Seconds(t.now - seen);
}

namespace {

// The oldest of what is shown in place of this worker's answer. Nothing: nothing is.
std::optional<Instant> OldestOf(View& view, const Answers& answers, std::span<const ManagedInstance* const> asked,
                                size_t worker) {
  std::optional<Instant> oldest;
  const auto take = [&](Instant at) {
    if (at != Instant{}) oldest = std::min(oldest.value_or(at), at);
  };
  if (answers.speakers != nullptr) take(answers.questions->watched_at(worker));
  for (const ManagedInstance* instance : asked) {
    if (view.registry.WorkerOf(instance->port, instance->config.vlan) != worker) continue;
    const KnownInstance* known = answers.questions->Known(instance->id);
    take(known == nullptr ? instance->since : std::max(known->at, instance->since));
  }
  return oldest;
}

std::string ReasonOf(const WorkerStatus& worker, ControlTime t) {
  switch (worker.state) {
    case WorkerStatus::State::kStalled:
      return absl::StrCat("it has not run since ", FormatTime(t.UnixMsAt(worker.since)), ": ", worker.why);
    case WorkerStatus::State::kSlow:
      return absl::StrCat("it is slow: ", worker.why);
    case WorkerStatus::State::kRunning:
      break;
  }
  return worker.command_ring_full ? "its command ring is full" : "it runs, but did not answer in time";
}

}  // namespace

std::string AbsenceNotice(View& view, const Answers& answers, std::span<const ManagedInstance* const> asked,
                          ControlTime t) {
  if (answers.absent.empty()) return "";
  const std::vector<WorkerStatus> workers = view.workers.Workers();
  std::string notice;
  for (const size_t worker : answers.absent) {
    const std::optional<Instant> oldest = OldestOf(view, answers, asked, worker);
    const Instant since = answers.questions->silent_since(worker).value_or(answers.asked_at);
    if (oldest.has_value()) {
      const auto age = std::chrono::round<std::chrono::seconds>(t.now - *oldest);
      absl::StrAppend(&notice, "as of ", age.count(), " s ago: ");
    } else {
      absl::StrAppend(&notice, "no values yet: ");
    }
    const WorkerStatus status = worker < workers.size() ? workers[worker] : WorkerStatus{};
    const std::string name = worker < workers.size() ? absl::StrCat("lcore ", status.lcore) : "a worker lcore";
    absl::StrAppend(&notice, name, " has not answered since ", FormatTime(t.UnixMsAt(since)), "; ", ReasonOf(status, t),
                    "\n");
  }
  return notice;
}

}  // namespace dpvrrp
