// SPDX-License-Identifier: BSD-3-Clause
#include "control/diagnose.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "control/speaker_text.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kEnough = 2;  // refused adverts before anything is said

using Place = std::tuple<PortId, uint16_t, uint16_t, bool, Vrid>;
Place PlaceOf(const Speaker& s) { return {s.key.port, s.key.vlan.outer, s.key.vlan.inner, s.is_ipv6, s.key.vrid}; }
Place PlaceOf(const WatchedInstance& i, Vrid vrid) {
  const InstanceConfig& c = *i.config;
  return {i.port, c.vlan.outer, c.vlan.inner, c.source_address.family() == Family::kIpv6, vrid};
}

bool HasNoneOfOurs(const Speaker& s, const InstanceConfig& c) {
  const size_t kept = std::min<size_t>(s.address_count, Speaker::kKeptAddresses);
  if (kept == 0) return false;
  return std::none_of(s.addresses.begin(), s.addresses.begin() + kept, [&](const IpAddress& a) {
    return std::any_of(c.virtual_addresses.begin(), c.virtual_addresses.end(),
                       [&](const VirtualAddress& ours) { return ours.prefix.address == a; });
  });
}

bool Outranks(const Speaker& a, const Speaker& b) {
  return std::tie(a.priority, a.key.source) > std::tie(b.priority, b.key.source);
}

class Judge {
 public:
  explicit Judge(const Observed& observed) : o_(observed) {
    for (const WatchedInstance& instance : o_.instances) {
      instances_[PlaceOf(instance, instance.config->vrid)] = &instance;
      if (instance.next_vrid != Vrid(0)) instances_[PlaceOf(instance, instance.next_vrid)] = &instance;
    }
    for (const Speaker& s : o_.speakers) {
      if (o_.now - s.last_seen <= kDiagnosedFor) by_place_[PlaceOf(s)].push_back(&s);
    }
  }

  std::vector<Finding> Run() {
    for (const auto& [place, speakers] : by_place_) {
      const auto instance = instances_.find(place);
      for (const Speaker* s : speakers) {
        if (instance == instances_.end()) {
          JudgeStranger(*s);
        } else {
          JudgeSpeaker(*s, *instance->second, speakers);
        }
      }
    }
    for (const WatchedInstance& instance : o_.instances) JudgeConflict(instance);
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return std::tie(a.verdict, a.certainty, a.since) < std::tie(b.verdict, b.certainty, b.since);
    });
    return std::move(findings_);
  }

 private:
  // What is wrong with a speaker is said once: by the first of these that holds.
  void JudgeSpeaker(const Speaker& s, const WatchedInstance& instance, const std::vector<const Speaker*>& others) {
    const Speaker::Window recent = s.recent();
    if (JudgeEcho(s, instance, recent)) return;
    if (JudgeAddresses(s, instance, recent)) return;
    if (JudgeOwners(s, instance, recent)) return;
    if (recent.refused >= kEnough && JudgeRefusal(s, instance, recent, others)) {
      DoubtIfVouchedFor(s, instance);
      return;
    }
    if (recent.accepted >= kEnough && JudgeAccepted(s, instance, recent, others)) return;
  }

  // A faulty frame proves nothing against addresses that anybody can write, of a gateway whose adverts are accepted.
  void DoubtIfVouchedFor(const Speaker& s, const WatchedInstance& instance) {
    if (s.icv_right == 0 || !IsHeard(s, instance)) return;
    Finding& f = findings_.back();
    f.mend = absl::StrCat(
        "no sender block: it would shut out the gateway itself, and what is wrong is refused. If a key has just been ",
        "changed, or a loop closed, it is over; else somebody sends in its name: find the switch ports where ",
        ToString(s.key.mac), " is learned");
    if (f.verdict == Verdict::kReplay) return;
    f.certainty = Certainty::kLikely;
    f.evidence.push_back(
        "adverts of the same addresses with the right key are accepted meanwhile: somebody else may "
        "send these in its name");
  }

  static Nanoseconds HeardWithin(const Speaker& s, const WatchedInstance& instance) {
    return 3 * std::max(s.interval, instance.config->advertisement_interval);
  }
  // Its adverts are accepted at present.
  bool IsHeard(const Speaker& s, const WatchedInstance& instance) const {
    return s.recent().accepted > 0 && o_.now - s.recent().last_accepted <= HeardWithin(s, instance);
  }

  bool JudgeEcho(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent) {
    if (s.last_refusal != DropReason::kOwnEcho || recent.refused < kEnough) return false;
    const bool our_mac = s.key.mac == instance.port_mac || s.key.mac == VirtualMac(s.key.source.family(), s.key.vrid);
    Finding& f = Add(Verdict::kOwnFramesLooped, our_mac ? Certainty::kCertain : Certainty::kLikely, s, &instance);
    f.sentence = absl::StrCat("adverts with our own address ", ToString(s.key.source), " come back to us",
                              our_mac ? "" : absl::StrCat(" from another MAC, ", ToString(s.key.mac)));
    return true;
  }

  bool JudgeAddresses(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent) {
    if (recent.frames < kEnough) return false;
    const bool differ = s.last_refusal == DropReason::kAddressMismatch || Remarked(s, Remark::kAddressesDiffer);
    const bool none_of_ours = HasNoneOfOurs(s, *instance.config);
    if (!differ && !none_of_ours) return false;
    const bool authentic = s.last_icv == IcvVerdict::kRight || (s.last_end == DropReason::kNone && !s.has_ah);
    const Verdict verdict = none_of_ours ? Verdict::kDuplicateVrid : Verdict::kVipListMismatch;
    Finding& f = Add(verdict, authentic ? Certainty::kCertain : Certainty::kLikely, s, &instance);
    f.sentence = none_of_ours ? absl::StrCat(Name(s), " uses VRID ", s.key.vrid.value(), " for other addresses")
                              : absl::StrCat(Name(s), " advertises other addresses than we");
    f.evidence.push_back(absl::StrCat("it advertises ", Addresses(s), "; ours are ", Addresses(*instance.config)));
    return true;
  }

  bool JudgeOwners(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent) {
    if (s.priority != kPriorityOwner || instance.priority != kPriorityOwner || recent.frames < kEnough) return false;
    Finding& f = Add(Verdict::kTwoOwners, Trusted(s), s, &instance);
    f.sentence = absl::StrCat(Name(s), " has priority 255 for VRID ", s.key.vrid.value(), ", and so have we");
    return true;
  }

  bool JudgeRefusal(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent,
                    const std::vector<const Speaker*>& others) {
    switch (s.last_refusal) {
      case DropReason::kBehindGroup:
        return s.last_icv == IcvVerdict::kWrong ? JudgeKey(s, instance) : JudgeStale(s, instance, recent);
      case DropReason::kReplayed:
      case DropReason::kStale:
        return s.last_icv == IcvVerdict::kWrong ? JudgeKey(s, instance) : JudgeOldNumbers(s, instance, recent, others);
      case DropReason::kExtReplay:
      case DropReason::kExtStale:
        return s.last_icv == IcvVerdict::kWrong ? JudgeKey(s, instance) : JudgeOldTrailer(s, instance);
      case DropReason::kBadIcv:
      case DropReason::kBadPassword:
      case DropReason::kExtInvalidHmac:
      case DropReason::kExtUnknownKey:
        return JudgeKey(s, instance);
      case DropReason::kBadLength:
        if (!s.has_trailer) return false;
        [[fallthrough]];
      case DropReason::kAuthTypeMismatch:
      case DropReason::kInvalidAuthType:
      case DropReason::kExtMissing:
      case DropReason::kExtMalformed:
      case DropReason::kAhLength:
      case DropReason::kBadSpi: {
        Finding& f = Add(Verdict::kWrongAuthKind, Certainty::kCertain, s, &instance);
        f.sentence = absl::StrCat(Name(s), " authenticates its adverts in another way than is configured here");
        f.evidence.push_back(absl::StrCat("it sends ", s.has_ah ? "AH" : "no AH",
                                          s.has_trailer ? ", an auth_hmac trailer" : "", ", type field ", s.auth_type,
                                          "; refused as ", ToString(s.last_refusal)));
        return true;
      }
      case DropReason::kIntervalMismatch:
        return JudgeInterval(s, instance);
      case DropReason::kBadVersion: {
        Finding& f = Add(Verdict::kVersionMismatch, Certainty::kCertain, s, &instance);
        f.sentence = absl::StrCat(Name(s), " speaks VRRPv", s.version, " for VRID ", s.key.vrid.value(), ", we VRRPv",
                                  static_cast<int>(instance.config->version));
        return true;
      }
      case DropReason::kBadChecksum:
        return JudgeChecksum(s, instance);
      case DropReason::kBadTtl: {
        Finding& f = Add(Verdict::kTtlNot255, Certainty::kCertain, s, &instance);
        f.sentence = absl::StrCat(Name(s), " sends adverts that arrive with TTL ", s.ttl, " instead of 255");
        return true;
      }
      default:
        return false;
    }
  }

  bool JudgeStale(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent) {
    const bool rising = recent.rises >= recent.falls;
    const bool sure = s.last_icv == IcvVerdict::kRight && rising;
    Finding& f = Add(Verdict::kStaleGateway, sure ? Certainty::kCertain : Certainty::kLikely, s, &instance);
    f.sentence = absl::StrCat(Name(s), " is a gateway of this group that does not hear it");
    f.evidence.push_back(absl::StrCat("its sequence number, ", s.sequence, ", is ", Behind(s),
                                      " behind the group's and rises by itself, so it hears nobody"));
    f.evidence.push_back(absl::StrCat("it advertises as master with priority ", s.priority.value()));
    return true;
  }

  // A number that this very sender has used already.
  bool JudgeOldNumbers(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent,
                       const std::vector<const Speaker*>& others) {
    // The address is heard with good numbers at the same time, be it from this MAC or from another. But one counter
    // that only rises is one router's, which has come among the numbers of before, some of them used and some not.
    const bool real_one_lives = std::any_of(others.begin(), others.end(), [&](const Speaker* other) {
      return other->key.source == s.key.source && other->recent().accepted > 0 && (other != &s || recent.falls > 0);
    });
    const double interval = std::chrono::duration<double>(instance.config->advertisement_interval).count();
    const bool at_its_pace = s.rate() * interval > 0.5 && s.rate() * interval < 1.5;
    const bool restarted = !real_one_lives && recent.falls <= 1 && recent.rises >= 1 && at_its_pace;
    const Verdict verdict = restarted ? Verdict::kRestartedPeer : Verdict::kReplay;
    const bool right = s.last_icv == IcvVerdict::kRight;
    Finding& f = Add(verdict, right && !restarted ? Certainty::kCertain : Certainty::kLikely, s, &instance);
    if (restarted) {
      f.sentence = absl::StrCat(Name(s), " counts from ", s.sequence - recent.rises,
                                " again: it was restarted, and is refused by restart_policy");
      f.evidence.push_back(absl::StrCat("its numbers rise by one an interval, ", Behind(s), " behind what was heard"));
    } else {
      f.sentence = absl::StrCat("adverts of ", ToString(s.key.source), " are sent again from ", ToString(s.key.mac));
      // The last number that is remembered may be one that was accepted.
      f.evidence.push_back(
          absl::StrCat(s.last_end == DropReason::kNone
                           ? absl::StrCat(recent.refused, " adverts of late had a number that was used")
                           : absl::StrCat("sequence number ", s.sequence, " has been used; ", Behind(s), " behind"),
                       real_one_lives ? "; the sender itself is heard at the same time" : ""));
    }
    return true;
  }

  bool JudgeOldTrailer(const Speaker& s, const WatchedInstance& instance) {
    Finding& f = Add(Verdict::kReplay, Certainty::kLikely, s, &instance);
    const bool by_time = s.last_refusal == DropReason::kExtStale;
    f.sentence = absl::StrCat("adverts of ", ToString(s.key.source), " from ", ToString(s.key.mac),
                              by_time ? " have a time that is not now" : " have a number that was used");
    f.evidence.push_back(by_time ? "old traffic, or its clock or ours is wrong: compare them first"
                                 : "the key is right, and the number is not above the last one");
    return true;
  }

  bool JudgeKey(const Speaker& s, const WatchedInstance& instance) {
    Finding& f = Add(Verdict::kWrongKey, Certainty::kCertain, s, &instance);
    f.sentence = absl::StrCat(Name(s), " does not have our key for VRID ", s.key.vrid.value());
    f.evidence.push_back(absl::StrCat("refused as ", ToString(s.last_refusal), "; it advertises ", Addresses(s)));
    return true;
  }

  bool JudgeInterval(const Speaker& s, const WatchedInstance& instance) {
    Finding& f = Add(Verdict::kIntervalMismatch, Trusted(s), s, &instance);
    const auto ms = [](Nanoseconds d) { return d / std::chrono::milliseconds(1); };
    f.sentence = absl::StrCat(Name(s), " says that it advertises every ", ms(s.interval), " ms, we every ",
                              ms(instance.config->advertisement_interval), " ms");
    return true;
  }

  bool JudgeChecksum(const Speaker& s, const WatchedInstance& instance) {
    Finding& f = Add(Verdict::kChecksumMismatch, Certainty::kCertain, s, &instance);
    f.sentence = absl::StrCat(Name(s), s.last_end == DropReason::kBadChecksum
                                           ? " sends adverts whose checksum holds by no rule"
                                           : " computes its checksum by another rule than is configured here");
    return true;
  }

  // What is obeyed, and odd.
  bool JudgeAccepted(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent,
                     const std::vector<const Speaker*>& others) {
    if (JudgeMasters(s, instance, recent, others)) return true;
    if (Remarked(s, Remark::kIntervalDiffers) && s.interval != instance.config->advertisement_interval) {
      return JudgeInterval(s, instance);
    }
    if (Remarked(s, Remark::kOtherChecksumRule)) return JudgeChecksum(s, instance);
    if (s.priority == instance.priority) {
      Finding& f = Add(Verdict::kEqualPriorities, Trusted(s), s, &instance);
      f.sentence =
          absl::StrCat(Name(s), " has priority ", s.priority.value(), " for VRID ", s.key.vrid.value(), ", as we have");
      return true;
    }
    return false;
  }

  // A master is silent once it has heard a better one; some intervals are left for that.
  bool JudgeMasters(const Speaker& s, const WatchedInstance& instance, const Speaker::Window& recent,
                    const std::vector<const Speaker*>& others) {
    constexpr int kIntervalsToYield = 4;
    const Nanoseconds interval = std::max(s.interval, instance.config->advertisement_interval);
    const auto goes_on = [&](const Speaker& one) {
      const Speaker::Window w = one.recent();
      return one.priority != kPriorityRelease && w.accepted >= 3 && o_.now - w.last_accepted <= 2 * interval;
    };
    if (!goes_on(s) || recent.last_accepted - instance.since < kIntervalsToYield * interval) return false;
    if (instance.state == State::kMaster) {
      Finding& f = Add(Verdict::kNobodyHearsUs, Trusted(s), s, &instance);
      f.sentence = absl::StrCat(Name(s), " goes on as master beside us: it does not hear us");
      f.evidence.push_back(absl::StrCat("its priority is ", s.priority.value(), ", ours ", instance.priority.value(),
                                        "; we have been master for ", TimeText(o_.now - instance.since)));
      return true;
    }
    for (const Speaker* other : others) {
      const bool yields = other == &s || other->key.source == s.key.source || !goes_on(*other) || !Outranks(*other, s);
      if (yields || recent.from + kIntervalsToYield * interval > o_.now ||
          other->recent().from + kIntervalsToYield * interval > o_.now) {
        continue;
      }
      Finding& f = Add(Verdict::kTwoMasters, Trusted(s), s, &instance);
      f.sentence = absl::StrCat(Name(s), " and ", Name(*other), " are both master of VRID ", s.key.vrid.value());
      f.evidence.push_back(absl::StrCat("priority ", s.priority.value(), " should give way to ",
                                        other->priority.value(), "; we are backup"));
      return true;
    }
    return false;
  }

  // Adverts on a segment where the VRID is not ours.
  void JudgeStranger(const Speaker& s) {
    if (s.recent().frames < kEnough) return;
    const MacAddress virtual_mac = VirtualMac(s.is_ipv6 ? Family::kIpv6 : Family::kIpv4, s.key.vrid);
    for (const WatchedInstance& instance : o_.instances) {
      const InstanceConfig& c = *instance.config;
      const bool ours = c.vrid == s.key.vrid && (c.source_address.family() == Family::kIpv6) == s.is_ipv6 &&
                        s.address_count > 0 && !HasNoneOfOurs(s, c);
      if (!ours) continue;
      const bool by_mac = s.key.mac == virtual_mac;
      Finding& f = Add(Verdict::kVirtualMacElsewhere, by_mac ? Certainty::kCertain : Certainty::kLikely, s, &instance);
      f.sentence = absl::StrCat(Name(s), " advertises our ", Addresses(s), " on ", Segment(s), ", where ",
                                by_mac ? "the virtual MAC does" : "they do", " not belong: ours is ", c.port,
                                c.vlan == VlanStack{} ? "" : absl::StrCat(" VLAN ", ToString(c.vlan)));
      return;
    }
    const WatchedInstance* same = WithAddressesOf(s);
    if (same != nullptr && o_.now - s.last_seen > HeardWithin(s, *same)) return;  // it has moved away from there
    const bool moving = same != nullptr && IsHeardUnderOurVrid(s, *same);
    if (same != nullptr && !moving) return JudgeOtherVrid(s, *same);
    Finding& f = Add(Verdict::kUnconfiguredVrid, Certainty::kCertain, s, nullptr);
    f.sentence = absl::StrCat(Name(s), " advertises VRID ", s.key.vrid.value(), " on ", Segment(s),
                              ", which is not configured here");
    f.evidence.push_back(absl::StrCat("its addresses: ", Addresses(s)));
    if (!moving) return;
    const int ours = same->config->vrid.value();
    f.evidence.push_back(
        absl::StrCat("it is heard with VRID ", ours, " as well: the group moves from one to the other"));
    const std::string& name = same->config->name;
    f.mend = same->left_vrid == s.key.vrid
                 ? absl::StrCat(name, " has left this VRID; if that gateway is its peer: vrid finish there")
                 : absl::StrCat("if that gateway is a peer of ", name, ": vrid migrate ", name, " ", s.key.vrid.value(),
                                " here too");
  }

  // Two VRIDs are two masters, who do not know of each other.
  void JudgeOtherVrid(const Speaker& s, const WatchedInstance& instance) {
    const int ours = instance.config->vrid.value();
    Finding& f = Add(Verdict::kVridMismatch, Certainty::kLikely, s, &instance);
    f.sentence =
        absl::StrCat(Name(s), " advertises our addresses under VRID ", s.key.vrid.value(), ", we under ", ours);
    f.evidence.push_back(absl::StrCat("it advertises ", Addresses(s), "; ours are ", Addresses(*instance.config)));
    f.evidence.push_back(instance.state == State::kMaster ? "we are master as well, so both hold them"
                                                          : "we are not master at present");
    f.mend =
        absl::StrReplaceAll(f.mend, {{"{vrid}", absl::StrCat(s.key.vrid.value())}, {"{ours}", absl::StrCat(ours)}});
  }

  // Whose addresses a speaker of another VRID has, on the same segment.
  const WatchedInstance* WithAddressesOf(const Speaker& s) const {
    if (s.address_count == 0) return nullptr;
    for (const WatchedInstance& instance : o_.instances) {
      if (PlaceOf(instance, s.key.vrid) == PlaceOf(s) && !HasNoneOfOurs(s, *instance.config)) return &instance;
    }
    return nullptr;
  }

  bool IsHeardUnderOurVrid(const Speaker& s, const WatchedInstance& instance) const {
    const auto place = by_place_.find(PlaceOf(instance, instance.config->vrid));
    return place != by_place_.end() &&
           std::any_of(place->second.begin(), place->second.end(), [&](const Speaker* other) {
             return other->key.source == s.key.source && IsHeard(*other, instance);
           });
  }

  void JudgeConflict(const WatchedInstance& instance) {
    if (instance.conflict_at == Instant{} || o_.now - instance.conflict_at > kDiagnosedFor) return;
    Speaker s;
    s.key = {instance.port, instance.config->vlan, instance.config->vrid, instance.conflict_mac,
             instance.conflict_address};
    s.first_seen = s.last_seen = instance.conflict_at;
    Finding& f = Add(Verdict::kAddressConflict, Certainty::kCertain, s, &instance);
    f.key = KeyKnown::kNone;
    f.sentence = absl::StrCat(ToString(instance.conflict_mac), " on ", f.port, " says that it has ",
                              ToString(instance.conflict_address), ", of which we are master");
  }

  // ---- Words ----

  std::string PortName(PortId port) const {
    const auto name = o_.ports.find(port);
    return name == o_.ports.end() ? absl::StrCat("port ", port.value()) : name->second;
  }
  std::string Segment(const Speaker& s) const {
    const std::string port = PortName(s.key.port);
    return s.key.vlan == VlanStack{} ? port : absl::StrCat(port, " VLAN ", ToString(s.key.vlan));
  }
  static uint64_t Behind(const Speaker& s) { return s.sequence_known > s.sequence ? s.sequence_known - s.sequence : 0; }
  static bool Remarked(const Speaker& s, Remark remark) {
    return s.last_end == DropReason::kNone && s.last_remarks.Has(remark);
  }
  static Certainty Trusted(const Speaker& s) {
    return s.last_icv == IcvVerdict::kRight ? Certainty::kCertain : Certainty::kLikely;
  }

  Finding& Add(Verdict verdict, Certainty certainty, const Speaker& s, const WatchedInstance* instance) {
    Finding& f = findings_.emplace_back();
    f.verdict = verdict;
    f.certainty = certainty;
    if (instance != nullptr) f.instance = instance->config->name;
    f.culprit = s.key;
    f.port = PortName(s.key.port);
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

  const Observed& o_;
  std::map<Place, const WatchedInstance*> instances_;
  std::map<Place, std::vector<const Speaker*>> by_place_;
  std::vector<Finding> findings_;
};

}  // namespace

KeyKnown KeyOf(const Speaker& s) {
  if (s.last_icv == IcvVerdict::kRight) return KeyKnown::kRight;
  if (s.last_icv == IcvVerdict::kWrong) return KeyKnown::kWrong;
  return s.has_ah ? KeyKnown::kUnknown : KeyKnown::kNone;
}

std::vector<Finding> Diagnose(const Observed& observed) { return Judge(observed).Run(); }

}  // namespace dpvrrp
