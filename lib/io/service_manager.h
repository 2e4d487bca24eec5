// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/time.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// Reports to the service manager that started the process, by the protocol of sd_notify(3): datagrams to the Unix
// socket that NOTIFY_SOCKET names. Not libsystemd's functions, because those wait if the manager does not read.
//
// Without NOTIFY_SOCKET no call has an effect. A report that the manager cannot take now is lost.
//
// Thread: control.
class ServiceManager {
 public:
  ServiceManager();  // reads NOTIFY_SOCKET and WATCHDOG_USEC

  bool IsPresent() const { return socket_.valid(); }
  // The service has started, or has completed a reload.
  void Ready() { Send("READY=1"); }
  // A reload begins. `now`: of CLOCK_MONOTONIC.
  void Reloading(Instant now);
  void Stopping() { Send("STOPPING=1"); }
  // One line for `systemctl status`. The same line again is not sent.
  void Status(absl::string_view line);
  // The service works. If the unit has WatchdogSec= and this is not called for so long, the manager ends the service.
  void Feed();

 private:
  bool Send(absl::string_view message);  // whether the manager took it

  UniqueFd socket_;
  bool has_watchdog_ = false;
  std::string status_;
};

}  // namespace dpvrrp
