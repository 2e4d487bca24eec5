// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/dataplane.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/eal_start.h"
#include "dataplane/filters.h"
#include "dataplane/idle.h"
#include "dataplane/lcores.h"
#include "dataplane/port.h"
#include "dataplane/port_sockets.h"
#include "dataplane/runtime_directory.h"
#include "dataplane/twin.h"
#include "dataplane/virtual_macs.h"
#include "dataplane/worker.h"

namespace dpvrrp {
namespace {

// Thread: EAL's interrupt thread.
int OnLinkEvent(uint16_t, rte_eth_event_type, void* link_watch, void*) {
  auto& watch = *static_cast<LinkWatch*>(link_watch);
  watch.changed.store(true);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(watch.event_fd, &one, sizeof(one));  // fails only if never drained
  return 0;
}

}  // namespace

absl::string_view ToString(MulticastFilter filter) {
  switch (filter) {
    case MulticastFilter::kExact:
      return "exact";
    case MulticastFilter::kAllMulticast:
      return "all-multicast";
    case MulticastFilter::kPromiscuous:
      return "promiscuous";
    case MulticastFilter::kNone:
      return "none";
  }
  return "?";
}

absl::string_view ToString(UnicastFilter filter) {
  switch (filter) {
    case UnicastFilter::kExact:
      return "exact";
    case UnicastFilter::kPromiscuous:
      return "promiscuous";
    case UnicastFilter::kNone:
      return "none";
  }
  return "?";
}

absl::string_view ToString(Steering steering) {
  switch (steering) {
    case Steering::kNone:
      return "none";
    case Steering::kFlow:
      return "flow";
    case Steering::kHandoff:
      return "hand-off";
  }
  return "?";
}

PortStatistics& PortStatistics::operator+=(const PortStatistics& other) {
  rx_packets += other.rx_packets;
  rx_bytes += other.rx_bytes;
  rx_missed += other.rx_missed;
  rx_errors += other.rx_errors;
  rx_no_mbuf += other.rx_no_mbuf;
  tx_packets += other.tx_packets;
  tx_bytes += other.tx_bytes;
  tx_errors += other.tx_errors;
  return *this;
}

absl::StatusOr<std::unique_ptr<Dataplane>> Dataplane::Start(const DataplaneConfig& config, int event_fd) {
  std::unique_ptr<Dataplane> dataplane(new Dataplane);  // its constructor is private; Stop() undoes a failed start
  if (absl::Status status = CheckIdleMode(config.idle); !status.ok()) return status;
  if (absl::Status status = dataplane->StartEal(config); !status.ok()) return status;
  if (absl::Status status = dataplane->FindPorts(config); !status.ok()) return status;
  if (absl::Status status = dataplane->BuildWorkers(config, event_fd); !status.ok()) return status;
  dataplane->link_watch_.event_fd = event_fd;
  dataplane->with_interrupts_ = config.idle == IdleMode::kInterrupt;
  for (PortInfo& port : dataplane->ports_) {
    if (!config.ports[port.id.value()].missing) {
      if (absl::Status status = dataplane->StartPort(port); !status.ok()) return status;
    }
    if (absl::Status status = dataplane->OpenTwin(port); !status.ok()) return status;
  }
  // Only now the queues of each worker are known.
  for (const std::unique_ptr<Worker>& worker : dataplane->workers_) {
    if (absl::Status status = worker->BuildLoop(dataplane->ports_); !status.ok()) return status;
  }
  if (absl::Status status = dataplane->KeepTwins(); !status.ok()) return status;
  for (const std::unique_ptr<Worker>& worker : dataplane->workers_) worker->Launch();
  dataplane->complete_ = true;
  return dataplane;
}

Dataplane::Dataplane() = default;
Dataplane::~Dataplane() { Stop(); }

absl::Status Dataplane::StartEal(const DataplaneConfig& config) {
  if (absl::Status status = CheckLcores(config); !status.ok()) return status;

  EalStart start;
  const absl::Status status = dpvrrp::StartEal(config, start);
  notes_ = std::move(start.notes);
  runtime_directory_ = std::move(start.runtime_directory);
  if (!status.ok()) {
    if (runtime_directory_.has_value()) RemoveRuntimeDirectory(*runtime_directory_, true);
    return status;
  }
  eal_started_ = true;
  if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
    return absl::InvalidArgumentError("--proc-type: must be primary; a daemon shares no ports with another process");
  }
  return CheckLcoreRoles(config);
}

absl::Status Dataplane::FindPorts(const DataplaneConfig& config) {
  if (config.ports.size() > kMaxPorts) {
    return absl::InvalidArgumentError(absl::StrCat("ports: at most ", kMaxPorts, ", got ", config.ports.size()));
  }
  for (const DataplanePort& wanted : config.ports) {
    PortInfo port;
    port.id = PortId(static_cast<uint16_t>(ports_.size()));
    port.device = wanted.device;
    port.kernel = wanted.kernel;
    port.twin = wanted.twin;
    if (!wanted.missing) {
      const absl::StatusOr<DpdkPort> found = dpvrrp::FindPort(wanted.device);
      if (!found.ok()) return found.status();
      port.dpdk = *found;
    }
    const std::string name = EalDeviceName(wanted.device);
    const auto same = [&](const PortInfo& other) { return EalDeviceName(other.device) == name; };
    if (std::any_of(ports_.begin(), ports_.end(), same)) {
      return absl::InvalidArgumentError(absl::StrCat("device '", wanted.device, "': is named twice"));
    }
    const std::vector<uint32_t>& all = config.lcores;
    for (const uint32_t lcore : wanted.lcores.empty() ? all : wanted.lcores) {
      const auto worker = std::find(all.begin(), all.end(), lcore);  // CheckLcores() has checked that it exists
      port.workers.push_back(static_cast<size_t>(worker - all.begin()));
    }
    ports_.push_back(std::move(port));
    wanted_.push_back(std::make_unique<WantedFrames>());
    sockets_.push_back(std::make_unique<PortSockets>());
  }
  virtual_macs_.resize(ports_.size());
  before_.resize(ports_.size());
  twins_.resize(ports_.size());
  followed_.resize(ports_.size());
  return absl::OkStatus();
}

absl::Status Dataplane::BuildWorkers(const DataplaneConfig& config, int event_fd) {
  for (size_t i = 0; i < config.lcores.size(); ++i) {
    Worker::Options options;
    options.lcore = config.lcores[i];
    options.index = i;
    options.workers = config.lcores.size();
    options.ports = ports_.size();
    for (const PortInfo& port : ports_) options.twins += port.twin.empty() ? 0 : 1;
    options.event_fd = event_fd;
    options.idle = config.idle;
    options.real_time = config.real_time_workers;
    options.longest_sleep = config.idle == IdleMode::kInterrupt ? kLongestRest : config.longest_sleep;
    absl::StatusOr<std::unique_ptr<Worker>> worker = Worker::Build(options);
    if (!worker.ok()) return worker.status();
    workers_.push_back(*std::move(worker));
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    for (const std::unique_ptr<Worker>& other : workers_) worker->Connect(*other);
  }
  return absl::OkStatus();
}

// If it fails, the port is closed again.
absl::Status Dataplane::StartPort(PortInfo& port) {
  std::vector<rte_mempool*> pools;
  std::vector<uint32_t> lcores;
  for (const size_t worker : port.workers) {
    pools.push_back(&workers_[worker]->pool());
    lcores.push_back(workers_[worker]->lcore());
  }
  if (absl::Status status = dpvrrp::StartPort(port, lcores, pools, with_interrupts_); !status.ok()) {
    dpvrrp::ClosePort(port.dpdk);
    return status;
  }
  virtual_macs_[port.id.value()] = std::make_unique<VirtualMacs>(port);
  FindSockets(port);
  if (port.reports_link_state) {
    rte_eth_dev_callback_register(port.dpdk.value(), RTE_ETH_EVENT_INTR_LSC, &OnLinkEvent, &link_watch_);
  }
  port.open = true;
  return absl::OkStatus();
}

void Dataplane::CloseStarted(PortInfo& port) {
  before_[port.id.value()] = DriverStatistics(port.id);
  rte_eth_dev_callback_unregister(port.dpdk.value(), RTE_ETH_EVENT_INTR_LSC, &OnLinkEvent, &link_watch_);
  sockets_[port.id.value()]->Forget();
  dpvrrp::ClosePort(port.dpdk);
  port.open = port.promiscuous = false;
  followed_[port.id.value()].reset();
  DescribeFilter(port);
}

absl::StatusOr<UnicastFilter> Dataplane::SetVirtualMacs(PortId port, std::span<const MacAddress> addresses) {
  if (!eal_started_) return absl::FailedPreconditionError("the data plane has been stopped");
  if (!PortOf(port).open) return absl::FailedPreconditionError("the port is closed");
  return virtual_macs_[port.value()]->Set(addresses);
}

absl::string_view Dataplane::icv_engine(size_t worker) const { return workers_[worker]->icv_engine(); }
const ShardCounters& Dataplane::shard_counters(size_t worker) const { return workers_[worker]->shard_counters(); }
const WorkerCounters& Dataplane::worker_counters(size_t worker) const { return workers_[worker]->counters(); }
bool Dataplane::command_ring_full(size_t worker) const { return workers_[worker]->command_ring_full(); }

uint32_t Dataplane::lcore(size_t worker) const { return workers_[worker]->lcore(); }

const PortInfo* Dataplane::FindPort(PortId id) const {
  return id.value() < ports_.size() ? &ports_[id.value()] : nullptr;
}

PortInfo& Dataplane::PortOf(PortId id) {
  DPVRRP_CHECK(id.value() < ports_.size());
  return ports_[id.value()];
}

bool Dataplane::HasLink(PortId id) const {
  const PortInfo* port = FindPort(id);
  DPVRRP_CHECK(port != nullptr);
  if (!eal_started_ || !port->open) return false;
  rte_eth_link link{};
  const int error = rte_eth_link_get_nowait(port->dpdk.value(), &link);
  // A driver without link state cannot report a lost link.
  return error == -ENOTSUP || (error == 0 && link.link_status == RTE_ETH_LINK_UP);
}

PortStatistics Dataplane::statistics(PortId id) const {
  PortStatistics sum = DriverStatistics(id);
  sum.rx_missed += sockets_[id.value()]->ReadDrops();  // a driver that reads them too reports only what it has read
  return sum;
}

PortStatistics Dataplane::DriverStatistics(PortId id) const {
  rte_eth_stats stats{};
  const PortInfo* port = FindPort(id);
  DPVRRP_CHECK(port != nullptr);
  PortStatistics sum = before_[id.value()];
  if (!eal_started_ || !port->open || rte_eth_stats_get(port->dpdk.value(), &stats) != 0) return sum;
  return sum += {.rx_packets = stats.ipackets,
                 .rx_bytes = stats.ibytes,
                 .rx_missed = stats.imissed,
                 .rx_errors = stats.ierrors,
                 .rx_no_mbuf = stats.rx_nombuf,
                 .tx_packets = stats.opackets,
                 .tx_bytes = stats.obytes,
                 .tx_errors = stats.oerrors};
}

bool Dataplane::ResignAndQuit(Nanoseconds longest) {
  for (const std::unique_ptr<Worker>& worker : workers_) worker->ResignAndQuit();
  const Instant give_up_at = WorkerNow() + longest;
  const auto resigned = [](const std::unique_ptr<Worker>& worker) { return worker->resigned(); };
  while (!std::all_of(workers_.begin(), workers_.end(), resigned)) {
    if (WorkerNow() >= give_up_at) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void Dataplane::Stop() {
  if (!eal_started_) return;
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Quit();
  for (int round = 0; round < 2; ++round) {
    for (const std::unique_ptr<Worker>& worker : workers_) worker->SendLeftovers();
  }
  for (PortInfo& port : ports_) {
    if (port.open) CloseStarted(port);
  }
  twins_.clear();
  for (const std::unique_ptr<Worker>& worker : workers_)
    worker->FreeDpdkMemory();  // the ports hold no buffers any more
  rte_eal_cleanup();
  eal_started_ = false;
  if (runtime_directory_.has_value()) RemoveRuntimeDirectory(*runtime_directory_, !complete_);
}

}  // namespace dpvrrp
