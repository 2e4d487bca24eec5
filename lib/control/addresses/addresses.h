// SPDX-License-Identifier: BSD-3-Clause
//
// The virtual addresses of the instances: the kernel has them while the instance is master (VipReconciler), hosts learn
// where they are (Announcer), and a master that cannot hold them gives way (AddressGuard). It also acquires the kernel
// devices that hold them.
//
// Thread: control.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "control/addresses/address_guard.h"
#include "control/addresses/announcer.h"
#include "control/addresses/vip_reconciler.h"
#include "control/instances/registry.h"
#include "control/journal/occurrences.h"
#include "control/part.h"
#include "pipeline/messages/command.h"

namespace dpvrrp {

class Addresses final : public Part {
 public:
  // Kernel devices, one for each virtual address that has one, as acquired from Services.
  using Devices = std::vector<std::string>;

  // What another host said about a virtual address while we were master.
  struct Claim {
    IpAddress address;
    MacAddress mac;      // of the host
    uint64_t count = 0;  // such frames in all
    Instant at{};
  };

  // The last claim by another host to have an address of the instance while the instance was master.
  struct Conflict {
    Instant at{};  // at 0: no claim was seen
    IpAddress address;
    MacAddress mac;
  };

  explicit Addresses(const PartContext& context) : context_(context) {}

  void Configure(const GarpConfig& config) { announcer_.Configure(config); }

  // ---- Instances ----

  // Acquires the devices of one configuration. If one cannot be acquired, none is.
  absl::StatusOr<Devices> Acquire(const InstanceConfig& config, Vrid vrid);
  void Release(Devices devices);
  // A new instance. `devices` is of Acquire().
  void Add(InstanceId id, const InstanceConfig& config, Devices devices);
  // The instance's configuration has changed from `before`. Call it after the lcore was sent the new one, because an
  // announcement names an address by its index in the lcore's list.
  void OnConfiguration(const ManagedInstance& instance, const InstanceConfig& before, Devices devices, ControlTime t);
  void OnTransition(const ManagedInstance& instance, ControlTime t);
  // Whether the kernel is to have the instance's addresses, until its next transition.
  void SetWanted(InstanceId id, bool wanted) { vips_.Want(id, wanted); }
  // The next run will adopt its addresses and devices: nothing of them is removed from now on.
  void LeaveInKernel(InstanceId id) { devices_.erase(id); }
  // From now on no list of the kernel's addresses is read: it would show what is left there as left-overs.
  void StopListing() { lists_ = false; }
  // A master's addresses are announced as if it had just become master.
  void Announce(const ManagedInstance& instance, ControlTime t);
  // Whether nothing of the instance is left in the kernel, as far as this process can know.
  bool IsSettled(InstanceId id) const { return vips_.Settled(id); }

  // Whether the kernel has or has refused each address that is to be there.
  bool AreAnsweredFor(InstanceId id) const;

  // ---- A move to another VRID, with a virtual MAC ----

  absl::Status AcquireNext(const ManagedInstance& instance, Vrid vrid);
  void ReleaseNext(InstanceId id) { Release(std::exchange(devices_[id].next, {})); }
  // The addresses move to the next VRID's devices. The devices that they leave stay up until ReleaseLeft().
  void MoveToNext(InstanceId id);
  void ReleaseLeft(InstanceId id) { Release(std::exchange(devices_[id].left, {})); }

  // ---- From the lcores: what another host sent while the instance was master ----

  // The leader of this follower has reason to announce again (OnOtherMaster, OnOverslept). No event: the leader has
  // one.
  void AnnounceWithLeader(const ManagedInstance& follower, ControlTime t);
  void OnOtherMaster(const ManagedInstance& instance, const occurrence::OtherMasterHeard& other, ControlTime t);
  void OnOverslept(const ManagedInstance& instance, Nanoseconds late, ControlTime t);
  // Returns false if this host itself has the MAC, so that there is no conflict.
  bool OnConflict(const ManagedInstance& instance, const Claim& claim, ControlTime t);
  void OnProbed(const ManagedInstance& instance, const Claim& claim, ControlTime t);
  // The wall clock is ahead of the monotonic one by this much more than before: the machine may have been suspended.
  void OnClockAhead(Nanoseconds ahead, ControlTime t);

  // ---- From the kernel ----

  void OnHostReply(const HostReply& reply, ControlTime t);
  void OnHostEvent(const HostEvent& event, ControlTime t);
  // Lists all addresses, and removes those that a crashed run has left behind.
  void Resync(ControlTime t);

  // Records what has happened, and sends the lcores their commands. Returns the instances whose IsSettled() may have
  // changed. SendRequests() must follow.
  std::vector<InstanceId> Settle(ControlTime t);
  // The instances that are held, or not any more, because of their addresses.
  std::vector<InstanceId> TakeHoldsChanged() { return std::exchange(holds_changed_, {}); }
  void SendRequests();

  // ---- For the reports ----

  const VipReconciler& vips() const { return vips_; }
  AddressGuard::Phase HoldingOf(InstanceId id) const { return guard_.PhaseOf(id); }
  Conflict ConflictOf(InstanceId id) const;
  // No list of addresses is outstanding, so no address may have been left behind.
  bool IsResynced() const { return resync_at_ == kNever || !lists_; }

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override;
  void Forget(InstanceId id) override;  // also releases its devices

 private:
  // The devices of one instance.
  struct Lists {
    Devices now;
    Devices next;    // during a move to another VRID
    Devices left;    // for a while after the move
    Devices former;  // of a former list of addresses, until those are removed
    std::array<Devices*, 4> all() { return {&now, &next, &left, &former}; }
  };

  static bool IsAnnouncement(const HostReply& reply);
  static std::vector<VipReconciler::Vip> VipsOf(InstanceId id, const InstanceConfig& config, const Devices& devices);
  void LookAtLinks(const InstanceConfig& config);
  void ChooseOutlets(InstanceId id, const InstanceConfig& config);
  void AnnounceAdded(const ManagedInstance& instance, const InstanceConfig& before);
  void Tell(const VipReconciler::Report& report, ControlTime t);
  void RestoreDevice(const std::string& device, bool is_news, ControlTime t);
  void ReleaseFormer(InstanceId id);
  void SendAnnouncements(ControlTime t);
  void AnnounceOnDevices(const Announcement& announcement);
  void OnAnnounced(const HostReply& reply, ControlTime t);
  void ForgetFailures(InstanceId id);
  void OnDeviceMac(const std::string& device);
  void FollowHolding(InstanceId id, ControlTime t);
  void SetHold(const ManagedInstance& instance, bool on);
  void Obey(AddressGuard::Order order, const ManagedInstance& instance, const std::string& missing, ControlTime t);
  template <typename What>
  void AnnounceAgain(const ManagedInstance& instance, What why, ControlTime t);
  bool IsOurMac(const ManagedInstance& instance, const MacAddress& mac);

  PartContext context_;
  std::vector<InstanceId> holds_changed_;
  VipReconciler vips_;
  Announcer announcer_;
  AddressGuard guard_;
  Instant resync_at_ = kNever;
  bool lists_ = true;
  absl::flat_hash_map<InstanceId, Lists> devices_;
  absl::flat_hash_map<InstanceId, Conflict> conflicts_;
  std::set<uint64_t> unannounced_;  // ids of requests: the last announcement of the address on its device has failed
  absl::flat_hash_set<InstanceId> knows_peer_;  // another router of the group was heard as master, in this run
};

}  // namespace dpvrrp
