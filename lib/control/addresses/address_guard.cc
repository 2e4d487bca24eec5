// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/address_guard.h"

#include <algorithm>
#include <array>

namespace dpvrrp {

std::optional<AddressGuard::Order> AddressGuard::Update(InstanceId instance, const Holding& holding, Instant now) {
  const auto found = watches_.find(instance);
  if (found == watches_.end() && (!holding.is_master || holding.missing == 0)) return std::nullopt;
  Watch& watch = watches_[instance];
  deadlines_.erase({watch.deadline, instance});
  const std::optional<Order> order = Advance(watch, holding, now);
  if (watch.phase == Phase::kHeld) {
    watches_.erase(instance);
  } else if (watch.deadline != kNever) {
    deadlines_.insert({watch.deadline, instance});
  }
  return order;
}

std::optional<AddressGuard::Order> AddressGuard::Advance(Watch& watch, const Holding& h, Instant now) {
  if (h.is_master && h.held == h.addresses) {
    const bool is_news = watch.phase != Phase::kMissing && watch.phase != Phase::kHeld;
    watch = Watch{};
    return is_news ? std::optional(Order::kHeldAgain) : std::nullopt;
  }
  switch (watch.phase) {
    case Phase::kHeld:
    case Phase::kBack:
      if (!h.is_master || h.missing == 0) return std::nullopt;
      watch.phase = Phase::kMissing;
      watch.deadline = now + kPatience;
      return std::nullopt;
    case Phase::kMissing:
      if (!h.is_master || h.missing == 0) {
        watch.phase = watch.retry_after.count() > 0 ? Phase::kBack : Phase::kHeld;
        watch.deadline = kNever;
        return std::nullopt;
      }
      return now < watch.deadline ? std::nullopt : LosePatience(watch, h, now);
    case Phase::kKept:
      if (!h.is_master) watch = Watch{};
      return std::nullopt;
    case Phase::kAway:
      break;
  }
  if (h.is_master) {  // although it did not preempt: there is no other
    watch.phase = Phase::kKept;
    watch.deadline = kNever;
    return Order::kKeep;
  }
  if (watch.device_was_down ? !h.devices_are_up : now < watch.deadline) return std::nullopt;
  watch.phase = Phase::kBack;
  watch.deadline = kNever;
  return Order::kEndHold;
}

std::optional<AddressGuard::Order> AddressGuard::LosePatience(Watch& watch, const Holding& h, Instant now) {
  watch.deadline = kNever;
  const bool may_be_served_elsewhere = h.knows_peer || h.missing == h.addresses;
  if (h.policy == AddressLoss::kKeep || (h.policy == AddressLoss::kAuto && !may_be_served_elsewhere)) {
    watch.phase = Phase::kKept;
    return Order::kKeep;
  }
  watch.phase = Phase::kAway;
  watch.device_was_down = !h.devices_are_up;
  watch.retry_after = std::clamp(watch.retry_after * 2, kFirstRetry, kLongestRetry);
  if (!watch.device_was_down) watch.deadline = now + watch.retry_after;
  return h.policy == AddressLoss::kResign ? Order::kHoldDown : Order::kGiveWay;
}

void AddressGuard::Forget(InstanceId instance) {
  const auto found = watches_.find(instance);
  if (found == watches_.end()) return;
  deadlines_.erase({found->second.deadline, instance});
  watches_.erase(found);
}

std::vector<InstanceId> AddressGuard::TakeDue(Instant now) {
  std::vector<InstanceId> due;
  for (auto it = deadlines_.begin(); it != deadlines_.end() && it->first <= now; ++it) due.push_back(it->second);
  return due;
}

AddressGuard::Phase AddressGuard::PhaseOf(InstanceId instance) const {
  const auto found = watches_.find(instance);
  return found == watches_.end() ? Phase::kHeld : found->second.phase;
}

absl::string_view ToString(AddressGuard::Phase phase) {
  static constexpr std::array<absl::string_view, 5> kNames = {"held", "missing", "kept", "away", "back"};
  return kNames[static_cast<size_t>(phase)];
}

}  // namespace dpvrrp
