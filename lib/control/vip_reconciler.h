// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "host/host.h"

namespace dpvrrp {

// Makes the kernel's addresses follow mastership: wanted minus programmed, until there is no difference. Says what to
// ask of the kernel and learns from its answers; knows no netlink.
//
//              Want(true)             ack
//   absent ----------------> adding ---------> present ----+
//     ^  ^                     | error: again after back-off|  Want(false)
//     |  +---------------------+                            v
//     +---------------------------------------------- removing
//
// A virtual-MAC device is set up before its first address goes on it, and down after its last one has gone; in between
// it is set up again if somebody sets it down.
//
// An address that was there before us without our mark is an operator's: it counts as present and is never removed.
//
// Thread: control.
class VipReconciler {
 public:
  enum class Presence : uint8_t { kAbsent, kPresent, kForeign };  // kForeign: there, and not ours

  struct Vip {
    InstanceId instance;
    uint16_t index = 0;  // in the instance's advertised list
    std::string device;
    std::string former_device;  // not empty: it may still be there, until it is on `device` or unwanted
    IpPrefix prefix;
    bool device_follows = false;  // a virtual-MAC device of ours: up only while it holds an address
    bool device_up = false;       // set up for this address
    bool wanted = false;
    Presence presence = Presence::kAbsent;
    uint64_t request = 0;    // under way; 0: none
    Nanoseconds backoff{0};  // before the next try, if the last one failed
    Instant retry_at = kNever;
    std::string error;  // of the last try; empty: none
    // Our own removals that the kernel has still to tell us of; its answers overtake its notifications.
    uint16_t removals_to_hear = 0;
    bool heard_removal = false;  // of the removal under way
    Instant removed_at{};
  };

  // What the owner of this object has to know.
  struct Report {
    enum class Kind : uint8_t {
      kProgrammed,  // present now, and wanted: announce it
      kReleased,    // gone
      kFailed,      // first failure since it last worked; retried
      kForeign,     // it was there already and is not ours
      kDrifted,     // somebody removed it under us; being put back
    };
    Kind kind;
    InstanceId instance;
    uint16_t index;
    std::string text;  // "10.99.0.100/24 on eth0" and, for failures, why
  };

  static constexpr Nanoseconds kFirstBackoff = std::chrono::milliseconds(100);
  static constexpr Nanoseconds kLongestBackoff = std::chrono::seconds(5);
  // A notification of our own removal is queued before its answer. Later than this it is taken for somebody else's
  // doing: asking once more for an address that is there does no harm, missing that it has gone does.
  static constexpr Nanoseconds kLongestLateness = std::chrono::seconds(1);

  void Add(Vip vip);                 // `wanted` false
  void Forget(InstanceId instance);  // its VIPs should be unwanted and Settled(); others are given up
  void Want(InstanceId instance, bool wanted);
  // From now on the instance's VIPs belong on these devices, one for each of vips(). A wanted one is added there before
  // it is removed where it was; the device that it leaves stays as it is, for the caller to release.
  void Rehome(InstanceId instance, const std::vector<std::string>& devices);

  void OnReply(const HostReply& reply, Instant now);
  void OnEvent(const HostEvent& event, Instant now);
  // What is there (at start, and after the kernel dropped notifications): leftovers of ours that nobody wants are
  // removed, what is missing is added. Returns the leftovers.
  std::vector<HostAddress> OnAddresses(const std::vector<HostAddress>& addresses);
  void OnTime(Instant now);  // retries what is due
  Instant NextDeadline() const;

  std::vector<HostRequest> TakeRequests();
  std::vector<Report> TakeReports();
  // Virtual-MAC devices of ours that a wanted address had no place on, since the kernel did not know them: somebody has
  // removed them. It is tried again, so they are to be made again meanwhile. With each whether that is news.
  std::map<std::string, bool> TakeMissingDevices() { return std::exchange(missing_devices_, {}); }
  // Instances whose Settled() may have changed since the last call, some more than once.
  std::vector<InstanceId> TakeTouched() { return std::exchange(touched_, {}); }

  // In the advertised order; empty: no such instance.
  const std::vector<Vip>& vips(InstanceId instance) const;
  bool Settled(InstanceId instance) const;  // nothing of it under way or waiting to be retried

 private:
  struct Place {
    InstanceId instance;
    uint16_t position = 0;  // in the instance's vector
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  struct Asked {
    Place place;
    HostOp op;
  };

  void Reconcile(Place place);
  void Request(Place place, HostOp op);
  void LetDeviceRest(Place place);
  void LeaveFormerDevice(Vip& vip);
  void OwnDevice(const Vip& vip, bool own);
  void OnLinkDown(const std::string& device);
  void Ask(HostOp op, const std::string& device, const IpPrefix& prefix);
  void Tell(Report::Kind kind, const Vip& vip, absl::string_view why = "");
  bool DeviceInUse(InstanceId instance, const std::string& device) const;
  Vip& At(Place place) { return instances_.at(place.instance)[place.position]; }

  // Thousands of instances move at once, so each way of finding a VIP has its index.
  absl::flat_hash_map<InstanceId, std::vector<Vip>> instances_;
  absl::flat_hash_map<std::string, Place> by_address_;      // "10.99.0.100/24 on eth0"
  absl::flat_hash_map<std::string, InstanceId> by_device_;  // virtual-MAC ones
  absl::flat_hash_map<uint64_t, Asked> by_request_;
  std::set<std::pair<Instant, Place>> retries_;

  std::vector<HostRequest> requests_;
  std::vector<Report> reports_;
  std::map<std::string, bool> missing_devices_;
  std::vector<InstanceId> touched_;
  uint64_t next_request_ = 1;
};

}  // namespace dpvrrp
