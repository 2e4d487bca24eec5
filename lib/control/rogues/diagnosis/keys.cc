// SPDX-License-Identifier: BSD-3-Clause
//
// Adverts that no accepted key verifies. What would verify them is tried, so that the finding names the cause.
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "config/keyring.h"
#include "control/journal/event_log.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"
#include "wire/ah.h"

namespace dpvrrp::diagnosis {
namespace {

std::string RuleName(IcvRule rule) { return rule == IcvRule::kKeepalived ? "keepalived" : "rfc4302"; }

Verdict VerdictOf(const KeyMatch& match) {
  switch (match.key) {
    case KeyMatch::Key::kShortened:
      return Verdict::kKeyShortened;
    case KeyMatch::Key::kOfAnother:
      return Verdict::kKeyOfAnother;
    case KeyMatch::Key::kOutOfTime:
      return Verdict::kKeyOutOfTime;
    case KeyMatch::Key::kOtherId:
      return Verdict::kKeyIdMismatch;
    case KeyMatch::Key::kOurs:
      break;
  }
  if (match.other_algorithm) return Verdict::kAlgorithmMismatch;
  return match.other_rule ? Verdict::kIcvRuleMismatch : Verdict::kWrongKey;
}

std::string SentenceOf(const Findings& findings, const Case& c, const KeyMatch& match) {
  const std::string name = Name(c.s);
  const AuthConfig& auth = c.config().auth;
  switch (VerdictOf(match)) {
    case Verdict::kKeyShortened:
      return absl::StrCat(name, " uses our key ", match.how);
    case Verdict::kKeyOfAnother:
      return absl::StrCat(name, " uses the key of ", match.owner, " for VRID ", c.s.key.vrid.value());
    case Verdict::kKeyIdMismatch:
      return absl::StrCat(name, " has our key ", match.id, " under the id ", c.s.trailer_key_id);
    case Verdict::kKeyOutOfTime: {
      const KeyConfig* key = nullptr;
      const auto ring = findings.picture.observed().keyrings.find(auth.keyring->name);
      if (ring != findings.picture.observed().keyrings.end()) key = FindKey(*ring->second, match.id);
      std::string when;
      if (key != nullptr && key->not_after) absl::StrAppend(&when, ", not_after ", FormatTime(*key->not_after * 1000));
      if (key != nullptr && key->not_before)
        absl::StrAppend(&when, ", not_before ", FormatTime(*key->not_before * 1000));
      return absl::StrCat(name, " signs with key ", match.id, " of keyring ", auth.keyring->name,
                          ", outside its validity period", when);
    }
    case Verdict::kAlgorithmMismatch:
      return absl::StrCat(name, " has our key, and authenticates with ", InfoOf(match.algorithm).name, ", we with ",
                          InfoOf(auth.algorithm).name);
    case Verdict::kIcvRuleMismatch:
      return absl::StrCat(
          name, " has our key, and computes the ICV by icv_rule \"", RuleName(match.rule), "\", we by \"",
          RuleName(match.rule == IcvRule::kKeepalived ? IcvRule::kRfc4302 : IcvRule::kKeepalived), "\"");
    default:
      return absl::StrCat(name, " does not have our key for VRID ", c.s.key.vrid.value());
  }
}

// False: the match names no cause.
bool AddMatch(Findings& findings, const Case& c, const KeyMatch& match) {
  const Verdict verdict = VerdictOf(match);
  if (verdict == Verdict::kWrongKey) return false;
  Finding& f = findings.Add(verdict, Certainty::kCertain, c.s, &c.instance);
  f.sentence = SentenceOf(findings, c, match);
  f.evidence.push_back(absl::StrCat("tried on an advert that was refused as ", ToString(c.s.last_refusal), ": its ",
                                    c.s.has_ah        ? "ICV"
                                    : c.s.has_trailer ? "HMAC"
                                                      : "password",
                                    " is right with it"));
  if (verdict != Verdict::kAlgorithmMismatch && match.other_algorithm) {
    f.evidence.push_back(absl::StrCat("its algorithm differs too: ", InfoOf(match.algorithm).name, ", ours is ",
                                      InfoOf(c.config().auth.algorithm).name));
  }
  if (verdict != Verdict::kIcvRuleMismatch && match.other_rule) {
    f.evidence.push_back(absl::StrCat("its icv_rule differs too: \"", RuleName(match.rule), "\""));
  }
  return true;
}

std::string IdsOf(const AuthConfig& auth) {
  return absl::StrJoin(auth.keyring->keys, ", ",
                       [](std::string* out, const KeyConfig& key) { absl::StrAppend(out, key.id); });
}

// "12 bytes (hmac-md5-96, hmac-sha1-96, aes-128-cmac-96)"; of an AH whose length no algorithm has, the bytes alone.
std::string LengthText(uint8_t ah_words, Family family) {
  std::vector<absl::string_view> names;
  size_t bytes = (size_t{ah_words} + 2) * 4 - sizeof(AhHeader);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    if (AhPayloadLen(row.icv_bytes, family) != ah_words) continue;
    names.push_back(row.name);
    bytes = row.icv_bytes;
  }
  return absl::StrCat(bytes, " bytes (", names.empty() ? "no algorithm that is known here" : absl::StrJoin(names, ", "),
                      ")");
}

}  // namespace

bool JudgeOneFrame(Findings& findings, const Case& c) {
  if (c.s.last_icv != IcvVerdict::kWrong && c.s.last_refusal != DropReason::kBadPassword) return false;
  const std::optional<KeyMatch> match = findings.trial.Try(c.s, c.instance);
  return match.has_value() && match->key != KeyMatch::Key::kOutOfTime && AddMatch(findings, c, *match);
}

bool JudgeKey(Findings& findings, const Case& c) {
  const std::optional<KeyMatch> match = findings.trial.Try(c.s, c.instance);
  if (match.has_value() && AddMatch(findings, c, *match)) return true;
  const bool gave_up = findings.trial.gave_up();
  Finding& f = findings.Add(Verdict::kWrongKey, Certainty::kCertain, c.s, &c.instance);
  f.sentence = absl::StrCat(Name(c.s), " does not have our key for VRID ", c.s.key.vrid.value());
  f.evidence.push_back(absl::StrCat("refused as ", ToString(c.s.last_refusal), "; it advertises ", AddressesOf(c.s)));
  if (c.s.last_refusal == DropReason::kExtUnknownKey) {
    f.evidence.push_back(absl::StrCat("its key id is ", c.s.trailer_key_id, "; ours are ", IdsOf(c.config().auth)));
  }
  if (c.s.sample.bytes != 0) {
    f.evidence.push_back(
        absl::StrCat("tried without success: our key by each algorithm and icv_rule, cut and quoted; keys of "
                     "other instances and keyrings",
                     gave_up ? " (not all: there are too many)" : ""));
  }
  return true;
}

// The length of the ICV shows the algorithm, or several of the same length.
bool JudgeIcvLength(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const AuthConfig& auth = c.config().auth;
  const Family family = s.is_ipv6 ? Family::kIpv6 : Family::kIpv4;
  const std::optional<KeyMatch> match = findings.trial.Try(s, c.instance);
  if (!match.has_value() || !AddMatch(findings, c, *match)) {
    Finding& f = findings.Add(Verdict::kAlgorithmMismatch, Certainty::kLikely, s, &c.instance);
    f.sentence = absl::StrCat(Name(s), " authenticates with another algorithm than ", InfoOf(auth.algorithm).name);
  }
  findings.all.back().evidence.push_back(absl::StrCat("its ICV has ", LengthText(s.ah_words, family), ", ours ",
                                                      InfoOf(auth.algorithm).icv_bytes, " (",
                                                      InfoOf(auth.algorithm).name, ")"));
  return true;
}

}  // namespace dpvrrp::diagnosis
