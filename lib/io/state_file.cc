// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_file.h"

#include <poll.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "io/clock.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kSlice = std::chrono::milliseconds(100);

int64_t Seconds(Nanoseconds time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); }

}  // namespace

absl::StatusOr<std::unique_ptr<StateFile>> StateFile::Open(std::unique_ptr<StateProcess> process,
                                                           const std::string& directory, const StateOptions& options,
                                                           bool confine, StateReport* report,
                                                           const std::function<bool(Nanoseconds)>& go_on) {
  DPVRRP_RETURN_IF_ERROR(process->BeginOpen(directory, options, confine));
  StateReport found;
  const Instant begun = MonotonicNow();
  while (true) {
    absl::StatusOr<StateMemory> memory = process->FinishOpen(kSlice, &found);
    if (memory.ok()) {
      if (report != nullptr) *report = found;
      return std::unique_ptr<StateFile>(new StateFile(std::move(process), *std::move(memory), found.path));
    }
    if (!absl::IsDeadlineExceeded(memory.status())) return memory.status();
    const Nanoseconds waited = MonotonicNow() - begun;
    if (go_on && !go_on(waited)) return absl::CancelledError(absl::StrCat(directory, ": gave up waiting for the disk"));
    if (waited >= kPatience) {
      return absl::DeadlineExceededError(absl::StrCat(
          directory, ": the disk has not answered for ", Seconds(waited),
          " s (a frozen or dead file system, or the copier of the last run still waits for it); not started"));
    }
  }
}

StateFile::StateFile(std::unique_ptr<StateProcess> process, StateMemory memory, std::string path)
    : process_(std::move(process)),
      memory_(std::move(memory)),
      records_(memory_),
      path_(std::move(path)),
      heard_at_(MonotonicNow()),
      looked_at_(heard_at_) {}

void StateFile::Write(uint64_t generation) {
  wanted_ = generation;
  records_.Want(generation);
  process_->Wake();
  if (ended_) settled_ = wanted_;
}

// Time in which this process did not run is not the disk's fault, for example when the machine was stopped.
void StateFile::Look(Instant now) {
  constexpr Nanoseconds kBetweenLooks = std::chrono::seconds(2);
  heard_at_ += std::max(now - looked_at_ - kBetweenLooks, Nanoseconds(0));
  looked_at_ = now;
  while (!ended_) {
    const absl::StatusOr<std::optional<StateNote>> note = process_->Next();
    if (!note.ok()) {
      ended_ = true;
      settled_ = wanted_;
      if (closed_) break;
      news_.push_back({true, absl::StrCat(path_,
                                          ": the process that writes it has ended: nothing is written from now "
                                          "on, and a power loss may repeat sequence numbers; restart the "
                                          "daemon")});
      break;
    }
    if (!note->has_value()) break;
    if (std::exchange(stalled_, false)) {
      news_.push_back({false, absl::StrCat(path_, ": the disk answers again, after ", Seconds(now - heard_at_), " s")});
    }
    heard_at_ = now;
    Take(**note);
  }
  if (ended_ || stalled_ || now - heard_at_ < kStalled) return;
  stalled_ = true;
  news_.push_back({true, absl::StrCat(path_, ": the disk has not answered for ", Seconds(now - heard_at_),
                                      " s. Adverts are still sent. After a power loss, adverts received since then "
                                      "could be replayed. New instances wait for the disk")});
}

void StateFile::Take(const StateNote& note) {
  switch (note.kind) {
    case StateNote::Kind::kWritten:
      records_.OnWritten(note.generation);
      break;
    case StateNote::Kind::kRepaired:
      records_.OnWritten(note.generation);
      news_.push_back({false, failure_.empty() ? absl::StrCat(note.text, ": written again from memory")
                                               : absl::StrCat(path_, ": is written again (", note.text, ")")});
      failure_.clear();
      break;
    case StateNote::Kind::kFailed:
      if (!failure_.empty()) break;
      failure_ = note.text;
      news_.push_back({true, absl::StrCat("the state file could not be written, a power loss from now on may repeat "
                                          "sequence numbers: ",
                                          note.text)});
      break;
    case StateNote::Kind::kExposed:
      news_.push_back({true, absl::StrCat(path_,
                                          ": its shared memory was removed (ipcrm): if daemon and copier are "
                                          "killed together, the last second is lost; restart the daemon")});
      return;
    case StateNote::Kind::kClosed:
      closed_ = true;
      return;
  }
  settled_ = std::max(settled_, note.generation);
}

bool StateFile::Close(Nanoseconds patience) {
  process_->BeginClose();
  const Instant give_up = MonotonicNow() + patience;
  for (Instant now = MonotonicNow(); !closed_ && !ended_ && now < give_up; now = MonotonicNow()) {
    pollfd entry{process_->fd(), POLLIN, 0};
    poll(&entry, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(give_up - now).count()));
    Look(now);
  }
  return closed_;
}

}  // namespace dpvrrp
