// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: what the workers' watches have seen is brought together, judged, and told of: once when it begins, once
// when it is over.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "control/controller.h"

namespace dpvrrp {
namespace {

// How often the watches are read without being asked for: soon after something was refused, again while something is
// wrong, and now and then for what nobody refuses.
constexpr Nanoseconds kLookSoon = std::chrono::seconds(2);
constexpr Nanoseconds kLookAgain = std::chrono::seconds(10);
constexpr Nanoseconds kLookAnyway = std::chrono::seconds(60);

// Who has no key can be as many senders as he likes: so many of those are told of in a minute.
constexpr size_t kToldAMinute = 16;

}  // namespace

Controller::Trouble Controller::TroubleOf(const Finding& f) {
  return {f.verdict, f.culprit.port, f.culprit.vlan, f.culprit.vrid, f.culprit.mac.bytes, f.culprit.source};
}

std::vector<Finding> Controller::Findings(std::vector<Speaker> speakers, Instant now) const {
  Observed observed;
  observed.speakers = std::move(speakers);
  observed.now = now;
  for (const PortBinding& port : ports_) observed.ports[port.id] = port.name;
  for (const auto& [name, instance] : instances_) {
    if (instance.removing) continue;
    WatchedInstance& watched = observed.instances.emplace_back();
    watched.config = &instance.config;
    watched.port = instance.port;
    watched.next_vrid = instance.next_vrid;
    watched.left_vrid = instance.left_vrid;
    watched.priority = instance.priority;
    watched.state = instance.state;
    watched.since = instance.since;
    const auto is_its_port = [id = watched.port](const PortBinding& port) { return port.id == id; };
    watched.port_mac = std::find_if(ports_.begin(), ports_.end(), is_its_port)->mac;
    watched.conflict_at = instance.conflict_at;
    watched.conflict_address = instance.conflict_address;
    watched.conflict_mac = instance.conflict_mac;
  }
  return Diagnose(observed);
}

std::vector<std::pair<size_t, size_t>> Controller::EverySlice() const {
  std::vector<std::pair<size_t, size_t>> slices;
  for (size_t worker = 0; worker < shards_.size(); ++worker) {
    for (size_t first = 0; first < Watch::kPlaces; first += WatchQuery::kSlice) slices.emplace_back(worker, first);
  }
  return slices;
}

bool Controller::AskWatchNext(Waiting& waiting, ControlTime t) {
  if (waiting.to_watch.empty()) return false;
  if (waiting.watch == nullptr) waiting.watch = std::make_unique<WatchQuery>();
  std::tie(waiting.watch->worker, waiting.watch->first) = waiting.to_watch.back();
  waiting.to_watch.pop_back();
  SendQuestion(waiting, t);
  return true;
}

void Controller::SendQuestion(Waiting& waiting, ControlTime t) {
  ShardCommand command;
  command.kind = ShardCommand::Kind::kWatch;
  command.watch = waiting.watch.get();
  waiting.give_up_at = t.now + kAnswerTimeout;
  outbox_.shard.push_back(command);
}

void Controller::OnWatched(const ShardEvent& event, ControlTime t) {
  const auto it =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.watch.get() == event.watch; });
  DPVRRP_CHECK(it != waiting_.end());
  const WatchQuery& answer = *event.watch;
  std::copy_n(answer.found.begin(), answer.count, std::back_inserter(it->speakers));
  GoOnOrFinish(it, t);
}

void Controller::LookSoon(ControlTime t) { look_at_ = std::min(look_at_, t.now + kLookSoon); }

void Controller::Look(ControlTime t) {
  look_at_ = t.now + (troubles_.empty() ? kLookAnyway : kLookAgain);
  const bool under_way =
      std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting& w) { return w.for_ourselves; });
  if (under_way || instances_.empty() || waiting_.size() >= kMaxQueries) return;
  Waiting waiting;
  waiting.for_ourselves = true;
  waiting.to_watch = EverySlice();
  AskWatchNext(waiting, t);
  waiting_.push_back(std::move(waiting));
}

// One event when something begins, one when it has not been seen for a while.
void Controller::TellOf(std::vector<Finding> findings, ControlTime t) {
  if (t.now - told_since_ >= std::chrono::minutes(1)) {
    told_since_ = t.now;
    told_ = 0;
  }
  size_t untold = 0;
  std::map<Trouble, std::string> now;
  for (const Finding& f : findings) {
    if (f.verdict == Verdict::kUnconfiguredVrid) continue;  // ordinary where groups share a segment
    const Trouble trouble = TroubleOf(f);
    const bool is_new = !now.contains(trouble) && !troubles_.contains(trouble);
    if (is_new && f.key != KeyKnown::kRight && told_ >= kToldAMinute) {
      ++untold;
      continue;
    }
    now.emplace(trouble, f.instance);
    if (!is_new) continue;
    if (f.key != KeyKnown::kRight) ++told_;
    const ManagedInstance* instance = FindInstance(f.instance);
    Log(Severity::kWarning, instance == nullptr ? nullptr : &instance->config, "rogue",
        absl::StrCat(InfoOf(f.verdict).name, ": ", f.sentence, "; see diagnose"), t.unix_ms);
  }
  if (untold > 0 && told_ == kToldAMinute) {
    ++told_;  // once in this minute
    Log(Severity::kWarning, nullptr, "rogue", absl::StrCat("and ", untold, " more; see show rogues"), t.unix_ms);
  }
  for (const auto& [trouble, name] : troubles_) {
    if (now.contains(trouble)) continue;
    const ManagedInstance* instance = FindInstance(name);
    Log(Severity::kNotice, instance == nullptr ? nullptr : &instance->config, "rogue",
        absl::StrCat(InfoOf(std::get<Verdict>(trouble)).name, ": over, ", ToString(std::get<IpAddress>(trouble)),
                     " has not been seen at it for ", kDiagnosedFor / std::chrono::seconds(1), " s"),
        t.unix_ms);
  }
  if (!now.empty()) look_at_ = std::min(look_at_, t.now + kLookAgain);
  troubles_ = std::move(now);
}

}  // namespace dpvrrp
