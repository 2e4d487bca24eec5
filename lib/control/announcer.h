// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// When a new master's addresses are announced. Gratuitous ARP before the kernel answers for the address would draw
// traffic that is then refused, so an address is announced when its acknowledgement comes, or after kLongestWait, and
// all of them again on a schedule: an announcement may be lost, and the old master may have sent one last.
//
// Thread: control.
class Announcer {
 public:
  static constexpr Nanoseconds kLongestWait = std::chrono::milliseconds(500);
  // After becoming master.
  static constexpr std::array<Nanoseconds, 4> kRepeats = {std::chrono::milliseconds(250), std::chrono::seconds(1),
                                                          std::chrono::seconds(2), std::chrono::seconds(5)};

  struct Announcement {
    InstanceId instance;
    uint16_t first;  // in the advertised list
    uint16_t count;
  };

  // `awaited`: which of the addresses OnProgrammed will report; the others are announced at once.
  void OnMaster(InstanceId instance, const std::vector<bool>& awaited, Instant now);
  void OnNotMaster(InstanceId instance);
  void OnProgrammed(InstanceId instance, uint16_t index);
  void OnTime(Instant now);
  Instant NextDeadline() const;

  std::vector<Announcement> Take();

 private:
  struct Schedule {
    Instant since{};
    Instant deadline = kNever;
    size_t next_repeat = 0;
    std::vector<bool> announced;  // once at least
    bool wait_over = false;
  };

  void SetDeadline(InstanceId instance, Schedule& schedule);
  void AnnounceWhere(InstanceId instance, const std::vector<bool>& which);

  // A schedule whose repeats are done stays while master, so that an address put back later is still announced.
  absl::flat_hash_map<InstanceId, Schedule> schedules_;
  std::set<std::pair<Instant, InstanceId>> deadlines_;
  std::vector<Announcement> ready_;
};

}  // namespace dpvrrp
