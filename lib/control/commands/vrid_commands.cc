// SPDX-License-Identifier: BSD-3-Clause
//
// `vrid suggest`, `vrid migrate`, `finish`, `abort`: an instance moves to another VRID while its address stays where it
// is (docs/operations.md has the procedure).
#include <algorithm>
#include <bitset>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/reports/report_cells.h"

namespace dpvrrp::internal {
namespace {

absl::Status NotMoving(const ManagedInstance& instance) {
  return absl::FailedPreconditionError(absl::StrCat(
      instance.config.name, " is not moving to another VRID: first vrid migrate ", instance.config.name, " NEW"));
}

}  // namespace

absl::StatusOr<Report> SuggestVrid(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const PortBinding* port, PortNamed(c.view, c.argument(0)));
  VlanStack vlan;
  for (const auto& [option, value] : c.call.parsed.options) {
    DPVRRP_ASSIGN_OR_RETURN(vlan, ParseVlan(value));
  }

  constexpr uint8_t kKeepalivedExample = 51;  // what its manual and most guides use
  std::bitset<256> taken;
  std::vector<int> heard;
  for (const auto& [name, instance] : c.view.registry.instances()) {
    if (instance.port != port->id || instance.config.vlan != vlan) continue;
    taken.set(instance.config.vrid.value());
    taken.set(c.view.moves.NextOf(instance.id).value());
  }
  for (const Speaker& s : *c.answers.speakers) {
    if (s.key.port != port->id || s.key.vlan != vlan) continue;
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
  record.fields = {{"port", Text(port->name)},
                   {"vlan", Text(ToString(vlan))},
                   {"suggested", Text(absl::StrJoin(free, " "))},
                   {"free", Count(all)},
                   {"heard_of_others", Text(heard.empty() ? "none" : absl::StrJoin(heard, " "))},
                   {"heard_since", Text(FormatTime(c.view.started.unix_ms))},
                   {"age_seconds", WatchAge(c.answers, c.view.registry.WorkerOf(port->id, vlan), c.t)},
                   {"left_out", Text("1, 10, 51, 100: used by examples and defaults, so probably by the next group")}};
  return Only(std::move(record));
}

absl::StatusOr<Report> MigrateVrid(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, AdvertiserNamed(c.view, c.argument(0)));
  DPVRRP_ASSIGN_OR_RETURN(const int vrid, NumberIn(c.argument(1), 1, 255, "vrid"));
  DPVRRP_RETURN_IF_ERROR(c.orders.MigrateVrid(*instance, Vrid(static_cast<uint8_t>(vrid)), c.t));
  return Done(absl::StrCat(c.argument(0), ": uses VRID ", vrid, " beside ", instance->config.vrid.value(),
                           "; when its peers do too: vrid finish ", c.argument(0)));
}

absl::StatusOr<Report> FinishVrid(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, InstanceNamed(c.view, c.argument(0)));
  const Vrid next = c.view.moves.NextOf(instance->id);
  if (next == Vrid(0)) return NotMoving(*instance);
  if (!c.view.numbers.HasBegunNext(*instance)) {
    return absl::FailedPreconditionError(absl::StrCat(c.argument(0), " has not begun to move to VRID ", next.value(),
                                                      ": the disk of the state directory has not answered yet"));
  }
  // If a backup leaves the old VRID before its master speaks the new one, it becomes a second master. A master hears
  // nothing from its backups, so the operator must know their state.
  const KnownInstance* snapshot = c.LastAnswerOf(*instance).known();
  const bool master_has_moved = snapshot != nullptr && snapshot->next_vrid_heard;
  if (instance->state == State::kBackup && !master_has_moved) {
    return absl::FailedPreconditionError(
        absl::StrCat("the master has not been heard with VRID ", next.value(),
                     " yet: first migrate the master, then finish the backups, then the master"));
  }
  c.orders.FinishVrid(*instance, c.t);
  return Done(absl::StrCat(c.argument(0), ": moved from VRID ", c.view.moves.MoveOf(instance->id).left.value(), " to ",
                           next.value(), "; set vrid = ", next.value(),
                           " in the configuration before the next reload"));
}

absl::StatusOr<Report> AbortVrid(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, InstanceNamed(c.view, c.argument(0)));
  if (c.view.moves.NextOf(instance->id) == Vrid(0)) return NotMoving(*instance);
  c.orders.AbortVrid(*instance, c.t);
  return Done(absl::StrCat(c.argument(0), ": keeps VRID ", instance->config.vrid.value()));
}

}  // namespace dpvrrp::internal
