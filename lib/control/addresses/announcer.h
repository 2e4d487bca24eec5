// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "base/types.h"
#include "config/model.h"
#include "control/addresses/announcement_pacer.h"
#include "control/addresses/outlets.h"

namespace dpvrrp {

// Decides when a master's addresses are announced. Gratuitous ARP for an address that the kernel does not have would
// attract traffic that the kernel refuses. So an address is announced after the kernel has acknowledged it. All held
// addresses are announced again on a schedule, because an announcement may be lost, and because the old master may have
// sent the last one. If another host may have announced them, they are announced outside of the schedule. The pacer
// spreads the announcements that are due at once, on each port and on each kernel device by itself.
//
// Thread: control.
class Announcer {
 public:
  Announcer() { devices_.set_interval(kLeastIntervalOnDevice); }

  // On kernel devices control sends the frames itself, so at least this time is between two of a device, as an average
  // over AnnouncementPacer::kStep.
  static constexpr Nanoseconds kLeastIntervalOnDevice = std::chrono::microseconds(20);

  // The settings apply at once, also to instances that are master.
  void Configure(const GarpConfig& config);

  // Where the instance's addresses are announced, until it is forgotten. Without this call: on its port.
  void SetOutlets(InstanceId instance, Outlets outlets);
  void Forget(InstanceId instance);

  // `awaited`: which of the addresses OnProgrammed will report; the others are announced at once.
  void OnMaster(InstanceId instance, PortId port, const std::vector<bool>& awaited, Instant now);
  void OnNotMaster(InstanceId instance);
  // A master has another list of addresses. `held` says which addresses of the new list are held already; they are not
  // announced. Each other address is announced when OnProgrammed() reports it.
  void OnList(InstanceId instance, std::vector<bool> held);
  void OnProgrammed(InstanceId instance, uint16_t index);  // held from now on: announced at once
  void OnLost(InstanceId instance, uint16_t index);        // not held: not announced until OnProgrammed
  // The device of the address has another MAC. If the address is held and announced there, it is announced there at
  // once.
  void OnDeviceMac(InstanceId instance, uint16_t index);
  // Another host may have announced the addresses. The held ones are announced at once, or `spacing` after the last
  // call that had this effect. With `twice` they are announced once more correction_interval later, because the other
  // host may have been the last. Returns false if the instance is not master, or if correction_interval is 0.
  bool Again(InstanceId instance, Nanoseconds spacing, bool twice, Instant now);
  void OnTime(Instant now);
  Instant NextDeadline() const;

  std::vector<Announcement> Take(Instant now) { return ports_.Take(now); }  // on ports
  std::vector<Announcement> TakeOnDevices(Instant now) { return devices_.Take(now); }

 private:
  struct Schedule {
    PortId port;
    Instant since{};
    Instant deadline = kNever;
    size_t next_repeat = 0;
    Instant refresh_at = kNever;
    std::vector<bool> held;
    Instant corrected_at = Instant::min();  // last announced by Again()
    Instant correct_at = kNever;            // next
  };

  void SetDeadline(InstanceId instance, Schedule& schedule);
  void AnnounceHeld(InstanceId instance, const Schedule& schedule, AnnouncementUrgency urgency);
  void Add(InstanceId instance, const Schedule& schedule, size_t index, AnnouncementUrgency urgency);
  void Cancel(InstanceId instance, size_t first, size_t count);
  const Outlet& OutletOf(InstanceId instance, size_t index) const;

  GarpConfig config_;
  // A schedule without further repeats is kept while the instance is master, so that an address that is added again
  // later is still announced.
  absl::flat_hash_map<InstanceId, Schedule> schedules_;
  std::set<std::pair<Instant, InstanceId>> deadlines_;
  absl::flat_hash_map<InstanceId, Outlets> outlets_;  // of instances that use devices
  AnnouncementPacer<PortId> ports_;
  AnnouncementPacer<std::string> devices_;
};

}  // namespace dpvrrp
