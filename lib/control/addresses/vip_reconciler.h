// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "control/addresses/own_addresses.h"
#include "host/host.h"

namespace dpvrrp {

// Makes the kernel's addresses follow mastership: it requests the difference between wanted and present addresses until
// there is none. It produces requests to the kernel and reads the answers; it knows no netlink.
//
//              Want(true)             ack
//   absent ----------------> adding ---------> present ----+
//     ^  ^                     | error: again after back-off|  Want(false)
//     |  +---------------------+                            v
//     +---------------------------------------------- removing
//
// A virtual-MAC device is set up before its first address is added, and set down after its last one was removed. If
// another program sets it down before that, it is set up again.
//
// An address that was present before, without our mark, belongs to the operator: it counts as present and is never
// removed.
//
// An address is held while the kernel has it and its device is up; only then is it to be announced. A wanted one is
// missing if the kernel refuses it, its device is down or removed, or duplicate address detection has failed.
//
// A virtual address that the kernel would take as the source of the host's own traffic is moved behind the host's own
// addresses (vip_order.cc).
//
// Thread: control.
class VipReconciler {
 public:
  enum class Presence : uint8_t { kAbsent, kPresent, kForeign };  // kForeign: there, and not ours

  struct Vip {
    InstanceId instance;
    uint16_t index = 0;  // in the instance's advertised list
    std::string device;
    std::string below;          // the device under `device`; empty: `device` is the operator's
    std::string former_device;  // not empty: it may still be there, until it is on `device` or unwanted
    IpPrefix prefix;
    bool device_follows = false;  // a virtual-MAC device of ours: up only while it holds an address
    bool device_up = false;       // set up for this address
    bool may_be_source = false;   // the host's own traffic may leave from it
    bool wanted = false;
    Presence presence = Presence::kAbsent;
    uint64_t request = 0;    // that the kernel has not answered; 0: none
    Nanoseconds backoff{0};  // before the next try, if the last one failed
    Instant retry_at = kNever;
    std::string error;  // of the last try; empty: none
    // Our own removals whose notifications have not arrived; answers overtake notifications.
    uint16_t removals_to_hear = 0;
    bool heard_removal = false;  // of the removal that is not answered
    Instant removed_at{};
    bool dad_failed = false;  // the kernel has it and does not use it: another host has it, too
    // IPv4, see vip_order.cc.
    bool is_primary = false;     // the kernel may take it as a source address
    bool relies_on_own = false;  // it was added without a route, because an own address brings one
    bool is_moving_behind = false;
    std::string label;                   // as in HostRequest
    std::optional<uint8_t> scope;        // likewise
    std::optional<IpPrefix> put_behind;  // to be put behind this own address once `request` is answered
  };

  // For the journal and the announcer.
  struct Report {
    enum class Kind : uint8_t {
      kProgrammed,   // present now, and wanted: announce it
      kReleased,     // removed
      kFailed,       // first failure since it last worked; retried
      kForeign,      // it was there already and is not ours
      kDrifted,      // another program removed it; being put back
      kPutBehind,    // an own address came after it: being put behind that
      kUnreachable,  // its device is down or removed, or duplicate address detection has failed
      kReachable,    // no longer: announce it
    };
    Kind kind;
    InstanceId instance;
    uint16_t index;
    std::string text;  // "10.99.0.100/24 on eth0" and, for failures, why
  };

  static constexpr Nanoseconds kFirstBackoff = std::chrono::milliseconds(100);
  static constexpr Nanoseconds kLongestBackoff = std::chrono::seconds(5);
  // The notification of our own removal is queued before its answer. A notification that arrives later than this counts
  // as a removal by another program. To request a present address once more is harmless; to miss a removal is not.
  static constexpr Nanoseconds kLongestLateness = std::chrono::seconds(1);

  void Add(Vip vip);                 // `wanted` false
  void Forget(InstanceId instance);  // its VIPs should be unwanted and Settled(); others are given up
  void Want(InstanceId instance, bool wanted);
  // The instance has this list from now on, each filled in as for Add(); `wanted`: it is master. An address that both
  // lists have on the same device stays as it is. One that `list` does not have is removed after the kernel has
  // answered for the new ones. Its device must be kept until HasFormer() is false.
  void Change(InstanceId instance, std::vector<Vip> list, bool wanted);
  // Whether an address of a former list may still be there.
  bool HasFormer(InstanceId instance) const;
  // From now on the instance's VIPs belong on these devices, one for each of vips(). A wanted one is added there before
  // it is removed where it was; the device that it leaves stays as it is, for the caller to release.
  void Rehome(InstanceId instance, const std::vector<std::string>& devices);

  void OnReply(const HostReply& reply, Instant now);
  void OnEvent(const HostEvent& event, Instant now);
  // All addresses of the kernel, at the start and after the kernel dropped notifications. Addresses with our mark that
  // no instance wants are removed; missing ones are added. Returns the removed ones.
  std::vector<HostAddress> OnAddresses(const std::vector<HostAddress>& addresses);
  void OnTime(Instant now);  // retries what is due
  Instant NextDeadline() const;

  std::vector<HostRequest> TakeRequests() { return std::exchange(requests_, {}); }
  std::vector<Report> TakeReports() { return std::exchange(reports_, {}); }
  // Virtual-MAC devices that another program has removed although a wanted address belongs there. The address is tried
  // again, so the caller must make the device again. The value says whether that is news.
  std::map<std::string, bool> TakeMissingDevices() { return std::exchange(missing_devices_, {}); }
  // The instance that has this virtual-MAC device, if there is one.
  std::optional<InstanceId> OwnerOf(const std::string& device) const;
  // Instances whose Settled() may have changed since the last call, some more than once.
  std::vector<InstanceId> TakeTouched() { return Instances(std::exchange(touched_, {})); }
  // Instances for which Missing() or DevicesAreUp() may have changed since the last call, some more than once.
  std::vector<InstanceId> TakeHoldingChanged() { return Instances(std::exchange(holding_changed_, {})); }

  // In the advertised order; empty: no such instance.
  const std::vector<Vip>& vips(InstanceId instance) const;
  // The instances that have addresses on this device, with the addresses' indices in the advertised list.
  std::vector<std::pair<InstanceId, uint16_t>> AddressesOn(const std::string& device) const;
  bool Settled(InstanceId instance) const;  // no request of it is open or waits to be tried again
  bool Holds(const Vip& vip) const { return vip.presence != Presence::kAbsent && IsReachable(vip); }
  // Of its wanted addresses, those that cannot be held at the moment; not those that are just being added.
  std::vector<const Vip*> Missing(InstanceId instance) const;
  bool DevicesAreUp(InstanceId instance) const;  // as far as known; the operator's
  // Whether an operator's device is up, before there are events of it.
  void SetLink(const std::string& device, bool up);
  // Operator's devices that are up again. They may be other devices with the same name.
  std::vector<std::string> TakeDevicesBack() { return std::exchange(devices_back_, {}); }

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

  // An id that stands for what an instance had on a former list is that instance's (vip_change.cc).
  static InstanceId InstanceOf(InstanceId id);
  static InstanceId FormerOf(InstanceId instance);
  static std::vector<InstanceId> Instances(std::vector<InstanceId> ids) {
    for (InstanceId& id : ids) id = InstanceOf(id);
    return ids;
  }
  std::vector<Vip> TakeOut(InstanceId id);
  void PutBack(InstanceId id, std::vector<Vip> vips);
  void RemoveFormer(InstanceId instance);
  void Reconcile(Place place);
  void Request(Place place, HostOp op);
  void LetDeviceRest(Place place);
  void LeaveFormerDevice(Vip& vip);
  void OwnDevice(const Vip& vip, bool own);
  void OnLinkDown(const std::string& device);
  void OnLinkUp(const std::string& device);
  void OnAddressAdded(const HostEvent& event);
  void OnAddressRemoved(const HostEvent& event);
  void IndexDevices(const Vip& vip, Place place, bool add);
  std::vector<Place> PlacesOn(const std::string& device) const;
  bool IsReachable(const Vip& vip) const;
  void TellReach(const Vip& vip, bool was_reachable);
  void OnOwnAddress(const std::string& device, const IpPrefix& own, bool is_secondary);
  void OnOwnAddressGone(const std::string& device, const IpPrefix& own);
  void PutBehind(const Place& place, const IpPrefix& own);
  bool BringsRoute(const Vip& vip) const;
  static std::string AddressKey(const std::string& device, const IpPrefix& prefix);
  void Ask(HostOp op, const std::string& device, const IpPrefix& prefix);
  void Tell(Report::Kind kind, const Vip& vip, absl::string_view why = "");
  bool DeviceInUse(InstanceId instance, const std::string& device) const;
  Vip& At(Place place) { return instances_.at(place.instance)[place.position]; }

  // Thousands of instances move at once, so each way of finding a VIP has its index.
  absl::flat_hash_map<InstanceId, std::vector<Vip>> instances_;
  absl::flat_hash_map<std::string, Place> by_address_;      // "10.99.0.100/24 on eth0"
  absl::flat_hash_map<std::string, InstanceId> by_device_;  // virtual-MAC ones
  std::set<std::pair<std::string, Place>> on_device_;       // and on what it is made over
  absl::flat_hash_set<std::string> down_;                   // of these devices
  absl::flat_hash_map<uint64_t, Asked> by_request_;
  std::set<std::pair<Instant, Place>> retries_;

  std::vector<HostRequest> requests_;
  std::vector<Report> reports_;
  std::map<std::string, bool> missing_devices_;
  std::vector<InstanceId> touched_;
  std::vector<InstanceId> holding_changed_;
  std::vector<std::string> devices_back_;
  OwnAddresses own_;
  absl::flat_hash_set<std::string> passing_;  // /32s that stand in for an address while it is put behind another
  Instant now_{};                             // of the last call that brought the time
  uint64_t next_request_ = 1;
};

}  // namespace dpvrrp
