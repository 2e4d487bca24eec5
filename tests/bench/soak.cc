// SPDX-License-Identifier: BSD-3-Clause
//
// bench_soak INSTANCES INTERVAL_MS SECONDS FLOOD_MPPS: in real time, the worker's loop on lcore 1 against the other
// hosts of its segment, played by this thread on lcore 0 over a pair of rings.
//
//   backup   INSTANCES masters send, evenly over the interval: the worker must hear every advert and change no state
//   silence  they stop: time from the expiry of its Master_Down_Timer to each instance's own first advert
//   master   the worker sends for all: the gaps between an instance's adverts
//
// With FLOOD_MPPS, forged adverts of all instances are offered at that rate, or as fast as this thread can, once all
// masters are known. Frames that do not fit into the receive ring are lost, also the masters' adverts, as at a port.
//
// Lateness is the time from the moment at which the last advert was put into the ring to the moment at which ours was
// taken out of it. So delays of this thread count against the worker. Both ends are configured with INTERVAL_MS. VRRPv2
// has whole seconds on the wire, so 10 ms is 0 there, which both accept as equal to their own (IsLikeOurs in pipeline).
//
// Prints one JSON object. `waited_ms`: how long the two threads were ready to run and had no CPU, because the kernel
// ran others there. `longest_*`: the longest turns of both; if the host stops the whole machine, both are long. Read
// the lateness together with these.
#include <rte_launch.h>
#include <rte_lcore.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>

#include "bench/bench_worker.h"
#include "vrrp/timers.h"

namespace dpvrrp {
namespace {

// A large NIC's ring. Without a flood it has room for the frames that arrive while the kernel runs other threads on the
// worker's CPU, so that the loop is judged and not the machine.
constexpr unsigned kRingDepth = 4096, kDeepRing = 32768;
constexpr Priority kOurs{250};  // Skew_Time 23 ms
constexpr size_t kForgeries = 1024;
// The routers' time begins so much later, so that none of their timers expires while the others are made: all would
// fall due together from then on.
constexpr Nanoseconds kSetUp = 4s;

struct Settings {
  size_t instances;
  Nanoseconds interval;
  Nanoseconds phase;
  double flood_mpps;  // 0: none
};

class Soak {
 public:
  Soak(const Settings& settings)
      : s_(settings),
        port_("soak", settings.flood_mpps > 0 ? kRingDepth : kDeepRing),
        started_(WorkerNow() + kSetUp),
        lan_(LanOf(settings)),
        worker_(port_, lan_, kOurs, started_),
        masters_(lan_, IpAddress::V4(0x0a630003), Priority(254), started_),
        last_heard_(settings.instances),
        last_sent_(settings.instances) {
    MakeForgeries();
    RefillSpare(kMaxBurst);
  }

  int Main() {
    // Memory that is touched for the first time may take the host long to bring.
    if (mlockall(MCL_CURRENT) != 0) std::perror("bench_soak: memory stays unlocked: mlockall");
    while (WorkerNow() < started_) usleep(1000);
    if (rte_eal_remote_launch(Run, &worker_.loop(), 1) != 0) return 1;
    // The masters begin one after the other, over an interval; the first adverts of all are not judged.
    BecomeMasters();
    Pass(2 * s_.interval + 100ms, true);
    ForgetCounts();
    const Instant began = WorkerNow();
    const double waited_before = WaitedMs();
    Pass(s_.phase, true);
    const Tally backup = Count();
    const uint64_t played = played_, heard = Accepted() - accepted_, missed = played - std::min(played, heard);

    const Nanoseconds down = MasterDownInterval(VrrpVersion::kV2, kOurs, s_.interval);
    std::fill(last_heard_.begin(), last_heard_.end(), Instant());  // of starting up
    lateness_.clear();
    became_master_ = 0;
    const Instant silent = WorkerNow();
    while (became_master_ < s_.instances && WorkerNow() < silent + 2 * down + 2s) Turn(false);
    Pass(s_.interval + 100ms, false);
    Count();
    ForgetCounts();
    Pass(s_.phase, false);
    const Tally master = Count();
    const double waited = WaitedMs() - waited_before;
    worker_.loop().Quit();
    rte_eal_mp_wait_lcore();

    std::sort(lateness_.begin(), lateness_.end());
    std::sort(gaps_.begin(), gaps_.end());
    const auto at = [](const std::deque<Nanoseconds>& sorted, double share) {
      if (sorted.empty()) return -1.0;
      const auto index = static_cast<size_t>(share * static_cast<double>(sorted.size()));
      return static_cast<double>(sorted[std::min(index, sorted.size() - 1)].count()) / 1000;
    };
    std::printf(
        "{\"backup\": {\"played\": %llu, \"missed\": %llu, \"lost_in_ring\": %llu, \"false_transitions\": %llu, "
        "\"flood_mpps\": %.3f, \"unverified\": %llu},\n",
        Print(played), Print(missed), Print(backup.lost), Print(backup.transitions), backup.flood_mpps,
        Print(worker_.drops(DropReason::kUnverified)));
    std::printf(" \"silence\": {\"took_over\": %zu, \"late_us\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}},\n",
                lateness_.size(), at(lateness_, 0.5), at(lateness_, 0.99), at(lateness_, 1));
    std::printf(
        " \"master\": {\"sent\": %llu, \"missed\": %llu, \"false_transitions\": %llu, \"flood_mpps\": %.3f, "
        "\"gap_over_us\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}, \"dropped\": %llu},\n",
        Print(heard_), Print(missed_own_), Print(master.transitions), master.flood_mpps, at(gaps_, 0.5),
        at(gaps_, 0.99), at(gaps_, 1), Print(worker_.counters().tx_dropped.value()));
    std::printf(" \"longest_worker_ms\": %.2f, \"longest_segment_ms\": %.2f, \"waited_ms\": %.0f, \"seconds\": %.1f}\n",
                static_cast<double>(worker_.counters().longest_turn_ns.value()) / 1e6,
                static_cast<double>(longest_.count()) / 1e6, waited,
                static_cast<double>((WorkerNow() - began).count()) / 1e9);
    return 0;
  }

 private:
  struct Tally {
    uint64_t lost, transitions;
    double flood_mpps;
  };
  static unsigned long long Print(uint64_t n) { return n; }
  static int Run(void* loop) {
    static_cast<WorkerLoop*>(loop)->Run();
    return 0;
  }
  static BenchLan LanOf(const Settings& s) {
    return {.routers = s.instances, .interval = s.interval, .flood_order = FloodOrder()};
  }
  // For a CPU, all threads of the process together so far (/proc/PID/task/TID/schedstat, second number).
  static double WaitedMs() {
    double nanoseconds = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream file(task.path() / "schedstat");
      double ran = 0, waited = 0;
      if (file >> ran >> waited) nanoseconds += waited;
    }
    return nanoseconds / 1e6;
  }
  uint64_t Accepted() const { return worker_.shard_counters().adverts_accepted.value(); }

  void MakeForgeries() {
    BenchRouters forgers(lan_, IpAddress::V4(0x0a630004), Priority(254));
    forgers.BecomeMasters();
    forgeries_ = NextAdverts(forgers, kForgeries);
    for (Bytes& frame : forgeries_) frame[18 + 20 + 12] ^= 1;
  }
  void BecomeMasters() {
    const Instant begin = WorkerNow();
    for (size_t i = 0; i < s_.instances;) {
      const Instant now = Turn(true);
      const auto due =
          static_cast<size_t>(static_cast<double>(s_.instances) * static_cast<double>((now - begin).count()) /
                              static_cast<double>(s_.interval.count()));
      masters_.shard.now = now;
      for (; i < std::min(due, s_.instances); ++i) {
        masters_.shard.Apply(command::Takeover{masters_.routers[i]});
      }
    }
  }
  void Pass(Nanoseconds time, bool playing) {
    phase_began_ = WorkerNow();
    while (Turn(playing) < phase_began_ + time) continue;
  }
  // Lets frames in flight arrive, then starts counting again.
  void ForgetCounts() {
    while (rte_ring_count(port_.in) > 0) Observe(WorkerNow());
    for (const Instant until = WorkerNow() + 1ms; WorkerNow() < until;) Observe(WorkerNow());
    accepted_ = Accepted();
    played_ = lost_ = transitions_ = flooded_ = heard_ = missed_own_ = 0;
    gaps_.clear();
    judging_ = true;
    last_turn_ = Instant();
  }
  Tally Count() {
    const auto seconds = static_cast<double>((WorkerNow() - phase_began_).count()) / 1e9;
    const double mpps = static_cast<double>(flooded_) / seconds / 1e6;
    const Instant until = WorkerNow() + 2ms;
    while (rte_ring_count(port_.in) > 0 || WorkerNow() < until) Observe(WorkerNow());
    return {lost_, std::exchange(transitions_, 0), mpps};
  }

  // One round of the segment. Returns when it began.
  Instant Turn(bool playing) {
    const Instant now = WorkerNow();
    if (last_turn_ != Instant()) longest_ = std::max<Nanoseconds>(longest_, now - last_turn_);
    last_turn_ = now;
    if (playing) Play(now);
    if (judging_ && s_.flood_mpps > 0) Flood(now);
    Observe(now);
    return now;
  }
  void Play(Instant now) {
    TxBurst burst(frames_);
    masters_.shard.shard->Transmit(burst, now);
    const size_t used = burst.used().size();
    std::array<size_t, kMaxBurst> numbers;
    for (size_t i = 0; i < used; ++i) {
      spare_[i]->data_len = frames_[i].length;
      spare_[i]->pkt_len = frames_[i].length;
      numbers[i] = Number(spare_[i]);
    }
    const size_t put = Put(spare_.data(), used);
    for (size_t i = 0; i < put; ++i) last_sent_[numbers[i]] = now;
    played_ += used;
    lost_ += used - put;
    if (used > 0) RefillSpare(used);
    std::array<ShardEvent, 64> events;  // the masters' own, of no interest
    while (masters_.shard.shard->TakeEvents(events) > 0) continue;
  }
  void Flood(Instant now) {
    owed_ += static_cast<double>((now - flooded_until_).count()) * s_.flood_mpps / 1000;
    flooded_until_ = now;
    owed_ = std::min(owed_, 4.0 * kMaxBurst);  // frames not sent in time are not sent later
    for (; owed_ >= kMaxBurst; owed_ -= kMaxBurst) {
      flooded_ += kMaxBurst;
      std::array<rte_mbuf*, kMaxBurst> mbufs;
      if (rte_ring_free_count(port_.in) < kMaxBurst ||
          rte_pktmbuf_alloc_bulk(port_.pool, mbufs.data(), kMaxBurst) != 0) {
        continue;
      }
      for (rte_mbuf* mbuf : mbufs) {
        const Bytes& frame = forgeries_[next_forgery_++ % kForgeries];
        std::memcpy(rte_pktmbuf_append(mbuf, static_cast<uint16_t>(frame.size())), frame.data(), frame.size());
      }
      Put(mbufs.data(), kMaxBurst);
    }
  }
  // What does not fit is lost.
  size_t Put(rte_mbuf** mbufs, size_t count) {
    const unsigned put =
        rte_ring_enqueue_burst(port_.in, reinterpret_cast<void**>(mbufs), static_cast<unsigned>(count), nullptr);
    if (put < count) rte_pktmbuf_free_bulk(mbufs + put, static_cast<unsigned>(count) - put);
    return put;
  }
  void RefillSpare(size_t used) {
    if (rte_pktmbuf_alloc_bulk(port_.pool, spare_.data(), static_cast<unsigned>(used)) != 0) {
      std::fprintf(stderr, "no mbufs left\n");
      std::exit(1);
    }
    for (size_t i = 0; i < used; ++i) frames_[i].data = rte_pktmbuf_mtod(spare_[i], uint8_t*);
  }
  // Which instance an advert is of: one tag, IPv4, AH of 24 bytes, VRRP.
  static size_t Number(const rte_mbuf* mbuf) {
    const uint8_t* frame = rte_pktmbuf_mtod(mbuf, const uint8_t*);
    const size_t vlan = (frame[14] & 15u) << 8 | frame[15];
    return (vlan - 1) * kVridsPerVlan + frame[18 + 44 + 1] - 1;
  }
  void Observe(Instant now) {
    std::array<rte_mbuf*, kMaxBurst> mbufs;
    while (const unsigned count =
               rte_ring_dequeue_burst(port_.out, reinterpret_cast<void**>(mbufs.data()), kMaxBurst, nullptr)) {
      for (unsigned i = 0; i < count; ++i) OnOwnAdvert(Number(mbufs[i]), now);
      rte_pktmbuf_free_bulk(mbufs.data(), count);
    }
    std::array<ShardEvent, 64> events;
    while (const unsigned count =
               rte_ring_dequeue_burst_elem(port_.events, events.data(), sizeof(ShardEvent), 64, nullptr)) {
      for (unsigned i = 0; i < count; ++i) {
        transitions_ += Is<event::Transition>(events[i]);
      }
    }
  }
  void OnOwnAdvert(size_t number, Instant now) {
    Instant& last = last_heard_[number];
    if (last == Instant()) {
      ++became_master_;
      lateness_.push_back(now - last_sent_[number] - MasterDownInterval(VrrpVersion::kV2, kOurs, s_.interval));
    } else if (judging_) {
      ++heard_;
      const Nanoseconds gap = now - last;
      if (gap * 2 > s_.interval * 3) missed_own_ += static_cast<uint64_t>((gap + s_.interval / 2) / s_.interval - 1);
      if (gaps_.size() < kMaxGaps) gaps_.push_back(gap - s_.interval);
    }
    last = now;
  }
  static constexpr size_t kMaxGaps = 20'000'000;

  const Settings s_;
  RingPort port_;
  const Instant started_;
  const BenchLan lan_;
  BenchWorker worker_;
  BenchRouters masters_;
  std::vector<Bytes> forgeries_;
  size_t next_forgery_ = 0;
  std::array<rte_mbuf*, kMaxBurst> spare_{};
  std::array<TxFrame, kMaxBurst> frames_{};

  std::vector<Instant> last_heard_;  // by instance: our advert
  std::vector<Instant> last_sent_;   // its master's
  std::deque<Nanoseconds> lateness_, gaps_;
  size_t became_master_ = 0;
  bool judging_ = false;
  uint64_t accepted_ = 0, played_ = 0, lost_ = 0, transitions_ = 0, flooded_ = 0;
  uint64_t heard_ = 0, missed_own_ = 0;
  Nanoseconds longest_{0};
  double owed_ = 0;  // frames of the flood
  Instant last_turn_{}, phase_began_{}, flooded_until_{};
};

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  if (argc != 5) {
    std::fprintf(stderr, "usage: bench_soak INSTANCES INTERVAL_MS SECONDS FLOOD_MPPS\n");
    return 2;
  }
  // An appliance isolates its cores; what this machine can do instead. The kernel shares CPUs between sessions first.
  setpriority(PRIO_PROCESS, 0, -20);
  std::ofstream("/proc/self/autogroup") << -20;
  dpvrrp::StartEal("0,1");
  return std::make_unique<dpvrrp::Soak>(
             dpvrrp::Settings{std::strtoul(argv[1], nullptr, 10), std::strtol(argv[2], nullptr, 10) * 1ms,
                              std::strtol(argv[3], nullptr, 10) * 1s, std::strtod(argv[4], nullptr)})
      ->Main();
}
