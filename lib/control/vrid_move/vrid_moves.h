// SPDX-License-Identifier: BSD-3-Clause
//
// The moves of all instances to other VRIDs (vrid_move.h): which moves are allowed, which places they take, and
// which commands the lcores get.
//
// Thread: control.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "control/instances/registry.h"
#include "control/part.h"
#include "control/vrid_move/vrid_move.h"
#include "pipeline/messages/command.h"

namespace dpvrrp {

// What Finish() has done.
struct VridMoveFinished {
  Vrid left;
  std::string left_place;    // free now
  bool has_new_mac = false;  // the addresses belong on the devices of the new virtual MAC
};

class VridMoves final : public Part {
 public:
  explicit VridMoves(const PartContext& context) : context_(context) {}

  const VridMove& MoveOf(InstanceId id) const;
  Vrid NextOf(InstanceId id) const { return MoveOf(id).next; }
  bool IsMoving(InstanceId id) const { return NextOf(id) != Vrid(0); }
  // SequenceKey() with the next VRID; empty: it is not moving.
  std::string NextPlaceOf(const ManagedInstance& instance) const;

  // FailedPrecondition, AlreadyExists: the instance cannot move there. `is_awaited`: an instance of the configuration
  // waits for the place.
  absl::Status MayBegin(const ManagedInstance& instance, Vrid vrid, bool is_awaited, ControlTime t) const;
  // The command that begins the move, without the numbers.
  static command::SpeakNextVrid BeginCommand(const ManagedInstance& instance, Vrid vrid);
  // The instance is moving from now on, and has a second place.
  void Begin(const ManagedInstance& instance, Vrid vrid, ControlTime t);
  // The instance, which must be moving, has the next VRID only.
  VridMoveFinished Finish(ManagedInstance& instance, ControlTime t);
  // The instance, which must be moving, stays at its VRID. Returns the place that is free now. Unless the lcore has not
  // begun, it must be sent AbortCommand(), made before this call.
  std::string Abort(const ManagedInstance& instance, ControlTime t);
  command::StopNextVrid AbortCommand(const ManagedInstance& instance) const;
  // The old virtual MAC, if there is one, is not received any more.
  void ForgetLeft(const ManagedInstance& instance);
  // The instances whose old virtual MAC was forgotten since the last call: its devices are to be released.
  std::vector<InstanceId> TakeForgotten() { return std::exchange(forgotten_, {}); }

  // ---- Reloads ----

  // FailedPrecondition: `wanted` gives a place to an instance that another one moves to, or finishes a move that an
  // lcore has not begun.
  absl::Status Check(const Config& wanted, absl::FunctionRef<bool(const ManagedInstance&)> has_begun) const;
  // The instances that are moving to the VRID that `wanted` gives them.
  std::vector<InstanceId> FinishedBy(const Config& wanted) const;

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return to_forget_.empty() ? kNever : to_forget_.front().first; }
  void Forget(InstanceId id) override { moves_.erase(id); }

 private:
  const ManagedInstance* OtherOnVirtualMac(const ManagedInstance& instance, Vrid vrid) const;
  void TakeStep(const ManagedInstance& instance, const VridMoveInput& input);

  PartContext context_;
  absl::flat_hash_map<InstanceId, VridMove> moves_;       // of instances that have moved or are moving
  std::deque<std::pair<Instant, InstanceId>> to_forget_;  // in the order of time
  std::vector<InstanceId> forgotten_;
};

}  // namespace dpvrrp
