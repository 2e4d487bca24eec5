// SPDX-License-Identifier: BSD-3-Clause
//
// VipReconciler: the devices that hold the addresses. Which addresses are on a device, whether it is up, and the
// virtual-MAC devices, which are up only while they hold an address.
#include <algorithm>

#include "control/addresses/vip_reconciler.h"

namespace dpvrrp {

void VipReconciler::IndexDevices(const Vip& vip, Place place, bool add) {
  for (const std::string* device : {&vip.device, &vip.below}) {
    if (device->empty()) continue;
    add ? (void)on_device_.insert({*device, place}) : (void)on_device_.erase({*device, place});
  }
}

std::vector<VipReconciler::Place> VipReconciler::PlacesOn(const std::string& device) const {
  std::vector<Place> places;
  for (auto it = on_device_.lower_bound({device, Place{}}); it != on_device_.end() && it->first == device; ++it) {
    places.push_back(it->second);
  }
  return places;
}

std::vector<std::pair<InstanceId, uint16_t>> VipReconciler::AddressesOn(const std::string& device) const {
  std::vector<std::pair<InstanceId, uint16_t>> found;
  for (const Place& place : PlacesOn(device)) {
    const Vip& vip = instances_.at(place.instance)[place.position];
    if (vip.device == device && InstanceOf(vip.instance) == vip.instance) found.emplace_back(vip.instance, vip.index);
  }
  return found;
}

// A virtual-MAC device belongs to one instance.
void VipReconciler::OwnDevice(const Vip& vip, bool own) {
  if (!vip.device_follows) return;
  const InstanceId instance = InstanceOf(vip.instance);
  if (own) {
    by_device_[vip.device] = instance;
  } else if (const auto it = by_device_.find(vip.device); it != by_device_.end() && it->second == instance) {
    const bool serves_others =
        vip.instance != instance && std::ranges::find(vips(instance), vip.device, &Vip::device) != vips(instance).end();
    if (!serves_others) by_device_.erase(it);
  }
}

std::optional<InstanceId> VipReconciler::OwnerOf(const std::string& device) const {
  const auto found = by_device_.find(device);
  return found == by_device_.end() ? std::nullopt : std::optional(found->second);
}

// The device belongs to the instance; no other instance uses it.
void VipReconciler::LetDeviceRest(Place place) {
  Vip& vip = At(place);
  if (!vip.device_up) return;
  vip.device_up = false;
  if (!DeviceInUse(place.instance, vip.device)) Ask(HostOp::kSetLinkDown, vip.device, {});
}

// Another program may have set a device down that serves an address. If its parent has lost its carrier, the request
// changes nothing. The answer is ignored: if the device was removed, the requests for its addresses fail.
void VipReconciler::OnLinkDown(const std::string& device) {
  SetLink(device, false);
  const auto owner = by_device_.find(device);
  if (owner == by_device_.end()) return;
  const std::vector<Vip>& vips = instances_.at(owner->second);
  const auto serves = [&](const Vip& vip) { return vip.device == device && vip.device_up && vip.wanted; };
  if (std::any_of(vips.begin(), vips.end(), serves)) Ask(HostOp::kSetLinkUp, device, {});
}

// Addresses that could not be added to the device are tried again at once.
void VipReconciler::OnLinkUp(const std::string& device) {
  SetLink(device, true);
  for (const Place& place : PlacesOn(device)) {
    Vip& vip = At(place);
    if (!vip.device_follows && (devices_back_.empty() || devices_back_.back() != device)) {
      devices_back_.push_back(device);
    }
    if (!vip.wanted || vip.retry_at == kNever) continue;
    retries_.erase({vip.retry_at, place});
    vip.retry_at = kNever;
    vip.backoff = Nanoseconds(0);
    Reconcile(place);
  }
}

void VipReconciler::SetLink(const std::string& device, bool up) {
  if (up != down_.contains(device)) return;  // no news; thousands of addresses may be on one device
  const std::vector<Place> places = PlacesOn(device);
  if (places.empty()) return;
  std::vector<bool> were_reachable;
  for (const Place& place : places) were_reachable.push_back(IsReachable(At(place)));
  up ? (void)down_.erase(device) : (void)down_.insert(device);
  for (size_t i = 0; i < places.size(); ++i) {
    holding_changed_.push_back(places[i].instance);
    TellReach(At(places[i]), were_reachable[i]);
  }
}

bool VipReconciler::IsReachable(const Vip& vip) const {
  return !vip.dad_failed && !down_.contains(vip.device) && (vip.below.empty() || !down_.contains(vip.below));
}

void VipReconciler::TellReach(const Vip& vip, bool was_reachable) {
  const bool reachable = IsReachable(vip);
  if (reachable == was_reachable || !vip.wanted || vip.presence == Presence::kAbsent) return;
  Tell(reachable ? Report::Kind::kReachable : Report::Kind::kUnreachable, vip);
}

bool VipReconciler::DevicesAreUp(InstanceId instance) const {
  const std::vector<Vip>& all = vips(instance);
  return std::none_of(all.begin(), all.end(),
                      [&](const Vip& vip) { return down_.contains(vip.below.empty() ? vip.device : vip.below); });
}

bool VipReconciler::DeviceInUse(InstanceId instance, const std::string& device) const {
  const auto uses = [&](const Vip& vip) {
    return vip.device == device && (vip.wanted || vip.request != 0 || vip.presence == Presence::kPresent);
  };
  instance = InstanceOf(instance);
  return std::ranges::any_of(vips(instance), uses) || std::ranges::any_of(vips(FormerOf(instance)), uses);
}

}  // namespace dpvrrp
