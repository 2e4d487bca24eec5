// SPDX-License-Identifier: BSD-3-Clause
#include "conformance/case_runner.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "conformance/case_words.h"
#include "support/captures.h"

namespace dpvrrp {
namespace {

absl::Status Unmet(absl::string_view what) { return absl::FailedPreconditionError(what); }

std::string WordOf(const CaseStep& step, const char* name, absl::string_view otherwise) {
  const auto it = step.named.find(name);
  return it == step.named.end() ? std::string(otherwise) : it->second;
}

PortId PortOf(const CaseStep& step) {
  int port = 0;
  (void)absl::SimpleAtoi(WordOf(step, "port", "0"), &port);
  return PortId(static_cast<uint16_t>(port));
}

uint64_t Accepted(const VirtualRouter& router) {
  uint64_t sum = 0;
  for (const Sender& sender : router.senders.senders()) sum += sender.accepted;
  return sum;
}

// An ARP request or neighbour solicitation: the shard asks for unicast peers, whatever a case expects.
bool IsQuestionForNeighbour(const Bytes& frame) {
  if (const std::optional<SeenArp> arp = SeeArp(frame)) return arp->operation == 1 && arp->sender != arp->target;
  return frame.size() == 86 && ToHex(std::span(frame).subspan(12, 2)) == "86dd" && frame[20] == 58 && frame[54] == 135;
}

}  // namespace

absl::Status CaseRunner::Run() {
  for (const CaseInstance& instance : case_.instances) {
    if (first_.empty()) first_ = instance.name;
    instances_[instance.name] = {instance.named, std::make_unique<SequenceRecord>(), nullptr};
  }
  absl::Status status = Start(kTestStart);
  for (const CaseStep& step : case_.steps) {
    if (!status.ok()) break;
    status = Play(step);
    if (!status.ok()) status = absl::Status(status.code(), absl::StrCat("line ", step.line, ": ", status.message()));
  }
  return status;
}

absl::Status CaseRunner::Start(Instant at) {
  shard_ = std::make_unique<TestShard>(at);
  if (utc_.has_value()) shard_->SetUtc(*utc_ + at.time_since_epoch());
  for (auto& [name, instance] : instances_) {
    absl::StatusOr<VirtualRouterConfig> config = ConfigFrom(instance.words, *instance.record);
    if (!config.ok()) return config.status();
    instance.router = &shard_->Add(*std::move(config));
  }
  return absl::OkStatus();
}

void CaseRunner::RunTo(Instant at) {
  const std::vector<Sent> sent = at > shard_->now ? shard_->RunUntil(at) : shard_->Transmit();
  for (const Sent& one : sent) {
    if (!IsQuestionForNeighbour(one.frame)) sent_.push_back(one);
  }
}

absl::Status CaseRunner::NothingElseWasSent() const {
  if (sent_.empty()) return absl::OkStatus();
  const double ms = static_cast<double>(sent_.front().after().count()) / 1e6;
  return Unmet(absl::StrCat("sent without being asked for, at ", ms, " ms: ", Describe(sent_.front().frame)));
}

absl::Status CaseRunner::Play(const CaseStep& step) {
  const Instant at = kTestStart + step.at;
  if (step.verb == "send") {
    if (sent_.empty()) RunTo(at + kMaxLateness);
    return Send(step);
  }
  RunTo(at);
  const absl::Status silent = NothingElseWasSent();
  if (!silent.ok()) return silent;
  if (step.verb == "recv") return Receive(step);
  if (step.verb == "do") return Do(step);
  if (step.verb == "state") return CheckState(step);
  if (step.verb == "count") return CheckCount(step);
  return absl::OkStatus();  // end
}

CaseRunner::Instance* CaseRunner::Find(const CaseStep& step, size_t word) {
  const auto it = instances_.find(step.plain.size() > word ? step.plain[word] : first_);
  return it == instances_.end() ? nullptr : &it->second;
}

// ---- recv ----

absl::Status CaseRunner::Receive(const CaseStep& step) {
  if (step.plain.empty()) return Unmet("recv advert, hex or pcap?");
  const std::string wanted = step.result.empty() ? "accepted" : step.result[0];
  if (step.plain[0] == "pcap") return ReceiveCapture(step);
  if (step.plain[0] == "hex") return ReceiveFrame(FromHex(step.plain.at(1)), PortOf(step), wanted);
  if (step.plain[0] != "advert") return Unmet(absl::StrCat("unknown kind of frame: ", step.plain[0]));
  const Instance* to = Find(step, 1);
  if (to == nullptr) return Unmet("no such instance");
  const absl::StatusOr<AdvertFrame> frame = FrameFrom(to->words, step.named);
  if (!frame.ok()) return frame.status();
  return ReceiveFrame(frame->Build(), PortOf(step), wanted);
}

absl::Status CaseRunner::ReceiveFrame(const Bytes& frame, PortId port, const std::string& wanted) {
  std::map<std::string, std::string> before, machine_before;
  std::map<std::string, uint64_t> accepted_before;
  for (const auto& [name, instance] : instances_) {
    if (instance.router == nullptr) continue;
    before[name] = StateOf(*instance.router);
    machine_before[name] = MachineOf(*instance.router);
    accepted_before[name] = Accepted(*instance.router);
  }
  const DropReason reason = shard_->Receive(frame, port);
  const std::string got(reason == DropReason::kNone ? "accepted" : ToString(reason));
  if (got != wanted) return Unmet(absl::StrCat("expected ", wanted, ", got ", got));
  if (reason == DropReason::kNone) return absl::OkStatus();
  for (const auto& [name, state] : before) {
    const VirtualRouter& router = *instances_[name].router;
    const bool authentic = Accepted(router) != accepted_before[name];  // then its number is used up
    if (authentic ? MachineOf(router) != machine_before[name] : StateOf(router) != state) {
      return Unmet(
          absl::StrCat("a refused frame changed instance ", name, ":\n", state, "\nis now\n", StateOf(router)));
    }
  }
  return absl::OkStatus();
}

// Frames at their own times from the step's on; what must have been sent meanwhile follows as `send` steps.
absl::Status CaseRunner::ReceiveCapture(const CaseStep& step) {
  std::map<std::string, uint64_t> outcomes;
  const std::string only = WordOf(step, "only", "");
  const Instant start = shard_->now;
  for (const CapturedFrame& frame : ReadCapture(step.plain.at(1))) {
    const std::optional<SeenAdvert> advert = SeeAdvert(frame.bytes);
    if (!only.empty() && (!advert.has_value() || ToString(advert->source) != only)) continue;
    RunTo(start + frame.at);
    const DropReason reason = shard_->Receive(frame.bytes, PortOf(step));
    ++outcomes[std::string(reason == DropReason::kNone ? "accepted" : ToString(reason))];
  }
  std::vector<std::string> got;
  for (const auto& [name, count] : outcomes) got.push_back(absl::StrCat(name, "=", count));
  std::vector<std::string> wanted;
  for (const std::string& word : step.result) wanted.push_back(word);
  std::sort(wanted.begin(), wanted.end());
  if (got != wanted) return Unmet(absl::StrCat("the capture ended as ", absl::StrJoin(got, " ")));
  return absl::OkStatus();
}

// ---- send ----

absl::Status CaseRunner::Send(const CaseStep& step) {
  if (sent_.empty()) return Unmet("nothing was sent");
  const Sent sent = sent_.front();
  sent_.pop_front();
  const Nanoseconds late = sent.after() - step.at;
  if (late < Nanoseconds(0) || late > kMaxLateness) {
    return Unmet(absl::StrCat("late by ", late.count(), " ns: ", Describe(sent.frame)));
  }
  if (sent.port != PortOf(step)) return Unmet("sent on another port");
  const absl::Status verified = VerifyIcv(sent.frame);
  if (!verified.ok()) return verified;
  const std::string kind = step.plain.empty() ? "" : step.plain[0];
  if (kind == "hex") {
    if (sent.frame != FromHex(step.plain.at(1))) return Unmet(absl::StrCat("sent ", ToHex(sent.frame)));
    return absl::OkStatus();
  }
  if (kind == "garp" || kind == "na") {
    const IpAddress address = Ip(step.plain.at(1));
    const MacAddress mac = Mac(WordOf(step, "mac", "02:00:0a:63:00:02"));
    testing::StringMatchResultListener why;
    const bool met = kind == "garp" ? testing::ExplainMatchResult(IsGratuitousArp(address, mac), sent.frame, &why)
                                    : testing::ExplainMatchResult(IsUnsolicitedNa(address, mac), sent.frame, &why);
    return met ? absl::OkStatus() : Unmet(absl::StrCat("sent ", why.str()));
  }
  if (kind != "advert") return Unmet(absl::StrCat("unknown kind of frame: ", kind));
  return CompareAdvert(step, sent.frame);
}

absl::Status CaseRunner::CompareAdvert(const CaseStep& step, const Bytes& frame) const {
  const std::optional<SeenAdvert> advert = SeeAdvert(frame);
  if (!advert.has_value()) return Unmet(absl::StrCat("not a well-formed advert: ", ToHex(frame)));
  std::vector<int> vids;
  for (uint16_t tci : advert->vlan_tags) vids.push_back(tci & 0xfff);
  const Words seen = {
      {"version", absl::StrCat(int{advert->version})},
      {"vrid", absl::StrCat(int{advert->vrid})},
      {"priority", absl::StrCat(int{advert->priority})},
      {"sequence", advert->sequence.has_value() ? absl::StrCat(*advert->sequence) : "none"},
      {"from", ToString(advert->source)},
      {"to", ToString(advert->destination)},
      {"mac", ToString(advert->source_mac)},
      {"to-mac", ToString(advert->destination_mac)},
      {"ttl", absl::StrCat(int{advert->ttl})},
      {"tos", absl::StrCat("0x", absl::Hex(advert->tos))},
      {"ip-id", absl::StrCat(advert->ip_id)},
      {"spi", absl::StrCat("0x", absl::Hex(advert->spi, absl::kZeroPad8))},
      {"icv", ToHex(advert->icv)},
      {"auth-type", absl::StrCat(int{advert->auth_type})},
      {"interval", absl::StrCat(advert->interval)},
      {"reserved", absl::StrCat(int{advert->reserved})},
      {"checksum-rule", advert->checksum_rule == ChecksumRule::kRfc5798 ? "rfc5798" : "rfc9568"},
      {"vlan", absl::StrJoin(vids, ".")},
      {"pcp", advert->vlan_tags.empty() ? "none" : absl::StrCat(advert->vlan_tags[0] >> 13)},
      {"auth-data", ToHex(advert->auth_data)},
      {"bytes", absl::StrCat(frame.size())},
      {"key-id", advert->trailer.has_value() ? absl::StrCat(int{advert->trailer->key_id}) : "none"},
      {"seconds", advert->trailer.has_value() ? absl::StrCat(advert->trailer->seconds()) : "none"},
  };
  for (const auto& [name, wanted] : step.named) {
    if (name == "port") continue;
    if (name == "addresses") {
      const absl::StatusOr<std::vector<IpAddress>> addresses = AddressesFrom(wanted);
      if (!addresses.ok()) return addresses.status();
      if (advert->addresses != *addresses) return Unmet(absl::StrCat("other addresses: ", ToHex(frame)));
      continue;
    }
    const auto it = seen.find(name);
    if (it == seen.end()) return Unmet(absl::StrCat("an advert has no ", name, "="));
    if (it->second != wanted)
      return Unmet(absl::StrCat("expected ", name, "=", wanted, ", sent ", name, "=", it->second));
  }
  return absl::OkStatus();
}

absl::Status CaseRunner::VerifyIcv(const Bytes& frame) const {
  const std::optional<SeenAdvert> advert = SeeAdvert(frame);
  if (!advert.has_value() || (!advert->sequence.has_value() && !advert->trailer.has_value())) return absl::OkStatus();
  for (const auto& [name, instance] : instances_) {
    const absl::StatusOr<Bytes> key = KeyFrom(instance.words);
    const absl::StatusOr<MacAlgorithm> algorithm = AlgorithmFrom(instance.words);
    if (!key.ok() || key->empty()) continue;
    if (advert->trailer.has_value()) {
      if (advert->trailer->hmac == ReferenceTrailerHmac(advert->source, advert->trailer->message, *key)) {
        return absl::OkStatus();
      }
      continue;
    }
    Bytes icv = ReferenceIcv(std::span(frame).subspan(14), *key, *algorithm, RuleFrom(instance.words));
    icv.resize(std::max(icv.size(), advert->icv.size()));  // over IPv6 it is padded, with zeros
    if (advert->icv == icv) return absl::OkStatus();
  }
  return Unmet(absl::StrCat("the ICV is nobody's: ", ToHex(frame)));
}

// ---- do, state, count ----

absl::Status CaseRunner::Do(const CaseStep& step) {
  const std::string what = step.plain.empty() ? "" : step.plain[0];
  if (what == "restart") {  // the process is killed and starts again over the same records
    const Instant at = shard_->now;
    shard_->Kill();
    return Start(at);
  }
  if (what == "clock") {  // utc=SECONDS
    uint32_t seconds = 0;
    if (!absl::SimpleAtoi(WordOf(step, "utc", ""), &seconds)) return Unmet("do clock utc=SECONDS");
    utc_ = std::chrono::seconds(seconds) - shard_->now.time_since_epoch();
    shard_->SetUtc(std::chrono::seconds(seconds));
    return absl::OkStatus();
  }
  if (what == "port-down" || what == "port-up") {
    const PortId port = PortOf(step);
    shard_->Apply(what == "port-up" ? ShardCommand(command::PortUp{port}) : command::PortDown{port});
    return absl::OkStatus();
  }
  Instance* instance = Find(step, 1);
  if (instance == nullptr || instance->router == nullptr) return Unmet("no such instance");
  if (what == "neighbour") return SetNeighbour(step, *instance->router);
  if (what == "priority") {
    uint32_t priority = 0;
    if (!absl::SimpleAtoi(WordOf(step, "to", ""), &priority)) return Unmet("do priority [NAME] to=N");
    shard_->SetPriority(*instance->router, Priority(static_cast<uint8_t>(priority)));
  } else if (what == "announce") {
    shard_->Announce(*instance->router, 0, 255);
  } else if (what == "resign") {
    shard_->Apply(command::Resign{instance->router});
  } else if (what == "takeover") {
    shard_->Apply(command::Takeover{instance->router});
  } else if (what == "remove") {
    shard_->Apply(command::Remove{instance->router});
    instance->router = nullptr;
  } else {
    return Unmet(absl::StrCat("do what? ", what));
  }
  return absl::OkStatus();
}

// do neighbour NAME PEER mac=MAC
absl::Status CaseRunner::SetNeighbour(const CaseStep& step, VirtualRouter& router) {
  const std::vector<UnicastPeer>& peers = router.config.unicast_peers;
  for (size_t i = 0; i < peers.size() && step.plain.size() == 3; ++i) {
    if (peers[i].address != Ip(step.plain[2])) continue;
    router.neighbours[i].mac = Mac(WordOf(step, "mac", ""));
    router.neighbours[i].known = true;
    return absl::OkStatus();
  }
  return Unmet("do neighbour NAME PEER mac=MAC");
}

// state STATE [REASON], or state NAME STATE [REASON] with several instances
absl::Status CaseRunner::CheckState(const CaseStep& step) {
  std::vector<std::string> words = step.plain;
  std::string name = first_;
  if (!words.empty() && instances_.count(words[0]) != 0) {
    name = words[0];
    words.erase(words.begin());
  }
  const VirtualRouter* router = instances_[name].router;
  if (words.empty() || router == nullptr) return Unmet("state [NAME] STATE [REASON]");
  if (ToString(router->machine.state) != words[0])
    return Unmet(absl::StrCat("state is ", ToString(router->machine.state)));
  if (words.size() > 1 && ToString(router->machine.reason) != words[1]) {
    return Unmet(absl::StrCat("the reason is ", ToString(router->machine.reason)));
  }
  return absl::OkStatus();
}

// count NAME=N…: a drop reason, a remark, or peer-unresolved
absl::Status CaseRunner::CheckCount(const CaseStep& step) const {
  if (step.named.empty()) return Unmet("count NAME=N");
  for (const auto& [name, wanted] : step.named) {
    std::optional<uint64_t> got;
    for (const DropReasonInfo& row : AllDropReasons()) {
      if (row.name == name) got = shard_->drops(row.reason);
    }
    for (const auto& [unused, instance] : instances_) {
      if (instance.router == nullptr) continue;
      for (const RemarkInfo& row : AllRemarks()) {
        if (row.name == name) got = got.value_or(0) + RemarksOf(*instance.router, row.remark);
      }
      if (name == "peer-unresolved") got = got.value_or(0) + instance.router->counters.peer_unresolved.value();
    }
    if (!got.has_value()) return Unmet(absl::StrCat("nothing is counted as ", name));
    if (absl::StrCat(*got) != wanted) return Unmet(absl::StrCat(name, " counts ", *got));
  }
  return absl::OkStatus();
}

}  // namespace dpvrrp
