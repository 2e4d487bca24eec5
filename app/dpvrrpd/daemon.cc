// SPDX-License-Identifier: BSD-3-Clause
#include "daemon.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/reports/reports.h"
#include "io/clock.h"
#include "kernel/clear_marks.h"
#include "log.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kTick = std::chrono::seconds(1);  // links without announcements, idle clients, state file
constexpr Nanoseconds kLinkTick = std::chrono::milliseconds(50);  // links while one is down, after a start or a repair
constexpr Nanoseconds kRetry = std::chrono::milliseconds(1);      // a full command ring, at first
constexpr Nanoseconds kLongestRetry = std::chrono::milliseconds(50);
constexpr Nanoseconds kNoRetry{0};
constexpr Nanoseconds kLongestClose = std::chrono::seconds(1);  // then the copier finishes without the daemon
// After SIGTERM there are five seconds. The control thread has four of them for an orderly stop. Then it leaves without
// the last acknowledgements. The last second is for StopWithoutControl() (daemon_start.cc: kStuckAfter).
constexpr Nanoseconds kLongestStop = std::chrono::seconds(4);
constexpr Nanoseconds kLongestLastPrograms = std::chrono::seconds(10);  // the agent ends them then
constexpr Nanoseconds kLongestGoodbye = std::chrono::milliseconds(200);
constexpr Nanoseconds kLongestClear = std::chrono::milliseconds(300);
constexpr Nanoseconds kLongestLastWord = std::chrono::milliseconds(50);

ReplyStatus ToReplyStatus(Answer::Status status) {
  switch (status) {
    case Answer::Status::kOk:
      return ReplyStatus::kOk;
    case Answer::Status::kMore:
      return ReplyStatus::kMore;
    case Answer::Status::kUsage:
      return ReplyStatus::kUsage;
    case Answer::Status::kConfirm:
      return ReplyStatus::kConfirm;
    case Answer::Status::kError:
      break;
  }
  return ReplyStatus::kError;
}

}  // namespace

// The lcores stop before the objects that they write to are destroyed.
Daemon::~Daemon() {
  if (console_ != nullptr) console_->End();
  metrics_.Close();
  server_.reset();
  read_only_server_.reset();
  if (dataplane_ != nullptr) dataplane_->Stop();
  if (signals_ != nullptr) signals_->set_last_resort({});  // it would use objects that are destroyed next
  if (state_ == nullptr || state_->Close(kLongestClose)) return;
  WriteLog(Severity::kWarning, "the state is not on the disk yet: the copier, another process, continues to write");
}

// Runs on a thread of the guard. The addresses must be removed even if the kernel blocks the control thread's netlink
// socket.
void Daemon::StopWithoutControl() {
  WriteLog(Severity::kError, "the control thread does not answer: stopping without it");
  const bool resigned = dataplane_->ResignAndQuit(kLongestGoodbye);
  const ClearedMarks cleared = ClearMarks(kLongestClear);
  WriteLog(Severity::kError,
           absl::StrCat(
               "stopped without the control thread: ", resigned ? "masters have resigned" : "a worker did not resign",
               ", removed ", cleared.addresses.size(), " addresses, ", cleared.routing.size(), " routes and rules and ",
               cleared.devices.size(), " virtual-MAC devices", cleared.status.ok() ? "" : ", some are left"));
  FlushLog(kLongestLastWord);
}

absl::Status Daemon::Run() {
  while (!controller_->Finished()) {
    const absl::Status status = reactor_->RunOnce(UntilNextDeadline());
    if (!status.ok()) return status;
    const ControlTime t = Time();
    if (second_ends_ <= t.now) EverySecond();
    if (look_at_links_ <= t.now) TakeLinks();
    if (controller_->NextDeadline() <= t.now) controller_->OnTime(t);
    FlushOutbox();
    if (console_ != nullptr) DPVRRP_RETURN_IF_ERROR(TurnConsole(t.now));
    if (controller_->IsStopping() && stop_by_ == kNever) {
      manager_.Stopping();
      stop_by_ = t.now + kLongestStop;
    }
    if (stop_by_ <= t.now) {
      WriteLog(Severity::kWarning, "stopped before everything was acknowledged");
      break;
    }
  }
  if (console_ != nullptr) console_->OnTime(MonotonicNow());  // the answer to `handover`
  const absl::Status handed_over = WriteHandover();
  programs_->Finish(kLongestLastPrograms);
  for (const LogEvent& line : digest_.Close()) WriteLog(line);
  return handed_over;
}

absl::Status Daemon::TurnConsole(Instant now) {
  if (!receives_) return absl::OkStatus();
  if (!console_->has_begun()) {
    if (controller_->IsStopping()) return absl::OkStatus();
    const auto ask = [this](RequesterId from, const std::string& line) {
      controller_->OnCommand(from, line, Time());
      FlushOutbox();
    };
    const auto leave = [this](RequesterId from) { controller_->OnRequesterGone(from); };
    const auto stop = [this] { controller_->Shutdown(Time()); };
    DPVRRP_RETURN_IF_ERROR(console_->Begin(*reactor_, {ask, leave, stop}));
  }
  console_->OnTime(now);
  FlushOutbox();
  return absl::OkStatus();
}

// Without the file, the next start would not know that it may keep the addresses.
absl::Status Daemon::WriteHandover() {
  const std::string text = controller_->handover();
  if (text.empty()) return absl::OkStatus();
  const absl::Status status = handover_->Write(text, controller_->handover_end());
  if (!status.ok()) ClearMarks(kLongestClear);
  return status;
}

void Daemon::TakeShardEvents() {
  kick_->Drain();
  if (dataplane_->TakeLinkChange()) TakeLinks();
  std::array<ShardEvent, kMaxBurst> events;
  for (size_t worker = 0; worker < dataplane_->workers(); ++worker) {
    size_t count = events.size();
    while (count == events.size()) {
      count = dataplane_->Receive(worker, events);
      const ControlTime t = Time();
      for (size_t i = 0; i < count; ++i) controller_->OnShardEvent(events[i], t);
    }
  }
  FlushOutbox();
}

void Daemon::TakeHost() {
  const ControlTime t = Time();
  std::vector<HostReply> replies;
  host_->ReceiveReplies(replies);
  for (const HostReply& reply : replies) controller_->OnHostReply(reply, t);
  std::vector<HostEvent> events;
  host_->ReceiveEvents(events);
  for (const HostEvent& event : events) controller_->OnHostEvent(event, t);
  if (host_->TakeLinksChanged()) TakeLinks();
  FlushOutbox();
}

void Daemon::TakeSignals() {
  while (const std::optional<int> signal = signals_->Read()) {
    if (*signal == SIGHUP) {
      if (receives_) manager_.Reloading(MonotonicNow());
      controller_->Reload(Time()).status().IgnoreError();  // the event log has the result
      if (receives_) manager_.Ready();
    } else {
      stop_by_ = std::min(stop_by_, Time().now + kLongestStop);
      controller_->Shutdown(Time());
    }
  }
  FlushOutbox();
}

void Daemon::EverySecond() {
  const ControlTime t = Time();
  second_ends_ = t.now + kTick;
  TakeLinks();
  controller_->OnClock(t);
  server_->Tick(t.now);
  if (read_only_server_ != nullptr) read_only_server_->Tick(t.now);
  metrics_.Tick(t.now);
  scheduler_->EverySecond(t.now);
  state_->records().NoteTime(t.unix_ms);
  TakeState();
  TellManager();
}

// systemd ends the daemon if WATCHDOG=1 is missing for WatchdogSec=. It is not sent while a worker is stalled. Counting
// 100,000 instances takes time, so the status line changes only after a transition.
void Daemon::TellManager() {
  if (!manager_.IsPresent()) return;
  if (!controller_->HasStalledWorker()) manager_.Feed();
  const uint64_t transitions = controller_->view().transitions;
  if (std::exchange(told_transitions_, transitions) != transitions) manager_.Status(StatusLine(controller_->view()));
}

void Daemon::TakeClockStep() {
  clock_steps_->Rearm();
  controller_->OnClock(Time());
  FlushOutbox();
}

void Daemon::TakeLinks() {
  const ControlTime t = Time();
  const std::vector<PortNews> news = ports_->Look(t.now);
  for (const PortNews& n : news) controller_->OnPortNews(n, t);
  const std::span<const PortInfo> all = dataplane_->ports();
  const bool all_up = std::all_of(all.begin(), all.end(), [&](const PortInfo& p) { return ports_->status(p.id).up; });
  look_at_links_ = std::min(ports_->NextLook(), all_up ? kNever : t.now + kLinkTick);
  JoinGroups();
  for (const std::string& message : twins_->Follow()) WriteLog(Severity::kWarning, message);
}

void Daemon::JoinGroups() {
  for (const std::string& failure : groups_->Follow()) WriteLog(Severity::kWarning, failure);
}

// The lcores first: the kernel does its work inside Send(), which takes some milliseconds. A loop, because the kernel's
// answers are available at once and may cause new requests.
void Daemon::FlushOutbox() {
  Outbox& out = controller_->outbox();
  SendToShards();
  while (!out.host.empty()) {
    host_->Send(std::exchange(out.host, {}));
    std::vector<HostReply> replies;
    host_->ReceiveReplies(replies);
    const ControlTime t = Time();
    for (const HostReply& reply : replies) controller_->OnHostReply(reply, t);
    SendToShards();
  }
  programs_->Send();
  SendToShards();
  WriteEvents(Time());
  for (const Answer& answer : std::exchange(out.answers, {})) {
    if (console_ != nullptr && console_->Take(answer)) continue;
    const ClientId client(answer.to.value() & ~kReadOnlyRequester);
    ControlServer& server = IsReadOnly(answer.to) ? *read_only_server_ : *server_;
    if (answer.status == Answer::Status::kMore) {
      server.Stream(client, answer.body);
    } else {
      server.Reply(client, ToReplyStatus(answer.status), answer.body);
    }
  }
}

// Events of which there may be thousands are written one by one, or summed up if there are too many.
void Daemon::WriteOneOfMany(Severity severity, std::string text, std::string cause) {
  LogEvent event;
  event.unix_ms = UnixMilliseconds();
  event.severity = severity;
  event.text = std::move(text);
  event.cause = std::move(cause);
  if (const std::optional<LogEvent> line = digest_.Add(std::move(event), MonotonicNow())) WriteLog(*line);
}

void Daemon::WriteEvents(ControlTime t) {
  for (LogEvent& event : std::exchange(controller_->outbox().log, {})) {
    if (const std::optional<LogEvent> line = digest_.Add(std::move(event), t.now)) WriteLog(*line);
  }
  for (const LogEvent& line : digest_.OnTime(t.now)) WriteLog(line);
}

// The disk has new records, or there are messages about the disk. If the disk refuses them, adverts must still be sent.
// The loop sends the resulting commands.
void Daemon::TakeState() {
  const ControlTime t = Time();
  state_->Look(t.now);
  for (StateNews& news : state_->TakeNews()) controller_->OnStateNews(news.bad, std::move(news.text), t);
  controller_->OnRecordsWritten(state_->settled());
  if (state_->has_ended() && std::exchange(watches_state_, false)) reactor_->Remove(state_->fd());
}

void Daemon::SendToShards() {
  if (const uint64_t generation = std::exchange(controller_->outbox().write_records, 0)) state_->Write(generation);
  std::deque<ShardCommand>& commands = controller_->outbox().shard;
  for (; prepared_ < commands.size(); ++prepared_) dataplane_->Prepare(commands[prepared_]);
  for (const std::string& note : dataplane_->ProgramFilters()) WriteLog(Severity::kNotice, note);
  while (!commands.empty() && dataplane_->Send(commands.front())) {
    commands.pop_front();
    --prepared_;
  }
  // A worker may be stalled for long, and each try costs CPU time that the worker may need.
  retry_ = dataplane_->Flush() ? kNoRetry : std::min(2 * std::max(retry_, kRetry / 2), kLongestRetry);
  if (receives_ || retry_ != kNoRetry || !commands.empty()) return;
  dataplane_->BeginReceiving();  // all instances have been sent to the lcores
  receives_ = true;
  TellManager();
  manager_.Ready();
}

ControlTime Daemon::Time() const { return ControlTime{MonotonicNow(), UnixMilliseconds()}; }

Nanoseconds Daemon::UntilNextDeadline() const {
  const Instant now = MonotonicNow();
  const Instant retry = retry_ == kNoRetry ? kNever : now + retry_;
  const bool has_console = console_ != nullptr && receives_;
  const Instant console = has_console ? std::max(now, console_->NextDeadline()) : kNever;
  return std::min({console, retry, controller_->NextDeadline(), digest_.NextDeadline(), second_ends_, look_at_links_,
                   stop_by_}) -
         now;
}

}  // namespace dpvrrp
