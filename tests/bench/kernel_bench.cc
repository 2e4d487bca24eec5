// SPDX-License-Identifier: BSD-3-Clause
//
// Virtual addresses a second that the kernel accepts, from us and from `ip -batch`, in a network namespace of this
// process. Needs root.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/time.h"
#include "kernel/netlink_host.h"

namespace dpvrrp {
namespace {

constexpr char kBatchFile[] = "/tmp/dpvrrp_kernel_bench.batch";

// A veth in a namespace of our own; false without root.
bool InNamespace() {
  static const bool ready = unshare(CLONE_NEWNET) == 0 &&
                            std::system("ip link add eth0 type veth peer name eth1 && ip link set eth0 up") == 0;
  return ready;
}

IpPrefix Address(int64_t i) { return {IpAddress::V4(0x0a640000u + static_cast<uint32_t>(i)), 32}; }

// Asks and waits for every answer, as the daemon's loop does. The longest stay in one call is what others wait for.
void Carry(NetlinkHost& host, std::span<const HostRequest> requests, benchmark::State& state, Nanoseconds* longest) {
  std::vector<HostReply> replies;
  size_t first = 0;
  while (replies.size() < requests.size()) {
    const auto begin = std::chrono::steady_clock::now();
    if (first == 0) host.Send(requests);
    first = 1;
    host.ReceiveReplies(replies);
    *longest = std::max<Nanoseconds>(*longest, std::chrono::steady_clock::now() - begin);
    pollfd waiting{host.request_fd(), POLLIN, 0};
    if (replies.size() < requests.size()) poll(&waiting, 1, 1000);
  }
  for (const HostReply& reply : replies) {
    if (!reply.status.ok()) state.SkipWithError(std::string(reply.status.message()).c_str());
  }
}

void OurRequests(benchmark::State& state) {
  if (!InNamespace()) return state.SkipWithError("needs root");
  const std::unique_ptr<NetlinkHost> host = *NetlinkHost::Open();
  std::vector<HostRequest> add, remove;
  for (int64_t i = 0; i < state.range(0); ++i) {
    add.push_back({static_cast<uint64_t>(i), HostOp::kAddAddress, "eth0", Address(i)});
    remove.push_back({static_cast<uint64_t>(i), HostOp::kRemoveAddress, "eth0", Address(i)});
  }
  Nanoseconds longest{0};
  std::vector<HostEvent> events;
  for (auto _ : state) {
    Carry(*host, add, state, &longest);
    state.PauseTiming();
    Nanoseconds ignored{0};
    Carry(*host, remove, state, &ignored);
    events.clear();
    host->ReceiveEvents(events);
    host->ReceiveEvents(events);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["longest_call_ms"] = static_cast<double>(longest.count()) / 1e6;
}

void IpBatch(benchmark::State& state) {
  if (!InNamespace()) return state.SkipWithError("needs root");
  {
    std::ofstream batch(kBatchFile);
    for (int64_t i = 0; i < state.range(0); ++i) batch << "addr add " << ToString(Address(i)) << " dev eth0\n";
  }
  const std::string command = absl::StrCat("ip -batch ", kBatchFile);
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) state.SkipWithError("ip -batch failed");
    state.PauseTiming();
    if (std::system("ip addr flush dev eth0") != 0) state.SkipWithError("ip addr flush failed");
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  std::remove(kBatchFile);
}

BENCHMARK(OurRequests)->Arg(1024)->Arg(4096)->Arg(16000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(IpBatch)->Arg(1024)->Arg(4096)->Arg(16000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace dpvrrp

BENCHMARK_MAIN();
