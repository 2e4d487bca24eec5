// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: instances come and go as the file says, at the start, at a reload, at the end.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/controller.h"
#include "control/router_builder.h"

namespace dpvrrp {
namespace {

// An owner is no ordinary backup with another number (RFC 3768 6.4.1): becoming or ceasing to be one starts afresh.
bool ChangesOwnership(Priority a, Priority b) { return (a == kPriorityOwner) != (b == kPriorityOwner); }

}  // namespace

absl::Status Controller::Start(Config config, ControlTime t) {
  config_ = std::move(config);
  announcer_.Configure(config_.garp);
  keyrings_.Configure(config_.keyrings, t.unix_ms);
  above_all_sent_ = AboveAllSent();
  FollowBlocks(t);  // before anybody is heard; the event log has what could not be done
  for (const InstanceConfig& instance : config_.instances) {
    const absl::Status status = Add(instance, t);
    if (status.ok()) continue;
    Abandon();
    return status;
  }
  Log(Severity::kNotice, nullptr, "daemon", absl::StrCat("started with ", config_.instances.size(), " instances"),
      t.unix_ms);
  LookAtKeys(t);
  Resync(t);
  LookSoon(t);
  ReserveNumbers(t);
  Settle(t);
  return absl::OkStatus();
}

// Gives back what no lcore has been told of, and every device. What an lcore still holds stays with it.
void Controller::Abandon() {
  std::erase_if(outbox_.shard, [](const ShardCommand& command) {
    if (command.kind == ShardCommand::Kind::kAdd) delete command.router;
    if (command.kind == ShardCommand::Kind::kKeys) delete command.keys;
    return command.kind == ShardCommand::Kind::kAdd || command.kind == ShardCommand::Kind::kKeys;
  });
  for (auto& [name, instance] : instances_) {
    ReleaseDevices(instance);
    vips_.Forget(instance.id);
  }
  by_id_.clear();
  places_.clear();
  instances_.clear();
}

absl::Status Controller::Add(InstanceConfig config, ControlTime t) {
  config.auth.keyring = keyrings_.InForce(config.auth.keyring);
  const auto port =
      std::find_if(ports_.begin(), ports_.end(), [&](const PortBinding& p) { return p.name == config.port; });
  if (port == ports_.end()) {
    return absl::NotFoundError(absl::StrCat("instance ", config.name, ": port ", config.port, " was not started"));
  }
  SequenceRecord* record = nullptr;
  if (const std::string key = RecordKey(config); !key.empty()) {
    absl::StatusOr<SequenceRecord*> acquired = services_.AcquireRecord(key);
    if (!acquired.ok()) return acquired.status();
    record = *acquired;
    ResumeNumbers(config, *record, t);
  }
  const InstanceId id(next_id_++);
  absl::StatusOr<std::unique_ptr<VirtualRouter>> router = BuildRouter(config, id, port->id, port->mac, record);
  if (!router.ok()) return router.status();

  absl::StatusOr<std::vector<std::string>> devices = AcquireDevices(config, config.vrid);
  if (!devices.ok()) return devices.status();
  auto device = devices->begin();
  for (size_t i = 0; i < config.virtual_addresses.size(); ++i) {
    const VirtualAddress& address = config.virtual_addresses[i];
    if (address.device.empty()) continue;
    VipReconciler::Vip vip;
    vip.instance = id;
    vip.index = static_cast<uint16_t>(i);
    vip.device = *device++;
    vip.prefix = address.prefix;
    vip.device_follows = config.source_mac == SourceMac::kVirtual;
    vips_.Add(std::move(vip));
  }

  ManagedInstance instance;
  instance.id = id;
  instance.devices = *std::move(devices);
  instance.port = port->id;
  instance.record = record;
  instance.keys = (*router)->config.keys.get();
  instance.router = router->release();  // the shard's now; back in kRetired
  instance.priority = config.priority;
  instance.allowed_senders = config.allowed_senders;
  instance.config = std::move(config);
  ManagedInstance& managed = instances_[instance.config.name];
  managed = std::move(instance);
  by_id_[id] = &managed;
  places_.insert(SequenceKey(managed.config));
  Send(ShardCommand::Kind::kAdd, managed);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Controller::AcquireDevices(const InstanceConfig& config, Vrid vrid) {
  std::vector<std::string> acquired;
  for (const VirtualAddress& address : config.virtual_addresses) {
    if (address.device.empty()) continue;
    absl::StatusOr<std::string> device =
        services_.AcquireDevice(address.device, config.source_mac, config.source_address.family(), vrid);
    if (!device.ok()) {
      ReleaseDevices(acquired);
      return absl::Status(device.status().code(),
                          absl::StrCat("instance ", config.name, ": ", device.status().message()));
    }
    acquired.push_back(*std::move(device));
  }
  return acquired;
}

void Controller::ReleaseDevices(std::vector<std::string>& devices) {
  for (const std::string& device : std::exchange(devices, {})) services_.ReleaseDevice(device);
}

void Controller::ReleaseDevices(ManagedInstance& instance) {
  for (auto* devices : {&instance.devices, &instance.next_devices, &instance.left_devices}) ReleaseDevices(*devices);
}

void Controller::Remove(ManagedInstance& instance) {
  if (instance.removing) return;
  Send(ShardCommand::Kind::kRemove, instance);
  instance.removing = true;
}

// Out of the tables once the lcore has handed the router back and the kernel has let go of the addresses.
void Controller::ForgetIfLeft(InstanceId id, ControlTime t) {
  ManagedInstance* instance = FindById(id);
  if (instance == nullptr || !instance->removing || instance->router != nullptr || !vips_.Settled(id)) return;
  ReleaseDevices(*instance);
  const std::string name = instance->config.name;
  std::vector<std::string> places = {SequenceKey(instance->config)};
  if (instance->next_vrid != Vrid(0)) {
    places.push_back(SequenceKey(instance->config, instance->next_vrid));
    KeepNumbersFor(*instance, instance->next_vrid, false, t);
  }
  vips_.Forget(id);
  by_id_.erase(id);
  for (const std::string& place : places) places_.erase(place);
  instances_.erase(name);
  AddIfFree(name, t).IgnoreError();  // the event log has it
  for (const std::string& place : places) FillPlace(place, t);
}

// Adds the instance that waits for this place, if there is one.
void Controller::FillPlace(const std::string& place, ControlTime t) {
  const auto successor = to_add_in_place_.find(place);
  if (successor != to_add_in_place_.end()) AddIfFree(std::string(successor->second), t).IgnoreError();
}

// Adds the waiting instance of this name, if there is one and its name and place are free.
absl::Status Controller::AddIfFree(const std::string& name, ControlTime t) {
  const auto it = to_add_.find(name);
  if (it == to_add_.end() || instances_.contains(name)) return absl::OkStatus();
  const std::string place = SequenceKey(it->second);
  if (places_.contains(place)) return absl::OkStatus();
  const InstanceConfig config = std::move(it->second);
  to_add_.erase(it);
  to_add_in_place_.erase(place);
  absl::Status status = Add(config, t);
  if (!status.ok()) Log(Severity::kError, &config, "reload", std::string(status.message()), t.unix_ms);
  return status;
}

absl::StatusOr<std::string> Controller::Reload(ControlTime t) {
  if (shutting_down_) return absl::FailedPreconditionError("the daemon is shutting down");
  LoadResult loaded = services_.LoadConfiguration();
  if (!loaded.errors.empty()) {
    std::vector<std::string> lines;
    for (const ConfigFault& fault : loaded.errors) lines.push_back(ToString(fault));
    Log(Severity::kError, nullptr, "reload", absl::StrCat("refused, nothing changed: ", absl::StrJoin(lines, "; ")),
        t.unix_ms);
    return absl::InvalidArgumentError(absl::StrCat("nothing changed:\n", absl::StrJoin(lines, "\n")));
  }
  ConfigDiff diff = Diff(config_, loaded.config);
  if (!diff.needs_restart.empty()) {
    const std::string what = absl::StrJoin(diff.needs_restart, ", ");
    Log(Severity::kError, nullptr, "reload", absl::StrCat("refused, nothing changed; needs a restart: ", what),
        t.unix_ms);
    return absl::FailedPreconditionError(absl::StrCat("nothing changed; these need a restart: ", what));
  }
  if (absl::Status status = CheckMoves(loaded.config); !status.ok()) {
    Log(Severity::kError, nullptr, "reload", absl::StrCat("refused, ", status.message()), t.unix_ms);
    return status;
  }
  above_all_sent_ = AboveAllSent();
  if (FinishMoves(loaded.config, t)) diff = Diff(config_, loaded.config);
  const absl::flat_hash_set<std::string> in_place(diff.reprioritised.begin(), diff.reprioritised.end());
  for (const InstanceConfig& wanted : loaded.config.instances) {
    const ManagedInstance* running = FindInstance(wanted.name);
    if (running == nullptr || !in_place.contains(wanted.name)) continue;
    if (ChangesOwnership(wanted.priority, running->config.priority)) diff.replaced.push_back(wanted.name);
  }
  for (const std::vector<std::string>* names : {&diff.removed, &diff.replaced}) {
    for (const std::string& name : *names) {
      if (ManagedInstance* instance = FindInstance(name)) Remove(*instance);
    }
  }
  config_ = std::move(loaded.config);
  announcer_.Configure(config_.garp);
  keyrings_.Configure(config_.keyrings, t.unix_ms);
  // Whatever is wanted and not running is to be added: also what an earlier reload is still replacing, or failed to
  // add.
  to_add_.clear();
  to_add_in_place_.clear();
  const std::vector<std::string> not_blocked = FollowBlocks(t);
  size_t reprioritised = 0, rekeyed = 0;
  for (const InstanceConfig& wanted : config_.instances) {
    ManagedInstance* instance = FindInstance(wanted.name);
    if (instance == nullptr) {
      to_add_in_place_[SequenceKey(wanted)] = wanted.name;
      to_add_[wanted.name] = wanted;
      continue;
    }
    // The file is the truth again, also for priorities and keys that were set by command.
    Keyrings::Ring keys = keyrings_.InForce(wanted.auth.keyring);
    if (keys != nullptr && *keys != *instance->config.auth.keyring) {
      UseKeys(*instance, std::move(keys), t);
      ++rekeyed;
    }
    instance->config.allowed_senders = wanted.allowed_senders;
    if (instance->allowed_senders != wanted.allowed_senders) SetAllowedSenders(*instance, wanted.allowed_senders, t);
    instance->config.priority = wanted.priority;
    if (instance->priority == wanted.priority) continue;
    SetPriority(*instance, wanted.priority, t);
    ++reprioritised;
  }
  std::string summary =
      absl::StrCat(diff.added.size(), " added, ", diff.removed.size(), " removed, ", diff.replaced.size(),
                   " replaced, ", reprioritised, " re-prioritised, ", rekeyed, " re-keyed");
  Log(Severity::kNotice, nullptr, "reload", summary, t.unix_ms);
  LookAtKeys(t);
  for (const ConfigFault& fault : loaded.warnings) absl::StrAppend(&summary, "\nwarning: ", ToString(fault));
  for (const std::string& fault : not_blocked) absl::StrAppend(&summary, "\nnot blocked: ", fault);
  bool all_added = true;
  for (const InstanceConfig& wanted : config_.instances) {
    const absl::Status status = AddIfFree(wanted.name, t);
    if (status.ok()) continue;
    all_added = false;
    absl::StrAppend(&summary, "\nnot started: ", status.message());
  }
  Settle(t);
  if (!all_added || !not_blocked.empty()) return absl::FailedPreconditionError(summary);
  return summary;
}

void Controller::Shutdown(ControlTime t) {
  if (shutting_down_) return;
  shutting_down_ = true;
  to_add_.clear();
  to_add_in_place_.clear();
  Log(Severity::kNotice, nullptr, "daemon", "stopping: masters resign, addresses are removed", t.unix_ms);
  for (auto& [name, instance] : instances_) Remove(instance);
  Settle(t);
}

// Not while an address may have stayed behind.
bool Controller::Finished() const { return shutting_down_ && instances_.empty() && resync_at_ == kNever; }

}  // namespace dpvrrp
