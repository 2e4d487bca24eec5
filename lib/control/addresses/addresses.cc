// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/addresses.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status_macros.h"
#include "control/journal/journal.h"
#include "control/outbox.h"
#include "control/services.h"

namespace dpvrrp {
namespace {

// If it is not known whether the kernel carried out a request, control lists all addresses after this time.
constexpr Nanoseconds kResyncAfter = std::chrono::seconds(1);

}  // namespace

// ---- Devices ----

absl::StatusOr<Addresses::Devices> Addresses::Acquire(const InstanceConfig& config, Vrid vrid) {
  Devices acquired;
  for (const VirtualAddress& address : config.virtual_addresses) {
    if (address.device.empty()) continue;
    absl::StatusOr<std::string> device =
        context_.services.AcquireDevice(address.device, config.source_mac, config.source_address.family(), vrid);
    if (!device.ok()) {
      Release(std::move(acquired));
      return device.status();
    }
    acquired.push_back(*std::move(device));
  }
  return acquired;
}

void Addresses::Release(Devices devices) {
  for (const std::string& device : devices) context_.services.ReleaseDevice(device);
}

void Addresses::ReleaseFormer(InstanceId id) {
  if (vips_.HasFormer(id)) return;
  const auto lists = devices_.find(id);
  if (lists != devices_.end()) Release(std::exchange(lists->second.former, {}));
}

// The name of a virtual-MAC device contains the ifindex of the device below it, so its name may have changed.
void Addresses::RestoreDevice(const std::string& device, bool is_news, ControlTime t) {
  const absl::StatusOr<std::string> restored = context_.services.RestoreDevice(device);
  if (!restored.ok()) {
    if (!is_news) return;
    const std::string why(restored.status().message());
    context_.journal.Record(occurrence::DeviceNotRestored{device, why}, t.unix_ms);
    return;
  }
  context_.journal.Record(occurrence::DeviceRestored{device, *restored}, t.unix_ms);
  if (*restored == device) return;
  const std::optional<InstanceId> owner = vips_.OwnerOf(device);
  if (!owner.has_value()) return;
  const auto lists = devices_.find(*owner);
  if (lists == devices_.end()) return;
  for (Devices* devices : lists->second.all()) std::ranges::replace(*devices, device, *restored);
  vips_.Rehome(*owner, lists->second.now);
}

absl::Status Addresses::AcquireNext(const ManagedInstance& instance, Vrid vrid) {
  if (instance.config.source_mac != SourceMac::kVirtual) return absl::OkStatus();
  DPVRRP_ASSIGN_OR_RETURN(devices_[instance.id].next, Acquire(instance.config, vrid));
  return absl::OkStatus();
}

// The hosts of a master use the old virtual MAC until they have learned the new one. So its device stays up, without
// the address, and traffic that is routed through it is not lost.
void Addresses::MoveToNext(InstanceId id) {
  Lists& lists = devices_[id];
  lists.left = std::exchange(lists.now, std::exchange(lists.next, {}));
  vips_.Rehome(id, lists.now);
}

// ---- Instances ----

// `devices` is of Acquire().
std::vector<VipReconciler::Vip> Addresses::VipsOf(InstanceId id, const InstanceConfig& config, const Devices& devices) {
  std::vector<VipReconciler::Vip> vips;
  auto device = devices.begin();
  for (size_t i = 0; i < config.virtual_addresses.size(); ++i) {
    const VirtualAddress& address = config.virtual_addresses[i];
    if (address.device.empty()) continue;
    VipReconciler::Vip vip;
    vip.instance = id;
    vip.index = static_cast<uint16_t>(i);
    vip.device = *device++;
    vip.prefix = address.prefix;
    vip.label = address.label;
    vip.scope = address.scope;
    vip.device_follows = config.source_mac == SourceMac::kVirtual;
    if (vip.device_follows) vip.below = address.device;
    vip.may_be_source = config.use_as_source || config.priority == kPriorityOwner;
    vips.push_back(std::move(vip));
  }
  return vips;
}

void Addresses::LookAtLinks(const InstanceConfig& config) {
  for (const VirtualAddress& address : config.virtual_addresses) {
    if (!address.device.empty()) vips_.SetLink(address.device, context_.services.LinkIsUp(address.device));
  }
}

void Addresses::Add(InstanceId id, const InstanceConfig& config, Devices devices) {
  for (VipReconciler::Vip& vip : VipsOf(id, config, devices)) vips_.Add(std::move(vip));
  LookAtLinks(config);
  ChooseOutlets(id, config);
  devices_[id].now = std::move(devices);
}

void Addresses::OnConfiguration(const ManagedInstance& instance, const InstanceConfig& before, Devices devices,
                                ControlTime t) {
  const InstanceConfig& config = instance.config;
  if (before.virtual_addresses == config.virtual_addresses && before.source_mac == config.source_mac) {
    return Release(std::move(devices));  // it has them
  }
  Lists& lists = devices_[instance.id];
  std::move(lists.now.begin(), lists.now.end(), std::back_inserter(lists.former));
  lists.now = std::move(devices);
  const bool is_master = instance.state == State::kMaster;
  vips_.Change(instance.id, VipsOf(instance.id, config, lists.now), is_master);
  LookAtLinks(config);
  ChooseOutlets(instance.id, config);
  if (!is_master) return;
  if (before.source_mac != config.source_mac) return Announce(instance, t);  // all are at another MAC
  AnnounceAdded(instance, before);
}

// A master has another list of addresses: those that it did not have are announced when they are held.
void Addresses::AnnounceAdded(const ManagedInstance& instance, const InstanceConfig& before) {
  const InstanceConfig& config = instance.config;
  std::vector<bool> held(config.virtual_addresses.size());
  std::vector<uint16_t> added;  // without a kernel device: announced at once
  for (size_t i = 0; i < held.size(); ++i) {
    const VirtualAddress& address = config.virtual_addresses[i];
    if (!address.device.empty()) continue;
    held[i] = std::ranges::any_of(before.virtual_addresses, [&](const VirtualAddress& known) {
      return known.prefix.address == address.prefix.address && known.device.empty();
    });
    if (!held[i]) added.push_back(static_cast<uint16_t>(i));
  }
  for (const VipReconciler::Vip& vip : vips_.vips(instance.id)) held[vip.index] = vips_.Holds(vip);
  announcer_.OnList(instance.id, std::move(held));
  for (const uint16_t index : added) announcer_.OnProgrammed(instance.id, index);
}

void Addresses::OnTransition(const ManagedInstance& instance, ControlTime t) {
  const bool is_master = instance.state == State::kMaster;
  vips_.Want(instance.id, is_master);
  if (is_master) return Announce(instance, t);
  announcer_.OnNotMaster(instance.id);
  ForgetFailures(instance.id);
}

void Addresses::Announce(const ManagedInstance& instance, ControlTime t) {
  std::vector<bool> awaited(instance.config.virtual_addresses.size());
  for (const VipReconciler::Vip& vip : vips_.vips(instance.id)) {
    awaited[vip.index] = vip.request != 0 || !vips_.Holds(vip);
  }
  announcer_.OnMaster(instance.id, instance.port, awaited, t.now);
}

bool Addresses::AreAnsweredFor(InstanceId id) const {
  return std::ranges::none_of(vips_.vips(id), [](const VipReconciler::Vip& vip) {
    return vip.wanted && vip.presence == VipReconciler::Presence::kAbsent && vip.error.empty();
  });
}

void Addresses::Forget(InstanceId id) {
  const auto lists = devices_.find(id);
  if (lists != devices_.end()) {
    for (Devices* devices : lists->second.all()) Release(std::move(*devices));
    devices_.erase(lists);
  }
  vips_.Forget(id);
  announcer_.Forget(id);
  guard_.Forget(id);
  ForgetFailures(id);
  conflicts_.erase(id);
  knows_peer_.erase(id);
}

// ---- From the kernel ----

void Addresses::OnHostReply(const HostReply& reply, ControlTime t) {
  if (IsAnnouncement(reply)) return OnAnnounced(reply, t);
  vips_.OnReply(reply, t.now);
  // The kernel may have carried out the request (host.h), and mastership may be lost before it is tried again.
  if (absl::IsUnavailable(reply.status)) resync_at_ = std::min(resync_at_, t.now + kResyncAfter);
}

void Addresses::OnHostEvent(const HostEvent& event, ControlTime t) {
  if (event.kind == HostEvent::Kind::kOverrun) {
    context_.journal.Record(occurrence::KernelNewsLost{}, t.unix_ms);
    Resync(t);
  }
  vips_.OnEvent(event, t.now);
  if (event.kind == HostEvent::Kind::kMacChanged) OnDeviceMac(event.device);
}

void Addresses::Resync(ControlTime t) {
  resync_at_ = kNever;
  if (!lists_) return;
  const absl::StatusOr<std::vector<HostAddress>> addresses = context_.services.ListAddresses();
  if (!addresses.ok()) {
    context_.journal.Record(occurrence::AddressesNotListed{std::string(addresses.status().message())}, t.unix_ms);
    resync_at_ = t.now + kResyncAfter;
    return;
  }
  for (const HostAddress& leftover : vips_.OnAddresses(*addresses)) {
    context_.journal.Record(occurrence::AddressLeftOver{leftover.prefix, leftover.device}, t.unix_ms);
  }
}

// ---- What has happened ----

void Addresses::Tell(const VipReconciler::Report& report, ControlTime t) {
  const ManagedInstance* instance = context_.registry.FindById(report.instance);
  const InstanceConfig* config = instance == nullptr ? nullptr : &instance->config;
  const auto record = [&](const Occurrence& what) { context_.journal.Record(config, what, t.unix_ms); };
  using Kind = VipReconciler::Report::Kind;
  switch (report.kind) {
    case Kind::kProgrammed:
      record(occurrence::AddressAdded{report.text});
      announcer_.OnProgrammed(report.instance, report.index);
      break;
    case Kind::kReleased:
      record(occurrence::AddressRemoved{report.text});
      break;
    case Kind::kFailed:
      record(occurrence::AddressFailed{report.text});
      break;
    case Kind::kForeign:
      record(occurrence::AddressForeign{report.text});
      break;
    case Kind::kDrifted:
      record(occurrence::AddressPutBack{report.text});
      announcer_.OnLost(report.instance, report.index);
      break;
    case Kind::kPutBehind:
      record(occurrence::AddressPutBehind{report.text});
      break;
    case Kind::kUnreachable:
      record(occurrence::AddressUnreachable{report.text});
      announcer_.OnLost(report.instance, report.index);
      break;
    case Kind::kReachable:
      record(occurrence::AddressReachable{report.text});
      announcer_.OnProgrammed(report.instance, report.index);
      break;
  }
}

std::vector<InstanceId> Addresses::Settle(ControlTime t) {
  for (const VipReconciler::Report& report : vips_.TakeReports()) Tell(report, t);
  for (const auto& [device, is_news] : vips_.TakeMissingDevices()) RestoreDevice(device, is_news, t);
  for (const std::string& device : vips_.TakeDevicesBack()) {
    const absl::Status prepared = context_.services.PrepareDevice(device);
    if (prepared.ok()) continue;
    context_.journal.Record(occurrence::DeviceNotPrepared{std::string(prepared.message())}, t.unix_ms);
  }
  for (const InstanceId id : vips_.TakeHoldingChanged()) FollowHolding(id, t);
  SendAnnouncements(t);
  std::vector<InstanceId> touched = vips_.TakeTouched();
  for (const InstanceId id : touched) ReleaseFormer(id);
  return touched;
}

void Addresses::SendRequests() {
  for (HostRequest& request : vips_.TakeRequests()) context_.outbox.host.push_back(std::move(request));
}

Addresses::Conflict Addresses::ConflictOf(InstanceId id) const {
  const auto it = conflicts_.find(id);
  return it == conflicts_.end() ? Conflict{} : it->second;
}

void Addresses::OnTime(ControlTime t) {
  vips_.OnTime(t.now);
  announcer_.OnTime(t.now);
  for (const InstanceId id : guard_.TakeDue(t.now)) FollowHolding(id, t);
  if (resync_at_ <= t.now) Resync(t);
}

Instant Addresses::NextDeadline() const {
  return std::min({vips_.NextDeadline(), announcer_.NextDeadline(), guard_.NextDeadline(), resync_at_});
}

}  // namespace dpvrrp
