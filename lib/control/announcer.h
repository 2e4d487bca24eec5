// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "base/types.h"
#include "config/model.h"
#include "control/announcement_pacer.h"

namespace dpvrrp {

// When a new master's addresses are announced. Gratuitous ARP before the kernel answers for the address would draw
// traffic that is then refused, so an address is announced when its acknowledgement comes, or after kLongestWait, and
// all of them again on a schedule: an announcement may be lost, and the old master may have sent one last. The pacer
// spreads what is due at once.
//
// Thread: control.
class Announcer {
 public:
  static constexpr Nanoseconds kLongestWait = std::chrono::milliseconds(500);

  // In force at once, also for those that are masters already.
  void Configure(const GarpConfig& config);

  // `awaited`: which of the addresses OnProgrammed will report; the others are announced at once.
  void OnMaster(InstanceId instance, PortId port, const std::vector<bool>& awaited, Instant now);
  void OnNotMaster(InstanceId instance);
  void OnProgrammed(InstanceId instance, uint16_t index);
  void OnTime(Instant now);
  Instant NextDeadline() const;

  std::vector<Announcement> Take(Instant now) { return pacer_.Take(now); }

 private:
  struct Schedule {
    PortId port;
    Instant since{};
    Instant deadline = kNever;
    size_t next_repeat = 0;
    Instant refresh_at = kNever;
    std::vector<bool> announced;  // once at least
    bool wait_over = false;
  };

  void SetDeadline(InstanceId instance, Schedule& schedule);
  void AnnounceWhere(InstanceId instance, const Schedule& schedule, const std::vector<bool>& which,
                     AnnouncementPacer::Urgency urgency);

  GarpConfig config_;
  // A schedule whose repeats are done stays while master, so that an address put back later is still announced.
  absl::flat_hash_map<InstanceId, Schedule> schedules_;
  std::set<std::pair<Instant, InstanceId>> deadlines_;
  AnnouncementPacer pacer_;
};

}  // namespace dpvrrp
