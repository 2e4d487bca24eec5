// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "base/types.h"
#include "config/model.h"

namespace dpvrrp {

// Ties mastership to holding the virtual addresses. If a master cannot hold one of them for kPatience, it gives way:
//
//            missing             kPatience
//   held ------------> missing ------------> away: another router serves
//    ^                    |  |                |  |
//    |   held again       |  | no other host  |  | its devices are up again, or a retry is due
//    +--------------------+  v can serve it   |  v
//    |                     kept <-------------+ back: may become master again
//    +----------------------------------------------+
//
// With `auto` the instance gives way as with the command `resign`: it stays a backup that does not preempt. If it
// becomes master all the same, no other router serves the addresses, and it stays master. If it knows no other router
// and still holds some of its addresses, it does not give way. With `resign` its state becomes Initialize.
//
// Thread: control.
class AddressGuard {
 public:
  // The kernel is asked four times in this time, and a device of ours is made again at once.
  static constexpr Nanoseconds kPatience = std::chrono::seconds(3);
  // If all devices are up and the kernel refuses the address: when to try again after giving way. It doubles.
  static constexpr Nanoseconds kFirstRetry = std::chrono::seconds(10);
  static constexpr Nanoseconds kLongestRetry = std::chrono::seconds(600);

  enum class Phase : uint8_t { kHeld, kMissing, kKept, kAway, kBack };
  enum class Order : uint8_t { kKeep, kGiveWay, kHoldDown, kEndHold, kHeldAgain };

  // What control knows of an instance at a moment. `addresses` are those with a kernel device.
  struct Holding {
    AddressLoss policy = AddressLoss::kAuto;
    bool is_master = false;
    size_t addresses = 0;
    size_t held = 0;
    size_t missing = 0;  // wanted, and cannot be held
    bool devices_are_up = true;
    bool knows_peer = false;  // another router of the group has been heard, or is configured
  };

  // What is to be done, if anything. Call it when the holding may have changed, and when it is due.
  std::optional<Order> Update(InstanceId instance, const Holding& holding, Instant now);
  void Forget(InstanceId instance);
  std::vector<InstanceId> TakeDue(Instant now);
  Instant NextDeadline() const { return deadlines_.empty() ? kNever : deadlines_.begin()->first; }
  Phase PhaseOf(InstanceId instance) const;

 private:
  struct Watch {
    Phase phase = Phase::kHeld;
    bool device_was_down = false;  // when it gave way
    Nanoseconds retry_after{0};    // after it gave way last
    Instant deadline = kNever;
  };

  std::optional<Order> Advance(Watch& watch, const Holding& holding, Instant now);
  std::optional<Order> LosePatience(Watch& watch, const Holding& holding, Instant now);

  absl::flat_hash_map<InstanceId, Watch> watches_;  // of those that do not hold all
  std::set<std::pair<Instant, InstanceId>> deadlines_;
};

absl::string_view ToString(AddressGuard::Phase phase);  // "held", "missing", "kept", "away", "back"

}  // namespace dpvrrp
