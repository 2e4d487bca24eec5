// SPDX-License-Identifier: BSD-3-Clause
#include "control/controller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace dpvrrp {
namespace {

// A request of which nobody knows whether it was carried out: so long we wait before looking at all addresses.
constexpr Nanoseconds kLookAgainAfter = std::chrono::seconds(1);

// How far the lcores' idea of UTC may be from ours: above the jitter of reading two clocks, and far below a second.
constexpr Nanoseconds kClockTolerance = std::chrono::milliseconds(10);

}  // namespace

Controller::Controller(Services& services, std::vector<PortBinding> ports, std::vector<const ShardCounters*> shards,
                       std::string icv_engine, ControlTime start)
    : services_(services),
      ports_(std::move(ports)),
      shards_(std::move(shards)),
      icv_engine_(std::move(icv_engine)),
      started_(start) {}

Controller::~Controller() { Abandon(); }

// ---- Operator's orders ----

void Controller::SetPriority(ManagedInstance& instance, Priority priority, ControlTime t) {
  Log(Severity::kNotice, &instance.config, "priority",
      absl::StrCat("priority ", instance.priority.value(), " -> ", priority.value()), t.unix_ms);
  instance.priority = priority;
  Send(ShardCommand::Kind::kPriority, instance, priority);
}

void Controller::Resign(ManagedInstance& instance, ControlTime t) {
  Log(Severity::kNotice, &instance.config, "operator", "told to resign", t.unix_ms);
  Send(ShardCommand::Kind::kResign, instance);
}

void Controller::Takeover(ManagedInstance& instance, ControlTime t) {
  Log(Severity::kNotice, &instance.config, "operator", "told to take over", t.unix_ms);
  Send(ShardCommand::Kind::kTakeover, instance);
}

// ---- The rest of the world ----

void Controller::OnHostReply(const HostReply& reply, ControlTime t) {
  vips_.OnReply(reply, t.now);
  // It may be done or not (host.h), and mastership may be lost before we have tried again.
  if (absl::IsUnavailable(reply.status)) resync_at_ = std::min(resync_at_, t.now + kLookAgainAfter);
  Settle(t);
}

void Controller::OnHostEvent(const HostEvent& event, ControlTime t) {
  if (event.kind == HostEvent::Kind::kOverrun) {
    Log(Severity::kWarning, nullptr, "address", "the kernel dropped notifications; looking at all addresses again",
        t.unix_ms);
    Resync(t);
  }
  vips_.OnEvent(event, t.now);
  Settle(t);
}

void Controller::OnPortLink(PortId port, bool up, ControlTime t) {
  const auto it = std::find_if(ports_.begin(), ports_.end(), [&](const PortBinding& p) { return p.id == port; });
  Log(up ? Severity::kNotice : Severity::kWarning, nullptr, "port",
      absl::StrCat("port ", it == ports_.end() ? "?" : it->name, " link ", up ? "up" : "down"), t.unix_ms);
  ShardCommand command;
  command.kind = up ? ShardCommand::Kind::kPortUp : ShardCommand::Kind::kPortDown;
  command.port = port;
  outbox_.shard.push_back(command);
}

// Puts right what a crashed run left behind: an address of ours without mastership goes.
void Controller::Resync(ControlTime t) {
  resync_at_ = kNever;
  const absl::StatusOr<std::vector<HostAddress>> addresses = services_.ListAddresses();
  if (!addresses.ok()) {
    Log(Severity::kError, nullptr, "address",
        absl::StrCat("cannot list addresses, will try again: ", addresses.status().message()), t.unix_ms);
    resync_at_ = t.now + kLookAgainAfter;
    return;
  }
  for (const HostAddress& leftover : vips_.OnAddresses(*addresses)) {
    Log(Severity::kWarning, nullptr, "address",
        absl::StrCat(ToString(leftover.prefix), " on ", leftover.device, " is left over from an earlier run: removed"),
        t.unix_ms);
  }
}

void Controller::OnTime(ControlTime t) {
  vips_.OnTime(t.now);
  announcer_.OnTime(t.now);
  if (resync_at_ <= t.now) Resync(t);
  if (look_at_ <= t.now) Look(t);
  if (look_at_keys_at_ <= t.now) LookAtKeys(t);
  if (look_at_numbers_at_ <= t.now) ReserveNumbers(t);
  for (; !to_forget_left_.empty() && to_forget_left_.front().first <= t.now; to_forget_left_.pop_front()) {
    ManagedInstance* instance = FindById(to_forget_left_.front().second);
    if (instance != nullptr && instance->forget_left <= t.now) ForgetLeft(*instance);
  }
  for (Waiting& waiting : waiting_) {
    if (waiting.given_up || waiting.give_up_at > t.now) continue;
    waiting.given_up = true;
    if (waiting.for_ourselves) continue;
    outbox_.answers.push_back({waiting.from, Answer::Status::kError, "the worker lcore does not answer\n"});
  }
  Settle(t);
}

void Controller::OnClock(ControlTime t) {
  TellOfLeftOut(t);
  const Nanoseconds offset = std::chrono::milliseconds(t.unix_ms) - t.now.time_since_epoch();
  if (utc_offset_.has_value() && std::chrono::abs(offset - *utc_offset_) < kClockTolerance) return;
  if (utc_offset_.has_value() && std::chrono::abs(offset - *utc_offset_) >= std::chrono::seconds(1)) {
    const auto seconds = std::chrono::round<std::chrono::seconds>(offset - *utc_offset_);
    Log(Severity::kWarning, nullptr, "clock",
        absl::StrCat("the wall clock was set ", seconds.count() < 0 ? "back" : "forward", " by ",
                     std::chrono::abs(seconds).count(), " s"),
        t.unix_ms);
  }
  utc_offset_ = offset;
  ShardCommand command;
  command.kind = ShardCommand::Kind::kClock;
  command.utc_offset = offset;
  outbox_.shard.push_back(command);
}

Instant Controller::NextDeadline() const {
  Instant next = std::min(
      {vips_.NextDeadline(), announcer_.NextDeadline(), resync_at_, look_at_, look_at_keys_at_, look_at_numbers_at_});
  if (!to_forget_left_.empty()) next = std::min(next, to_forget_left_.front().first);
  for (const Waiting& waiting : waiting_) {
    if (!waiting.given_up) next = std::min(next, waiting.give_up_at);
  }
  return next;
}

void Controller::Settle(ControlTime t) {
  for (const VipReconciler::Report& report : vips_.TakeReports()) {
    const ManagedInstance* instance = FindById(report.instance);
    const InstanceConfig* of = instance == nullptr ? nullptr : &instance->config;
    using Kind = VipReconciler::Report::Kind;
    switch (report.kind) {
      case Kind::kProgrammed:
        Log(Severity::kInfo, of, "address", absl::StrCat("added ", report.text), t.unix_ms);
        announcer_.OnProgrammed(report.instance, report.index);
        break;
      case Kind::kReleased:
        Log(Severity::kInfo, of, "address", absl::StrCat("removed ", report.text), t.unix_ms);
        break;
      case Kind::kFailed:
        Log(Severity::kError, of, "address", absl::StrCat("cannot change ", report.text, "; retrying"), t.unix_ms);
        break;
      case Kind::kForeign:
        Log(Severity::kWarning, of, "address",
            absl::StrCat(report.text, " was there already and is not ours: it will not be removed"), t.unix_ms);
        break;
      case Kind::kDrifted:
        Log(Severity::kWarning, of, "address",
            absl::StrCat(report.text, " was removed by somebody else: putting it back"), t.unix_ms);
        break;
    }
  }
  for (const auto& [device, is_news] : vips_.TakeMissingDevices()) {
    const absl::Status restored = services_.RestoreDevice(device);
    if (!restored.ok() && !is_news) continue;
    const std::string what = absl::StrCat(device, " was removed by somebody else: ");
    Log(restored.ok() ? Severity::kWarning : Severity::kError, nullptr, "address",
        absl::StrCat(what, restored.ok() ? "made again" : restored.message()), t.unix_ms);
  }
  for (const Announcement& announcement : announcer_.Take(t.now)) {
    const ManagedInstance* instance = FindById(announcement.instance);
    if (instance == nullptr || instance->removing) continue;
    ShardCommand command;
    command.kind = ShardCommand::Kind::kAnnounce;
    command.router = instance->router;
    command.first = announcement.first;
    command.count = announcement.count;
    outbox_.shard.push_back(command);
  }
  for (const InstanceId id : vips_.TakeTouched()) ForgetIfLeft(id, t);
  for (HostRequest& request : vips_.TakeRequests()) outbox_.host.push_back(std::move(request));
}

// ---- Small helpers ----

ManagedInstance* Controller::FindInstance(const std::string& name) {
  const auto it = instances_.find(name);
  return it == instances_.end() || it->second.removing ? nullptr : &it->second;
}

ManagedInstance* Controller::FindById(InstanceId id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

void Controller::Send(ShardCommand::Kind kind, const ManagedInstance& instance, Priority priority) {
  ShardCommand command;
  command.kind = kind;
  command.router = instance.router;
  command.priority = priority;
  outbox_.shard.push_back(command);
}

}  // namespace dpvrrp
