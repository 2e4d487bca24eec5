// SPDX-License-Identifier: BSD-3-Clause
//
// A sender whose adverts are refused: the reason leads to the judge. Which verdicts each reason may have is listed in
// reasons.h.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

bool JudgeAuthKind(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  Finding& f = findings.Add(Verdict::kWrongAuthKind, Certainty::kCertain, s, &c.instance);
  f.sentence = absl::StrCat(Name(s), " uses another kind of authentication than the one configured here");
  f.evidence.push_back(absl::StrCat("it sends ", s.has_ah ? "AH" : "no AH",
                                    s.has_trailer ? ", an auth_hmac trailer" : "", ", type field ", s.auth_type,
                                    "; refused as ", ToString(s.last_refusal)));
  if (s.last_refusal == DropReason::kBadSpi) {
    const uint32_t wanted = c.config().auth.spi;
    f.evidence.push_back(absl::StrFormat(
        "its SPI is 0x%08x; expected is %s", s.spi,
        wanted != 0 ? absl::StrFormat("0x%08x, our spi", wanted) : "its own IPv4 address, as keepalived sends it"));
  }
  return true;
}

bool JudgeVersion(Findings& findings, const Case& c) {
  Finding& f = findings.Add(Verdict::kVersionMismatch, Certainty::kCertain, c.s, &c.instance);
  f.sentence = absl::StrCat(Name(c.s), " uses VRRPv", c.s.version, " for VRID ", c.s.key.vrid.value(), ", we VRRPv",
                            static_cast<int>(c.config().version));
  return true;
}

bool JudgeTtl(Findings& findings, const Case& c) {
  Finding& f = findings.Add(Verdict::kTtlNot255, Certainty::kCertain, c.s, &c.instance);
  f.sentence = absl::StrCat(Name(c.s), " sends adverts that arrive with TTL ", c.s.ttl, " instead of 255");
  return true;
}

bool JudgeForm(Findings& findings, const Case& c) {
  const DropReasonInfo& reason = AllDropReasons()[static_cast<size_t>(c.s.last_refusal)];
  Finding& f = findings.Add(Verdict::kMalformed, Certainty::kCertain, c.s, &c.instance);
  f.sentence = absl::StrCat(Name(c.s), " sends adverts that are damaged or violate the format");
  f.evidence.push_back(absl::StrCat("refused as ", reason.name, ": ", reason.meaning));
  return true;
}

// Many of its adverts were not even verified. The few that were are the last that is remembered of it.
bool IsFlood(const Case& c) {
  constexpr uint32_t kMany = 100;
  return c.recent.refused > kMany && c.s.dropped[static_cast<size_t>(DropReason::kUnverified)] > kMany;
}

bool JudgeFlood(Findings& findings, const Case& c) {
  Finding& f = findings.Add(Verdict::kFlood, Certainty::kLikely, c.s, &c.instance);
  f.sentence = absl::StrCat("more adverts arrive in the name of ", ToString(c.s.key.source), " from ",
                            ToString(c.s.key.mac), " than a worker can verify");
  return true;
}

}  // namespace

bool JudgeRefusal(Findings& findings, const Case& c) {
  if (IsFlood(c)) return JudgeFlood(findings, c);
  const bool wrong = c.s.last_icv == IcvVerdict::kWrong;
  switch (c.s.last_refusal) {
    case DropReason::kBehindGroup:
      return wrong ? JudgeKey(findings, c) : JudgeStale(findings, c);
    case DropReason::kReplayed:
    case DropReason::kStale:
      return wrong ? JudgeKey(findings, c) : JudgeOldNumbers(findings, c);
    case DropReason::kExtReplay:
    case DropReason::kExtStale:
      return wrong ? JudgeKey(findings, c) : JudgeOldTrailer(findings, c);
    case DropReason::kBadIcv:
    case DropReason::kBadPassword:
    case DropReason::kExtInvalidHmac:
    case DropReason::kExtUnknownKey:
      return JudgeKey(findings, c);
    case DropReason::kAhLength:
      return JudgeIcvLength(findings, c);
    case DropReason::kBadLength:
      return c.s.has_trailer ? JudgeAuthKind(findings, c) : JudgeForm(findings, c);
    case DropReason::kAuthTypeMismatch:
    case DropReason::kInvalidAuthType:
    case DropReason::kExtMissing:
    case DropReason::kExtMalformed:
    case DropReason::kBadSpi:
      return JudgeAuthKind(findings, c);
    case DropReason::kIntervalMismatch:
      return JudgeInterval(findings, c);
    case DropReason::kBadVersion:
      return JudgeVersion(findings, c);
    case DropReason::kBadChecksum:
      return JudgeChecksum(findings, c);
    case DropReason::kBadTtl:
      return JudgeTtl(findings, c);
    case DropReason::kBadDestination:
    case DropReason::kUnknownPeer:
      return JudgeAddressing(findings, c);
    case DropReason::kUnlistedSender:
      return JudgeUnlisted(findings, c);
    case DropReason::kBlocked:
      return JudgeBlocked(findings, c);
    case DropReason::kBadSource:
      return JudgeSource(findings, c);
    case DropReason::kOwnerIgnores:
      return JudgeMasters(findings, c);
    case DropReason::kUnverified:
      return JudgeFlood(findings, c);
    case DropReason::kTruncated:
    case DropReason::kBadIpHeader:
    case DropReason::kBadIpChecksum:
    case DropReason::kFragment:
    case DropReason::kAhOptions:
    case DropReason::kBadType:
    case DropReason::kNoAddresses:
    case DropReason::kBadInterval:
      return JudgeForm(findings, c);
    default:
      return false;
  }
}

}  // namespace dpvrrp::diagnosis
