// SPDX-License-Identifier: BSD-3-Clause
#include "confinement.h"

#include <linux/capability.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "io/seccomp_filter.h"
#include "log.h"

namespace dpvrrp {
namespace {

// Netlink (addresses, links), the sysctls of net.*, and interface flags of drivers on kernel interfaces.
constexpr int kControlCapabilities[] = {CAP_NET_ADMIN};

}  // namespace

absl::StatusOr<Confinement> Confinement::Resolve(const DaemonConfig& config) {
  Confinement confinement;
  confinement.lock_memory_ = config.lock_memory;
  confinement.seccomp_ = config.seccomp;
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
  RaiseLockLimit();
  if (absl::Status status = DropPrivileges(user_ ? &*user_ : nullptr, kControlCapabilities); !status.ok()) {
    return status;
  }
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
