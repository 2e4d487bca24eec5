// SPDX-License-Identifier: BSD-3-Clause
#include "control/controller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "control/router_builder.h"

namespace dpvrrp {
namespace {

// An owner is no ordinary backup with another number (RFC 3768 6.4.1): becoming or ceasing to be one starts afresh.
bool ChangesOwnership(Priority a, Priority b) { return (a == kPriorityOwner) != (b == kPriorityOwner); }

const InstanceConfig& Named(const Config& config, const std::string& name) {
  return *std::find_if(config.instances.begin(), config.instances.end(),
                       [&](const InstanceConfig& instance) { return instance.name == name; });
}

}  // namespace

Controller::Controller(Services& services, std::vector<PortBinding> ports, std::vector<const ShardCounters*> shards,
                       std::string icv_engine, ControlTime start)
    : services_(services),
      ports_(std::move(ports)),
      shards_(std::move(shards)),
      icv_engine_(std::move(icv_engine)),
      started_(start) {}

Controller::~Controller() = default;

// ---- Configuration ----

absl::Status Controller::Start(const Config& config, ControlTime t) {
  config_ = config;
  for (const InstanceConfig& instance : config.instances) {
    const absl::Status status = Add(instance);
    if (!status.ok()) return status;
  }
  Log(Severity::kNotice, "", "daemon", absl::StrCat("started with ", config.instances.size(), " instances"), t.unix_ms);
  Resync(t);
  Settle(t);
  return absl::OkStatus();
}

bool Controller::PlaceIsFree(const InstanceConfig& config) const {
  return std::none_of(instances_.begin(), instances_.end(), [&](const auto& entry) {
    const InstanceConfig& other = entry.second.config;
    return other.name == config.name ||
           (other.port == config.port && other.vlan == config.vlan && other.vrid == config.vrid);
  });
}

absl::Status Controller::Add(const InstanceConfig& config) {
  const auto port = std::find_if(ports_.begin(), ports_.end(), [&](const PortBinding& p) { return p.name == config.port; });
  if (port == ports_.end()) {
    return absl::NotFoundError(absl::StrCat("instance ", config.name, ": port ", config.port, " was not started"));
  }
  SequenceRecord* record = nullptr;
  if (config.auth.kind == AuthKind::kAh) {
    absl::StatusOr<SequenceRecord*> acquired = services_.AcquireRecord(SequenceKey(config));
    if (!acquired.ok()) return acquired.status();
    record = *acquired;
  }
  const InstanceId id(next_id_++);
  absl::StatusOr<std::unique_ptr<VirtualRouter>> router = BuildRouter(config, id, port->id, port->mac, record);
  if (!router.ok()) return router.status();

  ManagedInstance instance;
  std::vector<VipReconciler::Vip> vips;
  for (size_t i = 0; i < config.virtual_addresses.size(); ++i) {
    const VirtualAddress& address = config.virtual_addresses[i];
    if (address.device.empty()) continue;
    absl::StatusOr<std::string> device = services_.AcquireDevice(address.device, config.source_mac, config.vrid);
    if (!device.ok()) {
      for (const std::string& d : instance.devices) services_.ReleaseDevice(d);
      return absl::Status(device.status().code(), absl::StrCat("instance ", config.name, ": ", device.status().message()));
    }
    instance.devices.push_back(*device);
    VipReconciler::Vip vip;
    vip.instance = id;
    vip.index = static_cast<uint16_t>(i);
    vip.device = *device;
    vip.prefix = address.prefix;
    vip.device_follows = config.source_mac == SourceMac::kVirtual;
    vips.push_back(std::move(vip));
  }
  for (VipReconciler::Vip& vip : vips) vips_.Add(std::move(vip));

  instance.config = config;
  instance.id = id;
  instance.router = router->release();  // the shard's now; back in kRetired
  instance.priority = config.priority;
  ManagedInstance& managed = instances_[config.name] = std::move(instance);
  by_id_[id] = &managed;
  Send(ShardCommand::Kind::kAdd, managed);
  return absl::OkStatus();
}

void Controller::Remove(ManagedInstance& instance) {
  if (instance.removing) return;
  Send(ShardCommand::Kind::kRemove, instance);
  instance.removing = true;
  leaving_.insert(instance.id);
}

// Out of the tables once the lcore has handed the router back and the kernel has let go of the addresses.
void Controller::ForgetLeft(ControlTime t) {
  bool any = false;
  for (auto it = leaving_.begin(); it != leaving_.end();) {
    ManagedInstance& instance = *by_id_.at(*it);
    if (instance.router != nullptr || !vips_.Settled(instance.id)) {
      ++it;
      continue;
    }
    for (const std::string& device : instance.devices) services_.ReleaseDevice(device);
    vips_.Forget(instance.id);
    by_id_.erase(instance.id);
    instances_.erase(std::string(instance.config.name));
    it = leaving_.erase(it);
    any = true;
  }
  if (any) AddWaiting(t);
}

void Controller::AddWaiting(ControlTime t) {
  std::vector<InstanceConfig> waiting = std::exchange(to_add_, {});
  for (InstanceConfig& config : waiting) {
    if (!PlaceIsFree(config)) {
      to_add_.push_back(std::move(config));
      continue;
    }
    const absl::Status status = Add(config);
    if (!status.ok()) Log(Severity::kError, config.name, "reload", std::string(status.message()), t.unix_ms);
  }
}

absl::StatusOr<std::string> Controller::Reload(ControlTime t) {
  if (shutting_down_) return absl::FailedPreconditionError("the daemon is shutting down");
  LoadResult loaded = services_.LoadConfiguration();
  if (!loaded.errors.empty()) {
    std::vector<std::string> lines;
    for (const ConfigFault& fault : loaded.errors) lines.push_back(ToString(fault));
    Log(Severity::kError, "", "reload", absl::StrCat("refused, nothing changed: ", absl::StrJoin(lines, "; ")), t.unix_ms);
    return absl::InvalidArgumentError(absl::StrCat("nothing changed:\n", absl::StrJoin(lines, "\n")));
  }
  ConfigDiff diff = Diff(config_, loaded.config);
  if (!diff.needs_restart.empty()) {
    const std::string what = absl::StrJoin(diff.needs_restart, ", ");
    Log(Severity::kError, "", "reload", absl::StrCat("refused, nothing changed; needs a restart: ", what), t.unix_ms);
    return absl::FailedPreconditionError(absl::StrCat("nothing changed; these need a restart: ", what));
  }
  to_add_.clear();
  for (const std::string& name : diff.reprioritised) {
    const Priority wanted = Named(loaded.config, name).priority;
    if (ChangesOwnership(wanted, Named(config_, name).priority)) diff.replaced.push_back(name);
  }
  for (const std::vector<std::string>* names : {&diff.removed, &diff.replaced}) {
    for (const std::string& name : *names) {
      if (ManagedInstance* instance = FindInstance(name)) Remove(*instance);
    }
  }
  for (const std::vector<std::string>* names : {&diff.replaced, &diff.added}) {
    for (const std::string& name : *names) to_add_.push_back(Named(loaded.config, name));
  }
  config_ = std::move(loaded.config);
  // The file is the truth again, also for a priority that was set by command.
  for (const InstanceConfig& wanted : config_.instances) {
    ManagedInstance* instance = FindInstance(wanted.name);
    if (instance == nullptr) continue;
    instance->config.priority = wanted.priority;
    if (instance->priority != wanted.priority) SetPriority(*instance, wanted.priority, t);
  }
  AddWaiting(t);
  std::string summary = absl::StrCat(diff.added.size(), " added, ", diff.removed.size(), " removed, ",
                                     diff.replaced.size(), " replaced, ", diff.reprioritised.size(), " re-prioritised");
  for (const ConfigFault& fault : loaded.warnings) absl::StrAppend(&summary, "\nwarning: ", ToString(fault));
  Log(Severity::kNotice, "", "reload", summary.substr(0, summary.find('\n')), t.unix_ms);
  Settle(t);
  return summary;
}

void Controller::Shutdown(ControlTime t) {
  if (shutting_down_) return;
  shutting_down_ = true;
  to_add_.clear();
  Log(Severity::kNotice, "", "daemon", "stopping: masters resign, addresses are removed", t.unix_ms);
  for (auto& [name, instance] : instances_) Remove(instance);
  Settle(t);
}

bool Controller::Finished() const { return shutting_down_ && instances_.empty(); }

// ---- Operator's orders ----

void Controller::SetPriority(ManagedInstance& instance, Priority priority, ControlTime t) {
  Log(Severity::kNotice, instance.config.name, "priority",
      absl::StrCat("priority ", instance.priority.value(), " -> ", priority.value()), t.unix_ms);
  instance.priority = priority;
  Send(ShardCommand::Kind::kPriority, instance, priority);
}

void Controller::Resign(ManagedInstance& instance, ControlTime t) {
  Log(Severity::kNotice, instance.config.name, "operator", "told to resign", t.unix_ms);
  Send(ShardCommand::Kind::kResign, instance);
}

void Controller::Takeover(ManagedInstance& instance, ControlTime t) {
  Log(Severity::kNotice, instance.config.name, "operator", "told to take over", t.unix_ms);
  Send(ShardCommand::Kind::kTakeover, instance);
}

// ---- The rest of the world ----

void Controller::OnHostReply(const HostReply& reply, ControlTime t) {
  vips_.OnReply(reply, t.now);
  Settle(t);
}

void Controller::OnHostEvent(const HostEvent& event, ControlTime t) {
  if (event.kind == HostEvent::Kind::kOverrun) {
    Log(Severity::kWarning, "", "address", "the kernel dropped notifications; looking at all addresses again", t.unix_ms);
    Resync(t);
  } else {
    vips_.OnEvent(event);
  }
  Settle(t);
}

void Controller::OnPortLink(PortId port, bool up, ControlTime t) {
  const auto it = std::find_if(ports_.begin(), ports_.end(), [&](const PortBinding& p) { return p.id == port; });
  Log(up ? Severity::kNotice : Severity::kWarning, "", "port",
      absl::StrCat("port ", it == ports_.end() ? "?" : it->name, " link ", up ? "up" : "down"), t.unix_ms);
  ShardCommand command;
  command.kind = up ? ShardCommand::Kind::kPortUp : ShardCommand::Kind::kPortDown;
  command.port = port;
  outbox_.shard.push_back(command);
}

// Puts right what a crashed run left behind: an address of ours without mastership goes.
void Controller::Resync(ControlTime t) {
  resync_at_ = kNever;
  const absl::StatusOr<std::vector<HostAddress>> addresses = services_.ListAddresses();
  if (!addresses.ok()) {
    Log(Severity::kError, "", "address", absl::StrCat("cannot list addresses, will try again: ",
                                                      addresses.status().message()), t.unix_ms);
    resync_at_ = t.now + std::chrono::seconds(1);
    return;
  }
  for (const HostAddress& leftover : vips_.OnAddresses(*addresses)) {
    Log(Severity::kWarning, "", "address",
        absl::StrCat(ToString(leftover.prefix), " on ", leftover.device, " is left over from an earlier run: removed"),
        t.unix_ms);
  }
}

void Controller::OnTime(ControlTime t) {
  vips_.OnTime(t.now);
  announcer_.OnTime(t.now);
  if (resync_at_ <= t.now) Resync(t);
  for (Waiting& waiting : waiting_) {
    if (waiting.given_up || waiting.give_up_at > t.now) continue;
    waiting.given_up = true;
    outbox_.answers.push_back({waiting.from, Answer::Status::kError, "the worker lcore does not answer\n"});
  }
  Settle(t);
}

Instant Controller::NextDeadline() const {
  Instant next = std::min({vips_.NextDeadline(), announcer_.NextDeadline(), resync_at_});
  for (const Waiting& waiting : waiting_) {
    if (!waiting.given_up) next = std::min(next, waiting.give_up_at);
  }
  return next;
}

void Controller::Settle(ControlTime t) {
  for (const VipReconciler::Report& report : vips_.TakeReports()) {
    const ManagedInstance* instance = FindById(report.instance);
    const std::string name = instance == nullptr ? "" : instance->config.name;
    using Kind = VipReconciler::Report::Kind;
    switch (report.kind) {
      case Kind::kProgrammed:
        Log(Severity::kInfo, name, "address", absl::StrCat("added ", report.text), t.unix_ms);
        announcer_.OnProgrammed(report.instance, report.index);
        break;
      case Kind::kReleased:
        Log(Severity::kInfo, name, "address", absl::StrCat("removed ", report.text), t.unix_ms);
        break;
      case Kind::kFailed:
        Log(Severity::kError, name, "address", absl::StrCat("cannot change ", report.text, "; retrying"), t.unix_ms);
        break;
      case Kind::kForeign:
        Log(Severity::kWarning, name, "address",
            absl::StrCat(report.text, " was there already and is not ours: it will not be removed"), t.unix_ms);
        break;
      case Kind::kDrifted:
        Log(Severity::kWarning, name, "address",
            absl::StrCat(report.text, " was removed by somebody else: putting it back"), t.unix_ms);
        break;
    }
  }
  for (const Announcer::Announcement& announcement : announcer_.Take()) {
    const ManagedInstance* instance = FindById(announcement.instance);
    if (instance == nullptr || instance->removing) continue;
    ShardCommand command;
    command.kind = ShardCommand::Kind::kAnnounce;
    command.router = instance->router;
    command.first = announcement.first;
    command.count = announcement.count;
    outbox_.shard.push_back(command);
  }
  if (!leaving_.empty()) ForgetLeft(t);
  for (HostRequest& request : vips_.TakeRequests()) outbox_.host.push_back(std::move(request));
}

// ---- Small helpers ----

ManagedInstance* Controller::FindInstance(const std::string& name) {
  const auto it = instances_.find(name);
  return it == instances_.end() || it->second.removing ? nullptr : &it->second;
}

ManagedInstance* Controller::FindById(InstanceId id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

void Controller::Send(ShardCommand::Kind kind, const ManagedInstance& instance, Priority priority) {
  ShardCommand command;
  command.kind = kind;
  command.router = instance.router;
  command.priority = priority;
  outbox_.shard.push_back(command);
}

}  // namespace dpvrrp
