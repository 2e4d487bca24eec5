// SPDX-License-Identifier: BSD-3-Clause
//
// VipReconciler: keeps virtual IPv4 addresses behind the host's own ones.
//
// Linux uses the first address of a subnet on a device as the source of its traffic there (the "primary"). Addresses
// that are added later are "secondary" and never a source. If a virtual address was added before the host's own one
// (the operator flushed the device, DHCP was late), it is removed and added again. During that time the kernel has it
// as a /32, so that it is never missing. IPv6 needs none of this: netlink_host.h.
#include "absl/strings/str_cat.h"
#include "control/addresses/vip_reconciler.h"

namespace dpvrrp {

// An address that is not ours was added, or its flags changed.
void VipReconciler::OnOwnAddress(const std::string& device, const IpPrefix& own, bool is_secondary) {
  if (!own.address.is_v4()) return;
  const bool is_new = own_.Add(device, own);
  if (!is_new && !is_secondary) return;  // a lifetime was renewed
  for (const Place& place : PlacesOn(device)) {
    Vip& vip = At(place);
    const bool of_subnet = vip.prefix.length == own.length && InOneSubnet(vip.prefix.address, own.address, own.length);
    if (is_secondary ? of_subnet : vip.is_primary) PutBehind(place, own);
  }
}

// The route of an own address may have been removed with it. A virtual address that relied on it is added again with
// its own route.
void VipReconciler::OnOwnAddressGone(const std::string& device, const IpPrefix& own) {
  own_.Remove(device, own);
  for (const Place& place : PlacesOn(device)) {
    if (At(place).relies_on_own && BringsRoute(At(place))) PutBehind(place, own);
  }
}

bool VipReconciler::BringsRoute(const Vip& vip) const {
  return vip.may_be_source || !vip.prefix.address.is_v4() || !own_.Contain(vip.device, vip.prefix);
}

void VipReconciler::PutBehind(const Place& place, const IpPrefix& own) {
  Vip& vip = At(place);
  if (!vip.prefix.address.is_v4() || vip.may_be_source || vip.device_follows || !vip.wanted) return;
  if (vip.request != 0) {  // it is not known which of the two the kernel had first
    vip.put_behind = own;
    return;
  }
  if (vip.presence != Presence::kPresent) return;
  vip.put_behind.reset();
  const IpPrefix meanwhile{vip.prefix.address, 32};
  const bool has_meanwhile = vip.prefix.length < 32;
  if (has_meanwhile) {
    passing_.insert(AddressKey(vip.device, meanwhile));
    Ask(HostOp::kAddAddress, vip.device, meanwhile);
  }
  Ask(HostOp::kRemoveAddress, vip.device, vip.prefix);
  if (now_ - vip.removed_at >= kLongestLateness) vip.removals_to_hear = 0;
  ++vip.removals_to_hear;
  vip.removed_at = now_;
  vip.presence = Presence::kAbsent;
  vip.is_moving_behind = true;
  Request(place, HostOp::kAddAddress);
  if (has_meanwhile) Ask(HostOp::kRemoveAddress, vip.device, meanwhile);
  Tell(Report::Kind::kPutBehind, vip, ToString(own));
}

}  // namespace dpvrrp
