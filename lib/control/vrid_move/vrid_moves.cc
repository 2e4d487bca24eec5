// SPDX-License-Identifier: BSD-3-Clause
#include "control/vrid_move/vrid_moves.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "control/instances/router_builder.h"
#include "control/journal/journal.h"
#include "control/outbox.h"

namespace dpvrrp {
namespace {

// The source MAC of this VRID's adverts; zero: the port's MAC.
MacAddress VirtualMacOf(const InstanceConfig& config, Vrid vrid) {
  return config.source_mac == SourceMac::kVirtual ? VirtualMac(config.source_address.family(), vrid) : MacAddress{};
}

bool ShareADevice(const InstanceConfig& a, const InstanceConfig& b) {
  return std::ranges::any_of(a.virtual_addresses, [&](const VirtualAddress& address) {
    return !address.device.empty() &&
           std::ranges::find(b.virtual_addresses, address.device, &VirtualAddress::device) != b.virtual_addresses.end();
  });
}

}  // namespace

const VridMove& VridMoves::MoveOf(InstanceId id) const {
  static const VridMove kStays;
  const auto it = moves_.find(id);
  return it == moves_.end() ? kStays : it->second;
}

std::string VridMoves::NextPlaceOf(const ManagedInstance& instance) const {
  const Vrid next = NextOf(instance.id);
  return next == Vrid(0) ? std::string() : SequenceKey(instance.config, next);
}

// The other instance that has this virtual MAC on top of a device that this instance uses too. It is on another
// segment, since on this one it would have the place. The file's check has the same rule.
const ManagedInstance* VridMoves::OtherOnVirtualMac(const ManagedInstance& instance, Vrid vrid) const {
  const MacAddress mac = VirtualMacOf(instance.config, vrid);
  if (mac == MacAddress{}) return nullptr;
  for (const auto& [name, other] : context_.registry.instances()) {
    const Vrid next = NextOf(other.id);
    const bool has_it = VirtualMacOf(other.config, other.config.vrid) == mac ||
                        (next != Vrid(0) && VirtualMacOf(other.config, next) == mac);
    if (&other != &instance && has_it && ShareADevice(instance.config, other.config)) return &other;
  }
  return nullptr;
}

absl::Status VridMoves::MayBegin(const ManagedInstance& instance, Vrid vrid, bool is_awaited, ControlTime t) const {
  const InstanceConfig& config = instance.config;
  if (vrid == config.vrid)
    return absl::FailedPreconditionError(absl::StrCat(config.name, " already has VRID ", vrid.value()));
  const VridMove& move = MoveOf(instance.id);
  if (move.next != Vrid(0)) {
    return absl::FailedPreconditionError(
        absl::StrCat(config.name, " is already moving to VRID ", move.next.value(), ": vrid finish or vrid abort"));
  }
  if (context_.registry.IsTaken(SequenceKey(config, vrid)) || is_awaited) {
    return absl::AlreadyExistsError(absl::StrCat(
        "VRID ", vrid.value(), " belongs to another instance on this segment; free ones: vrid suggest ", config.port));
  }
  if (move.left_mac != MacAddress{}) {
    return absl::FailedPreconditionError(
        absl::StrCat(config.name, " has just left VRID ", move.left.value(),
                     ", and its hosts may not have learned the new MAC yet; try again in ",
                     std::chrono::ceil<std::chrono::seconds>(move.forget_left - t.now).count(), " s"));
  }
  if (const ManagedInstance* other = OtherOnVirtualMac(instance, vrid)) {
    return absl::AlreadyExistsError(absl::StrCat("the virtual MAC of VRID ", vrid.value(), " is used by instance ",
                                                 other->config.name, " on the same device"));
  }
  return absl::OkStatus();
}

command::SpeakNextVrid VridMoves::BeginCommand(const ManagedInstance& instance, Vrid vrid) {
  return {.router = instance.router, .vrid = vrid, .mac = VirtualMacOf(instance.config, vrid)};
}

// Takes one step, and carries out its effect on the lcore.
void VridMoves::TakeStep(const ManagedInstance& instance, const VridMoveInput& input) {
  const VridMoveStep step = Step(MoveOf(instance.id), input);
  moves_[instance.id] = step.move;
  if (!step.forget_mac.has_value() || instance.removing) return;  // else it goes with the router and the addresses
  forgotten_.push_back(instance.id);
  context_.outbox.shard.push_back(command::ForgetMac{instance.router, *step.forget_mac});
}

void VridMoves::Begin(const ManagedInstance& instance, Vrid vrid, ControlTime t) {
  TakeStep(instance, {.kind = VridMoveInput::Kind::kBegin, .vrid = vrid});
  context_.registry.Take(SequenceKey(instance.config, vrid));
  context_.journal.Record(instance.config, occurrence::VridMoveBegan{instance.config.vrid, vrid}, t.unix_ms);
}

VridMoveFinished VridMoves::Finish(ManagedInstance& instance, ControlTime t) {
  InstanceConfig& config = instance.config;
  VridMoveFinished finished{config.vrid, SequenceKey(config), config.source_mac == SourceMac::kVirtual};
  config.vrid = NextOf(instance.id);
  context_.registry.Release(finished.left_place);
  std::vector<InstanceConfig>& file = context_.registry.config().instances;
  const auto in_force = std::ranges::find(file, config.name, &InstanceConfig::name);
  if (in_force != file.end()) in_force->vrid = config.vrid;

  // After its earlier commands, the lcore sends from the new virtual MAC only.
  context_.outbox.shard.push_back(command::AdoptNextVrid{instance.router});
  TakeStep(instance, {.kind = VridMoveInput::Kind::kFinish,
                      .vrid = finished.left,
                      .mac = VirtualMacOf(config, finished.left),
                      .is_master = instance.state == State::kMaster,
                      .now = t.now});
  const Instant forget_left = MoveOf(instance.id).forget_left;
  if (forget_left != kNever) to_forget_.emplace_back(forget_left, instance.id);
  return finished;
}

command::StopNextVrid VridMoves::AbortCommand(const ManagedInstance& instance) const {
  return {.router = instance.router, .mac = VirtualMacOf(instance.config, NextOf(instance.id))};
}

std::string VridMoves::Abort(const ManagedInstance& instance, ControlTime t) {
  std::string place = NextPlaceOf(instance);
  context_.journal.Record(instance.config, occurrence::VridMoveAborted{instance.config.vrid, NextOf(instance.id)},
                          t.unix_ms);
  TakeStep(instance, {.kind = VridMoveInput::Kind::kAbort});
  context_.registry.Release(place);
  return place;
}

void VridMoves::ForgetLeft(const ManagedInstance& instance) {
  if (MoveOf(instance.id).left_mac == MacAddress{}) return;
  TakeStep(instance, {.kind = VridMoveInput::Kind::kForgetLeft});
}

void VridMoves::OnTime(ControlTime t) {
  for (; !to_forget_.empty() && to_forget_.front().first <= t.now; to_forget_.pop_front()) {
    const ManagedInstance* instance = context_.registry.FindById(to_forget_.front().second);
    if (instance != nullptr && MoveOf(instance->id).forget_left <= t.now) ForgetLeft(*instance);
  }
}

// ---- Reloads ----

absl::Status VridMoves::Check(const Config& wanted, absl::FunctionRef<bool(const ManagedInstance&)> has_begun) const {
  const auto moving = [&](const std::string& name) {
    const ManagedInstance* instance = context_.registry.Find(name);
    return instance != nullptr && IsMoving(instance->id) ? instance : nullptr;
  };
  for (const InstanceConfig& config : wanted.instances) {
    const ManagedInstance* instance = moving(config.name);
    if (instance == nullptr || NextOf(instance->id) != config.vrid || has_begun(*instance)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("nothing changed: instance ", config.name, " has not begun to move to VRID ", config.vrid.value(),
                     ", because the disk of the state directory has not answered yet"));
  }
  // An instance that was given the place to which another one moves would wait for it and never start.
  absl::flat_hash_map<std::string, std::string> claims;  // place, name of the instance; made if an instance moves
  for (const InstanceConfig& stays : wanted.instances) {
    const ManagedInstance* instance = moving(stays.name);
    if (instance == nullptr || NextOf(instance->id) == stays.vrid) continue;
    if (claims.empty()) {
      for (const InstanceConfig& config : wanted.instances) claims.emplace(SequenceKey(config), config.name);
    }
    const auto claim = claims.find(NextPlaceOf(*instance));
    if (claim == claims.end()) continue;
    return absl::FailedPreconditionError(absl::StrCat("nothing changed: instance ", claim->second, ": ", stays.name,
                                                      " moves to VRID ", NextOf(instance->id).value(),
                                                      " (vrid finish or vrid abort first)"));
  }
  return absl::OkStatus();
}

std::vector<InstanceId> VridMoves::FinishedBy(const Config& wanted) const {
  std::vector<InstanceId> ids;
  for (const InstanceConfig& config : wanted.instances) {
    const ManagedInstance* instance = context_.registry.Find(config.name);
    if (instance != nullptr && IsMoving(instance->id) && NextOf(instance->id) == config.vrid)
      ids.push_back(instance->id);
  }
  return ids;
}

}  // namespace dpvrrp
