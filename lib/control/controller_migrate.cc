// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: an instance moves to another VRID. While it does, it has two places.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
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

// What it speaks this VRID from; zero: the port's MAC.
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

// Whose device this virtual MAC has on top of one that the instance uses too; of another segment, or it would have its
// place. As the file's check has it.
const ManagedInstance* Controller::OtherOnVirtualMac(const ManagedInstance& instance, Vrid vrid) const {
  const MacAddress mac = VirtualMacOf(instance.config, vrid);
  if (mac == MacAddress{}) return nullptr;
  for (const auto& [name, other] : instances_) {
    const bool has_it = VirtualMacOf(other.config, other.config.vrid) == mac ||
                        (other.next_vrid != Vrid(0) && VirtualMacOf(other.config, other.next_vrid) == mac);
    if (&other != &instance && has_it && ShareADevice(instance.config, other.config)) return &other;
  }
  return nullptr;
}

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
  if (instance.left_mac != MacAddress{}) {
    return absl::FailedPreconditionError(
        absl::StrCat(config.name, " has just left VRID ", instance.left_vrid.value(),
                     ", and its hosts may not have learned the new MAC yet; try again in ",
                     std::chrono::ceil<std::chrono::seconds>(instance.forget_left - t.now).count(), " s"));
  }
  ShardCommand command;
  command.kind = ShardCommand::Kind::kSpeakNextVrid;
  command.router = instance.router;
  command.vrid = vrid;
  command.mac = VirtualMacOf(config, vrid);
  if (const ManagedInstance* other = OtherOnVirtualMac(instance, vrid)) {
    return absl::AlreadyExistsError(absl::StrCat("the virtual MAC of VRID ", vrid.value(), " is instance ",
                                                 other->config.name, "'s on the same device"));
  }
  SequenceRecord* next_record = nullptr;
  if (const std::string key = RecordKey(config, vrid); !key.empty()) {
    // Numbers that this VRID has seen in former times must not come again.
    const absl::StatusOr<SequenceRecord*> record = services_.AcquireRecord(key);
    if (!record.ok()) return record.status();
    command.sequence = (*record)->sent;
    if (config.auth.kind == AuthKind::kAh) {
      next_record = *record;
      command.sequence = Reached(**record, FollowsGroup(config));
    }
    instance.former_records.push_back(std::make_unique<const SequenceRecord>(**record));
    command.record = instance.former_records.back().get();
  }
  if (config.source_mac == SourceMac::kVirtual) {
    absl::StatusOr<std::vector<std::string>> devices = AcquireDevices(config, vrid);
    if (!devices.ok()) return devices.status();
    instance.next_devices = *std::move(devices);
  }
  if (next_record != nullptr) {
    instance.next_record = next_record;
    ReserveAhead(*instance.record, std::max(Reached(*instance.record, false), command.sequence));
    SendReserved(instance);
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
  if (instance.config.source_mac == SourceMac::kVirtual) ChangeMac(instance, t);
  Log(Severity::kNotice, &instance.config, "vrid",
      absl::StrCat("moved from VRID ", instance.left_vrid.value(), " to ", instance.config.vrid.value()), t.unix_ms);
  FillPlace(before, t);
}

// The lcore speaks from the new virtual MAC alone, after what it was sent before this. A master's hosts know the old
// one: it is received until they have learned, and its device stays up, without the address; what is routed through it
// is not lost.
void Controller::ChangeMac(ManagedInstance& instance, ControlTime t) {
  instance.left_mac = VirtualMacOf(instance.config, instance.left_vrid);
  instance.left_devices = std::exchange(instance.devices, std::exchange(instance.next_devices, {}));
  vips_.Rehome(instance.id, instance.devices);
  if (instance.state != State::kMaster) return ForgetLeft(instance);
  BeginToAnnounce(instance, t);
  instance.forget_left = t.now + kFormerMacStays;
  to_forget_left_.emplace_back(instance.forget_left, instance.id);
}

void Controller::ForgetLeft(ManagedInstance& instance) {
  instance.forget_left = kNever;
  const MacAddress mac = std::exchange(instance.left_mac, MacAddress{});
  if (mac == MacAddress{} || instance.removing) return;  // else with its router and its addresses
  ReleaseDevices(instance.left_devices);
  ShardCommand command;
  command.kind = ShardCommand::Kind::kForgetMac;
  command.router = instance.router;
  command.mac = mac;
  outbox_.shard.push_back(command);
}

void Controller::AbortVrid(ManagedInstance& instance, ControlTime t) {
  const std::string place = SequenceKey(instance.config, instance.next_vrid);
  Log(Severity::kNotice, &instance.config, "vrid",
      absl::StrCat("stays at VRID ", instance.config.vrid.value(), ", not ", instance.next_vrid.value()), t.unix_ms);
  ShardCommand command;
  command.kind = ShardCommand::Kind::kSpeakNextVrid;
  command.router = instance.router;
  command.mac = VirtualMacOf(instance.config, std::exchange(instance.next_vrid, Vrid(0)));
  instance.next_record = nullptr;
  outbox_.shard.push_back(command);
  ReleaseDevices(instance.next_devices);
  places_.erase(place);
  FillPlace(place, t);
}

// An instance that was given the place another one moves to would wait for it and not be heard of.
absl::Status Controller::CheckMoves(const Config& wanted) {
  absl::flat_hash_map<std::string, std::string> claims;  // place, who wants it; made when there is somebody who moves
  for (const InstanceConfig& stays : wanted.instances) {
    const ManagedInstance* moving = FindInstance(stays.name);
    if (moving == nullptr || moving->next_vrid == Vrid(0) || moving->next_vrid == stays.vrid) continue;
    if (claims.empty()) {
      for (const InstanceConfig& config : wanted.instances) claims.emplace(SequenceKey(config), config.name);
    }
    const auto claim = claims.find(SequenceKey(moving->config, moving->next_vrid));
    if (claim == claims.end()) continue;
    return absl::FailedPreconditionError(absl::StrCat("nothing changed: instance ", claim->second, ": ", stays.name,
                                                      " moves to VRID ", moving->next_vrid.value(),
                                                      " (vrid finish or vrid abort first)"));
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
