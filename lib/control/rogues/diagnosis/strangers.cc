// SPDX-License-Identifier: BSD-3-Clause
//
// Adverts on a segment where the VRID is not configured: our group in another VLAN, our addresses under another VRID,
// or another group.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

// "untagged on lan", "in VLAN 7 on lan"
std::string Where(const std::string& port, const VlanStack& vlan) {
  return vlan == VlanStack{} ? absl::StrCat("untagged on ", port)
                             : absl::StrCat("in VLAN ", ToString(vlan), " on ", port);
}

// The instance with the sender's VRID and one of its addresses on another segment; on the sender's port first.
const WatchedInstance* OnAnotherSegment(const Picture& picture, const Speaker& s) {
  const WatchedInstance* found = nullptr;
  for (const WatchedInstance* instance : picture.WithVrid(s.key.vrid, s.is_ipv6)) {
    if (s.address_count == 0 || HasNoneOfOurs(s, *instance->config)) continue;
    if (found == nullptr || (found->port != s.key.port && instance->port == s.key.port)) found = instance;
  }
  return found;
}

void AddVlanMismatch(Findings& findings, const Speaker& s, const WatchedInstance& instance) {
  const Picture& picture = findings.picture;
  const bool right = findings.trial.IsOurs(s, instance);
  Finding& f = findings.Add(Verdict::kVlanMismatch, right ? Certainty::kCertain : Certainty::kLikely, s, &instance);
  f.sentence = absl::StrCat(Name(s), " advertises our ", AddressesOf(s), " ", Where(f.port, s.key.vlan), ", we ",
                            Where(picture.PortName(instance.port), instance.config->vlan));
  if (right) {
    f.key = KeyKnown::kRight;
    f.evidence.push_back("its key is right, so it is a gateway of this group");
  }
  f.evidence.push_back(absl::StrCat("no adverts are heard from it ",
                                    Where(picture.PortName(instance.port), instance.config->vlan),
                                    instance.state == State::kMaster ? ", and we are master too" : ""));
}

void AddElsewhere(Findings& findings, const Speaker& s, const WatchedInstance& instance, bool in_both) {
  const bool by_mac = s.key.mac == VirtualMac(s.is_ipv6 ? Family::kIpv6 : Family::kIpv4, s.key.vrid);
  const Certainty certainty = by_mac || in_both ? Certainty::kCertain : Certainty::kLikely;
  Finding& f = findings.Add(Verdict::kVirtualMacElsewhere, certainty, s, &instance);
  f.sentence = absl::StrCat(Name(s), " advertises our ", AddressesOf(s), " on ", findings.picture.Segment(s),
                            ", where ", by_mac ? "the virtual MAC does" : "they do", " not belong: ours is ",
                            findings.picture.Segment(instance));
  if (in_both) f.evidence.push_back("it is heard on both segments, so they are bridged somewhere");
}

// Each VRID has its own master, and neither knows of the other.
void AddOtherVrid(Findings& findings, const Speaker& s, const WatchedInstance& instance) {
  const int ours = instance.config->vrid.value();
  Finding& f = findings.Add(Verdict::kVridMismatch, Certainty::kLikely, s, &instance);
  f.sentence = absl::StrCat(Name(s), " advertises our addresses under VRID ", s.key.vrid.value(), ", we under ", ours);
  f.evidence.push_back(absl::StrCat("it advertises ", AddressesOf(s), "; ours are ", AddressesOf(*instance.config)));
  f.evidence.push_back(instance.state == State::kMaster ? "we are master too, so both hold them"
                                                        : "we are not master at present");
  f.mend = absl::StrReplaceAll(f.mend, {{"{vrid}", absl::StrCat(s.key.vrid.value())}, {"{ours}", absl::StrCat(ours)}});
}

}  // namespace

bool JudgeElsewhere(Findings& findings, const Speaker& s) {
  const Picture& picture = findings.picture;
  const WatchedInstance* elsewhere = OnAnotherSegment(picture, s);
  if (elsewhere == nullptr) return false;
  const bool our_own = s.key.source == elsewhere->config->source_address;
  const bool in_both = our_own || picture.IsSourceHeard(s, *elsewhere);
  const bool same_port = elsewhere->port == s.key.port;
  if (same_port && !in_both) {
    AddVlanMismatch(findings, s, *elsewhere);
  } else {
    AddElsewhere(findings, s, *elsewhere, in_both);
  }
  return true;
}

void JudgeStranger(Findings& findings, const Speaker& s) {
  if (s.recent().frames < kEnough || JudgeElsewhere(findings, s)) return;
  const Picture& picture = findings.picture;
  const WatchedInstance* same = picture.WithAddressesOf(s);
  if (same != nullptr && picture.now() - s.last_seen > Picture::HeardWithin(s, *same)) return;  // it has moved away
  const bool moving = same != nullptr && picture.IsSourceHeard(s, *same);
  if (same != nullptr && !moving) return AddOtherVrid(findings, s, *same);
  Finding& f = findings.Add(Verdict::kUnconfiguredVrid, Certainty::kCertain, s, nullptr);
  f.sentence = absl::StrCat(Name(s), " advertises VRID ", s.key.vrid.value(), " on ", picture.Segment(s),
                            ", which is not configured here");
  f.evidence.push_back(absl::StrCat("its addresses: ", AddressesOf(s)));
  if (!moving) return;
  const int ours = same->config->vrid.value();
  f.evidence.push_back(absl::StrCat("it is heard with VRID ", ours, " too: the group moves from one to the other"));
  const std::string& name = same->config->name;
  f.mend = same->left_vrid == s.key.vrid
               ? absl::StrCat(name, " no longer uses this VRID; if that gateway is its peer: vrid finish there")
               : absl::StrCat("if that gateway is a peer of ", name, ": vrid migrate ", name, " ", s.key.vrid.value(),
                              " here too");
}

}  // namespace dpvrrp::diagnosis
