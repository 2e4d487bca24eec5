// SPDX-License-Identifier: BSD-3-Clause
//
// A restart without a change of master (docs/decisions/0026): the daemon that ends leaves the addresses of its masters
// in the kernel and writes down how long the backups will wait for the next advert. The next run goes on as master
// if it starts within that time.
//
// Thread: control.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/model.h"
#include "control/instances/registry.h"
#include "control/part.h"

namespace dpvrrp {

class Handover final : public Part {
 public:
  // How long a hand-over lets a start take, unless the operator gives another time.
  static constexpr Nanoseconds kUsualTime = std::chrono::seconds(6);
  static constexpr Nanoseconds kLongestTime = std::chrono::seconds(60);

  explicit Handover(const PartContext& context) : context_(context) {}

  // ---- The run that ends ----

  // From now on, masters that stop are handed over.
  void Begin() { is_leaving_ = true; }
  bool IsLeaving() const { return is_leaving_; }
  // The interval that a master must announce in its last advert, so that its backups wait for `time`. VRRPv3 backups
  // learn it; it is the configured one if that suffices, and with VRRPv2 (conformance V3-44).
  static Nanoseconds LastInterval(const InstanceConfig& config, Nanoseconds time);
  // A master has sent its last advert at `at`, which announced config.advertisement_interval.
  void OnLeft(const ManagedInstance& instance, Instant at);
  bool HasLeft(InstanceId id) const { return leaving_.contains(id); }
  // What the next run must know; empty: there was no hand-over. Text, one master a line.
  std::string Text() const;
  // The end of the longest time in Text(), as time of Instant. 0: there is none.
  Instant End() const;

  // ---- The run that starts ----

  // `text` is that of the last run, or why it cannot be used; NotFound: there was no hand-over. Call it when the
  // configuration is in force and before any instance is added. Of a group of kind
  // kTogether, all members are resumed or none. A follower is resumed if its leader is, for as long.
  void Load(const absl::StatusOr<std::string>& text, ControlTime t);
  // A new instance. Until when it may go on as master; Instant{}: it was not handed over, or its time is over.
  Instant Claim(InstanceId id, const std::string& name, Instant now);
  // Another configuration is in force: an instance that is added from now on is a new one.
  void OnReload() { resumable_.clear(); }
  // It has had its first transition, so it is as any other instance from now on.
  void EndClaim(InstanceId id) { claimed_.erase(id); }
  bool IsClaimed(InstanceId id) const { return claimed_.contains(id); }
  // Instances that had no transition until that time.
  std::vector<InstanceId> TakeExpired() { return std::exchange(expired_, {}); }

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return claims_.empty() ? kNever : claims_.begin()->first; }
  void Forget(InstanceId id) override;

 private:
  struct Left {
    std::string name;
    std::string identity;
    Instant until{};
  };

  PartContext context_;
  bool is_leaving_ = false;
  absl::flat_hash_set<InstanceId> leaving_;  // masters that have sent their last advert, not yet forgotten
  std::vector<Left> left_;
  absl::flat_hash_map<std::string, Instant> resumable_;  // by name
  absl::flat_hash_set<InstanceId> claimed_;
  std::set<std::pair<Instant, InstanceId>> claims_;  // by their ends; also those that have ended before
  std::vector<InstanceId> expired_;
};

}  // namespace dpvrrp
