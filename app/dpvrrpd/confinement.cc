// SPDX-License-Identifier: BSD-3-Clause
#include "confinement.h"

#include <linux/capability.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/port_interface.h"
#include "io/seccomp_filter.h"
#include "log.h"

namespace dpvrrp {

absl::StatusOr<Confinement> Confinement::Resolve(const DaemonConfig& config, const std::vector<PortConfig>& ports) {
  Confinement confinement;
  confinement.lock_memory_ = config.lock_memory;
  confinement.seccomp_ = config.seccomp;
  for (const PortConfig& port : ports) {
    const PortInterfaces interfaces = PortInterfacesOf(port.device);
    confinement.reopens_ports_ |= !interfaces.empty() && !interfaces.made_by_driver;
  }
  if (!config.user.empty()) {
    absl::StatusOr<UserAccount> user = FindUser(config.user);
    if (!user.ok()) return user.status();
    confinement.user_ = *std::move(user);
  }
  if (!config.control_group.empty()) {
    const absl::StatusOr<gid_t> group = FindGroup(config.control_group);
    if (!group.ok()) return group.status();
    confinement.group_ = *group;
  }
  return confinement;
}

bool Confinement::changes_user() const { return user_ && user_->uid != geteuid(); }

ControlOwner Confinement::control_owner() const {
  ControlOwner owner;
  if (changes_user()) owner = {user_->uid, user_->gid};
  if (group_) owner.group = group_;
  return owner;
}

absl::Status Confinement::Enter() const {
  const bool locks_any_ring = RaiseLockLimit();
  // Netlink (addresses, links), the sysctls of net.*, and interface flags of drivers on kernel interfaces.
  std::vector<int> kept = {CAP_NET_ADMIN};
  if (reopens_ports_) {  // packet sockets, if such an interface is made again
    kept.push_back(CAP_NET_RAW);
    if (!locks_any_ring) kept.push_back(CAP_IPC_LOCK);
  }
  if (absl::Status status = DropPrivileges(user_ ? &*user_ : nullptr, kept); !status.ok()) return status;
  if (!seccomp_) return absl::OkStatus();
  const absl::Status status = InstallSeccompFilter();
  if (!status.ok()) WriteLog(Severity::kWarning, status.message());
  return absl::OkStatus();
}

void Confinement::Lock() const {
  if (!lock_memory_) return;
  const absl::Status status = LockMemory();
  if (!status.ok()) WriteLog(Severity::kWarning, status.message());
}

}  // namespace dpvrrp
