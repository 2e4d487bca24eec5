// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "keepalived/read.h"
#include "keepalived/values.h"

namespace dpvrrp::keepalived {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void ReadState(const Statement& line, InstanceOf* instance, const WordRule& rule, Notes& notes) {
  const absl::string_view word = line.word(1);
  const bool known = word == "MASTER" || word == "BACKUP";
  Values(notes, line, rule).Put(&instance->master_state, word == "MASTER");
  notes.Say(line, Verdict::kDropped,
            known ? std::string(rule.what) : absl::StrCat("keepalived reads '", word, "' as BACKUP; ", rule.what));
}

// use_vmac [NAME] [MAC]
void ReadVirtualMac(const Statement& line, InstanceOf* instance, const WordRule& rule, Notes& notes) {
  Values(notes, line, rule).Put(&instance->use_vmac, true);
  for (size_t i = 1; i < line.words.size(); ++i) {
    const absl::string_view word = line.word(i);
    if (std::count(word.begin(), word.end(), ':') >= 4) {
      notes.Add(line, Verdict::kUnsupported, "the virtual MAC is always 00:00:5e:00:01:VRID or 00:00:5e:00:02:VRID");
    } else if (ParseSwitch(word) == false) {
      notes.Add(line, Verdict::kChanged,
                absl::StrCat("keepalived reads '", word, "' as the name of the device, so virtual MACs are on"));
    } else {
      notes.Add(line, Verdict::kChanged, absl::StrCat("the device is not called '", word, "', but vrrp.IFINDEX.VRID"));
    }
  }
}

void ReadAuthenticationBlock(const Statement& block, InstanceOf* instance, Notes& notes) {
  notes.Say(block, Verdict::kTaken, "[instance.authentication]");
  instance->authentication = &block;
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kAuthentication, line);
    if (rule == nullptr) continue;
    Values values(notes, line, *rule);
    if (rule->word == "auth_pass" && !line.word(1).empty()) {
      values.Put(&instance->auth_pass, std::string(line.word(1)));
    } else {
      values.Text(rule->word == "auth_type" ? &instance->auth_type : &instance->auth_pass);
    }
    if (rule->word == "auth_pass" && line.words.size() > 2) {
      notes.Add(line, Verdict::kChanged, "keepalived uses the first word only");
    }
    if (rule->word == "auth_pass" && line.comment_glued) {
      notes.Add(line, Verdict::kChanged, "a comment begins in the word, at ! or #: keepalived uses what is before it");
    }
  }
}

// An impossible priority is 100 for keepalived, also with state MASTER, and also behind a possible one.
void ReadPriority(const Statement& line, const WordRule& rule, Given<int>* priority, Notes& notes) {
  Values values(notes, line, rule);
  values.Integer(1, 255, priority, "keepalived uses 100");
  if (priority->from == &line) return;
  values.Put(priority, 100);
  notes.Say(line, Verdict::kDecide, "must be 1..255; keepalived uses 100");
}

// The words with one value. False: it is none of them.
bool ReadScalar(const Statement& line, const WordRule& rule, InstanceOf* i, Notes& notes) {
  const absl::string_view word = rule.word;
  Values values(notes, line, rule);
  if (word == "interface") return values.Text(&i->interface), true;
  if (word == "virtual_router_id") return values.Integer(1, 255, &i->vrid, "keepalived does not start"), true;
  if (word == "priority") return ReadPriority(line, rule, &i->priority, notes), true;
  if (word == "advert_int")
    return values.Time(milliseconds(10), seconds(255), &i->advert_int, "keepalived uses 1"), true;
  if (word == "version") return values.Integer(2, 3, &i->version, "keepalived ignores it"), true;
  if (word == "nopreempt") return values.Flag(&i->nopreempt), true;
  if (word == "preempt_delay")
    return values.Time(Nanoseconds(0), seconds(1000), &i->preempt_delay, "keepalived uses 0"), true;
  if (word == "down_timer_adverts") return values.Integer(1, 100, &i->down_timer_adverts, "keepalived uses 3"), true;
  if (word == "lower_prio_no_advert") return values.Switch(&i->lower_prio_no_advert), true;
  if (word == "higher_prio_send_advert") return values.Switch(&i->higher_prio_send_advert), true;
  if (word == "mcast_src_ip") return values.Address(&i->mcast_src_ip, false), true;
  if (word == "unicast_src_ip") return values.Address(&i->unicast_src_ip, false), true;
  if (word == "mcast_dst_ip") return values.Address(&i->mcast_dst_ip, true), true;
  if (word == "unicast_ttl") return values.Integer(1, 255, &i->unicast_ttl, "keepalived uses 255"), true;
  if (word == "v3_checksum_as_v2") return values.Switch(&i->v3_checksum_as_v2), true;
  if (word == "strict_mode") return ReadStrict(line, rule, &i->strict, notes), true;
  if (word == "track_src_ip") return values.Flag(&i->track_src_ip), true;
  if (word == "native_ipv6") return values.Flag(&i->native_ipv6), true;
  if (word == "garp_master_delay") {
    return values.WholeSeconds(Nanoseconds(0), seconds(3600), &i->garp_master_delay, "keepalived uses 5"), true;
  }
  if (word == "garp_master_refresh") {
    return values.WholeSeconds(Nanoseconds(0), seconds(86400), &i->garp_master_refresh,
                               "keepalived does not repeat them"),
           true;
  }
  return ReadNotifyWord(line, rule, &i->notify, notes);
}

bool NeedsBlock(absl::string_view word) {
  return word == "authentication" || word == "auth_hmac" || word == "unicast_peer" ||
         absl::StartsWith(word, "virtual_ip") || absl::StartsWith(word, "virtual_r") ||
         (absl::StartsWith(word, "track_") && word != "track_src_ip");
}

void ReadRest(const Statement& line, const WordRule& rule, InstanceOf* instance, Notes& notes) {
  const absl::string_view word = rule.word;
  if (NeedsBlock(word) && !line.has_block) {
    return notes.Say(line, Verdict::kDecide, "its block is missing: '{', its lines, and '}'");
  }
  if (word == "state") return ReadState(line, instance, rule, notes);
  if (word == "use_vmac") return ReadVirtualMac(line, instance, rule, notes);
  if (word == "authentication") return ReadAuthenticationBlock(line, instance, notes);
  if (word == "auth_hmac") return ReadHmac(line, instance, notes);
  if (word == "virtual_ipaddress") return ReadAddresses(line, &instance->addresses, notes);
  if (word == "virtual_ipaddress_excluded") return ReadAddresses(line, &instance->excluded, notes);
  if (word == "track_script") return ReadTrackedBy(line, &instance->tracks.scripts, notes);
  if (word == "track_process") return ReadTrackedBy(line, &instance->tracks.processes, notes);
  if (word == "track_interface") return ReadTrackedBy(line, &instance->tracks.interfaces, notes);
  if (word == "unicast_peer") {
    instance->peers_from = &line;
    return ReadPeers(line, &instance->peers, notes);
  }
  if (word == "virtual_routes" || word == "virtual_routes_excluded" || word == "virtual_rules") {
    notes.SayAll(line, Verdict::kTaken, rule.what);
    for (const Statement& one : line.block) {
      if (!one.note && !one.words.empty())
        (word == "virtual_rules" ? instance->rules : instance->routes).push_back(&one);
    }
    return;
  }
  if (word == "use_vmac_addr") {
    notes.Say(line, Verdict::kTaken, rule.what);
  } else if (word == "preempt") {
    if (instance->nopreempt)
      notes.Say(*instance->nopreempt.from, Verdict::kDropped, absl::StrCat("line ", line.at.line, " replaces it"));
    instance->nopreempt = {};
    notes.Say(line, Verdict::kDropped, "it is the default");
  } else if (word == "old_unicast_checksum") {
    const bool never = line.word(1) == "never";
    notes.Say(
        line, never ? Verdict::kDropped : Verdict::kUnsupported,
        never ? "dpvrrp has only the checksum of today" : "the checksum of keepalived before 1.3.7 is not supported");
  } else if (word == "unicast_fault_no_peer") {
    notes.Say(line, Verdict::kDropped, "it has no effect if there is a peer");
  }
}

}  // namespace

InstanceOf ReadInstanceBlock(const Statement& block, Notes& notes) {
  InstanceOf instance;
  instance.name = std::string(block.word(1));
  instance.from = &block;
  notes.Say(block, Verdict::kTaken, "[[instance]]");
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kInstance, line);
    if (rule == nullptr) continue;
    if (!ReadScalar(line, *rule, &instance, notes)) ReadRest(line, *rule, &instance, notes);
  }
  return instance;
}

}  // namespace dpvrrp::keepalived
