// SPDX-License-Identifier: BSD-3-Clause
#include "control/questions/questions.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/check.h"

namespace dpvrrp {

Questions::Questions(size_t workers, std::function<VirtualRouter*(InstanceId)> router_of)
    : router_of_(std::move(router_of)), workers_(workers) {}

bool Questions::Ask(Question question, const std::vector<Target>& instances, bool watches, Instant now) {
  if (under_way_.size() >= kMaxQueries) return false;
  UnderWay& asked = under_way_.emplace_back();
  asked.number = ++last_number_;
  asked.question = std::move(question);
  asked.asked_at = now;
  asked.watches = watches;
  for (const Target& target : instances) LaneOf(asked, target.worker).to_ask.push_back(target.id);
  for (size_t worker = 0; watches && worker < workers_.size(); ++worker) {
    Lane& lane = LaneOf(asked, worker);
    lane.watches = true;
    lane.next_place = 0;
    lane.watched_at = kNever;
  }
  for (Lane& lane : asked.lanes) {
    lane.progress_at = now;
    SendNext(asked, lane, now);
  }
  FinishThoseDone();
  return true;
}

bool Questions::looking() const {
  return std::any_of(under_way_.begin(), under_way_.end(), [](const UnderWay& u) { return u.question.for_ourselves; });
}

Questions::Lane& Questions::LaneOf(UnderWay& question, size_t worker) {
  for (Lane& lane : question.lanes) {
    if (lane.worker == worker) return lane;
  }
  Lane& lane = question.lanes.emplace_back();
  lane.worker = worker;
  return lane;
}

Questions::WorkerMemory& Questions::MemoryOf(size_t worker) {
  if (worker >= workers_.size()) workers_.resize(worker + 1);
  return workers_[worker];
}

// A worker that owes an answer is not asked for more: its ring would fill up. The answer that it owes tells when it is
// back.
void Questions::SendNext(const UnderWay& question, Lane& lane, Instant now) {
  if (silent_since(lane.worker).has_value()) {
    lane.absent = true;
    return;
  }
  lane.done = !SendInstances(question, lane, now) && !SendWatch(question, lane, now);
  if (!lane.done || !lane.watches) return;
  WorkerMemory& memory = MemoryOf(lane.worker);
  memory.speakers = std::move(lane.speakers);
  memory.speakers.shrink_to_fit();
  memory.crowded_out = lane.crowded_out;
  memory.watched_at = lane.watched_at;
}

bool Questions::SendInstances(const UnderWay& question, Lane& lane, Instant now) {
  std::vector<VirtualRouter*> routers;
  while (!lane.to_ask.empty() && routers.size() < kMaxQueryRouters) {
    VirtualRouter* router = router_of_(lane.to_ask.back());
    lane.to_ask.pop_back();
    if (router != nullptr) routers.push_back(router);
  }
  if (routers.empty()) return false;
  Slice& slice = slices_.emplace_back();
  slice.worker = lane.worker;
  slice.question = question.number;
  slice.query = std::make_unique<InstanceQuery>(std::move(routers));
  slice.sent_at = now;
  commands_.push_back(command::Query{slice.query.get()});
  return true;
}

bool Questions::SendWatch(const UnderWay& question, Lane& lane, Instant now) {
  if (lane.next_place >= Watch::kPlaces) return false;
  Slice& slice = slices_.emplace_back();
  slice.worker = lane.worker;
  slice.question = question.number;
  slice.watch = std::make_unique<WatchQuery>();
  slice.watch->worker = lane.worker;
  slice.watch->first = lane.next_place;
  slice.sent_at = now;
  lane.next_place += WatchQuery::kSlice;
  commands_.push_back(command::ReadWatch{slice.watch.get()});
  return true;
}

Questions::Slice Questions::TakeSlice(const std::function<bool(const Slice&)>& is_it) {
  const auto it = std::find_if(slices_.begin(), slices_.end(), is_it);
  DPVRRP_CHECK(it != slices_.end());
  Slice slice = std::move(*it);
  slices_.erase(it);
  return slice;
}

void Questions::OnAnswered(const InstanceQuery* query, Instant now) {
  const Slice slice = TakeSlice([query](const Slice& s) { return s.query.get() == query; });
  Remember(*slice.query);
  GoOn(slice, now);
}

void Questions::OnWatched(const WatchQuery* watch, Instant now) {
  const Slice slice = TakeSlice([watch](const Slice& s) { return s.watch.get() == watch; });
  for (UnderWay& question : under_way_) {
    if (question.number != slice.question) continue;
    Lane& lane = LaneOf(question, slice.worker);
    std::copy_n(watch->found.begin(), watch->count, std::back_inserter(lane.speakers));
    lane.crowded_out = watch->crowded_out;
    lane.watched_at = std::min(lane.watched_at, watch->at);
  }
  GoOn(slice, now);
}

void Questions::Remember(const InstanceQuery& answer) {
  for (const InstanceSnapshot& snapshot : answer.found) {
    if (router_of_(snapshot.id) == nullptr) continue;
    KnownInstance& known = known_[snapshot.id];
    known.at = answer.at;
    known.machine = snapshot.machine;
    known.priority = snapshot.priority;
    known.sequence_sent = snapshot.sequence_sent;
    known.sequence_heard = snapshot.sequence_heard;
    known.evictions = snapshot.evictions;
    known.next_vrid_heard = snapshot.next_vrid_heard;
    known.senders.clear();
    known.senders.reserve(snapshot.sender_count);
    for (const Sender& sender : std::span(snapshot.senders).first(snapshot.sender_count)) {
      known.senders.push_back({sender.address, sender.window.highest(), sender.accepted, sender.last_seen});
    }
  }
}

void Questions::GoOn(const Slice& slice, Instant now) {
  for (UnderWay& question : under_way_) {
    if (question.number != slice.question || slice.given_up) continue;
    Lane& lane = LaneOf(question, slice.worker);
    lane.progress_at = now;
    SendNext(question, lane, now);
  }
  FinishThoseDone();
}

Instant Questions::DeadlineOf(const UnderWay& question, const Lane& lane) const {
  const bool stalled = lane.worker < workers_.size() && workers_[lane.worker].stalled;
  return std::min(lane.progress_at + (stalled ? kStalledTimeout : kAnswerTimeout),
                  question.asked_at + kQuestionTimeout);
}

void Questions::GiveUp(const UnderWay& question, Lane& lane) {
  lane.absent = true;
  for (Slice& slice : slices_) {
    if (slice.question == question.number && slice.worker == lane.worker) slice.given_up = true;
  }
}

void Questions::OnTime(Instant now) {
  for (UnderWay& question : under_way_) {
    for (Lane& lane : question.lanes) {
      if (!lane.done && !lane.absent && DeadlineOf(question, lane) <= now) GiveUp(question, lane);
    }
  }
  FinishThoseDone();
}

Instant Questions::NextDeadline() const {
  Instant next = kNever;
  for (const UnderWay& question : under_way_) {
    for (const Lane& lane : question.lanes) {
      if (!lane.done && !lane.absent) next = std::min(next, DeadlineOf(question, lane));
    }
  }
  return next;
}

void Questions::FinishThoseDone() {
  for (auto it = under_way_.begin(); it != under_way_.end();) {
    const auto is_over = [](const Lane& lane) { return lane.done || lane.absent; };
    if (!std::all_of(it->lanes.begin(), it->lanes.end(), is_over)) {
      ++it;
      continue;
    }
    Finished& finished = finished_.emplace_back();
    finished.question = std::move(it->question);
    finished.asked_at = it->asked_at;
    finished.watches = it->watches;
    for (const Lane& lane : it->lanes) {
      if (lane.absent) finished.absent.push_back(lane.worker);
    }
    std::sort(finished.absent.begin(), finished.absent.end());
    it = under_way_.erase(it);
  }
}

void Questions::SetStalled(size_t worker, bool stalled) { MemoryOf(worker).stalled = stalled; }

void Questions::Forget(InstanceId id) { known_.erase(id); }

const KnownInstance* Questions::Known(InstanceId id) const {
  const auto it = known_.find(id);
  return it == known_.end() ? nullptr : &it->second;
}

std::vector<Speaker> Questions::Speakers() const {
  std::vector<Speaker> all;
  for (const WorkerMemory& worker : workers_) all.insert(all.end(), worker.speakers.begin(), worker.speakers.end());
  return all;
}

uint64_t Questions::crowded_out() const {
  uint64_t all = 0;
  for (const WorkerMemory& worker : workers_) all += worker.crowded_out;
  return all;
}

Instant Questions::watched_at(size_t worker) const {
  return worker < workers_.size() ? workers_[worker].watched_at : Instant{};
}

std::optional<Instant> Questions::silent_since(size_t worker) const {
  std::optional<Instant> since;
  for (const Slice& slice : slices_) {
    if (slice.worker != worker || !slice.given_up) continue;
    since = since.has_value() ? std::min(*since, slice.sent_at) : slice.sent_at;
  }
  return since;
}

}  // namespace dpvrrp
