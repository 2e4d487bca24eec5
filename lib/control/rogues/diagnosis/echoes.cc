// SPDX-License-Identifier: BSD-3-Clause
//
// Adverts with our own source address: our own that come back, or those of another gateway that has our address.
#include "absl/strings/str_cat.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

// The evidence that another gateway sent an advert with our address; empty if there is none.
struct OfAnother {
  std::vector<std::string> evidence;
  bool is_proof = false;  // given the right key
};

OfAnother TellsOfAnother(const Findings& findings, const Case& c, bool our_mac) {
  const Speaker& s = c.s;
  OfAnother out;
  const bool has_number = s.has_ah || s.has_trailer;
  if (has_number && s.course.last > s.own_sent) {
    out.evidence.push_back(
        absl::StrCat("its number ", s.course.last, " is one that we have not sent: our last is ", s.own_sent));
    out.is_proof = true;
  }
  if (!our_mac) {
    out.evidence.push_back(
        absl::StrCat("it comes from the MAC ", ToString(s.key.mac), ", ours is ", ToString(c.instance.port_mac)));
  }
  if (s.said_priority != c.instance.priority && s.said_priority != kPriorityRelease) {
    out.evidence.push_back(
        absl::StrCat("it has priority ", s.said_priority.value(), ", we have ", c.instance.priority.value()));
  }
  const Nanoseconds quiet_for = s.last_seen - c.instance.since;
  if (c.instance.state != State::kMaster && quiet_for > 2 * c.config().advertisement_interval &&
      findings.picture.now() - s.last_seen < kDiagnosedFor) {
    out.evidence.push_back("we are not master and send nothing");
  }
  return out;
}

}  // namespace

bool JudgeEcho(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  if (s.last_refusal != DropReason::kOwnEcho || c.recent.refused < kEnough) return false;
  const bool our_mac = s.key.mac == c.instance.port_mac || (c.config().source_mac == SourceMac::kVirtual &&
                                                            s.key.mac == VirtualMac(s.key.source.family(), s.key.vrid));
  OfAnother another = TellsOfAnother(findings, c, our_mac);
  if (another.evidence.empty()) {
    Finding& f = findings.Add(Verdict::kOwnFramesLooped, Certainty::kCertain, s, &c.instance);
    f.sentence = absl::StrCat("we receive adverts with our own address ", ToString(s.key.source));
    return true;
  }
  const bool right = findings.trial.IsOurs(s, c.instance);
  const Certainty certainty = right && another.is_proof ? Certainty::kCertain : Certainty::kLikely;
  Finding& f = findings.Add(Verdict::kSourceAddressTaken, certainty, s, &c.instance);
  f.sentence = absl::StrCat("another gateway at ", ToString(s.key.mac), " advertises with our own address ",
                            ToString(s.key.source));
  if (right) f.key = KeyKnown::kRight;
  f.evidence = std::move(another.evidence);
  if (right)
    f.evidence.push_back("its key is right: it has a copy of our configuration, or we sent the advert earlier");
  return true;
}

}  // namespace dpvrrp::diagnosis
