// SPDX-License-Identifier: BSD-3-Clause
//
// Where adverts are sent from and to, and which senders are allowed: multicast against unicast, peers that are not
// listed, senders that are shut out by our own configuration.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

std::string PeersOf(const InstanceConfig& c) {
  return absl::StrJoin(c.unicast_peers, ", ",
                       [](std::string* out, const UnicastPeer& peer) { absl::StrAppend(out, ToString(peer.address)); });
}

IpAddress GroupOf(const InstanceConfig& c) {
  return c.group.IsUnspecified() ? VrrpGroup(c.source_address.family()) : c.group;
}

// "multicast to 224.0.0.18", "unicast to 10.99.0.2 (our address)"
std::string WhereTo(const IpAddress& to, const InstanceConfig& c) {
  if (to.IsMulticast()) return absl::StrCat("multicast to ", ToString(to));
  return absl::StrCat("unicast to ", ToString(to), to == c.source_address ? " (our address)" : " (not our address)");
}

std::string WhatWeDo(const InstanceConfig& c) {
  if (c.unicast_peers.empty()) return absl::StrCat("multicast to ", ToString(GroupOf(c)));
  return absl::StrCat("unicast to ", PeersOf(c));
}

void NoteSilentPeers(Finding& f, const Findings& findings, const Case& c) {
  std::vector<std::string> silent;
  for (const UnicastPeer& peer : c.config().unicast_peers) {
    const bool heard = std::any_of(c.others.begin(), c.others.end(), [&](const Speaker* s) {
      return s->key.source == peer.address && findings.picture.IsHeard(*s, c.instance);
    });
    if (!heard) silent.push_back(ToString(peer.address));
  }
  if (!silent.empty()) {
    f.evidence.push_back(
        absl::StrCat("no adverts are heard from ", absl::StrJoin(silent, ", "), " in our unicast_peers"));
  }
}

}  // namespace

bool JudgeAddressing(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  const InstanceConfig& config = c.config();
  const IpAddress ours = config.source_address;
  const bool unicast_here = !config.unicast_peers.empty();
  const bool is_for_us = s.destination.IsMulticast() || s.destination == ours;
  const Certainty certainty = is_for_us ? Certainty::kCertain : Certainty::kLikely;
  Finding& f = findings.Add(Verdict::kAddressingMismatch, certainty, s, &c.instance);
  const std::string address = ToString(s.key.source);
  if (unicast_here && s.destination == ours) {
    f.sentence = absl::StrCat(Name(s), " sends its adverts to us and is not in our unicast_peers");
    f.evidence.push_back(absl::StrCat("our unicast_peers are ", PeersOf(config)));
    f.mend = absl::StrCat("if it is a gateway of this group: put ", address, " into unicast_peers of ", config.name,
                          ", or make it send from the listed address (source_address; keepalived: unicast_src_ip)");
  } else {
    f.sentence =
        absl::StrCat(Name(s), " sends its adverts by ", WhereTo(s.destination, config), ", we by ", WhatWeDo(config));
    if (!s.destination.IsMulticast() && !unicast_here) {
      f.mend = absl::StrCat("make it the same on both sides: unicast_peers = [\"", address, "\"] in ", config.name,
                            " here, or multicast there (keepalived: no unicast_peer)");
    } else if (s.destination.IsMulticast() && unicast_here) {
      f.mend =
          absl::StrCat("make it the same on both sides: no unicast_peers in ", config.name, " here, or our address ",
                       ToString(ours), " in the unicast_peers there (keepalived: ", "unicast_peer)");
    }
  }
  f.evidence.push_back(absl::StrCat("its adverts are refused as ", ToString(s.last_refusal),
                                    c.instance.state == State::kMaster ? "; we are master too" : ""));
  if (unicast_here) NoteSilentPeers(f, findings, c);
  return true;
}

bool JudgeUnlisted(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  if (HasKeys(c.config().auth.kind) && !findings.trial.IsOurs(s, c.instance)) return JudgeKey(findings, c);
  Finding& f = findings.Add(Verdict::kUnlistedSender, Certainty::kLikely, s, &c.instance);
  f.sentence = absl::StrCat(Name(s), " is not in allowed_senders of ", f.instance);
  if (HasKeys(c.config().auth.kind)) {
    f.key = KeyKnown::kRight;
    f.evidence.push_back("its key is right");
  }
  return true;
}

bool JudgeBlocked(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  Finding& f = findings.Add(Verdict::kBlockedSender, Certainty::kCertain, s, &c.instance);
  f.sentence = absl::StrCat(Name(s), " is blocked and still advertises");
  if (findings.trial.IsOurs(s, c.instance)) {
    f.key = KeyKnown::kRight;
    f.evidence.push_back("its key is right: it may be a gateway of this group");
  }
  return true;
}

bool JudgeSource(Findings& findings, const Case& c) {
  const Speaker& s = c.s;
  Finding& f = findings.Add(Verdict::kBadSourceAddress, Certainty::kCertain, s, &c.instance);
  f.sentence = absl::StrCat("adverts come from ", ToString(s.key.source), " at ", ToString(s.key.mac));
  f.evidence.push_back(s.is_ipv6 ? "over IPv6 they must come from a link-local address (RFC 9568 5.1.2.1)"
                                 : "it must be the address of one host, not unspecified, broadcast or multicast");
  return true;
}

}  // namespace dpvrrp::diagnosis
