// SPDX-License-Identifier: BSD-3-Clause
//
// What a command's handler is given, and the handlers that stand in files of their own. The table that names them all
// is in commands.cc.
//
// Thread: control.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/report.h"
#include "control/commands.h"
#include "control/control_time.h"
#include "control/controller.h"

namespace dpvrrp::internal {

struct CommandContext {
  Controller& controller;
  const CommandCall& call;
  const InstanceQuery* answer;           // null: no lcore was asked, or the instance has left meanwhile
  const std::vector<Speaker>* speakers;  // null: the watches were not asked
  ControlTime t;

  const std::string& argument(size_t i) const { return call.parsed.arguments[i]; }
};

// An answer of one line.
Report Done(std::string text);
// NotFound: there is none.
absl::StatusOr<ManagedInstance*> InstanceNamed(Controller& controller, const std::string& name);
absl::StatusOr<const PortBinding*> PortNamed(const Controller& controller, const std::string& name);

// watch_commands.cc
absl::StatusOr<Report> ShowSenders(const CommandContext& c);
absl::StatusOr<Report> ShowRogues(const CommandContext& c);
absl::StatusOr<Report> DiagnoseCommand(const CommandContext& c);
absl::StatusOr<Report> SuggestVrid(const CommandContext& c);

// key_commands.cc
absl::StatusOr<Report> ShowKeyrings(const CommandContext& c);
absl::StatusOr<Report> AddKey(const CommandContext& c);
absl::StatusOr<Report> SignWithKey(const CommandContext& c);
absl::StatusOr<Report> DropKey(const CommandContext& c);

// migrate_commands.cc
absl::StatusOr<Report> MigrateVrid(const CommandContext& c);
absl::StatusOr<Report> FinishVrid(const CommandContext& c);
absl::StatusOr<Report> AbortVrid(const CommandContext& c);

// sender_commands.cc
absl::StatusOr<Report> ShowBlocks(const CommandContext& c);
absl::StatusOr<Report> BlockSender(const CommandContext& c);
absl::StatusOr<Report> UnblockSender(const CommandContext& c);
absl::StatusOr<Report> AllowSender(const CommandContext& c);
absl::StatusOr<Report> DisallowSender(const CommandContext& c);

}  // namespace dpvrrp::internal
