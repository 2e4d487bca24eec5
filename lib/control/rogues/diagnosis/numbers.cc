// SPDX-License-Identifier: BSD-3-Clause
//
// Adverts whose sequence number or time is refused although the key is right. The ordinary causes come first: the
// network doubles frames, a clock is wrong, a gateway was restarted or restored. A replay is what is left.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

// A gateway that begins anew counts from 1. Its first adverts may be missed while its link comes up.
constexpr uint64_t kBeginsAnew = 10;

// An advert that was accepted since the sender's numbers went back: the numbers before it were not given up.
bool IsAcceptedSinceItFell(const Speaker& s) {
  return s.recent().accepted > 0 && s.recent().falls > 0 && s.recent().last_accepted >= s.course.fell_at;
}

// Whether adverts of the same source are accepted at the same time, be it from this MAC or another.
bool IsTheRealOneHeard(const Case& c) {
  return std::any_of(c.others.begin(), c.others.end(), [&](const Speaker* other) {
    if (other->key.source != c.s.key.source || other->recent().accepted == 0) return false;
    return other != &c.s || IsAcceptedSinceItFell(*other);
  });
}

bool IsAtItsPace(const Case& c) {
  const double interval = std::chrono::duration<double>(c.config().advertisement_interval).count();
  const double adverts = c.s.rate() * interval;
  return adverts > 0.5 && adverts < 1.5;
}

// One counter that rises at its pace since it went back.
void AddWentBack(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const NumberCourse& course = s.course;
  const uint64_t from = course.fell_from != 0 ? course.fell_from : s.sequence_known;
  if (course.first <= kBeginsAnew) {
    Finding& f = findings.Add(Verdict::kRestartedPeer, Certainty::kLikely, s, &c.instance);
    f.sentence =
        absl::StrCat(Name(s), " counts from ", course.first, " again: it was restarted, and restart_policy refuses it");
    f.evidence.push_back(
        absl::StrCat("its numbers rise by one for each interval, ", Behind(s), " behind what was heard"));
    return;
  }
  const uint64_t missing = from > course.last ? from - course.last : 0;
  Finding& f = findings.Add(Verdict::kNumbersWentBack, Certainty::kLikely, s, &c.instance);
  f.sentence = absl::StrCat(Name(s), " had reached number ", from, " and continues from ", course.first, ", ",
                            from - std::min(from, course.first), " back: it was restored from a snapshot or a backup");
  f.evidence.push_back(absl::StrCat("its numbers rise by one for each interval and are at ", course.last, "; in ",
                                    TimeText(static_cast<int64_t>(missing) * c.config().advertisement_interval),
                                    " they pass the old ones"));
}

double SecondsOf(uint64_t trailer_number) { return static_cast<double>(trailer_number >> 16) / 65536.0; }

// How far the sender's clock is ahead of ours, in seconds, by its last advert.
double ClockOffset(const Observed& o, const Speaker& s) {
  const double ago = std::chrono::duration<double>(o.now - s.last_seen).count();
  const double ours = std::fmod(static_cast<double>(o.unix_ms) / 1000.0 - ago, 4294967296.0);
  const double offset = SecondsOf(s.course.last) - ours;
  if (offset > 2147483648.0) return offset - 4294967296.0;
  return offset < -2147483648.0 ? offset + 4294967296.0 : offset;
}

// Whether the numbers advance as much as the time between the adverts: then they come from a clock.
bool MovesWithTime(const Speaker& s) {
  const double passed = std::chrono::duration<double>(s.last_seen - s.course.since).count();
  const double moved = SecondsOf(s.course.last) - SecondsOf(s.course.first);
  return s.course.rises >= 1 && passed > 0 && std::abs(moved - passed) <= std::max(0.2, 0.1 * passed);
}

// Other senders whose clock differs from ours by the same time: then ours is wrong.
size_t WithTheSameOffset(const Observed& o, const Speaker& s, double offset) {
  size_t count = 0;
  for (const Speaker& other : o.speakers) {
    if (!other.has_trailer || other.key.source == s.key.source || o.now - other.last_seen > kDiagnosedFor) continue;
    if (other.last_end != DropReason::kExtStale || std::abs(ClockOffset(o, other) - offset) > 2) continue;
    ++count;
  }
  return count;
}

void AddClockSkew(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const double offset = ClockOffset(findings.picture.observed(), s);
  const size_t alike = WithTheSameOffset(findings.picture.observed(), s, offset);
  Finding& f = findings.Add(Verdict::kClockSkew, Certainty::kLikely, s, &c.instance);
  f.sentence = absl::StrFormat("the clock of %s is %.1f s %s ours", Name(s), std::abs(offset),
                               offset < 0 ? "behind" : "ahead of");
  if (s.last_icv == IcvVerdict::kRight) f.evidence.push_back("its key is right, and its numbers move with the time");
  if (s.last_refusal == DropReason::kExtReplay && s.course.fell_from > s.course.last) {
    f.evidence.push_back(
        absl::StrFormat("it was set back: its adverts were %.1f s ahead of now, and are accepted again at that time",
                        SecondsOf(s.course.fell_from) - SecondsOf(s.course.last)));
  }
  if (alike > 0) {
    f.evidence.push_back(absl::StrCat("the clocks of ", alike, " other ",
                                      alike == 1 ? "gateway differs" : "gateways differ",
                                      " from ours by the same time: ours is probably wrong"));
  }
}

}  // namespace

// Every advert arrives several times, at once and from one MAC. Another fault of the sender explains more.
bool JudgeCopies(Findings& findings, const Case& c) {
  const Speaker::Window& w = c.recent;
  const bool systematic = w.copies >= kEnough && w.copies * 10 >= w.frames * 4;
  if (!systematic || w.refused > w.copies + 1) return false;
  if (w.accepted >= kEnough && JudgeMasters(findings, c)) return true;
  Finding& f = findings.Add(Verdict::kDoubled, Certainty::kCertain, c.s, &c.instance);
  f.sentence =
      absl::StrCat("each advert of ", Name(c.s), " arrives ", w.copies * 10 > w.frames * 6 ? "several times" : "twice");
  f.evidence.push_back(absl::StrCat(w.copies, " of ", w.frames, " recent adverts repeat the one before within ",
                                    Speaker::kCopyWithin / std::chrono::milliseconds(1), " ms, from the same MAC"));
  return true;
}

bool JudgeStale(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const bool rising = c.recent.rises >= c.recent.falls;
  const bool sure = s.last_icv == IcvVerdict::kRight && rising;
  Finding& f = findings.Add(Verdict::kStaleGateway, sure ? Certainty::kCertain : Certainty::kLikely, s, &c.instance);
  f.sentence = absl::StrCat(Name(s), " is a gateway of this group that does not hear it");
  f.evidence.push_back(absl::StrCat("its sequence number, ", s.sequence, ", is ", Behind(s),
                                    " behind the group's and rises on its own, so it hears no other gateway"));
  f.evidence.push_back(absl::StrCat("it advertises as master with priority ", s.priority.value()));
  return true;
}

bool JudgeOldNumbers(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const bool real_one_lives = IsTheRealOneHeard(c);
  if (!real_one_lives && c.recent.falls <= 1 && c.recent.rises >= 1 && IsAtItsPace(c)) {
    AddWentBack(findings, c);
    return true;
  }
  const Certainty certainty = s.last_icv == IcvVerdict::kRight ? Certainty::kCertain : Certainty::kLikely;
  Finding& f = findings.Add(Verdict::kReplay, certainty, s, &c.instance);
  f.sentence = absl::StrCat("adverts of ", ToString(s.key.source), " are sent again from ", ToString(s.key.mac));
  // The last number that is remembered may be one that was accepted.
  f.evidence.push_back(
      absl::StrCat(s.last_end == DropReason::kNone
                       ? absl::StrCat(c.recent.refused, " recent adverts had a number that was used before")
                       : absl::StrCat("sequence number ", s.sequence, " was used before; ", Behind(s), " behind"),
                   real_one_lives ? "; the sender itself is heard at the same time" : ""));
  return true;
}

bool JudgeOldTrailer(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  if (!IsTheRealOneHeard(c) && MovesWithTime(s)) {
    AddClockSkew(findings, c);
    return true;
  }
  Finding& f = findings.Add(Verdict::kReplay, Certainty::kLikely, s, &c.instance);
  const bool by_time = s.last_refusal == DropReason::kExtStale;
  f.sentence = absl::StrCat("adverts of ", ToString(s.key.source), " from ", ToString(s.key.mac),
                            by_time ? " have a time too far from now" : " have a number that was used before");
  f.evidence.push_back(by_time ? "their time does not advance like a clock, so they are old"
                               : "the number is not greater than the last one");
  return true;
}

}  // namespace dpvrrp::diagnosis
