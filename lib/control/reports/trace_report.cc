// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/trace_report.h"

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "config/model.h"
#include "control/journal/event_log.h"
#include "control/reports/report_cells.h"
#include "control/rogues/speaker_text.h"
#include "pipeline/heard.h"

namespace dpvrrp {
namespace {

constexpr std::array<absl::string_view, kTraceStages> kNames = {"ethernet",       "ip",     "message", "instance",
                                                                "authentication", "number", "icv",     "agreement"};

std::string EthernetText(const FrameCopy& copy) {
  const EthernetFrame ethernet = ParseEthernet(std::span(copy.bytes).first(copy.copied));
  if (!ethernet.complete) return absl::StrCat(copy.length, " bytes");
  VlanStack vlan = ethernet.vlan;
  const bool joined = JoinVlans(copy.stripped, vlan);
  return absl::StrCat(ToString(ethernet.source), " to ", ToString(ethernet.destination), ", ",
                      !joined               ? "more than two VLAN tags"
                      : vlan == VlanStack{} ? "untagged"
                                            : absl::StrCat("VLAN ", ToString(vlan)),
                      ", type 0x", absl::Hex(ethernet.ether_type, absl::kZeroPad4), ", ", copy.length, " bytes");
}

std::string IpText(const Speaker& says) {
  if (says.key.source.IsUnspecified() && says.destination.IsUnspecified()) return "no IP header that can be read";
  return absl::StrCat(ToString(says.key.source), " to ", ToString(says.destination), ", ",
                      says.is_ipv6 ? "hop limit " : "TTL ", says.ttl);
}

std::string MessageText(const Heard& heard) {
  const Speaker& says = heard.says();
  if (!heard.is_vrrp()) return "no advert that can be read";
  return absl::StrCat("VRRPv", says.version, ", VRID ", says.key.vrid.value(), ", priority ", says.priority.value(),
                      ", interval ", SecondsText(says.interval), ", addresses ", AddressesOf(says));
}

std::string InstanceText(const ManagedInstance* instance) {
  if (instance == nullptr) return "none of ours has this VRID and family on this segment";
  return absl::StrCat(instance->config.name, ": ", ToString(instance->state), ", VRRPv",
                      static_cast<int>(instance->config.version), ", source address ",
                      ToString(instance->config.source_address));
}

std::string AuthenticationText(const Speaker& says, const ManagedInstance* instance) {
  std::string text = says.has_ah        ? absl::StrFormat("AH, SPI 0x%08x", says.spi)
                     : says.has_trailer ? absl::StrCat("auth_hmac, key id ", says.trailer_key_id)
                     : says.version == 2 && says.auth_type == 1 ? "password"
                                                                : "none";
  if (instance != nullptr) absl::StrAppend(&text, "; ours: ", ToString(instance->config.auth.kind));
  return text;
}

std::string IcvText(const FrameCopy& copy) {
  if (copy.icv == IcvVerdict::kNotLooked) return "not computed";
  const std::string key = copy.icv == IcvVerdict::kRight ? "key right" : "key wrong";
  return StageOf(copy.end) < TraceStage::kIcv ? absl::StrCat(key, ", which does not decide") : key;
}

std::string AgreementText(const ManagedInstance* instance) {
  if (instance == nullptr) return "";
  return absl::StrCat("ours: priority ", instance->priority.value(), ", interval ",
                      SecondsText(instance->config.advertisement_interval), ", addresses ",
                      AddressesOf(instance->config));
}

// RFC 9568 6.4.2 and 6.4.3, RFC 3768 likewise.
std::string BackupText(const ManagedInstance& instance, Priority theirs) {
  if (theirs == kPriorityRelease)
    return "its master resigns: the first such advert sets the Master_Down_Timer to Skew_Time";
  if (theirs >= instance.priority) return "the Master_Down_Timer starts again";
  if (!instance.config.preempt) return "the Master_Down_Timer starts again, because preempt is off";
  if (instance.config.preempt_delay > Nanoseconds(0)) {
    return "its priority is lower than ours: the Master_Down_Timer starts again until preempt_delay is over";
  }
  return "its priority is lower than ours: the Master_Down_Timer goes on, unless we have resigned";
}

std::string MasterText(const ManagedInstance& instance, const Speaker& says) {
  if (says.priority == kPriorityRelease) return "another master resigns: we advertise at once";
  const bool gives_way = says.priority > instance.priority ||
                         (says.priority == instance.priority && says.key.source > instance.config.source_address);
  return gives_way ? "its priority or address is higher than ours: we become Backup"
                   : "its priority or address is lower than ours: we stay Master";
}

std::string StateText(const FrameCopy& copy, const Speaker& says, const ManagedInstance* instance) {
  if (copy.end != DropReason::kNone) return "no timer changes";
  if (instance == nullptr) return "";
  const std::string remarks = absl::StrJoin(NamesOf(copy.remarks), ", ");
  std::string text(ToString(instance->state));
  if (instance->state == State::kBackup) absl::StrAppend(&text, ": ", BackupText(*instance, says.priority));
  if (instance->state == State::kMaster) absl::StrAppend(&text, ": ", MasterText(*instance, says));
  return remarks.empty() ? text : absl::StrCat(text, "; ", remarks);
}

}  // namespace

// Without `default`, so that a new reason does not compile without its stage.
TraceStage StageOf(DropReason end) {
  using enum DropReason;
  switch (end) {
    case kNotVrrp:
    case kTruncated:
    case kUnknownSegment:
      return TraceStage::kEthernet;
    case kBadIpHeader:
    case kBadIpChecksum:
    case kFragment:
    case kExtensionHeader:
    case kBadDestination:
    case kBadTtl:
    case kBadSource:
      return TraceStage::kIp;
    case kAhNextHeader:
    case kAhOptions:
    case kBadVersion:
    case kBadType:
    case kBadLength:
    case kNoAddresses:
    case kBadChecksum:
    case kBadInterval:
      return TraceStage::kMessage;
    case kBlocked:
    case kUnknownVrid:
    case kInstanceInactive:
    case kUnknownPeer:
    case kUnlistedSender:
    case kOwnEcho:
      return TraceStage::kInstance;
    case kInvalidAuthType:
    case kAuthTypeMismatch:
    case kBadPassword:
    case kExtMissing:
    case kExtMalformed:
    case kAhLength:
    case kBadSpi:
      return TraceStage::kAuthentication;
    case kExtStale:
    case kExtReplay:
    case kReplayed:
    case kStale:
    case kBehindGroup:
      return TraceStage::kNumber;
    case kUnverified:
    case kExtUnknownKey:
    case kExtInvalidHmac:
    case kBadIcv:
      return TraceStage::kIcv;
    case kNone:
    case kDuplicateOwner:
    case kV2Superseded:
    case kOwnerIgnores:
    case kIntervalMismatch:
    case kAddressMismatch:
      return TraceStage::kAgreement;
  }
  return TraceStage::kAgreement;
}

Report TraceReport(const FrameCopy& copy, absl::string_view port, const ManagedInstance* instance, int64_t unix_ms) {
  const Heard heard(copy.frame());
  const Speaker& says = heard.says();
  const bool numbered = says.has_ah || says.has_trailer;
  const std::array<std::string, kTraceStages> read = {EthernetText(copy),
                                                      IpText(says),
                                                      MessageText(heard),
                                                      InstanceText(instance),
                                                      AuthenticationText(says, instance),
                                                      numbered ? absl::StrCat("number ", heard.number()) : "none",
                                                      IcvText(copy),
                                                      AgreementText(instance)};
  const auto last = static_cast<size_t>(StageOf(copy.end));
  Table table{{"stage", "result", "detail"}, {}};
  table.rows.push_back({Text("received"), Null(), Text(absl::StrCat(FormatTime(unix_ms), " on ", port))});
  for (size_t i = 0; i < kTraceStages; ++i) {
    const bool refused = i == last && copy.end != DropReason::kNone;
    std::string detail = i > last && !heard.is_vrrp() ? "" : read[i];  // it read nothing that tells more
    if (refused) {
      const DropReasonInfo& why = AllDropReasons()[static_cast<size_t>(copy.end)];
      detail = absl::StrCat(why.name, ": ", why.meaning, "; ", detail);
    }
    const auto stage = static_cast<TraceStage>(i);
    const bool has_none = !numbered && (stage == TraceStage::kNumber || stage == TraceStage::kIcv);
    const Value result = refused ? Text("refused") : i > last ? Text("not reached") : has_none ? Null() : Text("ok");
    table.rows.push_back({Text(kNames[i]), result, Text(detail)});
  }
  table.rows.push_back({Text("state"), Null(), Text(StateText(copy, says, instance))});
  return Report{{Section{"", std::move(table)}}, ""};
}

std::string TraceAs(const FrameCopy& copy, absl::string_view port, const Registry& registry, int64_t unix_ms, bool json,
                    size_t width) {
  const Report report = TraceReport(copy, port, AddressedBy(copy, registry), unix_ms);
  return json ? RenderJson(report) : RenderText(report, {.width = width});
}

const ManagedInstance* AddressedBy(const FrameCopy& copy, const Registry& registry) {
  const Heard heard(copy.frame());
  if (!heard.is_vrrp()) return nullptr;
  const SpeakerKey& key = heard.says().key;
  for (const auto& [name, instance] : registry.instances()) {
    const InstanceConfig& config = instance.config;
    if (instance.removing || instance.port != key.port || config.vlan != key.vlan || config.vrid != key.vrid) continue;
    if (config.source_address.family() == key.source.family()) return &instance;
  }
  return nullptr;
}

}  // namespace dpvrrp
