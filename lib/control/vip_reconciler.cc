// SPDX-License-Identifier: BSD-3-Clause
#include "control/vip_reconciler.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

std::string AddressKey(const std::string& device, const IpPrefix& prefix) {
  return absl::StrCat(ToString(prefix), " on ", device);
}

}  // namespace

void VipReconciler::Add(Vip vip) {
  std::vector<Vip>& vips = instances_[vip.instance];
  by_address_[AddressKey(vip.device, vip.prefix)] = {vip.instance, static_cast<uint16_t>(vips.size())};
  OwnDevice(vip, true);
  vips.push_back(std::move(vip));
}

// A virtual-MAC device is one instance's own.
void VipReconciler::OwnDevice(const Vip& vip, bool own) {
  if (!vip.device_follows) return;
  if (own) {
    by_device_[vip.device] = vip.instance;
  } else if (const auto it = by_device_.find(vip.device); it != by_device_.end() && it->second == vip.instance) {
    by_device_.erase(it);
  }
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
  }
  instances_.erase(it);
}

void VipReconciler::Want(InstanceId instance, bool wanted) {
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
    if (!wanted) LeaveFormerDevice(vip);
    Reconcile({instance, i});
  }
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
    by_request_.erase(vip.request);  // whatever the answer, it is of the former device
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
    vip.device = devices[i];
    OwnDevice(vip, true);
    by_address_[AddressKey(vip.device, vip.prefix)] = place;
    if (!vip.wanted) LeaveFormerDevice(vip);
    Reconcile(place);
  }
  touched_.push_back(instance);
}

// Nobody waits for the answer: an address of ours where we do not want it is found again by OnAddresses(), and goes
// with its device.
void VipReconciler::LeaveFormerDevice(Vip& vip) {
  if (vip.former_device.empty()) return;
  Ask(HostOp::kRemoveAddress, vip.former_device, vip.prefix);
  vip.former_device.clear();
}

// One request at a time per address; the answer brings us back here.
void VipReconciler::Reconcile(Place place) {
  Vip& vip = At(place);
  if (vip.request != 0 || vip.retry_at != kNever) return;
  if (vip.wanted) {
    if (vip.presence != Presence::kAbsent) return;
    Request(place, vip.device_follows && !vip.device_up ? HostOp::kSetLinkUp : HostOp::kAddAddress);
  } else if (vip.presence == Presence::kPresent) {
    Request(place, HostOp::kRemoveAddress);
  } else {
    vip.presence = Presence::kAbsent;  // a foreign one is none of our business any more
    LetDeviceRest(place);
  }
}

void VipReconciler::Request(Place place, HostOp op) {
  Vip& vip = At(place);
  vip.request = next_request_;
  by_request_[next_request_] = {place, op};
  Ask(op, vip.device, vip.prefix);
}

// The device is the instance's own: no other instance uses it.
void VipReconciler::LetDeviceRest(Place place) {
  Vip& vip = At(place);
  if (!vip.device_up) return;
  vip.device_up = false;
  if (!DeviceInUse(place.instance, vip.device)) Ask(HostOp::kSetLinkDown, vip.device, {});
}

void VipReconciler::Ask(HostOp op, const std::string& device, const IpPrefix& prefix) {
  requests_.push_back(HostRequest{next_request_++, op, device, prefix});
}

void VipReconciler::OnReply(const HostReply& reply, Instant now) {
  const auto it = by_request_.find(reply.id);
  if (it == by_request_.end()) return;  // a device's going down, a leftover's, or its instance is gone
  const auto [place, op] = it->second;
  by_request_.erase(it);
  touched_.push_back(place.instance);
  Vip& vip = At(place);
  vip.request = 0;
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
    return;
  }
  vip.error.clear();
  vip.backoff = Nanoseconds(0);
  if (done && op == HostOp::kSetLinkUp) vip.device_up = true;
  if (done && op == HostOp::kAddAddress) {
    vip.presence = foreign ? Presence::kForeign : Presence::kPresent;
    LeaveFormerDevice(vip);
    if (foreign) Tell(Report::Kind::kForeign, vip);
    if (vip.wanted) Tell(Report::Kind::kProgrammed, vip);
  }
  if (done && op == HostOp::kRemoveAddress) {
    vip.presence = Presence::kAbsent;
    if (now - vip.removed_at >= kLongestLateness) vip.removals_to_hear = 0;  // they never came
    if (!gone && !vip.heard_removal) ++vip.removals_to_hear;
    vip.removed_at = now;
    Tell(Report::Kind::kReleased, vip);
  }
  vip.heard_removal = false;
  Reconcile(place);
}

// Somebody may have set a device down that serves an address; or its parent has lost its carrier, and asking changes
// nothing. Nobody waits for the answer: a device that is gone is noticed by its addresses.
void VipReconciler::OnLinkDown(const std::string& device) {
  const auto owner = by_device_.find(device);
  if (owner == by_device_.end()) return;
  const std::vector<Vip>& vips = instances_.at(owner->second);
  const auto serves = [&](const Vip& vip) { return vip.device == device && vip.device_up && vip.wanted; };
  if (std::any_of(vips.begin(), vips.end(), serves)) Ask(HostOp::kSetLinkUp, device, {});
}

void VipReconciler::OnEvent(const HostEvent& event, Instant now) {
  if (event.kind == HostEvent::Kind::kOverrun) {
    for (auto& [instance, vips] : instances_) {
      for (Vip& vip : vips) vip.removals_to_hear = 0;
    }
  }
  if (event.kind == HostEvent::Kind::kLinkDown) return OnLinkDown(event.device);
  if (event.kind != HostEvent::Kind::kAddressRemoved) return;
  const auto it = by_address_.find(AddressKey(event.device, event.prefix));
  if (it == by_address_.end()) return;
  Vip& vip = At(it->second);
  if (vip.request != 0 && by_request_.at(vip.request).op == HostOp::kRemoveAddress) {
    vip.heard_removal = true;
    return;
  }
  if (vip.removals_to_hear > 0 && now - vip.removed_at < kLongestLateness) {
    --vip.removals_to_hear;
    return;
  }
  if (vip.request != 0 || !vip.wanted || vip.presence == Presence::kAbsent) return;  // our own doing
  vip.presence = Presence::kAbsent;
  Tell(Report::Kind::kDrifted, vip);
  Reconcile(it->second);
}

std::vector<HostAddress> VipReconciler::OnAddresses(const std::vector<HostAddress>& addresses) {
  std::vector<HostAddress> leftovers;
  absl::flat_hash_set<std::string> there;
  for (const HostAddress& address : addresses) {
    std::string key = AddressKey(address.device, address.prefix);
    const auto it = by_address_.find(key);
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
    Reconcile(place);
  }
  return leftovers;
}

void VipReconciler::OnTime(Instant now) {
  while (!retries_.empty() && retries_.begin()->first <= now) {
    const Place place = retries_.begin()->second;
    retries_.erase(retries_.begin());
    touched_.push_back(place.instance);
    At(place).retry_at = kNever;
    Reconcile(place);
  }
}

Instant VipReconciler::NextDeadline() const { return retries_.empty() ? kNever : retries_.begin()->first; }

std::vector<HostRequest> VipReconciler::TakeRequests() { return std::exchange(requests_, {}); }
std::vector<VipReconciler::Report> VipReconciler::TakeReports() { return std::exchange(reports_, {}); }

const std::vector<VipReconciler::Vip>& VipReconciler::vips(InstanceId instance) const {
  static const std::vector<Vip> kNone;
  const auto it = instances_.find(instance);
  return it == instances_.end() ? kNone : it->second;
}

bool VipReconciler::Settled(InstanceId instance) const {
  const std::vector<Vip>& all = vips(instance);
  return std::none_of(all.begin(), all.end(),
                      [](const Vip& vip) { return vip.request != 0 || vip.retry_at != kNever; });
}

bool VipReconciler::DeviceInUse(InstanceId instance, const std::string& device) const {
  const std::vector<Vip>& all = vips(instance);
  return std::any_of(all.begin(), all.end(), [&](const Vip& vip) {
    return vip.device == device && (vip.wanted || vip.request != 0 || vip.presence == Presence::kPresent);
  });
}

void VipReconciler::Tell(Report::Kind kind, const Vip& vip, absl::string_view why) {
  std::string text = AddressKey(vip.device, vip.prefix);
  if (!why.empty()) absl::StrAppend(&text, ": ", why);
  reports_.push_back(Report{kind, vip.instance, vip.index, std::move(text)});
}

}  // namespace dpvrrp
