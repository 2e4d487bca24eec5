// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/lcores.h"

#include <rte_lcore.h>
#include <sched.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dataplane/eal_arguments.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kMaxLcores = RTE_MAX_LCORE;
static_assert(kMaxLcores <= CPU_SETSIZE);

// Asks the kernel, not our affinity mask: a daemon started under `taskset` may leave that mask, but no process can
// leave a cpuset.
bool MayRunOn(uint32_t cpu) {
  cpu_set_t before;
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  CPU_SET(cpu, &wanted);
  if (sched_getaffinity(0, sizeof(before), &before) != 0 || sched_setaffinity(0, sizeof(wanted), &wanted) != 0) {
    return false;
  }
  sched_setaffinity(0, sizeof(before), &before);
  return true;
}

absl::Status CheckCpu(absl::string_view key, uint32_t lcore) {
  if (lcore >= kMaxLcores) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": an lcore must be below ", kMaxLcores, ", got ", lcore));
  }
  if (MayRunOn(lcore)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(key, ": an lcore must be a CPU that this process may run on (",
                                                 absl::StrJoin(UsableCpus(), ","), "), got ", lcore));
}

}  // namespace

std::vector<uint32_t> UsableCpus() {
  std::vector<uint32_t> usable;
  for (uint32_t cpu = 0; cpu < kMaxLcores; ++cpu) {
    if (MayRunOn(cpu)) usable.push_back(cpu);
  }
  return usable;
}

absl::Status CheckLcores(const DataplaneConfig& config) {
  if (config.lcores.empty()) return absl::InvalidArgumentError("lcores: must name at least one worker, got none");
  for (auto worker = config.lcores.begin(); worker != config.lcores.end(); ++worker) {
    if (*worker == config.main_lcore) {
      return absl::InvalidArgumentError(absl::StrCat("lcores: a worker must not be the main lcore, got ", *worker));
    }
    if (std::find(config.lcores.begin(), worker, *worker) != worker) {
      return absl::InvalidArgumentError(absl::StrCat("lcores: must name each worker once, got twice ", *worker));
    }
  }
  for (const DataplanePort& port : config.ports) {
    for (const uint32_t lcore : port.lcores) {
      if (std::find(config.lcores.begin(), config.lcores.end(), lcore) != config.lcores.end()) continue;
      return absl::InvalidArgumentError(absl::StrCat("device '", port.device,
                                                     "': an lcore that serves it must be a worker (",
                                                     absl::StrJoin(config.lcores, ","), "), got ", lcore));
    }
  }
  if (GivesOption(config.eal_arguments, {"-l", "-c", "--lcores"})) return absl::OkStatus();
  if (absl::Status status = CheckCpu("main_lcore", config.main_lcore); !status.ok()) return status;
  for (const uint32_t worker : config.lcores) {
    if (absl::Status status = CheckCpu("lcores", worker); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckLcoreRoles(const DataplaneConfig& config) {
  if (rte_get_main_lcore() != config.main_lcore) {
    return absl::InvalidArgumentError(absl::StrCat("main_lcore: must be EAL's main lcore, which is ",
                                                   rte_get_main_lcore(), ", got ", config.main_lcore));
  }
  for (const uint32_t lcore : config.lcores) {
    if (rte_lcore_is_enabled(lcore) == 0) {
      return absl::InvalidArgumentError(absl::StrCat("lcores: must be among EAL's lcores, got ", lcore));
    }
  }
  return absl::OkStatus();
}

}  // namespace dpvrrp
