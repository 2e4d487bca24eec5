// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/vip_reconciler.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {

std::string VipReconciler::AddressKey(const std::string& device, const IpPrefix& prefix) {
  return absl::StrCat(ToString(prefix), " on ", device);
}

void VipReconciler::Add(Vip vip) {
  std::vector<Vip>& vips = instances_[vip.instance];
  by_address_[AddressKey(vip.device, vip.prefix)] = {vip.instance, static_cast<uint16_t>(vips.size())};
  OwnDevice(vip, true);
  IndexDevices(vip, {vip.instance, static_cast<uint16_t>(vips.size())}, true);
  vips.push_back(std::move(vip));
}

void VipReconciler::Forget(InstanceId instance) {
  const auto it = instances_.find(instance);
  if (it == instances_.end()) return;
  for (uint16_t i = 0; i < it->second.size(); ++i) {
    const Vip& vip = it->second[i];
    const auto known = by_address_.find(AddressKey(vip.device, vip.prefix));
    if (known != by_address_.end() && known->second.instance == instance) by_address_.erase(known);
    by_request_.erase(vip.request);
    retries_.erase({vip.retry_at, {instance, i}});
    OwnDevice(vip, false);
    IndexDevices(vip, {instance, i}, false);
  }
  instances_.erase(it);
  if (InstanceOf(instance) == instance && HasFormer(instance)) Forget(FormerOf(instance));
}

void VipReconciler::Want(InstanceId instance, bool wanted) {
  if (!wanted && InstanceOf(instance) == instance && HasFormer(instance)) Want(FormerOf(instance), false);
  const auto it = instances_.find(instance);
  if (it == instances_.end()) return;
  for (uint16_t i = 0; i < it->second.size(); ++i) {
    Vip& vip = it->second[i];
    if (vip.wanted == wanted) continue;
    vip.wanted = wanted;
    retries_.erase({vip.retry_at, {instance, i}});
    vip.retry_at = kNever;
    vip.backoff = Nanoseconds(0);
    vip.error.clear();
    vip.put_behind.reset();
    if (!wanted) LeaveFormerDevice(vip);
    Reconcile({instance, i});
  }
  holding_changed_.push_back(instance);
}

void VipReconciler::Rehome(InstanceId instance, const std::vector<std::string>& devices) {
  const auto it = instances_.find(instance);
  if (it == instances_.end()) return;
  for (uint16_t i = 0; i < it->second.size(); ++i) {
    Vip& vip = it->second[i];
    const Place place{instance, i};
    LeaveFormerDevice(vip);
    if (vip.presence == Presence::kPresent || vip.request != 0) vip.former_device = vip.device;
    by_address_.erase(AddressKey(vip.device, vip.prefix));
    by_request_.erase(vip.request);  // its answer is about the former device
    retries_.erase({vip.retry_at, place});
    vip.request = 0;
    vip.retry_at = kNever;
    vip.backoff = Nanoseconds(0);
    vip.error.clear();
    vip.presence = Presence::kAbsent;
    vip.device_up = false;
    vip.removals_to_hear = 0;
    vip.heard_removal = false;
    OwnDevice(vip, false);
    IndexDevices(vip, place, false);
    vip.device = devices[i];
    IndexDevices(vip, place, true);
    OwnDevice(vip, true);
    by_address_[AddressKey(vip.device, vip.prefix)] = place;
    if (!vip.wanted) LeaveFormerDevice(vip);
    Reconcile(place);
  }
  touched_.push_back(instance);
}

// The answer is ignored. If the address stays on the device, OnAddresses() finds it again, and it is removed with its
// device.
void VipReconciler::LeaveFormerDevice(Vip& vip) {
  if (vip.former_device.empty()) return;
  Ask(HostOp::kRemoveAddress, vip.former_device, vip.prefix);
  vip.former_device.clear();
}

// Each address has at most one request. Its answer calls this again.
void VipReconciler::Reconcile(Place place) {
  Vip& vip = At(place);
  if (vip.request != 0 || vip.retry_at != kNever) return;
  if (vip.wanted) {
    if (vip.presence != Presence::kAbsent) return;
    Request(place, vip.device_follows && !vip.device_up ? HostOp::kSetLinkUp : HostOp::kAddAddress);
  } else if (vip.presence == Presence::kPresent) {
    Request(place, HostOp::kRemoveAddress);
  } else {
    vip.presence = Presence::kAbsent;  // a foreign one is not ours to remove
    LetDeviceRest(place);
  }
}

void VipReconciler::Request(Place place, HostOp op) {
  Vip& vip = At(place);
  vip.request = next_request_;
  by_request_[next_request_] = {place, op};
  Ask(op, vip.device, vip.prefix);
  HostRequest& request = requests_.back();
  request.may_be_source = vip.may_be_source;
  if (op != HostOp::kAddAddress) return;
  request.label = vip.label;
  request.scope = vip.scope;
  request.brings_route = BringsRoute(vip);
  vip.relies_on_own = !request.brings_route;
}

void VipReconciler::Ask(HostOp op, const std::string& device, const IpPrefix& prefix) {
  requests_.push_back(HostRequest{.id = next_request_++, .op = op, .device = device, .prefix = prefix});
}

void VipReconciler::OnReply(const HostReply& reply, Instant now) {
  now_ = now;
  const auto it = by_request_.find(reply.id);
  if (it == by_request_.end()) return;  // of a device, of a leftover, or of an instance that was forgotten
  const auto [place, op] = it->second;
  by_request_.erase(it);
  touched_.push_back(place.instance);
  holding_changed_.push_back(place.instance);
  Vip& vip = At(place);
  vip.request = 0;
  const bool moved_behind = std::exchange(vip.is_moving_behind, false);
  const bool foreign = op == HostOp::kAddAddress && absl::IsAlreadyExists(reply.status);
  const bool gone = op == HostOp::kRemoveAddress && absl::IsNotFound(reply.status);
  const bool done = reply.status.ok() || foreign || gone;
  const bool still_wanted = vip.wanted == (op != HostOp::kRemoveAddress);
  if (!done && still_wanted) {
    if (vip.device_follows && absl::IsNotFound(reply.status)) {
      missing_devices_[vip.device] |= vip.error.empty();
      vip.device_up = false;
    }
    if (vip.error.empty()) Tell(Report::Kind::kFailed, vip, reply.status.message());
    vip.error = std::string(reply.status.message());
    vip.backoff = std::clamp(vip.backoff * 2, kFirstBackoff, kLongestBackoff);
    vip.retry_at = now + vip.backoff;
    retries_.insert({vip.retry_at, place});
    return RemoveFormer(InstanceOf(place.instance));
  }
  vip.error.clear();
  vip.backoff = Nanoseconds(0);
  if (done && op == HostOp::kSetLinkUp) {
    vip.device_up = true;
    down_.erase(vip.device);  // the notification arrives later
  }
  if (done && op == HostOp::kAddAddress) {
    vip.presence = foreign ? Presence::kForeign : Presence::kPresent;
    LeaveFormerDevice(vip);
    if (foreign) Tell(Report::Kind::kForeign, vip);
    if (vip.wanted && !moved_behind)
      Tell(IsReachable(vip) ? Report::Kind::kProgrammed : Report::Kind::kUnreachable, vip);
    if (vip.put_behind) return PutBehind(place, IpPrefix(*vip.put_behind));
  }
  if (done && op == HostOp::kRemoveAddress) {
    vip.presence = Presence::kAbsent;
    if (now - vip.removed_at >= kLongestLateness) vip.removals_to_hear = 0;  // they never arrived
    if (!gone && !vip.heard_removal) ++vip.removals_to_hear;
    vip.removed_at = now;
    Tell(Report::Kind::kReleased, vip);
  }
  vip.heard_removal = false;
  Reconcile(place);
  RemoveFormer(InstanceOf(place.instance));
}

void VipReconciler::OnAddressAdded(const HostEvent& event) {
  const std::string key = AddressKey(event.device, event.prefix);
  const auto it = by_address_.find(key);
  if (it == by_address_.end()) {
    if (!event.ours && !passing_.contains(key)) OnOwnAddress(event.device, event.prefix, event.is_secondary);
    return;
  }
  Vip& vip = At(it->second);
  const bool was_reachable = IsReachable(vip);
  vip.is_primary = !event.is_secondary;
  vip.dad_failed = event.dad_failed;
  if (was_reachable != IsReachable(vip)) holding_changed_.push_back(vip.instance);
  TellReach(vip, was_reachable);
}

void VipReconciler::OnEvent(const HostEvent& event, Instant now) {
  now_ = now;
  switch (event.kind) {
    case HostEvent::Kind::kOverrun:
      for (auto& [instance, vips] : instances_) {
        for (Vip& vip : vips) vip.removals_to_hear = 0;
      }
      return;
    case HostEvent::Kind::kLinkUp:
      return OnLinkUp(event.device);
    case HostEvent::Kind::kLinkDown:
      return OnLinkDown(event.device);
    case HostEvent::Kind::kAddressAdded:
      return OnAddressAdded(event);
    case HostEvent::Kind::kAddressRemoved:
      return OnAddressRemoved(event);
    case HostEvent::Kind::kMacChanged:
    case HostEvent::Kind::kRoutingRemoved:
      return;
  }
}

void VipReconciler::OnAddressRemoved(const HostEvent& event) {
  const Instant now = now_;
  const std::string key = AddressKey(event.device, event.prefix);
  const auto it = by_address_.find(key);
  if (it == by_address_.end()) {
    if (passing_.erase(key) == 0) OnOwnAddressGone(event.device, event.prefix);
    return;
  }
  Vip& vip = At(it->second);
  vip.dad_failed = false;
  holding_changed_.push_back(vip.instance);
  if (vip.request != 0 && by_request_.at(vip.request).op == HostOp::kRemoveAddress) {
    vip.heard_removal = true;
    return;
  }
  if (vip.removals_to_hear > 0 && now - vip.removed_at < kLongestLateness) {
    --vip.removals_to_hear;
    return;
  }
  if (vip.request != 0 || !vip.wanted || vip.presence == Presence::kAbsent) return;  // our own request
  vip.presence = Presence::kAbsent;
  Tell(Report::Kind::kDrifted, vip);
  Reconcile(it->second);
}

std::vector<HostAddress> VipReconciler::OnAddresses(const std::vector<HostAddress>& addresses) {
  std::vector<HostAddress> leftovers;
  absl::flat_hash_set<std::string> there;
  std::vector<HostAddress> own;
  for (const HostAddress& address : addresses) {
    std::string key = AddressKey(address.device, address.prefix);
    const auto it = by_address_.find(key);
    if (it != by_address_.end()) At(it->second).is_primary = !address.is_secondary;
    if (it == by_address_.end() && !address.ours && !passing_.contains(key)) own.push_back(address);
    there.insert(std::move(key));
    if (!address.ours) continue;
    const Vip* vip = it == by_address_.end() ? nullptr : &At(it->second);
    if (vip != nullptr && (vip->wanted || vip->request != 0 || vip->presence == Presence::kPresent)) continue;
    leftovers.push_back(address);
    Ask(HostOp::kRemoveAddress, address.device, address.prefix);
    if (vip != nullptr && vip->device_follows && !DeviceInUse(vip->instance, vip->device)) {
      Ask(HostOp::kSetLinkDown, vip->device, {});
    }
  }
  for (const auto& [key, place] : by_address_) {
    Vip& vip = At(place);
    if (vip.presence == Presence::kAbsent || vip.request != 0 || there.contains(key)) continue;
    vip.presence = Presence::kAbsent;
    if (vip.wanted) Tell(Report::Kind::kDrifted, vip);
    holding_changed_.push_back(place.instance);
    Reconcile(place);
  }
  const OwnAddresses before = std::exchange(own_, {});
  for (const HostAddress& address : own) {
    if (before.Has(address.device, address.prefix)) own_.Add(address.device, address.prefix);
  }
  for (const HostAddress& address : own) OnOwnAddress(address.device, address.prefix, address.is_secondary);
  return leftovers;
}

void VipReconciler::OnTime(Instant now) {
  now_ = now;
  while (!retries_.empty() && retries_.begin()->first <= now) {
    const Place place = retries_.begin()->second;
    retries_.erase(retries_.begin());
    touched_.push_back(place.instance);
    At(place).retry_at = kNever;
    Reconcile(place);
  }
}

Instant VipReconciler::NextDeadline() const { return retries_.empty() ? kNever : retries_.begin()->first; }

const std::vector<VipReconciler::Vip>& VipReconciler::vips(InstanceId instance) const {
  static const std::vector<Vip> kNone;
  const auto it = instances_.find(instance);
  return it == instances_.end() ? kNone : it->second;
}

bool VipReconciler::Settled(InstanceId instance) const {
  const std::vector<Vip>& all = vips(instance);
  return !HasFormer(instance) && std::none_of(all.begin(), all.end(), [](const Vip& vip) {
    return vip.request != 0 || vip.retry_at != kNever;
  });
}

std::vector<const VipReconciler::Vip*> VipReconciler::Missing(InstanceId instance) const {
  std::vector<const Vip*> missing;
  for (const Vip& vip : vips(instance)) {
    const bool refused = vip.presence == Presence::kAbsent && !vip.error.empty();
    if (vip.wanted && (refused || !IsReachable(vip))) missing.push_back(&vip);
  }
  return missing;
}

void VipReconciler::Tell(Report::Kind kind, const Vip& vip, absl::string_view why) {
  std::string text = AddressKey(vip.device, vip.prefix);
  if (!why.empty()) absl::StrAppend(&text, ": ", why);
  reports_.push_back(Report{kind, InstanceOf(vip.instance), vip.index, std::move(text)});
}

}  // namespace dpvrrp
