// SPDX-License-Identifier: BSD-3-Clause
//
// A sender at the place of an instance of ours: the order in which its faults are asked for, and those of adverts that
// are accepted.
#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "control/journal/event_log.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

bool Outranks(const Speaker& a, const Speaker& b) {
  return std::tie(a.priority, a.key.source) > std::tie(b.priority, b.key.source);
}

bool JudgeAddresses(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  if (c.recent.frames < kEnough) return false;
  const bool differ = s.last_refusal == DropReason::kAddressMismatch || IsRemarked(s, Remark::kAddressesDiffer);
  const bool none_of_ours = HasNoneOfOurs(s, c.config());
  if (!differ && !none_of_ours) return false;
  if (none_of_ours && JudgeElsewhere(findings, s))
    return true;  // two of our segments have the VRID, and it is in the wrong one
  const bool authentic = s.last_icv == IcvVerdict::kRight || (s.last_end == DropReason::kNone && !s.has_ah);
  const Verdict verdict = none_of_ours ? Verdict::kDuplicateVrid : Verdict::kVipListMismatch;
  Finding& f = findings.Add(verdict, authentic ? Certainty::kCertain : Certainty::kLikely, s, &c.instance);
  f.sentence = none_of_ours ? absl::StrCat(Name(s), " uses VRID ", s.key.vrid.value(), " for other addresses")
                            : absl::StrCat(Name(s), " advertises other addresses than we do");
  f.evidence.push_back(absl::StrCat("it advertises ", AddressesOf(s), "; ours are ", AddressesOf(c.config())));
  return true;
}

bool JudgeOwners(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const bool both = s.priority == kPriorityOwner && c.instance.priority == kPriorityOwner;
  if (!both || c.recent.frames < kEnough) return false;
  Finding& f = findings.Add(Verdict::kTwoOwners, Trusted(s), s, &c.instance);
  f.sentence = absl::StrCat(Name(s), " has priority 255 for VRID ", s.key.vrid.value(), ", and so have we");
  return true;
}

// A faulty frame proves nothing against the gateway that it names as its sender if that gateway's adverts are accepted:
// any machine can write these addresses.
void DoubtIfVouchedFor(Findings& findings, const Case& c) {
  Finding& f = findings.all.back();
  if (InfoOf(f.verdict).kind != VerdictKind::kRogue) return;
  // A replay from a MAC whose adverts were accepted before: to block that MAC may shut out the gateway.
  const bool was_accepted = f.verdict == Verdict::kReplay && c.s.accepted > 0;
  if (c.s.icv_right == 0 || (!was_accepted && !findings.picture.IsHeard(c.s, c.instance))) return;
  f.mend = absl::StrCat(
      "do not block the sender: that would exclude the gateway itself, and the faulty adverts are refused. If a key "
      "was just "
      "changed, ",
      "or a loop was closed, the fault is over; otherwise another machine sends in its name: find the switch ports "
      "where ",
      ToString(c.s.key.mac), " is learned");
  if (f.verdict == Verdict::kReplay) return;
  f.certainty = Certainty::kLikely;
  f.evidence.push_back(
      "adverts from the same addresses with the right key are accepted at the same time: another machine may send "
      "these in its "
      "name");
}

// By RFC 4302 a peer refuses our numbers for good if they went back. Nothing here proves that they did: a restored
// record is a good record.
void NoteOwnNumbers(Finding& f, const Observed& o, const Case& c) {
  const AuthConfig& auth = c.config().auth;
  if (auth.kind != AuthKind::kAh || auth.icv_rule != IcvRule::kRfc4302) return;
  std::string text = absl::StrCat("our sequence number is ", c.s.own_sent);
  const int64_t began = (o.unix_ms - (o.now - o.started) / std::chrono::milliseconds(1)) / 1000;
  if (c.instance.numbers_of > 0 && began > c.instance.numbers_of) {
    const Nanoseconds age = std::chrono::seconds(began - c.instance.numbers_of);
    absl::StrAppend(&text, ", and this run began with the numbers of ", FormatTime(c.instance.numbers_of * 1000), ", ",
                    TimeText(age), " before it");
  }
  f.evidence.push_back(absl::StrCat(
      text, ": if this gateway or its state directory was restored from a snapshot, the other one refuses our numbers ",
      "as used before (its verdict: numbers-went-back); restart_policy = \"readmit\" there accepts us again"));
}

// Accepted adverts with an unusual property.
bool JudgeAccepted(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  if (JudgeMasters(findings, c)) return true;
  if (IsRemarked(s, Remark::kIntervalDiffers) && s.interval != c.config().advertisement_interval) {
    return JudgeInterval(findings, c);
  }
  if (IsRemarked(s, Remark::kOtherChecksumRule)) return JudgeChecksum(findings, c);
  if (s.priority != c.instance.priority) return false;
  Finding& f = findings.Add(Verdict::kEqualPriorities, Trusted(s), s, &c.instance);
  f.sentence =
      absl::StrCat(Name(s), " has priority ", s.priority.value(), " for VRID ", s.key.vrid.value(), ", as we have");
  return true;
}

}  // namespace

void JudgeSender(Findings& findings, const Case& c) {
  if (JudgeEcho(findings, c)) return;
  if (JudgeAddresses(findings, c)) return;
  if (JudgeOwners(findings, c)) return;
  if (JudgeCopies(findings, c)) return;
  if (c.recent.refused >= kEnough && JudgeRefusal(findings, c)) return DoubtIfVouchedFor(findings, c);
  if (c.recent.refused == 1 && JudgeOneFrame(findings, c)) return DoubtIfVouchedFor(findings, c);
  if (c.recent.accepted >= kEnough) JudgeAccepted(findings, c);
}

bool JudgeInterval(Findings& findings, const Case& c) {
  Finding& f = findings.Add(Verdict::kIntervalMismatch, Trusted(c.s), c.s, &c.instance);
  const auto ms = [](Nanoseconds d) { return d / std::chrono::milliseconds(1); };
  f.sentence = absl::StrCat(Name(c.s), " advertises every ", ms(c.s.interval), " ms, we every ",
                            ms(c.config().advertisement_interval), " ms");
  return true;
}

bool JudgeChecksum(Findings& findings, const Case& c) {
  Finding& f = findings.Add(Verdict::kChecksumMismatch, Certainty::kCertain, c.s, &c.instance);
  f.sentence = absl::StrCat(Name(c.s), c.s.last_end == DropReason::kBadChecksum
                                           ? " sends adverts whose checksum is wrong by every rule"
                                           : " computes its checksum by another rule than the one configured here");
  return true;
}

// A master is silent once it has heard a better one; some intervals are left for that.
bool JudgeMasters(Findings& findings, const Case& c) {
  constexpr int kIntervalsToYield = 4;
  const Speaker& s = c.s;
  const Instant now = findings.picture.now();
  const Nanoseconds interval = std::max(s.interval, c.config().advertisement_interval);
  // An owner accepts no advert (RFC 3768 7.1): its refusals, too, show that the sender continues.
  const bool owner_ignores = s.last_refusal == DropReason::kOwnerIgnores && c.recent.refused >= 3 &&
                             now - s.last_seen <= 2 * interval && s.priority != kPriorityRelease;
  const Instant last = owner_ignores ? s.last_seen : c.recent.last_accepted;
  if (!owner_ignores && !findings.picture.GoesOn(s, c.instance)) return false;
  if (last - c.instance.since < kIntervalsToYield * interval) return false;
  if (c.instance.state == State::kMaster) {
    Finding& f = findings.Add(Verdict::kNobodyHearsUs, Trusted(s), s, &c.instance);
    f.sentence = absl::StrCat(Name(s), " stays master at the same time: it does not hear us");
    f.evidence.push_back(absl::StrCat("its priority is ", s.priority.value(), ", ours ", c.instance.priority.value(),
                                      "; we have been master for ", TimeText(now - c.instance.since)));
    NoteOwnNumbers(f, findings.picture.observed(), c);
    return true;
  }
  for (const Speaker* other : c.others) {
    const bool yields = other == &s || other->key.source == s.key.source ||
                        !findings.picture.GoesOn(*other, c.instance) || !Outranks(*other, s);
    if (yields || c.recent.from + kIntervalsToYield * interval > now ||
        other->recent().from + kIntervalsToYield * interval > now) {
      continue;
    }
    Finding& f = findings.Add(Verdict::kTwoMasters, Trusted(s), s, &c.instance);
    f.sentence = absl::StrCat(Name(s), " and ", Name(*other), " are both master of VRID ", s.key.vrid.value());
    f.evidence.push_back(absl::StrCat("priority ", s.priority.value(), " should give way to ", other->priority.value(),
                                      "; we are backup"));
    return true;
  }
  return false;
}

}  // namespace dpvrrp::diagnosis
