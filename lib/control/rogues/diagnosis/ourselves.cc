// SPDX-License-Identifier: BSD-3-Clause
//
// What is wrong with this gateway: its ports, its worker lcores, the kernel's addresses, its sequence numbers. A cause
// that concerns many instances is one finding.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "control/rogues/diagnosis/judges.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

constexpr size_t kNamed = 4;  // of many, so many are named

// So many AH numbers are left when the first warning comes (pipeline/shard.cc): half a year of an advert a second.
constexpr uint64_t kFewNumbers = 0x100'0000;

// A port on which neighbours were heard and that has received nothing for so long.
constexpr Nanoseconds kSilentFor = std::chrono::seconds(120);

std::string Some(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamed);
  std::string text = absl::StrJoin(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", ");
  if (names.size() > shown) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return text;
}

std::string Instances(size_t count) { return absl::StrCat(count, count == 1 ? " instance" : " instances"); }

void Concern(Finding& f, std::vector<std::string> names) {
  if (names.size() == 1) {
    f.instance = names.front();
  } else {
    f.instances = std::move(names);
  }
}

using ByPort = std::map<PortId, std::vector<const WatchedInstance*>>;

std::vector<std::string> NamesOf(const std::vector<const WatchedInstance*>& instances) {
  std::vector<std::string> names;
  for (const WatchedInstance* instance : instances) names.push_back(instance->config->name);
  return names;
}

void JudgePort(Findings& findings, const OwnPort& port, const std::vector<const WatchedInstance*>& instances) {
  const Instant now = findings.picture.now();
  if (!port.up) {
    Finding& f = findings.AddOurs(Verdict::kPortDown, Certainty::kCertain, port.id, port.down_since);
    f.culprit.mac = port.mac;
    f.sentence = absl::StrCat("our port ", port.name, " is down",
                              port.down_reason.empty() ? "" : absl::StrCat(" (", port.down_reason, ")"), ": ",
                              Instances(instances.size()),
                              instances.size() == 1 ? " on it neither sends nor receives adverts"
                                                    : " on it neither send nor receive adverts");
    f.evidence.push_back(absl::StrCat("affected: ", Some(NamesOf(instances))));
    Concern(f, NamesOf(instances));
    return;
  }
  if (port.failed_lately > 0 && now - port.failed_at <= kDiagnosedFor) {
    Finding& f = findings.AddOurs(Verdict::kSendErrors, Certainty::kCertain, port.id, port.failed_at);
    f.culprit.mac = port.mac;
    f.sentence = absl::StrCat("our port ", port.name, " did not send ", port.failed_lately, " frames recently");
    f.evidence.push_back(absl::StrCat(port.send_errors, " failed since the start, and ", port.sent, " were sent"));
    Concern(f, NamesOf(instances));
  }
  const Observed& o = findings.picture.observed();
  const bool had_neighbours =
      std::any_of(o.speakers.begin(), o.speakers.end(), [&](const Speaker& s) { return s.key.port == port.id; });
  if (port.received == 0 || !had_neighbours || now - port.receiving_at < kSilentFor) return;
  Finding& f = findings.AddOurs(Verdict::kPortDeaf, Certainty::kLikely, port.id, port.receiving_at);
  f.culprit.mac = port.mac;
  f.sentence =
      absl::StrCat("our port ", port.name, " is up and has received no frame for ", TimeText(now - port.receiving_at));
  f.evidence.push_back("other gateways were heard on it before");
  Concern(f, NamesOf(instances));
}

// A delay is a fault if it endangers the shortest Master_Down_Interval: half of an advertisement interval. A worker
// that sometimes waits for its CPU is `slow` in show workers, and that is no fault yet.
void JudgeWorker(Findings& findings, const OwnWorker& worker, Nanoseconds shortest_interval, PortId port) {
  const bool stalled = worker.stalled_since != Instant{};
  const Instant now = findings.picture.now();
  const bool late = worker.late >= shortest_interval / 2 && now - worker.late_at <= kDiagnosedFor;
  if (!stalled && !late) return;
  const Instant since = stalled ? worker.stalled_since : worker.late_at;
  Finding& f = findings.AddOurs(Verdict::kStarvedLcore, Certainty::kCertain, port, since);
  f.port.clear();
  const auto ms = [](Nanoseconds d) { return d / std::chrono::milliseconds(1); };
  const std::string name = absl::StrCat("worker lcore ", worker.lcore);
  f.sentence = stalled ? absl::StrCat(name, " has not run for ", TimeText(now - since))
                       : absl::StrCat(name, " came ", ms(worker.late), " ms late");
  if (!worker.why.empty()) f.evidence.push_back(worker.why);
  f.evidence.push_back(absl::StrCat("the shortest advertisement interval here is ", ms(shortest_interval),
                                    " ms: adverts and timers are late by as much"));
}

void JudgeAddresses(Findings& findings, PortId port, const std::vector<const WatchedInstance*>& instances) {
  struct Fault {
    Verdict verdict;
    std::vector<std::string> WatchedInstance::*addresses;
    absl::string_view what;
  };
  const Fault faults[] = {
      {Verdict::kAddressMissing, &WatchedInstance::missing_addresses, "the kernel does not hold "},
      {Verdict::kAddressForeign, &WatchedInstance::foreign_addresses, "held by the kernel before we added it: "},
  };
  for (const Fault& fault : faults) {
    std::vector<std::string> addresses, names;
    Instant since = kNever;
    for (const WatchedInstance* instance : instances) {
      const std::vector<std::string>& of = instance->*fault.addresses;
      if (of.empty()) continue;
      addresses.insert(addresses.end(), of.begin(), of.end());
      names.push_back(instance->config->name);
      since = std::min(since, instance->since);
    }
    if (addresses.empty()) continue;
    Finding& f = findings.AddOurs(fault.verdict, Certainty::kCertain, port, since);
    f.sentence = absl::StrCat(fault.what, Some(addresses));
    f.evidence.push_back(
        absl::StrCat("affected: ", Some(names), names.size() == 1 ? ", which is" : ", which are", " master"));
    Concern(f, std::move(names));
  }
}

void JudgeNumbers(Findings& findings, const WatchedInstance& instance) {
  if (!instance.numbers_left.has_value() || *instance.numbers_left > kFewNumbers) return;
  const InstanceConfig& config = *instance.config;
  Finding& f = findings.AddOurs(Verdict::kNumbersLow, Certainty::kCertain, instance.port, instance.since);
  f.instance = config.name;
  f.culprit.vlan = config.vlan;
  f.culprit.vrid = config.vrid;
  f.culprit.source = config.source_address;
  f.mend = absl::StrReplaceAll(f.mend, {{"{instance}", config.name}});
  const auto left = static_cast<int64_t>(*instance.numbers_left);
  f.sentence = absl::StrCat("instance ", config.name, " has ", left, " AH sequence numbers left, enough for ",
                            TimeText(left * config.advertisement_interval), " as master");
}

// A cause may concern thousands of instances: it is one finding.
void JudgeStandingBack(Findings& findings, const std::vector<WatchedInstance>& instances) {
  std::map<std::string, std::vector<const WatchedInstance*>> by_cause;
  for (const WatchedInstance& instance : instances) {
    if (!instance.held_by.empty()) by_cause[instance.held_by].push_back(&instance);
  }
  for (const auto& [cause, held] : by_cause) {
    const WatchedInstance& first = *held.front();
    Finding& f = findings.AddOurs(Verdict::kStandsBack, Certainty::kCertain, first.port, first.since);
    f.sentence = absl::StrCat("this gateway stands back with ", Instances(held.size()), " because ", cause);
    f.evidence.push_back(absl::StrCat("affected: ", Some(NamesOf(held))));
    Concern(f, NamesOf(held));
  }
}

// Other gateways of the group advertise, and our instance is in Initialize or Fault although the port is up.
void JudgeInactive(Findings& findings, const WatchedInstance& instance) {
  if (IsActive(instance.state) || !instance.held_by.empty()) return;
  const std::vector<OwnPort>& ports = findings.picture.observed().own_ports;
  if (std::any_of(ports.begin(), ports.end(), [&](const OwnPort& p) { return p.id == instance.port && !p.up; })) return;
  const InstanceConfig& config = *instance.config;
  for (const Speaker* s : findings.picture.SendersAt(PlaceOf(instance, config.vrid))) {
    if (s->last_refusal != DropReason::kInstanceInactive || s->recent().refused < kEnough) continue;
    if (s->last_end != DropReason::kInstanceInactive) continue;
    Finding& f = findings.AddOurs(Verdict::kInstanceInactive, Certainty::kCertain, instance.port, instance.since);
    f.instance = config.name;
    f.culprit.vlan = config.vlan;
    f.culprit.vrid = config.vrid;
    f.culprit.source = config.source_address;
    f.mend = absl::StrReplaceAll(f.mend, {{"{instance}", config.name}});
    f.sentence = absl::StrCat("instance ", config.name, " is in ", ToString(instance.state), " (",
                              ToString(instance.reason), "), and ", Name(*s), " advertises for it");
    return;
  }
}

}  // namespace

void JudgeOurselves(Findings& findings) {
  const Observed& o = findings.picture.observed();
  ByPort by_port;
  Nanoseconds shortest = std::chrono::seconds(1);
  for (const WatchedInstance& instance : o.instances) {
    by_port[instance.port].push_back(&instance);
    shortest = std::min(shortest, instance.config->advertisement_interval);
    JudgeNumbers(findings, instance);
    JudgeInactive(findings, instance);
  }
  JudgeStandingBack(findings, o.instances);
  for (const OwnPort& port : o.own_ports) {
    const auto instances = by_port.find(port.id);
    if (instances != by_port.end()) JudgePort(findings, port, instances->second);
  }
  for (const auto& [port, instances] : by_port) JudgeAddresses(findings, port, instances);
  if (by_port.empty()) return;
  for (const OwnWorker& worker : o.own_workers) JudgeWorker(findings, worker, shortest, by_port.begin()->first);
}

}  // namespace dpvrrp::diagnosis
