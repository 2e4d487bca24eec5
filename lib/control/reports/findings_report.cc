// SPDX-License-Identifier: BSD-3-Clause
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "control/reports/report_cells.h"
#include "control/reports/seen.h"

namespace dpvrrp {
namespace {

// Cells that a fault of ours does not have are null.
std::vector<Value> RogueCells(const Seen& seen, const Finding& f) {
  const bool is_ours = InfoOf(f.verdict).kind == VerdictKind::kOurs;
  const bool of_a_group = !is_ours || f.culprit.vrid != Vrid(0);
  return {Text(InfoOf(f.verdict).name),
          Text(ToString(f.certainty)),
          f.instance.empty() ? Null() : Text(f.instance),
          f.port.empty() ? Null() : Text(f.port),
          of_a_group ? Text(ToString(f.culprit.vlan)) : Null(),
          of_a_group ? Number(f.culprit.vrid.value()) : Null(),
          is_ours && f.culprit.source == IpAddress() ? Null() : Text(ToString(f.culprit.source)),
          is_ours && f.culprit.mac == MacAddress{} ? Null() : Text(ToString(f.culprit.mac)),
          Number(f.priority.value()),
          Text(ToString(f.key)),
          Rate(f.rate),
          Count(f.refused),
          Text(seen.TimeAt(f.since)),
          Text(seen.TimeAt(f.last_seen)),
          is_ours ? Null() : seen.AgeOf(f.culprit)};
}
const std::vector<std::string> kRogueColumns = {"verdict", "certainty", "instance", "port",      "vlan",
                                                "vrid",    "address",   "mac",      "priority",  "key",
                                                "rate",    "refused",   "since",    "last_seen", "age_seconds"};

// Where a fault of ours is, or which sender causes the fault; and since when.
template <typename Line>
void AppendWho(const Seen& seen, const Finding& f, const Line& line) {
  const bool is_ours = InfoOf(f.verdict).kind == VerdictKind::kOurs;
  if (is_ours && f.verdict != Verdict::kWeHearNobody) {
    std::string where = "this gateway";
    if (!f.port.empty()) absl::StrAppend(&where, ", port ", f.port);
    if (f.culprit.mac != MacAddress{}) absl::StrAppend(&where, ", MAC ", ToString(f.culprit.mac));
    if (!f.instance.empty()) absl::StrAppend(&where, ", instance ", f.instance);
    line("Where:   ", where);
    line("Since:   ", seen.TimeAt(f.since));
    return;
  }
  const bool of_adverts = !is_ours && f.verdict != Verdict::kAddressConflict;
  line("Culprit: ", absl::StrCat(ToString(f.culprit.source), ", MAC ", ToString(f.culprit.mac), ", port ", f.port,
                                 ", VLAN ", ToString(f.culprit.vlan),
                                 of_adverts ? absl::StrCat(", VRID ", f.culprit.vrid.value(), ", priority ",
                                                           f.priority.value(), ", key ", ToString(f.key))
                                            : ""));
  line("Since:   ", absl::StrCat(seen.TimeAt(f.since), ", last ", seen.TimeAt(f.last_seen),
                                 of_adverts ? absl::StrFormat(", %.1f adverts/s, %d refused", f.rate, f.refused) : ""));
}

std::string Paragraph(const Seen& seen, size_t number, const Finding& f) {
  std::string text = absl::StrFormat("%d. %s (%s): %s.\n", number, std::string(InfoOf(f.verdict).name),
                                     std::string(ToString(f.certainty)), f.sentence);
  const auto line = [&](absl::string_view head, const std::string& body) {
    absl::StrAppend(&text, "   ", head, body, "\n");
  };
  for (const std::string& fact : f.evidence) line("Seen:    ", fact);
  AppendWho(seen, f, line);
  line("Mend:    ", f.mend);
  return text;
}

}  // namespace

Table FindingsTable(const Seen& seen, const std::vector<Finding>& findings, bool with_texts) {
  Table table;
  table.columns = kRogueColumns;
  table.first = "verdict address instance certainty vrid last_seen vlan mac port since rate refused";
  if (with_texts) table.columns.insert(table.columns.end(), {"sentence", "evidence", "mend"});
  for (const Finding& f : findings) {
    std::vector<Value> row = RogueCells(seen, f);
    if (with_texts) {
      row.push_back(Text(f.sentence));
      row.push_back(Text(absl::StrJoin(f.evidence, "; ")));
      row.push_back(Text(f.mend));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string FindingsText(const Seen& seen, const std::vector<Finding>& findings) {
  std::string text;
  for (size_t i = 0; i < findings.size(); ++i) {
    absl::StrAppend(&text, i > 0 ? "\n" : "", Paragraph(seen, i + 1, findings[i]));
  }
  return text;
}

}  // namespace dpvrrp
