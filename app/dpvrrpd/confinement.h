// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "config/model.h"
#include "io/control_server.h"
#include "io/privileges.h"

namespace dpvrrp {

// The rights that the daemon keeps once everything is open. docs/security.md lists them with the reasons.
//
// Thread: control.
class Confinement {
 public:
  // Looks up the configured user and group. NotFound: one of the names does not exist.
  static absl::StatusOr<Confinement> Resolve(const DaemonConfig& config, const std::vector<PortConfig>& ports);

  ControlOwner control_owner() const;
  bool changes_user() const;  // from the current one

  // Changes to the user, drops all capabilities except the control thread's CAP_NET_ADMIN and, if there are ports on
  // kernel interfaces, CAP_NET_RAW; filters system calls. Call it when the ports, netlink, the state file and the
  // socket are open and all threads run. A protection that this kernel does not have is logged; an essential one that
  // fails is an error.
  absl::Status Enter() const;
  // Locks the current and future memory. Call it last, because afterwards memory cannot be given back.
  void Lock() const;

 private:
  std::optional<UserAccount> user_;
  std::optional<gid_t> group_;
  bool lock_memory_ = false;
  bool seccomp_ = false;
  bool reopens_ports_ = false;
};

}  // namespace dpvrrp
