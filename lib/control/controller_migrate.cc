// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: an instance moves to another VRID. While it does, it has two places.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ah/continuity.h"
#include "ah/keep_numbers.h"
#include "control/controller.h"
#include "control/router_builder.h"

namespace dpvrrp {
namespace {

// How far the numbers of a VRID that is not used alone are kept ahead: of a move that is under way, more than it can
// use up, as the daemon may be killed in it; of one that is over, what an lcore sends before it hears of that.
constexpr uint32_t kAheadWhileMoving = 1'000'000;
constexpr uint32_t kAhead = 1000;

}  // namespace

// A VRID keeps its numbers whoever has it next: none may be used twice with a key, nor an old advert be taken for new.
void Controller::KeepNumbersFor(const ManagedInstance& instance, Vrid vrid, bool while_moving, ControlTime t) {
  const std::string key = RecordKey(instance.config, vrid);
  if (key.empty()) return;
  const absl::StatusOr<SequenceRecord*> live = services_.AcquireRecord(RecordKey(instance.config));
  const absl::StatusOr<SequenceRecord*> kept = services_.AcquireRecord(key);
  if (live.ok() && kept.ok()) return KeepNumbers(**live, **kept, while_moving ? kAheadWhileMoving : kAhead);
  const absl::Status& fault = live.ok() ? kept.status() : live.status();
  Log(Severity::kError, &instance.config, "vrid", std::string(fault.message()), t.unix_ms);
}

absl::Status Controller::MigrateVrid(ManagedInstance& instance, Vrid vrid, ControlTime t) {
  const InstanceConfig& config = instance.config;
  if (config.source_mac == SourceMac::kVirtual) {
    return absl::FailedPreconditionError(absl::StrCat(
        config.name, " has source_mac = \"virtual\": its hosts know the address by the MAC of VRID ",
        config.vrid.value(), ", which must change with the VRID; move it by a reload, in a maintenance window"));
  }
  if (vrid == config.vrid) return absl::FailedPreconditionError(absl::StrCat(config.name, " has VRID ", vrid.value()));
  if (instance.next_vrid != Vrid(0)) {
    return absl::FailedPreconditionError(absl::StrCat(config.name, " is moving to VRID ", instance.next_vrid.value(),
                                                      " already: vrid finish or vrid abort"));
  }
  const std::string place = SequenceKey(config, vrid);
  if (places_.contains(place) || to_add_in_place_.contains(place)) {
    return absl::AlreadyExistsError(absl::StrCat(
        "VRID ", vrid.value(), " is another instance's on this segment; free ones: vrid suggest ", config.port));
  }
  ShardCommand command;
  command.kind = ShardCommand::Kind::kSpeakNextVrid;
  command.router = instance.router;
  command.vrid = vrid;
  if (const std::string key = RecordKey(config, vrid); !key.empty()) {
    // Numbers that this VRID has seen in former times must not come again.
    const absl::StatusOr<SequenceRecord*> record = services_.AcquireRecord(key);
    if (!record.ok()) return record.status();
    command.sequence = (*record)->sent;
    if (config.auth.kind == AuthKind::kAh) {
      instance.next_record = *record;
      ReserveAhead(*instance.record, std::max(Reached(*instance.record, false), command.sequence));
      SendReserved(instance);
    }
  }
  KeepNumbersFor(instance, vrid, true, t);
  outbox_.shard.push_back(command);
  instance.next_vrid = vrid;
  places_.insert(place);
  Log(Severity::kNotice, &config, "vrid",
      absl::StrCat("moving from VRID ", config.vrid.value(), " to ", vrid.value(), ": speaks and hears both"),
      t.unix_ms);
  return absl::OkStatus();
}

void Controller::FinishVrid(ManagedInstance& instance, ControlTime t) {
  const std::string before = SequenceKey(instance.config);
  instance.left_vrid = instance.config.vrid;
  instance.config.vrid = std::exchange(instance.next_vrid, Vrid(0));
  instance.next_record = nullptr;
  places_.erase(before);
  const auto in_force = std::find_if(config_.instances.begin(), config_.instances.end(),
                                     [&](const InstanceConfig& c) { return c.name == instance.config.name; });
  if (in_force != config_.instances.end()) in_force->vrid = instance.config.vrid;
  if (const std::string key = RecordKey(instance.config); !key.empty()) {
    const absl::Status moved = services_.MoveRecord(RecordKey(instance.config, instance.left_vrid), key);
    if (!moved.ok()) Log(Severity::kError, &instance.config, "vrid", std::string(moved.message()), t.unix_ms);
    if (moved.ok()) KeepNumbersFor(instance, instance.left_vrid, false, t);
    outbox_.flush_records = true;
  }
  Send(ShardCommand::Kind::kAdoptNextVrid, instance);
  Log(Severity::kNotice, &instance.config, "vrid",
      absl::StrCat("moved from VRID ", instance.left_vrid.value(), " to ", instance.config.vrid.value()), t.unix_ms);
  FillPlace(before, t);
}

void Controller::AbortVrid(ManagedInstance& instance, ControlTime t) {
  const std::string place = SequenceKey(instance.config, instance.next_vrid);
  Log(Severity::kNotice, &instance.config, "vrid",
      absl::StrCat("stays at VRID ", instance.config.vrid.value(), ", not ", instance.next_vrid.value()), t.unix_ms);
  instance.next_vrid = Vrid(0);
  instance.next_record = nullptr;
  Send(ShardCommand::Kind::kSpeakNextVrid, instance);  // command.vrid is 0
  places_.erase(place);
  FillPlace(place, t);
}

// An instance that was given the place another one moves to would wait for it and not be heard of.
absl::Status Controller::CheckMoves(const Config& wanted) {
  for (const InstanceConfig& stays : wanted.instances) {
    const ManagedInstance* moving = FindInstance(stays.name);
    if (moving == nullptr || moving->next_vrid == Vrid(0) || moving->next_vrid == stays.vrid) continue;
    const std::string place = SequenceKey(moving->config, moving->next_vrid);
    for (const InstanceConfig& claims : wanted.instances) {
      if (claims.name == stays.name || SequenceKey(claims) != place) continue;
      return absl::FailedPreconditionError(absl::StrCat("nothing changed: instance ", claims.name, ": ", stays.name,
                                                        " moves to VRID ", moving->next_vrid.value(),
                                                        " (vrid finish or vrid abort first)"));
    }
  }
  return absl::OkStatus();
}

bool Controller::FinishMoves(const Config& wanted, ControlTime t) {
  bool any = false;
  for (const InstanceConfig& config : wanted.instances) {
    ManagedInstance* instance = FindInstance(config.name);
    if (instance != nullptr && instance->next_vrid != Vrid(0) && instance->next_vrid == config.vrid) {
      FinishVrid(*instance, t);
      any = true;
    }
  }
  return any;
}

}  // namespace dpvrrp
