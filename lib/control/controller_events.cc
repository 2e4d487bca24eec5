// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: what the lcores report, what operators ask, and the event log between them.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "cli/grammar.h"
#include "cli/report.h"
#include "control/commands.h"
#include "control/controller.h"
#include "control/reports.h"
#include "pipeline/segment_owner.h"

namespace dpvrrp {
namespace {

// What is refused is told of by instance and reason, and there may be thousands of them: so much in all of them.
constexpr Nanoseconds kNoticeWindow = std::chrono::seconds(10);
constexpr size_t kMaxNotices = 100;

Severity SeverityOf(DropReason reason) {
  switch (reason) {
    case DropReason::kInstanceInactive:  // the port is down, or we are just starting
    case DropReason::kOwnerIgnores:
      return Severity::kInfo;
    default:
      return Severity::kWarning;
  }
}

// What is told of a frame: "bad-icv from 10.99.0.1 (02:00:0a:63:00:01), sequence 7: ICV mismatch …; 3 in all".
std::string FrameText(const ShardEvent& event, absl::string_view name, absl::string_view meaning) {
  std::string text = absl::StrCat(name, " from ", ToString(event.peer), " (", ToString(event.peer_mac), ")");
  if (event.sequence != 0) absl::StrAppend(&text, ", sequence ", event.sequence);
  absl::StrAppend(&text, ": ", meaning, "; ", event.count, " in all");
  return text;
}

}  // namespace

// ---- From the lcores ----

void Controller::OnShardEvent(const ShardEvent& event, ControlTime t) {
  switch (event.kind) {
    case ShardEvent::Kind::kTransition:
      OnTransition(event, t);
      break;
    case ShardEvent::Kind::kRejected:
      OnRejected(event, t);
      break;
    case ShardEvent::Kind::kRemarked:
      OnRemarked(event, t);
      break;
    case ShardEvent::Kind::kNumbersLow:
      OnNumbersLow(event, t);
      break;
    case ShardEvent::Kind::kNumbersWanted:
      OnNumbersWanted(event);
      break;
    case ShardEvent::Kind::kConflict:
      OnConflict(event, t);
      break;
    case ShardEvent::Kind::kKeysReplaced:
      OnKeysReplaced(event, t);
      break;
    case ShardEvent::Kind::kRetired:
      OnRetired(event, t);
      break;
    case ShardEvent::Kind::kAnswered:
      OnAnswered(event, t);
      break;
    case ShardEvent::Kind::kWatched:
      OnWatched(event, t);
      break;
  }
  Settle(t);
}

void Controller::OnTransition(const ShardEvent& event, ControlTime t) {
  ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr) return;
  ++transitions_;
  instance->state = event.to;
  instance->reason = event.reason;
  instance->since_unix_ms = t.UnixMsAt(event.at);
  instance->since = event.at;

  std::string text = absl::StrCat(ToString(event.from), " -> ", ToString(event.to), " (", ToString(event.reason), ")");
  if (!event.peer.IsUnspecified()) {
    absl::StrAppend(&text, ", last heard ", ToString(event.peer), " priority ", event.peer_priority.value());
  }
  Log(Severity::kNotice, &instance->config, "transition", std::move(text), instance->since_unix_ms);

  const bool master = event.to == State::kMaster;
  vips_.Want(instance->id, master);
  if (master) return BeginToAnnounce(*instance, t);
  announcer_.OnNotMaster(instance->id);
  ForgetLeft(*instance);
}

void Controller::BeginToAnnounce(const ManagedInstance& instance, ControlTime t) {
  std::vector<bool> awaited(instance.config.virtual_addresses.size());
  for (const VipReconciler::Vip& vip : vips_.vips(instance.id)) {
    awaited[vip.index] = vip.request != 0 || vip.presence == VipReconciler::Presence::kAbsent;
  }
  announcer_.OnMaster(instance.id, instance.port, awaited, t.now);
}

bool Controller::MayNotice(ControlTime t) {
  TellOfLeftOut(t);
  if (notices_ == 0) notices_since_ = t.now;
  if (notices_ < kMaxNotices) {
    ++notices_;
    return true;
  }
  ++notices_left_out_;
  return false;
}

void Controller::TellOfLeftOut(ControlTime t) {
  if (notices_ == 0 || t.now - notices_since_ < kNoticeWindow) return;
  notices_ = 0;
  if (notices_left_out_ == 0) return;
  Log(Severity::kWarning, nullptr, "rejected",
      absl::StrCat(std::exchange(notices_left_out_, 0), " more notices of frames were left out in ",
                   kNoticeWindow / std::chrono::seconds(1), " s; see show drops, diagnose"),
      t.unix_ms);
}

void Controller::OnRejected(const ShardEvent& event, ControlTime t) {
  const ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr) return;
  LookSoon(t);
  if (!MayNotice(t)) return;
  const DropReasonInfo& info = AllDropReasons()[static_cast<size_t>(event.drop)];
  Log(SeverityOf(event.drop), &instance->config, "rejected", FrameText(event, info.name, info.meaning),
      t.UnixMsAt(event.at));
}

void Controller::OnRemarked(const ShardEvent& event, ControlTime t) {
  const ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr) return;
  LookSoon(t);
  if (!MayNotice(t)) return;
  const RemarkInfo& info = AllRemarks()[static_cast<size_t>(event.remark)];
  Log(Severity::kWarning, &instance->config, "remark", FrameText(event, info.name, info.meaning), t.UnixMsAt(event.at));
}

void Controller::OnConflict(const ShardEvent& event, ControlTime t) {
  ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr) return;
  instance->conflict_at = event.at;
  instance->conflict_address = event.peer;
  instance->conflict_mac = event.peer_mac;
  LookSoon(t);
  if (!MayNotice(t)) return;
  Log(Severity::kWarning, &instance->config, "conflict",
      absl::StrCat(ToString(event.peer_mac), " says that it has ", ToString(event.peer), ", while we are master; ",
                   event.count, " in all"),
      t.UnixMsAt(event.at));
}

void Controller::OnRetired(const ShardEvent& event, ControlTime t) {
  const std::unique_ptr<VirtualRouter> router(event.router);  // freed here, by the thread that made it
  ManagedInstance* instance = FindById(event.instance);
  DPVRRP_CHECK(instance != nullptr && instance->removing);
  instance->router = nullptr;
  if (instance->record != nullptr)
    instance->record->left_at = static_cast<uint32_t>(std::max<int64_t>(t.unix_ms / 1000, 0));
  Log(Severity::kInfo, &instance->config, "instance", "removed", t.unix_ms);
  ForgetIfLeft(event.instance, t);
}

void Controller::OnAnswered(const ShardEvent& event, ControlTime t) {
  const auto it =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.query.get() == event.query; });
  DPVRRP_CHECK(it != waiting_.end());
  std::move(event.query->found.begin(), event.query->found.end(), std::back_inserter(it->answer.found));
  it->answer.at = event.query->at;
  GoOnOrFinish(it, t);
}

void Controller::GoOnOrFinish(std::vector<Waiting>::iterator it, ControlTime t) {
  if (!it->given_up && (AskNext(*it, t) || AskWatchNext(*it, t))) return;
  Waiting waiting = std::move(*it);
  waiting_.erase(it);
  if (waiting.given_up) return;
  if (waiting.for_ourselves) return TellOf(Findings(std::move(waiting.speakers), t.now), t);
  RunCommand(waiting.from, waiting.line, {&waiting.answer, &waiting.speakers}, t);
}

size_t Controller::WorkerOf(const VirtualRouter& router) const {
  const auto port =
      std::find_if(ports_.begin(), ports_.end(), [&](const PortBinding& p) { return p.id == router.config.port; });
  return port->workers[SegmentOwner(router.config.vlan, port->workers.size())];
}

bool Controller::AskNext(Waiting& waiting, ControlTime t) {
  std::vector<VirtualRouter*> routers;
  size_t worker = 0;
  while (!waiting.to_ask.empty() && routers.size() < kMaxQueryRouters) {
    const auto [next_worker, id] = waiting.to_ask.back();
    if (!routers.empty() && next_worker != worker) break;
    waiting.to_ask.pop_back();
    const ManagedInstance* instance = FindById(id);
    if (instance == nullptr || instance->removing) continue;  // has left meanwhile
    worker = next_worker;
    routers.push_back(instance->router);
  }
  if (routers.empty()) return false;
  waiting.query = std::make_unique<InstanceQuery>(std::move(routers));
  waiting.give_up_at = t.now + kAnswerTimeout;
  ShardCommand command;
  command.kind = ShardCommand::Kind::kQuery;
  command.query = waiting.query.get();
  outbox_.shard.push_back(command);
  return true;
}

// ---- From operators ----

void Controller::OnCommand(RequesterId from, const std::string& line, ControlTime t) {
  absl::string_view rest = line;
  if (absl::ConsumePrefix(&rest, "complete ")) {
    std::string body;
    for (const std::string& candidate : CompleteCommand(*this, rest)) absl::StrAppend(&body, candidate, "\n");
    outbox_.answers.push_back({from, Answer::Status::kOk, std::move(body)});
    return;
  }
  const absl::StatusOr<CommandCall> call = ParseCall(line);
  std::vector<const ManagedInstance*> wanted;
  if (call.ok()) wanted = InstancesToAsk(*this, *call);
  const bool asks_watch = call.ok() && AsksTheWatch(*call);
  if (wanted.empty() && !asks_watch) {
    RunCommand(from, line, {}, t);
    return;
  }
  if (waiting_.size() >= kMaxQueries) {
    outbox_.answers.push_back({from, Answer::Status::kError, "too many questions at once, try again\n"});
    return;
  }
  Waiting waiting;
  waiting.from = from;
  waiting.line = line;
  for (const ManagedInstance* instance : wanted) waiting.to_ask.emplace_back(WorkerOf(*instance->router), instance->id);
  std::stable_sort(waiting.to_ask.begin(), waiting.to_ask.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  waiting.answer.found.reserve(wanted.size());
  if (asks_watch) waiting.to_watch = EverySlice();
  if (!AskNext(waiting, t)) AskWatchNext(waiting, t);
  waiting_.push_back(std::move(waiting));
}

void Controller::RunCommand(RequesterId from, const std::string& line, const Answers& answers, ControlTime t) {
  const absl::StatusOr<CommandCall> call = ParseCall(line);
  if (!call.ok()) {
    outbox_.answers.push_back({from, Answer::Status::kUsage, absl::StrCat(call.status().message(), "\n")});
    return;
  }
  const absl::StatusOr<Report> report = Execute(*this, *call, answers, t);
  if (!report.ok()) {
    outbox_.answers.push_back({from, Answer::Status::kError, absl::StrCat(report.status().message(), "\n")});
    return;
  }
  std::string body = call->parsed.json ? RenderJson(*report) : RenderText(*report);
  if (!call->parsed.HasFlag("--follow")) {
    outbox_.answers.push_back({from, Answer::Status::kOk, std::move(body)});
    return;
  }
  outbox_.answers.push_back({from, Answer::Status::kMore, std::move(body)});
  followers_[from] = call->parsed.json;
}

void Controller::OnRequesterGone(RequesterId requester) { followers_.erase(requester); }

void Controller::Log(Severity severity, const InstanceConfig* instance, absl::string_view kind, std::string text,
                     int64_t unix_ms) {
  LogEvent event;
  event.unix_ms = unix_ms;
  event.severity = severity;
  if (instance != nullptr) {
    event.instance = instance->name;
    event.port = instance->port;
    event.vlan = ToString(instance->vlan);
  }
  event.kind = std::string(kind);
  event.text = std::move(text);
  const LogEvent& logged = events_.Add(std::move(event));
  outbox_.log.push_back(logged);
  for (const auto& [follower, json] : followers_) {
    outbox_.answers.push_back({follower, Answer::Status::kMore, json ? EventAsJson(logged) : EventAsText(logged)});
  }
}

}  // namespace dpvrrp
