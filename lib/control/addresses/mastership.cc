// SPDX-License-Identifier: BSD-3-Clause
//
// Addresses: whether a master holds its addresses, and whether hosts may have learned that another router has them.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/addresses/addresses.h"
#include "control/journal/journal.h"
#include "control/outbox.h"
#include "control/services.h"

namespace dpvrrp {
namespace {

// RFC 5227 2.4: an address is defended at most once in this time (DEFEND_INTERVAL). Otherwise two hosts could defend
// one address for ever.
constexpr Nanoseconds kDefendInterval = std::chrono::seconds(10);

std::string Listed(const std::vector<const VipReconciler::Vip*>& vips) {
  return absl::StrJoin(vips, ", ", [](std::string* out, const VipReconciler::Vip* vip) {
    absl::StrAppend(out, ToString(vip->prefix), " on ", vip->device);
    if (!vip->error.empty()) absl::StrAppend(out, " (", vip->error, ")");
  });
}

}  // namespace

// ---- What hosts may have learned ----

// The addresses are announced again at most once in the correction interval.
template <typename What>
void Addresses::AnnounceAgain(const ManagedInstance& instance, What why, ControlTime t) {
  const Nanoseconds spacing = context_.registry.config().garp.correction_interval;
  why.announced = announcer_.Again(instance.id, spacing, true, t.now);
  context_.journal.RepeatedNotice(instance.id, instance.config, why, t);
}

void Addresses::AnnounceWithLeader(const ManagedInstance& follower, ControlTime t) {
  announcer_.Again(follower.id, context_.registry.config().garp.correction_interval, true, t.now);
}

void Addresses::OnOtherMaster(const ManagedInstance& instance, const occurrence::OtherMasterHeard& other,
                              ControlTime t) {
  knows_peer_.insert(instance.id);
  AnnounceAgain(instance, other, t);
}

void Addresses::OnOverslept(const ManagedInstance& instance, Nanoseconds late, ControlTime t) {
  AnnounceAgain(instance, occurrence::AdvertLate{late}, t);
}

// The machine was suspended if the wall clock is ahead and the monotonic one is not: a snapshot, a hypervisor's pause.
void Addresses::OnClockAhead(Nanoseconds ahead, ControlTime t) {
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.state != State::kMaster || instance.removing) continue;
    if (ahead < instance.config.advertisement_interval * instance.config.down_timer_adverts) continue;
    AnnounceAgain(instance, occurrence::MachineSuspended{}, t);
  }
}

bool Addresses::OnConflict(const ManagedInstance& instance, const Claim& claim, ControlTime t) {
  if (IsOurMac(instance, claim.mac)) return false;
  conflicts_[instance.id] = {claim.at, claim.address, claim.mac};
  const Nanoseconds spacing = std::max(kDefendInterval, context_.registry.config().garp.correction_interval);
  const bool announced = announcer_.Again(instance.id, spacing, false, t.now);
  context_.journal.Notice(instance.config, occurrence::AddressClaimed{claim.address, claim.mac, claim.count, announced},
                          t.UnixMsAt(claim.at), t);
  return true;
}

void Addresses::OnProbed(const ManagedInstance& instance, const Claim& claim, ControlTime t) {
  if (IsOurMac(instance, claim.mac)) return;
  context_.journal.Notice(instance.config, occurrence::AddressProbed{claim.address, claim.mac, claim.count},
                          t.UnixMsAt(claim.at), t);
}

// The kernel of this host answers for the address with its device's MAC, and the port may receive that. The lcore is
// told once.
bool Addresses::IsOurMac(const ManagedInstance& instance, const MacAddress& mac) {
  if (!context_.services.HasMac(mac)) return false;
  if (instance.removing) return true;
  context_.outbox.shard.push_back(command::OurMac{instance.router, mac});
  return true;
}

// ---- Whether the addresses are held ----

void Addresses::FollowHolding(InstanceId id, ControlTime t) {
  const ManagedInstance* instance = context_.registry.FindById(id);
  if (instance == nullptr || instance->removing) return;
  const std::vector<VipReconciler::Vip>& vips = vips_.vips(id);
  const std::vector<const VipReconciler::Vip*> missing = vips_.Missing(id);
  AddressGuard::Holding holding;
  holding.policy = instance->config.address_loss;
  holding.is_master = instance->state == State::kMaster;
  holding.addresses = vips.size();
  holding.held = static_cast<size_t>(
      std::count_if(vips.begin(), vips.end(), [&](const VipReconciler::Vip& vip) { return vips_.Holds(vip); }));
  holding.missing = missing.size();
  holding.devices_are_up = vips_.DevicesAreUp(id);
  holding.knows_peer = knows_peer_.contains(id) || !instance->config.unicast_peers.empty();
  const std::optional<AddressGuard::Order> order = guard_.Update(id, holding, t.now);
  if (order.has_value()) Obey(*order, *instance, Listed(missing), t);
}

void Addresses::SetHold(const ManagedInstance& instance, bool on) {
  context_.registry.FindById(instance.id)->holds.Set(Hold::kNoAddress, on);
  holds_changed_.push_back(instance.id);
}

void Addresses::Obey(AddressGuard::Order order, const ManagedInstance& instance, const std::string& missing,
                     ControlTime t) {
  using Order = AddressGuard::Order;
  const auto record = [&](const Occurrence& what) { context_.journal.Record(instance.config, what, t.unix_ms); };
  switch (order) {
    case Order::kKeep:
      record(occurrence::AddressesMissing{missing, instance.config.address_loss == AddressLoss::kKeep});
      break;
    case Order::kGiveWay:
      record(occurrence::GaveWay{missing});
      context_.outbox.shard.push_back(command::GiveWay{instance.router});
      break;
    case Order::kHoldDown:
      record(occurrence::GaveWay{missing});
      SetHold(instance, true);
      context_.outbox.shard.push_back(command::HoldDown{instance.router, Hold::kNoAddress});
      break;
    case Order::kEndHold:
      record(occurrence::HoldIsOver{});
      SetHold(instance, false);
      context_.outbox.shard.push_back(command::EndHold{instance.router, Hold::kNoAddress});
      break;
    case Order::kHeldAgain:
      record(occurrence::AddressesHeldAgain{});
      break;
  }
}

}  // namespace dpvrrp
