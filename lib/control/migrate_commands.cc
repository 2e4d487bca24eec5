// SPDX-License-Identifier: BSD-3-Clause
//
// `vrid migrate`, `finish`, `abort`: an instance moves to another VRID while its address stays where it is
// (docs/operations.md has the procedure).
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "control/command_context.h"
#include "control/reports.h"

namespace dpvrrp::internal {
namespace {

absl::Status NotMoving(const ManagedInstance& instance) {
  return absl::FailedPreconditionError(absl::StrCat(
      instance.config.name, " is not moving to another VRID: first vrid migrate ", instance.config.name, " NEW"));
}

}  // namespace

absl::StatusOr<Report> MigrateVrid(const CommandContext& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  int vrid = 0;
  if (!absl::SimpleAtoi(c.argument(1), &vrid) || vrid < 1 || vrid > 255) {
    return absl::InvalidArgumentError(absl::StrCat("vrid must be 1..255, got '", c.argument(1), "'"));
  }
  const absl::Status status = c.controller.MigrateVrid(**instance, Vrid(static_cast<uint8_t>(vrid)), c.t);
  if (!status.ok()) return status;
  return Done(absl::StrCat(c.argument(0), ": speaks and hears VRID ", vrid, " beside ",
                           (*instance)->config.vrid.value(), "; once its peers do too: vrid finish ", c.argument(0)));
}

absl::StatusOr<Report> FinishVrid(const CommandContext& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  const Vrid next = (*instance)->next_vrid;
  if (next == Vrid(0)) return NotMoving(**instance);
  // A backup that left the old VRID before its master speaks the new one would be a second master in a moment. Of a
  // master's backups nothing is heard, so that is the operator's to know.
  const InstanceSnapshot* snapshot = FindSnapshot(c.answer, (*instance)->id);
  const bool master_has_moved = snapshot != nullptr && snapshot->next_vrid_heard;
  if ((*instance)->state == State::kBackup && !master_has_moved) {
    return absl::FailedPreconditionError(absl::StrCat("the master has not been heard with VRID ", next.value(),
                                                      " yet: first migrate it, then finish the backups, then it"));
  }
  c.controller.FinishVrid(**instance, c.t);
  return Done(absl::StrCat(c.argument(0), ": has left VRID ", (*instance)->left_vrid.value(), " for ", next.value(),
                           "; write vrid = ", next.value(), " into the configuration before the next reload"));
}

absl::StatusOr<Report> AbortVrid(const CommandContext& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  if ((*instance)->next_vrid == Vrid(0)) return NotMoving(**instance);
  c.controller.AbortVrid(**instance, c.t);
  return Done(absl::StrCat(c.argument(0), ": stays at VRID ", (*instance)->config.vrid.value()));
}

}  // namespace dpvrrp::internal
