// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/diagnose.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "control/rogues/diagnosis/judges.h"

namespace dpvrrp {
namespace diagnosis {

Finding& Findings::Add(Verdict verdict, Certainty certainty, const Speaker& s, const WatchedInstance* instance) {
  Finding& f = all.emplace_back();
  f.verdict = verdict;
  f.certainty = certainty;
  if (instance != nullptr) f.instance = instance->config->name;
  f.culprit = s.key;
  f.port = picture.PortName(s.key.port);
  f.priority = s.priority;
  f.key = KeyOf(s);
  f.rate = s.rate();
  f.since = s.first_seen;
  f.last_seen = s.last_seen;
  for (const uint32_t count : s.dropped) f.refused += count;
  const auto mac = ToString(s.key.mac);
  const auto address = ToString(s.key.source);
  f.mend = absl::StrReplaceAll(InfoOf(verdict).mend, {{"{address}", address},
                                                      {"{mac}", mac},
                                                      {"{port}", f.port},
                                                      {"{instance}", instance == nullptr ? "NAME" : f.instance}});
  return f;
}

Finding& Findings::AddOurs(Verdict verdict, Certainty certainty, PortId port, Instant since) {
  Finding& f = all.emplace_back();
  f.verdict = verdict;
  f.certainty = certainty;
  f.culprit.port = port;
  f.port = picture.PortName(port);
  f.since = since;
  f.last_seen = picture.now();
  f.mend = absl::StrReplaceAll(InfoOf(verdict).mend, {{"{port}", f.port}});
  return f;
}

Certainty Trusted(const Speaker& s) {
  return s.last_icv == IcvVerdict::kRight ? Certainty::kCertain : Certainty::kLikely;
}

bool IsRemarked(const Speaker& s, Remark remark) {
  return s.last_end == DropReason::kNone && s.last_remarks.Has(remark);
}

uint64_t Behind(const Speaker& s) { return s.sequence_known > s.sequence ? s.sequence_known - s.sequence : 0; }

}  // namespace diagnosis

KeyKnown KeyOf(const Speaker& s) {
  if (s.last_icv == IcvVerdict::kRight) return KeyKnown::kRight;
  if (s.last_icv == IcvVerdict::kWrong) return KeyKnown::kWrong;
  return s.has_ah ? KeyKnown::kUnknown : KeyKnown::kNone;
}

std::vector<Finding> Diagnose(const Observed& observed) {
  diagnosis::Findings f(observed);
  diagnosis::JudgeOurselves(f);
  for (const auto& [place, senders] : f.picture.senders()) {
    const WatchedInstance* instance = f.picture.InstanceAt(place);
    for (const Speaker* s : senders) {
      if (instance == nullptr) {
        JudgeStranger(f, *s);
      } else {
        JudgeSender(f, {*s, *instance, senders, s->recent()});
      }
    }
  }
  for (const WatchedInstance& instance : observed.instances) JudgeConflict(f, instance);
  std::stable_sort(f.all.begin(), f.all.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.verdict, a.certainty, a.since) < std::tie(b.verdict, b.certainty, b.since);
  });
  return std::move(f.all);
}

}  // namespace dpvrrp
