// SPDX-License-Identifier: BSD-3-Clause
//
// The judges. Each looks for one family of faults. A judge of a sender answers whether it found one, and then no other
// judge is asked: a finding names the first fault that holds. Ordinary causes (the network, a configuration, a clock, a
// restored snapshot) are asked before an attack.
//
// Thread: any (pure; KeyTrial computes MACs).
#pragma once

#include <string>
#include <vector>

#include "control/rogues/diagnose.h"
#include "control/rogues/diagnosis/key_trial.h"
#include "control/rogues/diagnosis/picture.h"

namespace dpvrrp::diagnosis {

class Findings {
 public:
  explicit Findings(const Observed& observed) : picture(observed), trial(observed) {}

  // `instance` null: none of ours. The mend of the verdict's row is filled in.
  Finding& Add(Verdict verdict, Certainty certainty, const Speaker& speaker, const WatchedInstance* instance);
  // About ourselves, on this port.
  Finding& AddOurs(Verdict verdict, Certainty certainty, PortId port, Instant since);

  Picture picture;
  KeyTrial trial;
  std::vector<Finding> all;
};

// Certain if the sender has proved to have the key; else it may have made up all that it says.
Certainty Trusted(const Speaker& speaker);
// Whether the last frame was accepted with this remark.
bool IsRemarked(const Speaker& speaker, Remark remark);
// How far the sender's AH number is behind the group's.
uint64_t Behind(const Speaker& speaker);

// peers.cc: any sender at an instance's place.
void JudgeSender(Findings& f, const Case& c);
bool JudgeMasters(Findings& f, const Case& c);
bool JudgeInterval(Findings& f, const Case& c);
bool JudgeChecksum(Findings& f, const Case& c);
// refusals.cc: a sender whose adverts are refused.
bool JudgeRefusal(Findings& f, const Case& c);
// echoes.cc: adverts with our own source address.
bool JudgeEcho(Findings& f, const Case& c);
// numbers.cc: adverts whose sequence number or time is refused, and copies.
bool JudgeCopies(Findings& f, const Case& c);
bool JudgeStale(Findings& f, const Case& c);
bool JudgeOldNumbers(Findings& f, const Case& c);
bool JudgeOldTrailer(Findings& f, const Case& c);
// keys.cc: adverts that no accepted key verifies.
bool JudgeKey(Findings& f, const Case& c);
// As JudgeKey, for a sender of which one refused advert was seen. There is a finding only if a tried key or rule
// verifies that advert. A key outside its validity period is no finding: during a rekeying one such advert is normal.
bool JudgeOneFrame(Findings& f, const Case& c);
bool JudgeIcvLength(Findings& f, const Case& c);
// addressing.cc: where adverts are sent from and to, and which senders are allowed.
bool JudgeAddressing(Findings& f, const Case& c);
bool JudgeUnlisted(Findings& f, const Case& c);
bool JudgeBlocked(Findings& f, const Case& c);
bool JudgeSource(Findings& f, const Case& c);
// strangers.cc: a sender at a place where the VRID is not ours.
void JudgeStranger(Findings& f, const Speaker& speaker);
// Whether it is the group of an instance of ours on another segment.
bool JudgeElsewhere(Findings& f, const Speaker& speaker);
// conflicts.cc: another host claims an address of ours while we are master.
void JudgeConflict(Findings& f, const WatchedInstance& instance);
// ourselves.cc: what is wrong with this gateway.
void JudgeOurselves(Findings& f);

}  // namespace dpvrrp::diagnosis
