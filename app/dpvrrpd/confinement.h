// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "config/model.h"
#include "io/control_server.h"
#include "io/privileges.h"

namespace dpvrrp {

// What is left to the daemon once everything is open; docs/security.md says what and why.
//
// Thread: control.
class Confinement {
 public:
  // Looks up the configured user and group. NotFound: there is none of that name.
  static absl::StatusOr<Confinement> Resolve(const DaemonConfig& config);

  ControlOwner control_owner() const;
  bool changes_user() const;  // from that of now

  // Becomes the user, drops all capabilities but the control thread's CAP_NET_ADMIN, filters system calls. Call it when
  // the ports, netlink, the state file and the socket are open and all threads run. What cannot be had on this kernel
  // is logged; what must not fail is an error.
  absl::Status Enter() const;
  // Locks what memory there is, and what will be. Last, as it keeps memory from being given back.
  void Lock() const;

 private:
  std::optional<UserAccount> user_;
  std::optional<gid_t> group_;
  bool lock_memory_ = false;
  bool seccomp_ = false;
};

}  // namespace dpvrrp
