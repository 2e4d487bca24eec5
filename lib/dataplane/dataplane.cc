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
#include "dataplane/filters.h"
#include "dataplane/idle.h"
#include "dataplane/lcores.h"
#include "dataplane/port.h"
#include "dataplane/runtime_directory.h"
#include "dataplane/steering.h"
#include "dataplane/virtual_macs.h"
#include "dataplane/worker.h"
#include "pipeline/segment_owner.h"

namespace dpvrrp {
namespace {

// Thread: EAL's own, for interrupts.
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

absl::StatusOr<std::unique_ptr<Dataplane>> Dataplane::Start(const DataplaneConfig& config, int event_fd) {
  std::unique_ptr<Dataplane> dataplane(
      new Dataplane);  // its constructor is private; what fails below is undone by Stop()
  if (absl::Status status = CheckIdleMode(config.idle); !status.ok()) return status;
  if (absl::Status status = dataplane->StartEal(config); !status.ok()) return status;
  if (absl::Status status = dataplane->FindPorts(config); !status.ok()) return status;
  if (absl::Status status = dataplane->BuildWorkers(config, event_fd); !status.ok()) return status;
  dataplane->link_watch_.event_fd = event_fd;
  if (absl::Status status = dataplane->StartPorts(config); !status.ok()) return status;
  // Only now is it known who has which queue.
  for (const std::unique_ptr<Worker>& worker : dataplane->workers_) {
    if (absl::Status status = worker->BuildLoop(dataplane->ports_); !status.ok()) return status;
  }
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
  if (!GivesOption(config.eal_arguments, {"--file-prefix"})) {
    runtime_directory_ = rte_eal_get_runtime_dir();
    RemoveStaleRuntimeDirectories(std::filesystem::path(*runtime_directory_).parent_path());
  }
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
  for (const DataplanePort& wanted : config.ports) {
    const absl::StatusOr<PortId> id = dpvrrp::FindPort(wanted.device);
    if (!id.ok()) return id.status();
    if (FindPort(*id) != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("device '", wanted.device, "': is named twice"));
    }
    PortInfo port;
    port.id = *id;
    port.device = wanted.device;
    const std::vector<uint32_t>& all = config.lcores;
    for (const uint32_t lcore : wanted.lcores.empty() ? all : wanted.lcores) {
      const auto worker = std::find(all.begin(), all.end(), lcore);  // CheckLcores() has seen to it that it is there
      port.workers.push_back(static_cast<size_t>(worker - all.begin()));
    }
    ports_.push_back(std::move(port));
  }
  return absl::OkStatus();
}

absl::Status Dataplane::BuildWorkers(const DataplaneConfig& config, int event_fd) {
  for (size_t i = 0; i < config.lcores.size(); ++i) {
    Worker::Options options;
    options.lcore = config.lcores[i];
    options.index = i;
    options.workers = config.lcores.size();
    options.ports = ports_.size();
    options.event_fd = event_fd;
    options.idle = config.idle;
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

absl::Status Dataplane::StartPorts(const DataplaneConfig& config) {
  for (PortInfo& port : ports_) {
    ++started_ports_;  // before it is tried: half a start is undone too
    std::vector<rte_mempool*> pools;
    std::vector<uint32_t> lcores;
    for (const size_t worker : port.workers) {
      pools.push_back(&workers_[worker]->pool());
      lcores.push_back(workers_[worker]->lcore());
    }
    if (absl::Status status = StartPort(port, lcores, pools, config.idle == IdleMode::kInterrupt); !status.ok())
      return status;
    virtual_macs_.push_back(std::make_unique<VirtualMacs>(port));
    wanted_.push_back(std::make_unique<WantedFrames>());
    if (port.reports_link_state) {
      rte_eth_dev_callback_register(port.id.value(), RTE_ETH_EVENT_INTR_LSC, &OnLinkEvent, &link_watch_);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<UnicastFilter> Dataplane::SetVirtualMacs(PortId port, std::span<const MacAddress> addresses) {
  if (!eal_started_) return absl::FailedPreconditionError("the data plane has been stopped");
  const PortInfo* info = FindPort(port);
  DPVRRP_CHECK(info != nullptr);
  return virtual_macs_[static_cast<size_t>(info - ports_.data())]->Set(addresses);
}

void Dataplane::Prepare(const ShardCommand& command) {
  if (!eal_started_) return;
  switch (command.kind) {
    case ShardCommand::Kind::kAdd:
      return Wanted(*command.router).Add(command.router->config);
    case ShardCommand::Kind::kSpeakNextVrid:
      if (command.vrid != Vrid(0)) return Wanted(*command.router).AddMac(command.mac);
      return Wanted(*command.router).RemoveMac(command.mac);
    case ShardCommand::Kind::kForgetMac:
      return Wanted(*command.router).RemoveMac(command.mac);
    default:
      return;
  }
}

WantedFrames& Dataplane::Wanted(const VirtualRouter& router) {
  const PortInfo* info = FindPort(router.config.port);
  DPVRRP_CHECK(info != nullptr);
  return *wanted_[static_cast<size_t>(info - ports_.data())];
}

std::vector<std::string> Dataplane::ProgramFilters() {
  std::vector<std::string> notes;
  if (!eal_started_) return notes;
  for (size_t i = 0; i < ports_.size(); ++i) {
    PortInfo& port = ports_[i];
    const MulticastFilter before = port.filter;
    if (wanted_[i]->TakeGroupsChanged()) {
      const std::vector<MacAddress> groups = wanted_[i]->groups();
      const absl::StatusOr<MulticastFilter> filter = ReceiveGroups(port.id, port.device, groups);
      if (!filter.ok()) notes.emplace_back(filter.status().message());
      if (filter.ok()) port.filter = *filter;
      if (port.filter != before) {
        notes.push_back(absl::StrCat("device '", port.device, "': receive filter ", ToString(port.filter), " for ",
                                     groups.size(), " groups, was ", ToString(before)));
      }
    }
    if (!wanted_[i]->TakeMacsChanged() && port.filter == before) continue;
    const std::vector<MacAddress> macs = wanted_[i]->virtual_macs();
    virtual_macs_[i]->set_always_promiscuous(port.filter == MulticastFilter::kPromiscuous);
    const absl::StatusOr<UnicastFilter> filter = virtual_macs_[i]->Set(macs);
    if (!filter.ok()) notes.emplace_back(filter.status().message());
    const bool promiscuous = filter.ok() && *filter == UnicastFilter::kPromiscuous;
    if (promiscuous && !port.promiscuous && port.filter != MulticastFilter::kPromiscuous) {
      notes.push_back(absl::StrCat("device '", port.device, "': promiscuous, for the sake of ", macs.size(),
                                   " virtual MACs that its table of addresses does not take"));
    }
    port.promiscuous = promiscuous;
  }
  return notes;
}

absl::string_view Dataplane::icv_engine(size_t worker) const { return workers_[worker]->icv_engine(); }
const ShardCounters& Dataplane::shard_counters(size_t worker) const { return workers_[worker]->shard_counters(); }
const WorkerCounters& Dataplane::worker_counters(size_t worker) const { return workers_[worker]->counters(); }

uint32_t Dataplane::lcore(size_t worker) const { return workers_[worker]->lcore(); }

const PortInfo* Dataplane::FindPort(PortId id) const {
  const auto port = std::find_if(ports_.begin(), ports_.end(), [id](const PortInfo& p) { return p.id == id; });
  return port == ports_.end() ? nullptr : &*port;
}

// Port and tags of a router do not change, so they may be read while it is an lcore's.
size_t Dataplane::Owner(const VirtualRouter& router) const {
  const PortInfo* port = FindPort(router.config.port);
  DPVRRP_CHECK(port != nullptr);  // the lcore does not ask again: it takes the port for an index
  return port->workers[SegmentOwner(router.config.vlan, port->workers.size())];
}

bool Dataplane::Send(const ShardCommand& command) {
  switch (command.kind) {
    case ShardCommand::Kind::kPortDown:
    case ShardCommand::Kind::kPortUp:
      DPVRRP_CHECK(FindPort(command.port) != nullptr);
      [[fallthrough]];
    case ShardCommand::Kind::kBlock:
    case ShardCommand::Kind::kUnblock:
    case ShardCommand::Kind::kClock:
      for (; told_ < workers_.size(); ++told_) {
        if (!workers_[told_]->Send(command)) return false;
      }
      told_ = 0;
      return true;
    case ShardCommand::Kind::kQuery: {
      const std::vector<VirtualRouter*>& wanted = command.query->wanted;
      DPVRRP_CHECK(!wanted.empty());
      const size_t owner = Owner(*wanted[0]);
      for (const VirtualRouter* router : wanted) DPVRRP_CHECK(Owner(*router) == owner);
      return workers_[owner]->Send(command);
    }
    case ShardCommand::Kind::kWatch:
      return workers_[command.watch->worker]->Send(command);
    case ShardCommand::Kind::kAdd:
      Steer(*command.router);
      break;
    default:
      break;
  }
  return workers_[Owner(*command.router)]->Send(command);
}

// The first instance of a segment brings the filter; it stays until the port is closed, since the owner of a segment
// never changes. A segment for which the port has no room left is handed over by software.
void Dataplane::Steer(const VirtualRouter& router) {
  const PortInfo* port = FindPort(router.config.port);
  DPVRRP_CHECK(port != nullptr);
  if (!eal_started_ || port->steering != Steering::kFlow) return;
  const size_t queue = SegmentOwner(router.config.vlan, port->workers.size());
  if (queue == 0 || queue >= port->rx_queues) return;  // the first queue gets whatever no filter takes
  if (!steered_.emplace(port->id, router.config.vlan).second) return;
  SteerSegment(port->id, router.config.vlan, static_cast<uint16_t>(queue));
}

void Dataplane::BeginReceiving() {
  for (const std::unique_ptr<Worker>& worker : workers_) worker->BeginReceiving();
}

size_t Dataplane::Receive(size_t worker, std::span<ShardEvent> out) {
  const size_t count = workers_[worker]->Receive(out);
  for (const ShardEvent& event : out.first(count)) {
    if (event.kind == ShardEvent::Kind::kRetired) Wanted(*event.router).Remove(*event.router);
  }
  return count;
}

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
  for (int round = 0; round < 2; ++round) {
    for (const std::unique_ptr<Worker>& worker : workers_) worker->SendLeftovers();
  }
  for (size_t i = 0; i < started_ports_; ++i) {
    rte_eth_dev_callback_unregister(ports_[i].id.value(), RTE_ETH_EVENT_INTR_LSC, &OnLinkEvent, &link_watch_);
    ClosePort(ports_[i].id);
  }
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
