// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/dataplane.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/lcores.h"
#include "dataplane/port.h"
#include "dataplane/worker.h"

namespace dpvrrp {

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

absl::StatusOr<std::unique_ptr<Dataplane>> Dataplane::Start(const DataplaneConfig& config, int event_fd) {
  std::unique_ptr<Dataplane> dataplane(
      new Dataplane);  // its constructor is private; what fails below is undone by Stop()
  if (absl::Status status = dataplane->StartEal(config); !status.ok()) return status;
  if (absl::Status status = dataplane->FindPorts(config); !status.ok()) return status;
  for (const uint32_t lcore : config.lcores) {
    absl::StatusOr<std::unique_ptr<Worker>> worker =
        Worker::Build({lcore, dataplane->workers_.size(), event_fd, config.idle_sleep}, dataplane->ports_);
    if (!worker.ok()) return worker.status();
    dataplane->workers_.push_back(*std::move(worker));
  }
  if (absl::Status status = dataplane->StartPorts(); !status.ok()) return status;
  for (const std::unique_ptr<Worker>& worker : dataplane->workers_) worker->Launch();
  return dataplane;
}

Dataplane::Dataplane() = default;
Dataplane::~Dataplane() { Stop(); }

absl::Status Dataplane::StartEal(const DataplaneConfig& config) {
  if (absl::Status status = CheckLcores(config); !status.ok()) return status;

  std::vector<std::string> arguments = EalArguments(config, static_cast<uint32_t>(getpid()));
  const std::string command_line = absl::StrJoin(arguments, " ");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int started = rte_eal_init(static_cast<int>(arguments.size()), argv.data());
  if (started < 0 && rte_errno == EALREADY) {
    return absl::FailedPreconditionError("EAL can be started only once in a process");
  }
  if (!GivesOption(config.eal_arguments, {"--file-prefix"})) runtime_directory_ = rte_eal_get_runtime_dir();
  if (started < 0) {
    const std::string error = rte_errno != 0 ? absl::StrCat(": ", rte_strerror(rte_errno)) : "";
    RemoveRuntimeDirectory();
    return absl::UnavailableError(absl::StrCat("EAL does not start with these devices and options", error,
                                               " (it says why on stderr): ", command_line));
  }
  eal_started_ = true;
  if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
    return absl::InvalidArgumentError("--proc-type: must be primary; a daemon shares no ports with another process");
  }
  return CheckLcoreRoles(config);
}

absl::Status Dataplane::FindPorts(const DataplaneConfig& config) {
  for (const std::string& device : config.devices) {
    const absl::StatusOr<PortId> id = FindPort(device);
    if (!id.ok()) return id.status();
    PortInfo port;
    port.id = *id;
    port.device = device;
    for (const PortInfo& other : ports_) {
      if (other.id == *id) return absl::InvalidArgumentError(absl::StrCat("device '", device, "': is named twice"));
    }
    ports_.push_back(port);
  }
  return absl::OkStatus();
}

absl::Status Dataplane::StartPorts() {
  for (PortInfo& port : ports_) {
    ++started_ports_;  // before it is tried: half a start is undone too
    absl::StatusOr<PortInfo> started = StartPort(port.id, port.device, workers_[0]->pool());
    if (!started.ok()) return started.status();
    port = *std::move(started);
  }
  return absl::OkStatus();
}

absl::string_view Dataplane::icv_engine(size_t worker) const { return workers_[worker]->icv_engine(); }
const ShardCounters& Dataplane::shard_counters(size_t worker) const { return workers_[worker]->shard_counters(); }
const WorkerCounters& Dataplane::worker_counters(size_t worker) const { return workers_[worker]->counters(); }

bool Dataplane::Send(size_t worker, const ShardCommand& command) {
  const auto is_ours = [this](PortId id) {
    return std::any_of(ports_.begin(), ports_.end(), [id](const PortInfo& port) { return port.id == id; });
  };
  // The lcore does not ask again: it takes the port for an index.
  if (command.kind == ShardCommand::Kind::kAdd) DPVRRP_CHECK(is_ours(command.router->config.port));
  if (command.kind == ShardCommand::Kind::kPortDown || command.kind == ShardCommand::Kind::kPortUp) {
    DPVRRP_CHECK(is_ours(command.port));
  }
  return workers_[worker]->Send(command);
}

size_t Dataplane::Receive(size_t worker, std::span<ShardEvent> out) { return workers_[worker]->Receive(out); }

std::vector<PortLink> Dataplane::PollLinks() {
  std::vector<PortLink> links;
  if (!eal_started_) return links;
  for (const PortInfo& port : ports_) {
    rte_eth_link link{};
    const int error = rte_eth_link_get_nowait(port.id.value(), &link);
    // A driver that knows no link state has no link to lose.
    links.push_back({port.id, error == -ENOTSUP || (error == 0 && link.link_status == RTE_ETH_LINK_UP)});
  }
  return links;
}

PortStatistics Dataplane::statistics(PortId port) const {
  rte_eth_stats stats{};
  if (!eal_started_ || rte_eth_stats_get(port.value(), &stats) != 0) return {};
  return {.rx_packets = stats.ipackets,
          .rx_bytes = stats.ibytes,
          .rx_missed = stats.imissed,
          .rx_errors = stats.ierrors,
          .rx_no_mbuf = stats.rx_nombuf,
          .tx_packets = stats.opackets,
          .tx_bytes = stats.obytes,
          .tx_errors = stats.oerrors};
}

void Dataplane::Stop() {
  if (!eal_started_) return;
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Quit();
  for (size_t i = 0; i < started_ports_; ++i) ClosePort(ports_[i].id);
  for (const std::unique_ptr<Worker>& worker : workers_) worker->FreeDpdkMemory();  // the ports hold buffers no longer
  rte_eal_cleanup();
  eal_started_ = false;
  RemoveRuntimeDirectory();
}

// EAL leaves its files for the next run with the same prefix. With ours, which has our process id in it, there is none.
void Dataplane::RemoveRuntimeDirectory() {
  std::error_code ignored;
  if (runtime_directory_.has_value()) std::filesystem::remove_all(*runtime_directory_, ignored);
}

}  // namespace dpvrrp
