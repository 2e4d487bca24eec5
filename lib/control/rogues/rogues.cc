// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/rogues.h"

#include <algorithm>
#include <iterator>

#include "control/instances/registry.h"
#include "control/journal/journal.h"
#include "control/services.h"

namespace dpvrrp {
namespace {

Occurrence FoundOf(const Finding& finding) {
  const VerdictInfo& info = InfoOf(finding.verdict);
  const occurrence::VerdictFound found{info.name, finding.sentence};
  if (info.kind == VerdictKind::kRogue) return occurrence::RogueFound{found};
  return occurrence::FaultFound{found};
}

Occurrence OverOf(const VerdictInfo& info, const IpAddress& sender) {
  occurrence::VerdictOver over{info.name, std::nullopt, kDiagnosedFor};
  if (info.kind != VerdictKind::kOurs) over.sender = sender;
  if (info.kind == VerdictKind::kRogue) return occurrence::RogueOver{over};
  return occurrence::FaultOver{over};
}

}  // namespace

void Rogues::LookSoon(ControlTime t) { look_at_ = std::min(look_at_, t.now + kLookSoon); }

std::array<int64_t, kVerdictCount> Rogues::Lasting() const {
  std::array<int64_t, kVerdictCount> lasting{};
  for (const auto& [trouble, name] : troubles_) ++lasting[static_cast<size_t>(std::get<Verdict>(trouble))];
  return lasting;
}

void Rogues::OnTime(ControlTime t) {
  if (look_at_ > t.now) return;
  look_at_ = t.now + (troubles_.empty() ? kLookAnyway : kLookAgain);
  look_is_due_ = true;
}

void Rogues::LookAtOurselves(const std::vector<WorkerStatus>& workers, ControlTime t) {
  self_watch_.Look(context_.services.Ports(), workers, t.now);
}

std::vector<Finding> Rogues::Judge(const Observed& observed, std::span<const SilentWorker> silent) const {
  std::vector<Finding> findings = Diagnose(observed);
  for (const SilentWorker& of : silent) {
    const auto is_its = [&](const Finding& f) {
      return InfoOf(f.verdict).kind != VerdictKind::kOurs &&
             context_.registry.WorkerOf(f.culprit.port, f.culprit.vlan) == of.worker;
    };
    std::erase_if(findings, is_its);
    Observed as_seen = observed;
    as_seen.now = of.watched_at;
    std::ranges::copy_if(Diagnose(as_seen), std::back_inserter(findings), is_its);
  }
  return findings;
}

Rogues::Trouble Rogues::TroubleOf(const Finding& f) {
  return {f.verdict, f.culprit.port, f.culprit.vlan, f.culprit.vrid, f.culprit.mac.bytes, f.culprit.source};
}

void Rogues::Record(const std::string& instance, const Occurrence& what, ControlTime t) {
  const ManagedInstance* about = context_.registry.Find(instance);
  context_.journal.Record(about == nullptr ? nullptr : &about->config, what, t.unix_ms);
}

// A fault that is not recorded when it begins is new again at the next look.
void Rogues::Follow(const std::vector<Finding>& findings, ControlTime t) {
  if (t.now - minute_began_ >= std::chrono::minutes(1)) {
    minute_began_ = t.now;
    recorded_ = 0;
  }
  size_t left_out = 0;
  Troubles now;
  for (const Finding& f : findings) {
    const VerdictKind kind = InfoOf(f.verdict).kind;
    if (kind == VerdictKind::kQuiet) continue;
    const Trouble trouble = TroubleOf(f);
    const bool is_new = !now.contains(trouble) && !troubles_.contains(trouble);
    const bool is_proved = f.key == KeyKnown::kRight || kind == VerdictKind::kOurs;
    if (is_new && !is_proved && recorded_ >= kRecordedAMinute) {
      ++left_out;
      continue;
    }
    now.emplace(trouble, f.instance);
    if (!is_new) continue;
    if (!is_proved) ++recorded_;
    Record(f.instance, FoundOf(f), t);
  }
  if (left_out > 0 && recorded_ == kRecordedAMinute) {
    ++recorded_;  // once in this minute
    context_.journal.Record(occurrence::RoguesLeftOut{left_out}, t.unix_ms);
  }
  RecordOver(now, t);
  if (!now.empty()) look_at_ = std::min(look_at_, t.now + kLookAgain);
  troubles_ = std::move(now);
}

void Rogues::RecordOver(const Troubles& now, ControlTime t) {
  for (const auto& [trouble, name] : troubles_) {
    if (now.contains(trouble)) continue;
    Record(name, OverOf(InfoOf(std::get<Verdict>(trouble)), std::get<IpAddress>(trouble)), t);
  }
}

}  // namespace dpvrrp
