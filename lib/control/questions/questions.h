// SPDX-License-Identifier: BSD-3-Clause
//
// Questions to worker lcores, and what each lcore last said.
//
// A question is about some instances, about the workers' watches, or both. It travels in slices, because adverts must
// not wait for a long answer: each worker has one slice of a question at a time, and all workers are asked at once. A
// worker that does not answer in time is absent from the answer, and what it said last stands in for it, with its age.
//
// Pure: `now` is an argument, commands to lcores and finished questions are taken out. Thread: control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "control/part.h"
#include "pipeline/messages/command.h"
#include "pipeline/messages/query.h"

namespace dpvrrp {

struct KnownSender {
  IpAddress address;
  uint64_t highest = 0;   // sequence number
  uint64_t accepted = 0;  // adverts; 0: only remembered from an earlier run
  Instant last_seen{};
};

// What an lcore last said of one virtual router: 136 bytes and 40 for each sender, so with the table's free places some
// 5 MiB for 16,000 routers.
struct KnownInstance {
  Instant at{};  // when it said so
  Machine machine;
  Priority priority;
  uint64_t sequence_sent = 0;
  uint64_t sequence_heard = 0;
  uint64_t evictions = 0;
  bool next_vrid_heard = false;
  std::vector<KnownSender> senders;
};

class Questions final : public Part {
 public:
  // If a worker answers nothing for kAnswerTimeout, it is absent from the answer; if it is known to be stalled, after
  // kStalledTimeout. A question ends kQuestionTimeout after it was asked in any case, because a starved worker may
  // answer one slice a second.
  static constexpr Nanoseconds kAnswerTimeout = std::chrono::seconds(2);
  static constexpr Nanoseconds kStalledTimeout = std::chrono::milliseconds(200);
  static constexpr Nanoseconds kQuestionTimeout = std::chrono::seconds(4);

  // `router_of` returns the router of an instance. Null: the instance is being removed or does not exist, and its lcore
  // must not be asked.
  Questions(size_t workers, std::function<VirtualRouter*(InstanceId)> router_of);

  struct Question {
    uint64_t command = 0;        // that waits for the answers; 0: none
    bool for_ourselves = false;  // the controller asks, not a client
  };
  struct Target {
    size_t worker;
    InstanceId id;
  };
  // Begins to ask. False: kMaxQueries questions are under way already.
  bool Ask(Question question, const std::vector<Target>& instances, bool watches, Instant now);
  bool looking() const;  // a question of the controller's own is under way

  void OnAnswered(const InstanceQuery* query, Instant now);
  void OnWatched(const WatchQuery* watch, Instant now);
  void OnTime(Instant now);
  void OnTime(ControlTime t) override { OnTime(t.now); }
  Instant NextDeadline() const override;
  void SetStalled(size_t worker, bool stalled);
  void Forget(InstanceId id) override;

  // Take the commands first, then the finished questions.
  std::vector<ShardCommand> TakeCommands() { return std::exchange(commands_, {}); }
  struct Finished {
    Question question;
    Instant asked_at;
    bool watches;                // the watches were asked, too
    std::vector<size_t> absent;  // workers that did not answer in time, in ascending order
  };
  std::vector<Finished> TakeFinished() { return std::exchange(finished_, {}); }

  const KnownInstance* Known(InstanceId id) const;  // null: no lcore has reported this instance yet
  std::vector<Speaker> Speakers() const;            // as each worker's watch last was
  uint64_t crowded_out() const;                     // speakers that have lost their places in the watches
  Instant watched_at(size_t worker) const;          // when that was; at 0: never
  // The time at which the worker was sent a slice that it has not answered in time. Nothing: it answers.
  std::optional<Instant> silent_since(size_t worker) const;

 private:
  // One worker's share of a question.
  struct Lane {
    size_t worker;
    std::vector<InstanceId> to_ask;      // from the back
    size_t next_place = Watch::kPlaces;  // of its watch; kPlaces: no more
    bool watches = false;
    std::vector<Speaker> speakers;
    uint64_t crowded_out = 0;
    Instant watched_at{};
    Instant progress_at{};
    bool done = false;
    bool absent = false;
  };
  struct UnderWay {
    uint64_t number;
    Question question;
    Instant asked_at;
    bool watches;
    std::vector<Lane> lanes;
  };
  // Memory that is lent to an lcore until it answers, even if the question has been given up.
  struct Slice {
    size_t worker;
    uint64_t question;
    std::unique_ptr<InstanceQuery> query;  // or
    std::unique_ptr<WatchQuery> watch;
    Instant sent_at;
    bool given_up = false;
  };
  struct WorkerMemory {
    bool stalled = false;
    std::vector<Speaker> speakers;
    uint64_t crowded_out = 0;
    Instant watched_at{};
  };

  Lane& LaneOf(UnderWay& question, size_t worker);
  void SendNext(const UnderWay& question, Lane& lane, Instant now);
  bool SendInstances(const UnderWay& question, Lane& lane, Instant now);
  bool SendWatch(const UnderWay& question, Lane& lane, Instant now);
  void GiveUp(const UnderWay& question, Lane& lane);
  void GoOn(const Slice& slice, Instant now);
  Instant DeadlineOf(const UnderWay& question, const Lane& lane) const;
  Slice TakeSlice(const std::function<bool(const Slice&)>& is_it);
  void Remember(const InstanceQuery& answer);
  void FinishThoseDone();
  WorkerMemory& MemoryOf(size_t worker);

  std::function<VirtualRouter*(InstanceId)> router_of_;
  uint64_t last_number_ = 0;
  std::vector<UnderWay> under_way_;
  std::vector<Slice> slices_;
  std::vector<WorkerMemory> workers_;
  absl::flat_hash_map<InstanceId, KnownInstance> known_;
  std::vector<ShardCommand> commands_;
  std::vector<Finished> finished_;
};

}  // namespace dpvrrp
