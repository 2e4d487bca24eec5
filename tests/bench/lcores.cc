// SPDX-License-Identifier: BSD-3-Clause
//
// bench_lcores REPETITIONS: one worker alone, and two at once, each on its own CPU with its own port, pool and shard of
// kRouters backups that hear valid adverts. Prints a JSON list of {one, two}: adverts a second of CPU time of the
// lcores, two of them summed. The result shows the effect of shared resources: caches, memory bandwidth, cache lines if
// there were any. It does not show other programs' load, as long as the two can run side by side.
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include <algorithm>
#include <atomic>

#include "bench/bench_worker.h"

namespace dpvrrp {
namespace {

constexpr size_t kRouters = 4096;
constexpr size_t kFillings = 200;

struct Side {
  Side(const std::string& name, const BenchLan& lan)
      : port(name), worker(port, lan), from(lan, IpAddress::V4(0x0a630003)) {
    from.BecomeMasters();
    Stock();
    Hear();
  }
  void Stock() { stock = NextAdverts(from, kFillings * kFilling); }
  void Hear() {
    seconds = 0;
    for (size_t next = 0; next < stock.size(); next += kFilling) {
      worker.Fill(stock, next);
      seconds += worker.Work();
      worker.DropEvents();
    }
  }
  double rate() const { return static_cast<double>(stock.size()) / seconds; }

  RingPort port;
  BenchWorker worker;
  BenchRouters from;
  std::vector<Bytes> stock;
  double seconds = 0;
};

std::atomic<int> waiting{0};

int Meet(void* side) {  // so that both begin at once
  waiting.fetch_sub(1);
  while (waiting.load() > 0) rte_pause();
  static_cast<Side*>(side)->Hear();
  return 0;
}

int Main(int repetitions) {
  StartEal("0,1");
  const BenchLan lan{.routers = kRouters};
  Side a("a", lan), b("b", lan);
  for (int i = 0; i < repetitions; ++i) {
    a.Stock();
    a.Hear();
    b.Stock();
    b.Hear();
    const double one = std::max(a.rate(), b.rate());  // what disturbs one alone must not make two look well
    a.Stock();
    b.Stock();
    waiting = 2;
    if (rte_eal_remote_launch(Meet, &b, 1) != 0) return 1;
    Meet(&a);
    rte_eal_mp_wait_lcore();
    std::printf("%c{\"one\": %.0f, \"two\": %.0f}\n", i == 0 ? '[' : ',', one, a.rate() + b.rate());
  }
  std::printf("]\n");
  const uint64_t heard =
      a.worker.shard().counters().adverts_accepted.value() + b.worker.shard().counters().adverts_accepted.value();
  const auto all = static_cast<uint64_t>(2 * (2 * repetitions + 1)) * kFillings * kFilling;
  if (heard == all) return 0;
  std::fprintf(stderr, "%llu of %llu adverts were accepted\n", static_cast<unsigned long long>(heard),
               static_cast<unsigned long long>(all));
  return 1;
}

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) { return dpvrrp::Main(argc > 1 ? std::atoi(argv[1]) : 5); }
