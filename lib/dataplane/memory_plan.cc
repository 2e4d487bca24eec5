// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/memory_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/frame_copier.h"
#include "dataplane/port.h"
#include "pipeline/messages/command.h"
#include "pipeline/messages/event.h"

namespace dpvrrp {
namespace {

constexpr uint64_t kMib = 1024 * 1024;
constexpr uint64_t kBufferBytes = kMaxFrameBytes + 512;  // including headers and headroom; DPDK aligns it
constexpr uint64_t kOwnBytes = 16 * kMib;                // of EAL, the drivers, and unused parts of pages

uint64_t MibOf(uint64_t bytes) { return (bytes + kMib - 1) / kMib; }

// "no huge pages are reserved", "only 4 MB in huge pages are free", …
std::string Shortage(std::span<const HugePages> sizes) {
  const auto any = [&](auto holds) { return std::any_of(sizes.begin(), sizes.end(), holds); };
  uint64_t usable = 0;
  for (const HugePages& size : sizes) usable += size.usable_bytes();
  if (usable > 0) return absl::StrCat("only ", usable / kMib, " MB are free in huge pages");
  if (!any([](const HugePages& size) { return size.free > 0; })) {
    const bool reserved = any([](const HugePages& size) { return size.reserved > 0; });
    return reserved ? "all huge pages are in use" : "there are no huge pages";
  }
  const bool mounted = any([](const HugePages& size) { return size.free > 0 && size.mounted; });
  return mounted ? "this process may not write to the hugetlbfs that is mounted" : "no hugetlbfs is mounted";
}

// The commands that provide the missing memory.
std::string Remedy(uint64_t needed, std::span<const HugePages> sizes) {
  if (sizes.empty()) return "boot a kernel with huge pages (CONFIG_HUGETLBFS)";
  const HugePages& size = sizes.front();
  const uint64_t page_bytes = size.page_kib * 1024;
  const uint64_t missing = needed - std::min(needed, size.free * page_bytes);
  const uint64_t pages = size.reserved + (missing + page_bytes - 1) / page_bytes;
  std::string commands;
  if (missing > 0) {
    commands = absl::StrCat("echo ", pages, " > /sys/kernel/mm/hugepages/hugepages-", size.page_kib, "kB/nr_hugepages");
  }
  if (size.mount.empty()) {
    absl::StrAppend(&commands, commands.empty() ? "" : "; ",
                    size.mounted ? "start the daemon as root, or with its own hugetlbfs (-- --huge-dir)"
                                 : "mkdir -p /dev/hugepages; mount -t hugetlbfs nodev /dev/hugepages");
  }
  return commands;
}

}  // namespace

uint64_t MemoryNeeded(const DataplaneConfig& config) {
  const size_t workers = std::max<size_t>(config.lcores.size(), 1);
  const uint64_t rings = kCommandRingDepth * sizeof(ShardCommand) + kEventRingDepth * sizeof(ShardEvent) +
                         kCopyRingDepth * sizeof(FrameCopy) +
                         workers * kHandoffKinds * kHandoffDepth * 2 * sizeof(void*);
  const auto twins = static_cast<size_t>(std::count_if(config.ports.begin(), config.ports.end(),
                                                       [](const DataplanePort& port) { return !port.twin.empty(); }));
  return kOwnBytes + workers * (PoolBuffers(config.ports.size(), workers, twins) * kBufferBytes + 2 * rings);
}

absl::StatusOr<MemoryPlan> PlanMemory(const DataplaneConfig& config, std::span<const HugePages> sizes) {
  if (GivesOption(config.eal_arguments,
                  {"-m", "--no-huge", "--in-memory", "--socket-mem", "--socket-limit", "--huge-dir", "--huge-unlink",
                   "--legacy-mem", "--single-file-segments", "--match-allocations"})) {
    return MemoryPlan{};
  }
  const uint64_t needed = MemoryNeeded(config);
  uint64_t usable = 0;
  for (const HugePages& size : sizes) usable += size.usable_bytes();
  if (usable >= needed) return MemoryPlan{};
  const auto pci = std::find_if(config.ports.begin(), config.ports.end(),
                                [](const DataplanePort& port) { return IsPciDevice(port.device); });
  if (pci != config.ports.end()) {
    return absl::FailedPreconditionError(absl::StrCat("device '", pci->device, "': a PCI port needs huge pages, ",
                                                      MibOf(needed), " MB of them with this configuration, but ",
                                                      Shortage(sizes), ": ", Remedy(needed, sizes)));
  }
  const uint64_t mib = MibOf(needed + needed / 4);  // ordinary memory is taken only when it is touched
  return MemoryPlan{{"--no-huge", "-m", absl::StrCat(mib)},
                    absl::StrCat("DPDK gets ", mib, " MB of ordinary memory, which virtual devices can use: ",
                                 Shortage(sizes), " (", MibOf(needed), " MB would be needed)")};
}

}  // namespace dpvrrp
