// SPDX-License-Identifier: BSD-3-Clause
//
// VipReconciler: a running instance gets another list of addresses. An address that both lists have does not change. An
// address of the former list only is kept in a separate list, under the instance's id with kFormer set, until the
// kernel has answered for every new address. Then it is removed.
#include <algorithm>

#include "control/addresses/vip_reconciler.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kFormer = uint32_t{1} << 31;  // ids of instances count from 1

bool IsAnswered(const VipReconciler::Vip& vip) {
  return !vip.wanted || vip.presence != VipReconciler::Presence::kAbsent || !vip.error.empty();
}

}  // namespace

InstanceId VipReconciler::FormerOf(InstanceId instance) { return InstanceId(instance.value() | kFormer); }
InstanceId VipReconciler::InstanceOf(InstanceId id) { return InstanceId(id.value() & ~kFormer); }

void VipReconciler::Change(InstanceId instance, std::vector<Vip> list, bool wanted) {
  std::vector<Vip> before = TakeOut(instance);
  std::vector<Vip> former = TakeOut(FormerOf(instance));
  before.insert(before.end(), std::make_move_iterator(former.begin()), std::make_move_iterator(former.end()));
  for (Vip& vip : list) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const Vip& known) {
      return known.device == vip.device && known.prefix == vip.prefix;
    });
    vip.wanted = wanted;
    if (same == before.end()) continue;
    const uint16_t index = vip.index;
    vip = std::move(*same);
    vip.index = index;
    vip.wanted = wanted;
    before.erase(same);
  }
  PutBack(instance, std::move(list));
  PutBack(FormerOf(instance), std::move(before));
  for (uint16_t i = 0; i < vips(instance).size(); ++i) Reconcile({instance, i});
  RemoveFormer(instance);
  touched_.push_back(instance);
  holding_changed_.push_back(instance);
}

bool VipReconciler::HasFormer(InstanceId instance) const { return instances_.contains(FormerOf(instance)); }

// Removes the former addresses when the kernel has answered for all wanted ones, and forgets those that are removed.
void VipReconciler::RemoveFormer(InstanceId instance) {
  const auto former = instances_.find(FormerOf(instance));
  if (former == instances_.end()) return;
  if (std::ranges::any_of(former->second, &Vip::wanted) && std::ranges::all_of(vips(instance), IsAnswered)) {
    Want(FormerOf(instance), false);
  }
  const auto is_gone = [](const Vip& vip) {
    return !vip.wanted && vip.presence == Presence::kAbsent && vip.request == 0 && vip.retry_at == kNever;
  };
  if (std::ranges::all_of(former->second, is_gone)) Forget(FormerOf(instance));
}

// Takes the list out of every index. Requests that were sent stay valid.
std::vector<VipReconciler::Vip> VipReconciler::TakeOut(InstanceId id) {
  const auto it = instances_.find(id);
  if (it == instances_.end()) return {};
  std::vector<Vip> vips = std::move(it->second);
  instances_.erase(it);
  for (uint16_t i = 0; i < vips.size(); ++i) {
    by_address_.erase(AddressKey(vips[i].device, vips[i].prefix));
    retries_.erase({vips[i].retry_at, {id, i}});
    IndexDevices(vips[i], {id, i}, false);
    OwnDevice(vips[i], false);
  }
  return vips;
}

void VipReconciler::PutBack(InstanceId id, std::vector<Vip> vips) {
  if (vips.empty()) return;
  for (uint16_t i = 0; i < vips.size(); ++i) {
    Vip& vip = vips[i];
    const Place place{id, i};
    vip.instance = id;
    by_address_[AddressKey(vip.device, vip.prefix)] = place;
    if (vip.request != 0) by_request_.at(vip.request).place = place;
    if (vip.retry_at != kNever) retries_.insert({vip.retry_at, place});
    IndexDevices(vip, place, true);
    OwnDevice(vip, true);
  }
  instances_[id] = std::move(vips);
}

}  // namespace dpvrrp
