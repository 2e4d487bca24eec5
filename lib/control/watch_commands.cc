// SPDX-License-Identifier: BSD-3-Clause
//
// `show senders`, `show rogues`, `diagnose`, `vrid suggest`: what the workers' watches have seen, and what it means.
#include <algorithm>
#include <bitset>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "control/command_context.h"
#include "control/diagnose.h"
#include "control/report_cells.h"

namespace dpvrrp::internal {
namespace {

// What an option restricts the answer to; empty: nothing.
struct Scope {
  std::string instance;
  std::string port;
  std::optional<VlanStack> vlan;
};

absl::StatusOr<Scope> ReadScope(const CommandContext& c) {
  Scope scope;
  for (const auto& [option, value] : c.call.parsed.options) {
    if (option == "instance") {
      const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, value);
      if (!instance.ok()) return instance.status();
      scope.instance = value;
    } else if (option == "port") {
      const absl::StatusOr<const PortBinding*> port = PortNamed(c.controller, value);
      if (!port.ok()) return port.status();
      scope.port = value;
    } else {
      const absl::StatusOr<VlanStack> vlan = ParseVlan(value);
      if (!vlan.ok()) return vlan.status();
      scope.vlan = *vlan;
    }
  }
  return scope;
}

std::string PortName(const Controller& controller, PortId id) {
  for (const PortBinding& port : controller.ports()) {
    if (port.id == id) return port.name;
  }
  return absl::StrCat(id.value());
}

// The instance that the speaker's adverts are for; null: none of ours.
const ManagedInstance* InstanceOf(const Controller& controller, const Speaker& s) {
  for (const auto& [name, instance] : controller.instances()) {
    const InstanceConfig& c = instance.config;
    const bool vrid = c.vrid == s.key.vrid || (instance.next_vrid != Vrid(0) && instance.next_vrid == s.key.vrid);
    if (vrid && instance.port == s.key.port && c.vlan == s.key.vlan &&
        (c.source_address.family() == Family::kIpv6) == s.is_ipv6 && !instance.removing) {
      return &instance;
    }
  }
  return nullptr;
}

std::string TimeAt(const CommandContext& c, Instant at) { return FormatTime(c.t.UnixMsAt(at)); }

Value Rate(double rate) { return static_cast<double>(static_cast<int64_t>(rate * 100 + 0.5)) / 100; }

std::string AuthOf(const Speaker& s) {
  if (s.has_ah) return "ah";
  if (s.has_trailer) return "auth-hmac";
  if (s.version != 2 || s.auth_type == 0) return "none";
  return s.auth_type == 1 ? "simple" : absl::StrCat("type ", s.auth_type);
}

std::string VirtualAddressesOf(const Speaker& s) {
  const size_t kept = std::min<size_t>(s.address_count, Speaker::kKeptAddresses);
  std::string text = absl::StrJoin(s.addresses.begin(), s.addresses.begin() + kept, ",",
                                   [](std::string* out, const IpAddress& a) { absl::StrAppend(out, ToString(a)); });
  if (s.address_count > kept) absl::StrAppend(&text, ",+", s.address_count - kept);
  return text;
}

// Where the AH number stands against the group's: "ahead" is what an honest advert is.
absl::string_view PositionOf(const Speaker& s) {
  if (s.sequence > s.sequence_known) return "ahead";
  return s.sequence == s.sequence_known ? "equal" : "behind";
}

std::vector<Finding> FindingsIn(const CommandContext& c, const Scope& scope) {
  std::vector<Finding> findings = c.controller.Findings(*c.speakers, c.t.now);
  std::erase_if(findings, [&](const Finding& f) {
    return (!scope.instance.empty() && f.instance != scope.instance) || (!scope.port.empty() && f.port != scope.port) ||
           (scope.vlan && f.culprit.vlan != *scope.vlan);
  });
  return findings;
}

std::vector<Value> RogueCells(const CommandContext& c, const Finding& f) {
  return {Text(InfoOf(f.verdict).name),
          Text(ToString(f.certainty)),
          f.instance.empty() ? Null() : Text(f.instance),
          Text(f.port),
          Text(ToString(f.culprit.vlan)),
          Number(f.culprit.vrid.value()),
          Text(ToString(f.culprit.source)),
          Text(ToString(f.culprit.mac)),
          Number(f.priority.value()),
          Text(ToString(f.key)),
          Rate(f.rate),
          Count(f.refused),
          Text(TimeAt(c, f.since)),
          Text(TimeAt(c, f.last_seen))};
}
const std::vector<std::string> kRogueColumns = {"verdict", "certainty", "instance", "port",     "vlan",
                                                "vrid",    "address",   "mac",      "priority", "key",
                                                "rate",    "refused",   "since",    "last_seen"};

std::string Paragraph(const CommandContext& c, size_t number, const Finding& f) {
  std::string text = absl::StrFormat("%d. %s (%s): %s.\n", number, std::string(InfoOf(f.verdict).name),
                                     std::string(ToString(f.certainty)), f.sentence);
  const auto line = [&](absl::string_view head, const std::string& body) {
    absl::StrAppend(&text, "   ", head, body, "\n");
  };
  for (const std::string& fact : f.evidence) line("Seen:    ", fact);
  const bool of_frames = f.verdict != Verdict::kAddressConflict;
  line("Culprit: ", absl::StrCat(ToString(f.culprit.source), ", MAC ", ToString(f.culprit.mac), ", port ", f.port,
                                 ", VLAN ", ToString(f.culprit.vlan),
                                 of_frames ? absl::StrCat(", VRID ", f.culprit.vrid.value(), ", priority ",
                                                          f.priority.value(), ", key ", ToString(f.key))
                                           : ""));
  line("Since:   ", absl::StrCat(TimeAt(c, f.since), ", last ", TimeAt(c, f.last_seen),
                                 of_frames ? absl::StrFormat(", %.1f adverts/s, %d refused", f.rate, f.refused) : ""));
  line("Mend:    ", f.mend);
  return text;
}

}  // namespace

absl::StatusOr<Report> ShowSenders(const CommandContext& c) {
  const absl::StatusOr<Scope> scope = ReadScope(c);
  if (!scope.ok()) return scope.status();
  Table table;
  table.columns = {"port", "vlan",     "vrid",     "instance", "address",    "mac",      "version",  "auth",
                   "key",  "spi",      "priority", "interval", "vips",       "ttl",      "sequence", "position",
                   "rate", "accepted", "refused",  "last_end", "first_seen", "last_seen"};
  std::vector<const Speaker*> speakers;
  for (const Speaker& s : *c.speakers) speakers.push_back(&s);
  std::sort(speakers.begin(), speakers.end(), [](const Speaker* a, const Speaker* b) {
    const auto place = [](const Speaker* s) {
      return std::tuple(s->key.port, s->key.vlan, s->key.vrid, s->is_ipv6, s->key.source, s->key.mac.bytes);
    };
    return place(a) < place(b);
  });
  for (const Speaker* s : speakers) {
    const ManagedInstance* instance = InstanceOf(c.controller, *s);
    const std::string port = PortName(c.controller, s->key.port);
    if (!scope->instance.empty() && (instance == nullptr || instance->config.name != scope->instance)) continue;
    if (!scope->port.empty() && port != scope->port) continue;
    if (scope->vlan && s->key.vlan != *scope->vlan) continue;
    uint64_t refused = 0;
    for (const uint32_t count : s->dropped) refused += count;
    table.rows.push_back({Text(port),
                          Text(ToString(s->key.vlan)),
                          Number(s->key.vrid.value()),
                          instance == nullptr ? Null() : Text(instance->config.name),
                          Text(ToString(s->key.source)),
                          Text(ToString(s->key.mac)),
                          Number(s->version),
                          Text(AuthOf(*s)),
                          Text(ToString(KeyOf(*s))),
                          s->has_ah ? SpiCell(s->spi) : Null(),
                          Number(s->priority.value()),
                          ExactSeconds(s->interval),
                          Text(VirtualAddressesOf(*s)),
                          s->ttl == 0 && s->has_ah ? Null() : Number(s->ttl),
                          s->has_ah ? Number(s->sequence) : Null(),
                          s->has_ah && instance != nullptr ? Text(PositionOf(*s)) : Null(),
                          Rate(s->rate()),
                          Count(s->accepted),
                          Count(refused),
                          Text(s->last_end == DropReason::kNone ? "accepted" : ToString(s->last_end)),
                          Text(TimeAt(c, s->first_seen)),
                          Text(TimeAt(c, s->last_seen))});
  }
  Report report;
  report.sections.push_back({"", std::move(table)});
  return report;
}

absl::StatusOr<Report> ShowRogues(const CommandContext& c) {
  Table table;
  table.columns = kRogueColumns;
  for (const Finding& f : FindingsIn(c, {})) {
    if (f.verdict != Verdict::kUnconfiguredVrid) table.rows.push_back(RogueCells(c, f));
  }
  Report report;
  report.sections.push_back({"", std::move(table)});
  return report;
}

absl::StatusOr<Report> DiagnoseCommand(const CommandContext& c) {
  const absl::StatusOr<Scope> scope = ReadScope(c);
  if (!scope.ok()) return scope.status();
  const std::vector<Finding> findings = FindingsIn(c, *scope);
  Report report;
  if (c.call.parsed.json) {
    Table table;
    table.columns = kRogueColumns;
    for (const char* column : {"sentence", "evidence", "mend"}) table.columns.emplace_back(column);
    for (const Finding& f : findings) {
      std::vector<Value> row = RogueCells(c, f);
      row.push_back(Text(f.sentence));
      row.push_back(Text(absl::StrJoin(f.evidence, "; ")));
      row.push_back(Text(f.mend));
      table.rows.push_back(std::move(row));
    }
    report.sections.push_back({"", std::move(table)});
    return report;
  }
  if (findings.empty()) {
    report.text = absl::StrCat("nothing suspicious among ", c.speakers->size(),
                               c.speakers->size() == 1 ? " sender\n" : " senders\n");
    return report;
  }
  for (size_t i = 0; i < findings.size(); ++i) {
    absl::StrAppend(&report.text, i > 0 ? "\n" : "", Paragraph(c, i + 1, findings[i]));
  }
  return report;
}

absl::StatusOr<Report> SuggestVrid(const CommandContext& c) {
  const absl::StatusOr<const PortBinding*> port = PortNamed(c.controller, c.argument(0));
  if (!port.ok()) return port.status();
  absl::StatusOr<VlanStack> vlan = VlanStack{};
  for (const auto& [option, value] : c.call.parsed.options) vlan = ParseVlan(value);
  if (!vlan.ok()) return vlan.status();

  constexpr uint8_t kKeepalivedExample = 51;  // what its manual and most guides use
  std::bitset<256> taken;
  std::vector<int> heard;
  for (const auto& [name, instance] : c.controller.instances()) {
    if (instance.port != (*port)->id || instance.config.vlan != *vlan) continue;
    taken.set(instance.config.vrid.value());
    taken.set(instance.next_vrid.value());
  }
  for (const Speaker& s : *c.speakers) {
    if (s.key.port != (*port)->id || s.key.vlan != *vlan) continue;
    if (!taken[s.key.vrid.value()]) heard.push_back(s.key.vrid.value());
    taken.set(s.key.vrid.value());
  }
  taken.set(0);
  std::sort(heard.begin(), heard.end());
  std::vector<std::string> free;
  for (int vrid = 1; vrid <= 255; ++vrid) {
    if (taken[vrid] || vrid == kKeepalivedExample || vrid == 1 || vrid == 10 || vrid == 100) continue;
    free.push_back(absl::StrCat(vrid));
  }
  constexpr size_t kSuggested = 10;
  const size_t all = free.size();
  if (free.size() > kSuggested) free.resize(kSuggested);
  Record record;
  record.fields = {{"port", Text((*port)->name)},
                   {"vlan", Text(ToString(*vlan))},
                   {"suggested", Text(absl::StrJoin(free, " "))},
                   {"free", Count(all)},
                   {"heard_of_others", Text(heard.empty() ? "none" : absl::StrJoin(heard, " "))},
                   {"heard_since", Text(FormatTime(c.controller.started().unix_ms))},
                   {"left_out", Text("1, 10, 51, 100: what examples and defaults use, and so the next group")}};
  Report report;
  report.sections.push_back({"", std::move(record)});
  return report;
}

}  // namespace dpvrrp::internal
