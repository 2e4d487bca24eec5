// SPDX-License-Identifier: BSD-3-Clause
//
// The tracks of the configuration: what each observes, and what it does to the instances that use it, themselves or by
// their group. The controller passes observations in, takes the instances whose effect has changed, and changes their
// priority and holds.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "config/model.h"
#include "control/part.h"
#include "control/tracks/track_state.h"
#include "host/host.h"
#include "host/program.h"
#include "vrrp/machine.h"

namespace dpvrrp {

struct ManagedInstance;
struct SequenceRecord;

// What all tracks of an instance do to it.
struct TracksEffect {
  int weight = 0;        // the sum of its own
  int group_weight = 0;  // the sum of its group's
  bool fault = false;
  bool unknown = false;

  friend bool operator==(const TracksEffect&, const TracksEffect&) = default;
};

// One track as one instance uses it, for reports.
struct TrackInUse {
  const TrackState* track = nullptr;
  const TrackUse* use = nullptr;
  const std::string* group = nullptr;  // null: the instance's own
  TrackEffect effect;
};

class Tracks final : public Part {
 public:
  explicit Tracks(const PartContext& context) : context_(context) {}

  // The registry has another configuration. A track that observes the same as before keeps its value.
  void OnConfiguration(ControlTime t);
  // The instance is set up, or has another configuration. The result is in force for it.
  TracksEffect Follow(InstanceId id, const InstanceConfig& config);

  void OnHostEvent(const HostEvent& event, ControlTime t);
  void OnPortLink(absl::string_view port, bool up, ControlTime t);
  void OnState(absl::string_view instance, State state, ControlTime t);
  void OnProgramReply(const ProgramReply& reply, ControlTime t);
  // `track set`. NotFound: there is no track of this name. FailedPrecondition: it is not kManual.
  absl::Status Set(absl::string_view name, const TrackValue& value, ControlTime t);

  // The instances whose effect has changed, each once.
  std::vector<InstanceId> TakeChanged();
  TracksEffect EffectOn(InstanceId id) const;

  // For reports.
  size_t size() const { return tracks_.size(); }
  const TrackState& at(size_t i) const { return tracks_[i]->state; }  // in the order of the file
  size_t UsersOf(size_t i) const { return tracks_[i]->users.size(); }
  std::vector<TrackInUse> UsedBy(InstanceId id) const;

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return agenda_.empty() ? kNever : agenda_.begin()->first; }
  void Forget(InstanceId id) override { users_.erase(id); }

 private:
  // The ids of requests for programs, apart from those of other parts.
  static constexpr uint64_t kFirstRequest = uint64_t{1} << 56;

  struct Track {
    explicit Track(TrackConfig config) : state(std::move(config)) {}
    TrackState state;
    absl::btree_set<InstanceId> users;
    Instant planned = kNever;        // its place in the agenda
    bool has_address = false;        // kInterface: holds the wanted address
    bool is_up = false;              // kInterface: the interface
    SequenceRecord* kept = nullptr;  // kManual; null: its value is not kept
    // kScript
    Instant run_at{};
    uint64_t request = 0;  // with the agent; 0: none
    Instant answer_by = kNever;
  };
  struct User {
    const GroupConfig* group = nullptr;
    std::vector<TrackUse> uses;
    TracksEffect effect;
    bool changed = false;
  };

  // tracks.cc
  void Link(InstanceId id, const User& user);
  void Unlink(InstanceId id, const User& user);
  TracksEffect Sum(const User& user) const;
  TrackInUse InUse(const TrackUse& use, const GroupConfig* group) const;
  template <typename Do>
  void ForEachUse(const User& user, Do action) const;
  void MarkIfChanged(InstanceId id, User& user);
  void OnChanged(size_t i, ControlTime t);
  void Plan(size_t i);

  // observe.cc
  void Recall(size_t i, ControlTime t);
  void LookAtFirst(size_t i, ControlTime t);
  void Observe(size_t i, bool good, std::string what, ControlTime t);
  void JudgeInterface(size_t i, ControlTime t);
  void ReadInterfaces(ControlTime t);
  void RunIfDue(size_t i, ControlTime t);

  PartContext context_;
  std::vector<std::unique_ptr<Track>> tracks_;
  absl::flat_hash_map<std::string, size_t> by_name_;
  absl::flat_hash_map<std::string, std::vector<size_t>> by_interface_;
  absl::flat_hash_map<std::string, std::vector<size_t>> by_port_;
  absl::flat_hash_map<std::string, std::vector<size_t>> by_instance_;
  absl::flat_hash_map<std::string, const GroupConfig*> group_of_;  // by member
  absl::flat_hash_map<InstanceId, User> users_;
  std::vector<InstanceId> changed_;
  std::set<std::pair<Instant, size_t>> agenda_;
  absl::flat_hash_map<uint64_t, size_t> requests_;  // with the agent -> track
  uint64_t last_request_ = kFirstRequest;
};

}  // namespace dpvrrp
