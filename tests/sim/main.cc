// SPDX-License-Identifier: BSD-3-Clause
//
//   dpvrrp_sim --seed N                 replays one seed and prints everything that happens
//   dpvrrp_sim --seeds A..B [--jobs N]  runs many, on all CPUs; a failing one prints the command that replays it
//
// Exit status: 0 no invariant was violated, 1 one was violated, 2 the command line is wrong.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "sim/world.h"

namespace dpvrrp::sim {
namespace {

constexpr uint64_t kMaxTold = 5;  // failing seeds of one process

const char* program = "dpvrrp_sim";
volatile uint64_t current_seed = 0;

// A CHECK that fails ends the process. This prints the seed.
void TellSeed(int signal) {
  char line[96];
  const int length = std::snprintf(line, sizeof line, "aborted; replay with: --seed %llu\n",
                                   static_cast<unsigned long long>(current_seed));
  if (length > 0 && write(STDERR_FILENO, line, static_cast<size_t>(length)) < 0) _exit(3);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

Outcome RunSeed(uint64_t seed, IcvEngine& engine, std::ostream* trace) {
  current_seed = seed;
  return World(seed, engine, trace).Run();
}

void Tell(const Outcome& outcome) {
  std::printf("seed %llu %s\n  replay with: %s --seed %llu\n", static_cast<unsigned long long>(outcome.seed),
              outcome.violation.c_str(), program, static_cast<unsigned long long>(outcome.seed));
  std::fflush(stdout);
}

int Replay(uint64_t seed) {
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  const Outcome outcome = RunSeed(seed, *engine, &std::cout);
  std::cout << "digest " << std::hex << outcome.digest << std::dec << std::endl;
  if (outcome.violation.empty()) return 0;
  Tell(outcome);
  return 1;
}

struct Totals {
  uint64_t seeds = 0;
  uint64_t failed = 0;
  SimTime simulated{};
  Hub::Counts counts;

  void Add(const Totals& other) {
    seeds += other.seeds;
    failed += other.failed;
    simulated += other.simulated;
    counts.Add(other.counts);
  }
};
static_assert(std::is_trivially_copyable_v<Totals>);

Totals RunSome(uint64_t first, uint64_t last, uint64_t step) {
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  Totals totals;
  for (uint64_t seed = first; seed <= last; seed += step) {
    const Outcome outcome = RunSeed(seed, *engine, nullptr);
    totals.Add({1, outcome.violation.empty() ? 0u : 1u, outcome.simulated, outcome.counts});
    if (!outcome.violation.empty() && totals.failed <= kMaxTold) Tell(outcome);
  }
  return totals;
}

// Processes, not threads: if a CHECK fails in one, the others run on, and they do not share an address space whose page
// faults wait for each other. Each keeps its memory: every simulated restart needs half a megabyte, and to fault that
// in again each time takes longer than all the rest.
int RunMany(uint64_t first, uint64_t last, unsigned jobs) {
  const auto started = std::chrono::steady_clock::now();
  std::vector<int> pipes;
  for (unsigned job = 0; job < jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t child = fork();
    if (child < 0) std::abort();
    if (child == 0) {
      mallopt(M_MMAP_THRESHOLD, 32 << 20);
      mallopt(M_TRIM_THRESHOLD, 1 << 30);
      mallopt(M_TOP_PAD, 64 << 20);
      const Totals totals = RunSome(first + job, last, jobs);
      const bool told = write(ends[1], &totals, sizeof totals) == static_cast<ssize_t>(sizeof totals);
      _exit(told ? 0 : 3);
    }
    close(ends[1]);
    pipes.push_back(ends[0]);
  }
  Totals totals;
  unsigned lost = 0;
  for (const int end : pipes) {
    Totals part;
    if (read(end, &part, sizeof part) == static_cast<ssize_t>(sizeof part)) {
      totals.Add(part);
    } else {
      ++lost;
    }
    close(end);
  }
  while (wait(nullptr) > 0) {
  }

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu seeds, %.1f simulated hours in %.1f s by %u processes: %llu adverts, %llu takeovers, %llu starts, %llu "
      "hostile frames and %llu copies refused; %llu seeds failed\n",
      number(totals.seeds), std::chrono::duration<double, std::ratio<3600>>(totals.simulated).count(), took.count(),
      jobs, number(totals.counts.adverts), number(totals.counts.takeovers), number(totals.counts.starts),
      number(totals.counts.hostile_refused), number(totals.counts.copies_refused), number(totals.failed));
  if (lost > 0) std::printf("%u processes died before their end\n", lost);
  return totals.failed == 0 && lost == 0 ? 0 : 1;
}

int Usage() {
  std::cerr << "usage: " << program << " --seed N | --seeds A..B [--jobs N]\n";
  return 2;
}

int Main(int argc, char** argv) {
  program = argv[0];
  std::signal(SIGABRT, TellSeed);
  uint64_t first = 0;
  uint64_t last = 0;
  bool one = false;
  bool many = false;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  for (int i = 1; i < argc; i += 2) {
    const absl::string_view option = argv[i];
    const absl::string_view value = i + 1 < argc ? argv[i + 1] : "";
    const std::vector<absl::string_view> range = absl::StrSplit(value, absl::MaxSplits("..", 1));
    bool good = false;
    if (option == "--seed") {
      good = one = absl::SimpleAtoi(value, &first);
    } else if (option == "--seeds" && range.size() == 2) {
      good = many = absl::SimpleAtoi(range[0], &first) && absl::SimpleAtoi(range[1], &last) && first <= last;
    } else if (option == "--jobs") {
      good = absl::SimpleAtoi(value, &jobs) && jobs > 0;
    }
    if (!good) return Usage();
  }
  if (one == many) return Usage();
  return one ? Replay(first) : RunMany(first, last, jobs);
}

}  // namespace
}  // namespace dpvrrp::sim

int main(int argc, char** argv) { return dpvrrp::sim::Main(argc, argv); }
