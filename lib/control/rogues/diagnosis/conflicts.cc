// SPDX-License-Identifier: BSD-3-Clause
//
// Another host claims a virtual address of ours by ARP or neighbour discovery while we are master. If that host is a
// gateway whose adverts do not reach us, the fault is our deafness; else the host has the address.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

bool IsAnyHeard(const Picture& picture, const WatchedInstance& instance) {
  const std::vector<const Speaker*>& there = picture.SendersAt(PlaceOf(instance, instance.config->vrid));
  return std::any_of(there.begin(), there.end(), [&](const Speaker* s) { return picture.IsHeard(*s, instance); });
}

// Its adverts do reach us and are refused: a verdict about that explains its claim.
bool IsRefusedLately(const Picture& picture, const WatchedInstance& instance) {
  const std::vector<const Speaker*>& there = picture.SendersAt(PlaceOf(instance, instance.config->vrid));
  return std::any_of(there.begin(), there.end(), [&](const Speaker* s) {
    return s->key.mac == instance.conflict_mac && s->last_end != DropReason::kNone &&
           picture.now() - s->last_seen <= kDiagnosedFor;
  });
}

}  // namespace

void JudgeConflict(Findings& findings, const WatchedInstance& instance) {
  const Picture& picture = findings.picture;
  if (instance.conflict_at == Instant{} || picture.now() - instance.conflict_at > kDiagnosedFor) return;
  const InstanceConfig& config = *instance.config;
  Speaker s;
  s.key = {instance.port, config.vlan, config.vrid, instance.conflict_mac, instance.conflict_address};
  s.first_seen = s.last_seen = instance.conflict_at;
  const bool is_virtual = instance.conflict_mac == VirtualMac(config.source_address.family(), config.vrid);
  const bool is_gateway = is_virtual || picture.KnowsMac(instance.port, config.vlan, instance.conflict_mac);
  const bool heard = IsAnyHeard(picture, instance);
  // At a takeover two gateways claim the address for a moment.
  constexpr int kIntervalsToYield = 4;
  const bool is_takeover = instance.conflict_at - instance.since < kIntervalsToYield * config.advertisement_interval;
  if (is_gateway && (is_takeover || IsRefusedLately(picture, instance))) return;
  const std::string claim = absl::StrCat(ToString(instance.conflict_mac), " on ", picture.PortName(instance.port),
                                         " claims ", ToString(instance.conflict_address));
  if (is_gateway && !heard && instance.state == State::kMaster) {
    Finding& f = findings.Add(Verdict::kWeHearNobody, Certainty::kLikely, s, &instance);
    f.key = KeyKnown::kNone;
    f.sentence = absl::StrCat(claim, ", and none of its adverts is accepted here: we are master at the same time");
    f.evidence.push_back(
        is_virtual ? absl::StrCat("that is the virtual MAC of VRID ", config.vrid.value(), ", which only a master uses")
                   : "adverts came from that MAC before");
    f.evidence.push_back(absl::StrCat("we have been master for ", TimeText(picture.now() - instance.since)));
    return;
  }
  Finding& f = findings.Add(Verdict::kAddressConflict, Certainty::kCertain, s, &instance);
  f.key = KeyKnown::kNone;
  f.sentence = absl::StrCat(claim, ", for which we are master");
  if (!heard) {
    f.evidence.push_back(
        "no other gateway is heard on the segment: it may also be a gateway whose adverts do not reach us");
  }
}

}  // namespace dpvrrp::diagnosis
