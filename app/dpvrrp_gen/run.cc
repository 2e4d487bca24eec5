// SPDX-License-Identifier: BSD-3-Clause
#include "run.h"

#include <time.h>

#include <algorithm>
#include <vector>

#include "crypto/icv_engine.h"
#include "gen/stream.h"
#include "io/clock.h"

namespace dpvrrp {
namespace {

// A run that does not poll sleeps so long at most, because nothing wakes it for a received frame.
constexpr Nanoseconds kNap = std::chrono::microseconds(50);
// Time for answers to the last question or advert.
constexpr Nanoseconds kLastAnswers = std::chrono::milliseconds(200);

Nanoseconds Read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec);
}

void Sleep(Nanoseconds time) {
  const timespec wait{time / std::chrono::seconds(1), static_cast<long>((time % std::chrono::seconds(1)).count())};
  nanosleep(&wait, nullptr);  // a signal ends it early
}

class Loop {
 public:
  Loop(const GenProfile& profile, SinglePort& port, GenRunResult& result, std::vector<std::unique_ptr<GenRun>> runs)
      : profile_(profile), port_(port), result_(result), runs_(std::move(runs)) {}

  void Go(Instant start, const std::atomic<bool>& stop) {
    const Instant end = start + profile_.duration;
    Instant now = start;
    Instant finished = kNever;  // when nothing was left to send
    while (now < end && !stop.load(std::memory_order_relaxed)) {
      const bool received = Receive(now);
      const bool sent = Send(now);
      const Instant due = NextDue();
      if (due != kNever) finished = kNever;
      if (due == kNever && finished == kNever) finished = now;
      if (finished != kNever && !waits_for_devices_ && now - finished > kLastAnswers) break;
      if (!profile_.poll && !received && !sent && due > now) Sleep(std::min({kNap, due - now, end - now}));
      now = MonotonicNow();
    }
    result_.facts.interrupted = now < end && stop.load(std::memory_order_relaxed);
    result_.facts.time = now - start;
    result_.observer.Finish(now);
  }

  void Finish() {
    for (size_t i = 0; i < runs_.size(); ++i) {
      result_.facts.streams[i].skipped = runs_[i]->skipped();
      result_.facts.streams[i].worst = runs_[i]->worst();
    }
  }

 private:
  bool Receive(Instant now) {
    const std::span<const Frame> frames = port_.Receive();
    for (const Frame& frame : frames) result_.observer.Received(frame, now);
    return !frames.empty();
  }

  bool Send(Instant now) {
    bool any = false;
    const Nanoseconds utc = Read(CLOCK_REALTIME);
    for (size_t i = 0; i < runs_.size(); ++i) {
      const size_t count = runs_[i]->Fill(now, utc, port_.Buffers());
      if (count == 0) continue;
      any = true;
      const Instant at = MonotonicNow();  // on a veth the answer may be there before Send() returns
      const size_t sent = port_.Send(count);
      GenStreamCounts& counts = result_.facts.streams[i];
      counts.sent += sent;
      counts.refused += count - sent;
      if (runs_[i]->stream().kind->role == GenRole::kAdverts) continue;
      for (const GenWritten& frame : runs_[i]->written().first(sent)) result_.observer.Sent(i, frame, at);
      waits_for_devices_ = waits_for_devices_ || runs_[i]->stream().is_master();
    }
    return any;
  }

  Instant NextDue() const {
    Instant due = kNever;
    for (const std::unique_ptr<GenRun>& run : runs_) due = std::min(due, run->NextDue());
    return due;
  }

  const GenProfile& profile_;
  SinglePort& port_;
  GenRunResult& result_;
  std::vector<std::unique_ptr<GenRun>> runs_;
  bool waits_for_devices_ = false;  // masters were there
};

}  // namespace

absl::StatusOr<GenRunResult> RunProfile(const GenProfile& profile, SinglePort& port, const std::atomic<bool>& stop) {
  absl::StatusOr<std::unique_ptr<IcvEngine>> engine = MakeIcvEngine();
  if (!engine.ok()) return engine.status();
  std::vector<std::unique_ptr<GenRun>> runs;
  for (const GenStream& stream : profile.streams) {
    auto run = GenRun::Create(stream, **engine, port.info().mac, Read(CLOCK_REALTIME));
    if (!run.ok()) return run.status();
    runs.push_back(*std::move(run));
  }
  const Instant start = MonotonicNow();
  for (const std::unique_ptr<GenRun>& run : runs) run->Begin(start);
  GenRunResult result{{}, GenObserver(profile, start)};
  result.facts.engine = std::string((*engine)->name());
  result.facts.streams.resize(profile.streams.size());
  Loop loop(profile, port, result, std::move(runs));
  const Nanoseconds cpu = Read(CLOCK_THREAD_CPUTIME_ID);
  loop.Go(start, stop);
  result.facts.cpu = Read(CLOCK_THREAD_CPUTIME_ID) - cpu;
  loop.Finish();
  return result;
}

}  // namespace dpvrrp
