// SPDX-License-Identifier: BSD-3-Clause
//
// The start of the daemon, in order. A step that fails ends it, and the destructor undoes the steps before.
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/port_interface.h"
#include "base/status_macros.h"
#include "confinement.h"
#include "daemon.h"
#include "log.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kSlowDisk = std::chrono::seconds(1);  // the opening of the state is reported after this time
// After SIGTERM, the control thread is stuck if it has not ended by then (daemon.cc: kLongestStop).
constexpr Nanoseconds kStuckAfter = std::chrono::milliseconds(4300);
constexpr Nanoseconds kLongestLastResort = std::chrono::milliseconds(600);

// Whether a virtual device lacks its interface; DPDK would refuse to start with it. An interface that the driver makes
// is never missing.
bool IsInterfaceMissing(const PortConfig& port, const NetlinkHost& host) {
  const PortInterfaces interfaces = PortInterfacesOf(port.device);
  const auto& names = interfaces.names;
  return !interfaces.made_by_driver && std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return host.FindKnownLink(name) == nullptr;
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const std::string& config_file, Config config,
                                                      const std::vector<std::string>& eal_arguments,
                                                      Children children) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::path(config.daemon.control_socket).parent_path();
  const bool makes_folder = !std::filesystem::exists(folder, ignored);
  std::unique_ptr<Daemon> daemon(new Daemon);
  const absl::Status status = daemon->Prepare(config_file, std::move(config), eal_arguments, std::move(children));
  if (status.ok()) return daemon;
  daemon.reset();
  if (makes_folder) std::filesystem::remove(folder, ignored);  // it is empty
  return status;
}

absl::Status Daemon::Prepare(const std::string& config_file, Config config,
                             const std::vector<std::string>& eal_arguments, Children children) {
  DPVRRP_RETURN_IF_ERROR(OpenEventSources());
  programs_ = std::make_unique<Programs>(std::move(children.agent), *reactor_);
  scheduler_ = std::make_unique<ThreadScheduler>(config.daemon);
  scheduler_->Begin();
  DPVRRP_ASSIGN_OR_RETURN(const Confinement confinement, Confinement::Resolve(config.daemon, config.ports));
  // The socket refuses a second daemon before that daemon touches the network.
  DPVRRP_RETURN_IF_ERROR(Listen(config, confinement));
  DPVRRP_ASSIGN_OR_RETURN(host_, NetlinkHost::Open());
  DPVRRP_RETURN_IF_ERROR(StartDataplane(config, eal_arguments));
  // Last, so that a failed start has made no file.
  DPVRRP_RETURN_IF_ERROR(OpenState(config, std::move(children.copier)));
  ScheduleThreads();

  // Everything is open, and no frame has been received.
  const bool other_user = confinement.changes_user();
  DPVRRP_RETURN_IF_ERROR(confinement.Enter());
  DPVRRP_RETURN_IF_ERROR(StartControl(config_file, std::move(config), other_user));
  malloc_trim(0);  // reading the configuration needs several times its final memory
  confinement.Lock();
  return absl::OkStatus();
}

// Signals first, because later threads inherit the mask.
absl::Status Daemon::OpenEventSources() {
  constexpr int kClears[] = {CAP_NET_ADMIN};
  DPVRRP_ASSIGN_OR_RETURN(signals_, StopGuard::Create({kStuckAfter, kLongestLastResort, kClears}));
  DPVRRP_ASSIGN_OR_RETURN(EventFd kick, EventFd::Create());
  kick_ = std::make_unique<EventFd>(std::move(kick));
  DPVRRP_ASSIGN_OR_RETURN(ClockStepFd clock_steps, ClockStepFd::Create());
  clock_steps_ = std::make_unique<ClockStepFd>(std::move(clock_steps));
  DPVRRP_ASSIGN_OR_RETURN(reactor_, Reactor::Create());
  return absl::OkStatus();
}

absl::Status Daemon::Listen(const Config& config, const Confinement& confinement) {
  ControlOwner owner = confinement.control_owner();
  DPVRRP_ASSIGN_OR_RETURN(server_, ListenAt(config.daemon.control_socket, owner, 0));
  if (!config.daemon.read_only_socket.empty()) {
    owner.mode = 0666;
    DPVRRP_ASSIGN_OR_RETURN(read_only_server_, ListenAt(config.daemon.read_only_socket, owner, kReadOnlyRequester));
  }
  const auto view = [this]() -> View& { return controller_->view(); };
  const absl::Status status = metrics_.Listen(config.metrics, confinement.control_owner(), *reactor_, view);
  // Another user can take the port. That must not keep the gateway from starting.
  if (!status.ok()) WriteLog(Severity::kError, absl::StrCat(status.message(), "; the daemon runs without it"));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ControlServer>> Daemon::ListenAt(const std::string& path, const ControlOwner& owner,
                                                                uint64_t requester_bits) {
  const auto take_line = [this, requester_bits](ClientId client, const std::string& line) {
    controller_->OnCommand(RequesterId(client.value() | requester_bits), line, Time());
    FlushOutbox();
  };
  DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<ControlServer> server,
                          ControlServer::Listen(*reactor_, path, take_line, owner));
  server->set_on_close([this, requester_bits](ClientId client) {
    controller_->OnRequesterGone(RequesterId(client.value() | requester_bits));
  });
  return server;
}

absl::Status Daemon::StartDataplane(const Config& config, const std::vector<std::string>& eal_arguments) {
  DataplaneConfig dataplane_config;
  for (const PortConfig& port : config.ports) {
    DPVRRP_RETURN_IF_ERROR(Twins::CheckFree(port.twin, *host_));
    dataplane_config.ports.push_back(
        {port.device, port.lcores, IsInterfaceMissing(port, *host_), port.kernel, port.twin});
  }
  dataplane_config.main_lcore = config.daemon.main_lcore;
  dataplane_config.lcores = config.daemon.lcores;
  dataplane_config.idle = config.daemon.idle;
  dataplane_config.longest_sleep = config.daemon.idle_sleep;
  dataplane_config.eal_arguments = eal_arguments;
  dataplane_config.log = WriteEalLog;
  dataplane_config.real_time_workers = scheduler_->real_time();
  DPVRRP_ASSIGN_OR_RETURN(dataplane_, Dataplane::Start(dataplane_config, kick_->fd()));
  telemetry_.emplace(*dataplane_);
  signals_->set_last_resort([this] { StopWithoutControl(); });
  for (const std::string& note : dataplane_->notes()) WriteLog(Severity::kNotice, note);
  return absl::OkStatus();
}

// While the disk does not answer, a message says so, and SIGTERM is obeyed.
absl::Status Daemon::OpenState(const Config& config, std::unique_ptr<StateProcess> copier) {
  StateOptions options;
  options.instances = std::max(config.instances.size() * 2, kDefaultStateInstances);
  bool told = false;
  const auto go_on = [&](Nanoseconds waited) {
    if (waited > kSlowDisk && !std::exchange(told, true)) {
      WriteLog(Severity::kWarning, absl::StrCat(config.daemon.state_directory,
                                                ": waiting for the disk, or for the last run's copier, up to 30 s"));
    }
    const std::optional<int> signal = signals_->Read();
    return !signal || *signal == SIGHUP;
  };
  StateReport report;
  DPVRRP_ASSIGN_OR_RETURN(state_, StateFile::Open(std::move(copier), config.daemon.state_directory, options,
                                                  config.daemon.seccomp, &report, go_on));
  DPVRRP_ASSIGN_OR_RETURN(HandoverFile handover, HandoverFile::Open(config.daemon.state_directory));
  handover_ = std::make_unique<HandoverFile>(std::move(handover));
  WriteLog(Severity::kInfo, ToString(report));
  if (!report.why_private.empty()) {
    WriteLog(Severity::kWarning, absl::StrCat("no shared memory that outlives daemon and copier (", report.why_private,
                                              "): if both are killed at once, the last second is lost"));
  }
  return absl::OkStatus();
}

// `other_user`: the daemon has another user than at its start.
absl::Status Daemon::StartControl(const std::string& config_file, Config config, bool other_user) {
  std::vector<PortBinding> ports = KeepPorts(config.ports);
  services_ = std::make_unique<SystemServices>(config_file, config.ports, state_->records(), *handover_, *host_,
                                               *dataplane_, *ports_);
  services_->set_servers(*server_, read_only_server_.get());
  if (other_user) WarnOfUnreadableFiles();
  std::vector<const ShardCounters*> shards;
  for (size_t i = 0; i < dataplane_->workers(); ++i) shards.push_back(&dataplane_->shard_counters(i));
  controller_ = std::make_unique<Controller>(*services_, std::move(ports), std::move(shards),
                                             std::string(dataplane_->icv_engine(0)), Time());
  DPVRRP_RETURN_IF_ERROR(Watch());
  DPVRRP_RETURN_IF_ERROR(WatchPrograms());
  std::vector<HostEvent> not_news;  // only the current interfaces of the ports, some made by their drivers
  host_->ReceiveEvents(not_news);
  EverySecond();  // before any port without link makes masters, or any lcore sends adverts without the time
  controller_->Start(std::move(config), Time());
  for (const std::string& device : services_->RemoveLeftoverDevices()) {
    WriteOneOfMany(Severity::kWarning, absl::StrCat("device ", device, " is left over from an earlier run: removed"),
                   "device left over from an earlier run");
  }
  FlushOutbox();
  JoinGroups();
  return absl::OkStatus();
}

// A port whose interface is missing starts closed.
std::vector<PortBinding> Daemon::KeepPorts(const std::vector<PortConfig>& configured) {
  std::vector<PortBinding> bindings;
  std::vector<PortKeeper::Port> kept;
  for (size_t i = 0; i < configured.size(); ++i) {
    const PortInfo& info = dataplane_->ports()[i];
    PortInterfaces interfaces = PortInterfacesOf(info.device);
    const std::string& twin = configured[i].twin;
    const bool kernel_reports = interfaces.shared || !twin.empty();
    bindings.push_back({.name = configured[i].name,
                        .id = info.id,
                        .mac = info.mac,
                        .workers = info.workers,
                        .reports = kernel_reports ? GroupReports::kTagged : GroupReports::kAll,
                        .interfaces = twin.empty() ? interfaces.names : std::vector<std::string>{twin}});
    kept.push_back({info.id, std::move(interfaces), std::nullopt, twin});
    if (!info.open) continue;
    kept.back().opened = DataplanePorts::Describe(info);
    WriteLog(Severity::kInfo, absl::StrCat("port ", configured[i].name, ": ", info.device, ", driver ", info.driver,
                                           ", MAC ", ToString(info.mac), ", receive filter ", ToString(info.filter),
                                           ", steering ", ToString(info.steering), ", kernel ", ToString(info.kernel)));
    for (const std::string& warning : info.warnings) {
      WriteLog(Severity::kWarning, absl::StrCat("port ", configured[i].name, ": ", warning));
    }
  }
  port_devices_ = std::make_unique<DataplanePorts>(*dataplane_);
  ports_ = std::make_unique<PortKeeper>(
      *port_devices_, [this](absl::string_view name) { return host_->FindKnownLink(name); }, std::move(kept));
  groups_ = std::make_unique<PortGroups>(configured, *dataplane_, *host_);
  twins_ = std::make_unique<Twins>(configured, *dataplane_, *host_, *ports_);
  return bindings;
}

// Warns of files that the daemon's user cannot read: another user read the configuration at the start, but a reload
// reads it as the daemon's user.
void Daemon::WarnOfUnreadableFiles() {
  for (const ConfigFault& fault : services_->LoadConfiguration().errors) {
    WriteOneOfMany(Severity::kWarning, absl::StrCat("a reload will be refused: ", ToString(fault)),
                   "fault for which a reload will be refused");
  }
}

void Daemon::ScheduleThreads() {
  std::vector<pid_t> workers;
  for (size_t i = 0; i < dataplane_->workers(); ++i) {
    workers.push_back(static_cast<pid_t>(dataplane_->worker_counters(i).thread_id.value()));
  }
  scheduler_->Apply(workers);
}

absl::Status Daemon::WatchPrograms() {
  return programs_->Watch(controller_->outbox().programs,
                          {.reply = [this](const ProgramReply& r) { controller_->OnProgramReply(r, Time()); },
                           .news = [this](const AgentNews& n) { controller_->OnAgentNews(n, Time()); }});
}

absl::Status Daemon::Watch() {
  const std::pair<int, void (Daemon::*)()> sources[] = {
      {signals_->fd(), &Daemon::TakeSignals},       {kick_->fd(), &Daemon::TakeShardEvents},
      {clock_steps_->fd(), &Daemon::TakeClockStep}, {state_->fd(), &Daemon::TakeState},
      {host_->request_fd(), &Daemon::TakeHost},     {host_->event_fd(), &Daemon::TakeHost}};
  for (const auto& [fd, take] : sources) {
    DPVRRP_RETURN_IF_ERROR(reactor_->Add(fd, kReadable, [this, take = take](uint32_t) { (this->*take)(); }));
  }
  return absl::OkStatus();
}

}  // namespace dpvrrp
