// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/model.h"
#include "console.h"
#include "control/controller.h"
#include "control/journal/log_digest.h"
#include "control/port_keeper.h"
#include "dataplane/dataplane.h"
#include "dataplane/telemetry.h"
#include "dataplane_ports.h"
#include "io/clock_step_fd.h"
#include "io/control_server.h"
#include "io/event_fd.h"
#include "io/handover_file.h"
#include "io/reactor.h"
#include "io/service_manager.h"
#include "io/state_file.h"
#include "io/stop_guard.h"
#include "kernel/netlink_host.h"
#include "metrics_listeners.h"
#include "port_groups.h"
#include "programs.h"
#include "system_services.h"
#include "thread_scheduler.h"
#include "twins.h"

namespace dpvrrp {

class Confinement;

// Processes that were started before anything else.
struct Children {
  std::unique_ptr<StateProcess> copier;
  std::unique_ptr<AgentClient> agent;  // null: its executable was not found
};

// Connects the libraries: starts them in order, runs the control thread's loop, stops them in the opposite order.
//
// Thread: control (the main thread).
class Daemon {
 public:
  // If it fails, nothing is left running or programmed.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(const std::string& config_file, Config config,
                                                       const std::vector<std::string>& eal_arguments,
                                                       Children children);
  ~Daemon();

  // It begins when the daemon receives, and may stop the daemon. It must outlive this object.
  void UseConsole(Console& console) { console_ = &console; }

  // Returns after SIGTERM or SIGINT, when every master has resigned and the addresses are removed; after `handover`,
  // when every master has sent its last advert.
  absl::Status Run();

 private:
  Daemon() = default;

  absl::Status Prepare(const std::string& config_file, Config config, const std::vector<std::string>& eal_arguments,
                       Children children);
  absl::Status OpenEventSources();
  absl::Status Listen(const Config& config, const Confinement& confinement);
  absl::StatusOr<std::unique_ptr<ControlServer>> ListenAt(const std::string& path, const ControlOwner& owner,
                                                          uint64_t requester_bits);
  absl::Status StartDataplane(const Config& config, const std::vector<std::string>& eal_arguments);
  absl::Status StartControl(const std::string& config_file, Config config, bool other_user);
  absl::Status OpenState(const Config& config, std::unique_ptr<StateProcess> copier);
  void WarnOfUnreadableFiles();
  absl::Status WriteHandover();
  void ScheduleThreads();
  absl::Status Watch();
  void StopWithoutControl();
  absl::Status WatchPrograms();
  void TakeShardEvents();
  void TakeHost();
  void TakeSignals();
  void EverySecond();
  void TellManager();
  void TakeLinks();
  void JoinGroups();
  std::vector<PortBinding> KeepPorts(const std::vector<PortConfig>& ports);
  void TakeClockStep();
  void FlushOutbox();
  void TakeState();
  absl::Status TurnConsole(Instant now);
  void WriteOneOfMany(Severity severity, std::string text, std::string cause);
  void WriteEvents(ControlTime t);
  void SendToShards();  // as far as they have room
  ControlTime Time() const;
  Nanoseconds UntilNextDeadline() const;

  std::unique_ptr<StopGuard> signals_;
  std::unique_ptr<EventFd> kick_;
  std::unique_ptr<ClockStepFd> clock_steps_;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<StateFile> state_;
  std::unique_ptr<HandoverFile> handover_;
  std::unique_ptr<Programs> programs_;
  std::unique_ptr<NetlinkHost> host_;
  std::unique_ptr<Dataplane> dataplane_;
  std::optional<Telemetry> telemetry_;
  std::unique_ptr<DataplanePorts> port_devices_;
  std::unique_ptr<PortKeeper> ports_;
  std::unique_ptr<PortGroups> groups_;
  std::unique_ptr<Twins> twins_;
  std::unique_ptr<SystemServices> services_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<ControlServer> server_;
  std::unique_ptr<ControlServer> read_only_server_;  // null: none is configured
  MetricsListeners metrics_;
  std::unique_ptr<ThreadScheduler> scheduler_;
  Console* console_ = nullptr;  // null: none
  LogDigest digest_;
  ServiceManager manager_;
  uint64_t told_transitions_ = UINT64_MAX;  // at the last status line

  bool watches_state_ = true;  // its copier runs
  bool receives_ = false;      // the data plane receives
  size_t prepared_ = 0;        // number of commands in the outbox that the ports' filters are prepared for
  Nanoseconds retry_{0};       // time to the next try of commands that wait for a full ring; 0: none wait
  Instant second_ends_{};
  Instant look_at_links_ = kNever;  // besides every second
  Instant stop_by_ = kNever;        // latest end of the shutdown
};

}  // namespace dpvrrp
