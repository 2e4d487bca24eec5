// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/model.h"
#include "control/controller.h"
#include "dataplane/dataplane.h"
#include "io/clock_step_fd.h"
#include "io/control_server.h"
#include "io/event_fd.h"
#include "io/reactor.h"
#include "io/signal_fd.h"
#include "io/state_file.h"
#include "kernel/netlink_host.h"
#include "system_services.h"

namespace dpvrrp {

// Joins the libraries: starts them in order, runs the control thread's loop, stops them in the opposite order.
//
// Thread: control (the main thread).
class Daemon {
 public:
  // Nothing is left running or programmed if this fails.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(const std::string& config_file, Config config,
                                                       const std::vector<std::string>& eal_arguments);
  ~Daemon();

  // Returns after SIGTERM or SIGINT, when every master has resigned and the addresses are gone.
  absl::Status Run();

 private:
  Daemon() = default;

  absl::Status Prepare(const std::string& config_file, Config config, const std::vector<std::string>& eal_arguments);
  void WarnOfUnreadableFiles();
  absl::Status Watch();
  void TakeShardEvents();
  void TakeHost();
  void TakeSignals();
  void EverySecond();
  void TakeLinks();
  void TakeClockStep();
  void FlushOutbox();
  void FlushRecords();
  void SendToShards();  // what they have room for
  ControlTime Time() const;
  Nanoseconds UntilNextDeadline() const;

  std::unique_ptr<SignalFd> signals_;
  std::unique_ptr<EventFd> kick_;
  std::unique_ptr<ClockStepFd> clock_steps_;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<StateFile> state_;
  std::unique_ptr<NetlinkHost> host_;
  std::unique_ptr<Dataplane> dataplane_;
  std::unique_ptr<SystemServices> services_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<ControlServer> server_;

  bool receives_ = false;      // the data plane has been told to
  size_t prepared_ = 0;        // so many commands to the lcores, from the front, the ports' filters know
  std::vector<bool> link_up_;  // by dataplane port, as last told to the controller
  Instant second_ends_{};
  Instant look_at_links_ = kNever;  // besides every second
  Instant stop_by_ = kNever;        // shutting down: not longer than this
};

}  // namespace dpvrrp
