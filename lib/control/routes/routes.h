// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "base/types.h"
#include "config/model.h"
#include "control/instances/registry.h"
#include "control/journal/occurrence.h"
#include "control/part.h"
#include "host/host.h"

namespace dpvrrp {

// The routes and rules of the instances: the kernel has them while the instance is master and its addresses have been
// answered for. Routes are added before rules, and removed after them.
//
//              Want(true)             ack
//   absent ----------------> adding ---------> present ----+
//     ^  ^                     | error: again after back-off|  Want(false)
//     |  +---------------------+                            v
//     +---------------------------------------------- removing
//
// If the kernel has another route for the same destination, table and metric, or the same rule, that belongs to the
// operator: it is `foreign`. It is never removed, and the own one is tried again at intervals.
//
// The kernel removes routes with their device or their source address, and does not always say so. So after each event
// that may have removed one, this part lists the routes and rules with our mark, and adds what is missing. A failed
// route or rule never changes the state of its instance.
//
// Thread: control.
class Routes final : public Part {
 public:
  enum class Presence : uint8_t { kAbsent, kPresent, kForeign };  // kForeign: there, and not ours

  struct Entry {
    RoutingEntry what;
    bool wanted = false;
    bool retired = false;  // not in the configuration any more: forgotten when it is removed
    Presence presence = Presence::kAbsent;
    uint64_t request = 0;  // that the kernel has not answered; 0: none
    bool is_adding = false;
    Nanoseconds backoff{0};  // before the next try, if the last one failed
    Instant retry_at = kNever;
    std::string error{};  // of the last try; empty: none
  };

  static constexpr Nanoseconds kFirstBackoff = std::chrono::milliseconds(100);
  static constexpr Nanoseconds kLongestBackoff = std::chrono::seconds(5);
  static constexpr Nanoseconds kListAfter = std::chrono::milliseconds(50);     // so that one list serves many events
  static constexpr Nanoseconds kListSpacing = std::chrono::milliseconds(500);  // between two lists

  // Requests of this part have numbers from this one on. Those of addresses are smaller.
  static constexpr uint64_t kFirstRequest = uint64_t{1} << 62;

  explicit Routes(const PartContext& context) : context_(context) {}

  void Add(InstanceId id, const InstanceConfig& config);
  // The instance has this configuration from now on. Only what differs is removed and added. If the instance had no
  // routes and rules before, Want() must follow.
  void OnConfiguration(InstanceId id, const InstanceConfig& config);
  void Want(InstanceId id, bool wanted);

  // Whether the reply is to a request of this part.
  bool OnHostReply(const HostReply& reply, ControlTime t);
  void OnHostEvent(const HostEvent& event, ControlTime t);
  // Lists all routes and rules with our mark, and removes those that a crashed run has left behind.
  void Resync(ControlTime t);

  // As Addresses::StopListing().
  void StopListing() { lists_ = false; }

  // Removals are to be sent before requests about addresses, and additions after them.
  void SendRemovals();
  void SendAdditions();

  // Empty: no such instance. First routes, then rules; those of a former configuration last.
  const std::vector<Entry>& EntriesOf(InstanceId id) const;
  bool IsSettled(InstanceId id) const;  // no request of it is open or waits to be tried again
  // Instances whose IsSettled() may have changed since the last call.
  std::vector<InstanceId> TakeTouched() { return std::exchange(touched_, {}); }
  // No list is outstanding, so no route or rule may have been left behind.
  bool IsResynced() const { return !must_list_ || !lists_; }

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override;
  void Forget(InstanceId id) override { instances_.erase(id); }

 private:
  struct OfInstance {
    std::vector<Entry> entries;
    bool wanted = false;
  };

  void Reconcile(InstanceId id, Entry& entry);
  void Tidy(OfInstance& of);
  void TryLater(InstanceId id, Entry& entry, Nanoseconds backoff, ControlTime t);
  void OnAdded(InstanceId id, Entry& entry, const absl::Status& status, ControlTime t);
  void OnRemoved(InstanceId id, Entry& entry, const absl::Status& status, ControlTime t);
  void Fail(InstanceId id, Entry& entry, const absl::Status& status, ControlTime t);
  void RetryNow();
  void Record(InstanceId id, const Occurrence& what, ControlTime t);
  // route_list.cc
  void ListSoon(Instant now);
  void RemoveLeftOvers(const std::vector<RoutingEntry>& listed, ControlTime t);
  void AddMissing(const std::vector<RoutingEntry>& listed, ControlTime t);

  PartContext context_;
  absl::flat_hash_map<InstanceId, OfInstance> instances_;  // those that have routes or rules
  absl::flat_hash_map<uint64_t, InstanceId> by_request_;
  std::set<std::pair<Instant, InstanceId>> retries_;  // an entry may be out of date
  std::vector<HostRequest> removals_;
  std::vector<HostRequest> additions_;
  std::vector<InstanceId> touched_;
  uint64_t next_request_ = kFirstRequest;
  Instant list_at_ = kNever;
  bool lists_ = true;
  Instant listed_at_{};     // the last time
  bool must_list_ = false;  // the kernel may have routes or rules of ours that are not known here
};

}  // namespace dpvrrp
