// SPDX-License-Identifier: BSD-3-Clause
//
// `show tracks`, `show groups`, and the tracks of an instance in `show instance`.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {
namespace {

// What is observed, as the operator has configured it.
std::string ObjectOf(const TrackConfig& config) {
  switch (config.kind) {
    case TrackKind::kScript:
      return absl::StrJoin(config.command, " ");
    case TrackKind::kInterface:
      return config.address.has_value() ? absl::StrCat(config.interface, " ", ToString(*config.address))
                                        : config.interface;
    case TrackKind::kPort:
      return config.port;
    case TrackKind::kInstance:
      return absl::StrCat(config.instance, config.must_be_master ? " master" : " running");
    case TrackKind::kManual:
      break;
  }
  return "";
}

std::string EffectText(const TrackInUse& use) {
  if (use.effect.fault) return "fault";
  if (use.effect.unknown) return "awaited";
  return use.effect.weight > 0 ? absl::StrCat("+", use.effect.weight) : absl::StrCat(use.effect.weight);
}

}  // namespace

Report TracksReport(View& view) {
  Table table{{"name", "kind", "object", "value", "since", "changes", "suppressed", "instances", "observed"},
              {},
              "name value kind since observed instances object changes"};
  for (size_t i = 0; i < view.tracks.size(); ++i) {
    const TrackState& track = view.tracks.at(i);
    const TrackConfig& config = track.config();
    table.rows.push_back({config.name, Text(ToString(config.kind)), ObjectOf(config), ToString(track.value()),
                          track.since_unix_ms() == 0 ? Null() : Text(FormatTime(track.since_unix_ms())),
                          Count(track.changes()), Count(track.suppressed()), Count(view.tracks.UsersOf(i)),
                          track.what().empty() ? Null() : Text(track.what())});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report GroupsReport(View& view) {
  Table table{{"name", "kind", "leader", "members", "masters", "state", "culprit"},
              {},
              "name state masters members culprit kind leader"};
  for (const GroupConfig& group : view.registry.config().groups) {
    const Groups::Summary summary = view.groups.SummaryOf(group);
    const std::string culprit = view.groups.CulpritOf(group);
    table.rows.push_back({group.name, Text(ToString(group.kind)), group.leader.empty() ? Null() : Text(group.leader),
                          Count(group.members.size()), Count(summary.masters),
                          summary.state.has_value() ? Text(ToString(*summary.state)) : Text("moving"),
                          culprit.empty() ? Null() : Text(culprit)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Table TracksOfInstance(View& view, InstanceId id) {
  Table table{{"track", "group", "value", "weight", "reverse", "effect", "observed"}, {}};
  for (const TrackInUse& use : view.tracks.UsedBy(id)) {
    if (use.track == nullptr) continue;
    table.rows.push_back({use.use->track, use.group == nullptr ? Null() : Text(*use.group),
                          ToString(use.track->value()), use.use->weight.has_value() ? Number(*use.use->weight) : Null(),
                          use.use->reverse, EffectText(use),
                          use.track->what().empty() ? Null() : Text(use.track->what())});
  }
  return table;
}

}  // namespace dpvrrp
