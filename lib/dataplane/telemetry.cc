// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/telemetry.h"

#include <rte_telemetry.h>
#include <rte_version.h>

#include <cerrno>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "base/drop_reason.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {
namespace {

ABSL_CONST_INIT absl::Mutex mutex(absl::kConstInit);
const Dataplane* answers_for ABSL_GUARDED_BY(mutex) = nullptr;

// DPDK 22.11 names unsigned numbers u64, later releases uint.
int AddNumber(rte_tel_data* data, const char* name, uint64_t value) {
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
  return rte_tel_data_add_dict_uint(data, name, value);
#else
  return rte_tel_data_add_dict_u64(data, name, value);
#endif
}

int AnswerInfo(const Dataplane& dataplane, const char* /*parameters*/, rte_tel_data* data) {
  rte_tel_data_start_dict(data);
  rte_tel_data_add_dict_string(data, "version", DPVRRP_VERSION);
  AddNumber(data, "workers", dataplane.workers());
  return AddNumber(data, "ports", dataplane.ports().size());
}

int AnswerWorkers(const Dataplane& dataplane, const char* /*parameters*/, rte_tel_data* data) {
  rte_tel_data_start_array(data, RTE_TEL_INT_VAL);
  for (size_t i = 0; i < dataplane.workers(); ++i) {
    rte_tel_data_add_array_int(data, static_cast<int>(dataplane.lcore(i)));
  }
  return 0;
}

std::optional<size_t> WorkerOn(const Dataplane& dataplane, const char* lcore) {
  uint32_t number = 0;
  if (lcore == nullptr || !absl::SimpleAtoi(lcore, &number)) return std::nullopt;
  for (size_t i = 0; i < dataplane.workers(); ++i) {
    if (dataplane.lcore(i) == number) return i;
  }
  return std::nullopt;
}

int AnswerWorker(const Dataplane& dataplane, const char* parameters, rte_tel_data* data) {
  const std::optional<size_t> worker = WorkerOn(dataplane, parameters);
  if (!worker.has_value()) return -EINVAL;
  const WorkerCounters& loop = dataplane.worker_counters(*worker);
  const ShardCounters& shard = dataplane.shard_counters(*worker);
  uint64_t not_accepted = 0;
  for (const Counter& drop : shard.drops) not_accepted += drop.value();
  rte_tel_data_start_dict(data);
  rte_tel_data_add_dict_string(data, "icv_engine", std::string(dataplane.icv_engine(*worker)).c_str());
  AddNumber(data, "turns", loop.turns.value());
  AddNumber(data, "rests", loop.rests.value());
  AddNumber(data, "longest_turn_us", loop.longest_turn_ns.value() / 1000);
  AddNumber(data, "latest_wake_us", loop.latest_wake_ns.value() / 1000);
  AddNumber(data, "received", loop.rx_frames.value());
  AddNumber(data, "handed_over", loop.handed_over.value());
  AddNumber(data, "accepted", shard.adverts_accepted.value());
  AddNumber(data, "not_accepted", not_accepted);
  AddNumber(data, "sent", loop.tx_frames.value());
  return AddNumber(data, "lost", loop.lost());
}

int AnswerDrops(const Dataplane& dataplane, const char* /*parameters*/, rte_tel_data* data) {
  rte_tel_data_start_dict(data);
  for (size_t reason = 1; reason < kDropReasonCount; ++reason) {  // 0: accepted
    uint64_t frames = 0;
    for (size_t i = 0; i < dataplane.workers(); ++i) frames += dataplane.shard_counters(i).drops[reason].value();
    // DPDK takes letters, digits, '_' and '/' only.
    std::string name(ToString(static_cast<DropReason>(reason)));
    for (char& c : name) c = c == '-' ? '_' : c;
    if (AddNumber(data, name.c_str(), frames) != 0) return -ENOSPC;
  }
  return 0;
}

template <int (*kAnswer)(const Dataplane&, const char*, rte_tel_data*)>
int Answer(const char* /*command*/, const char* parameters, rte_tel_data* data) {
  absl::MutexLock lock(&mutex);
  return answers_for == nullptr ? -ENODEV : kAnswer(*answers_for, parameters, data);
}

void Register() {
  static const bool registered = [] {
    rte_telemetry_register_cmd("/dpvrrp/info", Answer<AnswerInfo>,
                               "Returns version, number of workers and ports. No parameters");
    rte_telemetry_register_cmd("/dpvrrp/workers", Answer<AnswerWorkers>,
                               "Returns the lcores of the workers. No parameters");
    rte_telemetry_register_cmd("/dpvrrp/worker", Answer<AnswerWorker>,
                               "Returns the counts of a worker. Parameters: int lcore");
    rte_telemetry_register_cmd("/dpvrrp/drops", Answer<AnswerDrops>,
                               "Returns frames not accepted, by reason. No parameters");
    return true;
  }();
  static_cast<void>(registered);
}

}  // namespace

Telemetry::Telemetry(const Dataplane& dataplane) {
  Register();
  absl::MutexLock lock(&mutex);
  DPVRRP_CHECK(answers_for == nullptr);
  answers_for = &dataplane;
}

Telemetry::~Telemetry() {
  absl::MutexLock lock(&mutex);
  answers_for = nullptr;
}

}  // namespace dpvrrp
